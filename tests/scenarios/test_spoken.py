"""Stories of videos in which somebody speaks: cast by name, by form, translated, filled in."""

from __future__ import annotations

from typing import Any

import pytest

from domain.attached import NEW_FACE, NEW_RECORDING
from domain.ports import Transaction
from domain.spoken import Avatar, Translation
from tests.scenarios.conftest import OpenStage, both_transports
from tests.scenarios.pictures import picture
from tests.scenarios.sandbox import Json
from tests.scenarios.sounds import phone_recording, recording
from tests.scenarios.stage import Stage

NAMES = "abigail sofa side"


async def test_a_misspelt_avatar_is_asked_about_and_the_right_one_speaks(stage: Stage) -> None:
    await _lists_are_read(stage)

    told = await stage.ada.types('/video --avatar "Abigial Sofa Side" --script Hello and welcome')

    assert "There is no avatar “Abigial Sofa Side”. Did you mean Abigail Sofa Side" in told
    assert await stage.shot().find() is None
    assert await stage.paid() == 0

    await stage.ada.types(f'/video --avatar "{NAMES}" --script Hello and welcome')
    await stage.take().is_done()
    (entry,) = await stage.ledger()
    work = (await stage.take().written()).execution.work
    assert isinstance(work, Avatar)
    assert entry["input"]["avatar_id"] == work.scenes[0].avatar
    assert entry["input"]["voice_id"] == work.scenes[0].voice.name
    assert "Abigail Sofa Side" in str(await stage.take().message())


@both_transports
async def test_an_avatar_found_by_a_search_in_the_form(stage: Stage) -> None:
    await _lists_are_read(stage)
    await stage.ada.types("/video --kind avatar")
    form = await stage.ada.has_form()
    (found,) = await _searches(stage, form, "avatar", NAMES)

    await stage.ada.submits(form, prompt="Hello [pause 1s] you", avatar=found, captions="on")

    await stage.ada.submits(await stage.ada.has_form(), prompt="Hello you")
    await stage.take().is_done()
    (entry,) = await stage.ledger()
    assert entry["input"]["avatar_id"] == found["value"]
    assert entry["input"]["caption"] == {"file_format": "srt"}


async def test_a_translation_to_two_languages_is_two_takes_of_one_submit_each(
    stage: Stage,
) -> None:
    await _lists_are_read(stage)
    await stage.ada.types("/video a fox in snow --model veo_3_1_fast")
    await stage.take().is_done()

    await stage.ada.types("/video --source V-1 --language German, French")

    form = await stage.ada.has_form()
    assert "2 languages, " in str(form["blocks"][-1])
    assert await stage.paid() == 1, "nothing is paid before its price was seen"
    await stage.ada.submits(form)
    await stage.take(2).is_done()
    await stage.take(3).is_done()
    works = [(await stage.take(number).written()).execution.work for number in (2, 3)]
    assert [work.language for work in works if isinstance(work, Translation)] == [
        "German",
        "French",
    ]
    parents = [(await stage.take(number).written()).request.parent_id for number in (2, 3)]
    assert parents == [(await stage.take(1).written()).request.id] * 2
    assert await stage.paid() == 3


async def test_a_template_is_filled_in(stage: Stage) -> None:
    await _lists_are_read(stage)

    told = await stage.ada.types('/video --template "Product Launch" --var headlin=Hello')
    assert "has no variable “headlin”. It has headline" in told
    await stage.ada.types(
        '/video --template "product launch" --var headline="The new bottle" --var presenter=nobody'
    )
    assert await stage.paid() == 0
    await stage.ada.types('/video --template "product launch" --var headline="The new bottle"')

    message = await stage.take().is_done()
    assert "(estimate $0.33)" in message["text"], "HeyGen tells what its scenes say"
    (entry,) = await stage.ledger()
    assert entry["input"]["variables"]["headline"] == {
        "name": "headline",
        "type": "text",
        "properties": {"content": "The new bottle"},
    }
    said = entry["input"]["variables"]["audience"]["properties"]
    assert said == {"content": "everybody"}, "what is left out would be read as {{audience}}"


