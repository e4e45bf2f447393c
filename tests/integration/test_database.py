"""One transaction a verb, one commit a batch, and nobody pays for somebody else's failure."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import storage.database
from domain.errors import StorageUnavailable
from domain.ports import Database, Transaction
from storage.batch import run_batch
from storage.database import SqliteDatabase
from storage.sqlite_file import SqliteFile, sqlite_path

SCHEMA = """
CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE);
CREATE TABLE part (note_id INTEGER NOT NULL REFERENCES note (id));
CREATE TABLE later (note_id INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED);
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_notes.sql").write_text(SCHEMA)
    return folder


@pytest.fixture
async def database(tmp_path: Path, migrations: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "data/d.sqlite3", migrations=migrations) as db:
        yield db


def add(db: Transaction, words: str) -> int:
    row = db.execute("INSERT INTO note (words) VALUES (:words) RETURNING id", {"words": words})
    found = row.one()
    assert found is not None
    return int(found["id"])


def all_words(db: Transaction) -> list[str]:
    return [row["words"] for row in db.execute("SELECT words FROM note ORDER BY id").all()]


async def test_a_verb_answers_what_it_returned_and_its_rows_are_durable(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    port: Database = database

    assert await port.run(add, "fox") == 1
    assert await port.run(add, words="hare") == 2

    # A second connection, as after a crash: what was answered is in the file.
    other = sqlite3.connect(tmp_path / "data/d.sqlite3")
    assert other.execute("SELECT words FROM note ORDER BY id").fetchall() == [("fox",), ("hare",)]
    other.close()


async def test_rows_are_mappings_and_changed_counts_every_kind_of_statement(
    database: SqliteDatabase,
) -> None:
    def verb(db: Transaction) -> None:
        inserted = db.execute("INSERT INTO note (words) VALUES ('a'), ('b'), ('c')")
        assert (inserted.changed, inserted.one(), list(inserted.all())) == (3, None, [])
        updated = db.execute(
            "UPDATE note SET words = words || :end WHERE id > :id RETURNING id, words AS said",
            {"end": "!", "id": 1},
        )
        assert updated.changed == 2
        assert [dict(row) for row in updated.all()] == [
            {"id": 2, "said": "b!"},
            {"id": 3, "said": "c!"},
        ]
        updated_through_with = db.execute(
            "WITH one AS (SELECT 1 AS id) UPDATE note SET words = 'z' "
            "WHERE id IN (SELECT id FROM one)"
        )
        assert updated_through_with.changed == 1
        selected = db.execute("SELECT * FROM note WHERE id = :id", {"id": 3})
        assert (selected.changed, selected.one()) == (0, {"id": 3, "words": "c!"})
        nothing = db.execute("DELETE FROM note WHERE id = :id RETURNING id", {"id": 99})
        assert (nothing.changed, nothing.one()) == (0, None)
        ignored = db.execute("INSERT INTO note (words) VALUES ('z') ON CONFLICT DO NOTHING")
        assert ignored.changed == 0

    await database.run(verb)


async def test_the_pragmas_that_durability_and_safety_rest_on(database: SqliteDatabase) -> None:
    def pragmas(db: Transaction) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout")
        return {
            name: next(iter((db.execute(f"PRAGMA {name}").one() or {}).values())) for name in names
        }

    assert await database.run(pragmas) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }


async def test_a_verb_that_raises_writes_nothing_and_fails_its_own_caller_only(
    database: SqliteDatabase,
) -> None:
    def broken(db: Transaction) -> None:
        add(db, "half")
        raise KeyError("half")

    answers = await asyncio.gather(
        database.run(add, "before"),
        database.run(broken),
        database.run(add, "before"),
        database.run(lambda db: db.execute("SELECT nonsense FROM note")),
        database.run(lambda db: next(iter([]))),
        database.run(add, "after"),
        return_exceptions=True,
    )

    assert answers[0] == 1
    assert isinstance(answers[1], KeyError)
    assert isinstance(answers[2], sqlite3.IntegrityError)
    assert isinstance(answers[3], sqlite3.OperationalError)
    assert isinstance(answers[4], RuntimeError)
    assert isinstance(answers[5], int)
    assert await database.run(all_words) == ["before", "after"]


