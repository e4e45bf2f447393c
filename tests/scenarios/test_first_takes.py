"""The main path: from a command, a mention, a form or a shortcut to a video in the thread."""

from __future__ import annotations

import asyncio

import pytest

from tests.scenarios.conftest import OpenStage
from tests.scenarios.messages import labels_of, shown_in
from tests.scenarios.pictures import is_same_picture, picture
from tests.scenarios.stage import Stage


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_first_video_end_to_end(open_stage: OpenStage, transport: str) -> None:
    async with open_stage(transport=transport) as stage:
        answer = await stage.ada.types("/video a fox in snow")
        assert "V-1 take 1" in answer
        assert "$1.52" in answer
        message = await stage.take(1).is_done()
        assert "a fox in snow" in message["text"]
        assert {"New take", "Approve"} <= set(labels_of(message))
        await stage.shot(1).reads("Done")
        (file,) = await stage.take(1).files()
        assert file["name"] == "V-1_take1_16x9.mp4"
        (told,) = await stage.has_posted("broadcast", 1)
        assert "V-1 take 1 is done" in told["text"]
        (entry,) = await stage.ledger()
        assert entry["input"]["prompt"] == "a fox in snow"


async def test_with_heygen_alone_its_workflow_makes_it(open_stage: OpenStage) -> None:
    async with open_stage(gateways=("heygen",)) as stage:
        await stage.ada.types("/video a fox in snow --aspect 9:16")
        message = await stage.take(1).is_done()
        (entry,) = await stage.take(1).entries()
        assert entry["gateway"] == "heygen"
        assert entry["input"]["input"]["aspect_ratio"] == "9:16"
        assert "up to $4.00" in message["text"], "an unpublished price is never shown as known"


async def test_image_with_a_mention_becomes_the_reference_image_at_the_vendor(
    stage: Stage,
) -> None:
    posted = picture()
    await stage.ada.mentions_dailies("it wakes up", image=posted)
    message = await stage.take(1).is_done()
    (entry,) = await stage.take(1).entries()
    (image,) = entry["images"]
    assert is_same_picture(posted, await stage.control.fetch(image["url"]))
    assert entry["endpoint"].endswith("image-to-video")
    assert entry["input"]["prompt"] == "it wakes up"
    assert "9:16" in shown_in(message), "the image's nearest ratio"


async def test_animate_this_image_opens_a_form_and_makes_it(stage: Stage) -> None:
    posted = picture((20, 120, 220), width=160, height=90)
    ts = await stage.ben.says("look at this", image=posted)
    await stage.ada.animates(ts)
    form = await stage.ada.has_form()
    await stage.ada.submits(form, prompt="waves roll in")
    await stage.take(1).is_done()
    (entry,) = await stage.take(1).entries()
    (image,) = entry["images"]
    assert is_same_picture(posted, await stage.control.fetch(image["url"]))


async def test_the_bare_command_opens_the_form(stage: Stage) -> None:
    await stage.ada.types("/video")
    form = await stage.ada.has_form()
    await stage.ada.submits(form, prompt="a fox in snow", aspect_ratio="1:1")
    await stage.take(1).is_done()
    (entry,) = await stage.take(1).entries()
    assert entry["input"]["aspect_ratio"] == "1:1"


async def test_everything_works_in_the_bots_own_dm(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow", in_="dm-ada")
    await stage.take(1).is_done()
    await stage.ada.replies("at night")
    await stage.take(2).is_done()
    assert await stage.paid() == 2


async def test_what_is_merely_written_in_the_dm_asks_before_it_costs(stage: Stage) -> None:
    await stage.ada.says("a fox in snow", in_="dm-ada")
    message = await stage.take(1).reads("Needs your yes")
    assert await stage.paid() == 0
    await stage.ada.presses("Render", on=message)
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_a_dm_between_people_is_refused_and_nothing_is_paid(stage: Stage) -> None:
    stage.expected_errors.add("undeliverable")
    await stage.ada.types("/video a fox in snow", in_="dm-ada-ben")
    await stage.ada.is_told("I don't post between two people")
    await stage.take(1).is_("failed")
    assert await stage.paid() == 0
    assert await stage.messages("dm-ada-ben") == []


async def test_words_that_no_model_can_follow_are_refused_with_a_command(stage: Stage) -> None:
    answer = await stage.ada.types("/video a fox --model veo_3_1 --duration 99")
    assert "/video" in answer
    assert await stage.shot(1).find() is None
    assert await stage.paid() == 0


async def test_words_of_people_stay_words(stage: Stage) -> None:
    """S13: nothing that people type becomes a mention, a link or markup of ours."""
    typed = "<!channel> *a* `fox` & <@U0NOBODY> https://example.com/x"
    await stage.ada.types(f"/video {typed}")
    await stage.take(1).is_done()
    for message in await stage.messages("general"):
        said = message["text"] + shown_in(message)
        assert "<!channel>" not in said
        assert "<@U0NOBODY>" not in said
        assert "<https://example.com" not in shown_in(message), "Slack links the fallback itself"
    (entry,) = await stage.ledger()
    assert "fox" in entry["input"]["prompt"]


async def test_a_busy_morning(stage: Stage) -> None:
    """Three people, three places, both vendors, all at once: each gets what they asked for."""
    asked = [
        (stage.ada, "general", "seedance_2_0"),
        (stage.ben, "general", "veo_3_1_fast"),
        (stage.cleo, "general", "kling_pro"),
        (stage.ada, "launch-film", "veo_3_1"),
        (stage.ben, "secret-launch", "seedance_2_0_fast"),
        (stage.ben, "dm-ben", "ltx_distilled"),
    ]
    await asyncio.gather(
        *(
            person.types(f"/video {person.name} in {place} --model {model}", in_=place)
            for person, place, model in asked
        )
    )
    await asyncio.gather(*(stage.take(1, shot=n).is_done(within_s=40) for n in range(1, 7)))
    prompts = {
        entry.get("input", {}).get("prompt") or entry["input"]["input"]["prompt"]
        for entry in await stage.ledger()
    }
    assert prompts == {f"{person.name} in {place}" for person, place, _ in asked}
    for number in range(1, 7):
        take = await stage.take(1, shot=number).written()
        (file,) = await stage.take(1, shot=number).files()
        assert file["name"].startswith(f"V-{number}_take1")
        assert take.request.requester in {stage.ada.id, stage.ben.id, stage.cleo.id}
