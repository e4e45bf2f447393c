"""A paid result that a limit of ours forbids to fetch: told, kept alive, had once it is lifted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.events import Fetched, Unfetched
from domain.execution import Execution, Moment, State, advance
from domain.gateway import Accepted, Finished
from domain.ports import Transaction
from handlers.views import notices
from storage.answers import record_answer, record_transfer
from storage.budgets import read_budget
from storage.database import SqliteDatabase
from storage.executions import find_execution
from storage.recording import record
from storage.shots import read_page
from tests.integration.accepted import LATER, MONTH, ready, send

UNLISTED = Unfetched("cdn.example is not a host that files may come from", False, is_limit=True)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def now_of(database: SqliteDatabase, n: int) -> Execution:
    found = await database.run(find_execution, f"execution_{n}")
    assert found is not None
    return found


async def finished(database: SqliteDatabase, n: int, *, at: float) -> Execution:
    """A check says that it is made; it is to be fetched."""
    before = await now_of(database, n)
    made = advance(before, Finished("https://cdn.example/x.mp4"), Moment(now=at))
    assert await database.run(record, before, made, Moment(now=at))
    return await now_of(database, n)


async def kept_out(database: SqliteDatabase, n: int, *, at: float) -> Execution:
    fetching = await finished(database, n, at=at)
    assert await database.run(record_transfer, fetching, UNLISTED, Moment(now=at))
    return await now_of(database, n)


def told(db: Transaction) -> list[dict[str, Any]]:
    rows = db.execute("SELECT payload FROM outbox WHERE kind = 'notice'").all()
    return [json.loads(row["payload"]) for row in rows]


async def test_the_operators_are_told_once_a_day_and_the_result_is_had_in_the_end(
    database: SqliteDatabase,
) -> None:
    for n in (1, 2):
        sent = await send(database, await ready(database, n))
        assert sent is not None
        await database.run(record_answer, sent, Accepted(f"remote_{n}"), Moment(now=LATER))

    late = await kept_out(database, 1, at=LATER + 60)
    await kept_out(database, 2, at=LATER + 61)
    await kept_out(database, 1, at=LATER + 400)

    assert late.state is State.LATE
    (notice,) = await database.run(told)
    assert notice == {"notice": "limited", "reason": UNLISTED.reason}
    assert (await database.run(read_budget, "T1", MONTH)).reserved_micro_usd > 0
    page = await database.run(read_page, "shot_1")
    words = notices.limited(page, page.latest, str(notice["reason"])).text
    assert "DAILIES_MEDIA_HOSTS" in words
    assert "cdn.example" in words

    fetching = await finished(database, 1, at=LATER + 800)
    done = Fetched(billed_micro_usd=1_000_000)
    assert await database.run(record_transfer, fetching, done, Moment(now=LATER + 801))
    assert (await now_of(database, 1)).state is State.SUCCEEDED
