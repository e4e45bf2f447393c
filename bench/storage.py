"""Durable work a second: ours beside a bare fdatasync, aiosqlite as it comes, and an async ORM.

A *transaction* is one committed insert. A *lifecycle* is what a request costs at least: an
execution with its outbox row (one commit), later its new state (another). All contenders keep the
same tables in WAL mode with `synchronous=FULL`; the floor writes as many bytes as ours does for a
transaction and syncs them, with no database at all.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench import Report
from domain.ports import Transaction
from storage.database import SqliteDatabase

CONCURRENCY = (1, 50)
WORK = ("transaction", "lifecycle")
COMMITS = {"transaction": 1, "lifecycle": 2}
PAYLOAD = '{"prompt": "a fox in snow, slow dolly in, golden hour", "seed": 7}' * 4

SCHEMA = """
CREATE TABLE execution (id TEXT PRIMARY KEY, state TEXT NOT NULL, version BIGINT NOT NULL,
  due_at DOUBLE PRECISION, payload TEXT NOT NULL);
CREATE INDEX execution_due ON execution (state, due_at);
CREATE TABLE outbox (execution_id TEXT NOT NULL REFERENCES execution (id), version BIGINT NOT NULL,
  payload TEXT NOT NULL, PRIMARY KEY (execution_id, version));
"""
INSERT = "INSERT INTO execution VALUES (:id, 'queued', 1, 1.5, :payload)"
TELL = "INSERT INTO outbox VALUES (:id, 1, :payload)"
ADVANCE = "UPDATE execution SET state = 'running', version = 2 WHERE id = :id AND version = 1"

Run = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the work: what it is called, and its two kinds of work by name."""

    name: str
    runs: dict[str, Run]


def main(arguments: Sequence[str]) -> Report:
    """Measure for `--seconds` a cell, `--rounds` times, and report the medians."""
    parser = argparse.ArgumentParser(prog="python -m bench storage")
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="dailies-bench-") as folder:
        return asyncio.run(_measure(Path(folder), chosen.seconds, chosen.rounds))


async def _measure(folder: Path, seconds: float, rounds: int) -> Report:
    floors: list[float] = []
    rates: dict[tuple[str, str, int], list[float]] = {}
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_open_ours(folder))
        written_bytes = await _bytes_a_transaction(database)
        contenders = [
            _ours(database),
            await stack.enter_async_context(_statement_by_statement(folder)),
            await stack.enter_async_context(_orm(folder)),
        ]
        for _ in range(rounds):
            floors.append(_floor(folder / "floor", written_bytes, seconds))
            for work, callers, contender in itertools.product(WORK, CONCURRENCY, contenders):
                rate = await _rate(contender.runs[work], callers, seconds)
                rates.setdefault((contender.name, work, callers), []).append(rate)
    medians = {cell: statistics.median(found) for cell, found in rates.items()}
    return _report(statistics.median(floors), medians, written_bytes)


async def _rate(run: Run, callers: int, seconds: float) -> float:
    """Finished runs a second with so many callers, each waiting for its own."""
    finished = 0
    began = time.perf_counter()

    async def call() -> None:
        nonlocal finished
        while time.perf_counter() - began < seconds:
            await run(_fresh())
            finished += 1

    await asyncio.gather(*(call() for _ in range(callers)))
    return finished / (time.perf_counter() - began)


def _floor(path: Path, written_bytes: int, seconds: float) -> float:
    """Appends and syncs a second: no transaction on this disk can be faster alone."""
    content = os.urandom(written_bytes)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        # Like a log in use, the file has its size already: no sync has to record a new one.
        os.pwrite(descriptor, bytes(4 * 1024 * 1024), 0)
        os.fsync(descriptor)
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            os.pwrite(descriptor, content, done * written_bytes % (4 * 1024 * 1024 - written_bytes))
            os.fdatasync(descriptor)
            done += 1
        return done / (time.perf_counter() - began)
    finally:
        os.close(descriptor)


def _counter() -> Iterator[str]:
    return (f"ex_{n:012}" for n in itertools.count())


_ids = _counter()


def _fresh() -> str:
    return next(_ids)


# Ours ----------------------------------------------------------------------------------------


@asynccontextmanager
async def _open_ours(folder: Path) -> AsyncIterator[SqliteDatabase]:
    migrations = folder / "migrations"
    migrations.mkdir()
    (migrations / "0001_bench.sql").write_text(SCHEMA)
    path = folder / "ours" / "d.sqlite3"
    async with await SqliteDatabase.open(path, migrations=migrations) as database:
        yield database


async def _bytes_a_transaction(database: SqliteDatabase) -> int:
    await database.checkpoint()
    for _ in range(20):
        await database.run(_insert, _fresh())
    return database.wal_bytes() // 20


