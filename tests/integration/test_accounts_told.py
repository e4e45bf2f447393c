"""An account that is refused, on a real database: the operators are told once, and again only after
something was made there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Failure, FailureClass
from domain.execution import Execution, Moment, State
from domain.gateway import Rejected
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.standing import Reach
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.executions import find_execution
from storage.recording import record
from tests.factories import clip
from tests.integration.accepted import LATER, ready, send

NO_MONEY = Rejected(Failure(kind=FailureClass.CREDITS, detail="402"))
BAD_KEY = Rejected(Failure(kind=FailureClass.CONFIG, detail="401"))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def sent_all(database: SqliteDatabase, *models: str) -> list[Execution]:
    """Takes of these models, each on the wire."""
    waiting = [
        await ready(database, n, work=clip(model=model), requester=f"U{n}")
        for n, model in enumerate(models, start=1)
    ]
    sent = [await send(database, execution) for execution in waiting]
    return [execution for execution in sent if execution is not None]


async def answers(database: SqliteDatabase, sent: Execution, answer: Rejected) -> None:
    await database.run(record_answer, sent, answer, Moment(now=LATER))


async def test_each_cause_at_each_gateway_is_told_once(database: SqliteDatabase) -> None:
    models = ("veo_3_1_fast", "veo_3_1_fast", "veo_3_1_fast", "seedance_2_0", "veo_3_1_fast")
    broke, again, key, elsewhere, key_again = await sent_all(database, *models)
    await answers(database, broke, NO_MONEY)
    await answers(database, again, NO_MONEY)
    assert await database.run(told) == [("heygen", "credits")]

    await answers(database, key, BAD_KEY)
    await answers(database, elsewhere, NO_MONEY)
    await answers(database, key_again, BAD_KEY)
    assert await database.run(told) == [
        ("fal", "credits"),
        ("heygen", "config"),
        ("heygen", "credits"),
    ]


async def test_it_is_news_again_after_something_was_made_there(database: SqliteDatabase) -> None:
    first, works, second, third = await sent_all(database, *["veo_3_1_fast"] * 4)
    await answers(database, first, NO_MONEY)
    await database.run(made, works.id)
    await answers(database, second, NO_MONEY)
    await answers(database, third, NO_MONEY)

    assert await database.run(told) == [("heygen", "credits")] * 2


async def test_what_is_no_matter_of_the_account_is_told_nobody(database: SqliteDatabase) -> None:
    busy, refused = await sent_all(database, "veo_3_1_fast", "veo_3_1_fast")
    await answers(database, busy, Rejected(Failure(kind=FailureClass.RATE)))
    await answers(database, refused, Rejected(Failure(kind=FailureClass.REFUSED_CONTENT)))

    assert await database.run(told) == []


async def test_a_gateway_whose_key_was_taken_away_was_not_asked(database: SqliteDatabase) -> None:
    (sent,) = await sent_all(database, "veo_3_1_fast")
    at = Moment(now=LATER, reach=Reach(frozenset({GatewayName.FAL})))
    await database.run(record_answer, sent, BAD_KEY, at)

    assert await database.run(told) == []


def made(db: Transaction, execution_id: str) -> None:
    """That take became a video."""
    before = find_execution(db, execution_id)
    assert before is not None
    version = before.version + 1
    ended = replace(before, version=version, state=State.SUCCEEDED, ended_at=LATER + 9.0)
    assert record(db, before, ended, Moment(now=LATER + 9.0))


def told(db: Transaction) -> list[tuple[str, str]]:
    rows = db.execute("SELECT payload FROM outbox WHERE kind = 'notice'").all()
    payloads = [json.loads(row["payload"]) for row in rows]
    return sorted((each["gateway"], each["cause"]) for each in payloads)
