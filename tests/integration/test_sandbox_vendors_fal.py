"""The sandbox's fal behaves as fal's documents say, and its faults strike where they claim to."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start

APP = "bytedance/seedance-2.0"
TEXT = f"{APP}/fast/text-to-video"
IMAGE = f"{APP}/image-to-video"
REFERENCE = f"{APP}/reference-to-video"
URL_NAMES = {"response_url", "status_url", "cancel_url"}


class Customer:
    """Somebody with a key, and the sandbox around them."""

    def __init__(self, vendors: Vendors, faults: Faults) -> None:
        self.vendors, self.faults = vendors, faults
        self.queue = vendors.addresses["fal_queue_url"]
        self.rest = vendors.addresses["fal_rest_url"]
        self.cdn = vendors.addresses["fal_cdn_url"]
        self.key = {"Authorization": f"Key {vendors.addresses['fal_key']}"}
        self.http = httpx.AsyncClient(timeout=5)

    async def submit(self, endpoint: str = TEXT, **input_: Any) -> httpx.Response:
        body = {"prompt": "a fox", "duration": "4", **input_}
        return await self.http.post(f"{self.queue}/{endpoint}", headers=self.key, json=body)

    async def submitted(self, endpoint: str = TEXT, **input_: Any) -> dict[str, Any]:
        job: dict[str, Any] = (await self.submit(endpoint, **input_)).json()
        return job

    async def get(self, url: str) -> httpx.Response:
        return await self.http.get(url, headers=self.key)

    async def status(self, job: dict[str, Any]) -> dict[str, Any]:
        status: dict[str, Any] = (await self.get(job["status_url"])).json()
        return status

    async def cancel(self, job: dict[str, Any]) -> tuple[int, str]:
        answer = await self.http.put(job["cancel_url"], headers=self.key)
        return answer.status_code, answer.json()["status"]

    async def result(self, job: dict[str, Any]) -> httpx.Response:
        """The result once the job is over."""
        async with asyncio.timeout(10):
            while (await self.status(job))["status"] != "COMPLETED":
                await asyncio.sleep(0.02)
        return await self.get(job["response_url"])

    async def upload(self, body: bytes, headers: dict[str, str] | None = None) -> str:
        url = f"{self.rest}/storage/auth/token?storage_type=fal-cdn-v3"
        token = (await self.http.post(url, headers=self.key, json={})).json()
        right = {"Authorization": f"{token['token_type']} {token['token']}"}
        more = {"Content-Type": "image/png", "X-Fal-File-Name": "fox.png", **(headers or {})}
        url = f"{token['base_url']}/files/upload"
        answer = await self.http.post(url, headers={**right, **more}, content=body)
        return str(answer.json()["access_url"])


@pytest.fixture
async def ada() -> AsyncIterator[Customer]:
    async for customer in _customer(pace_s=0.15):
        yield customer


@pytest.fixture
async def patient() -> AsyncIterator[Customer]:
    """A customer of a fal whose renders take longer than any test."""
    async for customer in _customer(pace_s=60):
        yield customer


async def _customer(pace_s: float) -> AsyncIterator[Customer]:
    faults = Faults()
    vendors = await start(faults, Traffic(), pace_s=pace_s)
    customer = Customer(vendors, faults)
    yield customer
    await customer.http.aclose()
    await vendors.close()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "green").save(out, "PNG")
    return out.getvalue()


async def test_a_submission_answers_200_with_urls_of_owner_and_app_only(ada: Customer) -> None:
    answer = await ada.submit(seed=42)

    assert answer.status_code == 200
    assert uuid.UUID(answer.headers["x-fal-request-id"])
    job = answer.json()
    base = f"{ada.queue}/{APP}/requests/{job['request_id']}"
    assert job == {
        "request_id": job["request_id"],
        "status": "IN_QUEUE",
        "queue_position": 0,
        "response_url": base,
        "status_url": f"{base}/status",
        "cancel_url": f"{base}/cancel",
    }
    result = await ada.result(job)
    assert result.headers["x-fal-billable-units"] == "4"
    assert result.json()["seed"] == 42
    video = result.json()["video"]
    film = await ada.http.get(video["url"])
    assert film.headers["Content-Type"] == video["content_type"] == "video/mp4"
    assert len(film.content) == video["file_size"]


async def test_two_jobs_run_and_the_others_queue_with_a_position(patient: Customer) -> None:
    jobs = [await patient.submitted(seed=number) for number in range(5)]

    statuses = [await patient.status(job) for job in jobs]

    words = [status["status"] for status in statuses]
    assert words == ["IN_PROGRESS"] * 2 + ["IN_QUEUE"] * 3
    assert [status["queue_position"] for status in statuses[2:]] == [0, 1, 2]
    assert [status["logs"] for status in statuses[:2]] == [None, None]
    assert all(status.keys() >= URL_NAMES for status in statuses)


@pytest.mark.parametrize("flag", ["true", "1", "false", "0"])
async def test_both_clients_spellings_of_the_log_flag_are_taken(
    patient: Customer, flag: str
) -> None:
    job = await patient.submitted()
    answer = await patient.get(f"{job['status_url']}?logs={flag}")

    assert answer.status_code == 202
    logs = answer.json()["logs"]
    assert logs is None if flag in ("false", "0") else logs[0]["level"] == "INFO"


async def test_aliases_of_the_follow_up_paths_are_taken(ada: Customer) -> None:
    job = await ada.submitted()
    await ada.result(job)
    full = f"{ada.queue}/{TEXT}/requests/{job['request_id']}"

    for url in (full, f"{full}/response", f"{job['response_url']}/response"):
        assert (await ada.get(url)).json()["video"]
    assert (await ada.get(f"{full}/status")).json()["status"] == "COMPLETED"


async def test_an_id_is_known_only_under_its_own_app_and_key(ada: Customer) -> None:
    job = await ada.submitted()
    elsewhere = job["status_url"].replace(APP, "fal-ai/veo3")
    nobody = f"{ada.queue}/{APP}/requests/{uuid.uuid4()}/status"

    for url in (elsewhere, nobody):
        answer = await ada.get(url)
        assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})
    ada.key = {"Authorization": "Key wrong:key"}
    answer = await ada.get(job["status_url"])
    assert answer.status_code == 401
    assert isinstance(answer.json()["detail"], str)


async def test_an_unknown_endpoint_is_refused_at_once(ada: Customer) -> None:
    answer = await ada.submit("bytedance/seedance-9.0/text-to-video")

    assert answer.status_code == 404
    assert "seedance-9.0" in answer.json()["detail"]
    assert ada.vendors.ledger() == []


async def test_a_result_asked_too_early_is_400(patient: Customer) -> None:
    answer = await patient.get((await patient.submitted())["response_url"])

    assert answer.status_code == 400
    assert answer.json() == {"detail": "Request is still in progress"}


@pytest.mark.parametrize(
    ("endpoint", "input_", "loc", "type_"),
    [
        (TEXT, {"duration": 5}, ["body", "duration"], "literal_error"),
        (TEXT, {"duration": "16"}, ["body", "duration"], "literal_error"),
        (TEXT, {"resolution": "1080p"}, ["body", "resolution"], "literal_error"),
        (TEXT, {"aspect_ratio": "2:1"}, ["body", "aspect_ratio"], "literal_error"),
        (TEXT, {"prompt": None}, ["body", "prompt"], "string_type"),
        (TEXT, {"seed": "7"}, ["body", "seed"], "int_type"),
        (TEXT, {"negative_prompt": "x"}, ["body", "negative_prompt"], "extra_forbidden"),
        (IMAGE, {}, ["body", "image_url"], "missing"),
        (IMAGE, {"image_url": "http://a.b/c.png"}, ["body", "image_url"], "file_download_error"),
        (IMAGE, {"image_url": "data:image/png;base64,eA=="}, None, "image_load_error"),
        (REFERENCE, {"audio_urls": ["https://a.b/c.mp3"]}, ["body"], "value_error"),
        (REFERENCE, {"image_urls": ["https://a.b/c"] * 10}, ["body", "image_urls"], "too_long"),
    ],
)
async def test_an_invalid_input_is_accepted_and_fails_late(
    ada: Customer, endpoint: str, input_: dict[str, Any], loc: list[str] | None, type_: str
) -> None:
    answer = await ada.submit(endpoint, **input_)
    assert answer.status_code == 200

    result = await ada.result(answer.json())

    assert result.status_code == 422
    assert result.headers["X-Fal-Retryable"] == "false"
    detail = result.json()["detail"]
    assert (detail[0]["loc"], detail[0]["type"]) == (loc or ["body", "image_url"], type_)
    status = await ada.status(answer.json())
    assert (status["status"], status["error_type"]) == ("COMPLETED", type_)
    assert ada.vendors.ledger()[0]["state"] == "failed"


async def test_standard_renders_more_than_fast_does(ada: Customer) -> None:
    job = await ada.submitted(f"{APP}/text-to-video", resolution="1080p", aspect_ratio="21:9")

    assert (await ada.result(job)).status_code == 200


@pytest.mark.parametrize("by", ["word", "fault"])
async def test_refused_content_is_422_and_not_retryable(ada: Customer, by: str) -> None:
    if by == "fault":
        ada.faults.arm(Fault("fal:submit", "refuse"))
    result = await ada.result(await ada.submitted(prompt="[refuse]" if by == "word" else "fox"))

    assert (result.status_code, result.headers["X-Fal-Retryable"]) == (422, "false")
    detail = result.json()["detail"][0]
    assert (detail["type"], detail["loc"]) == ("content_policy_violation", ["body", "prompt"])


@pytest.mark.parametrize(
    ("code", "status", "is_list", "header"),
    [
        (None, 500, True, ("X-Fal-Retryable", "true")),
        ("generation_timeout", 504, True, ("X-Fal-Retryable", "true")),
        ("no_media_generated", 422, True, ("X-Fal-Retryable", "false")),
        ("runner_disconnected", 503, False, ("X-Fal-Error-Type", "runner_disconnected")),
    ],
)
async def test_a_render_fails_in_the_family_of_its_code(
    ada: Customer, code: str | None, status: int, is_list: bool, header: tuple[str, str]
) -> None:
    ada.faults.arm(Fault("fal:submit", "fail", params={"code": code, "message": "broken"}))

    result = await ada.result(await ada.submitted())

    assert result.status_code == status
    assert isinstance(result.json()["detail"], list) == is_list
    assert result.headers[header[0]] == header[1]


async def test_cancel_takes_a_queued_job_out(patient: Customer) -> None:
    jobs = [await patient.submitted(seed=number) for number in range(4)]

    assert await patient.cancel(jobs[2]) == (202, "CANCELLATION_REQUESTED")

    assert (await patient.status(jobs[3]))["queue_position"] == 0
    status = await patient.status(jobs[2])
    assert (status["status"], status["error_type"]) == ("COMPLETED", "client_cancelled")
    assert (await patient.get(jobs[2]["response_url"])).status_code == 499
    assert await patient.cancel(jobs[2]) == (400, "ALREADY_COMPLETED")
    assert await patient.cancel({"cancel_url": f"{patient.queue}/{APP}/requests/x/cancel"}) == (
        404,
        "NOT_FOUND",
    )


async def test_cancel_stops_a_running_job_that_has_just_begun(patient: Customer) -> None:
    job = await patient.submitted()
    assert (await patient.status(job))["status"] == "IN_PROGRESS"

    assert (await patient.cancel(job))[0] == 202

    assert (await patient.result(job)).status_code == 499
    assert patient.vendors.ledger()[0]["state"] == "cancelled"


async def test_cancel_too_late_is_accepted_and_the_job_still_ends_paid(ada: Customer) -> None:
    ada.faults.arm(Fault("fal:submit", "late", params={"seconds": 0.45}))
    job = await ada.submitted()
    await asyncio.sleep(0.4)

    assert await ada.cancel(job) == (202, "CANCELLATION_REQUESTED")

    assert (await ada.result(job)).status_code == 200
    assert ada.vendors.ledger()[0]["state"] == "completed"


async def test_the_status_stream_ends_with_completed(ada: Customer) -> None:
    job = await ada.submitted()
    answer = await ada.get(f"{job['status_url']}/stream?logs=1")

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    assert events[-1]["status"] == "COMPLETED"
    assert events[0]["status"] in ("IN_QUEUE", "IN_PROGRESS")


async def test_a_start_deadline_ends_a_job_that_waits_too_long(patient: Customer) -> None:
    for number in range(2):
        await patient.submitted(seed=number)
    patient.key["X-Fal-Request-Timeout"] = "0.1"
    job = await patient.submitted()

    result = await patient.result(job)

    assert (result.status_code, result.json()["error_type"]) == (504, "request_timeout")
    assert result.headers["X-Fal-Request-Timeout-Type"] == "user"


async def test_a_start_deadline_is_no_limit_on_the_running_time(ada: Customer) -> None:
    ada.key["X-Fal-Request-Timeout"] = "0.05"

    assert (await ada.result(await ada.submitted())).status_code == 200


async def test_a_queue_limit_of_the_caller_is_kept(patient: Customer) -> None:
    for number in range(4):
        await patient.submitted(seed=number)

    answer = await patient.submit(f"{TEXT}?fal_max_queue_length=1")

    assert (answer.status_code, answer.headers["X-Fal-needs-retry"]) == (429, "1")
    assert len(patient.vendors.ledger()) == 4


async def test_the_ledger_keeps_input_images_and_headers(ada: Customer) -> None:
    url = await ada.upload(png())
    ada.key["X-Fal-Object-Lifecycle-Preference"] = '{"expiration_duration_seconds":3600}'

    job = await ada.submitted(IMAGE + "?fal_webhook=https%3A%2F%2Fbot.test%2Fh", image_url=url)

    (entry,) = ada.vendors.ledger()
    assert (entry["id"], entry["endpoint"]) == (job["request_id"], IMAGE)
    assert entry["input"] == {"prompt": "a fox", "duration": "4", "image_url": url}
    digest = hashlib.sha256(png()).hexdigest()
    shown = {"field": "image_url", "url": url, "sha256": digest, "bytes": len(png())}
    assert entry["images"] == [shown]
    assert entry["headers"]["fal_webhook"] == "https://bot.test/h"
    assert "3600" in entry["headers"]["x-fal-object-lifecycle-preference"]


async def test_an_upload_needs_a_token_and_lives_as_long_as_asked(ada: Customer) -> None:
    refused = await ada.http.post(f"{ada.cdn}/files/upload", headers=ada.key, content=png())
    assert refused.status_code == 401

    life = {"X-Fal-Object-Lifecycle": '{"expiration_duration_seconds": 0.2}'}
    kept, brief = await ada.upload(png()), await ada.upload(png(), life)
    assert (await ada.http.get(brief)).content == png()
    await asyncio.sleep(0.25)
    assert (await ada.http.get(kept)).status_code == 200
    assert (await ada.http.get(brief)).status_code == 404
    result = await ada.result(await ada.submitted(IMAGE, image_url=brief))
    assert result.json()["detail"][0]["type"] == "image_load_error"


@pytest.mark.parametrize("storage", ["gcs", "fal-cdn-v3"])
async def test_an_initiated_upload_is_put_once_without_a_key(ada: Customer, storage: str) -> None:
    url = f"{ada.rest}/storage/upload/initiate?storage_type={storage}"
    asked = {"file_name": "fox 1.png", "content_type": "image/png"}
    rights = (await ada.http.post(url, headers=ada.key, json=asked)).json()

    put = [await ada.http.put(rights["upload_url"], content=png()) for _ in range(2)]

    assert [answer.status_code for answer in put] == [200, 403]
    assert (await ada.http.get(rights["file_url"])).content == png()


async def test_an_expired_link_is_replaced_by_reading_the_result_again(ada: Customer) -> None:
    job = await ada.submitted()
    old = (await ada.result(job)).json()["video"]["url"]
    assert (await ada.get(job["response_url"])).json()["video"]["url"] == old
    ada.faults.arm(Fault("fal:file", "expired_link"))

    assert [(await ada.http.get(old)).status_code for _ in range(2)] == [403, 403]
    new = (await ada.get(job["response_url"])).json()["video"]["url"]
    assert (await ada.http.get(new)).status_code == 200


@pytest.mark.parametrize("target", ["submit", "check", "result", "cancel", "upload", "file"])
async def test_each_target_is_struck_alone(ada: Customer, target: str) -> None:
    job = await ada.submitted()
    film = (await ada.result(job)).json()["video"]["url"]
    ada.faults.arm(Fault(f"fal:{target}", "status", params={"status": 503}))

    calls = {
        "submit": ("POST", f"{ada.queue}/{TEXT}"),
        "check": ("GET", job["status_url"]),
        "result": ("GET", job["response_url"]),
        "cancel": ("PUT", job["cancel_url"]),
        "upload": ("POST", f"{ada.cdn}/files/upload"),
        "file": ("GET", film),
    }
    struck = []
    for name, (method, url) in calls.items():
        answer = await ada.http.request(method, url, headers=ada.key, json={"prompt": "x"})
        if answer.status_code == 503:
            struck.append(name)
            assert answer.json()["error_type"] == "runner_connection_error"
    assert struck == [target]


async def test_an_unknown_word_is_said_once(ada: Customer) -> None:
    job = await ada.submitted()
    ada.faults.arm(Fault("fal:check", "unknown_status", params={"word": "PONDERING"}))

    assert (await ada.status(job))["status"] == "PONDERING"
    assert (await ada.result(job)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "accepted"), [("reset_before", 0), ("close_after_read", 0), ("reset_after", 1)]
)
async def test_a_lost_submit_answer_may_or_may_not_have_been_paid(
    ada: Customer, kind: str, accepted: int
) -> None:
    ada.faults.arm(Fault("fal:submit", kind))

    with pytest.raises(httpx.TransportError):
        await ada.submit()

    assert len(ada.vendors.ledger()) == accepted
