"""Questions about voices: asked once, claimed when due, answered for the one person who asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter

from domain.casting import VoiceOffer
from domain.castings import by_name_first
from domain.ports import Transaction
from domain.voice_question import QuestionState, Unspoken, VoiceQuestion
from storage.budgets import reserve, settle
from storage.castings import find_entry, search_list
from storage.messages import add_whisper
from storage.preferences import is_paused
from storage.presses import Press, note_press
from storage.silence import is_silent
from storage.turns import AlreadyTaken, Claimed

TURN_S = 60.0
VOICES_SHOWN = 5

VOICES: TypeAdapter[tuple[VoiceOffer, ...]] = TypeAdapter(tuple[VoiceOffer, ...])
_FIELDS = tuple(field.name for field in fields(VoiceQuestion))
_INSERT = (
    "INSERT INTO voice_question (id, team_id, channel, requester, wanted, say, voice_id,"
    " voice_name, state, version, due_at, key, month, reserved_micro_usd, billed_micro_usd) VALUES"
    " (:id, :team_id, :channel, :requester, :wanted, :say, :voice_id, :voice_name, :state,"
    " :version, :due_at, :key, :month, :reserved_micro_usd, :billed_micro_usd)"
)
_UPDATE = (
    "UPDATE voice_question SET state = :state, version = :version, due_at = :due_at, key = :key,"
    " month = :month, reserved_micro_usd = :reserved_micro_usd, billed_micro_usd ="
    " :billed_micro_usd WHERE id = :id AND version = :fence"
)


def ask_about_voices(db: Transaction, press: Press, asked: VoiceQuestion) -> None:
    """Write a question down, with the name of who shall speak. Raises `PressedBefore`."""
    note_press(db, press)
    name = asked.voice_id
    if asked.voice_id is not None:
        voice = find_entry(db, asked.team_id, VoiceOffer, asked.voice_id)
        name = voice.name if voice else asked.voice_id
    db.execute(_INSERT, _row(asked) | {"voice_name": name})


def claim_questions(db: Transaction, *, room: int, now: float) -> Claimed[VoiceQuestion]:
    """The most overdue questions, ours for `TURN_S`; else when one will be due."""
    first = db.execute("SELECT MIN(due_at) AS at FROM voice_question").one()
    next_at = first["at"] if first else None
    if next_at is None or next_at > now:
        return Claimed(next_at=next_at)
    rows = db.execute(
        "UPDATE voice_question SET due_at = :lease WHERE id IN (SELECT id FROM voice_question"
        " WHERE due_at <= :now ORDER BY due_at LIMIT :room /*SKIP*/) RETURNING *",
        {"now": now, "lease": now + TURN_S, "room": room},
    ).all()
    return Claimed([_question(row) for row in rows])


def intend_speech(
    db: Transaction, before: VoiceQuestion, after: VoiceQuestion, *, budget_micro_usd: int
) -> Unspoken | None:
    """Write down that it is about to be spoken, with its money; else why it may not be. Raises
    `AlreadyTaken` where another writer was first."""
    if is_paused(db, after.team_id):
        return Unspoken.PAUSED
    if is_silent(db, after.team_id):
        return Unspoken.SILENT
    if not reserve(
        db,
        after.team_id,
        after.month or "",
        amount_micro_usd=after.reserved_micro_usd,
        budget_micro_usd=budget_micro_usd,
    ):
        return Unspoken.BUDGET
    if not _write(db, before, after):
        raise AlreadyTaken
    return None


def answer_search(
    db: Transaction,
    before: VoiceQuestion,
    after: VoiceQuestion,
    hits: Sequence[VoiceOffer] | None,
    *,
    now: float,
) -> None:
    """Tell who fits: the vendor's `hits`, best first, then who is found by name. None: the vendor
    does not answer."""
    by_name: Sequence[VoiceOffer] = ()
    if hits is None or before.say is None:
        by_name = search_list(db, before.team_id, VoiceOffer, before.wanted, limit=VOICES_SHOWN)
    found = {voice.id: voice for voice in (*(hits or ()), *by_name)}
    shown = tuple(by_name_first(before.wanted, tuple(found.values())))[:VOICES_SHOWN]
    said = {
        "voices": VOICES.dump_python(shown, mode="json"),
        "wanted": before.wanted,
        "say": before.say,
        "by_name": hits is None,
    }
    answer_question(db, before, after, said, now=now)


def answer_question(
    db: Transaction,
    before: VoiceQuestion,
    after: VoiceQuestion,
    said: Mapping[str, Any],
    *,
    now: float,
) -> None:
    """Write the end down and tell it, for the one person who asked; nothing where somebody was
    first."""
    if not _write(db, before, after):
        return
    settle(db, before, after)
    add_whisper(
        db,
        (after.id, after.version),
        (after.team_id, after.channel),
        at=now,
        payload={"user": after.requester, "question": after.id, **said},
    )


def _write(db: Transaction, before: VoiceQuestion, after: VoiceQuestion) -> bool:
    return db.execute(_UPDATE, _row(after) | {"fence": before.version}).changed == 1


def _row(question: VoiceQuestion) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(question, name) for name in _FIELDS}
    return row | {"state": question.state.value}


def _question(row: Mapping[str, Any]) -> VoiceQuestion:
    values = {name: row[name] for name in _FIELDS}
    return VoiceQuestion(**values | {"state": QuestionState(row["state"])})
