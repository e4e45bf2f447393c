"""Runware's own Python client (runware-sdk 1.8) is content with the sandbox, by REST and socket.

Where it treats a lost answer or a provider's timeout wrongly, a test says so: those are the reasons
why the product has a client of its own.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import uuid
from typing import Any

import httpx
import pytest
from runware import RunOptions, RunwareError

from sandbox.faults import Fault
from tests.contract.conftest import RunwareBench, png

SEEDANCE = "bytedance:seedance@2.0"
AGENT = "heygen:video-agent@0"
TWO_SPEAKERS = {"image": "x", "avatar": "Abigail"}
both = pytest.mark.parametrize("transport", ["rest", "websocket"])


def clip(**more: Any) -> dict[str, Any]:
    """A task the catalogue accepts."""
    return {
        "taskType": "videoInference",
        "taskUUID": str(uuid.uuid4()),
        "model": SEEDANCE,
        "positivePrompt": "a fox in snow",
        "width": 720,
        "height": 1280,
        "duration": 4,
        "includeCost": True,
        **more,
    }


def framed(frames: list[dict[str, str]]) -> dict[str, Any]:
    """A task that begins with a picture, whose shape it has."""
    task = clip(inputs={"frameImages": frames}, resolution="720p")
    del task["width"], task["height"]
    return task


async def refused(bench: RunwareBench, transport: str, task: dict[str, Any]) -> RunwareError:
    with pytest.raises(RunwareError) as raised:
        await bench.client(transport).run(task)
    return raised.value


@both
async def test_a_clip_is_acknowledged_polled_and_has_a_cost(
    runware_bench: RunwareBench, transport: str
) -> None:
    task = clip()
    (result,) = await runware_bench.client(transport).run(task)

    assert result["status"] == "success"
    assert result["cost"] == pytest.approx(4 * 0.303)
    assert uuid.UUID(result["videoUUID"])
    async with httpx.AsyncClient() as http:
        film = await http.get(result["videoURL"])
    assert film.headers["content-type"] == "video/mp4"
    assert film.content[4:8] == b"ftyp"
    (entry,) = runware_bench.vendors.ledger()
    assert (entry["gateway"], entry["id"], entry["key"]) == ("runware", *[task["taskUUID"]] * 2)
    assert (entry["endpoint"], entry["state"]) == (SEEDANCE, "completed")
    assert entry["input"] == {**task, "deliveryMethod": "async"}
    assert entry["usd"] == result["cost"]


@both
async def test_every_parameter_of_the_video_agent_is_taken(
    runware_bench: RunwareBench, transport: str
) -> None:
    """Seed 003, parameter by parameter."""
    task = clip(
        model=AGENT,
        outputType="URL",
        outputFormat="MP4",
        outputQuality=95,
        webhookURL="https://bot.example/hooks/runware/1?t=secret",
        uploadEndpoint="https://storage.example.com/uploads/video.mp4",
        safety={"checkContent": True, "mode": "full"},
        ttl=3600,
        numberResults=1,
        inputs={"avatar": "Abigail_expressive_2024112501"},
        width=1280,
        height=720,
        duration=30,
    )

    (result,) = await runware_bench.client(transport).run(task)

    assert result["NSFWContent"] is False
    assert "seed" not in result
    assert runware_bench.vendors.ledger()[0]["input"] == {**task, "deliveryMethod": "async"}
    notes = [entry["note"] for entry in runware_bench.traffic.since(0)]
    assert notes.count("not sent: only loopback addresses are called") == 2


@both
async def test_more_results_differ_in_seed_and_film(
    runware_bench: RunwareBench, transport: str
) -> None:
    results = await runware_bench.client(transport).run(clip(numberResults=3))

    assert len({result["videoURL"] for result in results}) == 3
    assert len({result["seed"] for result in results}) == 3
    assert len(runware_bench.vendors.ledger()) == 1


@both
async def test_progress_is_told(runware_bench: RunwareBench, transport: str) -> None:
    seen: list[dict[str, Any]] = []
    runware_bench.faults.arm(Fault("runware:submit", "late", params={"seconds": 1.2}))

    options = RunOptions(on_progress=seen.append)
    await runware_bench.client(transport).run(clip(), options)

    assert seen
    assert all(0 <= item["progress"] <= 100 for item in seen)


@both
async def test_partial_success_by_items(runware_bench: RunwareBench, transport: str) -> None:
    """A failed result as an item of `data`: the client shows what succeeded, then raises."""
    runware_bench.vendors.runware.switches.set("error_shape", "item")
    runware_bench.faults.arm(Fault("runware:submit", "fail", params={"code": "inferenceError"}))
    seen: list[dict[str, Any]] = []

    options = RunOptions(on_result=seen.append)
    with pytest.raises(RunwareError) as raised:
        await runware_bench.client(transport).run(clip(numberResults=2), options)

    assert raised.value.code == "provider"
    assert sorted(item["status"] for item in seen) == ["error", "success"]
    (entry,) = runware_bench.vendors.ledger()
    assert (entry["state"], entry["results"]) == ("completed", ["failed", "completed"])
    assert entry["usd"] == pytest.approx(4 * 0.303)  # one of two was paid


@both
@pytest.mark.parametrize("shape", ["errors", "item"])
async def test_one_error_may_end_a_task_of_three_results(
    runware_bench: RunwareBench, transport: str, shape: str
) -> None:
    """A task that failed as a whole is told once: the client does not wait for the rest."""
    switches = runware_bench.vendors.runware.switches
    switches.set("whole_failure", "once")
    switches.set("error_shape", shape)
    failing = Fault("runware:submit", "fail", times=3, params={"code": "inferenceError"})
    runware_bench.faults.arm(failing)

    error = await refused(runware_bench, transport, clip(numberResults=3))

    assert error.code == "provider"
    (entry,) = runware_bench.vendors.ledger()
    assert entry["results"] == ["failed"] * 3


@both
async def test_partial_success_with_data_and_errors_in_one_answer(
    runware_bench: RunwareBench, transport: str
) -> None:
    runware_bench.vendors.runware.switches.set("socket_frames", "together")
    runware_bench.faults.arm(Fault("runware:submit", "fail", params={"code": "inferenceError"}))
    task = clip(numberResults=2)

    error = await refused(runware_bench, transport, task)

    assert (error.code, error.task_uuid) == ("provider", task["taskUUID"])
    async with httpx.AsyncClient() as http:
        answer = await poll(http, runware_bench, task["taskUUID"])
    assert [item["status"] for item in answer["data"]] == ["success"]
    assert [item["status"] for item in answer["errors"]] == ["error"]


async def poll(http: httpx.AsyncClient, bench: RunwareBench, task_uuid: str) -> dict[str, Any]:
    """What a poll says, without the client's reading of it."""
    at = bench.vendors.addresses
    answer = await http.post(
        at["runware_api_url"],
        headers={"Authorization": f"Bearer {at['runware_api_key']}"},
        json=[{"taskType": "getResponse", "taskUUID": task_uuid}],
    )
    body: dict[str, Any] = answer.json()
    return body


