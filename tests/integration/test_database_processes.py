"""The database beside, against and after other processes: locks, kill -9, rights, full disks."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.ports import Transaction
from storage.database import SqliteDatabase
from storage.errors import DatabaseHeld
from storage.migrate import APPLICATION_ID
from storage.sqlite_file import inspect
from tests.integration.database_child import add_pair

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
CHILD = (sys.executable, "-m", "tests.integration.database_child")

SCHEMA = "CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE);"
SECOND = """
ALTER TABLE note ADD COLUMN said_at REAL NOT NULL DEFAULT 0;
CREATE INDEX note_said ON note (said_at);
UPDATE note SET words = words || '!', said_at = 7;
CREATE TABLE extra AS SELECT * FROM note;
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_notes.sql").write_text(SCHEMA)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "d.sqlite3"


@pytest.fixture
async def database(path: Path, migrations: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(path, migrations=migrations) as db:
        yield db


@contextlib.contextmanager
def child(*words: object) -> Iterator[subprocess.Popen[str]]:
    """A child process that is gone after the test, whatever happened."""
    command = [*CHILD, *map(str, words)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as running:
        try:
            yield running
        finally:
            running.kill()


def heard(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().rstrip("\n")


def go_on(running: subprocess.Popen[str]) -> None:
    assert running.stdin is not None
    running.stdin.write("\n")
    running.stdin.flush()


def notes(db: Transaction) -> list[str]:
    return [row["words"] for row in db.execute("SELECT words FROM note ORDER BY id").all()]


async def test_f1_a_lock_in_another_process_is_waited_for(
    database: SqliteDatabase, path: Path
) -> None:
    with child("hold", path) as other:
        assert heard(other) == "holding"
        caller = asyncio.create_task(database.run(add_pair, "fox"))
        await asyncio.sleep(0.3)
        assert not caller.done()
        go_on(other)
        await asyncio.wait_for(caller, 2)
    assert await database.run(notes) == ["fox one", "fox two"]


async def test_f1_a_file_that_another_program_has_locked_is_held_not_refused(
    database: SqliteDatabase, path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.close()
    monkeypatch.setattr("storage.sqlite_file.BUSY_TIMEOUT_S", 0.1)
    with child("hold", path) as other:
        assert heard(other) == "holding"
        with pytest.raises(DatabaseHeld, match="Another program holds a lock") as raised:
            await SqliteDatabase.open(path, migrations=migrations)
    assert raised.value.pid is None


async def test_f8_a_reader_in_another_process_lets_the_log_grow_until_it_leaves(
    database: SqliteDatabase, path: Path
) -> None:
    with child("read", path) as other:
        assert heard(other) == "reading"
        for n in range(20):
            await database.run(add_pair, f"{n} {'x' * 300_000}")
        assert database.wal_bytes() > 8_000_000
        go_on(other)
        assert other.wait(5) == 0
    await database.checkpoint()
    assert database.wal_bytes() == 0


async def test_f10_a_second_process_cannot_start_and_is_told_by_whom(
    database: SqliteDatabase, path: Path, migrations: Path
) -> None:
    with child("open", path, migrations) as second:
        said = heard(second)
    assert said.startswith(f"DatabaseHeld Process {os.getpid()} is already running on {path}.")
    await database.run(add_pair, "still ours")


async def test_f10_a_killed_holder_holds_nothing(path: Path, migrations: Path) -> None:
    with child("open", path, migrations) as first:
        assert heard(first) == "open"
        with pytest.raises(DatabaseHeld, match=f"Process {first.pid}") as raised:
            await SqliteDatabase.open(path, migrations=migrations)
        assert raised.value.pid == first.pid
        first.kill()
        first.wait()
        async with await SqliteDatabase.open(path, migrations=migrations) as database:
            await database.run(add_pair, "fox")


async def test_kill_9_in_mid_commit_loses_nothing_promised_and_halves_nothing(
    path: Path, migrations: Path
) -> None:
    promised: list[str] = []
    for kill in range(6):
        with child("write", path, migrations) as writer:
            promised = []
            assert writer.stdout is not None
            promised.append(heard(writer))
            until = time.monotonic() + 0.05 + 0.037 * kill
            while time.monotonic() < until:
                promised.append(heard(writer))
            writer.kill()
            promised += [line.rstrip("\n") for line in writer.stdout if line.endswith("\n")]
        async with await SqliteDatabase.open(path, migrations=migrations) as database:
            written = await database.run(notes)
            assert len(written) == len(set(written))
            pairs = {words.rsplit(" ", 1)[0] for words in written}
            assert set(written) == {f"{pair} {half}" for pair in pairs for half in ("one", "two")}
            assert set(promised) <= pairs
            assert len(promised) > 20
            await database.run(lambda db: db.execute("DELETE FROM note"))


def test_the_interpreter_ends_although_nobody_closed_the_database(
    path: Path, migrations: Path
) -> None:
    command = [*CHILD, "leave", str(path), str(migrations)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=10)
    assert (ended.returncode, ended.stdout) == (0, "left\n")


def test_f2_a_disk_without_room_refuses_and_goes_on_when_there_is_room_again(
    path: Path, migrations: Path
) -> None:
    command = [*CHILD, "limit", str(path), str(migrations)]
    told = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=30, check=True
    ).stdout.splitlines()
    written = [int(line.split()[1]) for line in told if line.startswith("written")]
    refused = [int(line.split()[1]) for line in told if line.startswith("refused")]

    assert sorted(written + refused) == list(range(60))
    assert set(range(40, 60)) <= set(written)
    assert 0 in written
    assert 39 in refused
    assert all("Nothing was started" in line for line in told if line.startswith("refused"))
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT words FROM note ORDER BY id").fetchall()
    connection.close()
    assert [int(words.split()[0]) for (words,) in rows] == [n for n in written for _ in (1, 2)]


@pytest.mark.parametrize("kind", ["file", "folder", "nowhere"])
def test_f3_what_the_bots_user_may_not_write_is_refused_at_start(
    migrations: Path, kind: str
) -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        path = folder / "data" / "d.sqlite3"
        shutil.copytree(migrations, folder / "migrations")
        if kind != "nowhere":
            asyncio.run(_open_once(path, migrations))
            path.with_name("d.sqlite3.lock").unlink()
            before = hashlib.sha256(path.read_bytes()).digest()
            path.chmod(0o444 if kind == "file" else 0o666)
            path.parent.chmod(0o555 if kind == "folder" else 0o777)
        folder.chmod(0o555)
        with child("nobody", path, folder / "migrations") as ordinary:
            said = heard(ordinary)
        assert said.startswith("DatabaseRefused")
        assert "then start again" in said
        if kind != "nowhere":
            assert hashlib.sha256(path.read_bytes()).digest() == before
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


def test_f6_a_crash_at_any_statement_of_the_first_start_is_no_obstacle_to_the_second(
    path: Path, migrations: Path
) -> None:
    copies = _crash_everywhere(path, migrations)
    assert len(copies) > 12
    for copy in copies:
        asyncio.run(_open_once(copy, migrations))


def test_f6_a_crash_at_any_statement_of_a_migration_leaves_the_old_version_whole(
    path: Path, migrations: Path
) -> None:
    asyncio.run(_open_once(path, migrations))
    (migrations / "0002_said.sql").write_text(SECOND)
    copies = _crash_everywhere(path, migrations)
    versions = []
    for copy in copies:
        connection = sqlite3.connect(copy)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        rows = connection.execute("SELECT * FROM note ORDER BY id").fetchall()
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        connection.close()
        old = ([(1, "fox one"), (2, "fox two")], 2)
        new = ([(1, "fox one!", 7.0), (2, "fox two!", 7.0)], 4)
        assert (rows, tables) == (old if version == 1 else new)
        versions.append(version)

    assert sorted(versions) == versions
    assert versions.count(1) > 12
    assert versions[-1] == 2


def _crash_everywhere(path: Path, migrations: Path) -> list[Path]:
    """Copies of `path`, each as a process left it that was killed one statement later."""
    command = [*CHILD, "crash", str(path), str(migrations)]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    reached = re.fullmatch(r"not reached (\d+) 0\n", said.stdout)
    assert reached is not None, said
    return [path.with_name(f"{path.name}.{nth}") for nth in range(int(reached[1]) + 1)]


async def _open_once(path: Path, migrations: Path) -> None:
    async with await SqliteDatabase.open(path, migrations=migrations) as database:
        await database.run(add_pair, "fox")


def test_f6_a_journal_that_a_crash_left_behind_is_rolled_back_not_refused(
    path: Path, migrations: Path
) -> None:
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        f"c.execute('PRAGMA application_id = {APPLICATION_ID}')\n"
        "c.execute('PRAGMA cache_size = 1')\n"
        "c.execute('BEGIN')\n"
        "c.execute('CREATE TABLE half (content)')\n"
        "for _ in range(100): c.execute('INSERT INTO half VALUES (zeroblob(3000))')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.with_name("d.sqlite3-journal").stat().st_size > 0

    assert inspect(path).is_empty
    asyncio.run(_open_once(path, migrations))
