"""Edited and deleted replies on a real database: nothing is paid that nobody asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.events import Hold
from domain.execution import State
from domain.ports import Transaction
from domain.shot import Take
from storage.database import SqliteDatabase
from storage.decisions import confirm_take
from storage.instructions import Ignored, Merged, Reply, Why
from storage.presses import Press
from storage.replies import take_reply
from storage.reply_edits import edit_reply
from storage.shots import read_page
from tests.factories import NOW, clip
from tests.integration.accepted import (
    LATER,
    REACH,
    accept,
    fresh,
    hold_of,
    post_all,
    send,
)

SAID_AT = NOW + 100


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """A first take in a thread of Ada's."""
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        await accept(opened, work=clip(model="seedance_2_0"))
        await post_all(opened, now=NOW)
        yield opened


async def reply(database: SqliteDatabase, words: str, **said: Any) -> Reply:
    page = await database.run(read_page, "shot_1")
    usual: dict[str, Any] = {
        "delivery_key": "msg:1",
        "team_id": "T1",
        "channel": "C1",
        "thread_ts": page.shot.card_ts,
        "ts": "1.1",
        "author": "U1",
        "words": words,
        "image": None,
        "mentions_bot": False,
        "at": SAID_AT,
    }
    return Reply(**usual | said)


async def says(database: SqliteDatabase, words: str, *, n: int = 2, **said: Any) -> None:
    said = {"delivery_key": f"msg:{n}", "ts": f"1.{n}"} | said
    await database.run(take_reply, await reply(database, words, **said), fresh(n), reach=REACH)


async def edits(database: SqliteDatabase, words: str, *, n: int = 2, **said: Any) -> object:
    said = {"delivery_key": f"msg:{n}", "ts": f"1.{n}", "at": SAID_AT + 2} | said
    return await database.run(edit_reply, await reply(database, words, **said), reach=REACH)


async def second(database: SqliteDatabase) -> Take:
    page = await database.run(read_page, "shot_1")
    assert len(page.takes) == 2
    return page.takes[1]


async def sent(database: SqliteDatabase) -> str | None:
    """The prompt that is paid for when everything is due, if it may go."""
    await post_all(database, now=SAID_AT)
    execution = await send(database, (await second(database)).execution)
    return execution.work.said if execution else None


async def test_an_edit_to_something_unclear_waits_for_a_yes(database: SqliteDatabase) -> None:
    await says(database, "at night")

    assert await edits(database, "replace the fox with a wolf") == Merged("request_2")

    take = await second(database)
    assert "wolf" in take.execution.work.said
    assert await sent(database) is None
    assert await hold_of(database, take.execution) is Hold.CONFIRMATION
    press = Press(delivery_key="act:1", team_id="T1", channel="C1", user="U1", at=LATER)
    await database.run(confirm_take, press, "request_2")
    assert "wolf" in str(await sent(database))


async def test_a_further_reply_does_not_pay_for_what_was_unclear(
    database: SqliteDatabase,
) -> None:
    await says(database, "at night")
    await edits(database, "replace the fox with a wolf")

    await says(database, "slower", n=3, at=SAID_AT + 3)

    assert await sent(database) is None


@pytest.mark.parametrize("words", ["--aspect 17:3", "--duration 99"])
async def test_an_impossible_edit_holds_the_take_and_says_why(
    database: SqliteDatabase, words: str
) -> None:
    """By the scanner, or by the limits of its model."""
    await says(database, "at night")

    assert await edits(database, words) == Merged("request_2")

    take = await second(database)
    assert take.execution.state is not State.CANCELLED
    assert "The take waits" in take.sentence
    assert await sent(database) is None, "the old words must not be rendered"
    (told,) = await database.run(whispers)
    assert "edit your reply again, or press Render" in told


async def test_an_impossible_edit_that_is_mended_goes_on(database: SqliteDatabase) -> None:
    """Also after the undo window: it has not begun."""
    await says(database, "at night")
    await edits(database, "--aspect 17:3")

    await edits(database, "at night, 9:16", at=SAID_AT + 500)

    take = await second(database)
    assert take.request.undo_until > SAID_AT + 500
    assert take.execution.work.aspect_ratio == "9:16"
    assert await sent(database) == "a fox in snow; at night"


async def test_the_same_edit_delivered_again_is_told_once(database: SqliteDatabase) -> None:
    await says(database, "at night")
    for _ in range(3):
        await edits(database, "--aspect 17:3")

    assert len(await database.run(whispers)) == 1


async def test_an_edit_of_one_keeps_the_other_that_named_us(database: SqliteDatabase) -> None:
    await says(database, "a bit of fog", mentions_bot=True)
    await says(database, "slower", n=3, at=SAID_AT + 1)

    await edits(database, "faster", n=3)

    assert await sent(database) == "a fox in snow; a bit of fog; faster"


async def test_a_confirmed_take_is_out_of_reach_after_its_window(
    database: SqliteDatabase,
) -> None:
    await says(database, "at night")

    assert await edits(database, "by day", at=SAID_AT + 500) == Ignored(Why.BEGUN)


def whispers(db: Transaction) -> list[str]:
    rows = db.execute("SELECT payload FROM outbox WHERE kind = 'whisper'").all()
    return [str(row["payload"]) for row in rows]
