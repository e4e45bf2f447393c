"""The seeds' HeyGen in the sandbox: v2 videos, WebM, statuses, the v1 agent, and their end."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import av
import pytest

from sandbox.vendors.heygen_films import speech
from tests.integration.sandbox_heygen import LOOK, VOICE, Customer, customer, png

GENERATE, WEBM, STATUS = "/v2/video/generate", "/v1/video.webm", "/v1/video_status.get"
CHARACTER = {"type": "avatar", "avatar_id": LOOK, "avatar_style": "normal"}
TEXT = {"type": "text", "voice_id": VOICE, "input_text": "Hello! Welcome."}
SCENE = {"character": CHARACTER, "voice": TEXT}


@pytest.fixture
async def ada() -> AsyncIterator[Customer]:
    async with customer() as one:
        yield one


def scene(**changes: Any) -> dict[str, Any]:
    """A scene with something changed in its character, voice or background."""
    voice = changes.get("voice", {})
    return {
        "character": {**CHARACTER, **changes.get("character", {})},
        "voice": voice if voice.get("type") else {**TEXT, **voice},
        **({"background": changes["background"]} if "background" in changes else {}),
    }


async def test_the_seeds_full_example_becomes_a_film(ada: Customer) -> None:
    body = {
        "test": False,
        "title": "Product Demo Video",
        "dimension": {"width": 1080, "height": 1920},
        "caption": True,
        "callback_id": "take-1",
        "video_inputs": [
            scene(
                voice={"speed": 1.0, "pitch": 0}, background={"type": "color", "value": "#FFFFFF"}
            ),
            scene(character={"avatar_style": "closeUp"}),
        ],
    }
    answer = await ada.post(GENERATE, body)
    assert answer.json()["error"] is None
    video_id = answer.json()["data"]["video_id"]

    data = await ada.finished(STATUS, video_id=video_id)

    assert (data["id"], data["status"], data["callback_id"]) == (video_id, "completed", "take-1")
    with av.open(io.BytesIO((await ada.http.get(data["video_url"])).content), "r") as opened:
        size = opened.streams.video[0]
        assert size.height > size.width
    assert ".ass?" in data["caption_url"]
    assert "Dialogue:" in (await ada.http.get(data["caption_url"])).text
    assert (await ada.http.get(data["gif_url"])).content[:4] == b"GIF8"
    assert (await ada.http.get(data["video_url_caption"])).status_code == 200
    assert ada.ledger()[0]["endpoint"] == GENERATE
    assert ada.ledger()[0]["input"] == body
    v3 = await ada.shown(f"/v3/videos/{video_id}")
    v2 = await ada.get(f"/v2/videos/{video_id}")
    assert v2.json()["data"]["id"] == v3["id"] == video_id


@pytest.mark.parametrize(
    "one",
    [
        scene(character={"avatar_style": "circle", "scale": 0.5, "offset": {"x": 0.1, "y": 0.2}}),
        scene(voice={"type": "audio", "audio_url": "https://example.com/a.mp3"}),
        scene(voice={"type": "silence", "duration": 100.0}),
        scene(voice={"speed": 1.5, "pitch": -20, "emotion": "Friendly", "locale": "en-US"}),
        scene(background={"type": "image", "url": "https://example.com/b.jpg", "fit": "cover"}),
        scene(
            background={"type": "video", "url": "https://example.com/b.mp4", "play_style": "loop"}
        ),
    ],
)
async def test_every_kind_of_scene_is_taken(ada: Customer, one: dict[str, Any]) -> None:
    answer = await ada.post(GENERATE, {"video_inputs": [one]})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "video_inputs"),
        ({"video_inputs": []}, "1 item"),
        ({"video_inputs": [SCENE] * 51}, "50 items"),
        ({"video_inputs": [SCENE], "quality": "high"}, "quality"),
        ({"video_inputs": [SCENE], "dimension": {"width": 1921, "height": 1080}}, "multiple"),
        ({"video_inputs": [scene(voice={"speed": 1.6})]}, "speed"),
        ({"video_inputs": [scene(voice={"pitch": 21})]}, "pitch"),
        ({"video_inputs": [scene(voice={"input_text": "x" * 5001})]}, "5000"),
        ({"video_inputs": [scene(voice={"type": "silence", "duration": 101.0})]}, "100"),
        ({"video_inputs": [scene(character={"avatar_style": "wide"})]}, "normal"),
        ({"video_inputs": [scene(character={"avatar_id": "nobody"})]}, "Avatar not found"),
        ({"video_inputs": [scene(background={"type": "color", "value": "red"})]}, "pattern"),
        ({"video_inputs": [scene(background={"type": "image"})]}, "url"),
        ({"video_inputs": [scene(voice={"type": "silence"})], "caption": True}, "text voices"),
    ],
)
async def test_v2_refuses_in_its_own_envelope(
    ada: Customer, body: dict[str, Any], words: str
) -> None:
    answer = await ada.post(GENERATE, body)

    assert answer.status_code in (400, 404)
    assert answer.json()["data"] is None
    assert words in answer.json()["error"]["message"]
    assert ada.ledger() == []

    ada.switches.set("legacy_error_text", True)
    assert isinstance((await ada.post(GENERATE, body)).json()["error"], str)


@pytest.mark.parametrize(
    ("plan", "limit"), [("free", 500), ("creator", 1500), ("team", 3000), ("enterprise", 5000)]
)
async def test_a_script_is_as_long_as_the_plan_allows(ada: Customer, plan: str, limit: int) -> None:
    ada.switches.set("plan", plan)

    fits = await ada.post(GENERATE, {"video_inputs": [scene(voice={"input_text": "x" * limit})]})
    long = await ada.post(
        GENERATE, {"video_inputs": [scene(voice={"input_text": "x" * (limit + 1)})]}
    )

    assert (fits.status_code, long.status_code) == (200, 400)


async def test_the_seeds_wider_ranges_are_a_switch(ada: Customer) -> None:
    ada.switches.set("legacy_speed_max", 2.0)
    ada.switches.set("legacy_pitch_max", 50.0)
    fast = scene(voice={"speed": 2.0, "pitch": 50})
    assert (await ada.post(GENERATE, {"video_inputs": [fast]})).status_code == 200


async def test_each_post_is_paid_whatever_its_key_and_a_test_is_free(ada: Customer) -> None:
    for _ in range(2):
        assert (await ada.post(GENERATE, {"video_inputs": [SCENE]}, key="k")).status_code == 200
    tested = await ada.post(GENERATE, {"video_inputs": [SCENE], "test": True})
    assert len(ada.ledger()) == 3

    await ada.finished(STATUS, video_id=tested.json()["data"]["video_id"])
    before = (await ada.shown("/v2/user/remaining_quota"))["remaining_quota"]
    made = await ada.made(
        GENERATE, {"video_inputs": [scene(voice={"input_text": "word " * 150})], "test": True}
    )
    await ada.finished(STATUS, video_id=made["video_id"])
    assert (await ada.shown("/v2/user/remaining_quota"))["remaining_quota"] == before


async def test_a_transparent_video_has_no_background_and_no_circle(ada: Customer) -> None:
    made = await ada.made(WEBM, {"video_inputs": [SCENE]})
    data = await ada.finished(STATUS, video_id=made["video_id"])
    assert ".webm?" in data["video_url"]
    film = (await ada.http.get(data["video_url"])).content
    with av.open(io.BytesIO(film), "r") as opened:
        assert opened.streams.video[0].metadata["alpha_mode"] == "1"

    ground = scene(background={"type": "color", "value": "#FFFFFF"})
    circle = scene(character={"avatar_style": "circle"})
    for one, word in ((ground, "background"), (circle, "circle")):
        answer = await ada.post(WEBM, {"video_inputs": [one]})
        assert answer.status_code == 400
        assert word in answer.json()["error"]["message"]


async def test_the_sdks_flat_webm_body_is_a_switch(ada: Customer) -> None:
    pose = {"avatar_pose_id": LOOK, "input_text": "Hi.", "voice_id": VOICE}
    assert (await ada.post(WEBM, pose)).status_code == 400
    ada.switches.set("legacy_webm_body", "both")
    assert (await ada.post(WEBM, pose)).status_code == 200
    assert (await ada.post(WEBM, {"video_inputs": [SCENE]})).status_code == 200
    ada.switches.set("legacy_webm_body", "pose")
    assert (await ada.post(WEBM, {"video_inputs": [SCENE]})).status_code == 400


async def test_a_talking_photo_is_uploaded_and_speaks(ada: Customer) -> None:
    headers = {**ada.key, "Content-Type": "image/png"}
    answer = await ada.http.post(
        ada.upload + "/v1/talking_photo", headers=headers, content=png("#c01010")
    )
    photo_id = answer.json()["data"]["talking_photo_id"]
    character = {"type": "talking_photo", "talking_photo_id": photo_id, "expression": "happy"}

    made = await ada.made(GENERATE, {"video_inputs": [{"character": character, "voice": TEXT}]})

    data = await ada.finished(STATUS, video_id=made["video_id"])
    with av.open(io.BytesIO((await ada.http.get(data["video_url"])).content), "r") as opened:
        frame = next(opened.decode(video=0))
        picture = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV's stub has no types here
    red, green, _ = picture.crop((8, 80, 9, 81)).tobytes()
    assert red > 120 > green
    listed = (await ada.shown("/v2/avatars"))["talking_photos"]
    assert [one["talking_photo_id"] for one in listed] == [photo_id]
    assert len(await ada.shown("/v1/talking_photo.list")) == 1
    assert (await ada.sent("DELETE", f"/v2/talking_photo/{photo_id}")).is_success
    gone = await ada.post(GENERATE, {"video_inputs": [{"character": character, "voice": TEXT}]})
    assert gone.status_code == 404
    assert "could not be found" in gone.json()["error"]["message"]


async def test_modern_photo_avatars_are_refused_as_they_were(ada: Customer) -> None:
    photo = (await ada.shown("/v3/avatars/looks", avatar_type="photo_avatar"))[0]["id"]
    body = {"video_inputs": [scene(character={"avatar_id": photo})]}

    refused = await ada.post(GENERATE, body)
    assert refused.json()["error"]["code"] == "internal_error"
    assert "unlimited mode" in refused.json()["error"]["message"]
    ada.switches.set("legacy_refuses_photo_looks", False)
    assert (await ada.post(GENERATE, body)).status_code == 200


async def test_statuses_go_from_waiting_to_the_end(ada: Customer) -> None:
    ada.breaks("submit", "late", seconds=0.5)
    ada.breaks("submit", "fail", code="40119", message="Video is too long (>3600s).")
    slow, bad = [
        (await ada.made(GENERATE, {"video_inputs": [SCENE]}))["video_id"] for _ in range(2)
    ]

    assert (await ada.shown(STATUS, video_id=slow))["status"] == "waiting"
    failed = await ada.finished(STATUS, video_id=bad)
    assert failed["error"]["code"] == 40119
    assert failed["error"]["message"] == "Video is too long (>3600s)."
    missing = await ada.get(STATUS, video_id="none")
    assert (missing.status_code, missing.json()["code"], missing.json()["data"]) == (
        404,
        40031,
        None,
    )
    refused = await ada.made(
        GENERATE, {"video_inputs": [scene(voice={"input_text": "[refuse] me"})]}
    )
    assert (await ada.finished(STATUS, video_id=refused["video_id"]))["error"]["code"] == 400168


async def test_the_v1_agent_answers_with_a_video_at_once(ada: Customer) -> None:
    asset = await ada.asset()
    body = {
        "prompt": "tea",
        "config": {"duration_sec": 30, "avatar_id": LOOK, "orientation": "portrait"},
        "files": [{"asset_id": asset["asset_id"]}],
    }
    made = await ada.made("/v1/video_agent/generate", body)
    assert (await ada.finished(STATUS, video_id=made["video_id"]))["status"] == "completed"
    assert len(ada.ledger()[0]["images"]) == 1

    for change in ({"config": {"duration_sec": 4}}, {"prompt": ""}, {"mode": "chat"}):
        answer = await ada.post("/v1/video_agent/generate", {**body, **change})
        assert answer.status_code == 400
        assert answer.json()["data"] is None


async def test_v2_translates_with_words_of_its_own(ada: Customer) -> None:
    languages = (await ada.shown("/v2/video_translate/target_languages"))["languages"]
    assert "Spanish (Spain)" in languages
    source = {"video_url": "https://example.com/a.mp4"}
    one = await ada.made("/v2/video_translate", {**source, "output_language": "French"})
    ada.breaks("submit", "fail", after=1)
    many = await ada.made(
        "/v2/video_translate", {**source, "output_languages": ["German", "Italian"]}
    )

    done = await ada.finished(f"/v2/video_translate/{one['video_translate_id']}")
    assert (done["status"], done["output_language"]) == ("success", "French")
    assert (await ada.http.get(done["url"])).status_code == 200
    ends = [await ada.finished(f"/v2/video_translate/{id_}") for id_ in many["video_translate_ids"]]
    assert [end["status"] for end in ends] == ["success", "failed"]
    query = {"video_translate_id": one["video_translate_id"], "caption_type": "vtt"}
    caption = await ada.shown("/v2/video_translate/caption", **query)
    assert (await ada.http.get(caption["caption_url"])).text.startswith("WEBVTT")
    both = {**source, "output_language": "French", "output_languages": ["German"]}
    assert (await ada.post("/v2/video_translate", both)).status_code == 400


async def test_the_older_catalogs_are_one_answer_each(ada: Customer) -> None:
    avatars = (await ada.shown("/v2/avatars"))["avatars"]
    voices = (await ada.shown("/v2/voices"))["voices"]
    details = await ada.shown(f"/v2/avatar/{avatars[0]['avatar_id']}/details")
    groups = (await ada.shown("/v2/avatar_group.list", include_public="true"))["avatar_group_list"]
    group = (await ada.shown(f"/v2/avatar_group/{groups[0]['id']}/avatars"))["avatar_list"]

    assert len(avatars) >= 120
    assert len(voices) >= 300
    assert (details["id"], details["default_voice_id"]) == (LOOK, VOICE)
    assert group[0]["avatar_id"] == LOOK
    locales = (await ada.shown("/v2/voices/locales"))["locales"]
    assert {"en-US", "de-DE"} <= {one["value"] for one in locales}
    quota = await ada.shown("/v2/user/remaining_quota")
    assert quota["remaining_quota"] / 60 == pytest.approx(100.0)


async def test_a_photo_avatar_is_generated_grouped_and_trained(ada: Customer) -> None:
    photo = {
        "name": "Ada",
        "age": "Young Adult",
        "gender": "Woman",
        "ethnicity": "Unspecified",
        "orientation": "square",
        "pose": "half_body",
        "style": "Realistic",
        "appearance": "in a blue coat",
    }
    path = "/v2/photo_avatar"
    made = await ada.made(f"{path}/photo/generate", photo)
    picture = await ada.finished(f"{path}/generation/{made['generation_id']}")
    key = picture["image_key_list"][0]

    group = await ada.made(f"{path}/avatar_group/create", {"name": "Ada", "image_key": key})
    group_id = group["group_id"]
    more = {"group_id": group_id, "image_keys": [key], "name": "Ada 2"}
    await ada.made(f"{path}/avatar_group/add", more)
    await ada.made(f"{path}/train", {"group_id": group_id})

    states = [(await ada.shown(f"{path}/train/status/{group_id}"))["status"]]
    while states[-1] != "ready":
        states.append((await ada.shown(f"{path}/train/status/{group_id}"))["status"])
    assert states[0] == "training"
    missing = {name: value for name, value in photo.items() if name != "pose"}
    assert (await ada.post(f"{path}/photo/generate", missing)).status_code == 400


async def test_avatar_iv_speaks_from_an_image_key_and_uploads_are_limited(ada: Customer) -> None:
    headers = {**ada.key, "Content-Type": "image/png"}
    url = ada.upload + "/v1/asset"
    asset = (await ada.http.post(url, headers=headers, content=png())).json()["data"]
    body = {"image_key": asset["image_key"], "video_title": "Me", "script": "Hi."}
    made = await ada.made("/v2/video/av4/generate", {**body, "voice_id": VOICE})
    assert (await ada.finished(STATUS, video_id=made["video_id"]))["status"] == "completed"
    sound = await ada.http.post(
        url, headers={**ada.key, "Content-Type": "audio/mpeg"}, content=speech("me", 1.0)
    )
    assert sound.json()["data"]["file_type"] == "audio"
    ada.switches.set("upload_max_mb", 10)
    big = await ada.http.post(url, headers=headers, content=png() + bytes(11 * 1024 * 1024))
    assert (big.status_code, big.json()["data"]) == (413, None)


async def test_videos_are_listed_shared_and_deleted(ada: Customer) -> None:
    ids = [(await ada.made(GENERATE, {"video_inputs": [SCENE]}))["video_id"] for _ in range(3)]

    first = await ada.shown("/v1/video.list", limit=2)
    rest = await ada.shown("/v1/video.list", limit=2, token=first["token"])
    shown = [one["video_id"] for one in (*first["videos"], *rest["videos"])]
    assert (shown, rest["token"]) == (ids[::-1], None)
    assert ids[0] in await ada.made("/v1/video/share", {"video_id": ids[0]})
    assert (await ada.sent("DELETE", "/v1/video.delete", params={"video_id": ids[0]})).is_success
    assert (await ada.get(STATUS, video_id=ids[0])).status_code == 404


async def test_every_older_answer_warns_of_its_end(ada: Customer) -> None:
    answer = await ada.post(GENERATE, {"video_inputs": [SCENE]})
    refused = await ada.post(GENERATE, {})

    for one in (answer, refused):
        assert one.headers["Deprecation"] == "true"
        assert one.headers["Sunset"] == "Sat, 31 Oct 2026 00:00:00 GMT"
        assert one.json()["warning"]["sunset_date"] == "2026-10-31"
    v3 = await ada.get("/v3/videos")
    assert "Sunset" not in v3.headers
    ada.switches.set("sunset_legacy", "off")
    quiet = await ada.post(GENERATE, {"video_inputs": [SCENE]})
    assert "warning" not in quiet.json()


@pytest.mark.parametrize(("word", "status"), [("gone_410", 410), ("missing_404", 404)])
async def test_the_end_takes_what_it_is_told_to_take(ada: Customer, word: str, status: int) -> None:
    execution = {"workflow_type": "GenerateVideoNode", "input": {"prompt": "tea"}}
    path = "/v1/workflows/executions"

    ada.switches.set("sunset_legacy", word)
    assert (await ada.post(GENERATE, {"video_inputs": [SCENE]})).status_code == status
    assert (await ada.get("/v2/voices")).status_code == status
    assert (await ada.post(path, execution)).status_code == 200

    ada.switches.set("sunset_workflows", word)
    ada.switches.set("sunset_uploads", word)
    assert (await ada.post(path, execution)).status_code == status
    headers = {**ada.key, "Content-Type": "image/png"}
    upload = await ada.http.post(ada.upload + "/v1/asset", headers=headers, content=png())
    assert upload.status_code == status
    assert (await ada.get("/v3/videos")).status_code == 200
    assert len(ada.ledger()) == 1


async def test_v1_and_v2_lie_in_their_own_envelopes(ada: Customer) -> None:
    ada.breaks("submit", "error_200", message="No more quota")
    v2 = await ada.post(GENERATE, {"video_inputs": [SCENE]})
    assert (v2.status_code, v2.json()["error"]["message"]) == (200, "No more quota")
    ada.breaks("check", "error_200")
    v1 = await ada.get(STATUS, video_id="x")
    assert (v1.status_code, v1.json()["code"] > 100) == (200, True)
    assert ada.ledger() == []


async def test_faults_speak_the_dialect_of_the_path_or_a_gateways_page(ada: Customer) -> None:
    ada.breaks("submit", "rate_limited", retry_after_s=7)
    v2 = await ada.post(GENERATE, {"video_inputs": [SCENE]})
    assert (v2.status_code, v2.headers["Retry-After"]) == (429, "7")
    assert (v2.json()["data"], v2.json()["error"]["code"]) == (None, "rate_limit_exceeded")
    ada.breaks("check", "status", status=503)
    v1 = await ada.get(STATUS, video_id="x")
    assert (v1.status_code, v1.json()["data"]) == (503, None)
    assert v1.json()["code"] > 100
    ada.breaks("submit", "status", status=502, html=True)
    edge = await ada.post(GENERATE, {"video_inputs": [SCENE]})
    assert (edge.status_code, edge.headers["Content-Type"][:9]) == (502, "text/html")
    assert ada.ledger() == []
