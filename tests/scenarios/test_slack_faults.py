"""What Slack does to our messages and files: one card, one take message, one file all the same."""

from __future__ import annotations

from typing import Any

import pytest

from domain.effect import REFUSALS_MAX
from domain.ports import Transaction
from handlers.views.take_buttons import SHARE_PATIENCE_S
from tests.scenarios.bot import Bot
from tests.scenarios.messages import labels_of
from tests.scenarios.stage import Stage

KINDS = ("rate_limited", "reset_before", "reset_after", "status_after", "garbage", "error_after")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("post", [0, 1], ids=["card", "take message"])
async def test_a_post_that_goes_wrong_is_there_once(stage: Stage, kind: str, post: int) -> None:
    params = {"retry_after_s": 1} if kind == "rate_limited" else {}
    await stage.breaks("slack:chat.postMessage", kind, after=post, **params)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert len(await stage.posts("post_card")) == 1
    assert len(await stage.take(1).messages()) == 1
    assert await stage.paid() == 1


@pytest.mark.parametrize("ahead_s", [86_400.0, -86_400.0], ids=["ahead", "behind"])
@pytest.mark.parametrize("post", [0, 1], ids=["card", "take message"])
async def test_a_lost_answer_is_found_by_a_machine_whose_clock_is_wrong(
    stage: Stage, ahead_s: float, post: int
) -> None:
    assert isinstance(stage.bot, Bot)
    stage.bot.clock.ahead_s = ahead_s
    await stage.breaks("slack:chat.postMessage", "reset_after", after=post)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert len(await stage.posts("post_card")) == 1
    assert len(await stage.take(1).messages()) == 1
    assert await stage.paid() == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_an_edit_that_goes_wrong_is_made_again(stage: Stage, kind: str) -> None:
    params = {"retry_after_s": 1} if kind == "rate_limited" else {}
    await stage.breaks("slack:chat.update", kind, times=3, **params)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    await stage.shot(1).reads("Done")


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("files.getUploadURLExternal", "reset_after"),
        ("upload", "reset_before"),
        ("upload", "reset_after"),
        ("files.completeUploadExternal", "reset_before"),
        ("files.completeUploadExternal", "reset_after"),
        ("files.completeUploadExternal", "error_after"),
        ("files.info", "status"),
    ],
)
async def test_an_upload_that_breaks_off_shows_one_file(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, call: str, kind: str
) -> None:
    monkeypatch.setattr("bot.notifier.uploader.SHARE_LOOKS", 3)
    await stage.breaks(f"slack:{call}", kind)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert len(await stage.take(1).files()) == 1


async def test_an_upload_that_is_ok_but_not_shared_is_shared_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.notifier.uploader.SHARE_LOOKS", 3)
    await stage.breaks("slack:files.completeUploadExternal", "not_shared")
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert len(await stage.take(1).files()) == 1


async def test_a_file_that_slack_never_shares_is_kept_and_can_be_uploaded_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.notifier.uploader.SHARE_LOOKS", 1)
    await stage.breaks("slack:files.completeUploadExternal", "not_shared", times=REFUSALS_MAX)
    await stage.ada.types("/video a fox in snow")
    await stage.until(lambda: _has_failed(stage), "the upload is given up")
    await stage.skips(SHARE_PATIENCE_S)
    message = await stage.take(1).reads("It is safe here")
    assert message["text"].startswith("Done")
    assert "Upload again" in labels_of(message)
    assert await stage.take(1).files() == []
    await stage.ada.presses("Upload again", on=message)
    message = await stage.take(1).is_done()
    await stage.until(lambda: _is_calm(stage), "nothing more is said about the file")
    assert len(await stage.take(1).files()) == 1
    assert await stage.paid() == 1


async def test_a_deleted_take_message_is_posted_once_more(stage: Stage) -> None:
    await stage.prefers(undo_command_s=3)
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).reads("Starting")
    await stage.ada.deletes(message["ts"])
    await stage.take(1).is_done()
    assert len(await stage.take(1).messages()) == 1


async def _has_failed(stage: Stage) -> bool:
    return bool(await stage.read(_failed_files))


def _failed_files(db: Transaction) -> Any:
    return db.execute("SELECT 1 AS yes FROM outbox WHERE kind = 'file' AND state = 'failed'").one()


async def _is_calm(stage: Stage) -> bool:
    message = await stage.take(1).message()
    return message is not None and "It is safe here" not in message["text"]
