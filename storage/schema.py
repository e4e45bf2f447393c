"""What a database file must have in it, as SQLite understands it: damage shows at the start.

A byte that changed in a table's text may leave a file that opens and passes every check of
SQLite's, and breaks at the first statement that names the column. So what is there is held against
what the migrations make. More than that (somebody's index) is let be.
https://www.sqlite.org/pragma.html#pragfunc
"""

from __future__ import annotations

import sqlite3
from functools import cache

from storage.migrate import Migration, migrate

Part = tuple[object, ...]

_QUERIES = (
    "SELECT 'column', t.name, c.* FROM sqlite_schema t, pragma_table_xinfo(t.name) c"
    " WHERE t.type = 'table'",
    'SELECT \'reference\', t.name, f."table", f."from", f."to", f.on_update, f.on_delete'
    " FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
    'SELECT \'index\', t.name, i.name, i."unique", i.partial, k.seqno, k.name, k."desc", k.coll'
    " FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) k"
    " WHERE t.type = 'table'",
)


def read_schema(connection: sqlite3.Connection) -> frozenset[Part]:
    """Every column, reference and index of a database, each by all that is known of it. Raises
    sqlite3.Error, and UnicodeDecodeError where names are not text any more."""
    return frozenset(part for query in _QUERIES for part in connection.execute(query))


@cache
def schema_after(migrations: tuple[Migration, ...]) -> frozenset[Part]:
    """What these migrations make of an empty database."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection, migrations)
        return read_schema(connection)
    finally:
        connection.close()


def lost(seen: frozenset[Part], migrations: tuple[Migration, ...]) -> str | None:
    """The first thing that is not there as it was made, in words for an operator."""
    missing = sorted(schema_after(migrations) - seen, key=str)
    if not missing:
        return None
    kind, table, *rest = missing[0]
    name = rest[1] if kind == "column" else rest[0]
    return f"the {kind} {name} of its table {table} is not as it was made"
