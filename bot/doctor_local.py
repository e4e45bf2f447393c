"""What the doctor sees on this machine: the program, the database, the disk, the web port."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from bot.clock import WorkerThreads
from bot.findings import Finding, mend, note, ok
from bot.settings import ROOT, Settings
from domain.errors import StorageUnavailable
from storage.errors import DatabaseHeld, DatabaseRefused
from storage.lockfile import LockFile
from storage.media import open_media
from storage.migrate import APPLICATION_ID, MIGRATIONS, read_migrations
from storage.readonly import look
from storage.silence import silences
from storage.sqlite_file import PRIVATE_FOLDER_MODE, damaged, inspect, sqlite_path

SQLITE_MIN = (3, 35, 0)
PACKAGES = ("bot", "handlers", "storage", "domain", "gateways")
OTHERS_MASK = 0o077
GIB = 1024**3


def look_at_program() -> Iterator[Finding]:
    """Our packages are those of this checkout, and SQLite is new enough."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    strangers = [name for name in PACKAGES if not _is_ours(name)]
    if strangers:
        yield mend(
            "program",
            f"{', '.join(strangers)} come from another place than {ROOT}",
            f"start in {ROOT}, with {ROOT}/.venv/bin/python -m bot",
        )
    elif sqlite3.sqlite_version_info < SQLITE_MIN:
        least = ".".join(str(part) for part in SQLITE_MIN)
        yield mend(
            "program", f"SQLite {sqlite3.sqlite_version}", f"install SQLite {least} or newer"
        )
    else:
        yield ok("program", f"Python {python}, SQLite {sqlite3.sqlite_version}, from {ROOT}")


def look_at_database(settings: Settings) -> Iterator[Finding]:
    """The file is ours, whole and private, and its folder can be written."""
    path = sqlite_path(settings.database_url)
    try:
        yield _database(path)
    except DatabaseHeld as error:
        yield ok("database", f"{path}, in use by the running bot (process {error.pid or '?'})")
    except DatabaseRefused as error:
        first, _, rest = error.sentence.partition(". ")
        yield mend("database", first, rest or "set DATABASE_URL to another file")


def look_at_silence(settings: Settings) -> Iterator[Finding]:
    """Whether the bot, with this database, is waiting for Slack to take its token again."""
    try:
        found = look(sqlite_path(settings.database_url), silences)
    except DatabaseRefused:
        return  # its own line says what is wrong with the database
    for silence in found:
        since = datetime.fromtimestamp(silence.since, UTC).strftime("%Y-%m-%d %H:%M UTC")
        yield mend(
            "sending",
            f"Slack refused our token in {silence.team_id} ({silence.reason}, {since}): nothing is"
            " sent and nothing new is paid there",
            "install the app again, or set SLACK_BOT_TOKEN anew; the bot asks at its start and"
            " every minute, and then goes on",
        )


def _database(path: Path) -> Finding:
    """Raises `DatabaseHeld` and `DatabaseRefused`."""
    migrations = read_migrations(MIGRATIONS)
    newest = len(migrations)
    if not path.exists() or path.stat().st_size == 0:
        return _new_database(path)
    LockFile.acquire(path).release()
    seen = inspect(path)
    if not seen.is_empty and seen.application_id != APPLICATION_ID:
        return mend("database", f"{path} belongs to another program", "set DATABASE_URL anew")
    if seen.version > newest:
        return mend("database", f"{path} was written by a newer version", "start that version")
    if not seen.is_new and (damage := seen.damage(migrations)):
        raise damaged(path, damage)
    if path.stat().st_mode & OTHERS_MASK:
        return mend("database", f"{path} can be read by other users", f"chmod 600 {path}")
    missing = newest - seen.version
    if missing:
        return note("database", f"{path} needs {missing} migrations", "`run` applies them")
    return ok("database", f"{path}, schema version {seen.version}")


def _new_database(path: Path) -> Finding:
    """The nearest folder that exists must let us write; nothing is made here."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not _is_writable(folder):
        return mend("database", f"{folder} cannot be written", "give the bot's user the right to")
    if path.parent.exists() and path.parent.stat().st_mode & OTHERS_MASK:
        return note(
            "database",
            f"{path} will be made in a folder that others can read",
            f"chmod {PRIVATE_FOLDER_MODE:o} {path.parent}",
        )
    return ok("database", f"{path} will be made by the first run")


async def look_at_media(settings: Settings) -> Finding:
    """The store answers, and there is room for videos."""
    threads = WorkerThreads(threads_max=1)
    try:
        free_bytes = await open_media(settings.media_url, threads).free_bytes()
    except (OSError, ValueError, StorageUnavailable) as error:
        return mend("media", type(error).__name__, "set MEDIA_URL to a folder that can be written")
    finally:
        threads.close()
    if free_bytes is None:
        return ok("media", settings.media_url)
    said = f"{settings.media_url}, {free_bytes / GIB:.1f} GiB free"
    if free_bytes < settings.dailies_min_free_bytes:
        least = settings.dailies_min_free_bytes / GIB
        fix = f"free some: below {least:.1f} GiB (DAILIES_MIN_FREE_BYTES) no new work begins"
        return mend("media", said, fix)
    return ok("media", said)


def look_at_port(settings: Settings) -> Finding:
    """Nobody else listens where we are going to."""
    where = f"{settings.host}:{settings.port}"
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
    except OSError as error:
        fix = "set PORT to a free one, unless it is the running bot that has it"
        return note("web", f"{where}: {error.strerror}", fix)
    return ok("web", f"{where} is free")


def _is_ours(name: str) -> bool:
    found = find_spec(name)
    origin = found.origin if found else None
    return origin is not None and Path(origin).resolve().is_relative_to(ROOT)


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)
