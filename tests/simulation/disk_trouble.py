"""A database whose lock, room or disk fails at any statement of a batch, and what is left then.

SQLite undoes the whole transaction where a statement of it meets an I/O error, and where one meets
a full disk without a journal of its own; a COMMIT that fails undoes it always. But a COMMIT whose
last synchronisation fails has written all of it: whoever is killed before the next commit finds it
there (https://www.sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction";
https://www.sqlite.org/walformat.html, "Recovery": a frame counts once its commit frame is whole).
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.simulation.faults import Faults

LOCKED, FULL, BROKEN, UNSURE = "db.locked", "db.full", "db.io", "db.unsure"
AT_COMMIT_SHARE = 0.4
STATEMENTS = 128  # of a large batch; one that is to break after its last breaks at its COMMIT
ALONE_SHARE = 0.5  # how often a full disk undoes but its own statement
_CODES = {
    LOCKED: ("database is locked", sqlite3.SQLITE_BUSY),
    FULL: ("database or disk is full", sqlite3.SQLITE_FULL),
    BROKEN: ("disk I/O error", sqlite3.SQLITE_IOERR),
    UNSURE: ("disk I/O error", sqlite3.SQLITE_IOERR),
}
_ID = re.compile(r"\b[a-z]+_[0-9a-f]{32}\b|\b\d{10}\.\d{6}\b")  # ours, or a message of Slack's
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")


@dataclass(slots=True)
class Batch:
    """What is about to be committed together: the work it was asked for, and what it names."""

    calls: tuple[Callable[..., Any], ...] = ()
    parameters: list[Any] = field(default_factory=list)  # of its statements so far

    @classmethod
    def of(cls, function: Callable[[sqlite3.Connection], Any]) -> Batch:
        """The batch that `storage.database` has the thread commit; empty for anything else."""
        given = function.args[0] if isinstance(function, partial) and function.args else ()
        return cls(tuple(call for call in given if callable(call)))

    def ids(self) -> frozenset[str]:
        """Whom it is about: every request, shot or execution that its verbs are given or name."""
        given = [repr(cell.cell_contents) for call in self.calls for cell in _cells(call)]
        named = map(repr, self.parameters)
        return frozenset(_ID.findall(" ".join((*given, *named))))


def _cells(call: Callable[..., Any]) -> tuple[Any, ...]:
    return getattr(call, "__closure__", None) or ()


@dataclass(slots=True)
class Doom:
    """What befalls one batch, and at which of its statements. It is drawn before the batch runs,
    so that a thread draws nothing."""

    kind: str
    at: int | None  # the statement; None is its COMMIT
    is_alone: bool
    struck: bool = False

    @classmethod
    def drawn(cls, faults: Faults, batch: Batch) -> Doom | None:
        """What befalls a batch, if anything does."""
        kind = faults.draws(LOCKED, FULL, BROKEN, UNSURE, about=batch)
        if kind is None:
            return None
        is_last = kind == UNSURE or faults.between(0, 1) < AT_COMMIT_SHARE
        at = None if is_last else int(2 ** faults.between(0.0, math.log2(STATEMENTS)))
        return cls(kind, at, faults.between(0, 1) < ALONE_SHARE)

    def strike(self, connection: sqlite3.Connection, sql: str, number: int) -> None:
        """Raise at its statement, having undone what SQLite undoes there."""
        if self.struck or not self._is_now(sql, number):
            return
        self.struck = True
        keeps = self.kind == FULL and self.is_alone and sql != "COMMIT"
        if connection.in_transaction and not keeps:
            connection.execute("ROLLBACK")
        words, code = _CODES[self.kind]
        error = sqlite3.OperationalError(words)
        error.sqlite_errorcode = code
        raise error

    def _is_now(self, sql: str, number: int) -> bool:
        if self.kind == LOCKED:
            return sql == "BEGIN IMMEDIATE"
        if sql == "COMMIT":
            return True
        due = self.at is not None and number >= self.at
        # A lock and a journal are nothing that a read needs room for.
        return due and (self.kind == BROKEN or sql.lstrip().startswith(_WRITES))
