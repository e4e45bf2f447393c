"""Lanes and recovery: what is told in which order, at which pace, and after a process died."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.catalog import GatewayName
from domain.execution import Moment, State
from domain.gateway import Accepted
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.deliveries import blocked, expire_blocked, posted, unblock
from storage.executions import (
    Errand,
    claim_due,
    execution_of,
    release_claims,
    request_cancel,
)
from storage.lanes import EditDue, EffectDue, claim_lane, release_lanes
from storage.messages import Effect
from tests.factories import NOW
from tests.integration.accepted import (
    LATER,
    accept,
    ready,
    send,
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def test_claims_of_a_dead_process_are_due_at_once(database: SqliteDatabase) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))
    far = LATER + 10_000
    claimed = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=far, owner="dead", limit=5
    )
    assert len(claimed) == 1

    assert await database.run(release_claims, now=far, owner="new") == 1

    again = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=far, owner="new", limit=5
    )
    assert [each.id for each in again] == [sent.id]


async def test_a_post_of_a_dead_process_is_in_doubt(database: SqliteDatabase) -> None:
    await accept(database)
    begun = await database.run(claim_lane, now=NOW, owner="dead")
    assert isinstance(begun, EffectDue)
    assert not begun.doubtful

    await database.run(release_lanes, now=NOW + 1, owner="new")

    doubt = await database.run(claim_lane, now=NOW + 1, owner="new")
    assert isinstance(doubt, EffectDue)
    assert doubt.doubtful
    assert (doubt.mark, doubt.intent_at) == (begun.mark, begun.intent_at)


async def test_a_lane_tells_one_thing_a_second_and_one_at_a_time(
    database: SqliteDatabase,
) -> None:
    await accept(database, 1)
    await accept(database, 2)
    first = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(first, EffectDue)
    assert await database.run(claim_lane, now=NOW, owner="me") is None

    await database.run(posted, first, "1.0", now=NOW)

    assert await database.run(claim_lane, now=NOW + 0.9, owner="me") is None
    assert await database.run(claim_lane, now=NOW + 1.0, owner="me") is not None


async def test_outcomes_are_told_before_progress(database: SqliteDatabase) -> None:
    first, second = await ready(database, 1), await ready(database, 2)
    assert await send(database, first) is not None
    await database.run(request_cancel, second.request_id, Moment(now=LATER))

    due = await database.run(claim_lane, now=LATER + 60, owner="me")

    assert isinstance(due, EditDue)
    assert due.urgent
    assert due.shot_id == second.shot_id


async def test_progress_leaves_edits_for_outcomes(database: SqliteDatabase) -> None:
    await ready(database)
    await database.run(
        lambda db: db.execute(
            "UPDATE workspace SET edits = 40, edit_window_at = :now", {"now": LATER}
        )
    )
    await database.run(
        lambda db: db.execute(
            "UPDATE message SET dirty = 1, urgent = 0, edit_due_at = :now", {"now": LATER}
        )
    )
    await database.run(lambda db: db.execute("UPDATE lane SET due_at = 0, next_send_at = 0"))
    assert await database.run(claim_lane, now=LATER, owner="me") is None

    await database.run(request_cancel, "request_1", Moment(now=LATER))

    assert isinstance(await database.run(claim_lane, now=LATER + 2, owner="me"), EditDue)


async def test_where_we_may_not_post_nothing_is_paid_and_it_is_kept_a_day(
    database: SqliteDatabase,
) -> None:
    await accept(database)
    due = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(due, EffectDue)
    await database.run(blocked, due, now=NOW, reason="not_in_channel")
    notice = await database.run(claim_lane, now=NOW + 2, owner="me")
    assert isinstance(notice, EffectDue)
    assert notice.kind is Effect.NOTICE

    assert await database.run(unblock, "shot_1", now=NOW + 3)
    again = await database.run(claim_lane, now=NOW + 60, owner="me")
    assert isinstance(again, EffectDue)

    await database.run(blocked, again, now=NOW + 60, reason="not_in_channel")
    assert await database.run(expire_blocked, now=NOW + 86_400 + 61) >= 1
    execution = await database.run(execution_of, "request_1")
    assert execution is not None
    assert (execution.state, execution.billed_micro_usd) == (State.FAILED, 0)
