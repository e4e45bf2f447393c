"""Stages for stories: one sandbox process a worker and transport, one bot a story."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.settings import Settings
from bot.web import EVENTS_PATH
from tests.scenarios import curtain
from tests.scenarios.bot import AnyBot, Bot, settings_from
from tests.scenarios.sandbox import Control, Json, sandbox_process
from tests.scenarios.stage import Stage

BOTH = ("heygen", "fal")
QUICK = {"fallback": False, "undo_command_s": 0.3, "undo_reply_s": 0.8, "undo_reply_max_s": 3.0}

both_transports = pytest.mark.parametrize("stage", ["socket", "http"], indirect=True)

OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[Callable[[str], Json]]:
    """The greeting of this worker's sandbox of a transport, started when it is first needed."""
    running: dict[str, Json] = {}
    with ExitStack() as stack:

        def greeting(transport: str) -> Json:
            if transport not in running:
                running[transport] = stack.enter_context(sandbox_process(transport))
            return running[transport]

        yield greeting


@pytest.fixture
def open_stage(sandboxes: Callable[[str], Json], tmp_path: Path) -> OpenStage:
    """A stage with other settings than the usual ones; the curtain falls when its block ends."""

    @asynccontextmanager
    async def opened(
        *,
        transport: str = "socket",
        gateways: tuple[str, ...] = BOTH,
        kind: Callable[[Settings], AnyBot] = Bot,
        **said: Any,
    ) -> AsyncIterator[Stage]:
        greeting = sandboxes(transport)
        settings = settings_from(greeting, tmp_path, gateways=frozenset(gateways), **said)
        bot = kind(settings)
        async with aiohttp.ClientSession() as session:
            stage = Stage(Control(greeting, session), bot)
            try:
                await _raise(stage, transport)
                yield stage
                await curtain.falls(stage)
                await bot.stop()
            finally:
                await bot.close()
        curtain.check_log(stage)

    return opened


@pytest.fixture
async def stage(open_stage: OpenStage, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The usual stage: Socket Mode, both vendors, windows of a fraction of a second."""
    async with open_stage(transport=getattr(request, "param", "socket")) as opened:
        yield opened


async def _raise(stage: Stage, transport: str) -> None:
    await stage.control.reset()
    if transport == "http":
        url = f"http://127.0.0.1:{stage.bot.settings.port}{EVENTS_PATH}"
        await stage.control.do("request_url", url=url)
    await stage.prefers(**QUICK)
    await stage.bot.start()
