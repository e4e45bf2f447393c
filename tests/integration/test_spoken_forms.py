"""The forms of videos in which somebody speaks, through the real Bolt app and a local Slack."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.casting import CastingLists
from domain.casting import Look
from domain.ports import Transaction
from domain.request import Work
from domain.shot import Page
from domain.spoken import Agent, Avatar, Captions, Template, Translation
from handlers import ids
from storage.castings import search_list
from storage.shots import read_page
from tests.integration.heygen_account import opened
from tests.integration.house import House, Json, open_house, until

LINK = "https://example.com/film.mp4"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose lists were read from the sandbox's HeyGen."""
    async with opened() as account:
        at = account.settings
        urls = {"heygen_api_url": at.api_url, "heygen_upload_url": at.upload_url}
        async with open_house(tmp_path, heygen_api_key=at.api_key, **urls) as house:
            assert isinstance(house.dailies.lists, CastingLists)
            await house.dailies.lists.refresh()
            yield house


async def test_the_form_changes_with_the_kind_and_keeps_what_was_typed(house: House) -> None:
    assert await house.types("ada", "/video") == ""
    form = await house.form("ada")
    assert ids.MODEL in _fields(form)

    await _chooses(house, form, ids.KIND, "avatar", prompt="Hello and welcome")

    form = await house.form("ada")
    assert {ids.AVATAR, ids.VOICE, ids.BACKGROUND} <= set(_fields(form))
    assert form["state"]["values"][ids.PROMPT][ids.PROMPT]["value"] == "Hello and welcome"
    assert "of speech, about $" in _note(form)
    await _chooses(house, form, ids.KIND, "clip")
    form = await house.form("ada")
    assert ids.MODEL in _fields(form)
    assert form["state"]["values"][ids.PROMPT][ids.PROMPT]["value"] == "Hello and welcome"


async def test_an_avatar_video_by_form_with_a_search(house: House) -> None:
    await house.types("ada", "/video --kind avatar")
    form = await house.form("ada")
    found = await _searches(house, form, ids.AVATAR, "abig sofa")
    assert [one["text"]["text"] for one in found] == ["Abigail Sofa Side · female · portrait"]

    await _sends(
        house,
        form,
        prompt="Hello and welcome",
        avatar=found[0],
        speed="0.9",
        background="blue",
        captions="burned",
    )

    work = await _asked(house)
    assert isinstance(work, Avatar)
    (scene,) = work.scenes
    assert (scene.avatar, scene.voice.speed) == (found[0]["value"], 0.9)
    assert scene.background is not None
    assert scene.background.colour == "#1565c0"
    assert work.captions is Captions.BURNED_IN


async def test_what_cannot_be_is_told_at_its_field_and_the_form_stays(house: House) -> None:
    await house.types("ada", "/video --kind avatar")
    form = await house.form("ada")
    answer = await house.submits("ada", form, prompt="Hi", background="sunset-ish")
    assert list(answer["ack"]["body"]["errors"]) == [ids.BACKGROUND]
    answer = await house.submits("ada", form, prompt='""', background="")
    assert answer["ack"]["body"]["errors"][ids.PROMPT].startswith("The script is empty.")
    long = {"prompt": "x" * 3_000, "prompt_more": "y" * 2_900, "background": ""}
    answer = await house.submits("ada", form, **long)
    errors = answer["ack"]["body"]["errors"]
    assert "5,901 characters: at most 5,000 a scene" in errors[ids.PROMPT]
    assert "`---`" in errors[ids.PROMPT]

    scenes = {"prompt": "x" * 2_900 + "\n---", "prompt_more": "y" * 2_900}
    await _sends(house, form, **scenes)

    work = await _asked(house)
    assert isinstance(work, Avatar)
    assert len(work.scenes) == 2


async def test_a_script_longer_than_a_scene_is_kept_in_the_form_with_the_reason(
    house: House,
) -> None:
    script = ("word " * 1_300).strip()
    assert await house.types("ada", f"/video --kind avatar --script {script}") == ""

    form = await house.form("ada")
    shown = json.dumps(form["blocks"])
    assert "The script has 6,499 characters: at most 5,000 a scene" in shown
    values = form["state"]["values"]
    pieces = [values[name][name]["value"] for name in ids.PROMPTS[:3]]
    assert " ".join(pieces) == script

    await _sends(house, form, prompt=pieces[0] + "\n---", prompt_more=pieces[1])
    work = await _asked(house)
    assert isinstance(work, Avatar)
    assert " ".join(scene.script or "" for scene in work.scenes) == script


