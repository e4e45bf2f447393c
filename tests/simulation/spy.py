"""A connection that is watched and that can fail: what a batch changed, row by row, and what
befalls it at any statement.

The changes are kept by temporary triggers, so they are exactly what was committed, in order, and
nothing of them is in the database file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulation.disk_trouble import UNSURE, Batch, Doom

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
    """What `storage.batch` needs of a connection, with what befalls the batch; `changes` are those
    of the batch. `left` is told what is in the files although its COMMIT failed, and None once
    that is overwritten."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        batch: Batch,
        doom: Doom | None,
        left: Callable[[bytes | None], None],
    ) -> None:
        self._connection = connection
        self._batch = batch
        self._doom = doom
        self._left = left
        self._changes_before = connection.total_changes
        self._versioned = False  # a page is written that counts as no change of a row

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def total_changes(self) -> int:
        return self._connection.total_changes

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        if self._doom is not None:
            self._suffer(self._doom, sql)
        if sql == "BEGIN IMMEDIATE":
            self._batch.parameters.clear()
            self._changes_before = self._connection.total_changes
        if self._doom is not None:
            self._batch.parameters.append(parameters)
        wrote = self._connection.total_changes > self._changes_before or self._versioned
        cursor = self._connection.execute(sql, parameters)
        self._versioned |= sql.startswith("PRAGMA user_version =")
        if (sql == "COMMIT" and wrote) or sql.startswith("PRAGMA wal_checkpoint"):
            self._left(None)
            self._versioned = False
        return cursor

    def _suffer(self, doom: Doom, sql: str) -> None:
        wrote = self._connection.total_changes > self._changes_before
        if sql == "COMMIT" and doom.kind == UNSURE and wrote and not doom.struck:
            self._left(self._connection.serialize())
        doom.strike(self._connection, sql, len(self._batch.parameters))

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
