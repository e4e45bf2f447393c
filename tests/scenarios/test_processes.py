"""The bot as a process: signals, a second one, and a stop in the middle of a render."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.scenarios.conftest import OpenStage
from tests.scenarios.process import BotProcess, spawn

pytestmark = pytest.mark.process

HELD = 75
QUICKLY_S = 10.0


async def test_sigterm_while_rendering_ends_in_order_and_the_next_start_delivers(
    open_stage: OpenStage,
) -> None:
    async with open_stage(kind=BotProcess) as stage:
        await stage.breaks("heygen:submit", "late", seconds=4)
        await stage.ada.types("/video a fox in snow --model veo_3_1")
        await stage.take(1).is_("running")
        began = time.monotonic()
        assert await stage.bot.stop() == 0
        assert time.monotonic() - began < 30
        await stage.bot.start()
        await stage.take(1).is_done()
        assert await stage.paid() == 1


async def test_sigterm_in_a_submit_waits_for_its_answer(open_stage: OpenStage) -> None:
    async with open_stage(kind=BotProcess) as stage:
        await stage.breaks("heygen:submit", "slow", seconds=3)
        await stage.ada.types("/video a fox in snow --model veo_3_1")
        await stage.take(1).is_("submitting")
        assert await stage.bot.stop() == 0
        written = await stage.take(1).written()
        assert written.execution.remote_id is not None, "the answer was written down"
        await stage.bot.start()
        await stage.take(1).is_done()
        assert await stage.paid() == 1


async def test_killed_while_rendering_the_next_start_delivers(open_stage: OpenStage) -> None:
    async with open_stage(kind=BotProcess, transport="http") as stage:
        await stage.breaks("fal:submit", "late", seconds=2)
        await stage.ada.types("/video a fox in snow")
        await stage.take(1).is_("running")
        await stage.crashes()
        await stage.take(1).is_done()
        assert await stage.paid() == 1


async def test_a_second_bot_on_the_same_database_ends_with_75(open_stage: OpenStage) -> None:
    async with open_stage(kind=BotProcess) as stage:
        assert isinstance(stage.bot, BotProcess)
        log = stage.bot.database.with_name("second.log")
        second = await spawn(stage.bot.settings.model_copy(update={"port": 0}), log)
        async with asyncio.timeout(QUICKLY_S):
            assert await second.wait() == HELD
        said = log.read_text()
        assert "is already running on" in said
        assert "Traceback" not in said
        await stage.ada.types("/video a fox in snow")
        await stage.take(1).is_done()
