"""Likenesses: asked for once, claimed when due, recorded under their version with their money and
with the word to whoever asked. One transaction each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from domain.casting import Look, VoiceOffer
from domain.effect import POST_KEPT_S, Effect
from domain.errors import Failure, FailureClass, NotAllowed, RequestError
from domain.finding import folded_name
from domain.likeness import (
    LIKENESS_ENDED,
    NO_BUDGET,
    Likeness,
    LikenessKind,
    LikenessState,
    failed,
)
from domain.money import as_usd
from domain.ports import Transaction
from domain.shape import Media
from storage.budgets import read_budget, reserve, settle
from storage.castings import add_own, is_listed
from storage.messages import NO_SHOT, add_effect
from storage.preferences import is_paused, read_preferences
from storage.presses import Press, note_press
from storage.silence import SILENCE_RECHECK_S, is_silent
from storage.turns import AlreadyTaken, Claimed

TURN_S = 660.0  # longer than fetching a file and taking it to the vendor may last
PAUSED_S = 60.0

_NOUNS: Mapping[LikenessKind, type[Look] | type[VoiceOffer]] = {
    LikenessKind.FACE: Look,
    LikenessKind.VOICE: VoiceOffer,
}
_FIELDS = tuple(field.name for field in fields(Likeness))
_INSERT = (
    "INSERT INTO likeness (id, team_id, channel, requester, kind, name, file, consented_at,"
    " state, version, due_at, tries, key, submitted_at, doubted_at, remote_id, month,"
    " reserved_micro_usd, billed_micro_usd, failure) VALUES (:id, :team_id, :channel, :requester,"
    " :kind, :name, :file, :consented_at, :state, :version, :due_at, :tries, :key, :submitted_at,"
    " :doubted_at, :remote_id, :month, :reserved_micro_usd, :billed_micro_usd, :failure)"
)
_UPDATE = (
    "UPDATE likeness SET state = :state, version = :version, due_at = :due_at, tries = :tries,"
    " key = :key, submitted_at = :submitted_at, doubted_at = :doubted_at, remote_id = :remote_id,"
    " month = :month, reserved_micro_usd = :reserved_micro_usd, billed_micro_usd ="
    " :billed_micro_usd, failure = :failure WHERE id = :id AND version = :fence"
)


def ask_for_likeness(
    db: Transaction, press: Press, asked: Likeness, *, month: str, budget_micro_usd: int
) -> None:
    """Write the wish down. Raises `PressedBefore`, and `RequestError` or `NotAllowed` where it may
    not be paid; then nothing is written."""
    note_press(db, press)
    price = asked.price_micro_usd
    limit = read_preferences(db, press.team_id, press.channel).approve_above_micro_usd
    if price > limit and not press.by_admin:
        raise NotAllowed(f"Above {as_usd(limit)} an admin has to ask for it.")
    left = budget_micro_usd - read_budget(db, press.team_id, month).total_micro_usd
    if price > max(left, 0):
        raise RequestError(
            f"It costs {as_usd(price)} and the month's budget has {as_usd(max(left, 0))} left."
        )
    if _is_taken(db, asked):
        what = "an avatar" if asked.kind is LikenessKind.FACE else "a voice"
        raise RequestError(f"There is {what} called {asked.name} already: choose another name.")
    db.execute(_INSERT, _row(asked))


def _is_taken(db: Transaction, asked: Likeness) -> bool:
    """Whether the name is somebody's already: it has to find this one alone."""
    taken = is_listed(db, asked.team_id, _NOUNS[asked.kind], asked.name)
    rows = db.execute(
        "SELECT name FROM likeness WHERE team_id = :team AND kind = :kind AND state <> 'failed'",
        {"team": asked.team_id, "kind": asked.kind.value},
    ).all()
    return taken or any(folded_name(row["name"]) == folded_name(asked.name) for row in rows)


def find_likeness(db: Transaction, likeness_id: str) -> Likeness | None:
    """One, by its id."""
    row = db.execute("SELECT * FROM likeness WHERE id = :id", {"id": likeness_id}).one()
    return _likeness(row) if row else None


