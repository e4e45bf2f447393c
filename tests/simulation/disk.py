"""Where a run keeps its database. Most runs keep it in memory, one connection for every life of
every run of this process: all that a boundary can leave behind is what was committed, so the next
life may find it in the same place. Nothing is opened, copied or prepared anew for it.

Memory has no write-ahead log to recover, no lock file, nothing that could be exchanged under the
bot, no check of a file before it is touched. So a share of the runs keeps real files, which a
crash copies byte by byte: every `FILES_EVERY`th seed, those with aiosqlite's real thread, and
those that come back from a backup.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from storage.migrate import MIGRATIONS, migrate, read_migrations
from storage.sqlite_file import _PRAGMAS, CACHED_STATEMENTS, SqliteFile
from tests.simulation.plan import Plan
from tests.simulation.spy import watch

FILES_EVERY = 8
MIGRATES_EVERY = 2  # of those, runs that begin without a file; the others with an empty one
RAM_DISK = Path("/dev/shm")
WAL_SUFFIX = "-wal"


def disk_of(plan: Plan) -> Disk:
    """The disk of a run."""
    turn, rest = divmod(plan.seed, FILES_EVERY)
    if plan.on_disk or plan.barrier or plan.backup_at is not None or rest == 0:
        return FileDisk(is_new=turn % MIGRATES_EVERY == 0)
    return Memory()


Rows = Mapping[str, Sequence[tuple[Any, ...]]]  # of tables, by their names


class Memory:
    """One connection, which every life has in turn."""

    def __init__(self) -> None:
        self.written: bytes | None = None  # what a COMMIT that failed has left in the files
        self._connection, emptying = _shared()
        self.pass_on()
        for sql in emptying:
            self._connection.execute(sql)

    @property
    def file(self) -> SqliteFile:
        """What `storage.database` asks of a file: there is none."""
        return _NO_FILE

    def fill(self, rows: Rows) -> None:
        """What is there before the first life."""
        _insert(self._connection, rows)

    @staticmethod
    def left(*tables: str) -> Rows:
        """All that the run before has left in them."""
        connection, _ = _shared()
        return {
            table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables
        }

    def open(self) -> sqlite3.Connection:
        """For a life that begins."""
        return self._connection

    def close(self, connection: sqlite3.Connection) -> None:
        """It lets it go."""

    def look(self) -> sqlite3.Connection:
        """For whoever only looks."""
        return self._connection

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[sqlite3.Connection]:
        """To look while no process has it."""
        yield self._connection

    def pass_on(self) -> None:
        """A process is gone: what it had committed is what the next one finds."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        if self.written is None:
            return
        with contextlib.closing(sqlite3.connect(":memory:")) as image:
            image.deserialize(self.written)
            image.backup(self._connection)
        self.written = None

    def back_up(self) -> None:
        """Raises `NotImplementedError`: a backup is made of files."""
        raise NotImplementedError

    def restore(self) -> None:
        """Raises `NotImplementedError`."""
        raise NotImplementedError

    def remove(self) -> None:
        """The run is over."""


