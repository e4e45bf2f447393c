"""What is typed is never paid for by mistake, and a word is enough to stop what is being made."""

from __future__ import annotations

import re

import pytest

from tests.scenarios.stage import Stage

SILENCE_S = 1.5


async def test_asking_for_help_on_an_unknown_word_starts_no_render(stage: Stage) -> None:
    told = await stage.ada.types("/video help nosuch")
    assert told.startswith("Did you mean `/video help`? Nothing was started.")
    assert "To render “help nosuch” for about $1.52: `/video help nosuch --kind clip`" in told
    for line in ("/video avatar", "/video !!!", "/video cancel everything"):
        told = await stage.ada.types(line)
        assert "Nothing was started" in told
    await stage.never(stage.take(1).find, "a take", within_s=SILENCE_S)

    await stage.ada.types("/video help nosuch --kind clip")
    await stage.take(1).is_done()
    (entry,) = await stage.ledger()
    assert entry["input"]["prompt"] == "help nosuch"


async def test_an_admin_who_panics_is_asked_and_then_pauses(stage: Stage) -> None:
    told = await stage.ada.types("/video pause now please")
    assert "Did you mean `/video pause`?" in told
    line = re.findall(r"Try: `([^`]+)`", told)[0]
    assert (await stage.ada.types(line)).startswith("Paused")
    await stage.never(stage.take(1).find, "a take", within_s=SILENCE_S)
    assert await stage.paid() == 0


@pytest.mark.parametrize("script", ['""', '"  "', "“…”"])
async def test_an_empty_script_is_never_spoken_nor_paid(stage: Stage, script: str) -> None:
    told = await stage.ada.types(f'/video --avatar "Hana Business Front" --script {script}')
    assert told.startswith("The script is empty.")
    await stage.never(stage.take(1).find, "a take", within_s=SILENCE_S)
    assert await stage.paid() == 0


async def test_cancel_in_the_thread_cancels_the_take_that_is_about_to_start(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    await stage.prefers(undo_reply_s=8, undo_reply_max_s=8)
    await stage.ada.replies("slower, at night, 9:16")
    await stage.take(2).reads("Starting")

    await stage.ada.replies("cancel")

    message = await stage.take(2).reads("Cancelled")
    assert "not charged" in message["text"].lower() or "nothing" in message["text"].lower()
    assert not any("next take?" in each["text"] for each in await stage.ada.hears())
    assert await stage.take(3).find() is None
    assert await stage.paid() == 1


async def test_never_mind_while_it_renders_does_what_the_button_does(stage: Stage) -> None:
    await stage.breaks("fal:submit", "late", seconds=30)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).reads("Rendering")
    await stage.ben.replies("never mind")
    await stage.ada.replies("never mind")
    await stage.take(1).reads("Cancelled")
    (entry,) = await stage.take(1).entries()
    assert entry["state"].lower() == "cancelled"


async def test_a_finished_shot_that_is_cancelled_says_that_it_is_done(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    told = await stage.ada.types("/video cancel V-1")
    assert told.startswith("Too late to cancel V-1 take 1: done · $1.5")
