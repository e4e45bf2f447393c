"""The real bot in the test's own loop: its composition root, a real database file, real HTTP.

Only the clock can be moved on. A stop is the product's own; a crash cancels every task at once.
"""

from __future__ import annotations

import asyncio
import io
import logging
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiohttp
import structlog

from bot import app, logs
from bot.clock import SystemClock
from bot.ports import Ports, real_ports
from bot.settings import LogFormat, Settings

Json = dict[str, Any]

READY_TIMEOUT_S = 20.0
READY_POLL_S = 0.02
STOP_TIMEOUT_S = 30.0  # L5

T = TypeVar("T")


class MovableClock(SystemClock):
    """The machine's clock moved on by what a story skipped; the wall clock may be set wrong."""

    def __init__(self) -> None:
        self.skipped_s = 0.0
        self.ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.skipped_s + self.ahead_s

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped_s


class Logbook:
    """Everything the bot logs, as its own chain writes it."""

    def __init__(self, settings: Settings) -> None:
        root = logging.getLogger()
        self._before = (root.handlers[:], root.level, structlog.get_config())
        self._stream = io.StringIO()
        self._writer = logs.configure(
            LogFormat.JSON, secrets=settings.secrets(), stream=self._stream
        )

    def close(self) -> None:
        """Write what waits, and give logging back."""
        self._writer.close()
        root = logging.getLogger()
        handlers, level, configuration = self._before
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**configuration)

    @property
    def text(self) -> str:
        """All of it, one JSON object a line."""
        return self._stream.getvalue()


class AnyBot(Protocol):
    """One bot that can be stopped, crashed and started again on the same files."""

    settings: Settings

    @property
    def is_running(self) -> bool: ...

    @property
    def log(self) -> str:
        """What it has logged, one JSON object a line."""
        ...

    async def start(self) -> None:
        """Run until `/readyz` says yes."""
        ...

    async def stop(self) -> int:
        """Tell it to stop, as SIGTERM does; its exit status."""
        ...

    async def crash(self) -> None:
        """End it wherever it is."""
        ...

    async def close(self) -> None:
        """End it where it still runs, and its log."""
        ...

    async def read(self, verb: Callable[..., T], *arguments: Any) -> T:
        """One verb on its database; it may write while the bot is not running."""
        ...


class Bot:
    """The bot in this very loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._logbook = Logbook(settings)
        self.clock = MovableClock()
        self._stack = AsyncExitStack()
        self._ports: Ports | None = None
        self._told = asyncio.Event()
        self._serving: asyncio.Task[int] | None = None
        self._strangers: set[asyncio.Task[Any]] = set()

    @property
    def ports(self) -> Ports:
        """The running bot's ports."""
        assert self._ports is not None, "the bot is not running"
        return self._ports

    @property
    def is_running(self) -> bool:
        """Whether it was started and neither stopped nor crashed."""
        return self._serving is not None

    async def _open(self) -> None:
        """Open its files, before anything runs."""
        if self._ports is not None:
            return
        self._strangers = asyncio.all_tasks()
        ports = await self._stack.enter_async_context(real_ports(self.settings))
        self._ports = replace(ports, clock=self.clock)

    @property
    def log(self) -> str:
        return self._logbook.text

    async def start(self) -> None:
        await self._open()
        self._told = asyncio.Event()
        self._serving = asyncio.create_task(
            app.serve(self.settings, self.ports, self._told), name="bot"
        )
        serving = self._serving
        await until_ready(self.settings.port, lambda: not serving.done())

    async def read(self, verb: Callable[..., T], *arguments: Any) -> T:
        await self._open()
        return await self.ports.database.run(verb, *arguments)

    async def stop(self) -> int:
        assert self._serving is not None
        self._told.set()
        async with asyncio.timeout(STOP_TIMEOUT_S):
            status = await self._serving
        await self._close()
        return status

    async def crash(self) -> None:
        doomed = {
            task
            for task in asyncio.all_tasks() - self._strangers
            if task is not asyncio.current_task() and not task.get_name().startswith("story")
        }
        for task in doomed:
            task.cancel()
        await asyncio.gather(*doomed, return_exceptions=True)
        await self._close()

    async def close(self) -> None:
        await self.crash()
        self._logbook.close()

    async def _close(self) -> None:
        self._serving, self._ports = None, None
        await self._stack.aclose()


async def until_ready(port: int, is_alive: Callable[[], bool]) -> None:
    """Wait for `/readyz`, as long as the bot lives."""
    async with asyncio.timeout(READY_TIMEOUT_S), aiohttp.ClientSession() as session:
        while not await _is_ready(session, port):
            assert is_alive(), "the bot ended before it was ready"
            await asyncio.sleep(READY_POLL_S)


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def settings_from(
    greeting: Json, folder: Path, *, gateways: frozenset[str], **said: Any
) -> Settings:
    """The sandbox's greeting as settings; only the keys of `gateways` are set."""
    given = {name: greeting[name] for name in Settings.model_fields if name in greeting}
    if greeting["transport"] == "http":
        del given["slack_app_token"]
    keys = {"heygen": "heygen_api_key", "fal": "fal_key", "runware": "runware_api_key"}
    for gateway, key in keys.items():
        if gateway not in gateways:
            del given[key]
    usual: Json = {
        "port": free_port(),
        "database_url": f"sqlite:///{folder / 'dailies.sqlite3'}",
        "media_url": (folder / "media").as_uri(),
        "dailies_check_interval_s": 0.2,
        "dailies_min_free_bytes": 1,
        "log_format": LogFormat.JSON,
    }
    return Settings(**given | usual | said)


def free_port() -> int:
    """A port of this machine that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
