"""The official clients of fal and Runware, pointed at the sandbox's vendors.

fal's hosts are module globals read at each call, so they are replaced for a test and put back;
Runware's are settings. The clients themselves are not changed in any way: what they demand of the
vendor, they demand of the sandbox.
"""

from __future__ import annotations

import asyncio
import importlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import fal_client
import pytest
import runware
from aiohttp import web
from PIL import Image

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from sandbox.vendors.wire import Port


@dataclass
class Bench:
    """The client, and the sandbox it talks to."""

    client: fal_client.AsyncClient
    vendors: Vendors
    faults: Faults
    traffic: Traffic


@pytest.fixture
def pace_s() -> float:
    """Seconds a render takes; a test that needs slow ones parametrizes it."""
    return 0.2


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch, pace_s: float) -> AsyncIterator[Bench]:
    faults, traffic = Faults(), Traffic()
    vendors = await start(faults, traffic, pace_s=pace_s)
    module, at = importlib.import_module("fal_client.client"), vendors.addresses
    monkeypatch.setattr(module, "QUEUE_URL_FORMAT", at["fal_queue_url"] + "/")
    monkeypatch.setattr(module, "RUN_URL_FORMAT", at["fal_queue_url"] + "/")
    monkeypatch.setattr(module, "REST_URL", at["fal_rest_url"])
    monkeypatch.setattr(module, "CDN_URL", at["fal_cdn_url"])
    client = fal_client.AsyncClient(key=at["fal_key"])
    yield Bench(client, vendors, faults, traffic)
    await (await client._client).aclose()
    await vendors.close()


@dataclass
class RunwareBench:
    """Runware's own client on either transport, and the sandbox it talks to."""

    vendors: Vendors
    faults: Faults
    traffic: Traffic
    _clients: list[runware.Runware] = field(default_factory=list)

    def client(self, transport: str, **settings: object) -> runware.Runware:
        """A client with the sandbox's key; it is closed when the test ends."""
        at = self.vendors.addresses
        given = {"api_key": at["runware_api_key"], "max_retries": 0, "retry_delay": 50, **settings}
        urls = {"http_base_url": at["runware_api_url"], "ws_base_url": at["runware_ws_url"]}
        client = runware.Runware(transport=transport, **urls, **given)  # type: ignore[arg-type]  # settings are `object`
        self._clients.append(client)
        return client

    async def close(self) -> None:
        """Close every client."""
        for client in self._clients:
            await client.close()


@pytest.fixture
async def runware_bench(pace_s: float) -> AsyncIterator[RunwareBench]:
    faults, traffic = Faults(), Traffic()
    vendors = await start(faults, traffic, pace_s=pace_s)
    bench = RunwareBench(vendors, faults, traffic)
    yield bench
    await bench.close()
    await vendors.close()


@dataclass
class Delivery:
    """One request a receiver got, raw."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """A server of ours that vendors call; `statuses` are its next answers, 200 after them."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self.url = port.url
        self.statuses: list[int] = []
        self.got: list[Delivery] = []
        self._news = asyncio.Event()

    async def serve(self) -> None:
        """Begin to listen."""
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._hear)
        await self._port.serve(app)

    async def close(self) -> None:
        """Stop."""
        await self._port.close()

    async def deliveries(self, count: int) -> list[Delivery]:
        """The first so many, waited for."""
        async with asyncio.timeout(20):
            while len(self.got) < count:
                self._news.clear()
                await self._news.wait()
        return self.got[:count]

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.got.append(Delivery(request.method, request.path_qs, dict(request.headers), body))
        self._news.set()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    server = Receiver(Port())
    await server.serve()
    yield server
    await server.close()


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (200, 300), "teal").save(out, "PNG")
    return out.getvalue()
