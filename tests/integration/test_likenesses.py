"""Likenesses and questions about voices on a real database: asked once, paid once, told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.casting import Look
from domain.errors import Failure, FailureClass, RequestError
from domain.gateway import Accepted, Rejected
from domain.likeness import (
    AVATAR_MICRO_USD,
    Likeness,
    LikenessKind,
    LikenessState,
    answered,
    intended,
    looked_at,
)
from domain.ports import Transaction
from domain.shape import Media
from domain.voice_question import Unspoken, VoiceQuestion, speaking
from domain.voice_question import answered as question_answered
from storage.budgets import MonthlyMoney, read_budget
from storage.castings import search_list
from storage.database import SqliteDatabase
from storage.likenesses import (
    ask_for_likeness,
    claim_likenesses,
    find_likeness,
    intend_likeness,
    record_likeness,
)
from storage.preferences import set_paused
from storage.presses import Press, PressedBefore
from storage.turns import AlreadyTaken
from storage.voice_questions import (
    answer_question,
    ask_about_voices,
    claim_questions,
    intend_speech,
)
from tests.factories import NOW

MONTH = "2027-01"
BUDGET = 5_000_000


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


def likeness(number: int = 1, **said: Any) -> Likeness:
    usual: dict[str, Any] = {
        "id": f"likeness_{number}",
        "team_id": "T1",
        "channel": "C1",
        "requester": "U1",
        "kind": LikenessKind.FACE,
        "name": f"Anna {number}",
        "file": Media(slack_file_id="F1", name="anna.png"),
        "consented_at": NOW,
        "due_at": NOW,
    }
    return Likeness(**usual | said)


def press(number: int = 1) -> Press:
    return Press(delivery_key=f"view:{number}", team_id="T1", channel="C1", user="U1", at=NOW)


async def ask(database: SqliteDatabase, asked: Likeness, *, number: int = 1) -> None:
    await database.run(ask_for_likeness, press(number), asked, month=MONTH, budget_micro_usd=BUDGET)


async def claim(database: SqliteDatabase, now: float = NOW) -> Likeness:
    (due,) = (await database.run(claim_likenesses, room=2, now=now)).turns
    return due


async def send(database: SqliteDatabase, *, budget: int = BUDGET) -> tuple[bool, Likeness]:
    due = await claim(database)
    sent = intended(due, key="key-1", month=MONTH, now=NOW)
    went = await database.run(intend_likeness, due, sent, budget_micro_usd=budget, now=NOW)
    return went, sent


async def money(database: SqliteDatabase) -> MonthlyMoney:
    return await database.run(read_budget, "T1", MONTH)


def told(db: Transaction) -> list[str]:
    return [str(row["payload"]) for row in db.execute("SELECT payload FROM outbox").all()]


async def test_a_wish_is_written_once_and_its_name_is_its_own(database: SqliteDatabase) -> None:
    await ask(database, likeness())
    with pytest.raises(PressedBefore):
        await ask(database, likeness(2))
    with pytest.raises(RequestError, match="called ANNA 1 already"):
        await ask(database, likeness(3, name="ANNA 1"), number=3)
    await ask(database, likeness(4, name="Anna 1", kind=LikenessKind.VOICE), number=4)

    assert (await database.run(find_likeness, "likeness_1")) == likeness()
    assert (await database.run(find_likeness, "likeness_2")) is None


async def test_its_money_is_reserved_spent_and_told_once(database: SqliteDatabase) -> None:
    await ask(database, likeness())
    went, sent = await send(database)
    assert went
    assert await money(database) == MonthlyMoney(AVATAR_MICRO_USD, 0)
    assert not (await database.run(claim_likenesses, room=2, now=NOW + 60)).turns, "it is ours"

    making = answered(sent, Accepted("look-1"), now=NOW, jitter=0.5)
    assert await database.run(record_likeness, sent, making, now=NOW)
    entry = Look(id="look-1", name="Anna 1", is_own=True)
    ready = looked_at(making, entry, now=NOW + 30)
    assert await database.run(record_likeness, making, ready, now=NOW + 30, entry=entry)
    assert not await database.run(record_likeness, making, ready, now=NOW + 31, entry=entry)

    assert await money(database) == MonthlyMoney(0, AVATAR_MICRO_USD)
    assert await database.run(search_list, "T1", Look, "anna", limit=3) == [entry]
    assert len(await database.run(told)) == 1
    assert (await database.run(claim_likenesses, room=2, now=NOW + 9e9)).turns == ()


async def test_without_budget_it_ends_unpaid_and_is_told(database: SqliteDatabase) -> None:
    await ask(database, likeness())
    went, _ = await send(database, budget=AVATAR_MICRO_USD - 1)

    assert not went
    ended = await database.run(find_likeness, "likeness_1")
    assert ended is not None
    assert (ended.state, ended.reserved_micro_usd) == (LikenessState.FAILED, 0)
    assert await money(database) == MonthlyMoney(0, 0)
    assert len(await database.run(told)) == 1
    with pytest.raises(RequestError, match=r"has \$0.50 left"):
        await database.run(
            ask_for_likeness, press(9), likeness(9), month=MONTH, budget_micro_usd=500_000
        )


async def test_a_pause_puts_it_off(database: SqliteDatabase) -> None:
    await ask(database, likeness())
    await database.run(set_paused, "T1", paused=True)
    assert not (await send(database))[0]
    assert await money(database) == MonthlyMoney(0, 0)

    await database.run(set_paused, "T1", paused=False)
    assert (await claim(database, NOW + 61)).state is LikenessState.ASKED


async def test_who_is_second_reserves_nothing(database: SqliteDatabase) -> None:
    await ask(database, likeness())
    _, sent = await send(database)
    stale = replace(likeness(), due_at=NOW)

    with pytest.raises(AlreadyTaken):
        await database.run(intend_likeness, stale, sent, budget_micro_usd=BUDGET, now=NOW)

    assert await money(database) == MonthlyMoney(AVATAR_MICRO_USD, 0)


async def test_a_refusal_gives_the_money_back(database: SqliteDatabase) -> None:
    await ask(database, likeness())
    _, sent = await send(database)
    no_face = Rejected(Failure(kind=FailureClass.BAD_INPUT, detail="no face"))
    refused = answered(sent, no_face, now=NOW, jitter=0.5)
    assert await database.run(record_likeness, sent, refused, now=NOW)

    assert await money(database) == MonthlyMoney(0, 0)


async def test_a_sentence_is_reserved_spoken_and_told_once(database: SqliteDatabase) -> None:
    question = VoiceQuestion(
        id="question_1",
        team_id="T1",
        channel="C1",
        requester="U1",
        say="Good morning",
        voice_id="v1",
        due_at=NOW,
    )
    await database.run(ask_about_voices, press(), question)
    with pytest.raises(PressedBefore):
        await database.run(ask_about_voices, press(), replace(question, id="question_2"))
    (due,) = (await database.run(claim_questions, room=4, now=NOW)).turns
    assert due.voice_name == "v1", "no list knows it: its id stands for its name"
    sent = speaking(due, key="k", month=MONTH, now=NOW)

    poor = await database.run(intend_speech, due, sent, budget_micro_usd=9_999)
    assert poor is Unspoken.BUDGET
    assert await database.run(intend_speech, due, sent, budget_micro_usd=BUDGET) is None
    with pytest.raises(AlreadyTaken):
        await database.run(intend_speech, due, sent, budget_micro_usd=BUDGET)
    assert await money(database) == MonthlyMoney(10_000, 0)

    over = question_answered(sent, spoke_s=2.0)
    for _ in range(2):
        await database.run(answer_question, sent, over, {"voice": "v1"}, now=NOW + 1)
    assert await money(database) == MonthlyMoney(0, 10_000)
    assert len(await database.run(told)) == 1
