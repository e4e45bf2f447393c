"""The bot as a process of its own: `python -m bot run` with nothing but its environment."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from bot.ports import database_path
from bot.settings import Settings
from storage.database import SqliteDatabase
from storage.readonly import look
from tests.scenarios.bot import STOP_TIMEOUT_S, until_ready
from tests.scenarios.sandbox import ROOT

T = TypeVar("T")


class BotProcess:
    """`tests.scenarios.bot.AnyBot` as a process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = database_path(settings)
        self._log = self.database.with_name("bot.log")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and not ended by us."""
        return self._process is not None

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    async def start(self) -> None:
        process = self._process = await spawn(self.settings, self._log)
        await until_ready(self.settings.port, lambda: process.returncode is None)

    async def stop(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_TIMEOUT_S):
            status = await self._process.wait()
        self._process = None
        return status

    async def crash(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process = None

    async def close(self) -> None:
        await self.crash()

    async def read(self, verb: Callable[..., T], *arguments: Any) -> T:
        if self.is_running:
            return look(self.database, verb, *arguments)
        async with await SqliteDatabase.open(self.database) as database:
            return await database.run(verb, *arguments)


async def spawn(settings: Settings, log: Path) -> asyncio.subprocess.Process:
    """`python -m bot run`, its log appended to a file."""
    with log.open("ab") as lines:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **environment(settings)},
            stderr=lines,
        )


def environment(settings: Settings) -> dict[str, str]:
    """Settings as an operator writes them down."""
    said: dict[str, str] = {}
    for name in Settings.model_fields:
        match getattr(settings, name):
            case None | ():
                continue
            case SecretStr() as secret:
                said[name.upper()] = secret.get_secret_value()
            case tuple() as listed:
                said[name.upper()] = ",".join(listed)
            case value:
                said[name.upper()] = str(value)
    return said
