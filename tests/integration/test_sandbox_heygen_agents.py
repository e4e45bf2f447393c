"""The sandbox's video agents, translations and templates: what comes in two phases, or in parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.integration.sandbox_heygen import LOOK, Customer, customer, error_of, png

AGENTS, TRANSLATIONS, TEMPLATES = "/v3/video-agents", "/v3/video-translations", "/v3/templates"
SOURCE = {"type": "url", "url": "https://example.com/film.mp4"}
FILLED = {"headline": "Dailies", "audience": "Ada"}


@pytest.fixture
async def ada() -> AsyncIterator[Customer]:
    async with customer() as one:
        yield one


async def test_a_session_learns_its_video_late_and_both_are_finished(ada: Customer) -> None:
    prompt = "A 20 second landscape film about tea"
    body = {"prompt": prompt, "incognito_mode": True, "orientation": "portrait", "avatar_id": LOOK}
    created = await ada.made(AGENTS, body)
    assert (created["status"], created["video_id"]) == ("generating", None)
    path = f"{AGENTS}/{created['session_id']}"

    seen = [await ada.shown(path)]
    async with asyncio.timeout(10):
        while seen[-1]["status"] not in ("completed", "failed"):
            await asyncio.sleep(0.01)
            seen.append(await ada.shown(path))

    assert seen[0]["video_id"] is None
    last = seen[-1]
    assert (last["status"], last["progress"]) == ("completed", 100)
    assert [session["progress"] for session in seen] == sorted(one["progress"] for one in seen)
    assert [message["role"] for message in last["messages"]] == ["model", "user"]
    video = await ada.shown(f"/v3/videos/{last['video_id']}")
    assert (await ada.http.get(video["video_url"])).content[4:8] == b"ftyp"
    entry = ada.ledger()[0]
    assert (entry["id"], entry["endpoint"], entry["input"]) == (
        created["session_id"],
        AGENTS,
        body,
    )
    wallet = (await ada.shown("/v3/users/me"))["wallet"]
    assert wallet["remaining_balance"] == pytest.approx(100 - 20 * 0.0333, abs=0.001)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 10_001}, "prompt"),
        ({"mode": "auto"}, "mode"),
        ({"duration_sec": 30}, "duration_sec"),
        ({"auto_proceed": True}, "auto_proceed"),
        ({"orientation": "square"}, "orientation"),
        ({"callback_id": "x"}, "callback_id"),
        ({"files": [{"type": "asset", "asset_id": "x"}]}, "files.0.type"),
        ({"files": [SOURCE] * 21}, "files"),
        ({"avatar_id": "nobody"}, "avatar_id"),
        ({"voice_id": "nobody"}, "voice_id"),
        ({"style_id": "none"}, "style_id"),
    ],
)
async def test_an_agent_is_strict(ada: Customer, change: dict[str, Any], param: str) -> None:
    answer = await ada.post(AGENTS, {"prompt": "tea", **change})

    assert answer.status_code in (400, 404)
    assert error_of(answer)["param"] == param
    assert ada.ledger() == []


async def test_an_agent_is_submitted_twice_for_one_key_unless_switched(ada: Customer) -> None:
    one, two = [await ada.post(AGENTS, {"prompt": "tea"}, key="k") for _ in range(2)]
    assert one.json() != two.json()
    assert len(ada.ledger()) == 2

    ada.switches.set("agents_idempotent", True)
    one, two = [await ada.post(AGENTS, {"prompt": "tea"}, key="k2") for _ in range(2)]
    assert one.json() == two.json()


async def test_a_session_without_a_video_id_is_found_by_its_videos(ada: Customer) -> None:
    ada.breaks("submit", "no_video_id")
    created = await ada.made(AGENTS, {"prompt": "tea [V-142.3]"})
    path = f"{AGENTS}/{created['session_id']}"

    session = await ada.finished(path)

    assert (session["status"], session["video_id"]) == ("completed", None)
    assert (await ada.shown(path + "/videos"))[0]["status"] == "completed"
    listed = await ada.shown(AGENTS)
    assert listed[0]["session_id"] == created["session_id"]
    assert "[V-142.3]" in listed[0]["title"]


async def test_a_session_may_be_lost_while_its_video_is_finished(ada: Customer) -> None:
    ada.breaks("submit", "session_lost")
    created = await ada.made(AGENTS, {"prompt": "tea"})

    lost = await ada.get(f"{AGENTS}/{created['session_id']}")
    assert lost.status_code == 404
    async with asyncio.timeout(10):
        while (await ada.shown("/v3/videos"))[0]["status"] != "completed":
            await asyncio.sleep(0.02)


async def test_a_lost_answer_leaves_a_session_in_the_list(ada: Customer) -> None:
    ada.breaks("submit", "reset_after")
    with pytest.raises(httpx.ReadError):
        await ada.post(AGENTS, {"prompt": "tea [V-7.1]"})

    listed = await ada.shown(AGENTS)
    assert [session["title"] for session in listed] == ["tea [V-7.1]"]
    assert listed[0]["session_id"] == ada.ledger()[0]["id"]


async def test_a_chat_asks_first_and_goes_on_after_its_film(ada: Customer) -> None:
    created = await ada.made(AGENTS, {"prompt": "tea", "mode": "chat"})
    path = f"{AGENTS}/{created['session_id']}"
    assert created["status"] == "thinking"
    asking = await ada.shown(path)
    assert asking["status"] == "waiting_for_input"
    assert asking["messages"][0]["role"] == "model"
    assert ada.ledger() == []

    run = await ada.made(path, {"message": "For the team."})
    assert run["session_id"] == created["session_id"]
    busy = await ada.post(path, {"message": "Quickly."})
    assert busy.status_code == 409
    first = await ada.finished(path)
    await ada.made(path, {"message": "Slower, please."})
    second = await ada.finished(path)

    assert first["video_id"] != second["video_id"]
    films = await ada.shown(path + "/videos")
    assert [film["id"] for film in films] == [second["video_id"], first["video_id"]]
    assert [entry["input"] for entry in ada.ledger()] == [
        {"message": "For the team."},
        {"message": "Slower, please."},
    ]
    resource = await ada.shown(f"{path}/resources/{second['messages'][0]['resource_ids'][0]}")
    assert (await ada.http.get(resource["url"])).status_code == 200


async def test_a_one_shot_session_takes_no_messages(ada: Customer) -> None:
    created = await ada.made(AGENTS, {"prompt": "tea"})
    answer = await ada.post(f"{AGENTS}/{created['session_id']}", {"message": "more"})
    assert answer.status_code == 400


async def test_a_stopped_session_is_not_charged_if_it_heard_in_time(ada: Customer) -> None:
    created = await ada.made(AGENTS, {"prompt": "tea"})
    path = f"{AGENTS}/{created['session_id']}"

    assert await ada.made(path + "/stop", {}) == {"session_id": created["session_id"]}

    session = await ada.finished(path)
    assert (session["status"], session["messages"][0]["type"]) == ("failed", "error")
    assert ada.ledger()[0]["state"] == "cancelled"
    assert (await ada.shown("/v3/users/me"))["wallet"]["remaining_balance"] == 100.0


async def test_styles_are_paged_and_filtered(ada: Customer) -> None:
    styles = await ada.all_pages(AGENTS + "/styles", tag="print", limit=3)
    assert {tag for style in styles for tag in style["tags"]} == {"print"}
    assert len(styles) == 4
    created = await ada.made(AGENTS, {"prompt": "tea", "style_id": styles[0]["style_id"]})
    assert created["session_id"]


async def test_every_language_is_an_order_with_an_end_of_its_own(ada: Customer) -> None:
    asset = await ada.asset(png())
    wrong = {"type": "asset_id", "asset_id": asset["asset_id"]}
    languages = ["Spanish (Spain)", "French", "German"]
    body = {"video": wrong, "output_languages": languages, "enable_caption": True, "title": "Tea"}
    assert error_of(await ada.post(TRANSLATIONS, body))["param"] == "video"
    ada.breaks("submit", "fail", after=1, message="No speech found.")

    ids = (await ada.made(TRANSLATIONS, {**body, "video": SOURCE}))["video_translation_ids"]
    shown = [await ada.finished(f"{TRANSLATIONS}/{one}") for one in ids]

    assert [one["status"] for one in shown] == ["completed", "failed", "completed"]
    assert [one["output_language"] for one in shown] == languages
    assert shown[1]["failure_message"] == "No speech found."
    assert "failure_code" not in shown[1]
    vtt = await ada.http.get(shown[0]["vtt_caption_url"])
    assert vtt.text.startswith("WEBVTT")
    caption = await ada.shown(f"{TRANSLATIONS}/{ids[0]}/caption", format="srt")
    assert (await ada.http.get(caption["caption_url"])).text.startswith("1\n")
    audio = await ada.http.get(shown[0]["audio_url"])
    assert audio.headers["Content-Type"] == "audio/mpeg"
    assert [entry["duplicate_of"] for entry in ada.ledger()] == [None] * 3


async def test_translations_use_running_and_one_key(ada: Customer) -> None:
    ada.breaks("submit", "late", seconds=0.4)
    body = {"video": SOURCE, "output_languages": ["Italian"]}
    first, again = [await ada.post(TRANSLATIONS, body, key="t") for _ in range(2)]
    assert first.json() == again.json()
    one = first.json()["data"]["video_translation_ids"][0]

    words: list[str] = []
    async with asyncio.timeout(10):
        while not words or words[-1] != "completed":
            words.append((await ada.shown(f"{TRANSLATIONS}/{one}"))["status"])
            await asyncio.sleep(0.02)
    assert list(dict.fromkeys(words)) == ["pending", "running", "completed"]
    rows = await ada.shown(TRANSLATIONS + "/statuses", video_translation_ids=f"{one},none")
    assert [row["status"] for row in rows] == ["completed", "not_found"]
    renamed = await ada.sent("PATCH", f"{TRANSLATIONS}/{one}", json={"title": "Tè"})
    assert renamed.json()["data"]["title"] == "Tè"
    assert (await ada.sent("DELETE", f"{TRANSLATIONS}/{one}")).status_code == 200
    assert await ada.shown(TRANSLATIONS) == []


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"output_languages": ["Klingon"]}, "output_languages.0"),
        ({"output_languages": ["es"]}, "output_languages.0"),
        ({"output_languages": []}, "output_languages"),
        ({"mode": "fast"}, "mode"),
        ({"fps_mode": "cfr"}, "fps_mode"),
        ({"start_time": 9.0, "end_time": 3.0}, "end_time"),
        ({"nope": 1}, "nope"),
        ({"video": {"type": "url", "url": "http://example.com/a.mp4"}}, "video"),
    ],
)
async def test_a_translation_is_strict(ada: Customer, change: dict[str, Any], param: str) -> None:
    body = {"video": SOURCE, "output_languages": ["French"], **change}
    answer = await ada.post(TRANSLATIONS, body)
    assert (answer.status_code, error_of(answer)["param"]) == (400, param)
    assert ada.ledger() == []


async def test_too_many_languages_at_once_are_refused_whole(ada: Customer) -> None:
    known = (await ada.shown(TRANSLATIONS + "/languages"))["languages"]
    assert len(known) > 40
    answer = await ada.post(TRANSLATIONS, {"video": SOURCE, "output_languages": known[:11]})
    assert answer.status_code == 429
    assert ada.ledger() == []


def variables(**texts: str) -> dict[str, Any]:
    return {
        name: {"name": name, "type": "text", "properties": {"content": text}}
        for name, text in texts.items()
    }


async def test_a_template_is_shown_edited_and_posted_back(ada: Customer) -> None:
    templates = await ada.all_pages(TEMPLATES, limit=5)
    assert len(templates) > 10
    full = await ada.shown(f"{TEMPLATES}/{templates[0]['id']}")
    types = {one["type"] for one in full["variables"].values()}
    assert types == {"text", "image", "video", "audio", "character", "voice"}
    edited = full["variables"] | variables(**FILLED)
    body = {"variables": edited, "title": "News", "caption": True, "include_gif": True, "fps": 30}

    created = await ada.made(f"{TEMPLATES}/{templates[0]['id']}", body)
    video = await ada.finished(f"/v3/videos/{created['id']}")

    assert created["status"] == "pending"
    words = (await ada.http.get(video["subtitle_url"])).text.replace("\n", " ")
    assert "Hello Ada, this is about Dailies." in words
    assert (await ada.http.get(video["gif_url"])).content[:4] == b"GIF8"


async def test_a_text_left_out_keeps_its_placeholder_and_scenes_are_chosen(ada: Customer) -> None:
    template = (await ada.shown(TEMPLATES))[1]
    full = await ada.shown(f"{TEMPLATES}/{template['id']}")
    first = full["scene_ids"][0]
    body = {"variables": variables(headline="tea"), "scene_ids": [first, first], "caption": True}

    created = await ada.made(f"{TEMPLATES}/{template['id']}", body)

    video = await ada.finished(f"/v3/videos/{created['id']}")
    words = (await ada.http.get(video["subtitle_url"])).text
    assert words.count("{{audience}}") == 2
    assert "watching" not in words


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"variables": {"headline": "plain"}}, "variables.headline"),
        ({"variables": variables(nope="x")}, "variables.nope"),
        (
            {"variables": {"headline": {"name": "headline", "type": "image", "properties": {}}}},
            "variables.headline",
        ),
        (
            {
                "variables": {
                    "narrator": {
                        "name": "narrator",
                        "type": "voice",
                        "properties": {"voice_id": "nobody"},
                    }
                }
            },
            "variables.narrator",
        ),
        ({"dimension": {"width": 1280, "height": 721}}, "dimension.height"),
        ({"dimension": {"width": 720, "height": 1280}}, "dimension"),
        ({"fps": 24}, None),
        ({"scene_ids": ["none"]}, "scene_ids.0"),
        ({"test": True}, "test"),
    ],
)
async def test_a_template_is_strict(
    ada: Customer, change: dict[str, Any], param: str | None
) -> None:
    template = (await ada.shown(TEMPLATES))[0]
    body = {"variables": variables(**FILLED), **change}
    answer = await ada.post(f"{TEMPLATES}/{template['id']}", body)

    assert answer.status_code in (400, 404)
    assert error_of(answer).get("param") == param
    assert ada.ledger() == []


async def test_the_older_templates_are_the_same_ones(ada: Customer) -> None:
    listed = (await ada.shown("/v2/templates"))["templates"]
    shown = await ada.shown(f"/v2/template/{listed[1]['template_id']}")
    edited = shown["variables"] | variables(**FILLED)

    body = {"variables": edited, "test": True, "title": "Old"}
    made = await ada.made(f"/v2/template/{listed[1]['template_id']}/generate", body)

    status = await ada.finished("/v1/video_status.get", video_id=made["video_id"])
    assert status["status"] == "completed"
    assert (await ada.shown("/v3/users/me"))["wallet"]["remaining_balance"] == 100.0
