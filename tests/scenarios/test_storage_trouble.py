"""The database or the disk has no room for a while: nothing is half started."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.ports import database_path
from tests.scenarios.conftest import OpenStage
from tests.scenarios.stage import Stage

BOLTS_ERROR = "Failed to run listener function"
LOCKER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@asynccontextmanager
async def locked(path: Path, seconds: float) -> AsyncIterator[None]:
    """Another process holds the database for so long; the block ends after that."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LOCKER, str(path), str(seconds)), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"locked\n"
    try:
        yield
    finally:
        assert await process.wait() == 0


async def test_two_seconds_of_a_locked_database_are_waited_for(stage: Stage) -> None:
    stage.expected_errors.add("storage unavailable")
    async with locked(database_path(stage.bot.settings), 2.0):
        answer = await stage.ada.types("/video a fox in snow")
    assert "V-1 take 1" in answer
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_a_database_that_stays_locked_starts_nothing_and_says_so(stage: Stage) -> None:
    stage.expected_errors |= {"storage unavailable", "silence not looked at"}
    async with locked(database_path(stage.bot.settings), 8.0):
        answer = await stage.ada.types("/video a fox in snow")
        assert "nothing was started" in answer
    assert await stage.shot(1).find() is None
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_a_reply_that_cannot_be_kept_is_delivered_again_by_slack(stage: Stage) -> None:
    stage.expected_errors |= {"storage unavailable", BOLTS_ERROR}
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    async with locked(database_path(stage.bot.settings), 5.0):
        await stage.ada.replies("at night")
    await stage.take(2).is_done(within_s=40)
    assert await stage.paid() == 2


@pytest.mark.parametrize("at", ["running", "submitting"])
async def test_locked_while_it_is_made_the_answer_is_written_afterwards(
    stage: Stage, at: str
) -> None:
    stage.expected_errors |= {"storage unavailable", "step not written", "telling not written"}
    await stage.breaks("heygen:submit", "slow", seconds=1)
    await stage.breaks("heygen:submit", "late", seconds=1)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).is_(at)
    async with locked(database_path(stage.bot.settings), 2.5):
        pass
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_a_full_disk_holds_and_says_so(open_stage: OpenStage) -> None:
    async with open_stage(dailies_min_free_bytes=2**60) as stage:
        await stage.ada.types("/video a fox in snow")
        message = await stage.take(1).reads("disk is full")
        assert message["text"].startswith("Waiting")
        assert await stage.paid() == 0