class FileDisk:
    """A file for each life, and its log: the next one begins with a copy of the bytes."""

    def __init__(self, *, is_new: bool) -> None:
        self.written: bytes | None = None  # what a COMMIT that failed has left in the files
        self._folder = Path(
            tempfile.mkdtemp(prefix="dailies-", dir=RAM_DISK if RAM_DISK.is_dir() else None)
        )
        self._lives = 0
        self._path = self._next = self._folder / "0.sqlite3"
        self._backup = self._folder / "backup.sqlite3"
        self._is_new = is_new
        self.file = SqliteFile(self._path)

    def fill(self, rows: Rows) -> None:
        """What is there before the first life."""
        with contextlib.closing(self.open()) as connection:
            _insert(connection, rows)
        self.file.release()

    def open(self) -> sqlite3.Connection:
        """For a life that begins."""
        self._path = self._next
        if not self._path.exists() and not self._is_new:
            self._path.write_bytes(_migrated())
        self.file = SqliteFile(self._path)
        connection = self.file.open()
        watch(connection)
        return connection

    def close(self, connection: sqlite3.Connection) -> None:
        """It lets it go."""
        connection.close()

    def look(self) -> sqlite3.Connection:
        """For whoever only looks, beside the connection of a real thread."""
        return sqlite3.connect(self._path, isolation_level=None)

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[sqlite3.Connection | None]:
        """To look while no process has it; None where there is nothing yet."""
        if not self._path.exists():
            yield None
            return
        with contextlib.closing(self.look()) as connection:
            yield connection

    def pass_on(self) -> None:
        """A process is gone: the next one finds the files as they are."""
        self._lives += 1
        self._next = self._folder / f"{self._lives}.sqlite3"
        self._copy_to(self._next)
        self.written = None

    def back_up(self) -> None:
        """Somebody copies the files while they are at rest."""
        self._copy_to(self._backup)

    def _copy_to(self, other: Path) -> None:
        if self.written is None:
            _copied(self._path, other)
        else:
            other.write_bytes(self.written)

    def restore(self) -> None:
        """The next process finds the backup."""
        self._lives += 1
        self._next = self._folder / f"{self._lives}.sqlite3"
        self.written = None
        _copied(self._backup, self._next)

    def remove(self) -> None:
        """The run is over."""
        shutil.rmtree(self._folder, ignore_errors=True)


Disk = Memory | FileDisk


class _NoFile:
    """`storage.sqlite_file.SqliteFile`, as far as an open database asks it."""

    def replaced(self) -> bool:
        return False

    def wal_bytes(self) -> int:
        return 0

    def release(self) -> None:
        """Nothing is locked."""


_NO_FILE = cast(SqliteFile, _NoFile())


@functools.cache
def _shared() -> tuple[sqlite3.Connection, Sequence[str]]:
    """The connection, configured as the product does, and what empties its database again. Its
    statements stay prepared, which deserialising another database into it would undo."""
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, cached_statements=CACHED_STATEMENTS
    )
    for pragma in (*_PRAGMAS, "PRAGMA temp_store = MEMORY"):  # what watches is a temporary table
        connection.execute(pragma)
    migrate(connection, read_migrations(MIGRATIONS))
    watch(connection)
    tables = _referring_first(connection)
    for table in tables:
        if connection.execute(f'SELECT 1 FROM "{table}"').fetchone() is not None:
            raise AssertionError(f"{table} is not empty in the beginning: emptying is not enough")
    emptied = [f'DELETE FROM "{table}"' for table in (*tables, "change")]
    return connection, ("BEGIN IMMEDIATE", *emptied, "COMMIT")


def _insert(connection: sqlite3.Connection, rows: Rows) -> None:
    for table, some in rows.items():
        for row in some:
            values = ", ".join("?" * len(row))
            connection.execute(f'INSERT INTO "{table}" VALUES ({values})', row)


def _referring_first(connection: sqlite3.Connection) -> list[str]:
    """Every table before those that it refers to, so that each can be emptied."""
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    left = {
        name: {row[2] for row in connection.execute(f'PRAGMA foreign_key_list("{name}")')} - {name}
        for (name,) in names
    }
    ordered: list[str] = []
    while left:
        referred = set().union(*left.values())
        free = sorted(name for name in left if name not in referred)
        assert free, f"{sorted(left)} refer to each other in a circle"
        ordered += free
        left = {name: others for name, others in left.items() if name not in free}
    return ordered


@functools.cache
def _migrated() -> bytes:
    """An empty database, as the first start leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        file = SqliteFile(Path(folder) / "new.sqlite3")
        file.open().close()
        file.release()
        return file.path.read_bytes()


def _copied(path: Path, other: Path) -> None:
    """The file and its log, if they are there."""
    if not path.exists():
        return
    shutil.copyfile(path, other)
    wal = path.with_name(path.name + WAL_SUFFIX)
    if wal.exists():
        shutil.copyfile(wal, other.with_name(other.name + WAL_SUFFIX))
