"""Every row of every table in the seeds, through the real gateways to the sandbox's vendors: what
arrives there is the JSON that `tests/unit/test_seed_rows.py` has, and the vendors' checks take it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from bot.doctor_vendors import look_at_vendors
from bot.exits import Exit
from bot.settings import Settings
from bot.webhooks_cli import register
from domain.errors import FailureClass
from domain.gateway import Accepted, Ended, Finished, Intent, Rejected, Remote, Submission
from domain.offer import GatewayName
from domain.offers.heygen import ONLY_V3
from domain.plans import SCRIPT_MAX_CHARS
from domain.ports import Casting, Gateway
from domain.preferences import Preferences
from domain.ranking import Ranking
from domain.selector import ranked
from domain.spoken import SCRIPT_MAX_CHARS as LONGEST_SCRIPT
from domain.spoken import Avatar, Scene, Template, Voice
from domain.standing import Standing
from gateways import (
    Account,
    FalAccount,
    HeyGenAccount,
    RunwareAccount,
    build,
    castings,
    private_hosts,
)
from gateways.classify import Answer
from gateways.heygen import ApiVersion
from gateways.heygen_legacy import TALKING_PHOTO
from gateways.http import Body, Http
from handlers.views.help_texts import help_text
from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from tests.integration.gateway_servers import WallClock
from tests.seed_calls import Call, Doing, calls
from tests.seed_rows import rows
from tests.seed_wire import AVATAR_ID, OPERATORS, PHOTO_ID, VOICE_ID, Row, at, intent_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PACE_S, PATIENCE_S, LOOK_S = 0.1, 15.0, 0.02
AS_PNG = {"content-type": "image/png"}
WRONG_KEYS = {"heygen": "another-key", "fal": "another:key", "runware": "anotherRunwareKey1"}
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS"
    b"\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00"
    b"\x00\x00IEND\xaeB`\x82"
)


@dataclass
class World:
    """The vendors, and everything of ours that calls them, with the seeds' API of HeyGen."""

    vendors: Vendors
    traffic: Traffic
    http: Http
    accounts: dict[GatewayName, Account]
    template_id: str = ""

    @property
    def gateways(self) -> dict[GatewayName, Gateway]:
        return build(self.http, *self.accounts.values())

    @property
    def casting(self) -> Casting:
        return castings(self.http, *self.accounts.values())[GatewayName.HEYGEN]

    async def intent(self, row: Row) -> Intent:
        """The submit of a row under a key of its own, with what is in this account."""
        said = replace(intent_of(row), key=str(uuid.uuid4()))
        if isinstance(said.work, Template):
            named = said.work.model_copy(update={"template": self.template_id})
            return replace(said, work=named)
        if PHOTO_ID in (words := said.work.model_dump_json()):
            words = words.replace(PHOTO_ID, await self.talking_photo())
            return replace(said, work=type(said.work).model_validate_json(words))
        return said

    async def talking_photo(self) -> str:
        """The id of a photo that can speak: people make them on HeyGen's own page."""
        to = self.vendors.addresses
        wire = self.http.bind(to["heygen_upload_url"], headers={"X-Api-Key": to["heygen_api_key"]})
        answer = await wire.read("POST", "/v1/talking_photo", body=Body(PNG, AS_PNG))
        assert isinstance(answer, Answer)
        return str(json.loads(answer.body)["data"]["talking_photo_id"])

    async def submit(self, intent: Intent) -> Submission:
        return await self.gateways[intent.offer.gateway].submit(intent, timeout_s=5)

    async def finished(self, intent: Intent) -> Finished:
        """The work of an intent, rendered."""
        accepted = await self.submit(intent)
        assert isinstance(accepted, Accepted), accepted
        remote = Remote(accepted.remote_id, accepted.handle, intent.offer)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                told = await self.gateways[intent.offer.gateway].check(remote)
                assert not isinstance(told, Ended), told
                if isinstance(told, Finished):
                    return told
                await asyncio.sleep(LOOK_S)

    def asked(self, call: Call) -> list[dict[str, Any]]:
        """The calls of that kind that the vendor has seen."""
        return [
            entry
            for entry in self.traffic.since(0)
            if (entry["peer"], entry["method"]) == (call.gateway.value, call.method)
            and entry["path"].startswith(call.path)
        ]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def started() -> AsyncIterator[World]:
    traffic = Traffic()
    vendors = await start(Faults(), traffic, pace_s=PACE_S)
    to = vendors.addresses
    accounts: dict[GatewayName, Account] = {
        GatewayName.HEYGEN: HeyGenAccount(
            api_key=to["heygen_api_key"],
            api_url=to["heygen_api_url"],
            upload_url=to["heygen_upload_url"],
            version=ApiVersion.V2,
        ),
        GatewayName.FAL: FalAccount(
            key=to["fal_key"],
            queue_url=to["fal_queue_url"],
            rest_url=to["fal_rest_url"],
            cdn_url=to["fal_cdn_url"],
            api_url=to["fal_api_url"],
        ),
        GatewayName.RUNWARE: RunwareAccount(
            api_key=to["runware_api_key"], api_url=to["runware_api_url"], delivery=OPERATORS
        ),
    }
    http = Http(WallClock(), private_hosts=private_hosts(*accounts.values()))
    world = World(vendors, traffic, http, accounts)
    world.template_id = (await anext(world.casting.templates())).id
    yield world
    await http.aclose()
    await vendors.close()