async def test_a_form_works_while_the_vendors_lists_are_away(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await _lists_are_read(stage)
        known = await _searches_for(stage)
        await stage.breaks("heygen:catalog", "status", times=1_000, status=502)

        await stage.restarts()

        assert await _searches_for(stage) == known
        form = await stage.ada.has_form()
        await stage.ada.submits(form, prompt="Hello and welcome", avatar=known[0])
        await stage.take().is_done()
        assert await stage.paid() == 1


async def _posts(stage: Stage, text: str, name: str, content: bytes) -> str:
    """Ada posts a file in the first shot's thread."""
    card = await stage.shot().card()
    file_id = await stage.control.upload("ada", name, content)
    answer = await stage.control.do(
        "reply",
        user="ada",
        channel=card["channel"],
        thread_ts=card["ts"],
        text=text,
        files=[file_id],
    )
    return str(answer["ts"])


async def _lists_are_read(stage: Stage) -> None:
    """The loop has read every list once."""

    async def look() -> bool | None:
        return await stage.read(_lists) == 5 or None

    await stage.until(look, "the lists are read")


def _lists(db: Transaction) -> int:
    return len(db.execute("SELECT list FROM casting_list").all())


async def _searches_for(stage: Stage) -> list[Json]:
    await stage.ada.types("/video --kind avatar")
    return await _searches(stage, await stage.ada.has_form(), "avatar", NAMES)


async def _searches(stage: Stage, form: Json, field: str, typed: str) -> list[Any]:
    answer = await stage.control.do(
        "options", user="ada", view_id=form["id"], action_id=field, value=typed
    )
    return list(answer["ack"]["body"]["options"])


async def test_a_video_that_is_posted_in_the_thread_is_translated(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --model veo_3_1_fast")
    await stage.take().is_done()
    made = (await stage.take().written()).execution.result
    assert made is not None
    content = await stage.control.fetch(made.video_url)
    film = await stage.control.upload("ada", "interview.mp4", content)
    card = await stage.shot().card()
    bot = stage.control.greeting["bot_user"]

    await stage.control.do(
        "reply",
        user="ada",
        channel=card["channel"],
        thread_ts=card["ts"],
        text=f"<@{bot}> --language German",
        files=[film],
    )

    await stage.take(1, shot=2).is_done()
    execution = (await stage.take(1, shot=2).written()).execution
    work = execution.work
    assert isinstance(work, Translation)
    assert work.source is not None
    assert work.source.slack_file_id == film
    assert not execution.is_ceiling, "Slack told how long that film is"
    assert execution.estimate_micro_usd < 1_000_000
    assert await stage.paid() == 2


async def test_a_recording_posted_in_the_thread_is_spoken_by_its_avatar(stage: Stage) -> None:
    """Slack does not say how long it is; its price follows from what it has when it was fetched."""
    await _lists_are_read(stage)
    await stage.ada.types(f'/video --avatar "{NAMES}" --script Hello and welcome')
    await stage.take().is_done()

    await _posts(stage, "", "voice.m4a", phone_recording(4.0))

    asked = await stage.ada.is_told("Should this be the next take?")
    assert "new recording" in asked["text"]
    assert "Its length makes the price" in str(asked["blocks"])
    assert "$40" not in str(asked)
    assert await stage.paid() == 1, "nobody said that it is meant"
    await stage.ada.presses("Render", on=asked)
    await stage.take(2).is_done()
    execution = (await stage.take(2).written()).execution
    assert isinstance(execution.work, Avatar)
    assert execution.work.scenes[0].recording is not None
    assert execution.work.scenes[0].recording.duration_s == pytest.approx(4.0, abs=0.2)
    assert 190_000 <= execution.estimate_micro_usd <= 220_000
    _, entry = await stage.ledger()
    assert "script" not in entry["input"]
    assert entry["input"]["audio_asset_id"]
    assert 0.19 <= entry["usd"] <= 0.22, "four seconds of it, of a photo"

    message = await stage.take(2).message()
    assert message is not None
    await stage.ada.presses("New take", on=message)
    form = await stage.ada.has_form()
    assert "With `voice.m4a`" in str(form["blocks"])
    await stage.ada.submits(form, captions="on")
    await stage.take(3).is_done()
    *_, entry = await stage.ledger()
    assert entry["input"]["audio_asset_id"], "the recording came along"
    assert entry["input"]["caption"] == {"file_format": "srt"}


async def test_a_recording_costs_what_its_length_comes_to_before_and_after(stage: Stage) -> None:
    await _lists_are_read(stage)
    await stage.prefers(undo_reply_s=3.0)
    bot = stage.control.greeting["bot_user"]
    file = await stage.control.upload("ada", "voice.wav", recording(20.0))
    await stage.control.do(
        "message",
        user="ada",
        channel="general",
        text=f'<@{bot}> --avatar "Hana Business Front"',
        files=[file],
    )

    message = await stage.take().reads("about $1.34")
    assert "$40" not in str(message), "its length is known, and so is its price"
    await stage.take().is_done()
    execution = (await stage.take().written()).execution
    (entry,) = await stage.ledger()
    assert entry["usd"] == pytest.approx(1.334)
    assert execution.estimate_micro_usd == execution.billed_micro_usd == 1_340_000


async def test_a_recording_that_may_be_meant_can_be_edited_first(stage: Stage) -> None:
    await _lists_are_read(stage)
    await stage.ada.types(f'/video --avatar "{NAMES}" --script Hello and welcome')
    await stage.take().is_done()
    await _posts(stage, "", "voice.wav", recording(2.0))

    await stage.ada.presses("Edit", on=await stage.ada.is_told("Should this be the next take?"))
    form = await stage.ada.has_form()
    assert "With `voice.wav`" in str(form["blocks"])
    await stage.ada.submits(form, captions="on")

    await stage.take(2).is_done()
    _, entry = await stage.ledger()
    assert entry["input"]["audio_asset_id"]
    assert entry["input"]["caption"] == {"file_format": "srt"}


async def test_two_files_posted_one_after_the_other_are_one_take(stage: Stage) -> None:
    await _lists_are_read(stage)
    await stage.ada.types(f'/video --avatar "{NAMES}" --script Hello and welcome')
    await stage.take().is_done()
    await stage.prefers(undo_reply_s=3.0, undo_reply_max_s=12.0)
    bot = stage.control.greeting["bot_user"]
    ts = await _posts(stage, f"<@{bot}>", "voice.wav", recording(2.0))
    await _posts(stage, f"<@{bot}>", "face.png", picture())
    await stage.until(lambda: _has_both(stage), "both files are one take")
    await stage.ada.edits(ts, f"<@{bot}> this is how it sounds")

    await stage.take(2).is_done()
    assert (await stage.take(2).written()).request.changed == (NEW_RECORDING, NEW_FACE)
    _, entry = await stage.ledger()
    assert entry["input"]["type"] == "image"
    assert entry["input"]["audio_asset_id"], "an edit of its words leaves each reply its file"
    assert await stage.paid() == 2


async def _has_both(stage: Stage) -> bool | None:
    return (await stage.take(2).written()).request.changed == (NEW_RECORDING, NEW_FACE) or None


async def test_a_recording_and_a_face_are_posted_with_a_mention(stage: Stage) -> None:
    await _lists_are_read(stage)
    files = [
        await stage.control.upload("ada", "voice.wav", recording(2.0)),
        await stage.control.upload("ada", "face.png", picture()),
    ]
    bot = stage.control.greeting["bot_user"]

    await stage.control.do(
        "message", user="ada", channel="general", text=f"<@{bot}> --kind avatar", files=files
    )

    await stage.take().is_done()
    (entry,) = await stage.ledger()
    assert entry["input"]["type"] == "image"
    assert entry["input"]["audio_asset_id"]


async def test_a_file_that_nobody_takes_is_refused_with_both_sizes(stage: Stage) -> None:
    await _lists_are_read(stage)
    bot = stage.control.greeting["bot_user"]
    large = await stage.control.upload("ada", "voice.wav", recording(60.0) + b"\0" * 53_000_000)

    await stage.control.do(
        "message", user="ada", channel="general", text=f"<@{bot}> --kind avatar", files=[large]
    )

    told = await stage.ada.is_told("voice.wav has 51.5 MB. A recording may have 50 MB at most.")
    assert told
    assert await stage.shot().find() is None
    assert await stage.paid() == 0


async def test_a_mention_in_a_thread_translates_its_newest_video(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --model veo_3_1_fast")
    await stage.take().is_done()
    bot = stage.control.greeting["bot_user"]

    await stage.ada.replies(f"<@{bot}> --language German")

    await stage.take(2).is_done()
    first, second = await stage.take(1).written(), await stage.take(2).written()
    assert second.request.parent_id == first.request.id