def _ours(database: SqliteDatabase) -> Contender:
    async def transaction(name: str) -> None:
        await database.run(_insert, name)

    async def lifecycle(name: str) -> None:
        await database.run(_accept, name)
        await database.run(_advance, name)

    return Contender("ours", {"transaction": transaction, "lifecycle": lifecycle})


def _insert(db: Transaction, name: str) -> None:
    db.execute(INSERT, {"id": name, "payload": PAYLOAD})


def _accept(db: Transaction, name: str) -> None:
    db.execute(INSERT, {"id": name, "payload": PAYLOAD})
    db.execute(TELL, {"id": name, "payload": PAYLOAD})


def _advance(db: Transaction, name: str) -> None:
    db.execute(ADVANCE, {"id": name})


# aiosqlite as its documentation shows it: a hop to the thread for each statement ---------------


@asynccontextmanager
async def _statement_by_statement(folder: Path) -> AsyncIterator[Contender]:
    async with aiosqlite.connect(folder / "aiosqlite.sqlite3", isolation_level=None) as connection:
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA foreign_keys = ON")
        await connection.executescript(SCHEMA)
        one_at_a_time = asyncio.Lock()

        async def commit(*statements: tuple[str, dict[str, str]]) -> None:
            async with one_at_a_time:
                await connection.execute("BEGIN IMMEDIATE")
                for sql, parameters in statements:
                    await connection.execute(sql, parameters)
                await connection.execute("COMMIT")

        async def transaction(name: str) -> None:
            await commit((INSERT, {"id": name, "payload": PAYLOAD}))

        async def lifecycle(name: str) -> None:
            row = {"id": name, "payload": PAYLOAD}
            await commit((INSERT, row), (TELL, row))
            await commit((ADVANCE, {"id": name}))

        yield Contender("aiosqlite", {"transaction": transaction, "lifecycle": lifecycle})


# SQLAlchemy's async ORM on aiosqlite -----------------------------------------------------------


class _Base(DeclarativeBase):
    pass


class _Execution(_Base):
    __tablename__ = "execution"
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    version: Mapped[int]
    due_at: Mapped[float | None]
    payload: Mapped[str]


class _Outbox(_Base):
    __tablename__ = "outbox"
    execution_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[str]


@asynccontextmanager
async def _orm(folder: Path) -> AsyncIterator[Contender]:
    path = folder / "orm.sqlite3"
    async with aiosqlite.connect(path) as connection:
        await connection.executescript(SCHEMA)
    # One connection is its best case: several only meet each other's locks.
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=1, max_overflow=0)
    event.listen(engine.sync_engine, "connect", _pragmas)
    session = async_sessionmaker(engine, expire_on_commit=False)
    try:
        yield Contender(
            "SQLAlchemy ORM",
            {
                "transaction": lambda name: _orm_transaction(session, name),
                "lifecycle": lambda name: _orm_lifecycle(session, name),
            },
        )
    finally:
        await engine.dispose()


def _pragmas(connection: Engine, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined] # a DBAPI connection has one
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _orm_transaction(session: async_sessionmaker[AsyncSession], name: str) -> None:
    async with session.begin() as db:
        db.add(_Execution(id=name, state="queued", version=1, due_at=1.5, payload=PAYLOAD))


async def _orm_lifecycle(session: async_sessionmaker[AsyncSession], name: str) -> None:
    async with session.begin() as db:
        execution = _Execution(id=name, state="queued", version=1, due_at=1.5, payload=PAYLOAD)
        db.add(execution)
        await db.flush()
        db.add(_Outbox(execution_id=name, version=1, payload=PAYLOAD))
    async with session.begin() as db:
        db.add(execution)
        execution.state, execution.version = "running", 2


# The report -------------------------------------------------------------------------------------


def _report(floor: float, medians: dict[tuple[str, str, int], float], written_bytes: int) -> Report:
    rows: list[list[object]] = [["write + fdatasync", "transaction", 1, floor, 1.0]]
    for (name, work, callers), rate in medians.items():
        rows.append([name, work, callers, rate, rate * COMMITS[work] / floor])
    figures: dict[str, float] = {}
    for work, callers in itertools.product(WORK, CONCURRENCY):
        ours = medians["ours", work, callers]
        cell = f"{work}s_c{callers}"
        figures[f"{cell}_to_floor"] = ours * COMMITS[work] / floor
        figures[f"{cell}_to_aiosqlite"] = ours / medians["aiosqlite", work, callers]
        figures[f"{cell}_to_sqlalchemy"] = ours / medians["SQLAlchemy ORM", work, callers]
        figures[f"{cell}_per_s"] = ours
    return Report(
        name="storage",
        columns=("", "work", "callers", "per s", "commits / floor"),
        rows=rows,
        figures=figures,
        note=f"The floor syncs {written_bytes} bytes at a time, what one of our commits writes.",
    )
