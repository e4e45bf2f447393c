"""The intent to submit: money, slot and version in one transaction, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events import Held, Hold, Intended
from domain.execution import Execution, Moment, advance
from domain.ports import Transaction
from storage.budgets import reserve
from storage.conversations import is_awaited
from storage.executions import compare_and_set
from storage.messages import touch_take
from storage.preferences import is_paused, read_preferences
from storage.recording import record
from storage.silence import SILENCE_RECHECK_S, is_silent

HOLD_RECHECK_S = 60.0  # pauses and conversations; what ends one makes its waiters due at once
SLOTS_RECHECK_S = 300.0  # whatever frees a slot makes due at once who may have it
DISK_RECHECK_S = 5.0
BUDGET_RECHECK_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What limits a submit besides the workspace's own settings."""

    budget_micro_usd: int
    disk_is_low: bool = False


def intend(
    db: Transaction, before: Execution, intended: Intended, at: Moment, caps: Caps
) -> Execution | None:
    """Write the intent to submit, with its money and its slot, in one transaction.

    The execution that may be sent now, or None where it may not: then the reason is recorded as
    its hold. A version that moved on (a cancel, a merge) changes nothing.
    """
    held = _hold(db, before, at.now, caps) or _reserve(db, before, intended, at.now, caps)
    if held is not None:
        _keep_waiting(db, before, held, at)
        return None
    after = advance(before, intended, at)
    # The money was reserved just above, under the month's row; `record` must not move it again.
    if not compare_and_set(db, before, after):
        raise Outrun
    touch_take(db, after.shot_id, after.request_id, at.now)
    return after


class Outrun(Exception):
    """Another writer was first: the reservation is undone with the whole transaction."""


def _keep_waiting(db: Transaction, before: Execution, held: Held, at: Moment) -> None:
    """A new reason is a step that people see, and so is the end of a wait; the same reason only
    moves the next look."""
    after = advance(before, held, at)
    if (after.state, after.hold) != (before.state, before.hold):
        record(db, before, after, at)
        return
    db.execute(
        "UPDATE execution SET due_at = :until, owner = NULL WHERE id = :id AND version = :fence",
        {"until": after.due_at, "id": before.id, "fence": before.version},
    )


def _hold(db: Transaction, execution: Execution, now: float, caps: Caps) -> Held | None:
    """Why an execution may not be sent now, if anything but money speaks against it."""
    if now < execution.not_before:
        return Held(Hold.UNDO, execution.not_before)
    message = db.execute(
        "SELECT ts FROM message WHERE request_id = :request", {"request": execution.request_id}
    ).one()
    if message is None or message["ts"] is None:
        return Held(Hold.MESSAGE, None)  # due again as soon as it is posted, or in a day
    preferences = read_preferences(db, execution.team_id, execution.channel)
    if not execution.confirmed:
        dear = execution.estimate_micro_usd > preferences.approve_above_micro_usd
        return Held(Hold.APPROVAL if dear else Hold.CONFIRMATION, None)  # looked at a day later
    if is_silent(db, execution.team_id):
        return Held(Hold.SLACK, now + SILENCE_RECHECK_S)
    if is_paused(db, execution.team_id):
        return Held(Hold.PAUSED, now + HOLD_RECHECK_S)
    if caps.disk_is_low:
        return Held(Hold.DISK, now + DISK_RECHECK_S)
    if is_awaited(db, execution):
        return Held(Hold.CONVERSATION, now + HOLD_RECHECK_S)
    mine, everybody = _slots_taken(db, execution)
    if mine >= preferences.person_slots:
        return Held(Hold.PERSON_SLOTS, now + SLOTS_RECHECK_S)
    if everybody >= preferences.workspace_slots:
        return Held(Hold.WORKSPACE_SLOTS, now + SLOTS_RECHECK_S)
    return None


def _slots_taken(db: Transaction, execution: Execution) -> tuple[int, int]:
    """How many are at a gateway now: this person's, and the whole workspace's. Late ones gave
    their slots back: they may take a day."""
    row = db.execute(
        "SELECT COUNT(*) AS everybody,"
        " COALESCE(SUM(CASE WHEN requester = :person THEN 1 ELSE 0 END), 0) AS mine"
        " FROM execution WHERE team_id = :team"
        " AND state IN ('submitting', 'running', 'fetching')",
        {"team": execution.team_id, "person": execution.requester},
    ).one()
    return (row["mine"], row["everybody"]) if row else (0, 0)


def _reserve(
    db: Transaction, execution: Execution, intended: Intended, now: float, caps: Caps
) -> Held | None:
    fits = reserve(
        db,
        execution.team_id,
        intended.month,
        amount_micro_usd=execution.estimate_micro_usd,
        budget_micro_usd=caps.budget_micro_usd,
    )
    return None if fits else Held(Hold.BUDGET, now + BUDGET_RECHECK_S)
