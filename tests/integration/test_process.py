"""The real process from outside: how it starts, refuses to start, stops, and dies.

reliability.md, I4 to I7, A7 and D8. Every exit status is sysexits.h's; no end has a traceback.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.exits import Exit
from domain.ports import Transaction
from storage.readonly import look
from tests.kill.people import mark_of
from tests.kill.run import PREFERENCES, prefer
from tests.kill.stage import Bot, Json, Stage, stage

STOP_LIMIT_S = 30.0  # reliability.md, L5
QUICK_S = 8.0
WAIT_S = 30.0
POLL_S = 0.05
AT_ONCE = PREFERENCES | {"undo_command_s": 0}
PROMPT = "a fox in snow"

pytestmark = [pytest.mark.process, pytest.mark.timeout(150)]


@pytest.fixture(params=["socket", "http"])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage, once over each transport."""
    async with stage(tmp_path, transport=request.param) as on:
        await prefer(on, AT_ONCE)
        yield on


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage over Socket Mode."""
    async with stage(tmp_path) as on:
        await prefer(on, AT_ONCE)
        yield on


# ── stopping ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_when_idle_it_is_gone_at_once(
    both: Stage, number: signal.Signals
) -> None:
    async with both.running_bot() as bot:
        assert await _stopped(bot, number, within_s=QUICK_S) == Exit.OK
        assert "Traceback" not in bot.said()


async def test_told_to_stop_while_starting_it_is_gone_at_once(on: Stage) -> None:
    await on.fault("slack:auth.test", "slow", seconds=20)
    bot = await on.start_bot()
    await _until(lambda: _has_struck(on))
    assert await _stopped(bot, signal.SIGTERM, within_s=QUICK_S) == Exit.OK
    assert "Traceback" not in bot.said()


async def test_a_submit_on_the_wire_is_waited_for(on: Stage) -> None:
    await on.fault("heygen:submit", "slow", seconds=4)
    async with on.running_bot() as bot:
        await _asked(on, f"{PROMPT} --model veo_3_1")
        await _until(lambda: _paid(on))
        assert await _stopped(bot, signal.SIGTERM, within_s=STOP_LIMIT_S) == Exit.OK
    assert look(on.database, _states) == ["running"]
    async with on.running_bot():
        await _until(lambda: _take_says(on, "Done"))
    assert len(await _paid(on)) == 1


async def test_a_submit_that_hangs_is_told_as_uncertain(on: Stage) -> None:
    """Asked to stop twice: that makes it neither later nor a cut."""
    await on.fault("heygen:submit", "hang", seconds=120)
    async with on.running_bot() as bot:
        await _asked(on, f"{PROMPT} --model veo_3_1")
        await _until(lambda: _paid(on))
        began_at = time.monotonic()
        bot.signal(signal.SIGTERM)
        await asyncio.sleep(10)
        bot.signal(signal.SIGTERM)
        assert await bot.ended() == Exit.OK
        assert time.monotonic() - began_at <= STOP_LIMIT_S
    assert look(on.database, _states) == ["submitting"]
    async with on.running_bot():
        await _until(lambda: _take_says(on, "may have been charged"), within_s=10)
        await asyncio.sleep(1)
    assert len(await _paid(on)) == 1, "it was paid again"


@pytest.mark.parametrize("target", ["slack:upload", "slack:files.completeUploadExternal"])
async def test_an_upload_that_is_cut_off_ends_in_one_file(on: Stage, target: str) -> None:
    await on.fault(target, "slow", seconds=20)
    async with on.running_bot() as bot:
        await _asked(on, PROMPT)
        await _until(lambda: _has_called(on, "/api/files.getUploadURLExternal"))
        await asyncio.sleep(0.5)
        assert await _stopped(bot, signal.SIGTERM, within_s=QUICK_S) == Exit.OK
    async with on.running_bot():
        await _until(lambda: _quiet(on))
        assert len(await _files(on)) == 1


async def test_what_was_kept_at_a_stop_was_acked(both: Stage) -> None:
    """No command is told “failed” by Slack and made all the same: a stop is not a crash."""
    async with both.running_bot() as bot:
        typed = [
            asyncio.create_task(both.command(f"{PROMPT}, scene {n}", channel=channel))
            for n, channel in enumerate(["general", "launch-film", "dm-ada"] * 20)
        ]
        await asyncio.sleep(0.08)
        status = await _stopped(bot, signal.SIGTERM, within_s=STOP_LIMIT_S)
        acks = [await each for each in typed]
    assert status == Exit.OK
    acked = sum(ack["error"] is None for ack in acks)
    assert len(look(both.database, _states)) == acked


async def test_a_locked_database_does_not_hold_up_a_stop(on: Stage) -> None:
    async with on.running_bot() as bot:
        with _locked(on.database):
            ack = asyncio.create_task(on.command(PROMPT))
            await asyncio.sleep(0.2)
            assert await _stopped(bot, signal.SIGTERM, within_s=STOP_LIMIT_S) == Exit.OK
        assert (await ack)["error"] is not None or "nothing was started" in str(await ack)


async def test_a_full_log_pipe_stops_neither_work_nor_the_end(on: Stage) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 1024)
    except BlockingIOError:
        os.set_blocking(writer, True)
    try:
        async with on.running_bot(out=writer) as bot:
            await _asked(on, PROMPT)
            await _until(lambda: _take_says(on, "Done"))
            status = await _stopped(bot, signal.SIGTERM, within_s=STOP_LIMIT_S)
    finally:
        os.close(reader)
        os.close(writer)
    assert status == Exit.OK


# ── starting, and refusing to ─────────────────────────────────────────────────────────────────


async def test_a_second_process_names_the_holder_and_leaves(on: Stage) -> None:
    async with on.running_bot() as first:
        second = await on.start_bot({"PORT": "0"})
        assert await second.ended(QUICK_S) == Exit.HELD
        (told,) = [line for line in second.said().splitlines() if not line.startswith("{")]
        assert f"Process {first.process.pid} is already running" in told
        assert await first.is_ready(on.session)


async def test_all_that_is_wrong_with_the_settings_is_told_at_once(on: Stage) -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "xapp-secret-1",
        "PORT": "99999",
        "HEYGEN_API_KEY": " ",
        "SLACK_API_URL": "ftp://secret-2",
        "DAILIES_MONTHLY_BUDGET_USD": "-3",
        "DAILIES_MONTHLY_BUDJET_USD": "5",
    }
    bot = await on.start_bot(wrong)
    assert await bot.ended(QUICK_S) == Exit.CONFIG
    said = bot.said()
    for name in wrong:
        assert f"  * {name} " in said
    assert "secret" not in said
    assert "Traceback" not in said
    assert not await _has_called(on, "/api/auth.test")


async def test_a_newer_database_is_refused_and_not_touched(on: Stage) -> None:
    with sqlite3.connect(on.database) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    await _is_refused(on, "999")


async def test_a_corrupt_database_is_refused_and_not_touched(on: Stage) -> None:
    on.database.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    await _is_refused(on, str(on.database))


async def test_a_port_that_is_taken_is_told(on: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bot = await on.start_bot({"PORT": str(taken.getsockname()[1])})
        assert await bot.ended(QUICK_S) == Exit.CONFIG
    assert "PORT" in bot.said()
    assert "Traceback" not in bot.said()


@pytest.mark.parametrize(
    ("name", "token"), [("SLACK_BOT_TOKEN", "xoxb-0-0"), ("SLACK_APP_TOKEN", "xapp-0-0")]
)
async def test_a_token_that_slack_refuses_is_named(on: Stage, name: str, token: str) -> None:
    bot = await on.start_bot({name: token})
    assert await bot.ended(QUICK_S) == Exit.CONFIG
    assert name in bot.said()
    assert "Traceback" not in bot.said()


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
@pytest.mark.parametrize("fault", ["reset_before", "status", "garbage"])
async def test_slack_that_does_not_answer_is_another_end(
    on: Stage, method: str, fault: str
) -> None:
    await on.fault(f"slack:{method}", fault, times=99)
    bot = await on.start_bot()
    assert await bot.ended(QUICK_S) == Exit.NO_SLACK
    assert "Slack does not answer" in bot.said()
    assert "Traceback" not in bot.said()


# ── running on, and dying ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "drop"])
async def test_a_lost_socket_comes_back(on: Stage, reason: str) -> None:
    async with on.running_bot():
        await on.control("disconnect", reason=reason)
        await _until(lambda: _has_new_socket(on), within_s=10)
        await asyncio.sleep(0.5)  # a refresh and the close after it may each open one
        await _asked(on, PROMPT)


async def test_a_start_behind_a_lock_goes_on_once_that_is_gone(on: Stage) -> None:
    """The database is locked just as the loops begin: the engine cannot even claim."""
    await on.fault("slack:auth.test", "slow", seconds=1)
    bot = await on.start_bot()
    try:
        await _until(lambda: _has_struck(on))
        with _locked(on.database):
            await _until(lambda: _is_kept_waiting(bot))
            assert not await bot.is_ready(on.session)
        await bot.until_ready(on.session)
        await _asked(on, PROMPT)
        await _until(lambda: _take_says(on, "Done"))
    finally:
        await bot.kill()


# ── what the tests do and look at ─────────────────────────────────────────────────────────────


async def _stopped(bot: Bot, number: signal.Signals, *, within_s: float) -> int:
    bot.signal(number)
    return await bot.ended(within_s)


async def _is_refused(on: Stage, what: str) -> None:
    before = on.database.read_bytes()
    bot = await on.start_bot()
    assert await bot.ended(QUICK_S) == Exit.CONFIG
    assert what in bot.said()
    assert "Traceback" not in bot.said()
    assert on.database.read_bytes() == before
    assert not await _has_called(on, "/api/auth.test")


@contextmanager
def _locked(database: Path) -> Any:
    """Another program holds the write lock."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def _asked(on: Stage, text: str) -> None:
    ack = await on.command(text)
    assert ack["error"] is None, ack
    assert "starts" in ack["body"]["text"], ack


