"""Somebody takes something away while a take is made: a message, a channel, a picture, Slack."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from domain.events import Hold
from storage.silence import silences
from tests.scenarios.pictures import picture
from tests.scenarios.stage import Stage

PLACE = "launch-film"
PROBE_S = 0.3
NOBODY_HEARS = "Slack refuses our token, so nothing is sent there and nothing new is paid"


@pytest.fixture
def probes_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for before the stage: the bot's first wait is as short as the others."""
    monkeypatch.setattr("bot.silence.PROBE_EVERY_S", PROBE_S)


async def test_a_deleted_take_message_is_posted_once_more(stage: Stage) -> None:
    await stage.breaks("heygen:submit", "late", seconds=2)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    message = await stage.take(1).reads("Rendering")
    await stage.ada.deletes(message["ts"])
    await stage.take(1).is_done()
    assert len(await stage.take(1).messages()) == 1


async def test_a_deleted_card_does_not_lose_the_video(stage: Stage) -> None:
    stage.expected_errors |= {"undeliverable", "given up"}
    await stage.breaks("heygen:submit", "late", seconds=2)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).reads("Rendering")
    card = await stage.shot(1).card()
    await stage.ada.deletes(card["ts"])
    await stage.take(1).reads("Done")
    assert await stage.paid() == 1


async def test_taken_out_of_the_channel_while_it_renders_the_requester_hears_of_it(
    stage: Stage,
) -> None:
    stage.expected_errors |= {"undeliverable", "given up"}
    await stage.breaks("heygen:submit", "late", seconds=2)
    await stage.ada.types("/video a fox in snow --model veo_3_1", in_=PLACE)
    await stage.take(1).is_("running")
    await stage.control.do("kick", channel=PLACE)
    try:
        await stage.take(1).is_("succeeded")
        await stage.ada.is_told("V-1", within_s=40)
        assert await stage.paid() == 1
    finally:
        await stage.control.do("invite", channel=PLACE)


async def test_a_file_that_is_no_picture_is_told_and_nothing_is_paid(stage: Stage) -> None:
    await stage.ada.mentions_dailies("it wakes up", image=b"\x89PNG\r\n\x1a\n and then nothing")
    message = await stage.take(1).reads("Not made")
    assert "not charged" in message["text"]
    assert await stage.paid() == 0


@pytest.mark.parametrize("kind", ["status", "reset_before", "rate_limited"])
async def test_an_upload_to_the_vendor_that_fails_is_tried_again(stage: Stage, kind: str) -> None:
    await stage.breaks("heygen:upload", kind)
    await stage.ada.mentions_dailies("it wakes up --model veo_3_1", image=picture())
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_slack_is_away_for_a_while_and_everything_is_told_once(stage: Stage) -> None:
    await stage.breaks("slack:chat.postMessage", "status", times=3, status=503)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done(within_s=40)
    assert len(await stage.posts("post_card")) == 1
    assert await stage.paid() == 1


async def test_blocks_that_slack_refuses_are_said_in_plain_text(stage: Stage) -> None:
    stage.expected_errors.add("blocks refused")
    await stage.breaks("slack:chat.update", "error", code="invalid_blocks", times=2)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_a_form_that_slack_does_not_open_is_told(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).is_done()
    await stage.breaks("slack:views.open", "error", code="expired_trigger_id")
    await stage.ada.presses("New take", on=message)
    await stage.ada.is_told("did not open")
    await stage.ada.presses("New take", on=message)
    await stage.ada.submits(await stage.ada.has_form(), prompt="a bear")
    await stage.take(2).is_done()


async def test_buttons_of_before_a_restart_still_work(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).is_done()
    await stage.crashes()
    await stage.ada.presses("Approve", on=message)
    await stage.shot(1).reads("Approved: take 1")
    await stage.ada.presses("Variation", on=message)
    await stage.take(2).is_done()
    assert await stage.paid() == 2


async def test_cancel_while_the_submit_is_on_the_wire_is_told_truthfully(stage: Stage) -> None:
    await stage.breaks("heygen:submit", "slow", seconds=2)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).is_("submitting")
    answer = await stage.ada.types("/video cancel")
    assert "may still charge" in answer
    message = await stage.take(1).reads("Cancelled")
    assert "kept, not posted" in message["text"]
    assert await stage.take(1).files() == []
    assert await stage.paid() == 1


async def test_a_raised_budget_starts_what_it_held(stage: Stage) -> None:
    settings = stage.bot.settings
    await stage.bot.stop()
    stage.bot.settings = settings.model_copy(update={"dailies_monthly_budget_usd": 1})
    await stage.bot.start()
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).reads("has no room")
    await stage.bot.stop()
    stage.bot.settings = settings
    await stage.bot.start()
    await stage.take(1).is_done()
    assert await stage.paid() == 1


@pytest.mark.parametrize("tells", [True, False], ids=["told so", "found out"])
async def test_the_app_is_removed_while_it_renders_and_all_goes_on_when_it_is_back(
    probes_often: None, stage: Stage, tells: bool
) -> None:
    stage.expected_errors |= {NOBODY_HEARS, "Slack takes our token again", "edit refused"}
    await stage.breaks("heygen:submit", "late", seconds=1.5)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).reads("Rendering")
    await stage.control.do("uninstall", tells=tells)
    await stage.take(1).is_("succeeded")
    await stage.until(lambda: stage.read(silences), "the bot knows that nobody hears it")
    assert not await _is_ready(stage)
    said = await _said(stage)
    answer = await stage.ben.types("/video a bear --model veo_3_1")
    assert "waits: Slack does not let me post here now" in answer
    await asyncio.sleep(4 * PROBE_S)
    assert await _said(stage) == said, "Slack is not left alone"
    assert await stage.paid() == 1, "something was paid that nobody could be told of"

    await stage.control.do("install")
    await stage.take(1).is_done()
    await stage.take(1, shot=2).is_done()
    assert await stage.paid() == 2
    assert len(await stage.posts("post_card")) == 2
    assert await _is_ready(stage)


async def test_a_take_that_was_posted_is_not_begun_while_nobody_can_be_told(
    probes_often: None, stage: Stage
) -> None:
    stage.expected_errors |= {NOBODY_HEARS, "Slack takes our token again", "edit refused"}
    await stage.prefers(undo_command_s=2)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).reads("Starting")
    await stage.control.do("uninstall", error="token_revoked")
    await stage.take(1).is_held(Hold.SLACK)
    assert "does not let me post" in await stage.ada.types("/video status")
    assert await stage.paid() == 0
    await stage.control.do("install")
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def _said(stage: Stage) -> int:
    """How often Slack was asked for anything but whether our token works."""
    calls = await stage.calls("")
    asked = [c["path"] for c in calls if c["direction"] == "in" and c["path"].startswith("/api/")]
    return len([path for path in asked if path != "/api/auth.test"])


async def _is_ready(stage: Stage) -> bool:
    where = f"http://127.0.0.1:{stage.bot.settings.port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(where) as answer:
        checks = await answer.json()
        assert checks["token"] == (answer.status == 200), checks
        return bool(checks["token"])
