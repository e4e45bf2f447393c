"""Messages whose `ts` we keep, one-time effects, and the lanes they travel in.

A card or a take message is rendered from state when it is sent: here it is only marked dirty.
Everything that is to be told belongs to a lane, one row a Slack channel.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from domain.effect import FILES
from domain.effect import Effect as Effect
from domain.ports import Transaction

NO_SHOT = ""  # words that belong to no shot
RESULT = "result"  # in the payload of a file: the number of its video


class Phase(StrEnum):
    """In which order a lane tells: a thread's messages exist before anything is said in it."""

    BEGINNING = "beginning"
    WORDS = "words"
    FILE = "file"


_PHASE = {
    Effect.POST_CARD: Phase.BEGINNING,
    Effect.POST_TAKE: Phase.BEGINNING,
    Effect.WHISPER: Phase.BEGINNING,
    Effect.NOTICE: Phase.BEGINNING,
    Effect.PING: Phase.WORDS,
    Effect.BROADCAST: Phase.WORDS,
    Effect.FILE: Phase.FILE,
    Effect.PREVIEW: Phase.FILE,
    Effect.CAPTIONS: Phase.FILE,
}
_IN_THREAD = FILES | {Effect.POST_TAKE, Effect.PING, Effect.BROADCAST}


def card_id(shot_id: str) -> str:
    """The id of a shot's card."""
    return f"card:{shot_id}"


def take_message_id(request_id: str) -> str:
    """The id of a take's message."""
    return f"take:{request_id}"


def add_message(
    db: Transaction,
    *,
    team_id: str,
    channel: str,
    shot_id: str,
    request_id: str | None = None,
) -> None:
    """A message that is to be posted: a take's, or without a request the shot's card."""
    db.execute(
        "INSERT INTO message (id, team_id, channel, kind, shot_id, request_id)"
        " VALUES (:id, :team, :channel, :kind, :shot, :request)",
        {
            "id": take_message_id(request_id) if request_id else card_id(shot_id),
            "team": team_id,
            "channel": channel,
            "kind": "take" if request_id else "card",
            "shot": shot_id,
            "request": request_id,
        },
    )


def add_effect(
    db: Transaction,
    kind: Effect,
    *,
    subject: tuple[str, int],
    place: tuple[str, str],
    shot_id: str,
    at: float,
    request_id: str | None = None,
    payload: dict[str, Any] | None = None,
) -> bool:
    """A one-time effect: `subject` is what it tells of and its version, `place` team and channel.

    The same subject, version and kind is told once however often it is added; False where it was
    there already.
    """
    (subject_id, version), (team_id, channel) = subject, place
    added = db.execute(
        "INSERT INTO outbox (subject_id, version, kind, team_id, channel, shot_id, request_id,"
        " payload, phase, in_thread, state, due_at, created_at)"
        " VALUES (:subject, :version, :kind, :team, :channel, :shot, :request,"
        " :payload, :phase, :in_thread, 'todo', :at, :at)"
        " ON CONFLICT (subject_id, version, kind) DO NOTHING",
        {
            "subject": subject_id,
            "version": version,
            "kind": kind.value,
            "team": team_id,
            "channel": channel,
            "shot": shot_id,
            "request": request_id,
            "payload": json.dumps(payload or {}),
            "phase": _PHASE[kind].value,
            "in_thread": int(kind in _IN_THREAD),
            "at": at,
        },
    )
    touch_lane(db, team_id, channel, at)
    return added.changed == 1


def touch_message(db: Transaction, message_id: str, at: float, *, urgent: bool = False) -> None:
    """A message no longer shows the truth: render and edit it at `at`, urgently if an outcome."""
    row = db.execute(
        "UPDATE message SET dirty = 1, revision = revision + 1,"
        " urgent = CASE WHEN :urgent = 1 THEN 1 ELSE urgent END,"
        " edit_due_at = CASE WHEN edit_due_at IS NULL OR edit_due_at > :at OR dirty = 0"
        " THEN :at ELSE edit_due_at END"
        " WHERE id = :id RETURNING team_id, channel",
        {"id": message_id, "at": at, "urgent": int(urgent)},
    ).one()
    if row is not None:
        touch_lane(db, row["team_id"], row["channel"], at)


def touch_take(
    db: Transaction, shot_id: str, request_id: str, at: float, *, urgent: bool = False
) -> None:
    """A take changed: its own message and its shot's card."""
    touch_message(db, take_message_id(request_id), at, urgent=urgent)
    touch_message(db, card_id(shot_id), at, urgent=urgent)


def touch_lane(db: Transaction, team_id: str, channel: str, at: float) -> None:
    """A lane has something to do at `at`."""
    db.execute(
        "INSERT INTO lane (team_id, channel, due_at) VALUES (:team, :channel, :at)"
        " ON CONFLICT (team_id, channel) DO UPDATE SET due_at ="
        " CASE WHEN lane.due_at IS NULL OR lane.due_at > :at THEN :at ELSE lane.due_at END",
        {"team": team_id, "channel": channel, "at": at},
    )


def add_whisper(
    db: Transaction,
    subject: tuple[str, int],
    place: tuple[str, str],
    *,
    at: float,
    payload: dict[str, Any],
) -> None:
    """Words for one person alone: `payload` has `user`, what to say, and maybe `thread_ts`."""
    add_effect(
        db, Effect.WHISPER, subject=subject, place=place, shot_id=NO_SHOT, at=at, payload=payload
    )
