"""What can go wrong around the file: somebody's lock, a full or broken disk, damage, strangers.

The numbers F1–F10 are the rows of the fault table that ARCHITECTURE.md describes.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import storage.sqlite_file
from domain.errors import StorageUnavailable
from domain.ports import Transaction
from storage.batch import run_batch
from storage.database import SqliteDatabase
from storage.errors import DatabaseHeld, DatabaseRefused
from storage.migrate import APPLICATION_ID
from storage.readonly import look
from storage.schema import read_schema
from storage.sqlite_file import SqliteFile

SCHEMA = "CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE);"


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_notes.sql").write_text(SCHEMA)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "d.sqlite3"


@pytest.fixture
async def database(path: Path, migrations: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(path, migrations=migrations) as db:
        yield db


def add(db: Transaction, words: str) -> str:
    db.execute("INSERT INTO note (words) VALUES (:words)", {"words": words})
    return words


def add_twice(db: Transaction, words: str) -> str:
    return add(db, words) + add(db, words)


def all_words(db: Transaction) -> list[str]:
    return [row["words"] for row in db.execute("SELECT words FROM note ORDER BY id").all()]


def on_thread(database: SqliteDatabase, sql: str) -> Any:
    """A statement outside any verb."""
    return database._thread.call(lambda connection: connection.execute(sql).fetchall())


def make_file(path: Path, migrations: Path, rows: int = 300) -> None:
    file = SqliteFile(path, migrations)
    connection = file.open()
    connection.execute("BEGIN")
    for n in range(rows):
        connection.execute("INSERT INTO note (words) VALUES (?)", (f"note {n} " * 20,))
    connection.execute("COMMIT")
    connection.close()
    file.release()


class FailingConnection(sqlite3.Connection):
    """A connection whose disk is broken for `failing` statements, after `left` good ones."""

    left = 0
    failing = 0

    def execute(self, *args: Any) -> sqlite3.Cursor:
        if self.left == 0 and self.failing > 0:
            self.failing -= 1
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
            raise error
        self.left = max(self.left - 1, 0)
        return super().execute(*args)


# F2, F3, F5: the disk ----------------------------------------------------------------------


async def test_f2_a_verb_that_does_not_fit_fails_alone_and_later_there_is_room(
    database: SqliteDatabase,
) -> None:
    await on_thread(database, "PRAGMA max_page_count = 12")
    answers = await asyncio.gather(
        database.run(add, "small 1"),
        database.run(add, "large " * 20_000),
        database.run(add, "small 2"),
        return_exceptions=True,
    )

    assert answers[0] == "small 1"
    assert isinstance(answers[1], StorageUnavailable)
    assert answers[1].sentence.startswith("The disk of the database is full. Nothing was started")
    assert answers[2] == "small 2"
    assert await database.run(all_words) == ["small 1", "small 2"]

    await on_thread(database, "PRAGMA max_page_count = 100000")
    await database.run(add, "large " * 20_000)


async def test_f2_a_full_disk_refuses_everybody_and_keeps_what_was_promised(
    database: SqliteDatabase,
) -> None:
    await on_thread(database, "PRAGMA max_page_count = 20")
    answers = await asyncio.gather(
        *(database.run(add, f"{n} {'x' * 1000}") for n in range(200)), return_exceptions=True
    )

    kept = [answer for answer in answers if isinstance(answer, str)]
    assert 0 < len(kept) < 200
    assert all(isinstance(answer, (str, StorageUnavailable)) for answer in answers)
    assert await database.run(all_words) == kept


async def test_f3_a_database_that_becomes_read_only_refuses_and_recovers(
    database: SqliteDatabase,
) -> None:
    await on_thread(database, "PRAGMA query_only = ON")
    answers = await asyncio.gather(
        *(database.run(add, str(n)) for n in range(3)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [StorageUnavailable] * 3
    assert len({id(answer) for answer in answers}) == 3

    await on_thread(database, "PRAGMA query_only = OFF")
    assert await database.run(add, "again") == "again"


@pytest.mark.parametrize("in_a_row", [1, 2, 3])
def test_f5_a_broken_disk_at_each_statement_never_loses_what_was_promised(
    path: Path, migrations: Path, in_a_row: int
) -> None:
    """The nth statement fails, for every n, until a run finishes untouched; a second failure
    meets the rollback of the first."""
    make_file(path, migrations, rows=0)
    connection = sqlite3.connect(path, isolation_level=None, factory=FailingConnection)
    promised: list[str] = []
    left_open = 0
    for nth in range(100):
        calls = [partial(add, words=f"{nth} {call}") for call in range(3)]
        calls.insert(1, partial(add_twice, words="x"))
        connection.left, connection.failing = nth, in_a_row
        outcomes = run_batch(connection, calls)
        untouched, connection.failing = connection.failing == in_a_row, 0
        promised += [outcome.answer for outcome in outcomes if outcome.failure is None]
        left_open += connection.in_transaction
        assert run_batch(connection, [all_words])[0].answer == promised
        if untouched:
            break
    connection.close()

    assert 15 < nth < 100
    assert len(promised) >= 3
    assert (left_open > 0) == (in_a_row > 1)  # or else no rollback has met the broken disk


class UnsureConnection(sqlite3.Connection):
    """One COMMIT writes everything to the log, and its last synchronisation fails."""

    left_in_files: bytes | None = None

    def execute(self, *args: Any) -> sqlite3.Cursor:
        if args[0] == "COMMIT" and self.left_in_files is None:
            self.left_in_files = self.serialize()
            super().execute("ROLLBACK")
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        return super().execute(*args)


def test_f5_what_a_failed_commit_has_written_is_written_over_before_anybody_is_told(
    path: Path, migrations: Path
) -> None:
    make_file(path, migrations, rows=0)
    connection = sqlite3.connect(path, isolation_level=None, factory=UnsureConnection)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log = path.with_name(path.name + "-wal")

    outcome = run_batch(connection, [partial(add, words="lost")])[0]

    assert isinstance(outcome.failure, StorageUnavailable)
    assert connection.left_in_files is not None
    assert log.stat().st_size > 0  # the next commit was made: it begins where the failed one did
    assert run_batch(connection, [all_words])[0].answer == []
    connection.close()


# F1, F8: other programs in the same process ------------------------------------------------


async def test_f1_the_lock_of_another_program_is_waited_for_without_blocking_the_loop(
    database: SqliteDatabase, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    caller = asyncio.create_task(database.run(add, "fox"))
    gaps = []
    until = time.perf_counter() + 0.4
    while time.perf_counter() < until:
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        gaps.append(time.perf_counter() - began)
    assert not caller.done()
    other.execute("COMMIT")
    other.close()

    assert await asyncio.wait_for(caller, 1) == "fox"
    assert sorted(gaps)[len(gaps) * 9 // 10] < 0.05


async def test_f1_a_lock_that_stays_is_told_in_time_to_all_who_wait(
    path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.sqlite_file, "BUSY_TIMEOUT_S", 1.0)
    async with await SqliteDatabase.open(path, migrations=migrations) as database:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        early = [asyncio.create_task(database.run(add, f"early {n}")) for n in range(5)]
        await asyncio.sleep(0.3)
        late = [asyncio.create_task(database.run(add, f"late {n}")) for n in range(5)]
        answers = await asyncio.gather(*early, *late, return_exceptions=True)
        waited = time.monotonic() - began

        assert {type(answer) for answer in answers} == {StorageUnavailable}
        assert "locked by another program" in str(answers[9])
        assert 0.9 < waited < 1.7
        other.execute("ROLLBACK")
        other.close()
        assert await database.run(add, "after") == "after"
        assert await database.run(all_words) == ["after"]


async def test_f8_the_log_grows_under_a_long_reader_and_is_cut_back_afterwards(
    database: SqliteDatabase, path: Path
) -> None:
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM note").fetchone()
    for n in range(20):
        await database.run(add, f"{n} {'x' * 500_000}")
    grown = database.wal_bytes()
    began = time.monotonic()
    await database.checkpoint()  # cannot get past the reader, and must not wait for it either
    assert time.monotonic() - began < 1
    assert database.wal_bytes() >= grown > 8_000_000

    reader.execute("COMMIT")
    reader.close()
    await database.run(add, "one")
    await database.run(add, "two")
    assert database.wal_bytes() <= storage.sqlite_file.WAL_KEPT_BYTES
    await database.checkpoint()
    assert database.wal_bytes() == 0
    assert await database.run(add, "three") == "three"


async def test_f8_without_readers_the_log_stays_small(database: SqliteDatabase) -> None:
    largest = 0
    for n in range(60):
        await database.run(add, f"{n} {'x' * 300_000}")
        largest = max(largest, database.wal_bytes())
    assert largest < 8 * 1024 * 1024


# F4, F7, F10: files that must not be touched -------------------------------------------------


async def assert_refused(path: Path, migrations: Path, match: str) -> None:
    before = path.read_bytes()
    with pytest.raises(DatabaseRefused, match=match):
        await SqliteDatabase.open(path, migrations=migrations)
    assert path.read_bytes() == before
    # The lock was given back: the refusal is told again, not "held".
    with pytest.raises(DatabaseRefused, match=match):
        await SqliteDatabase.open(path, migrations=migrations)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"no database " * 400, b"x", b"SQLite format 3\0" + b"\0" * 500]
)
async def test_f4_what_is_no_database_is_refused_as_it_is(
    path: Path, migrations: Path, content: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    await assert_refused(path, migrations, "damaged or not a database")


async def test_f4_a_file_that_was_cut_short_is_refused(path: Path, migrations: Path) -> None:
    make_file(path, migrations)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    await assert_refused(path, migrations, "restore it from a backup")


def test_f4_damage_anywhere_in_the_structure_is_refused_untouched_or_harmless(
    path: Path, migrations: Path
) -> None:
    """Bytes of the header and of page headers are flipped; rows are what tells harmless."""
    make_file(path, migrations)
    whole = path.read_bytes()
    rows = _rows(path)
    chance = random.Random(20260701)
    places = [*range(100), *(page + n for page in range(4096, len(whole), 4096) for n in range(12))]
    refused = 0
    for trial in range(300):
        damaged = bytearray(whole)
        damaged[chance.choice(places)] ^= chance.randrange(1, 256)
        copy = path.with_name(f"{trial}.sqlite3")
        copy.write_bytes(damaged)
        file = SqliteFile(copy, migrations)
        try:
            file.open().close()
        except DatabaseRefused:
            refused += 1
            assert copy.read_bytes() == damaged
        else:
            file.release()
            assert _rows(copy) == rows
    assert refused > 150


def test_f4_a_byte_of_the_schemas_text_is_refused_as_damage_or_harmless(tmp_path: Path) -> None:
    """Of our own schema, byte by byte: it opens only where SQLite understands it all the same."""
    path = tmp_path / "whole.sqlite3"
    file = SqliteFile(path)
    whole_schema = _schema(file.open())
    file.release()
    whole = path.read_bytes()
    texts = re.finditer(rb"CREATE (TABLE|INDEX)[\x20-\x7e\n]+", whole)
    places = [place for text in texts for place in range(*text.span())]
    chance = random.Random(20261121)
    refused: list[str] = []
    for trial in range(400):
        damaged = bytearray(whole)
        damaged[chance.choice(places)] ^= chance.randrange(1, 256)
        copy = tmp_path / f"{trial}.sqlite3"
        copy.write_bytes(damaged)
        file = SqliteFile(copy)
        try:
            connection = file.open()
        except DatabaseRefused as error:
            refused.append(error.sentence)
            assert copy.read_bytes() == damaged
        else:
            assert _schema(connection) == whole_schema
            file.release()
    assert 300 < len(refused) < 400
    assert all("is damaged or not a database" in sentence for sentence in refused)
    assert all("restore it from a backup" in sentence for sentence in refused)


def _schema(connection: sqlite3.Connection) -> frozenset[Any]:
    seen = read_schema(connection)
    connection.close()
    return seen


async def test_f4_a_column_that_lost_its_name_is_told_before_any_verb_needs_it(
    path: Path, migrations: Path
) -> None:
    make_file(path, migrations)
    path.write_bytes(path.read_bytes().replace(b"words TEXT", b"wOrds TEXT"))
    await assert_refused(path, migrations, "the column words of its table note is not as it was")


async def test_f4_a_header_that_lost_its_version_is_damage_and_not_a_migration(
    path: Path, migrations: Path
) -> None:
    make_file(path, migrations)
    _edit(path, "PRAGMA user_version = 0")
    await assert_refused(path, migrations, "its header has lost the version of its tables")


async def test_f4_an_index_that_an_operator_added_is_no_damage(
    path: Path, migrations: Path
) -> None:
    make_file(path, migrations)
    _edit(path, "CREATE INDEX of_theirs ON note (words, id)")
    async with await SqliteDatabase.open(path, migrations=migrations) as database:
        assert await database.run(add, "fox") == "fox"


def test_f4_who_only_looks_is_told_of_damage_too(path: Path, migrations: Path) -> None:
    make_file(path, migrations)
    assert len(look(path, all_words)) == 300
    path.write_bytes(path.read_bytes().replace(b"words TEXT", b"w\xffrds TEXT"))
    with pytest.raises(DatabaseRefused, match="it is damaged, no database of ours"):
        look(path, all_words)


def _rows(path: Path) -> list[Any]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT * FROM note ORDER BY id").fetchall()
    connection.close()
    return rows


async def test_f7_a_newer_schema_is_refused_with_both_numbers(path: Path, migrations: Path) -> None:
    make_file(path, migrations)
    _edit(path, "PRAGMA user_version = 41")
    await assert_refused(path, migrations, r"version 41, this program knows 1\b")


async def test_f7_somebody_elses_file_is_refused_with_both_numbers(
    path: Path, migrations: Path
) -> None:
    make_file(path, migrations)
    _edit(path, "PRAGMA application_id = 77")
    await assert_refused(path, migrations, rf"application id 77, ours is {APPLICATION_ID}")


async def test_f7_a_file_with_strange_tables_is_not_ours(path: Path, migrations: Path) -> None:
    path.parent.mkdir()
    _edit(path, "CREATE TABLE photos (id INTEGER)")
    await assert_refused(path, migrations, "belongs to another program")


async def test_f7_not_even_the_log_of_a_refused_file_is_folded_in(
    path: Path, migrations: Path
) -> None:
    path.parent.mkdir()
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode = WAL')\n"
        "c.execute('PRAGMA application_id = 77')\n"
        "c.execute('CREATE TABLE photos (id INTEGER)')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    log = path.with_name(path.name + "-wal")
    before = log.read_bytes()
    assert before
    await assert_refused(path, migrations, "application id 77")
    assert log.read_bytes() == before


def _edit(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


async def test_f10_a_second_database_on_the_same_file_is_told_who_holds_it(
    database: SqliteDatabase, path: Path, migrations: Path
) -> None:
    with pytest.raises(DatabaseHeld, match=f"Process {os.getpid()} is already running") as raised:
        await SqliteDatabase.open(path, migrations=migrations)
    assert raised.value.pid == os.getpid()
    assert await database.run(add, "fox") == "fox"


@pytest.mark.parametrize("suffix", ["", "-wal"])
async def test_f10_a_file_that_was_exchanged_gets_no_more_promises(
    database: SqliteDatabase, path: Path, suffix: str
) -> None:
    await database.run(add, "fox")
    target = path.with_name(path.name + suffix)
    target.rename(target.with_name("moved away"))
    with pytest.raises(StorageUnavailable, match="exchanged"):
        await database.run(add, "hare")

    target.write_bytes(b"")  # another file of the same name is not ours either
    with pytest.raises(StorageUnavailable, match="exchanged"):
        await database.run(add, "hare")

    target.with_name("moved away").rename(target)
    assert await database.run(all_words) == ["fox"]


async def test_files_and_folder_are_for_the_bots_user_only(
    database: SqliteDatabase, path: Path
) -> None:
    await database.run(add, "fox")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    seen = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    names = ("d.sqlite3", "d.sqlite3-wal", "d.sqlite3-shm", "d.sqlite3.lock")
    assert seen == dict.fromkeys(names, 0o600)
