"""Hints on a real database: they make a look due, keep an id to ask about, and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from domain.events import LookedUp
from domain.execution import Execution, Moment, State, advance
from domain.gateway import Accepted, Finished, Trace, Uncertain
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.request import Work
from domain.spoken import Kind
from domain.watching import LATE_WATCH_S, deadline_s
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.executions import find_execution
from storage.hints import (
    HINTS_KEPT_S,
    HINTS_MAX,
    Heard,
    Hint,
    forget_hints,
    hear,
    hear_of,
    read_trace,
)
from storage.recording import record
from tests.factories import clip
from tests.integration.accepted import LATER, count, ready, send

FAL, HEYGEN = GatewayName.FAL, GatewayName.HEYGEN
SOON = LATER + 10


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def sent(database: SqliteDatabase, n: int = 1) -> Execution:
    """A submit at fal that is on the wire."""
    asked = clip(prompt=f"fox number {n}", model="seedance_2_0")
    on_the_wire = await send(database, await ready(database, n, work=asked))
    assert on_the_wire is not None
    return on_the_wire


async def answered(database: SqliteDatabase, execution: Execution, answer: Any) -> Execution:
    await database.run(record_answer, execution, answer, Moment(now=LATER + 1))
    return await found(database, execution)


async def found(database: SqliteDatabase, execution: Execution) -> Execution:
    current = await database.run(find_execution, execution.id)
    assert current is not None
    return current


def hint(execution: Execution, **said: Any) -> Hint:
    usual: dict[str, Any] = {
        "execution_id": execution.id,
        "attempt": 1,
        "event": "e1",
        "remote_ids": ("remote_1",),
        "is_signed": True,
    }
    return Hint(**usual | said)


async def heard(database: SqliteDatabase, one: Hint, gateway: GatewayName = FAL) -> Heard:
    return await database.run(hear, one, gateway=gateway, now=SOON)


async def test_a_hint_makes_a_running_one_due_and_changes_nothing_else(
    database: SqliteDatabase,
) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))

    assert await heard(database, hint(running)) is Heard.DUE

    assert await found(database, running) == replace(running, due_at=SOON)


async def test_the_same_delivery_counts_once(database: SqliteDatabase) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))
    await heard(database, hint(running))
    await database.run(_due_at, running.id, SOON + 100)

    assert await heard(database, hint(running)) is Heard.REPEATED
    assert (await found(database, running)).due_at == SOON + 100
    assert await heard(database, hint(running, event="e2")) is Heard.DUE


async def test_one_that_is_due_before_stays_so(database: SqliteDatabase) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))
    await database.run(_due_at, running.id, SOON - 5)
    await heard(database, hint(running))

    assert (await found(database, running)).due_at == SOON - 5


async def test_a_submit_on_the_wire_is_left_alone_and_its_hint_kept(
    database: SqliteDatabase,
) -> None:
    on_the_wire = await sent(database)

    assert await heard(database, hint(on_the_wire)) is Heard.EARLY
    assert await found(database, on_the_wire) == on_the_wire
    trace = await database.run(read_trace, on_the_wire)
    assert trace.hinted_id == "remote_1"

    running = await answered(database, on_the_wire, Accepted("remote_1"))
    assert await heard(database, hint(running)) is Heard.DUE  # it came again


@pytest.mark.parametrize("doubts", [1, 2], ids=["quietly", "told"])
async def test_a_submit_in_doubt_is_looked_up_now(database: SqliteDatabase, doubts: int) -> None:
    doubted = await sent(database)
    for n in range(doubts):
        moment = Moment(now=LATER + 1 + n * 60)
        await database.run(record_answer, doubted, LookedUp(Uncertain("lost")), moment)
    expected = State.SUBMITTING if doubts == 1 else State.UNCERTAIN
    assert (await found(database, doubted)).state is expected

    assert await heard(database, hint(doubted, remote_ids=("remote_9",))) is Heard.DUE

    now = await found(database, doubted)
    assert now.state is expected
    assert now.due_at is not None
    assert now.due_at <= SOON
    assert now.remote_id is None


@pytest.mark.parametrize(
    "said",
    [
        {"execution_id": "execution_9"},
        {"attempt": 2},
        {"remote_ids": ("remote_2",)},
        {"remote_ids": ()},
    ],
)
async def test_what_is_not_about_this_attempt_has_no_effect(
    database: SqliteDatabase, said: dict[str, Any]
) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))

    assert await heard(database, hint(running, **said)) is Heard.UNKNOWN
    assert await found(database, running) == running
    assert await database.run(count, "hint") == 0


async def test_another_gateways_token_is_nobodys(database: SqliteDatabase) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))

    assert await heard(database, hint(running), HEYGEN) is Heard.UNKNOWN


async def test_unsigned_ids_are_no_reason_to_refuse_a_token(database: SqliteDatabase) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))

    assert await heard(database, hint(running, remote_ids=("x",), is_signed=False)) is Heard.DUE


async def test_a_part_of_the_handle_names_it_too(database: SqliteDatabase) -> None:
    accepted = Accepted("session_1", {"video_id": "video_1"})
    running = await answered(database, await sent(database), accepted)

    assert await heard(database, hint(running, remote_ids=("video_1",))) is Heard.DUE


async def test_what_has_ended_is_not_looked_at_again(database: SqliteDatabase) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))
    finished = Finished("https://v3.fal.media/files/x.mp4")
    at = Moment(now=LATER + 2)
    await database.run(record, running, advance(running, finished, at), at)
    fetching = await found(database, running)

    assert await heard(database, hint(running)) is Heard.REPEATED
    assert await found(database, running) == fetching


async def test_who_has_the_token_cannot_fill_the_table(database: SqliteDatabase) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))
    for n in range(3 * HINTS_MAX):
        await heard(database, hint(running, event=f"e{n}"))

    assert await database.run(count, "hint") == HINTS_MAX


async def test_a_hint_is_dropped_after_three_days(database: SqliteDatabase) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))
    await heard(database, hint(running))

    assert await database.run(forget_hints, now=SOON + HINTS_KEPT_S) == 0
    assert await database.run(count, "hint") == 1
    assert await database.run(forget_hints, now=SOON + HINTS_KEPT_S + 1) == 1
    assert await database.run(count, "hint") == 0


@pytest.mark.parametrize("kind", Kind)
def test_a_hint_outlives_whatever_may_ask_for_it(kind: Kind) -> None:
    work = cast(Work, SimpleNamespace(kind=kind))
    assert deadline_s(work) + LATE_WATCH_S < HINTS_KEPT_S


async def test_a_trace_names_what_others_have_and_when_it_was_sent(
    database: SqliteDatabase,
) -> None:
    first, second = await sent(database), await sent(database, 2)
    await answered(database, first, Accepted("remote_1"))

    assert await database.run(read_trace, second) == Trace(
        LATER, hinted_id=None, others=frozenset({"remote_1"})
    )
    assert (await database.run(read_trace, first)).others == frozenset()


async def test_a_trace_counts_who_asked_for_the_same_and_has_no_id_yet(
    database: SqliteDatabase,
) -> None:
    mine, twin = await sent(database), await sent(database, 2)
    assert (await database.run(read_trace, mine)).twins == 0
    await database.run(_ask_for_the_same)
    assert (await database.run(read_trace, mine)).twins == 1
    await answered(database, twin, Accepted("remote_1"))
    assert (await database.run(read_trace, mine)).twins == 0


async def test_an_event_of_the_whole_account_finds_its_execution(
    database: SqliteDatabase,
) -> None:
    running = await answered(database, await sent(database), Accepted("remote_1"))

    async def told(*ids: str) -> Heard:
        return await database.run(hear_of, FAL, ids, event="e1", now=SOON)

    assert await told("remote_7") is Heard.UNKNOWN
    assert await told() is Heard.UNKNOWN
    assert await told("remote_7", "remote_1") is Heard.DUE
    assert (await found(database, running)).due_at == SOON


def _due_at(db: Any, execution_id: str, at: float) -> None:
    db.execute("UPDATE execution SET due_at = :at WHERE id = :id", {"at": at, "id": execution_id})


def _ask_for_the_same(db: Transaction) -> None:
    """As two people may, each in a channel of their own."""
    db.execute("UPDATE execution SET work = (SELECT MIN(work) FROM execution)")
