"""While Slack refuses our token, no face or voice of anybody's is begun and no sentence is spoken:
what is beside the takes costs money too, and nobody could be told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.effect import POST_KEPT_S, Effect
from domain.errors import FailureClass
from domain.likeness import AVATAR_MICRO_USD, Likeness, LikenessKind, LikenessState, intended
from domain.shape import Media
from domain.voice_question import Unspoken, VoiceQuestion, speaking
from storage.budgets import read_budget
from storage.database import SqliteDatabase
from storage.likenesses import (
    PAUSED_S,
    ask_for_likeness,
    find_likeness,
    intend_likeness,
    record_likeness,
    waits_for_slack,
)
from storage.preferences import set_paused
from storage.presses import Press
from storage.silence import SILENCE_RECHECK_S, fall_silent, speak_again
from storage.voice_questions import ask_about_voices, intend_speech
from tests.factories import NOW
from tests.integration.accepted import MONTH, post_all

BUDGET_MICRO_USD = 200_000_000
ASKED = Likeness(
    id="likeness_1",
    team_id="T1",
    channel="C1",
    requester="U1",
    kind=LikenessKind.FACE,
    name="Anna",
    file=Media(slack_file_id="F1"),
    consented_at=NOW,
    due_at=NOW,
)
SENT = intended(ASKED, key="key-1", month=MONTH, now=NOW)
QUESTION = VoiceQuestion(
    id="question_1",
    team_id="T1",
    channel="C1",
    requester="U1",
    say="Good morning",
    voice_id="v1",
    due_at=NOW,
)
SPEAKING = speaking(QUESTION, key="key-2", month=MONTH, now=NOW)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def test_a_face_waits_unpaid_and_that_is_no_try(database: SqliteDatabase) -> None:
    await _ask(database)
    assert not await database.run(waits_for_slack, ASKED, now=NOW)
    await _falls_silent(database)

    assert await database.run(waits_for_slack, ASKED, now=NOW + 9)

    waits = await _now(database)
    assert waits == replace(ASKED, due_at=NOW + 9 + SILENCE_RECHECK_S)
    await database.run(speak_again, "T1", now=NOW + 20)
    assert not await database.run(waits_for_slack, waits, now=NOW + 20)
    assert await _intend(database, waits)
    assert await _reserved(database) == AVATAR_MICRO_USD


async def test_a_silence_that_falls_while_its_file_is_fetched_is_heeded(
    database: SqliteDatabase,
) -> None:
    await _ask(database)
    await _falls_silent(database)

    assert not await _intend(database, ASKED)

    assert await _reserved(database) == 0
    assert await _now(database) == replace(ASKED, due_at=NOW + PAUSED_S)


async def test_what_was_sent_before_is_asked_about_all_the_same(database: SqliteDatabase) -> None:
    """It may be paid already: to leave it alone would only lose it."""
    await _ask(database)
    assert await _intend(database, ASKED)
    await _falls_silent(database)

    assert not await database.run(waits_for_slack, SENT, now=NOW)
    again = intended(SENT, key="another", month=MONTH, now=NOW + 500)
    assert again.key == SENT.key
    assert await _intend(database, SENT, again)
    assert await _reserved(database) == AVATAR_MICRO_USD, "reserved once"


async def test_after_a_day_it_ends_unpaid_and_is_told_when_somebody_hears(
    database: SqliteDatabase,
) -> None:
    await _ask(database)
    await _falls_silent(database)
    late = NOW + POST_KEPT_S

    assert await database.run(waits_for_slack, ASKED, now=late)

    ended = await _now(database)
    assert (ended.state, ended.reserved_micro_usd) == (LikenessState.FAILED, 0)
    assert ended.failure is not None
    assert ended.failure.kind is FailureClass.NO_PLACE
    assert await post_all(database, now=late) == []
    await database.run(speak_again, "T1", now=late + 60)
    assert await post_all(database, now=late + 60) == [Effect.NOTICE]


async def test_what_becomes_ready_in_a_silence_is_told_after_it(database: SqliteDatabase) -> None:
    await _ask(database)
    assert await _intend(database, ASKED)
    await _falls_silent(database)
    ready = replace(SENT, state=LikenessState.READY, version=SENT.version + 1, due_at=None)
    assert await database.run(record_likeness, SENT, ready, now=NOW)
    assert await post_all(database, now=NOW) == []
    await database.run(speak_again, "T1", now=NOW + 60)
    assert await post_all(database, now=NOW + 60) == [Effect.NOTICE]


async def test_no_sentence_is_spoken_to_nobody(database: SqliteDatabase) -> None:
    await database.run(ask_about_voices, _press("act:2"), QUESTION)
    await _falls_silent(database)
    assert await _speak(database) is Unspoken.SILENT
    await database.run(speak_again, "T1", now=NOW)
    await database.run(set_paused, "T1", paused=True)
    assert await _speak(database) is Unspoken.PAUSED
    assert await _reserved(database) == 0
    await database.run(set_paused, "T1", paused=False)
    assert await _speak(database, budget_micro_usd=0) is Unspoken.BUDGET
    assert await _speak(database) is None
    assert await _reserved(database) == SPEAKING.reserved_micro_usd


async def _ask(database: SqliteDatabase) -> None:
    budget = BUDGET_MICRO_USD
    press = _press("view:1")
    await database.run(ask_for_likeness, press, ASKED, month=MONTH, budget_micro_usd=budget)


def _press(delivery_key: str) -> Press:
    return Press(delivery_key=delivery_key, team_id="T1", channel="C1", user="U1", at=NOW)


async def _falls_silent(database: SqliteDatabase) -> None:
    assert await database.run(fall_silent, "T1", reason="token_revoked", now=NOW)


async def _intend(database: SqliteDatabase, before: Likeness, after: Likeness = SENT) -> bool:
    budget = BUDGET_MICRO_USD
    return await database.run(intend_likeness, before, after, budget_micro_usd=budget, now=NOW)


async def _speak(
    database: SqliteDatabase, *, budget_micro_usd: int = BUDGET_MICRO_USD
) -> Unspoken | None:
    return await database.run(intend_speech, QUESTION, SPEAKING, budget_micro_usd=budget_micro_usd)


async def _now(database: SqliteDatabase) -> Likeness:
    found = await database.run(find_likeness, "likeness_1")
    assert found is not None
    return found


async def _reserved(database: SqliteDatabase) -> int:
    return (await database.run(read_budget, "T1", MONTH)).reserved_micro_usd
