"""Our gateway to the sandbox's HeyGen, and a small piece of work for each of its roads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from domain.catalog import offer_named
from domain.gateway import (
    Accepted,
    Earlier,
    Ended,
    Finished,
    Intent,
    Progress,
    Remote,
    Submission,
)
from domain.request import Clip, Work
from domain.shape import Media
from domain.spoken import Agent, Avatar, Filling, Scene, Template, Translation, Voice
from gateways import HeyGenAccount, private_hosts, result_hosts
from gateways.classify import Answer
from gateways.download import Downloading, Downloads
from gateways.heygen import ApiVersion, HeyGen
from gateways.http import Http
from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from tests.integration.gateway_servers import WallClock

LOOK = "josh_lite3_20230714"
VOICE = "1bd001e7e50f421d891986aad5158bc8"
SOURCE = "https://example.com/film.mp4"
SCENE = Scene(script="Hello there, this is a test.", avatar=LOOK, voice=Voice(name=VOICE))
PACE_S = 0.2

AVATAR, AGENT = "heygen_avatar@heygen", "heygen_agent@heygen"
TRANSLATION, TEMPLATE = "heygen_translation@heygen", "heygen_template@heygen"
CINEMATIC, WEBM = "cinematic_avatar@heygen", "heygen_avatar.webm@heygen"
V3 = (AVATAR, AGENT, TRANSLATION, TEMPLATE, CINEMATIC)
V2 = (
    *("heygen_avatar.v2@heygen", WEBM, "heygen_agent.v2@heygen"),
    *("heygen_translation.v2@heygen", "heygen_template.v2@heygen"),
)
KEYED = (AVATAR, TRANSLATION, TEMPLATE, CINEMATIC)


@dataclass
class Account:
    """One account at the sandbox's HeyGen, reached over real HTTP."""

    vendors: Vendors
    faults: Faults
    http: Http
    settings: HeyGenAccount
    template_id: str = ""
    keys: int = field(default=0)

    @property
    def gateway(self) -> HeyGen:
        at = self.settings
        return HeyGen(
            self.http,
            api_key=at.api_key,
            api_url=at.api_url,
            upload_url=at.upload_url,
            version=at.version,
        )

    def work(self, offer: str) -> Work:
        """Something small that the offer can make."""
        match offer_named(offer).kind:
            case "avatar":
                return Avatar(scenes=(SCENE,), transparent=offer == WEBM)
            case "agent":
                return Agent(prompt="A film about tea", duration_s=20, aspect_ratio="9:16")
            case "translation":
                return Translation(language="German", source=Media(url=SOURCE))
            case "template":
                said = {name: Filling(type="text", text="Ada") for name in ("headline", "audience")}
                return Template(template=self.template_id, variables=said)
            case _:
                return Clip(prompt="A walk in snow", avatars=(LOOK,), duration_s=4)

    def intent(
        self,
        offer: str,
        work: Work | None = None,
        *,
        links: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Intent:
        """A submit with a key of its own."""
        self.keys += 1
        said = work or self.work(offer)
        given = {place: media.url for place, media in said.media.items() if media.url}
        return Intent(
            execution_id=f"exec-{self.keys}",
            attempt=1,
            key=f"exec-{self.keys}:1",
            offer=offer_named(offer),
            work=said,
            links={**given, **(links or {})},
            **more,
        )

    async def submit(self, intent: Intent, timeout_s: float = 2) -> Submission:
        return await self.gateway.submit(intent, timeout_s=timeout_s)

    async def accepted(self, intent: Intent) -> Remote:
        answer = await self.submit(intent)
        assert isinstance(answer, Accepted), answer
        return remote_of(intent, answer)

    async def until_over(self, remote: Remote) -> list[Progress]:
        """What each check says, learning as the engine does, until it ends."""
        seen: list[Progress] = []
        handle = dict(remote.handle)
        async with asyncio.timeout(15):
            while not seen or not isinstance(seen[-1], Finished | Ended):
                current = Remote(remote.remote_id, handle, remote.offer)
                seen.append(await self.gateway.check(current))
                handle |= getattr(seen[-1], "learned", {})
                await asyncio.sleep(0.02)
        return seen

    async def finished(self, remote: Remote) -> Finished:
        last = (await self.until_over(remote))[-1]
        assert isinstance(last, Finished), last
        return last

    async def downloaded(self, url: str) -> bytes:
        hosts = result_hosts(self.settings)[HeyGen.name]
        async with Downloads(self.http).fetch(url, hosts=hosts) as download:
            assert isinstance(download, Downloading), download
            return b"".join([chunk async for chunk in download.chunks])

    def arm(self, what: str, kind: str, *, times: int = 1, **params: Any) -> None:
        self.faults.arm(Fault(f"heygen:{what}", kind, times=times, params=params))

    def switch(self, name: str, value: Any) -> None:
        self.vendors.heygen.switches.set(name, value)

    def ledger(self) -> list[dict[str, Any]]:
        return self.vendors.ledger()


def remote_of(intent: Intent, accepted: Accepted) -> Remote:
    return Remote(accepted.remote_id, accepted.handle, intent.offer)


def earlier(remote: Remote, made: Finished) -> Earlier:
    return Earlier(remote.remote_id, remote.handle, made.remote_video_id)


@asynccontextmanager
async def opened(version: ApiVersion = ApiVersion.V3) -> AsyncIterator[Account]:
    """An account at a sandbox of its own."""
    faults = Faults()
    vendors = await start(faults, Traffic(), pace_s=PACE_S)
    at = vendors.addresses
    settings = HeyGenAccount(
        api_key=at["heygen_api_key"],
        api_url=at["heygen_api_url"],
        upload_url=at["heygen_upload_url"],
        version=version,
    )
    http = Http(WallClock(), private_hosts=private_hosts(settings))
    account = Account(vendors, faults, http, settings)
    account.template_id = await _first_template(account)
    yield account
    await http.aclose()
    await vendors.close()


async def _first_template(account: Account) -> str:
    wire = account.http.bind(
        account.settings.api_url, headers={"X-Api-Key": account.settings.api_key}
    )
    answer = await wire.read("GET", "/v3/templates?limit=1")
    assert isinstance(answer, Answer)
    return str(json.loads(answer.body)["data"][0]["id"])
