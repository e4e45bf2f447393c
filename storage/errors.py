"""Why the database cannot be used: for good (refused, held) or for now (`StorageUnavailable`).

What SQLite reports about the world around it (a lock, a full disk, a broken one) becomes
`StorageUnavailable`; what it reports about a verb (a constraint, a misspelt column) stays what it
is, because that is a bug or a decision of the verb's caller.
Result codes: https://www.sqlite.org/rescode.html
"""

from __future__ import annotations

import sqlite3

from domain.errors import BotError, StorageUnavailable

PRIMARY_CODE_MASK = 0xFF

EXCHANGED = "The database file was deleted or exchanged while the bot ran."
TRY_LATER = "Nothing was started; please try again in a minute."

_SENTENCES = {
    sqlite3.SQLITE_BUSY: "The database is locked by another program.",
    sqlite3.SQLITE_LOCKED: "The database is locked by another program.",
    sqlite3.SQLITE_PROTOCOL: "The database is locked by another program.",
    sqlite3.SQLITE_FULL: "The disk of the database is full.",
    sqlite3.SQLITE_READONLY: "The database has become read-only.",
    sqlite3.SQLITE_PERM: "The database has become read-only.",
    sqlite3.SQLITE_IOERR: "The disk of the database does not work right now.",
    sqlite3.SQLITE_CANTOPEN: "The disk of the database does not work right now.",
    sqlite3.SQLITE_NOLFS: "The disk of the database does not work right now.",
    sqlite3.SQLITE_NOMEM: "There is not enough memory to write anything down.",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged.",
    sqlite3.SQLITE_NOTADB: "The database file is damaged.",
    sqlite3.SQLITE_INTERRUPT: "The bot is shutting down.",
}


class DatabaseRefused(BotError):
    """The file must not be touched: the operator has to act. The command line exits with 78."""


class DatabaseHeld(BotError):
    """Another process has the database. The command line exits with 75: it may be free later.

    `pid` is that process, None where it left no number.
    """

    def __init__(self, sentence: str, *, pid: int | None) -> None:
        super().__init__(sentence)
        self.pid = pid


class DatabaseExchanged(StorageUnavailable):
    """The file is not the one that was opened any more. Waiting does not help: the process ends,
    and the command line with 78."""


def primary_code(error: BaseException) -> int | None:
    """SQLite's primary result code, None for what SQLite itself did not raise."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & PRIMARY_CODE_MASK


def translated(error: Exception) -> Exception:
    """A new `StorageUnavailable` where the world is at fault, else the error as it is."""
    if isinstance(error, StopIteration):
        # A future refuses to carry one (PEP 479 has the reason).
        wrapped = RuntimeError("a verb raised StopIteration")
        wrapped.__cause__ = error
        return wrapped
    sentence = _SENTENCES.get(primary_code(error) or 0)
    if sentence is None:
        return error
    unavailable = StorageUnavailable(f"{sentence} {TRY_LATER}")
    unavailable.__cause__ = error
    return unavailable