async def test_a_foreign_key_is_held_now_and_at_the_commit_each_against_its_own_caller(
    database: SqliteDatabase,
) -> None:
    answers = await asyncio.gather(
        database.run(add, "good"),
        database.run(lambda db: db.execute("INSERT INTO part VALUES (99)")),
        database.run(lambda db: db.execute("INSERT INTO later VALUES (99)")),
        database.run(add, "better"),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [
        int,
        sqlite3.IntegrityError,
        sqlite3.IntegrityError,
        int,
    ]
    assert await database.run(all_words) == ["good", "better"]


async def test_a_verb_that_ends_the_transaction_is_told_so_and_the_next_one_works(
    database: SqliteDatabase,
) -> None:
    with pytest.raises(RuntimeError, match="ended the transaction"):
        await database.run(lambda db: db.execute("COMMIT"))
    assert await database.run(add, "fox") == 1


async def test_verbs_that_wait_together_share_transactions(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def counting(connection: sqlite3.Connection, calls: Any) -> Any:
        sizes.append(len(calls))
        return run_batch(connection, calls)

    monkeypatch.setattr(storage.database, "run_batch", counting)
    monkeypatch.setattr(storage.database, "BATCH_MAX", 40)
    answers = await asyncio.gather(*(database.run(add, f"note {n}") for n in range(100)))

    assert answers == list(range(1, 101))
    assert sizes == [40, 40, 20]


async def test_too_many_waiting_verbs_are_refused_in_words(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.database, "WAITING_MAX", 3)
    answers = await asyncio.gather(
        *(database.run(add, f"note {n}") for n in range(5)), return_exceptions=True
    )

    assert answers[:3] == [1, 2, 3]
    assert all(isinstance(answer, StorageUnavailable) for answer in answers[3:])


async def test_a_cancelled_caller_leaves_a_whole_verb_no_transaction_and_no_lock(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    """Cancelled at every moment from before the hop to after the commit."""

    def slow_pair(db: Transaction, words: str) -> None:
        add(db, f"{words} one")
        time.sleep(0.002)
        add(db, f"{words} two")

    for n in range(30):
        caller = asyncio.create_task(database.run(slow_pair, str(n)))
        if n % 3:
            await asyncio.sleep(n * 0.0002)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)

    words = await database.run(all_words)
    assert [w for w in words if w.endswith("one")] == [
        w.replace("two", "one") for w in words if w.endswith("two")
    ]
    # Cancelling before the first step never reached `run`; all the others were committed whole.
    assert len(words) >= 40
    other = sqlite3.connect(tmp_path / "data/d.sqlite3", timeout=0, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()


async def test_cancelling_one_caller_does_not_touch_the_others_of_its_batch(
    database: SqliteDatabase,
) -> None:
    callers = [asyncio.create_task(database.run(add, f"note {n}")) for n in range(10)]
    await asyncio.sleep(0)
    callers[4].cancel()
    answers = await asyncio.gather(*callers, return_exceptions=True)

    assert isinstance(answers[4], asyncio.CancelledError)
    assert answers[:4] + answers[5:] == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert len(await database.run(all_words)) == 10


async def test_the_event_loop_runs_while_a_verb_takes_its_time(database: SqliteDatabase) -> None:
    def slow(db: Transaction) -> None:
        time.sleep(0.3)

    caller = asyncio.create_task(database.run(slow))
    gaps = []
    while not caller.done():
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        gaps.append(time.perf_counter() - began)

    assert len(gaps) > 20
    assert sorted(gaps)[len(gaps) * 9 // 10] < 0.05


async def test_close_commits_what_waits_and_refuses_what_comes_after(
    tmp_path: Path, migrations: Path
) -> None:
    path = tmp_path / "d.sqlite3"
    database = await SqliteDatabase.open(path, migrations=migrations)
    callers = [asyncio.create_task(database.run(add, f"note {n}")) for n in range(700)]
    await asyncio.sleep(0)
    await database.close()

    assert await asyncio.gather(*callers) == list(range(1, 701))
    with pytest.raises(StorageUnavailable):
        await database.run(add, "late")
    assert not path.with_name("d.sqlite3-wal").exists()
    async with await SqliteDatabase.open(path, migrations=migrations) as again:
        assert len(await again.run(all_words)) == 700


async def test_close_ends_within_its_bound_though_a_statement_does_not(
    tmp_path: Path, migrations: Path
) -> None:
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    database = await SqliteDatabase.open(tmp_path / "d.sqlite3", migrations=migrations)
    caller = asyncio.create_task(database.run(lambda db: db.execute(forever)))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await database.close(timeout_s=0.2)

    assert time.monotonic() - began < 2.5
    with pytest.raises(StorageUnavailable, match="shutting down"):
        await caller
    async with await SqliteDatabase.open(tmp_path / "d.sqlite3", migrations=migrations) as again:
        assert await again.run(add, "fox") == 1


async def test_the_same_batch_runs_inline_without_a_thread(
    tmp_path: Path, migrations: Path
) -> None:
    """What a simulation uses: the file's opening and `run_batch`, on the loop's own thread."""
    file = SqliteFile(tmp_path / "d.sqlite3", migrations)
    connection = file.open()
    good, bad = run_batch(connection, [lambda db: add(db, "fox"), lambda db: add(db, "fox")])
    connection.close()
    file.release()

    assert (good.answer, good.failure) == (1, None)
    assert isinstance(bad.failure, sqlite3.IntegrityError)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/dailies.sqlite3", "data/dailies.sqlite3"),
        ("sqlite:////srv/dailies.sqlite3", "/srv/dailies.sqlite3"),
    ],
)
def test_a_database_url_names_its_file(url: str, path: str) -> None:
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "postgresql://x"])
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///FILE"):
        sqlite_path(url)
