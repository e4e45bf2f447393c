"""The database of one process: `await database.run(verb, …)` is one durable transaction.

Exactly one connection, on aiosqlite's thread. Verbs that wait at the same moment are committed
together (`storage.batch`), so fifty callers share one fsync and one hop to the thread. A caller
that is cancelled only stops waiting: its verb is committed, or not, as a whole, because nothing
of a transaction ever runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import aiosqlite

from domain.errors import StorageUnavailable
from storage.batch import Call, Outcome, run_batch
from storage.errors import EXCHANGED, TRY_LATER, DatabaseExchanged, primary_code, translated
from storage.migrate import MIGRATIONS
from storage.sqlite_file import SqliteFile

BATCH_MAX = 500
WAITING_MAX = 20_000
CLOSE_TIMEOUT_S = 10.0
INTERRUPT_GRACE_S = 2.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


class SqliteDatabase:
    """`domain.ports.Database` on one SQLite file. Open it with `open`, close it with `close`."""

    def __init__(self, file: SqliteFile, thread: DatabaseThread) -> None:
        self._file = file
        self._thread = thread
        self._waiting: deque[tuple[Call, asyncio.Future[Any]]] = deque()
        self._committer: asyncio.Task[None] | None = None
        self._is_closing = False

    @classmethod
    async def open(cls, path: Path, *, migrations: Path = MIGRATIONS) -> Self:
        """Lock, check and migrate the file, creating it where there is none.

        Raises `DatabaseHeld` (another process runs on it) and `DatabaseRefused` (the operator
        must mend something); the file is untouched then.
        """
        file = SqliteFile(path, migrations)
        thread = DatabaseThread(file.open)
        await thread.start()
        return cls(file, thread)

    async def run(self, verb: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Run `verb(db, …)` as one transaction; its answer, once that is durable.

        Raises `StorageUnavailable` where it could not be committed (after at most
        `BUSY_TIMEOUT_S` behind another program's lock), and what the verb raised.
        """
        if self._is_closing:
            raise StorageUnavailable(f"The bot is shutting down. {TRY_LATER}")
        if len(self._waiting) >= WAITING_MAX:
            raise StorageUnavailable(f"Too much is waiting to be written down. {TRY_LATER}")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda db: verb(db, *args, **kwargs), future))
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_waiting(), name="database")
        return await future

    async def checkpoint(self) -> None:
        """Fold the write-ahead log into the file as far as readers allow, and cut it short."""
        await self._thread.call(_checkpoint)

    def wal_bytes(self) -> int:
        """The size of the write-ahead log, for metrics."""
        return self._file.wal_bytes()

    async def close(self, *, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Commit what waits, close, release the lock; at the latest after `timeout_s` and
        `INTERRUPT_GRACE_S`. What is still unfinished then is left to the file's recovery."""
        if self._is_closing:
            return
        self._is_closing = True
        closing = asyncio.create_task(self._drain_and_close(), name="database close")
        done, _ = await asyncio.wait({closing}, timeout=timeout_s)
        if not done:
            self._thread.interrupt()
            done, _ = await asyncio.wait({closing}, timeout=INTERRUPT_GRACE_S)
        if not done:
            _log.error("the database did not close in time; its lock is kept until we exit")
            closing.cancel()
            if self._committer is not None:
                self._committer.cancel()
            return
        closing.result()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _commit_waiting(self) -> None:
        """Batch after batch until nobody waits. Ends by itself; `run` begins it again."""
        batch: list[tuple[Call, asyncio.Future[Any]]] = []
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_MAX))]
                outcomes = await self._outcomes([call for call, _ in batch])
                _settle([future for _, future in batch], outcomes)
                if _is_locked(outcomes):
                    # Whoever came in meanwhile has waited long enough behind the same lock.
                    self._refuse_waiting(outcomes[0])
        except asyncio.CancelledError:
            # The loop is going down. Whether the batch was committed nobody can say any more.
            for _, future in (*batch, *self._waiting):
                future.cancel()
            self._waiting.clear()
            raise

    async def _outcomes(self, calls: Sequence[Call]) -> Sequence[Outcome]:
        try:
            return await self._thread.call(partial(self._commit, calls))
        except Exception as error:  # noqa: BLE001 -- a bug: its callers are told, all of them
            _log.exception("a batch of %d calls broke", len(calls))
            return [Outcome(failure=error)] * len(calls)

    def _commit(self, calls: Sequence[Call], connection: sqlite3.Connection) -> list[Outcome]:
        if self._file.replaced():
            return [Outcome(failure=DatabaseExchanged(f"{EXCHANGED} {TRY_LATER}")) for _ in calls]
        return run_batch(connection, calls)

    def _refuse_waiting(self, locked: Outcome) -> None:
        cause = locked.failure.__cause__ if locked.failure else None
        assert isinstance(cause, Exception)
        futures = [future for _, future in self._waiting]
        self._waiting.clear()
        _settle(futures, [Outcome(failure=translated(cause)) for _ in futures])

    async def _drain_and_close(self) -> None:
        if self._committer is not None:
            await asyncio.wait({self._committer})
        try:
            await self._thread.close()
        except sqlite3.Error:
            _log.exception("the database did not close cleanly; it recovers at the next start")
        self._file.release()


class DatabaseThread:
    """One hop to the thread of an aiosqlite connection, for a whole function.

    aiosqlite's public methods hop once a statement, 26 times slower under load. `_execute`,
    `_conn`, `_connection` and `_thread` are protected names: used here only, and pinned by
    `tests/integration/test_database_thread.py`.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        self._connection = aiosqlite.Connection(connector, iter_chunk_size=64)
        # A connection that nobody closed must not keep the interpreter from ending.
        self._connection._thread.daemon = True

    async def start(self) -> None:
        """Run the connector on the thread. Raises what it raises."""
        try:
            await self._connection
        except Exception:
            # aiosqlite has told its thread to end and does not wait; the loop may end sooner.
            self._connection._thread.join(INTERRUPT_GRACE_S)
            raise

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run `function(connection)` on the thread, after everything that was called before."""
        connection = self._connection._conn

        # aiosqlite logs what it is given: a closure shows no arguments, so no prompts.
        def hop() -> T:
            return function(connection)

        return cast(T, await self._connection._execute(hop))  # type: ignore[no-untyped-call] # its

    def interrupt(self) -> None:
        """Make the statement that runs now fail."""
        if self._connection._connection is not None:
            self._connection._connection.interrupt()

    async def close(self) -> None:
        """Close the connection and end the thread."""
        await self._connection.close()


def _settle(futures: Sequence[asyncio.Future[Any]], outcomes: Sequence[Outcome]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.done():  # its caller was cancelled and is not interested any more
            continue
        if outcome.failure is None:
            future.set_result(outcome.answer)
        else:
            future.set_exception(outcome.failure)


def _is_locked(outcomes: Sequence[Outcome]) -> bool:
    failure = outcomes[0].failure
    cause = failure.__cause__ if isinstance(failure, StorageUnavailable) else None
    return cause is not None and primary_code(cause) == sqlite3.SQLITE_BUSY


def _checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    busy_timeout_ms = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 0")  # never wait for a reader: the next one will do
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