@both
@pytest.mark.parametrize(
    ("more", "parameter"),
    [
        ({"promt": "a fox"}, "promt"),
        ({"duration": 3}, "duration"),
        ({"duration": "4"}, "duration"),
        ({"numberResults": 5}, "numberResults"),
        ({"ttl": 59}, "ttl"),
        ({"outputQuality": 100}, "outputQuality"),
        ({"outputFormat": "GIF"}, "outputFormat"),
        ({"resolution": "720p"}, "width"),
        ({"safety": {"mode": "loose"}}, "safety"),
        ({"inputs": {"picture": "x"}}, "inputs.picture"),
        ({"model": AGENT, "duration": 5, "inputs": TWO_SPEAKERS}, "inputs.image"),
        ({"model": "veo:3@1"}, "model"),
        ({"deliveryMethod": "sync"}, "deliveryMethod"),
        ({"taskUUID": "1"}, "taskUUID"),
    ],
)
async def test_an_invalid_task_is_refused_by_parameter(
    runware_bench: RunwareBench, transport: str, more: dict[str, Any], parameter: str
) -> None:
    task = clip(**more)
    error = await refused(runware_bench, transport, task)

    assert (error.code, error.retryable) == ("validation", False)
    assert (error.parameter, error.task_uuid) == (parameter, task["taskUUID"])
    assert error.status_code == (400 if transport == "rest" else None)
    assert runware_bench.vendors.ledger() == []


@both
async def test_refused_content_is_a_matter_of_safety(
    runware_bench: RunwareBench, transport: str
) -> None:
    error = await refused(runware_bench, transport, clip(positivePrompt="a fox [refuse]"))

    assert (error.code, error.retryable) == ("safety", False)
    (entry,) = runware_bench.vendors.ledger()
    assert (entry["state"], entry["usd"]) == ("failed", 0)


