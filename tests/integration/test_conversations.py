"""The turns of a conversation on a real database: in order, each knowing what was made before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Failure, FailureClass
from domain.events import Hold
from domain.execution import Execution, Moment, State
from domain.gateway import Accepted, Finished, Rejected
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.shot import Take
from domain.spoken import CONTINUES, Agent
from domain.standing import Reach
from storage.answers import record_answer
from storage.conversations import read_conversation
from storage.database import SqliteDatabase
from storage.executions import compare_and_set, execution_of
from storage.instructions import Ignored, Merged, Reply, Why
from storage.replies import take_reply
from storage.reply_edits import edit_reply
from storage.requests import Started
from storage.shots import read_page
from tests.factories import NOW, clip
from tests.integration.accepted import LATER, REACH, accept, fresh, hold_of, post_all, send

SAID_AT = NOW + 100
CHAT = Agent(prompt="A film about tea", chat=True)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """A conversation with HeyGen's agent, not sent yet, in a thread of Ada's."""
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        await accept(opened, work=CHAT)
        await post_all(opened, now=NOW)
        yield opened


async def says(database: SqliteDatabase, words: str, n: int = 2, **said: Any) -> Any:
    """A reply in the thread; what came of it."""
    reach = said.pop("reach", REACH)
    return await database.run(
        take_reply, await reply(database, words, n, **said), fresh(n), reach=reach
    )


async def reply(database: SqliteDatabase, words: str, n: int, **said: Any) -> Reply:
    page = await database.run(read_page, "shot_1")
    usual: dict[str, Any] = {
        "delivery_key": f"msg:{n}",
        "team_id": "T1",
        "channel": "C1",
        "thread_ts": page.shot.card_ts,
        "ts": f"{n}.1",
        "author": "U1",
        "words": words,
        "image": None,
        "mentions_bot": False,
        "at": SAID_AT + n,
    }
    return Reply(**usual | said)


async def take(database: SqliteDatabase, number: int) -> Take:
    page = await database.run(read_page, "shot_1")
    return page.takes[number - 1]


async def accepted(database: SqliteDatabase, n: int, **handle: str) -> Execution:
    """One turn is on its way at HeyGen."""
    execution = await database.run(execution_of, f"request_{n}")
    assert execution is not None
    sent = await send(database, execution)
    assert sent is not None
    answer = Accepted(f"run-{n}", {"session_id": "s-1", "mode": "chat", **handle})
    await database.run(record_answer, sent, answer, Moment(now=LATER))
    found = await database.run(execution_of, f"request_{n}")
    assert found is not None
    return found


async def made(database: SqliteDatabase, running: Execution, video_id: str) -> None:
    """It has a video."""
    done = replace(
        running,
        state=State.SUCCEEDED,
        version=running.version + 1,
        due_at=None,
        result=Finished("https://v/1.mp4", remote_video_id=video_id),
    )
    assert await database.run(compare_and_set, running, done)


async def test_a_turn_waits_for_the_one_before_and_knows_its_video(
    database: SqliteDatabase,
) -> None:
    assert isinstance(await says(database, "slower, at night"), Started)
    await post_all(database, now=NOW + 200)
    second = (await take(database, 2)).execution
    assert isinstance(second.work, Agent)
    assert second.work.continues == "request_1"
    assert await send(database, second) is None
    assert await hold_of(database, second) is Hold.CONVERSATION, "the first is not even sent"

    first = await accepted(database, 1)
    assert await send(database, second) is None
    await made(database, first, "video-1")

    sent = await send(database, second)
    assert sent is not None
    (turn,) = await database.run(read_conversation, sent)
    assert (turn.remote_id, turn.remote_video_id) == ("run-1", "video-1")
    assert turn.handle["session_id"] == "s-1"


async def test_a_third_turn_knows_both_videos_and_goes_on_from_the_first(
    database: SqliteDatabase,
) -> None:
    await made(database, await accepted(database, 1), "video-1")
    await says(database, "slower, at night", 2)
    await post_all(database, now=NOW + 200)
    await made(database, await accepted(database, 2, known_videos="video-1"), "video-2")
    await says(database, "again", 3, at=SAID_AT + 300)
    await post_all(database, now=NOW + 400)

    third = (await take(database, 3)).execution
    assert isinstance(third.work, Agent)
    assert third.work.continues == "request_1"
    turns = await database.run(read_conversation, third)
    assert [turn.remote_video_id for turn in turns] == ["video-1", "video-2"]


@pytest.mark.parametrize("state", [State.LATE, State.UNCERTAIN])
async def test_a_turn_waits_for_one_that_is_late_or_looked_for(
    database: SqliteDatabase, state: State
) -> None:
    await made(database, await accepted(database, 1), "video-1")
    await says(database, "slower, at night", 2)
    await post_all(database, now=NOW + 200)
    second = await accepted(database, 2)
    open_yet = replace(second, state=state, version=second.version + 1, due_at=LATER + 60)
    assert await database.run(compare_and_set, second, open_yet)
    await says(database, "again", 3, at=SAID_AT + 300)
    await post_all(database, now=NOW + 400)

    third = (await take(database, 3)).execution
    assert await send(database, third) is None
    assert await hold_of(database, third) is Hold.CONVERSATION, "else it takes the third's video"
    await made(database, open_yet, "video-2")
    assert await send(database, third) is not None


async def test_a_turn_that_was_held_back_knows_what_a_later_one_made(
    database: SqliteDatabase,
) -> None:
    await made(database, await accepted(database, 1), "video-1")
    await says(database, "slower, at night", 2)
    await says(database, "again", 3, at=SAID_AT + 300)
    await post_all(database, now=NOW + 400)
    third = await accepted(database, 3)

    second = (await take(database, 2)).execution
    assert await send(database, second) is None
    assert await hold_of(database, second) is Hold.CONVERSATION
    await made(database, third, "video-3")
    turns = await database.run(read_conversation, second)
    assert [turn.remote_video_id for turn in turns] == ["video-1", "video-3"]


async def test_a_conversation_goes_on_although_the_clock_was_set_back(
    database: SqliteDatabase,
) -> None:
    await made(database, await accepted(database, 1), "video-1")
    await says(database, "slower, at night", 2)
    await says(database, "again", 3, at=SAID_AT + 300)
    await post_all(database, now=NOW + 400)
    await made(database, await accepted(database, 2), "video-2")
    await database.run(_begun_later, NOW + 500)
    third = (await take(database, 3)).execution
    turns = await database.run(read_conversation, third)
    assert [turn.remote_id for turn in turns] == ["run-1", "run-2"]


def _begun_later(db: Transaction, at: float) -> None:
    db.execute("UPDATE execution SET created_at = :at WHERE request_id = 'request_1'", {"at": at})


async def test_without_its_gateway_a_message_becomes_a_video_made_in_one_go(
    database: SqliteDatabase,
) -> None:
    await made(database, await accepted(database, 1), "video-1")
    elsewhere = Reach(frozenset({GatewayName.RUNWARE}))

    assert isinstance(await says(database, "slower, at night", reach=elsewhere), Started)

    second = await take(database, 2)
    assert second.execution.gateway is GatewayName.RUNWARE
    assert isinstance(second.execution.work, Agent)
    assert second.execution.work.prompt == "A film about tea\nslower, at night"
    assert second.request.changed[0].startswith("a new session: its conversation cannot be reached")


async def test_a_lost_session_begins_anew_once_and_nothing_is_reserved_for_the_first(
    database: SqliteDatabase,
) -> None:
    await made(database, await accepted(database, 1), "video-1")
    await says(database, "slower, at night")
    await post_all(database, now=NOW + 200)
    sent = await send(database, (await take(database, 2)).execution)
    assert sent is not None
    lost = Failure(kind=FailureClass.BAD_INPUT, field=CONTINUES, billed=False)

    at = Moment(now=LATER, reach=REACH)
    await database.run(record_answer, sent, Rejected(lost), at)

    again = (await take(database, 2)).execution
    assert again.id == f"{sent.id}-2"
    assert again.state is State.QUEUED
    assert isinstance(again.work, Agent)
    assert (again.work.continues, again.work.chat) == (None, True)
    assert await database.run(_reserved, sent.id) == 0
    await says(database, "at sunrise", 3, at=LATER + 300)
    third = (await take(database, 3)).request.work
    assert isinstance(third, Agent)
    assert third.continues == "request_2", "the new session is the one that goes on"


async def test_replies_in_the_window_are_one_message_and_can_be_taken_back(
    database: SqliteDatabase,
) -> None:
    await made(database, await accepted(database, 1), "video-1")
    await says(database, "slower", 2)
    assert isinstance(await says(database, "at night", 3), Merged)
    work = (await take(database, 2)).request.work
    assert isinstance(work, Agent)
    assert (work.prompt, work.continues) == ("slower\nat night", "request_1")

    edited = await reply(database, "faster", 2)
    await database.run(edit_reply, edited, reach=REACH)
    gone = await reply(database, "", 3)
    await database.run(edit_reply, gone, reach=REACH)
    work = (await take(database, 2)).request.work
    assert isinstance(work, Agent)
    assert (work.prompt, work.continues) == ("faster", "request_1")
    await database.run(edit_reply, await reply(database, "", 2), reach=REACH)
    assert (await take(database, 2)).execution.state is State.CANCELLED


async def test_a_reply_to_a_clip_is_what_it_was(tmp_path: Path) -> None:
    async with await SqliteDatabase.open(tmp_path / "other.sqlite3") as opened:
        await accept(opened, work=clip(model="seedance_2_0"))
        await post_all(opened, now=NOW)
        assert await says(opened, "who did this?", author="U2") == Ignored(Why.CHATTER)
        assert isinstance(await says(opened, "slower", 3), Started)


def _reserved(db: Transaction, execution_id: str) -> int:
    row = db.execute(
        "SELECT reserved_micro_usd AS held FROM execution WHERE id = :id", {"id": execution_id}
    ).one()
    assert row is not None
    return int(row["held"])
