"""Thread replies: what is meant becomes a take, what is not is left alone and never paid."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from domain.ports import Transaction
from tests.scenarios.conftest import both_transports
from tests.scenarios.messages import shown_in
from tests.scenarios.pictures import is_same_picture, picture
from tests.scenarios.stage import Stage

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "replies.jsonl"
SILENCE_S = 1.5


async def begin(stage: Stage) -> None:
    """A first take, done, in a thread to reply in."""
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()


async def test_a_reply_makes_take_2_with_the_parents_prompt(stage: Stage) -> None:
    await begin(stage)
    await stage.ada.replies("slower, at night, 9:16")
    message = await stage.take(2).is_done()
    assert "a fox in snow; slower, at night" in message["text"]
    assert "9:16" in shown_in(message)
    (entry,) = await stage.take(2).entries()
    assert entry["input"]["prompt"] == "a fox in snow; slower, at night"
    assert entry["input"]["aspect_ratio"] == "9:16"
    first, second = await stage.take(1).written(), await stage.take(2).written()
    assert second.request.parent_id == first.request.id
    assert len(await stage.posts("broadcast")) == 1, "later takes only edit the card"


async def test_an_image_in_a_reply_is_the_next_takes_reference(stage: Stage) -> None:
    await begin(stage)
    posted = picture((10, 200, 90))
    await stage.ada.replies("like this", image=posted)
    await stage.take(2).is_done()
    (entry,) = await stage.take(2).entries()
    (image,) = entry["images"]
    assert is_same_picture(posted, await stage.control.fetch(image["url"]))
    kept = await stage.read(_picture_sha256)
    assert image["sha256"] == kept


async def test_two_replies_inside_the_window_make_one_take(stage: Stage) -> None:
    await begin(stage)
    await stage.prefers(undo_reply_s=2.5, undo_reply_max_s=8)
    await stage.ada.replies("slower")
    await stage.ada.replies("at night")
    await stage.take(2).is_done()
    (entry,) = await stage.take(2).entries()
    assert "slower" in entry["input"]["prompt"]
    assert "at night" in entry["input"]["prompt"]
    assert await stage.take(3).find() is None
    assert await stage.paid() == 2


async def test_a_deleted_reply_makes_no_take(stage: Stage) -> None:
    await begin(stage)
    await stage.prefers(undo_reply_s=6, undo_reply_max_s=12)
    ts = await stage.ada.replies("at night")
    await stage.take(2).reads("Starting")
    await stage.ada.deletes(ts)
    await stage.take(2).reads("Cancelled")
    assert await stage.paid() == 1


async def test_an_edited_reply_changes_the_take(stage: Stage) -> None:
    await begin(stage)
    await stage.prefers(undo_reply_s=4, undo_reply_max_s=12)
    ts = await stage.ada.replies("at night")
    await stage.take(2).reads("at night")
    await stage.ada.edits(ts, "at sunrise")
    await stage.take(2).is_done()
    (entry,) = await stage.take(2).entries()
    assert entry["input"]["prompt"] == "a fox in snow; at sunrise"


async def test_an_edit_after_the_window_changes_nothing(stage: Stage) -> None:
    await begin(stage)
    ts = await stage.ada.replies("at night")
    await stage.take(2).is_done()
    await stage.ada.edits(ts, "at sunrise")
    await stage.never(stage.take(3).find, "a third take", within_s=SILENCE_S)
    assert await stage.paid() == 2


async def test_somebody_elses_reply_is_their_own_take(stage: Stage) -> None:
    await begin(stage)
    await stage.ben.replies("make it slower, at night")
    message = await stage.take(2).is_done()
    assert f"<@{stage.ben.id}>" in shown_in(message)
    assert (await stage.take(2).written()).execution.requester == stage.ben.id


@both_transports
async def test_an_unclear_reply_shows_one_button_and_pressing_it_pays_once(
    stage: Stage,
) -> None:
    await begin(stage)
    await stage.ada.replies("replace the fox with a wolf")
    question = await stage.ada.is_told("Should this be the next take?")
    assert await stage.paid() == 1
    assert await stage.ben.hears() == [], "it is quiet for everybody else"
    await stage.ada.presses("Render", on=question)
    await stage.control.do("deliver_again", kind="action", times=2)
    await stage.take(2).is_done()
    await stage.ada.presses("Render", on=question)
    await stage.never(stage.take(3).find, "a third take", within_s=SILENCE_S)
    assert await stage.paid() == 2


async def test_a_reply_before_the_card_is_stored_is_read_afterwards(stage: Stage) -> None:
    await stage.breaks("slack:chat.postMessage", "slow", seconds=1.5)
    await stage.ada.types("/video a fox in snow")

    async def card_in_slack() -> dict[str, Any] | None:
        return next(iter(await stage.posts("post_card")), None)

    card = await stage.until(card_in_slack, "the card is in Slack")
    page = await stage.shot(1).page()
    assert page.shot.card_ts is None, "Slack has not answered the post yet"
    await stage.control.do(
        "reply", user="ada", channel="general", thread_ts=card["ts"], text="at night"
    )
    await stage.take(1).is_done()
    message = await stage.take(2).is_done()
    assert "a fox in snow; at night" in message["text"]
    assert await stage.paid() == 2


async def test_no_chatter_is_ever_paid(stage: Stage) -> None:
    """The 24 labelled replies, in seven languages, through the real thing."""
    await stage.control.do("rates", strict=False)
    rows = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    first = [row for row in rows if row.get("set") == "first24"]
    assert len(first) == 24
    assert len({row["lang"] for row in first}) >= 4
    await begin(stage)
    await stage.prefers(undo_reply_s=0.3, undo_reply_max_s=0.3)
    said: dict[str, str] = {}
    heard, asked = len(await stage.ada.hears()), 0
    for label in ("chatter", "unclear", "instruction"):
        for row in (row for row in first if row["label"] == label):
            author = stage.ada if row["by_requester"] else stage.ben
            said[await author.replies(row["text"])] = label
            await asyncio.sleep(0.35)  # each is a take of its own
        if label == "chatter":
            assert len(await stage.ada.hears()) == heard, "chatter gets silence"
        if label == "unclear":
            assert await stage.take(2).find() is None
            asked = await _questions(stage)
            assert asked == sum(label == "unclear" for label in said.values())
    meant = {ts for ts, label in said.items() if label == "instruction"}
    started = set(await stage.read(_instructions))
    assert started <= meant, "only an instruction is ever paid"
    asked = await _questions(stage) - asked
    # One of them contradicts the take that it follows by then, and so asks.
    assert (len(started), asked) == (7, 1)
    await stage.until(lambda: _made(stage, 1 + len(started)), "all are made", within_s=60)
    assert await stage.paid() == 1 + len(started)


async def _questions(stage: Stage) -> int:
    return sum("next take?" in each["text"] for each in await stage.ada.hears())


async def _made(stage: Stage, count: int) -> bool:
    page = await stage.shot(1).page()
    return sum(take.video is not None for take in page.takes) == count


def _instructions(db: Transaction) -> list[str]:
    return [row["ts"] for row in db.execute("SELECT ts FROM instruction").all()]


def _picture_sha256(db: Transaction) -> str:
    row = db.execute("SELECT sha256 FROM picture").one()
    assert row is not None
    return str(row["sha256"])