@pytest.mark.parametrize("word", ["providerContentPolicyViolation", "invalidProviderContent"])
async def test_the_other_words_of_a_refusal(runware_bench: RunwareBench, word: str) -> None:
    runware_bench.vendors.runware.switches.set("refusal_code", word)
    error = await refused(runware_bench, "rest", clip(positivePrompt="[refuse]"))

    assert error.code == "safety"


@both
async def test_a_used_task_uuid_is_a_conflict_and_is_not_paid(
    runware_bench: RunwareBench, transport: str
) -> None:
    task = clip()
    client = runware_bench.client(transport)
    await client.run(task)

    with pytest.raises(RunwareError) as raised:
        await client.run(task)

    assert (raised.value.code, raised.value.parameter) == ("validation", "taskUUID")
    assert len(runware_bench.vendors.ledger()) == 1


@both
async def test_a_wrong_key(runware_bench: RunwareBench, transport: str) -> None:
    with pytest.raises(RunwareError) as raised:
        await runware_bench.client(transport, api_key="wrong").run(clip())

    assert raised.value.code == "auth"


@both
async def test_no_credits(runware_bench: RunwareBench, transport: str) -> None:
    runware_bench.vendors.runware.switches.set("balance_usd", 1.0)
    error = await refused(runware_bench, transport, clip())

    assert (error.code, error.retryable) == ("quota", False)
    assert error.status_code == (402 if transport == "rest" else None)


@both
async def test_too_many_at_once(runware_bench: RunwareBench, transport: str) -> None:
    runware_bench.vendors.runware.switches.set("concurrency", 1)
    error = await refused(runware_bench, transport, clip(numberResults=2))

    assert (error.code, error.retryable) == ("rateLimit", True)


@both
async def test_a_providers_timeout_is_misread_by_the_client(
    runware_bench: RunwareBench, transport: str
) -> None:
    """The documented code `timeoutProvider` has a small t, and the client looks for a large one."""
    fault = Fault("runware:submit", "fail", params={"code": "timeoutProvider", "message": "late"})
    runware_bench.faults.arm(fault)

    error = await refused(runware_bench, transport, clip())

    assert (error.code, error.retryable, error.message) == ("unknown", False, "late")


async def test_sides_beside_a_first_frame_are_refused(runware_bench: RunwareBench) -> None:
    task = clip(inputs={"frameImages": ["https://files.example/first.png"]})
    error = await refused(runware_bench, "rest", task)

    assert error.code == "validation"


@both
async def test_an_upload_is_the_first_frame(runware_bench: RunwareBench, transport: str) -> None:
    client, picture = runware_bench.client(transport), png()
    encoded = base64.b64encode(picture).decode()
    (answer,) = await client.media_storage({"operation": "upload", "media": encoded})
    stored: dict[str, Any] = {**answer}

    frames = [{"image": stored["mediaUUID"], "frame": "first"}]
    await client.run(framed(frames))

    (shown,) = runware_bench.vendors.ledger()[0]["images"]
    assert shown["sha256"] == hashlib.sha256(picture).hexdigest()
    assert shown["field"] == "inputs.frameImages.0"
    async with httpx.AsyncClient() as http:
        assert (await http.get(stored["mediaURL"])).content == picture
    (gone,) = await client.media_storage({"operation": "delete", "media": stored["mediaUUID"]})
    assert gone["mediaUUID"] == stored["mediaUUID"]
    with pytest.raises(RunwareError) as raised:
        await client.run(framed(frames))
    assert raised.value.code == "validation"


@both
async def test_the_older_image_upload(runware_bench: RunwareBench, transport: str) -> None:
    client = runware_bench.client(transport)
    uri = "data:image/png;base64," + base64.b64encode(png()).decode()
    (stored,) = await client.image_upload({"image": uri})

    (result,) = await client.run(
        clip(model=AGENT, duration=5, inputs={"image": stored["imageUUID"]})
    )

    assert result["videoURL"]
    assert len(runware_bench.vendors.ledger()[0]["images"]) == 1