async def test_a_long_script_in_a_line_can_be_edited_in_the_form(house: House) -> None:
    scene = ("word " * 900).strip()
    script = f"{scene}\n---\n{scene}\n---\n{scene}"
    said = await house.types("ada", f"/video --kind avatar --script {script}")
    assert "V-1 take 1" in said
    work = await _asked(house)
    assert isinstance(work, Avatar)
    assert len(work.scenes) == 3


async def test_an_agent_gets_its_style_and_its_length(house: House) -> None:
    await house.types("ada", "/video --kind agent")
    form = await house.form("ada")
    style = (await _searches(house, form, ids.STYLE, ""))[0]
    await _sends(house, form, prompt="why tides happen", style=style, duration_s="45")

    work = await _asked(house)
    assert isinstance(work, Agent)
    assert (work.style, work.duration_s) == (style["value"], 45)


async def test_a_template_shows_its_own_variables(house: House) -> None:
    await house.types("ada", "/video --kind template")
    form = await house.form("ada")
    assert not [name for name in _fields(form) if name.startswith(ids.VARIABLE)]
    launch = (await _searches(house, form, ids.TEMPLATE, "product"))[0]

    await _chooses(house, form, ids.TEMPLATE, launch)

    form = await house.form("ada")
    assert "variable:headline" in _fields(form)
    presenter = (await _searches(house, form, ids.AVATAR, "abigail sofa"))[0]
    await house.slack.control(
        "submit_view",
        user="ada",
        view_id=form["id"],
        values={
            "variable:headline": {ids.VARIABLE: "The new bottle"},
            "variable:presenter": {ids.AVATAR: presenter},
        },
    )
    work = await _asked(house)
    assert isinstance(work, Template)
    assert work.template == launch["value"]
    assert work.variables["headline"].text == "The new bottle"
    assert set(work.variables) == {"headline", "presenter"}


async def test_several_languages_are_several_takes_and_their_price_is_seen_first(
    house: House,
) -> None:
    await house.types("ada", f"/video --language German, French --source {LINK}")
    form = await house.form("ada")
    assert "2 languages, " in _note(form)
    assert " in all at HeyGen" in _note(form)

    await _sends(house, form)

    page = await house.page(1)
    works = [take.request.work for take in page.takes]
    assert [work.language for work in works if isinstance(work, Translation)] == [
        "German",
        "French",
    ]
    assert page.takes[1].request.parent_id == page.takes[0].request.id
    assert len({take.execution.id for take in page.takes}) == 2


async def test_more_languages_than_were_priced_are_priced_before_they_start(house: House) -> None:
    await house.types("ada", f"/video --language German, French --source {LINK}")
    form = await house.form("ada")
    three = [_option(name) for name in ("German", "French", "Japanese")]

    await house.submits("ada", form, languages=three)

    assert await house.read(_shots) == 0, "nobody has seen that price"
    form = await house.form("ada")
    assert "3 languages, " in _note(form)
    await _sends(house, form)
    assert len((await house.page(1)).takes) == 3


