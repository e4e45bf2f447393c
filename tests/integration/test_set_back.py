"""A clock that was set back: what is due is brought forward to where its schedule can put it, and
as long as the clock was not set, no row is touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.effect import Busy, Effect
from domain.events import Hold
from domain.execution import Moment, State
from domain.gateway import Accepted
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.schedule import (
    START_AHEAD_MAX_S,
    TELL_AHEAD_MAX_S,
    WORK_AHEAD_MAX_S,
)
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.executions import Errand, claim_due, execution_of, find_execution
from storage.lanes import EffectDue, claim_lane, next_lane_at
from storage.messages import touch_take
from storage.set_back import _STATEMENTS as _SQL
from storage.set_back import bring_forward
from storage.sweeping import sweep
from tests.factories import NOW
from tests.integration.accepted import LATER, accept, answered, hold_of, post_all, ready, send

YEAR_S = 365 * 86_400.0
TABLES = (
    "execution",
    "outbox",
    "message",
    "lane",
    "workspace",
    "held_reply",
    "likeness",
    "voice_question",
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


def rows(db: Transaction) -> list[Any]:
    return [dict(row) for table in TABLES for row in db.execute(f"SELECT * FROM {table}").all()]


async def test_while_the_clock_is_right_no_row_is_touched(database: SqliteDatabase) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await accept(database, 2, at=LATER)
    await database.run(claim_lane, now=LATER, owner="me")
    before = await database.run(rows)
    assert await database.run(bring_forward, now=LATER) == 0
    assert await database.run(rows) == before


async def test_a_render_is_looked_at_again_within_its_limit(database: SqliteDatabase) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))
    back = LATER - YEAR_S
    assert await claims(database, now=back + WORK_AHEAD_MAX_S) == 0
    assert await database.run(bring_forward, now=back) > 0
    assert await claims(database, now=back + WORK_AHEAD_MAX_S - 1) == 0
    assert await claims(database, now=back + WORK_AHEAD_MAX_S) == 1


async def test_a_submit_on_the_wire_keeps_its_whole_lease(database: SqliteDatabase) -> None:
    """Its answer may still come: it must not be taken for lost because the clock was set."""
    sent = await send(database, await ready(database))
    assert sent is not None
    back = LATER - YEAR_S
    await database.run(bring_forward, now=back)
    waits = await database.run(find_execution, sent.id)
    assert waits is not None
    assert waits.state is State.SUBMITTING
    assert waits.due_at == back + WORK_AHEAD_MAX_S


async def test_an_undo_window_does_not_last_for_a_year(database: SqliteDatabase) -> None:
    execution = await ready(database)
    back = NOW - YEAR_S
    assert await send(database, execution, at=back) is None
    assert await hold_of(database, execution) is Hold.UNDO
    await database.run(bring_forward, now=back)
    assert await send(database, execution, at=back + START_AHEAD_MAX_S) is not None


async def test_what_its_message_woke_does_not_wait_as_for_an_invitation(
    database: SqliteDatabase,
) -> None:
    """It is posted while the clock is two days ahead, which is mended before its claim."""
    ahead = NOW + 2 * 86_400.0
    await accept(database)
    execution = await database.run(execution_of, "request_1")
    assert execution is not None
    assert await send(database, execution, at=NOW + 10.0) is None
    assert await hold_of(database, execution) is Hold.MESSAGE
    await post_all(database, now=ahead)
    await database.run(bring_forward, now=NOW + 20.0)
    woken = await database.run(find_execution, execution.id)
    assert woken is not None
    assert woken.due_at == NOW + 20.0 + START_AHEAD_MAX_S


async def test_a_lane_that_slack_told_to_wait_goes_on(database: SqliteDatabase) -> None:
    await accept(database)
    due = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(due, EffectDue)
    await answered(database, due, Busy(30.0), now=NOW)
    back = NOW - YEAR_S
    assert await database.run(sweep, now=back) > 0
    assert await database.run(next_lane_at) == back + TELL_AHEAD_MAX_S
    told = await post_all(database, now=back + TELL_AHEAD_MAX_S)
    assert told == [Effect.POST_CARD, Effect.POST_TAKE]
    assert await post_all(database, now=back + 2 * TELL_AHEAD_MAX_S) == []


async def test_edits_are_not_spent_for_a_year(database: SqliteDatabase) -> None:
    """The minute of the workspace's edits began in what is the future now."""
    await ready(database)
    await database.run(_spend_all)
    await database.run(touch_take, "shot_1", "request_1", NOW)
    back = NOW - YEAR_S
    await database.run(bring_forward, now=back)
    spent = await database.run(_edit_window)
    assert spent == back


async def test_every_table_with_a_due_time_is_brought_forward(database: SqliteDatabase) -> None:
    schedules = await database.run(_schedules)
    assert {"execution", "outbox", "lane", "likeness", "voice_question"} <= schedules
    assert schedules <= set(TABLES)
    stranded = await database.run(_stranded, schedules)
    assert stranded == []


async def claims(database: SqliteDatabase, *, now: float) -> int:
    found = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=now, owner="me", limit=5
    )
    return len(found)


def _schedules(db: Transaction) -> set[str]:
    """The tables in which something is due."""
    named = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    tables = [str(row["name"]) for row in named]
    return {
        table
        for table in tables
        if db.execute(
            "SELECT 1 AS yes FROM pragma_table_info(:table) WHERE name = 'due_at'",
            {"table": table},
        ).one()
    }


def _stranded(db: Transaction, tables: set[str]) -> list[str]:
    """The tables whose due time no statement brings forward."""
    return [table for table in sorted(tables) if not any(f" {table} SET due_at" in s for s in _SQL)]


def _spend_all(db: Transaction) -> None:
    db.execute("UPDATE workspace SET edits = 45, edit_window_at = :now", {"now": NOW})


def _edit_window(db: Transaction) -> float:
    row = db.execute("SELECT edit_window_at FROM workspace").one()
    assert row is not None
    return float(row["edit_window_at"])
