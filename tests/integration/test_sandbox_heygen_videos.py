"""The sandbox's `/v3/videos`: four strict bodies, one order a key, status, batches, deletion."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import av
import httpx
import pytest

from tests.integration.sandbox_heygen import (
    LOOK,
    SPOKEN,
    VOICE,
    Customer,
    customer,
    error_of,
    png,
)

VIDEOS = "/v3/videos"
CINEMATIC = {"type": "cinematic_avatar", "prompt": "a walk at dawn", "avatar_id": [LOOK]}
SPEAKING_SCENE = {
    "type": "avatar_video",
    "input": {
        "type": "avatar",
        "avatar_id": LOOK,
        "script": "One.",
        "background": {"type": "color", "color": "#1a2b3c"},
    },
}
STILL_SCENE = {
    "type": "image",
    "source": {"type": "url", "url": "https://example.com/a.png"},
    "duration": 3.0,
}


@pytest.fixture
async def ada() -> AsyncIterator[Customer]:
    async with customer() as one:
        yield one


async def test_a_spoken_video_goes_from_waiting_to_a_film_with_all_its_files(ada: Customer) -> None:
    body = {**SPOKEN, "title": "Greeting", "caption": {"style": "default"}, "aspect_ratio": "9:16"}
    created = await ada.made(VIDEOS, body)
    assert created == {
        "video_id": created["video_id"],
        "status": "waiting",
        "output_format": "mp4",
    }

    video = await ada.finished(f"{VIDEOS}/{created['video_id']}")

    assert (video["status"], video["title"]) == ("completed", "Greeting")
    film = (await ada.http.get(video["video_url"])).content
    with av.open(io.BytesIO(film), "r") as opened:
        size = opened.streams.video[0]
        assert size.height > size.width
        assert abs((opened.duration or 0) / 1e6 - video["duration"]) < 0.5
    subtitles = (await ada.http.get(video["subtitle_url"])).text
    assert subtitles.startswith("1\n00:00:00,000 --> ")
    assert "Hello there, this is a test." in subtitles
    assert (await ada.http.get(video["thumbnail_url"])).content[:3] == b"\xff\xd8\xff"
    captioned = (await ada.http.get(video["captioned_video_url"])).content
    assert captioned[4:8] == b"ftyp"
    assert captioned != film


async def test_a_transparent_video_is_webm_with_an_alpha_channel(ada: Customer) -> None:
    video_id = await ada.video(output_format="webm")
    video = await ada.finished(f"{VIDEOS}/{video_id}")

    assert ".webm?" in video["video_url"]
    film = await ada.http.get(video["video_url"])
    assert film.headers["Content-Type"] == "video/webm"
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(io.BytesIO(film.content), "r") as opened:
        assert [stream.type for stream in opened.streams] == ["video", "audio"]
        assert opened.streams.video[0].metadata["alpha_mode"] == "1"
        packet = next(iter(opened.demux(video=0)))
        frame = decoder.decode(packet)[0]
    assert frame.format.name == "yuva420p"
    alpha = bytes(frame.planes[3])
    assert min(alpha) < 16
    assert max(alpha) > 200


@pytest.mark.parametrize(
    "body",
    [
        {**SPOKEN, "voice_id": VOICE, "voice_settings": {"speed": 1.5, "pitch": -50, "volume": 0}},
        {
            **SPOKEN,
            "voice_settings": {
                "engine_settings": {
                    "engine_type": "elevenlabs",
                    "model": "eleven_v3",
                    "stability": 0.5,
                }
            },
        },
        {**SPOKEN, "background": {"type": "color", "value": "#101820"}, "resolution": "4k"},
        {**SPOKEN, "background": {"type": "image", "url": "https://example.com/b.png"}},
        {**SPOKEN, "engine": {"type": "avatar_iii"}, "aspect_ratio": "auto", "fit": "contain"},
        {"type": "avatar", "avatar_id": LOOK, "audio_url": "https://example.com/a.mp3"},
        {
            "type": "image",
            "image": {"type": "url", "url": "https://example.com/me.png"},
            "script": "Hi.",
            "voice_id": VOICE,
        },
        {**CINEMATIC, "duration": 4, "resolution": "720p", "aspect_ratio": "1:1"},
        {**CINEMATIC, "auto_duration": True, "enhance_prompt": True, "title": "Dawn"},
        {"type": "studio", "scenes": [SPEAKING_SCENE, STILL_SCENE] * 25},
    ],
)
async def test_what_the_schema_knows_is_taken(ada: Customer, body: dict[str, Any]) -> None:
    answer = await ada.post(VIDEOS, body)

    assert answer.status_code == 200, answer.text
    assert [entry["input"] for entry in ada.ledger()] == [body]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"test": True}, "test"),
        ({"dimension": {"width": 1}}, "dimension"),
        ({"type": "hologram"}, "type"),
        ({"script": None}, None),
        ({"audio_url": "https://example.com/a.mp3"}, None),
        ({"script": "x" * 5001}, "script"),
        ({"aspect_ratio": "4:3"}, "aspect_ratio"),
        ({"resolution": 1080}, "resolution"),
        ({"voice_settings": {"speed": 1.6}}, "voice_settings.speed"),
        ({"voice_settings": {"emotion": "Happy"}}, "voice_settings.emotion"),
        ({"voice_settings": {"engine_settings": {"engine_type": "fish"}}}, "voice_settings.engine"),
        (
            {
                "voice_settings": {
                    "engine_settings": {
                        "engine_type": "elevenlabs",
                        "model": "eleven_v3",
                        "stability": 0.4,
                    }
                }
            },
            "voice_settings.engine_settings",
        ),
        ({"background": {"type": "video", "url": "https://example.com/b.mp4"}}, "background.type"),
        ({"background": {"type": "color", "color": "#101820"}}, "background.color"),
        ({"output_format": "webm", "background": {"type": "color", "value": "#101820"}}, None),
        ({"engine": {"type": "avatar_v"}}, "engine.type"),
        ({"expressiveness": "high"}, "expressiveness"),
        ({"motion_prompt": "wave"}, "motion_prompt"),
        ({"caption": {"style": "bold"}}, "caption.style"),
        ({"background": {"type": "image", "asset_id": "none"}}, "background"),
    ],
)
async def test_what_it_does_not_know_is_named_and_costs_nothing(
    ada: Customer, change: dict[str, Any], param: str | None
) -> None:
    answer = await ada.post(VIDEOS, {**SPOKEN, **change})

    assert answer.status_code == 400, answer.text
    assert answer.headers["X-Request-Id"]
    assert str(error_of(answer).get("param")).startswith(str(param))
    assert ada.ledger() == []


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({**CINEMATIC, "avatar_id": LOOK}, "avatar_id"),
        ({**CINEMATIC, "avatar_id": [LOOK] * 4}, "avatar_id"),
        ({**CINEMATIC, "duration": 16}, "duration"),
        ({**CINEMATIC, "callback_url": "https://example.com"}, "callback_url"),
        ({"type": "studio", "scenes": []}, "scenes"),
        ({"type": "studio", "scenes": [STILL_SCENE] * 51}, "scenes"),
        ({"type": "studio", "scenes": [{**STILL_SCENE, "duration": 301}]}, "scenes.0.duration"),
        ({"type": "studio", "scenes": [STILL_SCENE, {"type": "text"}]}, "scenes.1.type"),
        (
            {"type": "studio", "scenes": [{**SPEAKING_SCENE, "text": "x"}]},
            "scenes.0.text",
        ),
    ],
)
async def test_cinematic_and_studio_have_limits_of_their_own(
    ada: Customer, body: dict[str, Any], param: str
) -> None:
    answer = await ada.post(VIDEOS, body)

    assert (answer.status_code, error_of(answer).get("param")) == (400, param)


async def test_unknown_looks_groups_and_voices_are_told_apart(ada: Customer) -> None:
    group = (await ada.shown("/v3/avatars"))[0]["id"]

    unknown = await ada.post(VIDEOS, {**SPOKEN, "avatar_id": "nobody"})
    grouped = await ada.post(VIDEOS, {**SPOKEN, "avatar_id": group})
    voice = await ada.post(VIDEOS, {**SPOKEN, "voice_id": "nobody"})

    assert (unknown.status_code, error_of(unknown)["code"]) == (404, "avatar_not_found")
    assert (grouped.status_code, "Avatar not found" in error_of(grouped)["message"]) == (400, True)
    assert (voice.status_code, error_of(voice)["code"]) == (404, "voice_not_found")


async def test_a_look_without_a_voice_needs_one(ada: Customer) -> None:
    looks = await ada.all_pages("/v3/avatars/looks", limit=50)
    bare = next(look for look in looks if look["default_voice_id"] is None)

    refused = await ada.post(VIDEOS, {**SPOKEN, "avatar_id": bare["id"]})
    assert error_of(refused)["param"] == "voice_id"
    await ada.made(VIDEOS, {**SPOKEN, "avatar_id": bare["id"], "voice_id": VOICE})


async def test_photo_looks_take_expression_and_motion_and_no_webm(ada: Customer) -> None:
    looks = await ada.all_pages("/v3/avatars/looks", avatar_type="photo_avatar", limit=50)
    photo = {**SPOKEN, "avatar_id": looks[0]["id"], "voice_id": VOICE}

    await ada.made(VIDEOS, {**photo, "expressiveness": "high", "motion_prompt": "wave"})
    on_v = {**photo, "engine": {"type": "avatar_v"}, "motion_prompt": "wave"}
    await ada.made(VIDEOS, on_v)
    ada.switches.set("motion_prompt", "june")
    assert (await ada.post(VIDEOS, on_v)).status_code == 400
    clear = await ada.post(VIDEOS, {**photo, "output_format": "webm"})
    assert error_of(clear)["param"] == "output_format"


async def test_an_uploaded_picture_is_in_the_ledger_and_in_the_film(ada: Customer) -> None:
    asset = await ada.asset(png("#c01010"))
    image = {"type": "asset_id", "asset_id": asset["asset_id"]}
    body = {"type": "image", "image": image, "script": "Hi.", "voice_id": VOICE}

    created = await ada.made(VIDEOS, body)

    assert ada.ledger()[0]["images"][0]["field"] == "image"
    video = await ada.finished(f"{VIDEOS}/{created['video_id']}")
    film = (await ada.http.get(video["video_url"])).content
    with av.open(io.BytesIO(film), "r") as opened:
        frame = next(opened.decode(video=0))
        picture = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV's stub has no types here
    red, green, _ = picture.crop((8, 80, 9, 81)).tobytes()
    assert red > 120 > green


async def test_the_same_key_is_one_order_and_one_answer(ada: Customer) -> None:
    first = await ada.post(VIDEOS, SPOKEN, key="dailies:V-1.2")
    again = await ada.post(VIDEOS, {**SPOKEN, "title": "changed"}, key="dailies:V-1.2")
    other = await ada.post(VIDEOS, SPOKEN, key="dailies:V-1.3")

    assert again.json() == first.json()
    assert other.json() != first.json()
    assert [entry["key"] for entry in ada.ledger()] == ["dailies:V-1.2", "dailies:V-1.3"]
    assert all(entry["usd"] > 0 for entry in ada.ledger())

    ada.switches.set("idempotency_life_s", 0.0)
    late = await ada.post(VIDEOS, SPOKEN, key="dailies:V-1.2")
    assert late.json() != first.json()


async def test_a_key_whose_answer_was_lost_answers_again(ada: Customer) -> None:
    ada.breaks("submit", "reset_after")
    with pytest.raises(httpx.ReadError):
        await ada.post(VIDEOS, SPOKEN, key="lost")

    again = await ada.post(VIDEOS, SPOKEN, key="lost")

    assert again.json()["data"]["video_id"] == ada.ledger()[0]["id"]
    assert len(ada.ledger()) == 1


async def test_a_second_request_in_flight_and_a_bad_key_are_refused(ada: Customer) -> None:
    ada.switches.set("submit_takes_s", 0.4)
    first = asyncio.create_task(ada.post(VIDEOS, SPOKEN, key="slow"))
    await asyncio.sleep(0.15)

    second = await ada.post(VIDEOS, SPOKEN, key="slow")
    assert (second.status_code, error_of(second)["code"]) == (409, "request_in_progress")
    assert (await first).status_code == 200
    for bad in ("with space", "x" * 256, "semi;colon"):
        answer = await ada.post(VIDEOS, SPOKEN, key=bad)
        assert error_of(answer)["param"] == "Idempotency-Key"
    assert len(ada.ledger()) == 1


async def test_a_refused_request_does_not_use_its_key_up(ada: Customer) -> None:
    assert (await ada.post(VIDEOS, {**SPOKEN, "nope": 1}, key="k")).status_code == 400
    assert (await ada.post(VIDEOS, SPOKEN, key="k")).status_code == 200


async def test_a_hundred_statuses_in_one_call(ada: Customer) -> None:
    good, bad = await ada.video(), await ada.video(script="[refuse] this")
    await ada.finished(f"{VIDEOS}/{good}")
    await ada.finished(f"{VIDEOS}/{bad}")
    new = await ada.video()

    rows = await ada.shown(VIDEOS + "/statuses", video_ids=f"{good},{bad},{new},none")

    assert [row["status"] for row in rows] == ["completed", "failed", "queued", "not_found"]
    assert rows[1]["error"]["code"] == "content_policy_violation"
    ada.switches.set("statuses_words", "v1")
    assert (await ada.shown(VIDEOS + "/statuses", video_ids=new))[0]["status"] == "waiting"
    many = ",".join(map(str, range(101)))
    assert (await ada.get(VIDEOS + "/statuses", video_ids=many)).status_code == 400


async def test_the_list_is_paged_newest_first_and_filtered_by_title(ada: Customer) -> None:
    for number in range(5):
        await ada.video(title=f"Take {number} [V-{number}]")

    rows = await ada.all_pages(VIDEOS, limit=2)
    assert [row["title"][:6] for row in rows] == [f"Take {number}" for number in (4, 3, 2, 1, 0)]
    found = await ada.shown(VIDEOS, title="[v-3]")
    assert [row["title"] for row in found] == ["Take 3 [V-3]"]


async def test_a_deleted_video_is_gone_and_not_charged(ada: Customer) -> None:
    video_id = await ada.video()

    gone = await ada.sent("DELETE", f"{VIDEOS}/{video_id}")
    assert gone.json()["data"] == {"id": video_id, "deleted": True}
    missing = await ada.get(f"{VIDEOS}/{video_id}")
    assert (missing.status_code, error_of(missing)["code"]) == (404, "video_not_found")
    await asyncio.sleep(0.3)
    wallet = (await ada.shown("/v3/users/me"))["wallet"]
    assert wallet["remaining_balance"] == 100.0
    assert ada.ledger()[0]["state"] == "cancelled"


async def test_a_batch_is_partly_good(ada: Customer) -> None:
    videos = [SPOKEN, {**SPOKEN, "nope": 1}, {**SPOKEN, "script": "[refuse]"}]
    batch = await ada.made(VIDEOS + "/batches", {"videos": videos, "title": "Three"})

    shown = await ada.finished(f"{VIDEOS}/batches/{batch['batch_id']}")

    assert [item["status"] for item in shown["items"]] == ["completed", "failed", "failed"]
    assert shown["items"][1]["error"]["param"] == "videos.1.nope"
    rows = await ada.shown(VIDEOS + "/statuses", batch_ids=batch["batch_id"])
    assert [row["item_index"] for row in rows] == [0, 1, 2]


async def test_too_many_at_once_and_no_credit_are_refused(ada: Customer) -> None:
    ada.switches.set("concurrent_jobs", 2)
    answers = [await ada.post(VIDEOS, SPOKEN) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"]
    assert error_of(answers[2])["code"] == "rate_limit_exceeded"

    ada.switches.reset()
    ada.switches.set("wallet_usd", 0.0)
    broke = await ada.post(VIDEOS, SPOKEN)
    assert (broke.status_code, error_of(broke)["code"]) == (402, "insufficient_credit")
    ada.switches.set("credit_check", "late")
    late = await ada.finished(f"{VIDEOS}/{await ada.video()}")
    assert late["failure_code"] == "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"


async def test_a_trial_ends_after_its_videos_of_the_day(ada: Customer) -> None:
    ada.switches.set("daily_videos", 1)
    assert (await ada.post(VIDEOS, SPOKEN)).status_code == 200
    refused = await ada.post(VIDEOS, SPOKEN)
    assert (refused.status_code, error_of(refused)["code"]) == (429, "quota_exceeded")


async def test_finished_work_is_paid_by_its_length_and_cinematic_flat(ada: Customer) -> None:
    async def balance() -> float:
        return float((await ada.shown("/v3/users/me"))["wallet"]["remaining_balance"])

    await ada.finished(f"{VIDEOS}/{await ada.video(script='word ' * 150)}")
    assert await balance() == pytest.approx(100 - 60 * 0.0667, abs=0.01)
    created = await ada.made(VIDEOS, CINEMATIC)
    await ada.finished(f"{VIDEOS}/{created['video_id']}")
    assert await balance() == pytest.approx(100 - 60 * 0.0667 - 7, abs=0.01)


async def test_checks_lie_as_they_are_told(ada: Customer) -> None:
    video_id = await ada.video()
    await ada.finished(f"{VIDEOS}/{video_id}")
    path = f"{VIDEOS}/{video_id}"

    ada.breaks("check", "no_url")
    assert (await ada.shown(path))["video_url"] is None
    ada.breaks("check", "unknown_status", word="Marinating")
    assert (await ada.shown(path))["status"] == "Marinating"
    ada.breaks("check", "error_200", code="internal_error")
    lie = await ada.get(path)
    assert (lie.status_code, error_of(lie)["code"]) == (200, "internal_error")
    assert (await ada.shown(path))["video_url"]


async def test_a_submission_answered_by_an_error_in_a_200_was_not_accepted(ada: Customer) -> None:
    ada.breaks("submit", "error_200")
    answer = await ada.post(VIDEOS, SPOKEN)

    assert answer.status_code == 200
    assert "error" in answer.json()
    assert ada.ledger() == []


async def test_a_failure_may_have_neither_code_nor_message(ada: Customer) -> None:
    ada.breaks("submit", "fail", message="")
    video = await ada.finished(f"{VIDEOS}/{await ada.video()}")

    assert (video["status"], video["failure_code"], video["failure_message"]) == (
        "failed",
        None,
        None,
    )


async def test_a_completed_film_may_follow_a_moment_later(ada: Customer) -> None:
    ada.switches.set("download_lag_s", 0.4)
    path = f"{VIDEOS}/{await ada.video()}"
    video = await ada.finished(path)

    assert (await ada.http.get(video["video_url"])).status_code == 403
    await asyncio.sleep(0.5)
    fresh = await ada.shown(path)
    assert (await ada.http.get(fresh["video_url"])).status_code == 200


async def test_validation_may_be_422_with_a_list(ada: Customer) -> None:
    ada.switches.set("validation_status", 422)
    ada.switches.set("validation_errors", True)
    answer = await ada.post(VIDEOS, {**SPOKEN, "nope": 1})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == "nope"
