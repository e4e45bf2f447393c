"""Somebody with a HeyGen key, the sandbox around them, and a local receiver of webhooks."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web
from PIL import Image

from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from sandbox.vendors.callbacks import Callbacks
from sandbox.vendors.switches import Switches

LOOK = "josh_lite3_20230714"
VOICE = "1bd001e7e50f421d891986aad5158bc8"
SPOKEN = {"type": "avatar", "avatar_id": LOOK, "script": "Hello there, this is a test."}
OVER = ("completed", "failed", "success")


class Customer:
    """HeyGen by HTTP; every answer as it came."""

    def __init__(self, vendors: Vendors, faults: Faults, traffic: Traffic) -> None:
        self.vendors, self.faults, self.traffic = vendors, faults, traffic
        self.api = vendors.addresses["heygen_api_url"]
        self.upload = vendors.addresses["heygen_upload_url"]
        self.key = {"X-Api-Key": vendors.addresses["heygen_api_key"]}
        self.http = httpx.AsyncClient(timeout=10)

    @property
    def switches(self) -> Switches:
        return self.vendors.heygen.switches

    @property
    def callbacks(self) -> Callbacks:
        return self.vendors.heygen.callbacks

    def breaks(
        self, what: str, kind: str, *, times: int = 1, after: int = 0, **params: Any
    ) -> None:
        self.faults.arm(Fault(f"heygen:{what}", kind, times, after, params))

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(self.api + path, headers=self.key, params=query)

    async def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        headers = {**self.key, **({"Idempotency-Key": key} if key else {})}
        return await self.http.post(self.api + path, headers=headers, json=body)

    async def sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await self.http.request(method, self.api + path, headers=self.key, **more)

    async def shown(self, path: str, **query: Any) -> Any:
        """The data of a GET that succeeds."""
        answer = await self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def made(self, path: str, body: Any) -> Any:
        """The data of a POST that succeeds."""
        answer = await self.post(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def video(self, **changes: Any) -> str:
        return str((await self.made("/v3/videos", {**SPOKEN, **changes}))["video_id"])

    async def finished(self, path: str, **query: Any) -> Any:
        """What a check says when it is over."""
        async with asyncio.timeout(15):
            while (shown := await self.shown(path, **query))["status"] not in OVER:
                await asyncio.sleep(0.02)
        return shown

    async def asset(self, body: bytes = b"", name: str = "fox.png") -> Any:
        files = {"file": (name, body or png())}
        answer = await self.http.post(self.api + "/v3/assets", headers=self.key, files=files)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def all_pages(self, path: str, **query: Any) -> list[Any]:
        rows: list[Any] = []
        token: str | None = None
        while True:
            answer = await self.get(path, **query, **({"token": token} if token else {}))
            page = answer.json()
            rows += page["data"]
            token = page["next_token"]
            assert page["has_more"] == (token is not None)
            if token is None:
                return rows

    async def told(self, count: int) -> list[str]:
        """The notes of what the sandbox sent, once there are this many."""
        async with asyncio.timeout(10):
            while True:
                out = [one for one in self.traffic.since(0) if one["direction"] == "out"]
                if len(out) >= count:
                    return [one["note"] for one in out]
                await asyncio.sleep(0.02)

    def ledger(self) -> list[dict[str, Any]]:
        return self.vendors.ledger()


@dataclass
class Delivery:
    """One request a receiver got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes webhooks, answering `statuses` in turn and 200 after that."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    probe_status: int = 200
    got: list[Delivery] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        if request.method in ("OPTIONS", "GET"):
            self.probes.append(request.method)
            return web.Response(status=self.probe_status)
        body, headers = await request.read(), dict(request.headers)
        self.got.append(Delivery(request.method, request.path, headers, body))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def until(self, count: int) -> list[Delivery]:
        """The deliveries once there are this many."""
        async with asyncio.timeout(10):
            while len(self.got) < count:
                await asyncio.sleep(0.02)
        return self.got


@asynccontextmanager
async def customer() -> AsyncIterator[Customer]:
    """A customer of a sandbox whose renders take a fifth of a second."""
    faults, traffic = Faults(), Traffic()
    vendors = await start(faults, traffic, pace_s=0.2)
    one = Customer(vendors, faults, traffic)
    yield one
    await one.http.aclose()
    await vendors.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a loopback port."""
    receiver, app = Receiver(), web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/heygen"
    yield receiver
    await runner.cleanup()


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(out, "PNG")
    return out.getvalue()


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """A v3 error; every one names its code, message and page."""
    error: dict[str, Any] = answer.json()["error"]
    assert error["message"]
    assert error["doc_url"].endswith(error["code"])
    return error