async def _until(true: Callable[[], Awaitable[Any]], *, within_s: float = WAIT_S) -> None:
    give_up_at = time.monotonic() + within_s
    while not await true():
        assert time.monotonic() < give_up_at, "it never came true"
        await asyncio.sleep(POLL_S)


async def _has_called(on: Stage, path: str) -> bool:
    return any(entry["path"] == path for entry in await on.look("traffic?since=0"))


async def _has_struck(on: Stage) -> bool:
    """Whether no fault is armed any more: the call that it was for is under way."""
    return not (await on.state())["faults"]


async def _is_kept_waiting(bot: Bot) -> bool:
    """Whether it has said that storage is unavailable; it must live."""
    assert bot.process.returncode is None, bot.said()
    return any(line["event"] == "storage unavailable" for line in _lines(bot))


async def _paid(on: Stage) -> list[Json]:
    ledger: list[Json] = await on.look("ledger")
    return ledger


async def _take_says(on: Stage, words: str) -> bool:
    messages = await on.look(f"messages?channel={on.channel('general')}")
    return any(words in m["text"] for m in messages if mark_of(m).startswith("take:"))


async def _files(on: Stage) -> list[Json]:
    messages = await on.look(f"messages?channel={on.channel('general')}")
    return [message for message in messages if message.get("files")]


async def _quiet(on: Stage) -> bool:
    return bool(await _files(on)) and not look(on.database, _unsent)


async def _has_new_socket(on: Stage) -> bool:
    """Whether a second socket was opened."""
    traffic: list[Json] = await on.look("traffic?since=0")
    return [entry["note"] for entry in traffic].count("socket opened") > 1


def _lines(bot: Bot) -> list[Json]:
    return [json.loads(line) for line in bot.said().splitlines() if line.startswith("{")]


def _states(db: Transaction) -> list[str]:
    return [row["state"] for row in db.execute("SELECT state FROM execution").all()]


def _unsent(db: Transaction) -> list[str]:
    rows = db.execute("SELECT kind FROM outbox WHERE state <> 'sent'").all()
    return [row["kind"] for row in rows]
