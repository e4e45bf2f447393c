"""HeyGen is turned through the sandbox's control API, as a scenario or the page does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.running import Sandbox, start
from sandbox.slack.manifest import Manifest
from sandbox.slack.workspace import Options
from tests.integration.sandbox_heygen import SPOKEN, Receiver, receiving
from tests.integration.sandbox_slack import MANIFEST

GENERATE = "/v2/video/generate"


class Desk:
    """The control API of a running sandbox, and HeyGen beside it."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self.greeting, self._http = sandbox.greeting(), http

    async def control(self, method: str, call: str, **body: Any) -> dict[str, Any]:
        url = f"{self.greeting['control_url']}/{call}"
        answer = await self._http.request(method, url, json=body or None)
        told: dict[str, Any] = answer.json()
        assert answer.status_code == (200 if told["ok"] else 400)
        return told

    async def heygen(self, path: str, body: Any) -> httpx.Response:
        key = {"X-Api-Key": self.greeting["heygen_api_key"]}
        url = self.greeting["heygen_api_url"] + path
        return await self._http.post(url, headers=key, json=body)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    sandbox = await start(Manifest.parse(MANIFEST), Options(), pace_s=0.1)
    async with httpx.AsyncClient(timeout=10) as http:
        yield Desk(sandbox, http)
    await sandbox.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


async def test_switches_are_shown_turned_and_turned_back(desk: Desk) -> None:
    shown = (await desk.control("GET", "heygen/switches"))["switches"]
    assert shown["plan"]["value"] == "enterprise"
    assert shown["validation_status"]["choices"] == [400, 422]

    await desk.control("POST", "heygen/switches", sunset_legacy="gone_410", wallet_usd=5)
    assert (await desk.heygen(GENERATE, {})).status_code == 410

    await desk.control("POST", "reset")
    assert (await desk.heygen(GENERATE, {})).status_code == 400


@pytest.mark.parametrize(
    "turn", [{"nope": 1}, {"plan": "gold"}, {"wallet_usd": "much"}, {"validation_errors": 1}]
)
async def test_a_switch_that_is_none_is_refused(desk: Desk, turn: dict[str, Any]) -> None:
    told = await desk.control("POST", "heygen/switches", **turn)
    assert not told["ok"]


@pytest.mark.parametrize(
    ("target", "kind", "known"),
    [
        ("heygen:cancel", "status", True),
        ("heygen:webhook", "unsigned", True),
        ("heygen:submit", "session_lost", True),
        ("heygen:result", "status", False),
        ("heygen:submit", "explode", False),
    ],
)
async def test_faults_are_armed_by_name(desk: Desk, target: str, kind: str, known: bool) -> None:
    told = await desk.control("POST", "fault", target=target, kind=kind)
    assert told["ok"] == known


async def test_a_webhook_is_sent_again_and_the_ledger_tells_its_price(
    desk: Desk, receiver: Receiver
) -> None:
    created = await desk.heygen("/v3/videos", {**SPOKEN, "callback_url": receiver.url})
    await receiver.until(1)

    assert (await desk.control("POST", "heygen/webhook_again"))["status"] == 200
    assert receiver.got[0].body == receiver.got[1].body
    entry = (await desk.control("GET", "ledger"))["ledger"][0]
    assert entry["id"] == created.json()["data"]["video_id"]
    assert entry["usd"] == pytest.approx(6 / 2.5 * 0.0667, abs=0.001)