async def test_a_translation_needs_a_take_or_a_file(house: House) -> None:
    await house.types("ada", "/video --kind translation")
    form = await house.form("ada")
    answer = await house.submits("ada", form, languages=[_option("German")])
    assert answer["ack"]["body"]["errors"] == {ids.SOURCE: "Choose a take, or add a file."}
    file = await house.slack.upload("ada", "film.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 40)

    await _sends(house, form, languages=[_option("German")], files=[file["id"]])

    work = await _asked(house)
    assert isinstance(work, Translation)
    assert work.source is not None
    assert work.source.slack_file_id == file["id"]


async def test_a_form_works_without_any_list(tmp_path: Path) -> None:
    """The vendor was away since the start: nothing is known, and nothing is in the way."""
    nowhere = "http://127.0.0.1:9"
    async with open_house(tmp_path, heygen_api_url=nowhere) as house:
        assert house.dailies.lists is not None
        await house.dailies.lists.refresh()
        assert await house.read(search_list, house.team_id, Look, "", limit=10) == []
        await house.types("ada", "/video --kind avatar")
        form = await house.form("ada")
        offered = await _searches(house, form, ids.AVATAR, "josh_lite3")
        assert [one["value"] for one in offered] == ["josh_lite3"]

        await _sends(house, form, prompt="Hello", avatar=offered[0])

        work = await _asked(house)
        assert isinstance(work, Avatar)
        assert work.scenes[0].avatar == "josh_lite3"


async def test_the_channel_chooses_who_speaks(house: House) -> None:
    told = await house.types("ada", "/video defaults --avatar 'abigial sofa side'")
    assert "Did you mean Abigail Sofa Side" in told

    assert "avatar Abigail Sofa Side" in await house.types(
        "ada", "/video defaults --avatar 'abigail sofa side'"
    )
    await house.types("ada", "/video --kind avatar")
    placeholder = _element(await house.form("ada"), ids.AVATAR)["placeholder"]["text"]
    assert placeholder == "Abigail Sofa Side, unless you choose"


async def _chooses(
    house: House, form: Json, field: str, value: Any, user: str = "ada", **typed: Any
) -> None:
    """A choice that changes the form, after typing into other fields."""
    await house.slack.control(
        "click",
        user=user,
        view_id=form["id"],
        action_id=field,
        value=value,
        values={name: {name: text} for name, text in typed.items()},
    )


async def _searches(house: House, form: Json, field: str, typed: str) -> list[Json]:
    """What a field offers for what somebody typed."""
    answer = await house.slack.control(
        "options", user="ada", view_id=form["id"], action_id=field, value=typed
    )
    assert answer["ack"]["error"] is None, answer
    return list(answer["ack"]["body"]["options"])


async def _sends(house: House, form: Json, **values: Any) -> None:
    answer = await house.submits("ada", form, **values)
    assert not answer["ack"]["body"], answer


async def _asked(house: House) -> Work:
    """What the newest take asks for."""

    async def look() -> Page | None:
        return await house.read(_newest)

    return (await until(look, "a take")).latest.request.work


def _newest(db: Transaction) -> Page | None:
    row = db.execute("SELECT shot_id FROM request ORDER BY created_at DESC LIMIT 1").one()
    return read_page(db, row["shot_id"]) if row else None


def _shots(db: Transaction) -> int:
    return len(db.execute("SELECT id FROM shot").all())


def _fields(form: Json) -> list[str]:
    return [block["block_id"] for block in form["blocks"] if block["type"] == "input"]


def _element(form: Json, field: str) -> Json:
    found: Json = next(
        block["element"] for block in form["blocks"] if block.get("block_id") == field
    )
    return found


def _note(form: Json) -> str:
    return str(form["blocks"][-1]["elements"][0]["text"])


def _option(name: str) -> Json:
    return {"text": {"type": "plain_text", "text": name}, "value": name}


async def test_a_video_that_is_posted_with_a_mention_is_translated(house: House) -> None:
    file = await house.slack.upload("ada", "film.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 40)
    bot = house.slack.greeting["bot_user"]

    await house.slack.control(
        "message",
        user="ada",
        channel="general",
        text=f"<@{bot}> --language German",
        files=[file["id"]],
    )

    work = await _asked(house)
    assert isinstance(work, Translation)
    assert work.source is not None
    assert work.source.slack_file_id == file["id"]


async def test_several_languages_of_a_mention_ask_with_their_price(house: House) -> None:
    bot = house.slack.greeting["bot_user"]
    text = f"<@{bot}> --language German, French --source {LINK}"
    await house.slack.control("message", user="ada", channel="general", text=text)

    page = await house.page(1)

    assert [take.execution.confirmed for take in page.takes] == [False, False]


async def test_material_that_is_posted_with_a_mention_goes_to_the_agent(house: House) -> None:
    file = await house.slack.upload("ada", "brief.pdf", b"%PDF-1.4 " + b"x" * 40)
    bot = house.slack.greeting["bot_user"]

    await house.slack.control(
        "message",
        user="ada",
        channel="general",
        text=f"<@{bot}> --kind agent our new bottle",
        files=[file["id"]],
    )

    work = await _asked(house)
    assert isinstance(work, Agent)
    assert [one.name for one in work.files] == ["brief.pdf"]