@pytest.fixture
def world(started: World) -> World:
    """The vendors as if they had just been started."""
    started.vendors.reset()
    started.traffic.clear()
    return started


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.seed} {row.name} {row.how}")
async def test_a_row_arrives_at_its_vendor(world: World, row: Row) -> None:
    intent = await world.intent(row)
    submission = await world.submit(intent)

    assert isinstance(submission, Accepted), submission
    (entry,) = world.vendors.ledger()
    assert entry["gateway"] == row.offer.partition("@")[2]
    if row.path == "address":
        assert entry["endpoint"].lstrip("/") == row.value.lstrip("/")
    elif row.path == "0.taskUUID":
        assert entry["key"] == submission.remote_id
    elif row.value == PHOTO_ID:
        assert f"{TALKING_PHOTO}{at(entry['input'], row.path)}" in intent.work.model_dump_json()
    else:
        assert at(entry["input"], row.path.removeprefix("0.")) == row.value


@pytest.mark.parametrize("call", calls(), ids=lambda call: f"{call.seed} {call.name}")
async def test_a_call_of_a_seed_is_made(world: World, call: Call) -> None:
    match call.doing:
        case Doing.RENDER:
            finished = await world.finished(await _work(world, call))
            assert not call.kept or getattr(finished, call.kept)
        case Doing.LIST:
            await _read_lists(world)
        case Doing.UPLOAD:
            assert await world.gateways[call.gateway].upload(PNG, "image/png", "fox.png")
        case Doing.DOCTOR:
            await _examined(world)
        case Doing.REGISTER:
            world.vendors.heygen.switches.set("webhook_probe", "none")
            assert await register(_settings(world)) == Exit.OK
        case Doing.WRONG_KEY:
            await _refused(world, call)
        case Doing.LONG_SCRIPT:
            await _limited(world, call)
        case Doing.NOTHING:
            assert "gone at HeyGen" in help_text("avatar").text
            return
    assert world.asked(call), f"nobody asked {call.method} {call.path}"


async def _work(world: World, call: Call) -> Intent:
    """A submit at the offer of a call: that of the first row there."""
    return await world.intent(next(row for row in rows() if row.offer == call.offer))


async def _read_lists(world: World) -> None:
    world.vendors.heygen.switches.set("legacy_voice_in", "details")
    casting = world.casting
    looks = [look async for look in casting.looks()]
    assert any(look.default_voice_id for look in looks)
    for items in (casting.voices(), casting.languages(), casting.templates()):
        assert [item async for item in items]


def _settings(world: World) -> Settings:
    to = world.vendors.addresses
    return Settings(
        slack_bot_token="xoxb-1-2-abc",
        slack_app_token="xapp-1-A-2-abc",
        heygen_api_key=to["heygen_api_key"],
        heygen_api_url=to["heygen_api_url"],
        heygen_api_version="v2",
        public_url="https://bot.example",
        encryption_key=base64.urlsafe_b64encode(bytes(range(32))).decode(),
    )


async def _examined(world: World) -> None:
    heygen, *_ = await look_at_vendors(_settings(world), probes=True)
    assert "the key is accepted" in heygen.said


async def _limited(world: World, call: Call) -> None:
    """The plan's longest script is taken; a longer one neither by us nor by the vendor. No script
    is longer than the enterprise plan has it."""
    assert call.plan is not None
    world.vendors.heygen.switches.set("plan", call.plan)
    most = SCRIPT_MAX_CHARS[call.plan]
    assert isinstance(await world.submit(await _spoken(world, call, most)), Accepted)
    assert _ranked(await _spoken(world, call, most), call).candidates
    if most == LONGEST_SCRIPT:
        return
    too_long = await _spoken(world, call, most + 1)
    assert isinstance(await world.submit(too_long), Rejected)
    ranking = _ranked(too_long, call)
    assert not ranking.candidates
    assert {out.reason for out in ranking.ruled_out if out.offer.name == call.offer} == {
        f"HeyGen's {call.plan} plan takes {most:,} characters a scene, "
        f"this script has {most + 1:,}."
    }


async def _spoken(world: World, call: Call, length: int) -> Intent:
    scene = Scene(script="x" * length, avatar=AVATAR_ID, voice=Voice(name=VOICE_ID))
    return replace(await _work(world, call), work=Avatar(scenes=(scene,)))


def _ranked(intent: Intent, call: Call) -> Ranking:
    known = Standing(frozenset({call.gateway}), roads_off=ONLY_V3, heygen_plan=call.plan)
    return ranked(intent.work, known, Preferences())


async def _refused(world: World, call: Call) -> None:
    """With another key nothing is taken, and it is known that nothing was."""
    account: Any = world.accounts[call.gateway]
    intent = await _work(world, call)
    key = {"key" if call.gateway is GatewayName.FAL else "api_key": WRONG_KEYS[call.gateway]}
    gateway = build(world.http, replace(account, **key))[call.gateway]
    refused = await gateway.submit(intent, timeout_s=5)
    assert isinstance(refused, Rejected)
    assert refused.failure.kind is FailureClass.CONFIG
    assert world.vendors.ledger() == []
