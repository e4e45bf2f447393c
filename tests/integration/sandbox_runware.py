"""The sandbox's Runware and our gateway to it, for the tests of both."""

from __future__ import annotations

import asyncio
import io
import uuid
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image as Sketch

from domain.catalog import offer_named
from domain.gateway import Accepted, Ended, Finished, Intent, Progress, Remote, Submission
from domain.offer import GatewayName
from domain.request import Clip, Work
from gateways import RunwareAccount, build, result_hosts
from gateways.download import Downloading, Downloads
from gateways.http import Http
from sandbox.faults import Fault, Faults
from sandbox.vendors import Vendors

PACE_S = 0.15
SEEDANCE = "seedance_2_0@runware"
AGENT = "heygen_agent@runware"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass
class World:
    """The sandbox's Runware, and our gateway to it."""

    vendors: Vendors
    faults: Faults
    http: Http
    account: RunwareAccount

    def gateway(self, **changed: Any) -> Any:
        account = replace(self.account, **changed)
        return build(self.http, account)[GatewayName.RUNWARE]

    def intent(self, offer: str = SEEDANCE, work: Work | None = None, **more: Any) -> Intent:
        clip = {
            "prompt": "a fox in snow",
            "aspect_ratio": "9:16",
            "duration_s": 4,
            "resolution": "480p",
            "sound": True,
        }
        links = more.pop("links", {})
        callback_url = more.pop("callback_url", None)
        return Intent(
            execution_id="exec-1",
            attempt=1,
            key=str(uuid.uuid4()),
            offer=offer_named(offer),
            work=work or Clip.model_validate(clip | more),
            links=links,
            callback_url=callback_url,
        )

    async def submit(self, intent: Intent, **changed: Any) -> Submission:
        said: Submission = await self.gateway(**changed).submit(intent, timeout_s=2)
        return said

    async def accepted(self, intent: Intent, **changed: Any) -> Remote:
        submission = await self.submit(intent, **changed)
        assert isinstance(submission, Accepted), submission
        assert submission.remote_id == intent.key
        return Remote(submission.remote_id, submission.handle, intent.offer)

    async def until_over(self, remote: Remote) -> list[Progress]:
        seen: list[Progress] = []
        async with asyncio.timeout(10):
            while not seen or not isinstance(seen[-1], Finished | Ended):
                seen.append(await self.gateway().check(remote))
                await asyncio.sleep(0.02)
        return seen

    async def ending(self, intent: Intent, **changed: Any) -> Progress:
        return (await self.until_over(await self.accepted(intent, **changed)))[-1]

    async def download(self, url: str) -> tuple[object, bytes]:
        hosts = result_hosts(self.account)[GatewayName.RUNWARE]
        async with Downloads(self.http).fetch(url, hosts=hosts) as download:
            if not isinstance(download, Downloading):
                return download, b""
            return download, b"".join([chunk async for chunk in download.chunks])

    def arm(self, target: str, kind: str, *, times: int = 1, after: int = 0, **params: Any) -> None:
        self.faults.arm(Fault(target, kind, times=times, after=after, params=params))

    def ledger(self) -> list[dict[str, Any]]:
        return self.vendors.ledger()

    def turn(self, switch: str, value: str | float) -> None:
        self.vendors.runware.switches.set(switch, value)


def picture() -> bytes:
    sketch = io.BytesIO()
    Sketch.new("RGB", (400, 400), "teal").save(sketch, "PNG")
    return sketch.getvalue()
