"""A database is at one version or the next, whole, with its rows; never between, never further."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.errors import DatabaseRefused
from storage.migrate import APPLICATION_ID, MIGRATIONS, Migration, migrate, read_migrations

FIRST = """
-- Words; and a semicolon in a comment.
CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL DEFAULT 'a;b');
/* another; one */ CREATE TABLE part (
  note_id INTEGER NOT NULL REFERENCES note (id)
); CREATE INDEX part_of ON part (note_id);
CREATE TRIGGER cleanup AFTER DELETE ON note BEGIN
  DELETE FROM part WHERE note_id = old.id;
  DELETE FROM note WHERE words = ';';
END;
-- The end.
"""

# A table rebuilt in the way SQLite's documentation asks for, with rows that refer to it.
SECOND = """
CREATE TABLE note_new (id INTEGER PRIMARY KEY, words TEXT NOT NULL, length INTEGER NOT NULL);
INSERT INTO note_new SELECT id, words, length(words) FROM note;
DROP TABLE note;
ALTER TABLE note_new RENAME TO note;
"""
THIRD = "ALTER TABLE note ADD COLUMN said_at REAL;"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/0001_first.sql").write_text(FIRST)
    return tmp_path / "migrations"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "d.sqlite3", isolation_level=None)
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("PRAGMA foreign_keys = ON")
    yield opened
    opened.close()


def image(connection: sqlite3.Connection) -> str:
    """Everything that a migration could have changed."""
    version = connection.execute("PRAGMA user_version").fetchone()
    dump = "\n".join(connection.iterdump())
    return hashlib.sha256(f"{version} {dump}".encode()).hexdigest()


def one(connection: sqlite3.Connection, sql: str) -> Any:
    return connection.execute(sql).fetchone()[0]


def test_a_file_is_split_at_the_ends_of_its_statements(folder: Path) -> None:
    (migration,) = read_migrations(folder)

    assert (migration.number, migration.name) == (1, "0001_first")
    assert [s.rsplit("\n", 1)[-1] for s in migration.statements] == [
        "CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL DEFAULT 'a;b');",
        ");",
        "CREATE INDEX part_of ON part (note_id);",
        "END;",
    ]


def test_an_empty_file_becomes_ours_and_a_second_run_does_nothing(
    folder: Path, connection: sqlite3.Connection
) -> None:
    assert migrate(connection, read_migrations(folder)) == ["0001_first"]
    assert one(connection, "PRAGMA user_version") == 1
    assert one(connection, "PRAGMA application_id") == APPLICATION_ID
    assert one(connection, "SELECT count(*) FROM sqlite_schema") == 4

    before = connection.total_changes, image(connection)
    assert migrate(connection, read_migrations(folder)) == []
    assert (connection.total_changes, image(connection)) == before


@pytest.mark.parametrize("old", [1, 2])
def test_rows_of_an_older_version_come_along(
    folder: Path, connection: sqlite3.Connection, old: int
) -> None:
    (folder / "0002_length.sql").write_text(SECOND)
    (folder / "0003_said.sql").write_text(THIRD)
    migrate(connection, read_migrations(folder)[:old])
    for n in range(1, 500):
        length = {} if old == 1 else {"length": 4}
        names = ", ".join(["id", "words", *length])
        connection.execute(f"INSERT INTO note ({names}) VALUES ({n}, 'fox;'{', 4' * len(length)})")
        connection.execute(f"INSERT INTO part VALUES ({n})")

    assert migrate(connection, read_migrations(folder)) == ["0002_length", "0003_said"][old - 1 :]

    rows = connection.execute("SELECT id, words, length, said_at FROM note ORDER BY id").fetchall()
    assert rows == [(n, "fox;", 4, None) for n in range(1, 500)]
    assert one(connection, "SELECT count(*) FROM part JOIN note ON note.id = note_id") == 499
    assert one(connection, "PRAGMA foreign_keys") == 1
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO part VALUES (9999)")


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("CREATE TABLE extra (id INTEGER); SELECT * FROM nowhere;", "no such table"),
        ("ALTER TABLE note ADD COLUMN more TEXT NOT NULL;", "NOT NULL"),
        ("DELETE FROM part; INSERT INTO part VALUES (77);", "missing rows of note"),
        ("CREATE TABLE extra (id INTEGER); COMMIT;", "must not end its transaction"),
        ("UPDATE note SET words = 'changed'; ROLLBACK;", "must not end its transaction"),
    ],
)
def test_a_migration_that_fails_leaves_the_version_before_it_whole(
    folder: Path, connection: sqlite3.Connection, sql: str, complaint: str
) -> None:
    migrate(connection, read_migrations(folder))
    connection.execute("INSERT INTO note (id) VALUES (1)")
    connection.execute("INSERT INTO part VALUES (1)")
    (folder / "0002_good.sql").write_text(THIRD)
    (folder / "0003_bad.sql").write_text(sql)

    with pytest.raises(DatabaseRefused, match=f"0003_bad failed .*{complaint}.*version 2"):
        migrate(connection, read_migrations(folder))

    assert not connection.in_transaction
    assert one(connection, "PRAGMA user_version") == 2
    assert one(connection, "PRAGMA foreign_keys") == 1
    if "COMMIT" not in sql:  # a migration that commits by itself cannot be undone, only found out
        assert one(connection, "SELECT count(*) FROM sqlite_schema") == 4
    assert connection.execute("SELECT * FROM note").fetchall() == [(1, "a;b", None)]
    assert connection.execute("SELECT * FROM part").fetchall() == [(1,)]


def test_a_newer_version_is_refused_and_not_touched(
    folder: Path, connection: sqlite3.Connection
) -> None:
    migrate(connection, read_migrations(folder))
    connection.execute("PRAGMA user_version = 9")
    before = image(connection)
    with pytest.raises(DatabaseRefused, match="schema version 9, this program knows 1"):
        migrate(connection, read_migrations(folder))
    assert image(connection) == before


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("0003_gap.sql", "SELECT 1;", "expected number 0002"),
        ("0001_twice.sql", "SELECT 1;", "expected number 0002"),
        ("2_short.sql", "SELECT 1;", "NNNN_name.sql"),
        ("0002_Big Name.sql", "SELECT 1;", "NNNN_name.sql"),
        ("0002_open.sql", "SELECT 1; SELECT 2 -- ;", "has no end"),
        ("0002_quote.sql", "SELECT 'open;", "has no end"),
    ],
)
def test_a_folder_that_is_not_in_order_is_a_mistake_found_before_anything_runs(
    folder: Path, name: str, content: str, complaint: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises(ValueError, match=complaint):
        read_migrations(folder)


def test_a_folder_without_migrations_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no migrations"):
        read_migrations(tmp_path)


def test_our_own_migrations_apply_to_an_empty_file(connection: sqlite3.Connection) -> None:
    ours = read_migrations(MIGRATIONS)
    assert migrate(connection, ours) == [migration.name for migration in ours]
    assert one(connection, "PRAGMA user_version") == len(ours)
    assert one(connection, "PRAGMA integrity_check") == "ok"


def test_statements_run_one_by_one_in_one_transaction(connection: sqlite3.Connection) -> None:
    ran: list[str] = []
    connection.set_trace_callback(ran.append)
    statements = ("CREATE TABLE a (x);", "INSERT INTO a VALUES (1);")
    migrate(connection, [Migration(number=1, name="0001_a", statements=statements)])
    connection.set_trace_callback(None)

    begin, commit = ran.index("BEGIN IMMEDIATE"), ran.index("COMMIT")
    inside = ran[begin + 1 : commit]
    assert [statement for statement in inside if statement in statements] == list(statements)
    assert "PRAGMA user_version = 1" in inside
    assert ran.count("BEGIN IMMEDIATE") == ran.count("COMMIT") == 1
