"""The local Slack and the local vendors as a process of their own, reached by the control API."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
PACE_S = 0.2  # how long a vendor takes to render
STOP_TIMEOUT_S = 10.0
PRIVATE_CHANNELS = ("not-a-member",)  # stories that begin outside leave again afterwards


@contextmanager
def sandbox_process(transport: str) -> Iterator[Json]:
    """`python -m sandbox` until the block ends; its greeting."""
    arguments = ["--manifest", "manifest.yml", "--transport", transport, "--pace", str(PACE_S)]
    process = subprocess.Popen(
        (sys.executable, "-m", "sandbox", *arguments),
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        greeting: Json = json.loads(process.stdout.readline())
        yield greeting
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


class Control:
    """What people, operators and ledgers do and say, over HTTP."""

    def __init__(self, greeting: Json, session: aiohttp.ClientSession) -> None:
        self.greeting = greeting
        self._session = session
        self._url = str(greeting["control_url"])

    async def do(self, call: str, **body: Any) -> Json:
        """A control call that must be accepted."""
        answer = await self.attempt(call, **body)
        assert answer["ok"], f"{call} {body}: {answer}"
        return answer

    async def attempt(self, call: str, **body: Any) -> Json:
        """A control call that the sandbox may refuse."""
        async with self._session.post(f"{self._url}/{call}", json=body) as response:
            answer: Json = await response.json()
            return answer

    async def look(self, what: str, **query: str) -> Json:
        """A GET of the control API."""
        async with self._session.get(f"{self._url}/{what}", params=query) as response:
            answer: Json = await response.json()
            assert answer["ok"], answer
            return answer

    async def upload(self, user: str, name: str, content: bytes) -> str:
        """A person's file, not shared yet; its id."""
        form = aiohttp.FormData()
        form.add_field("user", user)
        form.add_field("file", io.BytesIO(content), filename=name)
        async with self._session.post(f"{self._url}/upload", data=form) as response:
            answer: Json = await response.json()
        assert answer["ok"], answer
        return str(answer["file"]["id"])

    async def fetch(self, url: str) -> bytes:
        """The bytes behind a vendor's link."""
        async with self._session.get(url) as response:
            assert response.status == 200, f"{url}: {response.status}"
            return await response.read()

    async def reset(self) -> None:
        """As if it had just been started."""
        for channel in PRIVATE_CHANNELS:
            await self.do("kick", channel=channel)
        await self.do("reset")
