"""What a loop asks before each round: what is due, or else when something will be.

It is asked at every bell and every few seconds, so it is one verb, and one cheap statement where
nothing is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.effect import Effect
from domain.execution import Execution
from domain.ports import Transaction
from storage.executions import Errand, Rooms, claim_turns, first_due_at, next_due_at
from storage.lanes import (
    EditDue,
    EffectDue,
    claim_file,
    claim_lane,
    next_file_at,
    next_lane_at,
)

T = TypeVar("T")


class AlreadyTaken(Exception):
    """Another process was first: what was reserved is undone with the whole transaction."""


@dataclass(frozen=True, slots=True)
class Claimed(Generic[T]):
    """The turns that are ours now, and when (Unix seconds) there may be more."""

    turns: Sequence[T] = ()
    next_at: float | None = None


def claim_executions(
    db: Transaction, rooms: Rooms, *, now: float, owner: str
) -> Claimed[tuple[Execution, Errand]]:
    """What is due and has room, of all gateways."""
    next_at = first_due_at(db)
    if next_at is None or next_at > now:
        return Claimed(next_at=next_at)
    turns = claim_turns(db, rooms, now=now, owner=owner)
    return Claimed(turns, next_due_at(db, rooms))


def claim_lanes(
    db: Transaction, *, room: int, now: float, owner: str, slack_now: float | None
) -> Claimed[EffectDue | EditDue]:
    """The most overdue lanes, each with the one thing that is to be told in it."""
    next_at = next_lane_at(db)
    if next_at is None or next_at > now:
        return Claimed(next_at=next_at)
    turns: list[EffectDue | EditDue] = []
    while len(turns) < room:
        due = claim_lane(db, now=now, owner=owner, slack_now=slack_now)
        if due is None:
            break
        turns.append(due)
    return Claimed(turns, next_lane_at(db))


def claim_files(
    db: Transaction, *, room: int, previews: int, now: float, owner: str
) -> Claimed[EffectDue]:
    """The most overdue files, at most `room`; at most `previews` of them are previews."""
    next_at = next_file_at(db, previews=previews > 0)
    if next_at is None or next_at > now:
        return Claimed(next_at=next_at)
    turns: list[EffectDue] = []
    while len(turns) < room:
        made = sum(due.kind is Effect.PREVIEW for due in turns)
        due = claim_file(db, now=now, owner=owner, previews=made < previews)
        if due is None:
            break
        turns.append(due)
    made = sum(due.kind is Effect.PREVIEW for due in turns)
    return Claimed(turns, next_file_at(db, previews=made < previews))
