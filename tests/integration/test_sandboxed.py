"""`python -m bot sandbox`: one command, the real bot, both transports, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.architecture import ROOT

START_LIMIT_S = 60
WORK_LIMIT_S = 60
STOP_LIMIT_S = 30

pytestmark = pytest.mark.process


@contextmanager
def sandbox(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running process and its page's address; ended whatever happens."""
    process = subprocess.Popen(
        (sys.executable, "-m", "bot", "sandbox", "--no-open", *arguments),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, (line, process.stderr.read() if process.stderr else "")
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_LIMIT_S)


def call(page: str, path: str, **body: Any) -> dict[str, Any]:
    content = json.dumps(body).encode() if body else None
    request = Request(f"{page}control/{path}", content, {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        read: dict[str, Any] = json.load(answer)
    return read


def acked(page: str) -> str:
    """Type a command until the bot is connected; what it answered."""
    give_up_at = time.monotonic() + START_LIMIT_S
    while time.monotonic() < give_up_at:
        ack = call(page, "command", user="ada", channel="general", text="/video a fox in snow")
        if ack["ack"]["status"] == 200:
            return json.dumps(ack["ack"]["body"])
        time.sleep(0.5)
    raise AssertionError("nobody took the command")


def folder_of(process: subprocess.Popen[str]) -> Path:
    """Where this run keeps its rows: others may be running in the same checkout."""
    for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
        target = descriptor.readlink()
        if target.name == "dailies.sqlite3":
            return target.parent
    raise AssertionError("no database is open")


def listed(folder: Path) -> str:
    """`executions`, beside the bot that runs on the same database."""
    url = f"sqlite:///{folder / 'dailies.sqlite3'}"
    return subprocess.run(
        (sys.executable, "-m", "bot", "executions"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        capture_output=True,
        check=True,
        text=True,
    ).stdout


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_a_command_becomes_a_video_and_the_end_leaves_nothing(transport: str) -> None:
    with sandbox("--transport", transport, SLACK_BOT_TOKEN="xoxb-real-canary") as (process, page):
        assert "V-1" in acked(page)
        folder = folder_of(process)
        assert folder.parent == ROOT / "data" / "sandbox"
        give_up_at = time.monotonic() + WORK_LIMIT_S
        while not (files := _videos(page)) and time.monotonic() < give_up_at:
            time.sleep(0.5)
        assert files, call(page, "messages?channel=general")
        assert len(call(page, "ledger")["ledger"]) == 1
        assert re.search(r"V-1 +execution_\w+ +\w+ +seedance_2_0@fal", listed(folder))
        process.send_signal(signal.SIGTERM)
        said, logged = process.communicate(timeout=STOP_LIMIT_S)
    assert process.returncode == 0, logged
    assert "canary" not in said + logged
    assert "Traceback" not in logged
    assert not folder.exists()
    with pytest.raises(OSError, match="refused"):
        urlopen(page, timeout=2)


def test_a_budget_of_ones_own_holds_in_the_sandbox() -> None:
    with sandbox(DAILIES_MONTHLY_BUDGET_USD="4") as (_, page):
        acked(page)
        ack = call(page, "command", user="ada", channel="general", text="/video usage")
    assert "of $4.00" in json.dumps(ack["ack"]["body"])


def test_ctrl_c_ends_it_the_same_way() -> None:
    with sandbox() as (process, page):
        acked(page)
        process.send_signal(signal.SIGINT)
        _, logged = process.communicate(timeout=STOP_LIMIT_S)
    assert process.returncode in {0, 130}
    assert "Traceback" not in logged


def test_what_a_killed_run_left_is_removed_by_the_next() -> None:
    with sandbox() as (process, page):
        acked(page)
        folder, child = folder_of(process), _child_of(process.pid)
        process.kill()
        process.wait()
        os.kill(child, signal.SIGTERM)
    assert folder.exists()
    with sandbox() as (process, page):
        acked(page)
        assert not folder.exists()
        assert folder_of(process).exists()


def test_without_its_sandbox_the_bot_ends_with_a_sentence() -> None:
    with sandbox() as (process, page):
        acked(page)
        os.kill(_child_of(process.pid), signal.SIGKILL)
        _, logged = process.communicate(timeout=STOP_LIMIT_S)
    assert process.returncode == 70
    assert "The sandbox ended by itself" in logged


def _videos(page: str) -> list[str]:
    messages = call(page, "messages?channel=general")["messages"]
    names = [file["name"] for message in messages for file in message.get("files", [])]
    return [name for name in names if name.endswith(".mp4")]


def _child_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    named = [child for child in children if _is_sandbox(child)]
    return int(named[0])


def _is_sandbox(pid: str) -> bool:
    return b"sandbox\0--manifest" in Path(f"/proc/{pid}/cmdline").read_bytes()
