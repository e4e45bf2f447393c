"""The official fal client, pointed at the sandbox's fal.

Its hosts are module globals read at each call, so they are replaced for a test and put back. The
client itself is not changed in any way: what it demands of fal, it demands of the sandbox.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import fal_client
import pytest

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start


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
