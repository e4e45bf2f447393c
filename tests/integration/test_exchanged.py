"""F10 on the real process: a database file that is exchanged under it ends it with a sentence, and
it takes nothing with it, neither what was promised nor the file that has the name now."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.exits import Exit
from domain.ports import Transaction
from storage.database import SqliteDatabase
from storage.readonly import look
from tests.integration.accepted import accept
from tests.kill.people import STARTED
from tests.kill.run import PREFERENCES, prefer
from tests.kill.stage import Bot, Stage, stage

NOTICED_S = 40.0  # it asks every 15 seconds though nobody works
PROMPT = "a fox in snow"

pytestmark = [pytest.mark.process, pytest.mark.timeout(150)]


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage over Socket Mode, on which nothing is submitted for a while."""
    async with stage(tmp_path) as on:
        await prefer(on, PREFERENCES | {"undo_command_s": 60})
        yield on


async def test_f10_a_file_in_its_place_is_left_as_it_is(on: Stage, tmp_path: Path) -> None:
    other, log = await _another(tmp_path)
    wal = on.database.with_name(on.database.name + "-wal")
    async with on.running_bot() as bot:
        await _asked(on)
        shutil.move(other, on.database)
        shutil.move(log, wal)
        before = on.database.read_bytes(), wal.read_bytes()
        await _ended_in_words(bot)
    assert (on.database.read_bytes(), wal.read_bytes()) == before
    assert look(on.database, _prompts) == ["fox number 7"]


async def test_f10_a_log_that_was_deleted_is_not_lost(on: Stage) -> None:
    async with on.running_bot() as bot:
        await _asked(on)
        on.database.with_name(on.database.name + "-wal").unlink()
        await _ended_in_words(bot)
    assert look(on.database, _prompts) == [PROMPT]
    async with on.running_bot() as bot:
        assert await bot.is_ready(on.session)


async def _another(folder: Path) -> tuple[Path, Path]:
    """A sound database of somebody's with a log that holds all of it."""
    path = folder / "another" / "d.sqlite3"
    copy = folder / "copy.sqlite3"
    log = copy.with_name("copy.sqlite3-wal")
    async with await SqliteDatabase.open(path) as database:
        await accept(database, 7)
        shutil.copy(path, copy)
        shutil.copy(path.with_name(path.name + "-wal"), log)
    assert log.stat().st_size > 0
    return copy, log


async def _asked(on: Stage) -> None:
    ack = await on.command(PROMPT)
    assert STARTED.match(ack["body"]["text"]), ack


async def _ended_in_words(bot: Bot) -> None:
    assert await bot.ended(NOTICED_S) == Exit.CONFIG
    said = bot.said()
    assert "was deleted or exchanged while the bot ran. Look at DATABASE_URL" in said, said
    assert "Traceback" not in said


def _prompts(db: Transaction) -> list[str]:
    rows = db.execute("SELECT json_extract(work, '$.prompt') AS prompt FROM request").all()
    return [row["prompt"] for row in rows]
