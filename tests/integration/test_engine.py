"""The engine on a real database, with gateways that do what vendors do: nothing spins, nothing is
begun twice, nothing that breaks breaks for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from bot import turns as turns_module
from bot.clock import RandomIds, SystemClock
from bot.engine import engine as engine_module
from bot.engine.breaker import FAILURES_TO_OPEN, OPEN_S
from bot.engine.engine import Engine
from bot.engine.steps import Limits, Steps
from bot.metrics import Metrics
from bot.wakeup import Bells
from domain.errors import Failure, FailureClass, StorageUnavailable
from domain.events import Prepared
from domain.execution import Execution, Moment, State
from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Intent,
    Progress,
    Remote,
    Rendering,
    Submission,
    Unreadable,
)
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.shape import Image
from domain.stored import Content
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.executions import find_execution, insert_execution
from storage.recording import request_cancel
from tests.factories import clip, execution
from tests.integration.accepted import LATER, accept, ready, send

SOON_S = 20.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


class LaterClock(SystemClock):
    """Real time, counted from when everything that a test accepts may go."""

    def __init__(self) -> None:
        self._began = self.monotonic()

    def now(self) -> float:
        return LATER + self.monotonic() - self._began


class Vendor:
    """A gateway of which a test says how it behaves."""

    name = GatewayName.HEYGEN

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.said: list[Cancellation] = []
        self.cancels = 0
        self.checked: Callable[[], Progress] = Rendering
        self.answer = asyncio.Event()
        self.answer.set()

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission:
        self.submitted.append(intent.execution_id)
        await self.answer.wait()
        return Accepted(f"remote_{intent.execution_id}")

    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        raise AssertionError("nothing can be looked up at this vendor")

    async def check(self, remote: Remote) -> Progress:
        return self.checked()

    async def cancel(self, remote: Remote) -> Cancellation:
        self.cancels += 1
        return self.said.pop(0)

    async def upload(self, content: Content, media_type: str, filename: str) -> str:
        return "https://vendor/picture"


class Roomy:
    """A media store with room, or one that says nothing before it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.says = asyncio.Event()
        self.says.set()

    async def free_bytes(self) -> int | None:
        self.asked.set()
        await self.says.wait()
        return None


class Bringing:
    """A preparation that breaks on a bug, or takes for ever."""

    def __init__(self, *, breaks: bool) -> None:
        self._breaks = breaks

    async def prepare(self, execution: Execution, gateway: Any) -> Prepared:
        if self._breaks:
            raise SyntaxError("broken PNG file")
        await asyncio.Event().wait()
        raise AssertionError


