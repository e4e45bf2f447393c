"""A connection that is watched and that can fail: what a batch changed, row by row, and a disk
that is locked, full or broken at any statement.

The changes are kept by temporary triggers, so they are exactly what was committed, in order, and
nothing of them is in the database file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.simulation.faults import Faults

_COLUMNS = (
    "state",
    "version",
    "attempt",
    "key",
    "reserved_micro_usd",
    "billed_micro_usd",
    "remote_id",
    "cancel_requested_at",
    "lease_until",
    "unknown_since",
)
_CODES = {
    "db.locked": ("database is locked", sqlite3.SQLITE_BUSY),
    "db.full": ("database or disk is full", sqlite3.SQLITE_FULL),
    "db.io": ("disk I/O error", sqlite3.SQLITE_IOERR),
}
# At which statements a batch can be struck: a lock shows at its begin, the disk anywhere.
_AT_BEGIN = ("db.locked",)
_AT_COMMIT = ("db.full", "db.io")


@dataclass(frozen=True, slots=True)
class Change:
    """One row that a commit changed: `old` is empty where it was inserted."""

    what: str
    id: str
    old: dict[str, Any]
    new: dict[str, Any]


def watch(connection: sqlite3.Connection) -> None:
    """Begin to watch. The simulated disk is memory, so nothing is synchronised either."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(_WATCH)


class Spied:
    """What `storage.batch` needs of a connection, with faults; `changes` are those of the batch."""

    def __init__(self, connection: sqlite3.Connection, faults: Faults | None) -> None:
        self._connection = connection
        self._faults = faults
        self._changes_before = connection.total_changes

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def total_changes(self) -> int:
        return self._connection.total_changes

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        if self._faults is not None:
            if sql == "BEGIN IMMEDIATE":
                self._strike(_AT_BEGIN)
            elif sql == "COMMIT":
                self._strike(_AT_COMMIT)
        return self._connection.execute(sql, parameters)

    def changes(self) -> list[Change]:
        """What was committed in this batch."""
        if self._connection.total_changes == self._changes_before:
            return []
        rows = self._connection.execute(
            "SELECT what, id, old, new FROM temp.change ORDER BY n"
        ).fetchall()
        if rows:
            self._connection.execute("DELETE FROM temp.change")
        return [Change(what, id_, _row(old), _row(new)) for what, id_, old, new in rows]

    def _strike(self, kinds: Sequence[str]) -> None:
        assert self._faults is not None
        kind = self._faults.strikes(*kinds)
        if kind is None:
            return
        if kind == "db.io" and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")  # SQLite does so by itself after some of them
        words, code = _CODES[kind]
        error = sqlite3.OperationalError(words)
        error.sqlite_errorcode = code
        raise error


def _row(written: str | None) -> dict[str, Any]:
    if not written:
        return {}
    values = [None if value == "~" else value for value in written.split("|")]
    return dict(zip(_COLUMNS, values, strict=False))


def _written(row: str) -> str:
    return " || '|' || ".join(f"COALESCE({row}.{column}, '~')" for column in _COLUMNS)


_WATCH = f"""
CREATE TEMP TABLE change (n INTEGER PRIMARY KEY, what TEXT, id TEXT, old TEXT, new TEXT);
CREATE TEMP TRIGGER spy_execution_new AFTER INSERT ON execution BEGIN
  INSERT INTO change (what, id, old, new)
  VALUES ('execution', NEW.id, '', {_written("NEW")}); END;
CREATE TEMP TRIGGER spy_execution AFTER UPDATE ON execution
WHEN OLD.version <> NEW.version OR OLD.state <> NEW.state BEGIN
  INSERT INTO change (what, id, old, new)
  VALUES ('execution', NEW.id, {_written("OLD")}, {_written("NEW")}); END;
CREATE TEMP TRIGGER spy_outcome_new AFTER INSERT ON outcome BEGIN
  INSERT INTO change (what, id, old, new) VALUES ('outcome', NEW.request_id, '', NEW.kind); END;
CREATE TEMP TRIGGER spy_outcome AFTER UPDATE ON outcome BEGIN
  INSERT INTO change (what, id, old, new)
  VALUES ('outcome', NEW.request_id, OLD.kind, NEW.kind); END;
CREATE TEMP TRIGGER spy_budget AFTER UPDATE ON budget BEGIN
  INSERT INTO change (what, id, old, new) VALUES ('budget', NEW.team_id, '',
  NEW.reserved_micro_usd + NEW.spent_micro_usd); END;
"""
