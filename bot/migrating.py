"""`migrate`: bring the database to the newest schema, and say which one that is."""

from __future__ import annotations

import sys

from bot.exits import Exit
from storage.database import SqliteDatabase
from storage.migrate import MIGRATIONS, read_migrations
from storage.sqlite_file import sqlite_path


async def run(database_url: str) -> Exit:
    """Open and close. Raises `DatabaseHeld` and `DatabaseRefused`."""
    path = sqlite_path(database_url)
    async with await SqliteDatabase.open(path):
        version = len(read_migrations(MIGRATIONS))
    sys.stdout.write(f"{path} has schema version {version}.\n")
    return Exit.OK
