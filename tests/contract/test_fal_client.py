"""fal's own Python client (1.0.x) is content with the sandbox's fal.

If it is, the sandbox is faithful where the client looks, and the product may be tested on it. One
test shows why the product does not use this client: it pays twice for one lost answer.
"""

from __future__ import annotations

import hashlib
import importlib
import io

import fal_client
import httpx
import pytest
from PIL import Image

from sandbox.faults import Fault
from tests.contract.conftest import Bench

TEXT = "bytedance/seedance-2.0/fast/text-to-video"
IMAGE = "bytedance/seedance-2.0/fast/image-to-video"
FOX = {"prompt": "a fox in snow", "duration": "4", "aspect_ratio": "9:16", "seed": 42}
POLL_S = 0.02
slow = pytest.mark.parametrize("pace_s", [60.0])


async def failure_of(handle: fal_client.AsyncRequestHandle) -> fal_client.FalClientHTTPError:
    with pytest.raises(fal_client.FalClientHTTPError) as raised:
        await handle.get(interval=POLL_S)
    return raised.value


async def test_submit_events_and_result(bench: Bench) -> None:
    handle = await bench.client.submit(TEXT, FOX)

    events = [event async for event in handle.iter_events(with_logs=True, interval=POLL_S)]
    assert isinstance(events[-1], fal_client.Completed)
    assert events[-1].error is None
    assert events[-1].metrics["inference_time"] >= 0.2
    progress = [event for event in events if isinstance(event, fal_client.InProgress)]
    assert progress
    assert progress[-1].logs

    result = await handle.get()
    assert result["seed"] == 42
    async with httpx.AsyncClient() as http:
        film = await http.get(result["video"]["url"])
    assert film.content[4:8] == b"ftyp"
    (entry,) = bench.vendors.ledger()
    assert (entry["id"], entry["endpoint"]) == (handle.request_id, TEXT)
    assert (entry["input"], entry["state"]) == (FOX, "completed")


async def test_subscribe_and_a_handle_rebuilt_from_the_id(bench: Bench) -> None:
    seen: list[fal_client.Status] = []
    result = await bench.client.subscribe(TEXT, FOX, on_queue_update=seen.append)

    request_id = bench.vendors.ledger()[0]["id"]
    assert await bench.client.result(TEXT, request_id) == result
    assert isinstance(await bench.client.status(TEXT, request_id), fal_client.Completed)
    assert isinstance(seen[-1], fal_client.Completed)


@slow
async def test_a_third_job_is_queued_with_its_position(bench: Bench) -> None:
    handles = [await bench.client.submit(TEXT, {**FOX, "seed": seed}) for seed in range(4)]

    statuses = [await handle.status() for handle in handles]

    assert [type(status) for status in statuses[:2]] == [fal_client.InProgress] * 2
    assert statuses[2:] == [fal_client.Queued(position=0), fal_client.Queued(position=1)]


@slow
async def test_cancel_of_a_queued_and_of_a_running_job(bench: Bench) -> None:
    handles = [await bench.client.submit(TEXT, {**FOX, "seed": seed}) for seed in range(3)]

    for handle in (handles[2], handles[0]):
        await handle.cancel()
        refused = await failure_of(handle)
        assert (refused.status_code, refused.error_type) == (499, "client_cancelled")
    states = [entry["state"] for entry in bench.vendors.ledger()]
    assert states == ["cancelled", "running", "cancelled"]


async def test_cancel_of_a_finished_and_of_an_unknown_job(bench: Bench) -> None:
    handle = await bench.client.submit(TEXT, FOX)
    await handle.get(interval=POLL_S)

    with pytest.raises(fal_client.FalClientHTTPError) as late:
        await handle.cancel()
    with pytest.raises(fal_client.FalClientHTTPError) as unknown:
        await bench.client.cancel(TEXT, "0b7c0000-0000-4000-8000-000000000000")
    assert late.value.status_code == 400
    assert late.value.response.json() == {"status": "ALREADY_COMPLETED"}
    assert unknown.value.status_code == 404
    assert unknown.value.response.json() == {"status": "NOT_FOUND"}


async def test_a_wrong_key_is_401(bench: Bench) -> None:
    stranger = fal_client.AsyncClient(key="wrong:key")
    with pytest.raises(fal_client.FalClientHTTPError) as refused:
        await stranger.submit(TEXT, FOX)
    await (await stranger._client).aclose()

    assert refused.value.status_code == 401
    assert isinstance(refused.value.message, str)
    assert bench.vendors.ledger() == []


