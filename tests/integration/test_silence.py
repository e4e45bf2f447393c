"""A workspace in which Slack refuses our token: nothing is claimed for it, nothing new is paid, and
what was to be said goes on when it ends, but for what waited too long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.effect import POST_KEPT_S, WORDS_KEPT_S, Effect
from domain.errors import FailureClass
from domain.events import Hold
from domain.execution import State
from domain.holding import HOLD_LIMIT_S
from storage.database import SqliteDatabase
from storage.executions import execution_of, find_execution
from storage.lanes import claim_lane, next_lane_at
from storage.messages import add_effect
from storage.silence import (
    SILENCE_RECHECK_S,
    Silence,
    fall_silent,
    is_silent,
    silences,
    speak_again,
    waits_for_slack,
)
from storage.turns import claim_files, claim_lanes
from tests.factories import NOW
from tests.integration.accepted import LATER, accept, post_all, ready, send


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def fell(database: SqliteDatabase, team_id: str = "T1", now: float = NOW) -> bool:
    return await database.run(fall_silent, team_id, reason="token_revoked", now=now)


async def test_a_silence_is_written_down_once_with_its_first_reason(
    database: SqliteDatabase,
) -> None:
    assert await fell(database)
    assert not await database.run(fall_silent, "T1", reason="app_uninstalled", now=NOW + 9)
    assert await database.run(silences) == [
        Silence(team_id="T1", reason="token_revoked", since=NOW)
    ]
    assert await database.run(is_silent, "T1")
    assert not await database.run(is_silent, "T2")


async def test_nothing_is_claimed_there_and_nothing_is_lost(database: SqliteDatabase) -> None:
    await accept(database)
    await fell(database)
    far = NOW + 3_600
    claimed = await database.run(claim_lanes, room=5, now=far, owner="me", slack_now=None)
    assert (claimed.turns, claimed.next_at) == ((), None)  # no busy loop either
    await database.run(speak_again, "T1", now=far)
    assert await post_all(database, now=far) == [Effect.POST_CARD, Effect.POST_TAKE]


async def test_files_wait_too(database: SqliteDatabase) -> None:
    execution = await ready(database)
    await database.run(
        add_effect,
        Effect.FILE,
        subject=("video_1", 1),
        place=("T1", "C1"),
        shot_id=execution.shot_id,
        request_id=execution.request_id,
        at=LATER,
    )
    await fell(database)
    assert (await database.run(claim_files, room=5, previews=1, now=LATER, owner="me")).turns == ()
    await database.run(speak_again, "T1", now=LATER)
    assert (
        len((await database.run(claim_files, room=5, previews=1, now=LATER, owner="me")).turns) == 1
    )


async def test_other_workspaces_hear_everything(database: SqliteDatabase) -> None:
    await accept(database, team_id="T2", channel="C2")
    await fell(database, "T1")
    assert await database.run(next_lane_at) is not None
    assert await post_all(database, now=NOW) == [Effect.POST_CARD, Effect.POST_TAKE]


async def test_no_submit_is_begun_and_it_goes_when_it_ends(database: SqliteDatabase) -> None:
    execution = await ready(database)
    await fell(database)
    assert await send(database, execution) is None
    held = await database.run(find_execution, execution.id)
    assert held is not None
    assert (held.state, held.hold, held.due_at) == (
        State.QUEUED,
        Hold.SLACK,
        LATER + SILENCE_RECHECK_S,
    )
    await database.run(speak_again, "T1", now=LATER + 5)
    due = await database.run(find_execution, execution.id)
    assert due is not None
    assert due.due_at == LATER + 5
    assert await send(database, due) is not None


async def test_what_waited_for_a_day_is_not_begun(database: SqliteDatabase) -> None:
    execution = await ready(database)
    await fell(database)
    await send(database, execution)
    held = await database.run(find_execution, execution.id)
    assert held is not None
    await send(database, held, at=LATER + HOLD_LIMIT_S)
    ended = await database.run(find_execution, execution.id)
    assert ended is not None
    assert ended.state is State.FAILED
    assert ended.failure is not None
    assert ended.failure.kind is FailureClass.NO_PLACE


async def test_pictures_wait_without_counting_it_as_a_try(database: SqliteDatabase) -> None:
    execution = await ready(database)
    assert not await database.run(waits_for_slack, execution, now=LATER)
    await fell(database)
    assert await database.run(waits_for_slack, execution, now=LATER)
    waits = await database.run(find_execution, execution.id)
    assert waits is not None
    assert (waits.due_at, waits.tries) == (LATER + SILENCE_RECHECK_S, execution.tries)


async def test_a_post_that_is_a_day_old_is_not_made_any_more(database: SqliteDatabase) -> None:
    """Its shot ends unpaid, and its person hears of it, once."""
    await accept(database)
    await fell(database)
    back = NOW + POST_KEPT_S + 1
    await database.run(speak_again, "T1", now=back)
    execution = await database.run(execution_of, "request_1")
    assert execution is not None
    assert execution.state is State.FAILED
    assert await post_all(database, now=back) == [Effect.NOTICE]


async def test_words_are_kept_longer_than_posts(database: SqliteDatabase) -> None:
    await ready(database)
    words = {"place": ("T1", "C1"), "shot_id": "shot_1", "request_id": "request_1"}
    await database.run(add_effect, Effect.PING, subject=("old", 1), at=NOW, **words)
    old = NOW + WORDS_KEPT_S
    await database.run(add_effect, Effect.PING, subject=("new", 1), at=NOW + POST_KEPT_S, **words)
    await fell(database)
    await database.run(speak_again, "T1", now=old)
    due = await database.run(claim_lane, now=old, owner="me")
    assert due is not None
    told = await post_all(database, now=old + 120)
    assert told.count(Effect.PING) == 1
