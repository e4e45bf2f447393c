"""Our webhooks in front of the sandbox's vendors: what they really send, and what others might."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from bot import web
from bot.callbacks import Callbacks
from bot.engine.wording import intent_of
from bot.webhooks import EVENTS_PATH, Webhooks
from domain.events import LookedUp
from domain.execution import Execution, Moment, State
from domain.gateway import Accepted, Uncertain
from domain.offer import GatewayName
from domain.ports import Gateway
from gateways import FalAccount, HeyGenAccount, RunwareAccount, build, hooks
from gateways.heygen_hooks import HeyGenEvents
from gateways.http import Http
from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.executions import find_execution
from storage.hints import Heard, Hint, hear, read_trace
from tests.factories import clip
from tests.integration.accepted import hold_of, ready, send
from tests.integration.gateway_servers import WallClock
from tests.integration.sandbox_heygen import LOOK

T = TypeVar("T")

KEY = bytes(range(32))
SECRET = "whsec_0123456789abcdef"
PACE_S = 0.1
UNDONE_S = 60.0  # past any undo window
FAL, HEYGEN, RUNWARE = GatewayName.FAL, GatewayName.HEYGEN, GatewayName.RUNWARE
OFFERS = {FAL: "seedance_2_0@fal", HEYGEN: "heygen_avatar@heygen", RUNWARE: "kling_v3@runware"}
EACH = pytest.mark.parametrize("name", [FAL, HEYGEN, RUNWARE])


@dataclass
class World:
    """Vendors, a database and our web server between them."""

    vendors: Vendors
    faults: Faults
    http: Http
    gateways: dict[GatewayName, Gateway]
    database: SqliteDatabase
    callbacks: Callbacks
    registry: CollectorRegistry
    client: aiohttp.ClientSession
    woken: list[float] = field(default_factory=list)

    def breaks(self, what: str, kind: str, *, times: int = 1, **params: Any) -> None:
        self.faults.arm(Fault(what, kind, times=times, params=params))

    async def on_the_wire(self, name: GatewayName, n: int = 1, offer: str = "") -> Execution:
        """An execution whose submit is being sent."""
        asked = clip(model="seedance_2_0", duration_s=5)
        execution = await ready(self.database, n, work=asked, at=time.time() - UNDONE_S)
        await self.database.run(_moved, execution.id, offer or OFFERS[name], name)
        sent = await send(self.database, execution, at=time.time())
        assert sent is not None, await hold_of(self.database, execution)
        return sent

    async def submit(self, sent: Execution) -> None:
        """What the vendor takes, with our address in it, is written down as the engine does."""
        answer = await self.ask(sent)
        await self.database.run(record_answer, sent, answer, Moment(now=time.time()))

    async def ask(self, sent: Execution) -> Any:
        url = self.callbacks.url(sent.gateway, sent.id, sent.attempt)
        match sent.gateway:
            case GatewayName.FAL:
                intent = intent_of(sent, self.callbacks)
                return await self.gateways[FAL].submit(intent, timeout_s=5)
            case GatewayName.HEYGEN:
                said = {"type": "avatar", "avatar_id": LOOK, "script": "Hi.", "callback_url": url}
                answer = await self.post("heygen_api_url", "/v3/videos", said)
                return Accepted(answer["data"]["video_id"])
            case GatewayName.RUNWARE:
                task = {**_TASK, "taskUUID": str(uuid.uuid4()), "webhookURL": url}
                answer = await self.post("runware_api_url", "", [task])
                return Accepted(answer["data"][0]["taskUUID"])

    async def look_up(self, sent: Execution) -> Any:
        """As the engine looks a lost submit up, and writes down what it finds."""
        trace = await self.database.run(read_trace, sent)
        intent = intent_of(sent, self.callbacks, trace)
        answer = await self.gateways[sent.gateway].look_up(intent, timeout_s=5)
        looked = LookedUp(answer)
        await self.database.run(record_answer, sent, looked, Moment(now=time.time()))
        return answer

    async def found(self, sent: Execution) -> Execution:
        execution = await self.database.run(find_execution, sent.id)
        assert execution is not None
        return execution

    async def is_due(self, sent: Execution) -> Execution:
        """Once a delivery made it due."""

        async def look() -> Execution | None:
            execution = await self.found(sent)
            due_at = execution.due_at
            is_now = due_at is not None and due_at <= time.time()
            return execution if is_now and self.woken else None

        return await until(look)

    async def has_heard(self, name: GatewayName, outcome: str, times: int = 1) -> None:
        async def look() -> bool:
            return self.heard(name, outcome) >= times

        await until(look)

    def heard(self, name: GatewayName, outcome: str) -> float:
        labels = {"gateway": name.value, "outcome": outcome}
        return self.registry.get_sample_value("dailies_webhooks_total", labels) or 0.0

    async def deliver(self, url: str, body: bytes = b"{}", **headers: str) -> tuple[int, str]:
        async with self.client.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def again(self, name: GatewayName, index: int = -1) -> int | None:
        """The vendor's delivery once more, byte for byte."""
        callbacks = getattr(self.vendors, name.value).callbacks
        status: int | None = await callbacks.again(index)
        return status

    async def post(self, address: str, path: str, said: Any) -> Any:
        at = self.vendors.addresses
        key = "heygen_api_key" if "heygen" in address else "runware_api_key"
        headers = {"X-Api-Key": at[key], "Authorization": f"Bearer {at[key]}"}
        async with self.client.post(at[address] + path, json=said, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


_TASK = {
    "taskType": "videoInference",
    "model": "klingai:kling-video@3-standard",
    "positivePrompt": "a fox in snow",
    "width": 1280,
    "height": 720,
    "duration": 5,
    "deliveryMethod": "async",
}


async def until(look: Callable[[], Awaitable[T | None]], *, within_s: float = 8.0) -> T:
    """What `look` finds, as soon as it does."""
    async with asyncio.timeout(within_s):
        while not (found := await look()):
            await asyncio.sleep(0.01)
        return found


def _moved(db: Any, execution_id: str, offer: str, gateway: GatewayName) -> None:
    db.execute(
        "UPDATE execution SET offer = :offer, gateway = :gateway, confirmed = 1 WHERE id = :id",
        {"offer": offer, "gateway": gateway.value, "id": execution_id},
    )


def _later(db: Any, execution_id: str) -> None:
    """Nothing is to be looked at for an hour."""
    db.execute(
        "UPDATE execution SET due_at = :at WHERE id = :id",
        {"at": time.time() + 3_600, "id": execution_id},
    )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    faults = Faults()
    vendors = await start(faults, Traffic(), pace_s=PACE_S)
    at = vendors.addresses
    accounts = (
        FalAccount(
            key=at["fal_key"],
            queue_url=at["fal_queue_url"],
            rest_url=at["fal_rest_url"],
            cdn_url=at["fal_cdn_url"],
            api_url=at["fal_api_url"],
            jwks_url=at["fal_jwks_url"],
            webhook_user_id=at["fal_webhook_user_id"],
        ),
        HeyGenAccount(api_key=at["heygen_api_key"], api_url=at["heygen_api_url"]),
        RunwareAccount(api_key=at["runware_api_key"], api_url=at["runware_api_url"]),
    )
    http = Http(WallClock())
    async with (
        await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as database,
        aiohttp.ClientSession() as client,
    ):
        registry, woken = CollectorRegistry(), list[float]()
        callbacks = Callbacks("", KEY)
        ours = Webhooks(
            callbacks=callbacks,
            hooks=hooks(http, *accounts),
            events=HeyGenEvents(SECRET),
            database=database,
            clock=WallClock(),
            wake=lambda: woken.append(time.time()),
            registry=registry,
        )
        doors = web.Doors(now=time.time, registry=registry, ready={}, further=ours.add_routes)
        async with web.serving(web.build(doors), "127.0.0.1", 0) as port:
            yield World(
                vendors=vendors,
                faults=faults,
                http=http,
                gateways=build(http, *accounts),
                database=database,
                callbacks=replace(callbacks, public_url=f"http://127.0.0.1:{port}"),
                registry=registry,
                client=client,
                woken=woken,
            )
    await http.aclose()
    await vendors.close()


@EACH
async def test_a_vendors_own_webhook_makes_a_check_due_and_changes_nothing(
    world: World, name: GatewayName
) -> None:
    sent = await world.on_the_wire(name)
    await world.submit(sent)
    await world.database.run(_later, sent.id)
    running = await world.found(sent)

    due = await world.is_due(sent)

    assert due.state is State.RUNNING
    assert replace(due, due_at=running.due_at) == running


@EACH
async def test_a_duplicate_counts_once(world: World, name: GatewayName) -> None:
    world.breaks(f"{name}:webhook", "duplicate")
    sent = await world.on_the_wire(name)
    await world.submit(sent)
    await world.has_heard(name, "repeated")
    await world.is_due(sent)
    await world.database.run(_later, sent.id)

    assert await world.again(name) == 200

    assert (await world.found(sent)).due_at > time.time()  # type: ignore[operator]  # it is due
    assert world.heard(name, "due") == 1


@EACH
async def test_a_slow_delivery_is_as_good(world: World, name: GatewayName) -> None:
    world.breaks(f"{name}:webhook", "slow", seconds=0.5)
    sent = await world.on_the_wire(name)
    await world.submit(sent)

    assert (await world.is_due(sent)).state is State.RUNNING


@pytest.mark.parametrize("name", [FAL, RUNWARE])
async def test_one_that_overtakes_the_submits_answer_comes_again(
    world: World, name: GatewayName
) -> None:
    world.breaks(f"{name}:webhook", "early")
    sent = await world.on_the_wire(name)
    on_its_way = asyncio.create_task(world.ask(sent))
    await world.has_heard(name, "early")

    assert (await world.found(sent)) == sent  # a submit on the wire is left alone
    answer = await on_its_way
    await world.database.run(record_answer, sent, answer, Moment(now=time.time()))
    await world.database.run(_later, sent.id)

    assert (await world.is_due(sent)).remote_id == answer.remote_id


@pytest.mark.parametrize(("kind", "outcome"), [("forged", "different"), ("stale", "stale")])
async def test_what_fal_did_not_sign_in_time_is_refused(
    world: World, kind: str, outcome: str
) -> None:
    world.breaks("fal:webhook", kind)
    sent = await world.on_the_wire(FAL)
    await world.submit(sent)

    await world.has_heard(FAL, outcome)

    assert (await world.is_due(sent)).state is State.RUNNING  # the real one comes after it
    assert world.heard(FAL, "due") == 1


async def test_keys_are_not_fetched_twice_within_a_minute(world: World) -> None:
    """A new key is not known then: its delivery is refused, and fal comes again."""
    first = await world.on_the_wire(FAL)
    await world.submit(first)
    await world.is_due(first)
    world.breaks("fal:webhook", "rotated")

    second = await world.on_the_wire(FAL, 2)
    await world.submit(second)

    await world.has_heard(FAL, "different")


@EACH
async def test_forged_unknown_and_stale_tokens_get_the_same_answer(
    world: World, name: GatewayName
) -> None:
    sent = await world.on_the_wire(name)
    ours = world.callbacks
    others = Callbacks(ours.public_url, bytes(32))
    unknown = [
        others.url(name, sent.id, 1),
        ours.url(name, sent.id, 1)[:-1] + "!",
        f"{ours.public_url}/webhooks/{name}/x",
        f"{ours.public_url}/webhooks/{name}/{'x' * 4_000}",
    ]
    if name is not FAL:  # fal's are refused before that, they are not signed
        unknown += [ours.url(name, sent.id, 2), ours.url(name, "execution_9", 1)]
    answers = {await world.deliver(url) for url in unknown}

    assert answers == {(404, '{"error": "Not Found"}')}
    assert (await world.found(sent)) == sent
    assert not world.woken


async def test_fals_signed_delivery_about_another_execution_is_not_ours(world: World) -> None:
    first, second = await world.on_the_wire(FAL), await world.on_the_wire(FAL, 2)
    await world.submit(first)
    await world.submit(second)
    await world.is_due(first)
    await world.has_heard(FAL, "due", 2)
    await world.database.run(_later, second.id)
    about = (await world.found(first)).remote_id
    sent = next(one for one in world.vendors.fal.callbacks.sent if one.callback.about == about)
    url = world.callbacks.url(FAL, second.id, 1)

    status, _ = await world.deliver(url, sent.callback.body, **sent.headers)

    assert status == 404
    assert (await world.found(second)).due_at > time.time()  # type: ignore[operator]  # it is due


async def test_without_fals_keys_it_shall_come_again(world: World) -> None:
    world.breaks("fal:upload", "status", times=10, status=503)
    sent = await world.on_the_wire(FAL)
    await world.vendors.fal._rest.close()  # its REST host is where the keys are
    await world.submit(sent)

    await world.has_heard(FAL, "no_keys")

    assert not world.woken


async def test_heygens_success_while_it_still_renders_is_only_a_look(world: World) -> None:
    world.breaks("heygen:submit", "late", seconds=5)
    world.breaks("heygen:webhook", "early")
    sent = await world.on_the_wire(HEYGEN)
    await world.submit(sent)

    assert (await world.is_due(sent)).state is State.RUNNING


async def test_heygen_finds_somebody_there(world: World) -> None:
    token = world.callbacks.url(HEYGEN, "execution_1", 1)
    for url in (token, f"{world.callbacks.public_url}{EVENTS_PATH}"):
        for method in ("OPTIONS", "GET"):
            async with world.client.request(method, url) as answer:
                assert answer.status == 200


async def test_heygens_registered_events_are_known_by_their_signature(world: World) -> None:
    url = f"{world.callbacks.public_url}{EVENTS_PATH}"
    await world.post("heygen_api_url", "/v3/webhooks/endpoints", {"url": url})
    sent = await world.on_the_wire(HEYGEN)
    await world.submit(sent)
    await world.has_heard(HEYGEN, "different")  # of another secret than ours

    body = json.dumps({"event_data": {"video_id": (await world.found(sent)).remote_id}}).encode()
    mark = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    signed = {"Heygen-Signature": mark, "Heygen-Event-Id": "event-1"}
    await world.database.run(_later, sent.id)
    assert (await world.deliver(url, body, **signed))[0] == 200
    assert (await world.is_due(sent)).state is State.RUNNING

    assert (await world.deliver(url, body, **signed))[0] == 200
    assert world.heard(HEYGEN, "repeated") == 1
    assert (await world.deliver(url, b"{}", **signed))[0] == 401


@pytest.mark.parametrize("kind", ["reset_after", "garbage"])
async def test_a_lost_answer_is_bound_by_the_webhook(world: World, kind: str) -> None:
    world.vendors.fal.switches.set("history", "forbidden")
    world.breaks("fal:submit", kind)
    sent = await world.on_the_wire(FAL)
    await world.submit(sent)
    assert (await world.found(sent)).state in {State.SUBMITTING, State.UNCERTAIN}

    doubted = await world.is_due(sent)
    answer = await world.look_up(doubted)

    (paid,) = world.vendors.ledger()
    assert answer == Accepted(paid["id"])
    assert (await world.found(sent)).state is State.RUNNING


async def test_a_hint_is_not_believed_where_fal_does_not_know_it(world: World) -> None:
    world.vendors.fal.switches.set("history", "forbidden")
    sent = await world.on_the_wire(FAL)
    lost = Uncertain("lost")
    await world.database.run(record_answer, sent, lost, Moment(now=time.time()))
    hint = Hint(
        execution_id=sent.id,
        attempt=1,
        event="e",
        remote_ids=(str(uuid.uuid4()),),
        is_signed=True,
    )
    heard = await world.database.run(hear, hint, gateway=FAL, now=time.time())

    assert heard is Heard.DUE
    assert isinstance(await world.look_up(await world.found(sent)), Uncertain)
    assert world.vendors.ledger() == []


@pytest.mark.parametrize("offer", ["seedance_2_0@fal", "minimax@fal"], ids=["seed", "no seed"])
async def test_a_lost_answer_is_found_in_the_history_each_its_own(world: World, offer: str) -> None:
    """Three equal ones: two were accepted and lost, one was never accepted."""
    world.breaks("fal:webhook", "lost", times=10)
    lost = []
    for n, kind in enumerate(("reset_after", "reset_after", "close_after_read"), start=1):
        world.breaks("fal:submit", kind)
        sent = await world.on_the_wire(FAL, n, offer)
        await world.submit(sent)
        lost.append(sent)
    await until(lambda: _all_over(world))

    answers = [await world.look_up(await world.found(sent)) for sent in lost]

    taken = [each.remote_id for each in answers if isinstance(each, Accepted)]
    assert sorted(taken) == sorted(entry["id"] for entry in world.vendors.ledger())
    assert len(taken) == 2
    if "seedance" in offer:  # its own seed tells each from the others
        assert isinstance(answers[2], Uncertain)
        seeds = {entry["id"]: entry["input"]["seed"] for entry in world.vendors.ledger()}
        assert len(set(seeds.values())) == 2


async def test_what_may_be_its_twins_that_is_on_the_wire_is_left_alone(world: World) -> None:
    """Their input is the same, and the twin's own answer will name one of what is there."""
    world.breaks("fal:webhook", "lost", times=10)
    world.breaks("fal:submit", "reset_after")
    lost = await world.on_the_wire(FAL, 1, "minimax@fal")
    await world.submit(lost)
    twin = await world.on_the_wire(FAL, 2, "minimax@fal")
    await until(lambda: _all_over(world))
    assert isinstance(await world.look_up(await world.found(lost)), Uncertain)

    await world.submit(twin)
    answer = await world.look_up(await world.found(lost))
    assert isinstance(answer, Accepted)
    assert answer.remote_id != (await world.found(twin)).remote_id


async def test_a_history_that_may_not_be_read_leaves_it_in_doubt(world: World) -> None:
    world.vendors.fal.switches.set("history", "forbidden")
    world.breaks("fal:submit", "reset_after")
    world.breaks("fal:webhook", "lost", times=10)
    sent = await world.on_the_wire(FAL)
    await world.submit(sent)
    await until(lambda: _all_over(world))

    assert isinstance(await world.look_up(await world.found(sent)), Uncertain)
    assert len(world.vendors.ledger()) == 1


async def _all_over(world: World) -> bool:
    return all(job.over for job in world.vendors.fal.jobs())