class Counted:
    """The database, and how often it was asked."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.runs = 0
        self.refuses = False

    async def run(self, verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.runs += 1
        if self.refuses:
            raise StorageUnavailable("Not now.")
        return await self._database.run(verb, *args, **kwargs)


class Stage:
    """An engine and what it works with."""

    def __init__(self, database: SqliteDatabase, *, breaks: bool = True) -> None:
        self.clock, self.vendor, self.media = LaterClock(), Vendor(), Roomy()
        self.database, self.plain = Counted(database), database
        self.bells = Bells(self.clock)
        self.steps = Steps(
            database=self.database,
            gateways={GatewayName.HEYGEN: self.vendor},
            preparation=cast(Any, Bringing(breaks=breaks)),
            courier=cast(Any, None),
            media=cast(Any, self.media),
            clock=self.clock,
            ids=RandomIds(),
            limits=Limits(
                budget_micro_usd=200_000_000,
                timezone="UTC",
                min_free_bytes=0,
                fallback_check_s=10.0,
            ),
            metrics=Metrics(self.database, self.clock),
        )
        self.engine = Engine(
            steps=self.steps,
            database=self.database,
            clock=self.clock,
            wakeup=self.bells.engine,
            wake=self.bells.ring,
            owner="me",
        )

    async def now(self, n: int = 1) -> Execution:
        found = await self.plain.run(find_execution, f"execution_{n}")
        assert found is not None
        return found

    async def until(self, state: State, n: int = 1) -> Execution:
        async with asyncio.timeout(SOON_S):
            while (await self.now(n)).state is not state:
                await asyncio.sleep(0.01)
        return await self.now(n)


async def to_running(stage: Stage) -> Execution:
    sent = await send(stage.plain, await ready(stage.plain))
    assert sent is not None
    await stage.plain.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))
    return await stage.now()


# ── what has nobody to take it ────────────────────────────────────────────────────────────────


async def test_what_belongs_to_a_gateway_without_a_key_ends_unpaid(
    database: SqliteDatabase,
) -> None:
    stage = Stage(database)
    await accept(database, 1, work=clip(model="seedance_2_0"))
    assert (await stage.now()).gateway is GatewayName.FAL
    running = asyncio.create_task(stage.engine.run())

    ended = await stage.until(State.FAILED)

    assert ended.failure is not None
    assert ended.failure.kind is FailureClass.CONFIG
    assert ended.billed_micro_usd == 0
    stage.engine.stop()
    await running


async def test_what_was_paid_at_a_gateway_without_a_key_is_late_in_time(
    database: SqliteDatabase,
) -> None:
    stage = Stage(database)
    await accept(database)
    sent_at, deadline = stage.clock.now() - 2_000, stage.clock.now() - 800

    def at_fal(db: Transaction) -> None:
        db.execute("DELETE FROM execution")
        paid = execution(
            offer="seedance_2_0@fal",
            state=State.RUNNING,
            remote_id="r",
            submitted_at=sent_at,
            deadline_at=deadline,
        )
        insert_execution(db, paid)

    await database.run(at_fal)
    running = asyncio.create_task(stage.engine.run())

    late = await stage.until(State.LATE)

    assert late.due_at is not None
    assert late.due_at > stage.clock.now() + 30
    stage.engine.stop()
    await running


async def test_a_full_room_is_not_asked_about_again_and_again(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = dict.fromkeys(engine_module.ROOM, 1)
    monkeypatch.setattr(engine_module, "ROOM", rooms)
    stage = Stage(database, breaks=False)
    for n in range(1, 4):
        pictured = clip(prompt=f"fox {n}", model="veo_3_1", reference_image=Image(url="https://i"))
        await accept(database, n, work=pictured)
    running = asyncio.create_task(stage.engine.run())
    await asyncio.sleep(0.3)
    before = stage.database.runs

    await asyncio.sleep(1.0)

    assert stage.database.runs - before <= 4
    stage.engine.stop()
    await running


async def test_a_start_waits_until_storage_takes_what_comes_before_the_first_claim(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_module, "STORAGE_PAUSE_S", 0.05)
    stage = Stage(database)
    await to_running(stage)
    stage.vendor.checked = lambda: Ended(Failure(kind=FailureClass.TRANSIENT, billed=False))

    def claimed_before(db: Transaction) -> None:
        db.execute("UPDATE execution SET owner = 'another', due_at = :far", {"far": LATER * 2})

    await database.run(claimed_before)
    stage.database.refuses = True
    running = asyncio.create_task(stage.engine.run())
    await asyncio.sleep(0.2)
    assert stage.database.runs > 1
    assert not running.done()

    stage.database.refuses = False

    await stage.until(State.FAILED)  # the claim of the process before was taken from it
    stage.engine.stop()
    await running


# ── steps that break ──────────────────────────────────────────────────────────────────────────


async def test_a_step_that_breaks_on_a_bug_is_counted(database: SqliteDatabase) -> None:
    stage = Stage(database)
    pictured = clip(model="veo_3_1", reference_image=Image(url="https://i"))
    await accept(database, 1, work=pictured)
    running = asyncio.create_task(stage.engine.run())
    async with asyncio.timeout(SOON_S):
        while (await stage.now()).tries < 1:
            await asyncio.sleep(0.01)

    broken = await stage.now()

    assert broken.due_at is not None
    assert broken.due_at < stage.clock.now() + 60, "it would wait for its lease"
    stage.engine.stop()
    await running


async def test_a_probe_that_is_never_made_is_not_waited_for(database: SqliteDatabase) -> None:
    """Half open, and the database refuses the intent: the next one may probe."""
    stage = Stage(database)
    taken = await ready(database)
    breaker = stage.steps.breakers[GatewayName.HEYGEN]
    for _ in range(FAILURES_TO_OPEN):
        breaker.broke()
    assert breaker.is_open
    breaker._open_until = stage.clock.monotonic() - OPEN_S
    stage.database.refuses = True
    with pytest.raises(StorageUnavailable):
        await stage.steps.step(taken)

    stage.database.refuses = False
    await stage.steps.step(taken)

    assert stage.vendor.submitted == ["execution_1"]
    assert not breaker.is_open


@pytest.mark.parametrize("is_down", [True, False])
async def test_one_sick_render_does_not_close_its_gateway(
    database: SqliteDatabase, is_down: bool
) -> None:
    """A gateway that answers works, whatever it says of one render."""
    stage = Stage(database)
    await to_running(stage)
    stage.vendor.checked = lambda: Unreadable("completed without a link", is_down=is_down)

    for _ in range(FAILURES_TO_OPEN):
        await stage.steps.step(await stage.now())

    assert stage.steps.breakers[GatewayName.HEYGEN].is_open is is_down


async def test_a_cancel_that_was_not_heard_is_said_again(database: SqliteDatabase) -> None:
    stage = Stage(database)
    await to_running(stage)
    await database.run(request_cancel, "request_1", Moment(now=LATER))
    stage.vendor.said = [Cancellation.UNREADABLE, Cancellation.REQUESTED]

    heard = []
    for _ in range(3):
        await stage.steps.step(await stage.now())
        heard.append((await stage.now()).cancel_sent)

    assert heard == [False, True, True]
    assert stage.vendor.cancels == 2


# ── stopping ──────────────────────────────────────────────────────────────────────────────────


async def test_what_was_claimed_before_a_stop_is_not_sent_after_it(
    database: SqliteDatabase,
) -> None:
    stage = Stage(database)
    stage.media.says.clear()
    await ready(database)
    running = asyncio.create_task(stage.engine.run())
    await asyncio.wait_for(stage.media.asked.wait(), SOON_S)

    stage.engine.stop()
    stage.media.says.set()
    await asyncio.wait_for(running, SOON_S)

    assert stage.vendor.submitted == []
    assert (await stage.now()).state is State.QUEUED


async def test_a_submit_on_the_wire_is_answered_although_the_engine_dies(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(database)
    stage.vendor.answer.clear()
    await ready(database)
    running = asyncio.create_task(stage.engine.run())
    await stage.until(State.SUBMITTING)

    def bug(*_: Any, **__: Any) -> None:
        raise KeyError("a bug in the claim")

    monkeypatch.setattr(engine_module, "claim_executions", bug)
    stage.bells.ring()
    await asyncio.sleep(0.1)
    stage.vendor.answer.set()

    with pytest.raises(KeyError):
        await asyncio.wait_for(running, SOON_S)
    assert (await stage.now()).state is State.RUNNING
