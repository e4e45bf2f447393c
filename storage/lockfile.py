"""One process a database: SQLite before 3.51.3 can corrupt a WAL under several connections.

The kernel holds the lock (`flock`) and gives it back when the process dies, however it dies, so a
lock file that lies around means nothing. Its content, the holder's pid, is only for the sentence.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from storage.errors import DatabaseHeld, DatabaseRefused

LOCK_SUFFIX = ".lock"
PRIVATE_FILE_MODE = 0o600


class LockFile:
    """The lock of one database file, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, database: Path) -> LockFile:
        """Raises `DatabaseHeld` where another process has it, `DatabaseRefused` where it cannot
        be created."""
        path = database.with_name(database.name + LOCK_SUFFIX)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE_MODE)
        except OSError as error:
            raise DatabaseRefused(
                f"{path} cannot be written ({error.strerror}). "
                "Give the bot's user the right to write in that folder, then start again."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = _read_pid(descriptor)
            os.close(descriptor)
            raise _held(database, pid) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let another process have the database. The file stays: removing it would race."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def _read_pid(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else None


def _held(database: Path, pid: int | None) -> DatabaseHeld:
    holder = "Another process" if pid is None else f"Process {pid}"
    return DatabaseHeld(
        f"{holder} is already running on {database}. "
        "Stop it first, or set DATABASE_URL to another file.",
        pid=pid,
    )
