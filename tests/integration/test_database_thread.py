"""Pins what `storage.database.DatabaseThread` uses of aiosqlite: fails when aiosqlite changes."""

from __future__ import annotations

import asyncio
import inspect
import logging
import sqlite3
import threading
from functools import partial
from pathlib import Path

import aiosqlite
import pytest

from storage.database import DatabaseThread


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


async def test_the_protected_names_are_there_and_mean_what_they_meant(tmp_path: Path) -> None:
    connection = aiosqlite.Connection(partial(connect, tmp_path / "d"), iter_chunk_size=64)

    assert isinstance(connection._thread, threading.Thread)
    assert not connection._thread.is_alive()
    assert connection._connection is None
    await connection
    assert connection._conn is connection._connection
    assert isinstance(connection._conn, sqlite3.Connection)
    assert list(inspect.signature(connection._execute).parameters) == ["fn", "args", "kwargs"]
    await connection.close()
    assert connection._connection is None


async def test_a_call_is_one_hop_to_one_thread_in_order(tmp_path: Path) -> None:
    thread = DatabaseThread(partial(connect, tmp_path / "d"))
    await thread.start()
    seen: list[tuple[int, int]] = []

    def note(n: int, connection: sqlite3.Connection) -> int:
        connection.execute("SELECT 1").fetchall()
        connection.execute("SELECT 2").fetchall()
        seen.append((n, threading.get_ident()))
        return n

    answers = await asyncio.gather(*(thread.call(partial(note, n)) for n in range(50)))
    await thread.close()

    assert answers == list(range(50)) == [n for n, _ in seen]
    assert len({ident for _, ident in seen} - {threading.get_ident()}) == 1


async def test_what_a_call_raises_is_raised_here_and_the_thread_goes_on(tmp_path: Path) -> None:
    thread = DatabaseThread(partial(connect, tmp_path / "d"))
    await thread.start()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await thread.call(lambda connection: connection.execute("SELECT * FROM nowhere"))
    assert await thread.call(lambda _: "on") == "on"
    await thread.close()


async def test_a_cancelled_call_still_runs_whole_before_the_next(tmp_path: Path) -> None:
    thread = DatabaseThread(partial(connect, tmp_path / "d"))
    await thread.start()
    began, release, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(_: sqlite3.Connection) -> None:
        began.set()
        release.wait(5)
        ended.set()

    caller = asyncio.create_task(thread.call(slow))
    while not began.is_set():
        await asyncio.sleep(0.001)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert not ended.is_set()
    release.set()
    assert await thread.call(lambda _: ended.is_set())
    await thread.close()


async def test_the_thread_is_a_daemon_and_ends_with_close(tmp_path: Path) -> None:
    thread = DatabaseThread(partial(connect, tmp_path / "d"))
    await thread.start()
    inner = thread._connection._thread
    assert inner.daemon
    await thread.close()
    inner.join(2)
    assert not inner.is_alive()
    thread.interrupt()  # after the end it has nothing to interrupt, and says nothing


async def test_a_connector_that_raises_leaves_no_thread(tmp_path: Path) -> None:
    thread = DatabaseThread(partial(connect, tmp_path / "no folder" / "d"))
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        await thread.start()
    assert not thread._connection._thread.is_alive()


async def test_aiosqlites_own_log_shows_nothing_of_what_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    thread = DatabaseThread(partial(connect, tmp_path / "d"))
    await thread.start()

    def write(connection: sqlite3.Connection, prompt: str) -> str:
        return str(connection.execute("SELECT ?", (prompt,)).fetchone()[0])

    with caplog.at_level(logging.DEBUG, "aiosqlite"):
        await thread.call(partial(write, prompt="a secret fox"))
    await thread.close()

    assert "executing" in caplog.text
    assert "secret fox" not in caplog.text
