"""Stories of videos in which somebody speaks: cast by name, by form, translated, filled in."""

from __future__ import annotations

from typing import Any

from domain.ports import Transaction
from domain.spoken import Avatar, Translation
from tests.scenarios.conftest import OpenStage, both_transports
from tests.scenarios.sandbox import Json
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
    message = await stage.take().reads("up to $20.01")
    assert await stage.paid() == 0, "nobody knows how long it will be, so somebody says yes first"
    await stage.ada.presses("Render · up to $20.01", on=message)

    await stage.take().is_done()
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
        await stage.breaks("heygen:catalog", "error", times=1_000, status=502)

        await stage.restarts()

        assert await _searches_for(stage) == known
        form = await stage.ada.has_form()
        await stage.ada.submits(form, prompt="Hello and welcome", avatar=known[0])
        await stage.take().is_done()
        assert await stage.paid() == 1


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

    asked = await stage.take(1, shot=2).reads("Needs your yes")
    assert await stage.paid() == 1, "nobody knows how long that file is"
    await stage.ada.presses("Render", on=asked)
    await stage.take(1, shot=2).is_done()
    work = (await stage.take(1, shot=2).written()).execution.work
    assert isinstance(work, Translation)
    assert work.source is not None
    assert work.source.slack_file_id == film
    assert await stage.paid() == 2


async def test_a_mention_in_a_thread_translates_its_newest_video(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --model veo_3_1_fast")
    await stage.take().is_done()
    bot = stage.control.greeting["bot_user"]

    await stage.ada.replies(f"<@{bot}> --language German")

    await stage.take(2).is_done()
    first, second = await stage.take(1).written(), await stage.take(2).written()
    assert second.request.parent_id == first.request.id
