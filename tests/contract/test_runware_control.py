"""fal and Runware are turned through the sandbox's control API, as a scenario or the page does."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from sandbox.running import Sandbox, start
from sandbox.slack.manifest import Manifest
from sandbox.slack.workspace import Options
from tests.contract.conftest import Receiver

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
TASK = {
    "taskType": "videoInference",
    "model": "heygen:video-agent@0",
    "positivePrompt": "a fox in snow",
    "duration": 5,
}


class Desk:
    """The control API of a running sandbox, and Runware beside it."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self.greeting = sandbox.greeting()
        self._http = http

    async def post(self, call: str, **body: Any) -> dict[str, Any]:
        answer = await self._http.post(f"{self.greeting['control_url']}/{call}", json=body)
        told: dict[str, Any] = answer.json()
        assert answer.status_code == (200 if told["ok"] else 400)
        return told

    async def get(self, call: str) -> dict[str, Any]:
        answer = await self._http.get(f"{self.greeting['control_url']}/{call}")
        told: dict[str, Any] = answer.json()
        return told

    async def runware(self, **more: Any) -> httpx.Response:
        key = {"Authorization": f"Bearer {self.greeting['runware_api_key']}"}
        task = {**TASK, "taskUUID": str(uuid.uuid4()), **more}
        return await self._http.post(self.greeting["runware_api_url"], headers=key, json=[task])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    raw = yaml.safe_load(MANIFEST.read_text())
    sandbox = await start(Manifest.parse(raw), Options(), pace_s=0.1)
    async with httpx.AsyncClient(timeout=10) as http:
        yield Desk(sandbox, http)
    await sandbox.close()


async def test_the_greeting_has_every_address(desk: Desk) -> None:
    assert desk.greeting.keys() >= {
        *("fal_queue_url", "fal_rest_url", "fal_cdn_url", "fal_api_url", "fal_jwks_url"),
        *("fal_webhook_user_id", "fal_key", "runware_api_url", "runware_ws_url"),
        *("runware_cdn_url", "runware_api_key"),
    }


async def test_switches_are_listed_turned_and_reset(desk: Desk) -> None:
    known = (await desk.get("runware/switches"))["switches"]
    assert known["unknown_task"]["choices"] == ["taskFailedOrNotFound", "empty"]
    assert all(switch["why"] for switch in known.values())

    turned = await desk.post("runware/switches", unknown_task="empty", balance_usd=1)
    assert turned["switches"] == {"unknown_task": "empty", "balance_usd": 1}
    poll = await desk.runware(taskType="getResponse", model=None, positivePrompt=None)
    assert poll.status_code == 400  # getResponse has no parameters of a model

    assert not (await desk.post("runware/switches", unknown_task="perhaps"))["ok"]
    assert not (await desk.post("fal/switches", pending_status=True))["ok"]
    assert not (await desk.post("fal/switches", colour="red"))["ok"]
    await desk.post("reset")
    now = (await desk.get("runware/switches"))["switches"]
    assert now["unknown_task"]["value"] == "taskFailedOrNotFound"


async def test_money_is_a_switch_for_both(desk: Desk) -> None:
    await desk.post("runware/switches", balance_usd=0.1)

    answer = await desk.runware()

    assert answer.status_code == 402
    assert answer.json()["errors"][0]["code"] == "insufficientCredits"
    assert (await desk.get("ledger"))["ledger"] == []


async def test_faults_of_every_target_can_be_armed(desk: Desk) -> None:
    for target in ("submit", "check", "upload", "file", "account", "quote", "webhook", "delivery"):
        assert (await desk.post("fault", target=f"runware:{target}", kind="slow"))["ok"]
    for target in ("history", "pricing", "billing", "jwks", "webhook"):
        assert (await desk.post("fault", target=f"fal:{target}", kind="slow"))["ok"]
    assert not (await desk.post("fault", target="runware:cancel", kind="slow"))["ok"]
    assert (await desk.post("disarm"))["disarmed"] == 13


async def test_a_fault_strikes_and_the_ledger_tells(desk: Desk) -> None:
    await desk.post("fault", target="runware:submit", kind="reset_after")
    task_uuid = str(uuid.uuid4())
    with pytest.raises(httpx.TransportError):
        await desk.runware(taskUUID=task_uuid)

    again = await desk.runware(taskUUID=task_uuid)

    assert again.json()["errors"][0]["code"] == "conflictTaskUUID"
    (entry,) = (await desk.get("ledger"))["ledger"]
    assert (entry["id"], entry["results"]) == (task_uuid, [entry["state"]])
    notes = [seen["note"] for seen in (await desk.get("traffic"))["traffic"]]
    assert "fault: reset_after" in notes


async def test_a_webhook_is_replayed_by_the_control_api(desk: Desk, receiver: Receiver) -> None:
    await desk.post("runware/switches", webhook_origin=receiver.url)
    await desk.runware(webhookURL="https://bot.example/webhooks/runware/token")
    (first,) = await receiver.deliveries(1)

    assert (await desk.post("runware/webhook_again", index=-1))["status"] == 200

    second = (await receiver.deliveries(2))[1]
    assert (second.path, second.body) == ("/webhooks/runware/token", first.body)
    assert json.loads(first.body)["data"][0]["status"] == "success"
    assert not (await desk.post("fal/webhook_again"))["ok"]