@both
async def test_the_balance_goes_down_by_what_succeeded(
    runware_bench: RunwareBench, transport: str
) -> None:
    client = runware_bench.client(transport)
    (before,) = await client.account_management({"operation": "getDetails"})
    (result,) = await client.run(clip())
    with pytest.raises(RunwareError):
        await client.run(clip(positivePrompt="[refuse]"))
    (after,) = await client.account_management({"operation": "getDetails"})

    spent = before["balance"] - after["balance"]  # type: ignore[operator]  # a number by the docs
    assert spent == pytest.approx(result["cost"])


@both
async def test_a_task_is_found_again_by_its_id(runware_bench: RunwareBench, transport: str) -> None:
    task = clip(numberResults=2)
    await runware_bench.client(transport).run(task)
    client = runware_bench.client(transport)

    found = await client.get_response({"taskUUID": task["taskUUID"]})
    (details,) = await client.get_task_details({"taskUUID": task["taskUUID"]})

    assert [item["status"] for item in found] == ["success", "success"]
    assert details["request"][0]["positivePrompt"] == task["positivePrompt"]
    assert len(details["response"]["data"]) == 2  # type: ignore[arg-type]  # `object` in its types


@both
async def test_an_unknown_task_is_not_found(runware_bench: RunwareBench, transport: str) -> None:
    with pytest.raises(RunwareError) as raised:
        await runware_bench.client(transport).get_response({"taskUUID": str(uuid.uuid4())})

    assert raised.value.code == "notFound"


async def test_an_unknown_task_may_also_be_an_empty_list(runware_bench: RunwareBench) -> None:
    runware_bench.vendors.runware.switches.set("unknown_task", "empty")

    assert await runware_bench.client("rest").get_response({"taskUUID": str(uuid.uuid4())}) == []


@both
async def test_models_are_searched(runware_bench: RunwareBench, transport: str) -> None:
    (found,) = await runware_bench.client(transport).model_search({"search": "heygen"})

    assert found["totalResults"] == 4
    assert AGENT in [model["air"] for model in found["results"]]


@pytest.mark.parametrize("replay", [True, False])
async def test_the_socket_breaks_after_acceptance(
    runware_bench: RunwareBench, replay: bool
) -> None:
    """The session brings the lost answer, or the repeated task is a conflict: accepted, once."""
    runware_bench.vendors.runware.switches.set("session_replay", replay)
    runware_bench.faults.arm(Fault("runware:submit", "reset_after"))

    (result,) = await runware_bench.client("websocket").run(clip())

    assert result["status"] == "success"
    assert len(runware_bench.vendors.ledger()) == 1


async def test_rest_breaks_after_acceptance_and_the_client_reports_a_refusal(
    runware_bench: RunwareBench,
) -> None:
    """By REST this client posts again, meets the conflict and calls a paid task invalid."""
    runware_bench.faults.arm(Fault("runware:submit", "reset_after"))

    with pytest.raises(RunwareError) as raised:
        await runware_bench.client("rest", max_retries=1).run(clip())

    assert (raised.value.code, raised.value.parameter) == ("validation", "taskUUID")
    (paid,) = runware_bench.vendors.ledger()
    assert paid["state"] in ("running", "completed")


@both
@pytest.mark.parametrize(
    ("status", "code"), [(429, "rateLimit"), (500, "serverError"), (503, "serverError")]
)
async def test_nothing_is_accepted_by_a_vendor_in_trouble(
    runware_bench: RunwareBench, transport: str, status: int, code: str
) -> None:
    runware_bench.faults.arm(Fault("runware:submit", "status", params={"status": status}))
    error = await refused(runware_bench, transport, clip())

    assert (error.code, error.retryable) == (code, True)
    assert runware_bench.vendors.ledger() == []


@both
async def test_there_is_no_cancel_an_aborted_wait_is_paid_all_the_same(
    runware_bench: RunwareBench, transport: str
) -> None:
    """The client's abort is its own: the vendor goes on, and the film can still be fetched."""
    runware_bench.faults.arm(Fault("runware:submit", "late", params={"seconds": 0.5}))
    task, stop = clip(), asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    with pytest.raises(RunwareError) as raised:
        await runware_bench.client(transport).run(task, RunOptions(cancel_event=stop))

    assert raised.value.code == "aborted"
    await asyncio.sleep(0.8)
    answer = await runware_bench.client("rest").get_response({"taskUUID": task["taskUUID"]})
    assert answer[0]["status"] == "success"
    (entry,) = runware_bench.vendors.ledger()
    assert (entry["state"], entry["usd"] > 0) == ("completed", True)
