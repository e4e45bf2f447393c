"""`python -m bot sandbox` as people start it, and what only its control API can tell."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 40.0
DONE_TIMEOUT_S = 60.0
LOOK_PAUSE_S = 0.2

Json = dict[str, Any]

_ADDRESS = re.compile(r"http://\S+/")


@dataclass(frozen=True)
class Product:
    """The running bot with its local Slack and vendors."""

    page_url: str

    def control(self, call: str, **body: Any) -> Json:
        """A control call. Errors: urllib's HTTPError where the sandbox refuses it."""
        request = Request(
            f"{self.page_url}control/{call}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        return self._read(request)

    def ledger(self) -> list[Json]:
        """Every submission that a vendor accepted: what would be on a bill."""
        return list(self._read(f"{self.page_url}control/ledger")["ledger"])

    def submitted(self, prompt: str) -> list[Json]:
        """The accepted submissions with these words in their prompt."""
        return [entry for entry in self.ledger() if prompt in json.dumps(entry["input"])]

    def messages(self, channel: str) -> list[Json]:
        """Everything in a channel, threads included, oldest first."""
        address = f"{self.page_url}control/messages?channel={quote(channel)}"
        return list(self._read(address)["messages"])

    def order(self, line: str, *, user: str, channel: str) -> None:
        """What a person's `/video …` does, for a test that begins with a finished take."""
        acked = self.control("command", user=user, channel=channel, text=f"/video {line}")["ack"]
        assert acked["error"] is None, acked

    def wait_until_submitted(self, prompt: str, *, times: int) -> None:
        """Until a vendor accepted this so often. Errors: AssertionError: more, or a minute over."""
        deadline = time.monotonic() + DONE_TIMEOUT_S
        while len(self.submitted(prompt)) < times and time.monotonic() < deadline:
            time.sleep(LOOK_PAUSE_S)
        assert len(self.submitted(prompt)) == times

    def wait_until_told(self, prompt: str, channel: str) -> None:
        """Until the channel heard that this is done. Errors: AssertionError after a minute."""
        deadline = time.monotonic() + DONE_TIMEOUT_S
        while time.monotonic() < deadline:
            heard = [each for each in self.messages(channel) if prompt in each.get("text", "")]
            if any(each.get("subtype") == "thread_broadcast" for each in heard):
                return
            time.sleep(LOOK_PAUSE_S)
        raise AssertionError(f"{prompt!r} was not done in {DONE_TIMEOUT_S:g} s: {heard}")

    def wait_until_connected(self) -> None:
        """Until the bot hears what is typed. Errors: AssertionError after a minute."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._read(f"{self.page_url}control/state")["sockets"]:
            assert time.monotonic() < deadline, "the bot has not opened its socket"
            time.sleep(LOOK_PAUSE_S)

    def _read(self, request: Request | str) -> Json:
        with urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))


@contextmanager
def running() -> Iterator[Product]:
    """The product from its first line until it has said goodbye with status 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--no-open"],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        product = Product(_address(process.stdout))
        product.wait_until_connected()
        yield product
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            process.stdout.close()
    assert status == 0, f"it ended with status {status}"


def _address(stdout: IO[str]) -> str:
    """The page's address from the line that a person reads."""
    lines: list[str] = []
    reading = threading.Thread(target=lambda: lines.append(stdout.readline()), daemon=True)
    reading.start()
    reading.join(START_TIMEOUT_S)
    found = _ADDRESS.search("".join(lines))
    assert found, f"no address in {START_TIMEOUT_S:g} s; it said {lines}"
    return found.group()
