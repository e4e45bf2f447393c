"""A look into the database beside a running bot: one verb, read-only, nothing is ever written.

A second connection that only reads is safe with every SQLite; the WAL-reset bug needs two that
write or checkpoint (https://www.sqlite.org/wal.html#walresetbug).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from domain.execution import Execution
from domain.ports import Transaction
from storage.batch import SqliteTransaction
from storage.errors import DatabaseRefused, primary_code
from storage.rows import execution_from

BUSY_TIMEOUT_S = 5.0
_PASSING = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM}
)

T = TypeVar("T")


def look(path: Path, verb: Callable[..., T], *arguments: Any) -> T:
    """What `verb(db, *arguments)` reads. Raises `DatabaseRefused` where nothing can be read."""
    if not path.exists():
        raise DatabaseRefused(f"{path} is not there yet: the bot has not run with it.")
    url = f"{path.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(url, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            return verb(SqliteTransaction(connection), *arguments)
        finally:
            connection.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:  # damage need not even be text
        raise _refusal(path, error) from error


def _refusal(path: Path, error: Exception) -> DatabaseRefused:
    if primary_code(error) in _PASSING:
        return DatabaseRefused(f"{path} cannot be read: {error}.")
    return DatabaseRefused(
        f"{path} cannot be read ({error}): it is damaged, no database of ours, or of another "
        "version. `python -m bot doctor` says which."
    )


def latest_executions(db: Transaction, limit: int, only_open: bool) -> list[tuple[int, Execution]]:
    """The newest executions of every workspace, each with its shot's number."""
    rows = db.execute(
        "SELECT shot.number AS shot_number, execution.* FROM execution"
        " JOIN shot ON shot.id = execution.shot_id"
        " WHERE :only_open = 0 OR execution.ended_at IS NULL"
        " ORDER BY execution.created_at DESC LIMIT :limit",
        {"only_open": int(only_open), "limit": limit},
    ).all()
    return [(int(row["shot_number"]), execution_from(row)) for row in rows]
