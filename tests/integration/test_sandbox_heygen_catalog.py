"""The sandbox's avatars, voices, assets and account, in v3 and as the seeds list them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from collections.abc import AsyncIterator
from typing import Any

import av
import pytest
from PIL import Image

from sandbox.vendors.heygen_films import speech
from tests.integration.sandbox_heygen import (
    LOOK,
    SPOKEN,
    VOICE,
    Customer,
    customer,
    error_of,
    png,
)

LOOKS, VOICES = "/v3/avatars/looks", "/v3/voices"
PROMPTED = {"type": "prompt", "name": "Robot", "prompt": "a friendly robot"}


@pytest.fixture
async def ada() -> AsyncIterator[Customer]:
    async with customer() as one:
        yield one


async def test_looks_and_groups_are_enough_to_page(ada: Customer) -> None:
    looks = await ada.all_pages(LOOKS, limit=50)
    groups = await ada.all_pages("/v3/avatars", limit=10)

    assert len(looks) >= 120
    assert len({look["id"] for look in looks}) == len(looks)
    assert sum(group["looks_count"] for group in groups) == len(looks)
    assert {look["avatar_type"] for look in looks} == {
        "studio_avatar",
        "digital_twin",
        "photo_avatar",
    }
    assert {look["preferred_orientation"] for look in looks} == {"landscape", "portrait", "square"}
    own = await ada.all_pages(LOOKS, group_id=groups[1]["id"])
    assert len(own) == groups[1]["looks_count"]
    assert await ada.shown(LOOKS, ownership="private") == []
    one = await ada.shown(f"{LOOKS}/{LOOK}")
    assert one["default_voice_id"] == VOICE
    face = await ada.http.get(one["preview_image_url"])
    with Image.open(io.BytesIO(face.content)) as picture:
        assert picture.size == (240, 240)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LOOKS, {"limit": 51}),
        (LOOKS, {"limit": 0}),
        (LOOKS, {"token": "nonsense"}),
        (LOOKS, {"avatar_type": "robot"}),
        (LOOKS, {"search": "Josh"}),
        (VOICES, {"limit": 101}),
        (VOICES, {"type": "mine"}),
        ("/v3/videos", {"status": "completed"}),
    ],
)
async def test_a_list_is_strict(ada: Customer, path: str, query: dict[str, Any]) -> None:
    answer = await ada.get(path, **query)
    assert (answer.status_code, error_of(answer)["param"]) == (400, next(iter(query)))


async def test_voices_are_paged_and_filtered(ada: Customer) -> None:
    voices = await ada.all_pages(VOICES, limit=100)
    assert len(voices) >= 300
    assert {voice["type"] for voice in voices} == {"public"}
    assert {voice["support_pause"] for voice in voices} == {True, False}
    assert any(voice["preview_audio_url"] is None for voice in voices)
    german = await ada.all_pages(VOICES, language="German", gender="female")
    assert {(one["language"], one["gender"]) for one in german} == {("German", "female")}
    heard = next(one for one in german if one["preview_audio_url"])
    preview = await ada.http.get(heard["preview_audio_url"])
    with av.open(io.BytesIO(preview.content), "r") as opened:
        assert opened.streams.audio[0].codec_context.name.startswith("mp3")


async def test_a_voice_is_searched_by_meaning_in_batches_of_three(ada: Customer) -> None:
    asked = {"prompt": "a warm French woman", "gender": "female"}
    first = await ada.made(VOICES, asked)
    again, second = await ada.made(VOICES, asked), await ada.made(VOICES, {**asked, "seed": 1})

    assert first == again
    assert len(first["voices"]) == 3
    assert first["voices"][0]["language"] == "French"
    ids = [one["voice_id"] for batch in (first, second) for one in batch["voices"]]
    assert len(set(ids)) == 6


async def test_a_voice_is_spoken_at_once_where_its_engine_can(ada: Customer) -> None:
    starfish = (await ada.shown(VOICES, engine="starfish"))[0]["voice_id"]
    spoken = await ada.made(
        VOICES + "/speech", {"text": "one two three four five", "voice_id": starfish}
    )

    assert spoken["duration"] == pytest.approx(2.0)
    assert [one["word"] for one in spoken["word_timestamps"]][:2] == ["one", "two"]
    with av.open(io.BytesIO((await ada.http.get(spoken["audio_url"])).content), "r") as opened:
        assert abs((opened.duration or 0) / 1e6 - 2.0) < 0.2
    answer = await ada.post(VOICES + "/speech", {"text": "hi", "voice_id": VOICE})
    assert error_of(answer)["code"] == "voice_not_usable"


async def test_a_cloned_voice_is_private_and_ready_later(ada: Customer) -> None:
    asset = await ada.asset(speech("me", 1.0), "me.mp3")
    audio = {"type": "asset_id", "asset_id": asset["asset_id"]}
    clone = await ada.made(VOICES + "/clone", {"audio": audio, "voice_name": "Me"})
    voice_id = clone["voice_clone_id"]

    assert (await ada.shown(f"{VOICES}/{voice_id}"))["status"] == "processing"
    early = await ada.post("/v3/videos", {**SPOKEN, "voice_id": voice_id})
    assert error_of(early)["code"] == "resource_not_ready"
    async with asyncio.timeout(5):
        while (await ada.shown(f"{VOICES}/{voice_id}"))["status"] != "complete":
            await asyncio.sleep(0.02)
    await ada.made("/v3/videos", {**SPOKEN, "voice_id": voice_id})
    assert [one["name"] for one in await ada.shown(VOICES, type="private")] == ["Me"]
    assert (await ada.sent("DELETE", f"{VOICES}/{voice_id}")).status_code == 200
    gone = await ada.sent("DELETE", f"{VOICES}/{voice_id}")
    assert (gone.status_code, error_of(gone)["code"]) == (404, "voice_not_found")


async def test_a_photo_avatar_is_trained_until_it_has_a_picture(ada: Customer) -> None:
    asset = await ada.asset()
    file = {"type": "asset_id", "asset_id": asset["asset_id"]}
    made = await ada.made("/v3/avatars", {"type": "photo", "name": "Me", "file": file})
    look_id = made["avatar_item"]["id"]

    assert made["avatar_item"]["status"] == "processing"
    assert made["avatar_item"]["preview_image_url"] is None
    early = await ada.post("/v3/videos", {**SPOKEN, "avatar_id": look_id})
    assert error_of(early)["code"] == "resource_not_ready"
    async with asyncio.timeout(5):
        while (look := await ada.shown(f"{LOOKS}/{look_id}"))["status"] != "completed":
            await asyncio.sleep(0.02)
    assert look["image_width"] > 0
    await ada.made("/v3/videos", {**SPOKEN, "avatar_id": look_id})
    assert [one["id"] for one in await ada.shown(LOOKS, ownership="private")] == [look_id]
    await asyncio.sleep(0.05)
    assert (await ada.shown("/v3/users/me"))["wallet"]["remaining_balance"] == 99.0
    bill = ada.ledger()[0]
    assert (bill["id"], bill["endpoint"], bill["usd"]) == (look_id, "/v3/avatars", 1.0)
    assert bill["images"][0]["field"] == "file"
    renamed = await ada.sent("PATCH", f"{LOOKS}/{look_id}", json={"name": "Myself"})
    assert renamed.json()["data"]["name"] == "Myself"
    assert (await ada.sent("DELETE", f"{LOOKS}/{look_id}")).status_code == 200
    group = made["avatar_group"]["id"]
    assert (await ada.get(f"/v3/avatars/{group}")).status_code == 404
    assert (await ada.sent("DELETE", f"{LOOKS}/{LOOK}")).status_code == 403


async def test_an_avatar_may_fail_and_is_strict(ada: Customer) -> None:
    ada.breaks("training", "fail", message="No face found.")
    look_id = (await ada.made("/v3/avatars", PROMPTED))["avatar_item"]["id"]
    async with asyncio.timeout(5):
        while (look := await ada.shown(f"{LOOKS}/{look_id}"))["status"] != "failed":
            await asyncio.sleep(0.02)
    assert look["error"]["message"] == "No face found."
    assert ada.ledger()[0]["state"] == "failed"

    for body, param in (
        ({"type": "photo", "name": "Me"}, "file"),
        ({"type": "prompt", "name": "Me"}, "prompt"),
        ({**PROMPTED, "age": 40}, "age"),
    ):
        assert error_of(await ada.post("/v3/avatars", body))["param"] == param


async def test_an_upload_is_taken_in_three_ways(ada: Customer) -> None:
    asset = await ada.asset(png("blue"))
    inline = {
        "type": "base64",
        "media_type": "image/png",
        "data": base64.b64encode(png()).decode(),
    }
    body = {"type": "image", "script": "Hi.", "voice_id": VOICE}
    for image in (
        {"type": "asset_id", "asset_id": asset["asset_id"]},
        {"type": "url", "url": asset["url"]},
        inline,
    ):
        await ada.made("/v3/videos", {**body, "image": image})

    assert [len(entry["images"]) for entry in ada.ledger()] == [1, 1, 1]
    for image, code in (
        ({"type": "asset_id", "asset_id": "none"}, "asset_not_available"),
        ({"type": "url", "url": "http://example.com/a.png"}, "download_failed"),
        ({**inline, "media_type": "image/jpeg"}, "invalid_parameter"),
        ({**inline, "url": "https://example.com"}, "invalid_parameter"),
    ):
        answer = await ada.post("/v3/videos", {**body, "image": image})
        assert (answer.status_code, error_of(answer)["code"]) == (400, code)
    shown = await ada.shown(f"/v3/assets/{asset['asset_id']}")
    assert shown == asset
    assert (await ada.sent("DELETE", f"/v3/assets/{asset['asset_id']}")).status_code == 200
    assert (await ada.get(f"/v3/assets/{asset['asset_id']}")).status_code == 404


async def test_a_large_file_goes_direct(ada: Customer) -> None:
    body = png() + bytes(33 * 1024 * 1024)
    asked = {
        "filename": "big.png",
        "content_type": "image/png",
        "size_bytes": len(body),
        "checksum_sha256": hashlib.sha256(body).hexdigest(),
    }
    place = await ada.made("/v3/assets/direct-uploads", asked)
    complete = f"/v3/assets/{place['asset_id']}/complete"
    assert place["status"] == "pending_upload"
    early = await ada.post(complete, {})
    assert error_of(early)["code"] == "resource_not_ready"

    other = {"Content-Type": "video/mp4"}
    wrong = await ada.http.put(place["upload_url"], content=body, headers=other)
    right = await ada.http.put(place["upload_url"], content=body, headers=place["upload_headers"])
    asset = await ada.made(complete, {})

    assert (wrong.status_code, right.status_code) == (403, 200)
    assert asset["size_bytes"] == len(body)
    too_big = {**asked, "size_bytes": 10**10}
    assert (await ada.post("/v3/assets/direct-uploads", too_big)).status_code == 413


async def test_uploading_twice_with_one_key_is_one_asset(ada: Customer) -> None:
    headers = {**ada.key, "Idempotency-Key": "asset-1"}
    url = ada.api + "/v3/assets"
    first, again = [
        await ada.http.post(url, headers=headers, files={"file": ("a.png", png())})
        for _ in range(2)
    ]
    assert first.json() == again.json()


@pytest.mark.parametrize("billing", ["wallet", "subscription", "usage_based"])
async def test_exactly_one_billing_block_is_filled(ada: Customer, billing: str) -> None:
    ada.switches.set("billing", billing)
    me = await ada.shown("/v3/users/me")

    filled = [name for name in ("wallet", "subscription", "usage_based") if me[name]]
    assert (me["billing_type"], filled) == (billing, [billing])


@pytest.mark.parametrize(
    "path", ["/v3/videos", "/v2/avatars", "/v1/video.list", "/v3/webhooks/endpoints"]
)
async def test_a_wrong_key_is_401_in_every_dialect(ada: Customer, path: str) -> None:
    answer = await ada.http.get(ada.api + path, headers={"X-Api-Key": "sk_V2_wrong"})

    assert answer.status_code == 401
    body = answer.json()
    match path[:4]:
        case "/v3/":
            assert error_of(answer)["code"] == "unauthorized"
        case "/v2/":
            assert (body["data"], body["error"]["code"]) == (None, "unauthorized")
        case _:
            assert (body["code"], body["data"]) == (400112, None)


async def test_catalogs_and_the_account_can_be_out(ada: Customer) -> None:
    for what, path in (("catalog", VOICES), ("account", "/v3/users/me"), ("history", "/v3/videos")):
        ada.breaks(what, "status", status=503)
        assert (await ada.get(path)).status_code == 503
        assert (await ada.get(path)).status_code == 200


async def test_reset_forgets_what_was_made_and_turned(ada: Customer) -> None:
    await ada.made("/v3/avatars", PROMPTED)
    await ada.made("/v3/webhooks/endpoints", {"url": "https://bot.example.com/hook"})
    ada.switches.set("plan", "free")

    ada.vendors.reset()

    assert await ada.shown(LOOKS, ownership="private") == []
    assert await ada.shown("/v3/webhooks/endpoints") == []
    assert ada.switches["plan"] == "enterprise"
