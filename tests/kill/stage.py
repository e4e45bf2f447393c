"""What real processes play on: the sandbox as one process, and the bot as another with nothing but
its ordinary settings in the environment. Everything is started, asked and ended from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent.parent
PACE_S = 0.3
START_TIMEOUT_S = 60.0
READY_POLL_S = 0.02
STOP_TIMEOUT_S = 35.0

# The sandbox's greeting uses the settings' own names.
_GREETED = (
    *("slack_bot_token", "slack_api_url", "heygen_api_url", "heygen_upload_url"),
    *("heygen_api_key", "fal_queue_url", "fal_rest_url", "fal_cdn_url", "fal_key"),
    *("fal_api_url", "fal_jwks_url", "fal_webhook_user_id"),
    *("runware_api_url", "runware_api_key"),
)
_FOREIGN = (
    *("SLACK_", "HEYGEN_", "FAL_", "RUNWARE_", "DAILIES_", "DATABASE_", "MEDIA_", "LOG_"),
    *("PORT", "HOST"),
)


@dataclass
class Bot:
    """One process of the real bot. `folder` outlives it."""

    process: asyncio.subprocess.Process
    port: int
    started_at: float
    log: Path

    async def is_ready(self, session: aiohttp.ClientSession) -> bool:
        """Whether `/readyz` says yes now."""
        try:
            async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def until_ready(self, session: aiohttp.ClientSession) -> None:
        """Wait for `/readyz`. Raises AssertionError where the process ends before."""
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await self.is_ready(session):
                assert self.process.returncode is None, self.said()
                await asyncio.sleep(READY_POLL_S)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def kill(self) -> None:
        """Pull the plug."""
        self.signal(signal.SIGKILL)
        await self.process.wait()

    async def ended(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Its exit status, once it has ended by itself. Raises TimeoutError, then it is killed."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self.process.wait()
        except TimeoutError:
            await self.kill()
            raise

    def said(self) -> str:
        """Everything it wrote."""
        return self.log.read_text(errors="replace")


@dataclass
class Stage:
    """A running sandbox, and the folder in which a bot keeps its rows and videos."""

    greeting: Json
    session: aiohttp.ClientSession
    folder: Path
    bot_port: int

    @property
    def database(self) -> Path:
        """The bot's database file."""
        return self.folder / "dailies.sqlite3"

    @property
    def team_id(self) -> str:
        """The sandbox's one workspace."""
        return str(self.greeting["team_id"])

    def channel(self, name: str) -> str:
        """A channel's id."""
        return str(self.greeting["channels"][name])

    async def control(self, call: str, **body: Any) -> Json:
        """Do something as a person or as the operator; it must succeed."""
        async with self.session.post(f"{self.greeting['control_url']}/{call}", json=body) as sent:
            answer: Json = await sent.json()
            assert answer.get("ok"), f"{call}: {answer}"
            return answer

    async def look(self, what: str) -> Any:
        """A GET of the control API; the member that is named after it."""
        async with self.session.get(f"{self.greeting['control_url']}/{what}") as answer:
            return (await answer.json())[what.partition("?")[0]]

    async def command(self, text: str, *, user: str = "ada", channel: str = "general") -> Json:
        """`/video …`; the ack."""
        answer = await self.control("command", user=user, channel=channel, text=f"/video {text}")
        ack: Json = answer["ack"]
        return ack

    async def fault(self, target: str, kind: str, *, times: int = 1, **params: Any) -> None:
        """Arm a fault."""
        await self.control("fault", target=target, kind=kind, times=times, params=params)

    def settings(self) -> dict[str, str]:
        """The environment of a bot that plays here, and nothing else of its kind."""
        own = {name: str(self.greeting[name]) for name in _GREETED}
        if self.greeting["transport"] == "socket":
            own["slack_app_token"] = self.greeting["slack_app_token"]
        else:
            own["slack_signing_secret"] = self.greeting["slack_signing_secret"]
        own |= {
            "port": str(self.bot_port),
            "database_url": f"sqlite:///{self.database}",
            "media_url": (self.folder / "media").as_uri(),
            "dailies_check_interval_s": "0.3",
            "dailies_min_free_bytes": "1MiB",
            "dailies_monthly_budget_usd": "100000",
            "dailies_admins": self.greeting["users"]["ada"],
            "log_format": "json",
        }
        return {name.upper(): value for name, value in own.items()}

    async def state(self) -> Json:
        """Everything the sandbox shows of itself."""
        async with self.session.get(f"{self.greeting['control_url']}/state") as answer:
            state: Json = await answer.json()
            return state

    async def start_bot(
        self, more: Mapping[str, str] | None = None, *, out: int | None = None
    ) -> Bot:
        """Start `python -m bot run` with `more` settings. It writes to `out`, else to its log."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        chosen = self.settings() | dict(more or {})
        started_at = time.time()
        log = self.folder / f"bot-{time.monotonic_ns()}.log"
        with log.open("wb") as file:
            process = await _spawn(
                "bot", "run", environment=environment | chosen, out=out or file.fileno()
            )
        return Bot(process, int(chosen["PORT"]), started_at, log)

    @asynccontextmanager
    async def running_bot(self, *, out: int | None = None) -> AsyncIterator[Bot]:
        """A bot that is ready; killed at the end where it has not ended by itself."""
        bot = await self.start_bot(out=out)
        try:
            await bot.until_ready(self.session)
            yield bot
        finally:
            await bot.kill()


@asynccontextmanager
async def stage(folder: Path, *, transport: str = "socket") -> AsyncIterator[Stage]:
    """The sandbox as a process of its own until the block ends."""
    bot_port = free_port()
    arguments = ["--manifest", "manifest.yml", "--transport", transport, "--pace", str(PACE_S)]
    if transport == "http":
        arguments += ["--request-url", f"http://127.0.0.1:{bot_port}/slack/events"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
    with (folder / "sandbox.log").open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sandbox", *arguments),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=err,
            start_new_session=True,
        )
    try:
        greeting = await _greeting(process)
        async with aiohttp.ClientSession() as session:
            yield Stage(greeting, session, folder, bot_port)
    finally:
        await _end(process)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _greeting(process: asyncio.subprocess.Process) -> Json:
    assert process.stdout is not None
    async with asyncio.timeout(START_TIMEOUT_S):
        greeting: Json = json.loads(await process.stdout.readline())
    return greeting


async def _spawn(
    module: str, *arguments: str, environment: Mapping[str, str], out: int
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=out,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