def claim_likenesses(db: Transaction, *, room: int, now: float) -> Claimed[Likeness]:
    """The most overdue ones, ours until their `due_at` comes again; else when one will be due."""
    first = db.execute("SELECT MIN(due_at) AS at FROM likeness").one()
    next_at = first["at"] if first else None
    if next_at is None or next_at > now:
        return Claimed(next_at=next_at)
    rows = db.execute(
        "UPDATE likeness SET due_at = :lease WHERE id IN (SELECT id FROM likeness"
        " WHERE due_at <= :now ORDER BY due_at LIMIT :room /*SKIP*/) RETURNING *",
        {"now": now, "lease": now + TURN_S, "room": room},
    ).all()
    return Claimed([_likeness(row) for row in rows])


def waits_for_slack(db: Transaction, due: Likeness, *, now: float) -> bool:
    """Whether one that was never sent has to wait for the end of a silence: its file is in Slack,
    and nobody could be told of it. That is no failed try. After a day it would surprise: it ends,
    unpaid."""
    if due.state is not LikenessState.ASKED or not is_silent(db, due.team_id):
        return False
    if now >= due.consented_at + POST_KEPT_S:
        unheard = Failure(kind=FailureClass.NO_PLACE, detail="nobody could be told for a day")
        record_likeness(db, due, failed(due, unheard), now=now)
    else:
        _put_off(db, due, now + SILENCE_RECHECK_S)
    return True


def intend_likeness(
    db: Transaction, before: Likeness, after: Likeness, *, budget_micro_usd: int, now: float
) -> bool:
    """Write down that it is about to be sent, with its money; False where it may not be sent now:
    everything is paused, nobody could be told, or the budget is used up, and then it ends unpaid.
    Raises `AlreadyTaken` where another writer was first."""
    if before.state is LikenessState.ASKED:
        if is_paused(db, before.team_id) or is_silent(db, before.team_id):
            _put_off(db, before, now + PAUSED_S)
            return False
        month, price = after.month or "", after.reserved_micro_usd
        if not reserve(
            db, before.team_id, month, amount_micro_usd=price, budget_micro_usd=budget_micro_usd
        ):
            spent = Failure(kind=FailureClass.OURS, field=NO_BUDGET)
            record_likeness(db, before, failed(before, spent), now=now)
            return False
        # The money was reserved just above; moving it once more would count it twice.
        reserved = replace(before, reserved_micro_usd=price, month=month)
        if not record_likeness(db, reserved, after, now=now):
            raise AlreadyTaken
        return True
    if not record_likeness(db, before, after, now=now):
        raise AlreadyTaken
    return True


def record_likeness(
    db: Transaction,
    before: Likeness,
    after: Likeness,
    *,
    now: float,
    entry: Look | VoiceOffer | None = None,
) -> bool:
    """Write a step down with its money; its end is told. `entry`: what can be cast from now on.
    False where another writer was first."""
    if db.execute(_UPDATE, _row(after) | {"fence": before.version}).changed == 0:
        return False
    settle(db, before, after)
    if entry is not None:
        add_own(db, after.team_id, entry)
    if after.state in LIKENESS_ENDED:
        add_effect(
            db,
            Effect.NOTICE,
            subject=(after.id, after.version),
            place=(after.team_id, after.channel),
            shot_id=NO_SHOT,
            at=now,
            payload={"notice": "likeness", "likeness": after.id},
        )
    return True


def _put_off(db: Transaction, before: Likeness, until: float) -> None:
    db.execute(
        "UPDATE likeness SET due_at = :until WHERE id = :id AND version = :fence",
        {"until": until, "id": before.id, "fence": before.version},
    )


def _row(likeness: Likeness) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(likeness, name) for name in _FIELDS}
    return row | {
        "kind": likeness.kind.value,
        "state": likeness.state.value,
        "file": likeness.file.model_dump_json(exclude_none=True),
        "failure": likeness.failure.model_dump_json() if likeness.failure else None,
    }


def _likeness(row: Mapping[str, Any]) -> Likeness:
    values = {name: row[name] for name in _FIELDS}
    failure = row["failure"]
    return Likeness(
        **values
        | {
            "kind": LikenessKind(row["kind"]),
            "state": LikenessState(row["state"]),
            "file": Media.model_validate_json(row["file"]),
            "failure": Failure.model_validate_json(failure) if failure else None,
        }
    )