async def test_an_unknown_endpoint_is_404(bench: Bench) -> None:
    with pytest.raises(fal_client.FalClientHTTPError) as refused:
        await bench.client.submit("bytedance/seedance-9.0/text-to-video", FOX)

    assert refused.value.status_code == 404


async def test_an_invalid_input_is_completed_then_422(bench: Bench) -> None:
    handle = await bench.client.submit(TEXT, {**FOX, "duration": 4})

    refused = await failure_of(handle)

    assert (refused.status_code, refused.error_type) == (422, None)
    assert refused.response.json()["detail"] == refused.message
    assert refused.response.json()["detail"][0]["loc"] == ["body", "duration"]
    assert refused.response_headers["x-fal-retryable"] == "false"
    status = await handle.status()
    assert isinstance(status, fal_client.Completed)
    assert status.error


async def test_refused_content_is_422_of_its_own_type(bench: Bench) -> None:
    handle = await bench.client.submit(TEXT, {**FOX, "prompt": "a fox [refuse]"})

    refused = await failure_of(handle)

    assert refused.status_code == 422
    detail = refused.response.json()["detail"]
    assert [item["type"] for item in detail] == ["content_policy_violation"]


async def test_a_request_error_keeps_its_type(bench: Bench) -> None:
    bench.faults.arm(Fault("fal:submit", "fail", params={"code": "runner_disconnected"}))

    refused = await failure_of(await bench.client.submit(TEXT, FOX))

    assert (refused.status_code, refused.error_type) == (503, "runner_disconnected")


async def test_priority_and_start_timeout_reach_the_ledger(bench: Bench) -> None:
    await bench.client.submit(
        TEXT, FOX, priority="low", start_timeout=30, webhook_url="https://bot.example/hooks/1"
    )

    headers = bench.vendors.ledger()[0]["headers"]
    assert headers["x-fal-queue-priority"] == "low"
    assert headers["x-fal-request-timeout"] == "30.0"
    assert headers["fal_webhook"] == "https://bot.example/hooks/1"


@pytest.mark.parametrize("repository", ["fal_v3", "fal"])
async def test_an_upload_is_used_as_the_first_frame(bench: Bench, repository: str) -> None:
    image = io.BytesIO()
    Image.new("RGB", (200, 300), "teal").save(image, "PNG")
    life = fal_client.StorageSettings(expires_in="1h")
    url = await bench.client.upload(
        image.getvalue(),
        "image/png",
        "fox.png",
        repository=repository,  # type: ignore[arg-type]  # a parametrized Literal
        lifecycle=life,
    )

    handle = await bench.client.submit(IMAGE, {"prompt": "it runs", "image_url": url})
    result = await handle.get(interval=POLL_S)

    assert result["video"]["file_size"] > 0
    (shown,) = bench.vendors.ledger()[0]["images"]
    digest = hashlib.sha256(image.getvalue()).hexdigest()
    assert (shown["field"], shown["url"], shown["sha256"]) == ("image_url", url, digest)


async def test_a_large_upload_goes_in_parts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("fal_client.client")
    monkeypatch.setattr(module, "MULTIPART_THRESHOLD", 30_000)
    monkeypatch.setattr(module, "MULTIPART_CHUNK_SIZE", 16_384)
    image = io.BytesIO()
    Image.effect_noise((200, 300), 80).save(image, "PNG")
    assert len(image.getvalue()) > 2 * 16_384

    url = await bench.client.upload(image.getvalue(), "image/png", "noise.png")

    async with httpx.AsyncClient() as http:
        assert (await http.get(url)).content == image.getvalue()
    puts = [entry for entry in bench.traffic.since(0) if "/multipart/" in entry["path"]]
    assert len(puts) == len(image.getvalue()) // 16_384 + 2  # the parts, and the completion


async def test_a_picture_as_data_uri_is_taken(bench: Bench) -> None:
    uri = fal_client.encode_image(Image.new("RGB", (64, 64), "teal"), "png")

    handle = await bench.client.submit(IMAGE, {"prompt": "it runs", "image_url": uri})

    assert (await handle.get(interval=POLL_S))["video"]["url"]


@pytest.mark.parametrize("kind", ["reset_after", "status_after"])
async def test_the_official_client_pays_twice_for_one_lost_answer(bench: Bench, kind: str) -> None:
    """Why the product has a client of its own: this one posts a submit again by itself."""
    bench.faults.arm(Fault("fal:submit", kind, params={"status": 429}))

    handle = await bench.client.submit(TEXT, FOX)

    paid = bench.vendors.ledger()
    assert len(paid) == 2
    assert paid[1]["id"] == handle.request_id
    assert paid[1]["duplicate_of"] == paid[0]["id"]
