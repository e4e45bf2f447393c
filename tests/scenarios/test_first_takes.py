"""The main path: from `/video` to a finished video in the thread, and the next take by reply."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import OpenStage
from tests.scenarios.pictures import is_same_picture, picture
from tests.scenarios.stage import Stage, labels_of, shown_in


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_first_video_end_to_end(open_stage: OpenStage, transport: str) -> None:
    async with open_stage(transport=transport) as stage:
        answer = await stage.ada.types("/video a fox in snow")
        assert "V-1 take 1" in answer
        assert "$" in answer
        message = await stage.take(1).is_done()
        assert "a fox in snow" in message["text"]
        assert {"New take", "Approve"} <= set(labels_of(message))
        assert (await stage.shot(1).reads("Done"))["text"]
        (file,) = await stage.take(1).files()
        assert file["name"] == "V-1_take1_16x9.mp4"
        (told,) = await stage.has_posted("broadcast", 1)
        assert "V-1 take 1 is done" in told["text"]
        (entry,) = await stage.ledger()
        assert entry["input"]["prompt"] == "a fox in snow"


async def test_image_with_a_mention_becomes_the_reference_image_at_the_vendor(
    stage: Stage,
) -> None:
    posted = picture()
    await stage.ada.mentions_dailies("it wakes up", image=posted)
    await stage.take(1).is_done()
    (entry,) = await stage.take(1).entries()
    (image,) = entry["images"]
    assert is_same_picture(posted, await stage.control.fetch(image["url"]))
    assert entry["endpoint"].endswith("image-to-video")


async def test_thread_reply_makes_take_2_with_the_parents_prompt(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    await stage.ada.replies("slower, at night, 9:16")
    message = await stage.take(2).is_done()
    assert "9:16" in shown_in(message)
    assert "a fox in snow; slower, at night" in message["text"]
    (entry,) = await stage.take(2).entries()
    assert "a fox in snow" in entry["input"]["prompt"]
    assert "night" in entry["input"]["prompt"]
    assert entry["input"]["aspect_ratio"] == "9:16"
    assert (await stage.take(2).written()).request.parent_id is not None
    assert await stage.paid() == 2


async def test_cancel_inside_the_undo_window_submits_nothing(stage: Stage) -> None:
    await stage.prefers(undo_command_s=30)
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).reads("Starting")
    await stage.ada.presses("Cancel", on=message)
    message = await stage.take(1).reads("Cancelled")
    assert "nothing charged" in message["text"]
    assert await stage.paid() == 0


async def test_command_delivered_three_times_is_one_request(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    await stage.control.do("deliver_again", kind="command", times=2)
    await stage.take(1).is_done()
    assert await stage.shot(2).find() is None
    assert await stage.paid() == 1
