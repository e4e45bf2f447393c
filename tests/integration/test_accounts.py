"""A refused account on a real database: kept with the failure, ended by a proof, by time, or by a
start with perhaps another key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from domain.errors import Failure, FailureClass
from domain.events import Abandoned
from domain.execution import Moment, advance
from domain.gateway import Rejected
from domain.offer import GatewayName
from domain.record import ACCOUNT_RESTS_S
from domain.standing import Reach
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.recording import record
from storage.records import forget_refused_keys
from storage.standings import standing
from tests.factories import clip
from tests.integration.accepted import LATER, ready, send

REACH = Reach(frozenset(GatewayName))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def refuse(database: SqliteDatabase, kind: FailureClass) -> None:
    """A take that its gateway answers with a refusal of our account."""
    sent = await send(database, await ready(database, 1, work=clip(model="seedance_2_0")))
    assert sent is not None
    answer = Rejected(Failure(kind=kind, detail="said so"))
    assert await database.run(record_answer, sent, answer, Moment(now=LATER))


async def refusing(
    database: SqliteDatabase, *, after_s: float = 1.0
) -> Mapping[GatewayName, FailureClass]:
    known = await database.run(standing, REACH, "T1", LATER + after_s)
    return known.refusing


@pytest.mark.parametrize("kind", [FailureClass.CREDITS, FailureClass.CONFIG])
async def test_a_refusal_is_known_at_once_and_passes(
    database: SqliteDatabase, kind: FailureClass
) -> None:
    assert await refusing(database) == {}
    await refuse(database, kind)

    assert await refusing(database) == {GatewayName.FAL: kind}
    assert await refusing(database, after_s=ACCOUNT_RESTS_S) == {}


async def test_a_start_tries_a_refused_key_anew_and_no_empty_account(
    database: SqliteDatabase,
) -> None:
    await refuse(database, FailureClass.CREDITS)
    await database.run(forget_refused_keys)
    assert await refusing(database) == {GatewayName.FAL: FailureClass.CREDITS}


async def test_a_start_forgets_which_key_was_refused(database: SqliteDatabase) -> None:
    await refuse(database, FailureClass.CONFIG)
    await database.run(forget_refused_keys)
    assert await refusing(database) == {}


async def test_a_key_that_is_not_set_was_refused_by_nobody(database: SqliteDatabase) -> None:
    waiting = await ready(database, 1, work=clip(model="seedance_2_0"))
    unset = Moment(now=LATER, reach=Reach(frozenset({GatewayName.HEYGEN})))
    no_key = Abandoned(Failure(kind=FailureClass.CONFIG, detail="no key is set for fal"))

    assert await database.run(record, waiting, advance(waiting, no_key, unset), unset)
    assert await refusing(database) == {}
