"""Whether a database file may be touched at all, and how it is opened when it may.

A file is looked at read-only first: what is not ours, newer than we are or damaged is refused as
it is, not even its WAL is folded in. Only then is it opened for writing, once, by one process.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from storage.errors import DatabaseHeld, DatabaseRefused, primary_code
from storage.lockfile import PRIVATE_FILE_MODE, LockFile
from storage.migrate import (
    APPLICATION_ID,
    MIGRATIONS,
    Migration,
    migrate,
    newer_schema,
    read_migrations,
)
from storage.schema import Part, lost, read_schema

BUSY_TIMEOUT_S = 5.0
WAL_KEPT_BYTES = 4 * 1024 * 1024
CACHED_STATEMENTS = 512
PRIVATE_FOLDER_MODE = 0o700
SQLITE_URL_PREFIX = "sqlite:///"
HEADER = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html#magic_header_string

_PRAGMAS = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # After a long reader has let the WAL grow, the next reset cuts it back to this.
    f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}",
)
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_NEEDS_RECOVERY = frozenset(
    {
        sqlite3.SQLITE_READONLY_ROLLBACK,
        sqlite3.SQLITE_READONLY_RECOVERY,
        sqlite3.SQLITE_READONLY_CANTINIT,
    }
)


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:///` URL: relative after three slashes, absolute after four."""
    path = url.removeprefix(SQLITE_URL_PREFIX)
    if path == url or not path or path.startswith(":"):
        raise ValueError(f"{url!r} is not sqlite:///FILE")
    return Path(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a file says about itself. `is_empty` is a database without any table."""

    application_id: int
    version: int
    is_empty: bool
    schema: frozenset[Part]

    @property
    def is_new(self) -> bool:
        """Whether nobody has written anything into it."""
        return self.is_empty and self.version == 0 and self.application_id == 0

    def damage(self, migrations: tuple[Migration, ...]) -> str | None:
        """What of ours is not there as it was made; None where all is. Only for a file with our
        application id, which is written with the first version: in one transaction, so a file that
        has neither version nor tables was never finished, and is begun again."""
        if self.version == 0:
            return None if self.is_empty else "its header has lost the version of its tables"
        return lost(self.schema, migrations[: self.version])


def inspect(path: Path) -> Inspection:
    """Look at an existing file without changing it.

    Raises `DatabaseRefused` where it is damaged or no database, `DatabaseHeld` where it is locked.
    """
    try:
        _check_header(path)
        try:
            return _inspect(path, "ro")
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) not in _NEEDS_RECOVERY:
                raise
        # Our own crash while the file was new: only a writer may roll such a journal back.
        return _inspect(path, "rw")
    except (sqlite3.Error, UnicodeDecodeError) as error:  # damage need not even be text
        raise _refusal(path, error) from error


class SqliteFile:
    """One database file: its lock, its opening, and whether it is still the same file.

    All of it may block and belongs on the database thread, but `wal_bytes` and `replaced`.
    """

    def __init__(self, path: Path, migrations: Path = MIGRATIONS) -> None:
        self.path = path.absolute()
        self._wal = self.path.with_name(self.path.name + "-wal")
        self._migrations = read_migrations(migrations)
        self._lock: LockFile | None = None
        self._identity: tuple[object, object] | None = None

    def open(self) -> sqlite3.Connection:
        """Lock, check, open for writing, migrate.

        Raises `DatabaseHeld` where another process has it, and `DatabaseRefused` for what an
        operator must mend: damaged, newer, somebody else's, read-only.
        """
        _make_folder(self.path.parent)
        self._lock = LockFile.acquire(self.path)
        try:
            self._refuse_strangers()
            connection = self._open_for_writing()
        except BaseException:
            self.release()
            raise
        self._identity = self._seen()
        return connection

    def release(self) -> None:
        """Give the lock back, after the connection is closed."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def replaced(self) -> bool:
        """Whether the file or its WAL was deleted or exchanged under the open connection: what
        would be written now, nobody would ever read."""
        return self._seen() != self._identity

    def wal_bytes(self) -> int:
        """The size of the write-ahead log, for metrics."""
        try:
            return self._wal.stat().st_size
        except FileNotFoundError:
            return 0

    def _seen(self) -> tuple[object, object]:
        return _file_identity(self.path), _file_identity(self._wal)

    def _refuse_strangers(self) -> None:
        if not self.path.exists() or self.path.stat().st_size == 0:
            return
        seen = inspect(self.path)
        newest = len(self._migrations)
        if not seen.is_new and seen.application_id != APPLICATION_ID:
            raise DatabaseRefused(
                f"{self.path} belongs to another program (application id {seen.application_id}, "
                f"ours is {APPLICATION_ID}). It was not touched: set DATABASE_URL to another file."
            )
        if seen.version > newest:
            raise newer_schema(seen.version, newest)
        damage = None if seen.is_new else seen.damage(self._migrations)
        if damage is not None:
            raise damaged(self.path, damage)

    def _open_for_writing(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = None
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE_MODE))
            connection = sqlite3.connect(
                self.path,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
                cached_statements=CACHED_STATEMENTS,
            )
            _configure(connection, self.path)
            migrate(connection, self._migrations)
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            _close(connection)
            raise _refusal(self.path, error) from error
        except BaseException:
            _close(connection)
            raise
        return connection


def _make_folder(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE_FOLDER_MODE, exist_ok=True)
    except OSError as error:
        raise DatabaseRefused(
            f"The folder {folder} cannot be made ({error.strerror}). "
            "Create it for the bot's user, then start again."
        ) from error


def _check_header(path: Path) -> None:
    """SQLite takes a file of a few strange bytes for an empty database, and would overwrite it."""
    with path.open("rb") as file:
        is_database = file.read(len(HEADER)) == HEADER
    if not is_database and not path.with_name(path.name + "-journal").exists():
        raise sqlite3.DatabaseError("no SQLite header")


def _inspect(path: Path, mode: str) -> Inspection:
    url = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(url, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        complaint = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if complaint != "ok":
            raise sqlite3.DatabaseError(complaint)
        return Inspection(
            application_id=connection.execute("PRAGMA application_id").fetchone()[0],
            version=connection.execute("PRAGMA user_version").fetchone()[0],
            is_empty=connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0,
            schema=read_schema(connection),
        )
    finally:
        connection.close()


def _configure(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise DatabaseRefused(
            f"{path} cannot keep a write-ahead log (journal mode {mode}). "
            "Put it on a local disk that the bot may write, then start again."
        )
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    # A read-only file opens without complaint, and begins as if it were to be written; it shows
    # at the first write. This also creates the WAL.
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("ROLLBACK")


def _refusal(path: Path, error: Exception) -> DatabaseRefused | DatabaseHeld:
    code = primary_code(error)
    if code in _LOCKED:
        return DatabaseHeld(
            f"Another program holds a lock on {path}. Close it, then start again.", pid=None
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN) or isinstance(error, OSError):
        return DatabaseRefused(
            f"{path} cannot be written ({error}). Give the bot's user the right to write the "
            "file and its folder, then start again."
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return DatabaseRefused(
            f"The disk of {path} does not work ({error}). Make room or mend it, then start again."
        )
    return damaged(path, error)


def damaged(path: Path, what: object) -> DatabaseRefused:
    """The refusal of a file that only a backup can mend."""
    return DatabaseRefused(
        f"{path} is damaged or not a database ({what}). "
        "It was not touched: restore it from a backup, then start again."
    )


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


def _file_identity(path: Path) -> tuple[int, int] | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_dev, seen.st_ino
