"""A turn that could not be written down is due again soon, and only where it is still ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.effect import Told
from domain.execution import Moment, advance
from domain.gateway import Accepted, Rendering
from domain.offer import GatewayName
from domain.schedule import NO_HISTORY
from domain.states import Execution
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.executions import Errand, claim_due
from storage.give_back import give_back_edit, give_back_effect, give_back_execution
from storage.lanes import EditDue, EffectDue, claim_lane
from storage.messages import touch_take
from storage.recording import record
from tests.factories import NOW
from tests.integration.accepted import LATER, accept, answered, ready, send

SOON = LATER + 2


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def claimed(database: SqliteDatabase, *, now: float) -> Execution | None:
    due = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=now, owner="me", limit=5
    )
    return due[0] if due else None


async def rendering(database: SqliteDatabase) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))


async def test_a_check_that_was_not_written_is_made_again_soon(database: SqliteDatabase) -> None:
    await rendering(database)
    turn = await claimed(database, now=LATER + 60)
    assert turn is not None
    assert await claimed(database, now=LATER + 62) is None
    assert await database.run(give_back_execution, turn, owner="me", until=LATER + 62)
    assert await claimed(database, now=LATER + 62) is not None


async def test_what_was_written_after_all_or_claimed_again_is_not_given_back(
    database: SqliteDatabase,
) -> None:
    await rendering(database)
    turn = await claimed(database, now=LATER + 60)
    assert turn is not None
    again = await claimed(database, now=LATER + 600)
    assert again is not None
    assert not await database.run(give_back_execution, turn, owner="me", until=SOON)
    at = Moment(now=LATER + 601, durations=NO_HISTORY)
    after = _checked(again, at)
    assert await database.run(record, again, after, at)
    assert not await database.run(give_back_execution, again, owner="me", until=SOON)


def _checked(before: Execution, at: Moment) -> Execution:
    return advance(before, Rendering(), at)


async def test_a_post_that_was_not_written_is_looked_for_soon(database: SqliteDatabase) -> None:
    await accept(database)
    due = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(due, EffectDue)
    assert await database.run(give_back_effect, due, now=NOW + 1, until=NOW + 2)
    again = await database.run(claim_lane, now=NOW + 2, owner="me")
    assert isinstance(again, EffectDue)
    assert (again.mark, again.doubtful) == (due.mark, True)
    assert not await database.run(give_back_effect, due, now=NOW + 3, until=NOW + 4)
    await answered(database, again, Told(f"{NOW}.1"), now=NOW + 3)
    assert not await database.run(give_back_effect, again, now=NOW + 4, until=NOW + 5)


async def test_an_edit_that_was_not_written_is_made_again_soon(database: SqliteDatabase) -> None:
    await ready(database)
    await database.run(touch_take, "shot_1", "request_1", LATER)
    due = await database.run(claim_lane, now=LATER, owner="me")
    assert isinstance(due, EditDue)
    assert await database.run(claim_lane, now=SOON, owner="me") is None
    given = await database.run(give_back_edit, due, owner="me", now=LATER + 1, until=SOON)
    assert given
    assert not await database.run(give_back_edit, due, owner="me", now=LATER + 1, until=SOON)
    assert isinstance(await database.run(claim_lane, now=SOON, owner="me"), EditDue)
