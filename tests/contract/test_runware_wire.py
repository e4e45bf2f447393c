"""Runware's wire where no client of theirs looks: webhooks, deliveries, quotes, the socket itself.

Also the readings that sources disagree about: each is a switch, and both sides are shown here.
"""

from __future__ import annotations

import asyncio
import io
import json
import time
import uuid
from typing import Any

import aiohttp
import av
import httpx
import pytest

from sandbox.faults import Fault
from sandbox.vendors.runware_models import catalog
from tests.contract.conftest import Receiver, RunwareBench

AGENT = "heygen:video-agent@0"
slow = pytest.mark.parametrize("pace_s", [60.0])


def clip(**more: Any) -> dict[str, Any]:
    return {
        "taskType": "videoInference",
        "taskUUID": str(uuid.uuid4()),
        "model": "bytedance:seedance@2.0",
        "positivePrompt": "a fox in snow",
        "duration": 4,
        **more,
    }


class Wire:
    """REST without a client in between."""

    def __init__(self, bench: RunwareBench, key: str | None = None) -> None:
        at = bench.vendors.addresses
        self.url = at["runware_api_url"]
        self.key = {"Authorization": f"Bearer {key or at['runware_api_key']}"}

    async def post(self, *tasks: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        async with httpx.AsyncClient(timeout=10) as http:
            return await http.post(
                self.url, json=list(tasks), headers={**self.key, **(headers or {})}
            )

    async def submit(self, **more: Any) -> str:
        task = clip(**more)
        answer = await self.post(task)
        acknowledged = {"taskType": "videoInference", "taskUUID": task["taskUUID"]}
        assert answer.json() == {"data": [acknowledged]}
        return str(task["taskUUID"])

    async def poll(self, task_uuid: str) -> dict[str, Any]:
        answer = await self.post({"taskType": "getResponse", "taskUUID": task_uuid})
        body: dict[str, Any] = answer.json()
        return body

    async def ended(self, task_uuid: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                body = await self.poll(task_uuid)
                if all(item["status"] != "processing" for item in body.get("data", [])):
                    return body
                await asyncio.sleep(0.02)


async def test_the_envelope_of_a_wrong_key_and_of_no_array(runware_bench: RunwareBench) -> None:
    wire = Wire(runware_bench)
    refused = await Wire(runware_bench, "wrong").post(clip())
    async with httpx.AsyncClient() as http:
        bare = await http.post(wire.url, json=clip(), headers=wire.key)

    (error,) = refused.json()["errors"]
    assert refused.status_code == 401
    assert (error["code"], error["parameter"]) == ("invalidApiKey", "apiKey")
    assert error["taskType"] == "authentication"
    assert bare.status_code == 400
    assert runware_bench.vendors.ledger() == []


async def test_the_key_may_be_the_first_task(runware_bench: RunwareBench) -> None:
    at = runware_bench.vendors.addresses
    first = {"taskType": "authentication", "apiKey": at["runware_api_key"]}
    async with httpx.AsyncClient() as http:
        answer = await http.post(at["runware_api_url"], json=[first, clip()])

    assert answer.status_code == 200
    assert len(runware_bench.vendors.ledger()) == 1


async def test_errors_are_scoped_to_their_task(runware_bench: RunwareBench) -> None:
    good, bad = clip(), clip(duration=99)
    answer = await Wire(runware_bench).post(good, bad, {"taskType": "ping", "ping": True})

    assert answer.status_code == 200
    body = answer.json()
    assert body["data"][0]["taskUUID"] == good["taskUUID"]
    assert body["data"][1] == {"taskType": "ping", "pong": True}
    assert [error["taskUUID"] for error in body["errors"]] == [bad["taskUUID"]]
    assert len(runware_bench.vendors.ledger()) == 1


async def test_a_conflict_is_400_with_empty_data(runware_bench: RunwareBench) -> None:
    wire, task = Wire(runware_bench), clip()
    await wire.post(task)

    answer = await wire.post(task)

    assert answer.status_code == 400
    assert answer.json()["data"] == []
    (error,) = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == ("conflictTaskUUID", "taskUUID")
    assert error["taskUUID"] == task["taskUUID"]


async def test_an_id_may_be_reserved_for_a_time_only(runware_bench: RunwareBench) -> None:
    runware_bench.vendors.runware.switches.set("uuid_reserved_s", 1.0)
    wire, task = Wire(runware_bench), clip()
    await wire.post(task)
    assert (await wire.post(task)).status_code == 400

    await asyncio.sleep(1.1)

    assert (await wire.post(task)).status_code == 200
    paid = runware_bench.vendors.ledger()
    assert [entry["duplicate_of"] for entry in paid] == [None, None]
    assert [entry["id"] for entry in paid] == [task["taskUUID"]] * 2


async def test_the_same_request_under_two_ids_is_a_duplicate(runware_bench: RunwareBench) -> None:
    wire = Wire(runware_bench)
    first = await wire.submit(webhookURL="https://bot.example/1")
    await wire.submit(webhookURL="https://bot.example/2")

    assert [entry["duplicate_of"] for entry in runware_bench.vendors.ledger()] == [None, first]


@slow
async def test_a_dry_run_prices_and_validates_and_runs_nothing(runware_bench: RunwareBench) -> None:
    wire, dry = Wire(runware_bench), {"X-Runware-Dry-Run": "1"}
    quoted = await wire.post(clip(numberResults=2, duration=10), headers=dry)
    refused = await wire.post(clip(duration=99), headers=dry)

    assert quoted.json()["data"][0]["cost"] == pytest.approx(2 * 10 * 0.303)
    assert refused.status_code == 400
    assert runware_bench.vendors.ledger() == []
    runware_bench.vendors.runware.switches.set("dry_run", "refused")
    assert (await wire.post(clip(), headers=dry)).status_code == 400
    assert runware_bench.vendors.ledger() == []


@pytest.mark.parametrize(("word", "cost"), [("zero", 0.0), ("missing", None)])
async def test_a_cost_may_be_zero_or_missing(
    runware_bench: RunwareBench, word: str, cost: float | None
) -> None:
    runware_bench.vendors.runware.switches.set("cost", word)
    wire = Wire(runware_bench)

    body = await wire.ended(await wire.submit(includeCost=True))

    assert body["data"][0].get("cost") == cost


@slow
async def test_processing_has_a_progress_or_none(runware_bench: RunwareBench) -> None:
    wire = Wire(runware_bench)
    task_uuid = await wire.submit()
    shown = {"taskType": "videoInference", "taskUUID": task_uuid, "status": "processing"}

    assert (await wire.poll(task_uuid))["data"] == [{**shown, "progress": 0}]
    runware_bench.vendors.runware.switches.set("progress", False)
    assert (await wire.poll(task_uuid))["data"] == [shown]
    runware_bench.faults.arm(Fault("runware:check", "unknown_status", params={"word": "napping"}))
    assert (await wire.poll(task_uuid))["data"] == [{**shown, "status": "napping"}]


@pytest.mark.parametrize("status", [200, 400])
async def test_a_poll_that_only_has_errors(runware_bench: RunwareBench, status: int) -> None:
    runware_bench.vendors.runware.switches.set("poll_error_status", status)
    wire = Wire(runware_bench)
    task_uuid = await wire.submit(positivePrompt="[refuse]")
    await wire.ended(task_uuid)

    answer = await wire.post({"taskType": "getResponse", "taskUUID": task_uuid})

    assert answer.status_code == status
    assert answer.json()["errors"][0]["status"] == "error"
    assert "data" not in answer.json()


@pytest.mark.parametrize("shape", ["envelope", "bare"])
async def test_each_result_calls_the_webhook(
    runware_bench: RunwareBench, receiver: Receiver, shape: str
) -> None:
    runware_bench.vendors.runware.switches.set("webhook_body", shape)
    runware_bench.faults.arm(Fault("runware:submit", "fail", params={"code": "inferenceError"}))
    wire = Wire(runware_bench)
    hook = f"{receiver.url}/hooks/runware/1?t=secret"
    task_uuid = await wire.submit(numberResults=2, webhookURL=hook)

    got = await receiver.deliveries(2)

    assert {delivery.path for delivery in got} == {"/hooks/runware/1?t=secret"}
    bodies = [json.loads(delivery.body) for delivery in got]
    items = bodies if shape == "bare" else [next(iter(body.values()))[0] for body in bodies]
    assert sorted(item["status"] for item in items) == ["error", "success"]
    assert {item["taskUUID"] for item in items} == {task_uuid}
    if shape == "envelope":
        assert sorted(next(iter(body)) for body in bodies) == ["data", "errors"]


async def test_a_webhook_is_sent_again_and_may_come_twice_early_or_never(
    runware_bench: RunwareBench, receiver: Receiver
) -> None:
    wire = Wire(runware_bench)
    receiver.statuses = [503]
    await wire.submit(webhookURL=f"{receiver.url}/again")
    assert [got.path for got in await receiver.deliveries(2)] == ["/again"] * 2

    for kind in ("early", "duplicate"):
        runware_bench.faults.arm(Fault("runware:webhook", kind))
    await wire.submit(webhookURL=f"{receiver.url}/early")
    assert [got.path for got in receiver.got[2:]] == ["/early"] * 2

    runware_bench.faults.arm(Fault("runware:webhook", "lost"))
    await wire.ended(await wire.submit(webhookURL=f"{receiver.url}/lost"))
    await wire.ended(await wire.submit(webhookURL=f"{receiver.url}/last"))
    assert (await receiver.deliveries(5))[4].path == "/last"


async def test_a_film_is_put_where_it_was_asked(
    runware_bench: RunwareBench, receiver: Receiver
) -> None:
    wire = Wire(runware_bench)
    task_uuid = await wire.submit(uploadEndpoint=f"{receiver.url}/bucket/fox.mp4?sig=1")
    (got,) = await receiver.deliveries(1)
    url = (await wire.ended(task_uuid))["data"][0]["videoURL"]

    assert (got.method, got.path) == ("PUT", "/bucket/fox.mp4?sig=1")
    assert got.headers["Content-Type"] == "video/mp4"
    async with httpx.AsyncClient() as http:
        assert (await http.get(url)).content == got.body


@pytest.mark.parametrize(
    ("container", "codec", "kind"),
    [
        ("MP4", "h264", "video/mp4"),
        ("MOV", "h264", "video/quicktime"),
        ("WEBM", "vp8", "video/webm"),
    ],
)
async def test_the_container_is_the_asked_one(
    runware_bench: RunwareBench, container: str, codec: str, kind: str
) -> None:
    wire = Wire(runware_bench)
    body = await wire.ended(await wire.submit(outputFormat=container, width=720, height=1280))
    async with httpx.AsyncClient() as http:
        answer = await http.get(body["data"][0]["videoURL"])

    assert answer.headers["Content-Type"] == kind
    with av.open(io.BytesIO(answer.content), "r") as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == codec
        assert stream.height > stream.width
        assert sum(1 for _ in film.decode(video=0)) >= 10


async def test_a_link_ends_and_a_poll_gives_a_new_one(runware_bench: RunwareBench) -> None:
    wire = Wire(runware_bench)
    task_uuid = await wire.submit()
    url = (await wire.ended(task_uuid))["data"][0]["videoURL"]
    runware_bench.faults.arm(Fault("runware:file", "expired_link"))
    async with httpx.AsyncClient() as http:
        assert (await http.get(url)).status_code == 403
        fresh = (await wire.poll(task_uuid))["data"][0]["videoURL"]
        assert (await http.get(fresh)).status_code == 200


async def test_a_film_ends_with_its_life(runware_bench: RunwareBench) -> None:
    runware_bench.vendors.runware.switches.set("file_life_s", 0.3)
    wire = Wire(runware_bench)
    url = (await wire.ended(await wire.submit()))["data"][0]["videoURL"]
    ends = time.time() + 5
    async with httpx.AsyncClient() as http:
        while (await http.get(url)).status_code == 200:
            assert time.time() < ends
        assert (await http.get(url)).status_code == 404


async def test_the_balance_may_be_an_object(runware_bench: RunwareBench) -> None:
    runware_bench.vendors.runware.switches.set("balance_shape", "object")
    ask = {
        "taskType": "accountManagement",
        "taskUUID": str(uuid.uuid4()),
        "operation": "getDetails",
    }

    answer = await Wire(runware_bench).post(ask)

    assert answer.json()["data"][0]["balance"] == {"amount": 1000.0, "currency": "USD"}


@pytest.mark.parametrize("air", sorted(catalog()))
def test_every_model_has_words_of_its_own(air: str) -> None:
    """A row that could not be read would be a model that takes everything."""
    model = catalog()[air]

    assert model.required <= model.parameters.keys()
    assert model.usd({}) > 0
    lengths = model.parameters.get("duration")
    if lengths is not None:
        assert not lengths.has(0)
        assert not lengths.has("4")
        assert not lengths.has(True)


def test_the_catalogue_has_what_the_reference_names() -> None:
    named = {
        *("bytedance:seedance@2.0", "bytedance:seedance@2.0-fast", "bytedance:seedance@2.5"),
        *("google:3@2", "google:3@3", "klingai:kling-video@3-standard", "minimax:3@1"),
        *("runway:1@1", "runway:1@2", "lightricks:ltx@2.3", "alibaba:wan@2.7", "luma:ray@3.2"),
        *(AGENT, "heygen:avatar@4", "heygen:avatar@5", "heygen:video@1.0"),
    }
    assert named <= catalog().keys()
    assert not {"openai:3@1", "google:3@0", "veo:3@1"} & catalog().keys()


@slow
@pytest.mark.parametrize(
    ("task", "code"),
    [
        ({"model": "runway:1@2", "duration": 5}, "missingHeight"),
        ({"model": "google:3@2", "duration": 5}, "unsupportedDuration"),
        ({"duration": 4.5}, "invalidDuration"),
        ({"model": "lightricks:ltx@2.3", "duration": 4.5}, "missingWidth"),
        (
            {"model": "klingai:kling-video@3-pro", "width": 1280, "height": 720},
            "unsupportedDimensions",
        ),
        ({"model": "minimax:4@2", "duration": 6}, "missingInputs"),
        ({"model": AGENT, "duration": 301}, "invalidDuration"),
        ({"model": AGENT, "duration": 5, "seed": 1}, "unknownParameter"),
        ({"model": AGENT, "duration": 5, "positivePrompt": "x" * 10_001}, "invalidPositivePrompt"),
    ],
)
async def test_the_limits_of_models(
    runware_bench: RunwareBench, task: dict[str, Any], code: str
) -> None:
    answer = await Wire(runware_bench).post(clip(**task))

    assert answer.status_code == 400
    assert code in [error["code"] for error in answer.json()["errors"]]


@slow
async def test_the_sizes_of_the_video_agent_may_be_listed(runware_bench: RunwareBench) -> None:
    wire, odd = Wire(runware_bench), {"width": 640, "height": 480, "duration": 5}
    assert (await wire.post(clip(model=AGENT, **odd))).status_code == 200
    runware_bench.vendors.runware.switches.set("agent_sizes", "listed")
    assert (await wire.post(clip(model=AGENT, **odd))).status_code == 400


@slow
async def test_unknown_parameters_may_be_passed_over(runware_bench: RunwareBench) -> None:
    runware_bench.vendors.runware.switches.set("unknown_parameters", "ignore")
    assert (await Wire(runware_bench).post(clip(promt="x"))).status_code == 200


@slow
async def test_the_socket_wants_a_key_first_and_answers_pings(runware_bench: RunwareBench) -> None:
    at = runware_bench.vendors.addresses
    async with aiohttp.ClientSession() as http, http.ws_connect(at["runware_ws_url"]) as socket:
        await socket.send_json([{"taskType": "ping", "ping": True}])
        stranger = await socket.receive_json()
        await socket.send_json([{"taskType": "authentication", "apiKey": "wrong"}])
        refused = await socket.receive_json()
        await socket.send_json([{"taskType": "authentication", "apiKey": at["runware_api_key"]}])
        known = await socket.receive_json()
        await socket.send_json([{"taskType": "ping", "ping": True}])
        pong = await socket.receive_json()
        await socket.send_str("not json")
        garbled = await socket.receive_json()

    assert stranger["errors"][0]["code"] == "missingApiKey"
    assert refused["errors"][0]["code"] == "invalidApiKey"
    assert uuid.UUID(known["data"][0]["connectionSessionUUID"])
    assert pong == {"data": [{"taskType": "ping", "pong": True}]}
    assert garbled["errors"][0]["code"] == "invalidRequest"


async def test_a_resumed_session_gets_what_it_missed(runware_bench: RunwareBench) -> None:
    at, task = runware_bench.vendors.addresses, clip()
    key = {"taskType": "authentication", "apiKey": at["runware_api_key"]}
    runware_bench.faults.arm(Fault("runware:submit", "reset_after"))
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(at["runware_ws_url"]) as socket:
            await socket.send_json([key])
            session = (await socket.receive_json())["data"][0]["connectionSessionUUID"]
            await socket.send_json([task])
            lost = await socket.receive()
        async with http.ws_connect(at["runware_ws_url"]) as socket:
            await socket.send_json([{**key, "connectionSessionUUID": session}])
            again = (await socket.receive_json())["data"][0]["connectionSessionUUID"]
            missed = await socket.receive_json()

    assert lost.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert again == session
    assert missed["data"][0]["taskUUID"] == task["taskUUID"]
    assert len(runware_bench.vendors.ledger()) == 1


@pytest.mark.parametrize(
    ("kind", "paid"),
    [("reset_before", 0), ("close_after_read", 0), ("reset_after", 1), ("garbage", 1)],
)
async def test_faults_before_and_after_acceptance(
    runware_bench: RunwareBench, kind: str, paid: int
) -> None:
    runware_bench.faults.arm(Fault("runware:submit", kind))
    wire, task = Wire(runware_bench), clip()
    try:
        answer = await wire.post(task)
    except httpx.TransportError:
        answer = None

    assert len(runware_bench.vendors.ledger()) == paid
    assert answer is None or "<html>" in answer.text
    again = await wire.post(task)
    assert again.status_code == (400 if paid else 200)
    assert len(runware_bench.vendors.ledger()) == 1
