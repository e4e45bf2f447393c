"""`sandbox`: the real bot beside a local Slack and local vendors, in one command.

The sandbox is another process that knows nothing of us: it gets our manifest and prints one JSON
line of addresses and tokens, from which ordinary settings are made. Of the environment only what
`CHOSEN` names is read, so no real token can reach it, and what a run keeps is removed with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot import logs
from bot.app import run as run_bot
from bot.exits import Exit
from bot.manifest import MANIFEST
from bot.settings import ROOT, LogFormat, Settings, sentences
from bot.web import EVENTS_PATH
from storage.errors import DatabaseHeld, DatabaseRefused
from storage.lockfile import LOCK_SUFFIX, LockFile

GREETING_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
DATABASE = "dailies.sqlite3"
# Local renders take seconds, and a newcomer's disk is not ours to be strict about.
CHECK_INTERVAL_S = 1.0
MIN_FREE_BYTES = 100 * 1024 * 1024

# What a person may set for the sandbox, too: neither a secret nor an address.
CHOSEN = ("DAILIES_MONTHLY_BUDGET_USD", "DAILIES_TIMEZONE", "HEYGEN_API_VERSION", "HEYGEN_PLAN")

_HIDDEN_FROM_SANDBOX = ("SLACK_", "HEYGEN_", "FAL_", "RUNWARE_", "DAILIES_")


class SandboxBroken(Exception):
    """The sandbox did not start."""


async def run(transport: str, *, port: int, is_open: bool) -> int:
    """Serve until interrupted; the exit status of the bot."""
    bot_port = _free_port()
    folder = _folder()
    try:
        async with _sandbox(transport, page_port=port, bot_port=bot_port) as (greeting, ended):
            settings = settings_of(greeting, folder, port=bot_port, chosen=_chosen(os.environ))
            writer = logs.configure(settings.log_format, secrets=settings.secrets())
            try:
                ready = partial(_tell, greeting["page_url"], is_open=is_open)
                return await _first_of(run_bot(settings, ready), ended)
            finally:
                writer.close()
    except SandboxBroken as error:
        sys.stderr.write(f"{error}\n")
        return Exit.LOOP_DIED
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settings_of(
    greeting: Mapping[str, Any], folder: Path, *, port: int, chosen: Mapping[str, str]
) -> Settings:
    """The sandbox's line as settings; it uses the settings' own names. `chosen` are those of a
    person. Raises `SandboxBroken` for a value that is not right."""
    given = {name: greeting[name] for name in Settings.model_fields if name in greeting}
    if greeting["transport"] == "http":
        del given["slack_app_token"]
    own = {
        "port": port,
        "database_url": f"sqlite:///{folder / DATABASE}",
        "media_url": (folder / "media").as_uri(),
        "dailies_check_interval_s": CHECK_INTERVAL_S,
        "dailies_min_free_bytes": MIN_FREE_BYTES,
        "log_format": LogFormat.AUTO,
    }
    try:
        return Settings(**{**given, **own, **chosen})
    except ValidationError as error:
        raise SandboxBroken("\n".join(sentences(error))) from None


def _chosen(environment: Mapping[str, str]) -> Mapping[str, str]:
    """What a person set for this run, by the settings' own names."""
    return {name.lower(): environment[name] for name in CHOSEN if environment.get(name)}


@asynccontextmanager
async def _sandbox(
    transport: str, *, page_port: int, bot_port: int
) -> AsyncIterator[tuple[dict[str, Any], asyncio.Task[int]]]:
    """The running sandbox: its greeting, and a task that ends when it does."""
    arguments = ["--manifest", str(MANIFEST), "--transport", transport]
    if transport == "http":
        arguments += ["--request-url", f"http://127.0.0.1:{bot_port}{EVENTS_PATH}"]
    if page_port:
        arguments += ["--page-port", str(page_port)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", *arguments),
        cwd=ROOT,
        env=_environment(),
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C in the terminal is for us; the sandbox goes when the bot has said goodbye.
        start_new_session=True,
    )
    ended = asyncio.create_task(process.wait(), name="sandbox")
    try:
        yield await _greeting(process), ended
    finally:
        await _stop(process, ended)


async def _greeting(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(GREETING_TIMEOUT_S):
            line = await process.stdout.readline()
        greeting = json.loads(line)
    except (TimeoutError, ValueError) as error:
        raise SandboxBroken("The sandbox did not start; what it said is above.") from error
    assert isinstance(greeting, dict)
    return greeting


async def _stop(process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
    if process.returncode is None:
        process.terminate()
    done, _ = await asyncio.wait({ended}, timeout=STOP_TIMEOUT_S)
    if not done:
        process.kill()
        await ended


async def _first_of(bot: Any, ended: asyncio.Task[int]) -> int:
    """The bot's status; without the sandbox the bot has nothing to talk to and is ended."""
    running = asyncio.create_task(bot, name="bot")
    try:
        await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise SandboxBroken(f"The sandbox ended by itself (status {ended.result()}).")
        return int(running.result())
    finally:
        running.cancel()
        await asyncio.wait({running})


def _tell(page_url: str, *, is_open: bool) -> None:
    sys.stdout.write(f"Dailies is in the sandbox at {page_url} (Ctrl-C ends it).\n")
    sys.stdout.flush()
    has_screen = sys.platform == "darwin" or "DISPLAY" in os.environ
    if is_open and has_screen and sys.stdout.isatty():
        webbrowser.open(page_url)


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_HIDDEN_FROM_SANDBOX)
    }


def _folder() -> Path:
    parent = ROOT / "data" / "sandbox"
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"run-*/{DATABASE}{LOCK_SUFFIX}"):
        _remove_if_left(left.parent)
    return Path(tempfile.mkdtemp(prefix="run-", dir=parent))


def _remove_if_left(folder: Path) -> None:
    """What a killed run could not remove. One that still runs holds its database's lock."""
    try:
        LockFile.acquire(folder / DATABASE).release()
    except (DatabaseHeld, DatabaseRefused):
        return
    shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
