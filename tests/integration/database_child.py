"""Other processes for the database's tests: `python -m tests.integration.database_child NAME …`.

Each says on its standard output what it has reached; where it waits, a line on its standard input
lets it go on.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from domain.errors import BotError, StorageUnavailable
from domain.ports import Transaction
from storage.database import SqliteDatabase
from storage.sqlite_file import SqliteFile

NOBODY = 65534
RLIMIT_ROOM_BYTES = 200_000


def main(name: str, path: str, migrations: str = "", *rest: str) -> None:
    """Run one of the children below."""
    children: dict[str, Callable[..., Any]] = {
        "hold": hold,
        "read": read,
        "open": open_and_wait,
        "write": write_until_killed,
        "limit": write_into_a_limit,
        "leave": leave_open,
        "nobody": open_as_nobody,
        "crash": crash_at_every_statement,
    }
    children[name](Path(path), Path(migrations), *rest)


def say(*words: object) -> None:
    """One line to the test."""
    print(*words, flush=True)  # noqa: T201 -- this is how a child speaks


def hold(path: Path, _: Path) -> None:
    """Another program with the write lock."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    say("holding")
    sys.stdin.readline()
    connection.execute("COMMIT")
    say("released")


def read(path: Path, _: Path) -> None:
    """A long reader: a backup, a curious operator."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM note").fetchone()
    say("reading")
    sys.stdin.readline()


def open_and_wait(path: Path, migrations: Path) -> None:
    """A second bot."""

    async def run() -> None:
        try:
            async with await SqliteDatabase.open(path, migrations=migrations):
                say("open")
                await asyncio.to_thread(sys.stdin.readline)
        except BotError as error:
            say(type(error).__name__, error.sentence)

    asyncio.run(run())


def write_until_killed(path: Path, migrations: Path) -> None:
    """Says each note only after it was committed."""

    async def write(database: SqliteDatabase, writer: int) -> None:
        for n in range(10**9):
            words = f"{writer}-{n}"
            await database.run(add_pair, words)
            say(words)

    async def run() -> None:
        database = await SqliteDatabase.open(path, migrations=migrations)
        await asyncio.gather(*(write(database, writer) for writer in range(8)))

    asyncio.run(run())


def write_into_a_limit(path: Path, migrations: Path) -> None:
    """A disk that takes no more bytes for a while, then does again."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def run() -> None:
        async with await SqliteDatabase.open(path, migrations=migrations) as database:
            limit = database.wal_bytes() + RLIMIT_ROOM_BYTES
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
            for n in range(60):
                if n == 40:
                    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
                try:
                    await database.run(add_pair, f"{n} {'x' * 20_000}")
                    say("written", n)
                except StorageUnavailable as error:
                    say("refused", n, error.sentence)

    asyncio.run(run())


def leave_open(path: Path, migrations: Path) -> None:
    """Ends without closing anything."""

    async def run() -> None:
        database = await SqliteDatabase.open(path, migrations=migrations)
        await database.run(add_pair, "left")
        globals()["kept"] = database

    asyncio.run(run())
    say("left")


def open_as_nobody(path: Path, migrations: Path) -> None:
    """Opens with an ordinary user's rights, which root does not have to respect."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    open_and_wait(path, migrations)


def crash_at_every_statement(path: Path, migrations: Path) -> None:
    """Kill -9 a fresh process before each SQL statement of opening `path`, on a copy each.

    The copies are `path.0`, `path.1`, …; the last one is the first that was not killed.
    """
    original = path.read_bytes() if path.exists() else None
    for nth in range(200):
        copy = path.with_name(f"{path.name}.{nth}")
        if original is not None:
            copy.write_bytes(original)
        child = os.fork()
        if child == 0:
            _open_and_die(copy, migrations, nth)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            say("not reached", nth, os.WEXITSTATUS(status))
            return


def add_pair(db: Transaction, words: str) -> None:
    """Two rows that belong together."""
    for half in ("one", "two"):
        db.execute("INSERT INTO note (words) VALUES (:words)", {"words": f"{words} {half}"})


def _open_and_die(path: Path, migrations: Path, nth: int) -> None:
    statements = 0
    connect = sqlite3.connect

    def count(_: str) -> None:
        nonlocal statements
        if statements == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        statements += 1

    def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = traced  # type: ignore[assignment] # its overloads are not needed here
    file = SqliteFile(path, migrations)
    file.open().close()
    file.release()
    os._exit(0)


if __name__ == "__main__":
    partial(main, *sys.argv[1:])()
