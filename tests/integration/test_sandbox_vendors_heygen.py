"""The sandbox's HeyGen behaves as its documents say, and its faults strike where they claim to."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import av
import httpx
import pytest
from PIL import Image

from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start
from sandbox.vendors.files import FileStore, StoredFile

EXECUTIONS = "/v1/workflows/executions"
PROVIDERS = [
    "veo_3_1",
    "veo_3_1_fast",
    "veo3",
    "veo3_fast",
    "veo2",
    "kling_pro",
    "kling_v2",
    "sora_v2",
    "sora_v2_pro",
    "runway_gen4",
    "seedance_lite",
    "seedance_pro",
    "ltx_distilled",
]


class Customer:
    """Somebody with a key, and the sandbox around them."""

    def __init__(self, vendors: Vendors, faults: Faults, traffic: Traffic) -> None:
        self.vendors, self.faults, self.traffic = vendors, faults, traffic
        self.api = vendors.addresses["heygen_api_url"]
        self.upload = vendors.addresses["heygen_upload_url"]
        self.key = {"X-Api-Key": vendors.addresses["heygen_api_key"]}
        self.http = httpx.AsyncClient(timeout=5)

    async def submit(self, **input_: Any) -> httpx.Response:
        body = {"workflow_type": "GenerateVideoNode", "input": {"prompt": "a fox", **input_}}
        return await self.http.post(self.api + EXECUTIONS, headers=self.key, json=body)

    async def submitted(self, **input_: Any) -> str:
        return str((await self.submit(**input_)).json()["data"]["execution_id"])

    async def check(self, execution_id: str) -> dict[str, Any]:
        url = f"{self.api}{EXECUTIONS}/{execution_id}"
        answer: dict[str, Any] = (await self.http.get(url, headers=self.key)).json()["data"]
        return answer

    async def wait(self, execution_id: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                status = await self.check(execution_id)
                if status["status"] in ("completed", "failed"):
                    return status
                await asyncio.sleep(0.02)

    async def film_url(self, execution_id: str) -> str:
        return str((await self.wait(execution_id))["output"]["video"]["video_url"])

    def prompts(self) -> list[str]:
        return [entry["input"]["input"]["prompt"] for entry in self.vendors.ledger()]


@pytest.fixture
async def ada() -> AsyncIterator[Customer]:
    faults, traffic = Faults(), Traffic()
    vendors = await start(faults, traffic, pace_s=0.2)
    customer = Customer(vendors, faults, traffic)
    yield customer
    await customer.http.aclose()
    await vendors.close()


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(out, "PNG")
    return out.getvalue()


async def test_a_render_goes_from_submitted_to_a_film(ada: Customer) -> None:
    answer = await ada.submit(provider="kling_pro", aspect_ratio="9:16")

    assert answer.status_code == 200
    assert answer.headers["X-Request-Id"]
    data = answer.json()["data"]
    assert data == {"execution_id": data["execution_id"], "status": "submitted"}
    assert data["execution_id"].startswith("node-gw-")

    words: list[str] = []
    async with asyncio.timeout(10):
        while not words or words[-1] != "completed":
            words.append((await ada.check(data["execution_id"]))["status"])
            await asyncio.sleep(0.005)
    seen, way = list(dict.fromkeys(words)), ["submitted", "pending", "processing", "completed"]
    assert seen == [word for word in way if word in seen]  # a busy machine may miss one
    assert len(seen) > 1

    status = await ada.check(data["execution_id"])
    assert status["output"]["asset_id"]
    assert status["output"]["video"]["video_id"]
    film = await ada.http.get(status["output"]["video"]["video_url"])
    assert film.headers["Content-Type"] == "video/mp4"
    assert int(film.headers["Content-Length"]) == len(film.content)
    with av.open(io.BytesIO(film.content)) as opened:
        video = opened.streams.video[0]
        assert video.codec_context.name == "h264"
        assert video.height > video.width
    assert ada.vendors.ledger()[0]["state"] == "completed"


async def test_every_provider_of_the_seed_is_taken(ada: Customer) -> None:
    for provider in PROVIDERS:
        assert (await ada.submit(provider=provider)).status_code == 200

    taken = [entry["input"]["input"]["provider"] for entry in ada.vendors.ledger()]
    assert taken == PROVIDERS


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "sk_V2_wrong"}])
async def test_a_missing_and_a_wrong_key_look_alike(ada: Customer, headers: dict[str, str]) -> None:
    answer = await ada.http.post(ada.api + EXECUTIONS, headers=headers, json={})

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert ada.vendors.ledger() == []


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"workflow_type": "FaceswapNode", "input": {"prompt": "x"}}, "workflow_type"),
        ({"input": {"prompt": "x"}}, "workflow_type"),
        ({"workflow_type": "GenerateVideoNode", "input": "x"}, "input"),
        ({"workflow_type": "GenerateVideoNode", "input": {}}, "input.prompt"),
        ({"workflow_type": "GenerateVideoNode", "input": {"prompt": "  "}}, "input.prompt"),
        ({"workflow_type": "GenerateVideoNode", "more": 1, "input": {"prompt": "x"}}, "more"),
    ],
)
async def test_a_malformed_submission_names_its_parameter(
    ada: Customer, body: dict[str, Any], param: str
) -> None:
    answer = await ada.http.post(ada.api + EXECUTIONS, headers=ada.key, json=body)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_parameter", param)
    assert ada.vendors.ledger() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("provider", "veo_4"),
        ("provider", ["veo3"]),
        ("aspect_ratio", "4:3"),
        ("config", "fast"),
        ("duration", 5),
        ("reference_image_url", "http://example.com/fox.png"),
        ("tail_image_url", 7),
    ],
)
async def test_an_unknown_field_or_value_names_its_parameter(
    ada: Customer, field: str, value: object
) -> None:
    answer = await ada.submit(**{field: value})

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_parameter", f"input.{field}")
    assert ada.vendors.ledger() == []


async def test_each_post_is_a_new_paid_job_whatever_its_key(ada: Customer) -> None:
    ada.key["Idempotency-Key"] = "dailies-1"
    first, second = await ada.submitted(), await ada.submitted()

    ledger = ada.vendors.ledger()
    assert [entry["id"] for entry in ledger] == [first, second]
    assert [entry["duplicate_of"] for entry in ledger] == [None, first]
    assert [entry["key"] for entry in ledger] == ["dailies-1"] * 2


async def test_an_uploaded_image_is_in_the_ledger_and_in_the_film(ada: Customer) -> None:
    files = {"file": ("fox.png", png("#c01010"), "image/png")}
    answer = await ada.http.post(ada.api + "/v3/assets", headers=ada.key, files=files)
    asset = answer.json()["data"]
    assert (asset["mime_type"], asset["size_bytes"]) == ("image/png", len(png("#c01010")))

    execution_id = await ada.submitted(reference_image_url=asset["url"])

    assert ada.vendors.ledger()[0]["images"] == [
        {
            "field": "input.reference_image_url",
            "url": asset["url"],
            "sha256": hashlib.sha256(png("#c01010")).hexdigest(),
            "bytes": len(png("#c01010")),
        }
    ]
    film = await ada.http.get(await ada.film_url(execution_id))
    with av.open(io.BytesIO(film.content), "r") as opened:
        frame = next(opened.decode(video=0))
        picture = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV's stub has no types here
    red, green, blue = picture.crop((8, 80, 9, 81)).tobytes()
    assert red > 120
    assert max(green, blue) < 70


async def test_the_older_upload_host_takes_raw_bytes(ada: Customer) -> None:
    headers = {**ada.key, "Content-Type": "image/png"}
    answer = await ada.http.post(ada.upload + "/v1/asset", headers=headers, content=png())

    assert answer.json()["code"] == 100
    asset = answer.json()["data"]
    assert asset["file_type"] == "image"
    assert (await ada.http.get(asset["url"])).content == png()
    assert (await ada.submit(tail_image_url=asset["url"])).status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html>not an image</html>", 400, "invalid_parameter"),
        (png()[:60], 400, "invalid_parameter"),
        (png() + bytes(32 * 1024 * 1024), 413, "payload_too_large"),
    ],
)
async def test_an_asset_must_be_a_known_type_of_at_most_32_mb(
    ada: Customer, content: bytes, status: int, code: str
) -> None:
    files = {"file": ("fox.png", content, "image/png")}
    answer = await ada.http.post(ada.api + "/v3/assets", headers=ada.key, files=files)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "image/png"}, b"GIF89a", 400),
        ({"Content-Type": "image/jpeg"}, png(), 400),
        ({"Content-Type": "image/png", "X-Api-Key": "wrong"}, png(), 401),
    ],
)
async def test_the_older_upload_host_refuses_in_its_own_envelope(
    ada: Customer, headers: dict[str, str], content: bytes, status: int
) -> None:
    url = ada.upload + "/v1/asset"
    answer = await ada.http.post(url, headers={**ada.key, **headers}, content=content)

    assert answer.status_code == status
    assert answer.json()["data"] is None
    assert answer.json()["code"] > 100


async def test_an_unknown_execution_is_not_found_and_an_unknown_path_is_404(ada: Customer) -> None:
    assert (await ada.check("node-gw-none"))["status"] == "not_found"
    answer = await ada.http.get(ada.api + "/v2/videos", headers=ada.key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_finished_film_is_taken_from_the_wallet_and_a_failed_one_is_not(
    ada: Customer,
) -> None:
    async def balance() -> float:
        answer = await ada.http.get(ada.api + "/v3/users/me", headers=ada.key)
        return float(answer.json()["data"]["wallet"]["remaining_balance"])

    before = await balance()
    await ada.wait(await ada.submitted(prompt="a fox [refuse]"))
    assert await balance() == before
    await ada.wait(await ada.submitted())
    assert await balance() < before


async def test_a_film_answers_ranges_and_only_sealed_links(ada: Customer) -> None:
    url = await ada.film_url(await ada.submitted())
    whole = (await ada.http.get(url)).content

    part = await ada.http.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    beyond = await ada.http.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    assert (await ada.http.get(url.partition("?")[0])).status_code == 403
    later = url.replace("Expires=", "Expires=9")
    assert (await ada.http.get(later)).status_code == 403


def test_a_link_ends_with_its_life() -> None:
    store = FileStore()
    film = store.keep(StoredFile("f1", "f1.mp4", "video/mp4", b"", "http://cdn/f1.mp4"))

    assert store.holds(store.seal(film), film.id)
    assert not store.holds(store.seal(film, life_s=0), film.id)


async def test_an_expired_link_stays_dead_and_a_fresh_status_gives_a_fresh_one(
    ada: Customer,
) -> None:
    execution_id = await ada.submitted()
    old = await ada.film_url(execution_id)
    ada.faults.arm(Fault("heygen:file", "expired_link"))

    assert (await ada.http.get(old)).status_code == 403
    assert (await ada.http.get(old)).status_code == 403
    assert (await ada.http.get(await ada.film_url(execution_id))).status_code == 200


@pytest.mark.parametrize(
    ("kind", "seen", "accepted"),
    [
        ("rate_limited", 429, False),
        ("status", 410, False),
        ("status_after", 410, True),
        ("reset_before", httpx.ReadError, False),
        ("reset_after", httpx.ReadError, True),
        ("close_after_read", httpx.RemoteProtocolError, False),
        ("garbage", 200, True),
        ("slow", 200, True),
        ("hang", httpx.ReadTimeout, True),
    ],
)
async def test_a_fault_on_submit_strikes_before_or_after_the_job_is_accepted(
    ada: Customer, kind: str, seen: int | type[Exception], accepted: bool
) -> None:
    seconds = 60 if kind == "hang" else 0.1
    params = {"status": 410, "retry_after_s": 7, "seconds": seconds}
    ada.faults.arm(Fault("heygen:submit", kind, params=params))
    ada.http.timeout = httpx.Timeout(0.5)

    if isinstance(seen, int):
        answer = await ada.submit(prompt=kind)
        assert answer.status_code == seen
        assert answer.headers.get("Retry-After") == ("7" if kind == "rate_limited" else None)
        assert answer.text.startswith("<!doctype") == (kind == "garbage")
        if seen >= 400:
            assert answer.json()["error"]["code"] in ("rate_limit_exceeded", "gone")
    else:
        with pytest.raises(seen):
            await ada.submit(prompt=kind)

    assert ada.prompts() == ([kind] if accepted else [])
    assert (await ada.submit(prompt="next")).status_code == 200


async def test_a_fault_waits_for_its_turn_and_strikes_as_often_as_asked(ada: Customer) -> None:
    ada.faults.arm(Fault("heygen:submit", "status", times=2, after=1, params={"status": 500}))

    seen = [(await ada.submit()).status_code for _ in range(4)]

    assert seen == [200, 500, 500, 200]
    assert len(ada.vendors.ledger()) == 2


@pytest.mark.parametrize(
    ("kind", "ending"), [("reset_after", ConnectionResetError), ("close_after_read", b"")]
)
async def test_a_reset_is_a_real_rst_and_a_close_a_plain_fin(
    ada: Customer, kind: str, ending: object
) -> None:
    body = json.dumps({"workflow_type": "GenerateVideoNode", "input": {"prompt": kind}})
    head = [f"POST {EXECUTIONS} HTTP/1.1", "Host: sandbox", f"Content-Length: {len(body)}"]
    head += [f"X-Api-Key: {ada.key['X-Api-Key']}", "Content-Type: application/json", "", body]
    address = urlsplit(ada.api)

    def knock() -> object:
        with socket.create_connection((address.hostname, address.port), timeout=5) as wire:
            wire.sendall("\r\n".join(head).encode())
            try:
                return wire.recv(1024)
            except ConnectionResetError as reset:
                return type(reset)

    ada.faults.arm(Fault("heygen:submit", kind))
    assert await asyncio.to_thread(knock) == ending


async def test_a_download_breaks_off_in_the_middle(ada: Customer) -> None:
    url = await ada.film_url(await ada.submitted())
    ada.faults.arm(Fault("heygen:file", "reset_after"))

    got, promised = b"", 0
    async with ada.http.stream("GET", url) as answer:
        promised = int(answer.headers["Content-Length"])
        parts = answer.aiter_bytes()
        got += await anext(parts)
        with pytest.raises(httpx.ReadError):
            got += b"".join([part async for part in parts])
    assert len(got) < promised
    assert (await ada.http.get(url)).status_code == 200


@pytest.mark.parametrize("target", ["heygen:submit", "heygen:check"])
async def test_a_render_fails_as_it_is_told(ada: Customer, target: str) -> None:
    params = {"code": "provider_error", "message": "The provider is out of film."}
    ada.faults.arm(Fault(target, "fail", params=params))

    failed = await ada.wait(await ada.submitted())

    assert failed["error"] == params
    assert "output" not in failed
    assert ada.vendors.ledger()[0]["state"] == "failed"
    assert (await ada.wait(await ada.submitted()))["status"] == "completed"


async def test_refused_content_names_the_policy(ada: Customer) -> None:
    ada.faults.arm(Fault("heygen:submit", "refuse"))
    by_fault, by_word = await ada.submitted(), await ada.submitted(prompt="a fox [refuse]")

    for execution_id in (by_fault, by_word):
        failed = await ada.wait(execution_id)
        assert failed["error"]["code"] == "content_policy_violation"


async def test_a_stuck_render_never_ends_and_a_late_one_ends_late(ada: Customer) -> None:
    ada.faults.arm(Fault("heygen:submit", "stuck"))
    ada.faults.arm(Fault("heygen:submit", "late", params={"seconds": 0.6}))
    stuck, late = await ada.submitted(), await ada.submitted()
    plain = await ada.submitted()

    await ada.wait(plain)
    assert (await ada.check(late))["status"] in ("submitted", "pending", "processing")
    await ada.wait(late)
    assert (await ada.check(stuck))["status"] == "processing"


async def test_an_unknown_word_is_said_once(ada: Customer) -> None:
    execution_id = await ada.submitted()
    ada.faults.arm(Fault("heygen:check", "unknown_status", params={"word": "Marinating"}))

    assert (await ada.check(execution_id))["status"] == "Marinating"
    assert (await ada.wait(execution_id))["status"] == "completed"


async def test_faults_on_checks_and_uploads_leave_the_job_alone(ada: Customer) -> None:
    execution_id = await ada.submitted()
    url = f"{ada.api}{EXECUTIONS}/{execution_id}"
    ada.faults.arm(Fault("heygen:check", "status", params={"status": 502}))
    ada.faults.arm(Fault("heygen:upload", "rate_limited"))

    assert (await ada.http.get(url, headers=ada.key)).status_code == 502
    files = {"file": ("fox.png", png(), "image/png")}
    answer = await ada.http.post(ada.api + "/v3/assets", headers=ada.key, files=files)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert (await ada.wait(execution_id))["status"] == "completed"


async def test_traffic_tells_status_and_fault(ada: Customer) -> None:
    ada.faults.arm(Fault("heygen:submit", "reset_after"))
    with pytest.raises(httpx.ReadError):
        await ada.submit()
    await ada.submit()

    struck, plain = ada.traffic.since(0)
    assert (struck["peer"], struck["status"], struck["note"]) == (
        "heygen",
        None,
        "fault: reset_after",
    )
    assert (plain["method"], plain["path"], plain["status"]) == ("POST", EXECUTIONS, 200)


async def test_reset_forgets_jobs_files_and_links(ada: Customer) -> None:
    execution_id = await ada.submitted()
    url = await ada.film_url(execution_id)

    ada.vendors.reset()

    assert ada.vendors.ledger() == []
    assert (await ada.check(execution_id))["status"] == "not_found"
    assert (await ada.http.get(url)).status_code == 403
    assert (await ada.wait(await ada.submitted()))["status"] == "completed"
