"""What has not begun in time is withdrawn for good; what has begun is waited for."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import RequestError, StorageUnavailable
from domain.ports import Transaction
from storage.database import SqliteDatabase
from storage.in_time import InTime
from storage.preferences import is_paused, set_paused

LIMIT_S = 0.3
TEAM = "T1"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


@pytest.fixture
def lock(tmp_path: Path, database: SqliteDatabase) -> sqlite3.Connection:
    """Another program's write lock, until it is rolled back."""
    connection = sqlite3.connect(tmp_path / "dailies.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def pause(db: Transaction) -> str:
    set_paused(db, TEAM, paused=True)
    return "paused"


async def test_an_answer_in_time_is_the_databases_own(database: SqliteDatabase) -> None:
    assert await InTime(database, limit_s=LIMIT_S).run(pause) == "paused"
    assert await database.run(is_paused, TEAM)


async def test_what_a_verb_raises_comes_through(database: SqliteDatabase) -> None:
    def refuse(db: Transaction) -> None:
        raise RequestError("no")

    with pytest.raises(RequestError):
        await InTime(database, limit_s=LIMIT_S).run(refuse)


async def test_too_late_is_never(database: SqliteDatabase, lock: sqlite3.Connection) -> None:
    began = time.monotonic()
    with pytest.raises(StorageUnavailable):
        await InTime(database, limit_s=LIMIT_S).run(pause)
    assert time.monotonic() - began < LIMIT_S + 0.5
    lock.execute("ROLLBACK")
    lock.close()
    assert not await database.run(is_paused, TEAM), "it was committed after all"


async def test_a_lock_that_goes_in_time_is_waited_for(
    database: SqliteDatabase, lock: sqlite3.Connection
) -> None:
    asyncio.get_running_loop().call_later(LIMIT_S / 2, lock.execute, "ROLLBACK")
    assert await InTime(database, limit_s=5.0).run(pause) == "paused"
    lock.close()


async def test_what_has_begun_is_waited_for(database: SqliteDatabase) -> None:
    def slow(db: Transaction) -> str:
        time.sleep(LIMIT_S * 2)
        return pause(db)

    assert await InTime(database, limit_s=LIMIT_S).run(slow) == "paused"
