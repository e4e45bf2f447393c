"""Brings a database file to the newest schema: numbered SQL files, each in one transaction.

`PRAGMA user_version` says which file was applied last. It lives in the database's header and
changes with the same commit as the tables, so a crash at any statement leaves the old version
whole. A file from a newer program is refused and never touched.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.errors import DatabaseRefused

MIGRATIONS = Path(__file__).parent / "migrations"
# "Daly" in the header of every file that is ours
# (https://www.sqlite.org/fileformat.html#application_id).
APPLICATION_ID = 0x44616C79

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file: what takes a database from version `number - 1` to `number`."""

    number: int
    name: str
    statements: tuple[str, ...]


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """Every migration of a folder in order. Raises `ValueError` for a gap, a doubled number, a
    name that is not `NNNN_name.sql`, or a statement without its end."""
    migrations = tuple(_read(path) for path in sorted(folder.glob("*.sql")))
    if not migrations:
        raise ValueError(f"{folder} has no migrations")
    for expected, migration in enumerate(migrations, start=1):
        if migration.number != expected:
            raise ValueError(f"{migration.name}: expected number {expected:04}")
    return migrations


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> list[str]:
    """Apply what is missing; the names of what was applied. The connection is in autocommit mode.

    Raises `DatabaseRefused` where the file is newer than `migrations`, and where one of them does
    not fit the rows that are there; then the file is at the version before it, whole.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(migrations):
        raise newer_schema(version, len(migrations))
    applied = []
    for migration in migrations[version:]:
        try:
            _apply(connection, migration)
        except sqlite3.Error as error:
            raise DatabaseRefused(
                f"Migration {migration.name} failed ({error}). The database is unchanged at "
                f"version {migration.number - 1}; run the program that wrote it, and report this."
            ) from error
        applied.append(migration.name)
    return applied


def newer_schema(version: int, newest: int) -> DatabaseRefused:
    """The refusal of a file that a newer program has written."""
    return DatabaseRefused(
        f"The database has schema version {version}, this program knows {newest}. "
        "It was not touched: start the newer program, or restore a backup from before it."
    )


def _read(path: Path) -> Migration:
    match = _FILE_NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path.name}: a migration is named NNNN_name.sql")
    statements = tuple(_statements(path.read_text("utf-8"), path.name))
    return Migration(number=int(match[1]), name=path.stem, statements=statements)


def _statements(script: str, name: str) -> Iterator[str]:
    """Split at the semicolons that end a statement, not at those in strings and triggers."""
    start = 0
    for semicolon in re.finditer(";", script):
        statement = script[start : semicolon.end()]
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            start = semicolon.end()
    rest = script[start:]
    if _COMMENT.sub("", rest).strip():
        raise ValueError(f"{name}: the last statement has no end: {rest.strip()[:60]!r}")


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    # Rebuilding a table needs foreign keys off, which only works outside a transaction; they are
    # checked as a whole before the commit (https://www.sqlite.org/lang_altertable.html#otheralter).
    had_foreign_keys = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        _apply_statements(connection, migration)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute(f"PRAGMA foreign_keys = {had_foreign_keys}")


def _apply_statements(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in migration.statements:
        connection.execute(statement).fetchall()
        if not connection.in_transaction:
            raise sqlite3.ProgrammingError("a migration must not end its transaction")
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        raise sqlite3.IntegrityError(f"rows of {orphan[0]} refer to missing rows of {orphan[2]}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {migration.number}")
