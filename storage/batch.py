"""Group commit: many verbs, one transaction, one fsync; and each verb's failure its own.

Everything here is a plain function over `sqlite3.Connection`, so that the database thread and a
simulation without threads commit in exactly the same way. The connection must be in autocommit
mode (`isolation_level=None`): the statements below are the only ones that begin or end anything.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.ports import Transaction
from storage.errors import primary_code, translated

Call = Callable[[Transaction], Any]

# After these SQLite may have rolled back everybody's work because of one statement
# (https://www.sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction").
UNDOES_OTHERS = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CONSTRAINT}
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one verb: its answer, or what it raised (then it wrote nothing)."""

    answer: Any = None
    failure: Exception | None = None


def run_batch(connection: sqlite3.Connection, calls: Sequence[Call]) -> list[Outcome]:
    """Run `calls` in order and commit them together; one outcome each, in the same order.

    A call that raises is undone alone. When one call makes SQLite undo the whole transaction,
    each is run again by itself. When the commit fails, all fail with `StorageUnavailable`.
    """
    try:
        return _commit_together(connection, calls)
    except _UndoneError as undone:
        error, again = undone.error, primary_code(undone.error) in UNDOES_OTHERS
    except sqlite3.Error as failed:
        # A deferred constraint is told at COMMIT and is one call's fault, not the disk's.
        error, again = failed, primary_code(failed) == sqlite3.SQLITE_CONSTRAINT
        if primary_code(failed) == sqlite3.SQLITE_IOERR:
            _overwrite(connection)
    if again and len(calls) > 1:
        return [outcome for call in calls for outcome in run_batch(connection, [call])]
    _log.warning("%d calls were not committed: %s", len(calls), error)
    return [Outcome(failure=translated(error)) for _ in calls]


def _commit_together(connection: sqlite3.Connection, calls: Sequence[Call]) -> list[Outcome]:
    if connection.in_transaction:  # a rollback that the disk did not let through
        connection.execute("ROLLBACK")
    connection.execute("BEGIN IMMEDIATE")
    try:
        transaction = SqliteTransaction(connection)
        if len(calls) == 1:
            outcomes = [_run_alone(connection, transaction, calls[0])]
        else:
            outcomes = [_run_one(connection, transaction, call) for call in calls]
        if connection.in_transaction:
            connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return outcomes


def _overwrite(connection: sqlite3.Connection) -> None:
    """A COMMIT that failed at its last synchronisation has written everything to the log: a process
    that is killed next would find it done, although all were told that it was not. The next commit
    begins at the same place of the log, so one that changes nothing takes it away."""
    with contextlib.suppress(sqlite3.Error):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")


def _run_alone(connection: sqlite3.Connection, transaction: Transaction, call: Call) -> Outcome:
    """Nobody else's work has to survive it, so it needs no savepoint."""
    try:
        answer = call(transaction)
    except Exception as error:
        if not connection.in_transaction:
            raise _UndoneError(error) from error
        connection.execute("ROLLBACK")
        return Outcome(failure=translated(error))
    _check_open(connection)
    return Outcome(answer)


def _run_one(connection: sqlite3.Connection, transaction: Transaction, call: Call) -> Outcome:
    connection.execute("SAVEPOINT one_call")
    try:
        answer = call(transaction)
    except Exception as error:
        if not connection.in_transaction:
            raise _UndoneError(error) from error
        connection.execute("ROLLBACK TO one_call")
        connection.execute("RELEASE one_call")
        return Outcome(failure=translated(error))
    _check_open(connection)
    connection.execute("RELEASE one_call")
    return Outcome(answer)


def _check_open(connection: sqlite3.Connection) -> None:
    if not connection.in_transaction:
        raise RuntimeError("a verb ended the transaction: it may only read and write rows")


class _UndoneError(Exception):
    """SQLite rolled the transaction back by itself while one call ran."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class SqliteTransaction:
    """`domain.ports.Transaction` over a connection. Rows are read whole at once."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None, /) -> SqliteRows:
        changes_before = self._connection.total_changes
        cursor = self._connection.execute(sql, parameters or {})
        rows = cursor.fetchall()
        changed = cursor.rowcount
        if changed < 0:
            # sqlite3 counts only statements that begin with INSERT, UPDATE, DELETE or REPLACE.
            changed = self._connection.total_changes - changes_before
        names = [column[0] for column in cursor.description or ()]
        return SqliteRows(changed, [dict(zip(names, row, strict=True)) for row in rows])


@dataclass(frozen=True, slots=True)
class SqliteRows:
    """`domain.ports.Rows`: the rows a statement answered, and how many it changed."""

    changed: int
    _rows: Sequence[Mapping[str, Any]]

    def one(self) -> Mapping[str, Any] | None:
        """The first row, None where there is none."""
        return self._rows[0] if self._rows else None

    def all(self) -> Sequence[Mapping[str, Any]]:
        """Every row, in the statement's order."""
        return self._rows
