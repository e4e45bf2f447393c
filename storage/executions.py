"""Executions: claimed when due, recorded under their version, with everything that follows.

A claim pushes `due_at` ahead: schedule, lease and crash recovery in one. A record is a
compare-and-set on `version`; the outcome, the money, the dirty messages and the one-time effects
of a step are the same transaction, so they appear exactly once or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from domain.events import CancelRequested, Confirmed, Hold
from domain.execution import ENDED, IN_A_SLOT, UNPAID, Execution, Moment, State, advance
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.schedule import NO_HISTORY, Durations
from domain.shot import OutcomeKind, Video, outcome_kind
from storage.budgets import settle
from storage.messages import Effect, add_effect, touch_take
from storage.rows import (
    INSERT_EXECUTION,
    INSERT_VIDEO,
    UPDATE_EXECUTION,
    execution_from,
    execution_row,
    video_row,
)

CLAIM_LEASE_S = 60.0
TRANSFER_LEASE_S = 660.0  # longer than a whole download may take
MEASURED_SAMPLES = 50


def insert_execution(db: Transaction, execution: Execution) -> None:
    """A new execution."""
    db.execute(INSERT_EXECUTION, execution_row(execution))


def find_execution(db: Transaction, execution_id: str) -> Execution | None:
    """One execution."""
    row = db.execute("SELECT * FROM execution WHERE id = :id", {"id": execution_id}).one()
    return execution_from(row) if row else None


def execution_of(db: Transaction, request_id: str) -> Execution | None:
    """The latest execution of a request."""
    row = db.execute(
        "SELECT * FROM execution WHERE request_id = :id ORDER BY created_at DESC, id DESC LIMIT 1",
        {"id": request_id},
    ).one()
    return execution_from(row) if row else None


class Errand(StrEnum):
    """The kinds of turn an execution takes: a short call, bringing pictures to a gateway, or
    fetching a result."""

    CALL = "call"
    PREPARE = "prepare"
    FETCH = "fetch"


# Always five states, so that one statement serves all errands, by the same index.
_STATES = {
    errand: {f"s{n}": state.value for n, state in enumerate(states, start=1)}
    for errand, states in {
        Errand.CALL: (
            State.QUEUED,
            State.SUBMITTING,
            State.RUNNING,
            State.LATE,
            State.UNCERTAIN,
        ),
        Errand.PREPARE: (State.PREPARING,) * 5,
        Errand.FETCH: (State.FETCHING,) * 5,
    }.items()
}

Rooms = Mapping[tuple[GatewayName, Errand], int]  # how many more turns may be taken at once


def claim_due(
    db: Transaction,
    gateway: GatewayName,
    errand: Errand,
    *,
    now: float,
    owner: str,
    limit: int,
) -> Sequence[Execution]:
    """Take a batch of due executions of one gateway: theirs alone until `due_at` comes again."""
    rows = db.execute(
        "UPDATE execution SET owner = :owner, due_at = :lease WHERE id IN"
        " (SELECT id FROM execution WHERE gateway = :gateway AND state IN (:s1, :s2, :s3, :s4, :s5)"
        " AND due_at <= :now ORDER BY due_at LIMIT :limit /*SKIP*/) RETURNING *",
        _turn(gateway, errand)
        | {
            "now": now,
            "owner": owner,
            "lease": now + (CLAIM_LEASE_S if errand is Errand.CALL else TRANSFER_LEASE_S),
            "limit": limit,
        },
    ).all()
    return [execution_from(row) for row in rows]


def claim_turns(
    db: Transaction, rooms: Rooms, *, now: float, owner: str
) -> Sequence[tuple[Execution, Errand]]:
    """What is due and has room, of all gateways."""
    return [
        (execution, errand)
        for (gateway, errand), room in rooms.items()
        for execution in claim_due(db, gateway, errand, now=now, owner=owner, limit=room)
    ]


def first_due_at(db: Transaction) -> float | None:
    """When the next execution is due, whether there is room for it or not."""
    row = db.execute("SELECT MIN(due_at) AS at FROM execution WHERE due_at IS NOT NULL").one()
    return row["at"] if row else None


def next_due_at(db: Transaction, rooms: Collection[tuple[GatewayName, Errand]]) -> float | None:
    """When the next execution is due for which there is room."""
    found = []
    for gateway, errand in rooms:
        row = db.execute(
            "SELECT MIN(due_at) AS at FROM execution WHERE gateway = :gateway"
            " AND state IN (:s1, :s2, :s3, :s4, :s5)",
            _turn(gateway, errand),
        ).one()
        if row is not None and row["at"] is not None:
            found.append(float(row["at"]))
    return min(found, default=None)


def _turn(gateway: GatewayName, errand: Errand) -> dict[str, Any]:
    return {"gateway": gateway.value, **_STATES[errand]}


def release_claims(db: Transaction, *, now: float, owner: str) -> int:
    """At start, as the only process: what another owner had claimed is due now, and so is every
    submit whose answer never came: it is told as uncertain at once, not when its lease ends.
    What waits for the operator looks again: a start may be the answer (a budget, a disk)."""
    return db.execute(
        "UPDATE execution SET due_at = :now, owner = NULL WHERE due_at IS NOT NULL"
        " AND (state = 'submitting' OR hold IN ('budget', 'disk')"
        " OR (owner IS NOT NULL AND owner <> :owner))",
        {"now": now, "owner": owner},
    ).changed


def record(
    db: Transaction, before: Execution, after: Execution, *, now: float, video: Video | None = None
) -> bool:
    """Write a step down with all that follows from it; False where another writer was first."""
    if not compare_and_set(db, before, after):
        return False
    if video is not None:
        db.execute(INSERT_VIDEO, video_row(video))
    settle(db, before, after)
    told = after.state != before.state and _write_outcome(db, after, now)
    if told or _shown(before) != _shown(after):
        touch_take(db, after.shot_id, after.request_id, now, urgent=told)
    if told:
        _tell(db, before, after, now)
    if before.state in IN_A_SLOT and after.state not in IN_A_SLOT:
        _wake_waiting(db, after.team_id, now)
    return True


def compare_and_set(db: Transaction, before: Execution, after: Execution) -> bool:
    """Replace one version by the next; False where it is not the current one any more."""
    fenced = execution_row(after) | {"fence": before.version}
    return db.execute(UPDATE_EXECUTION, fenced).changed == 1


def _shown(execution: Execution) -> tuple[Any, ...]:
    """What people see change at once. How far a render is, they see at the pace of its edits."""
    is_quiet = execution.hold in (None, Hold.UNDO, Hold.MESSAGE)
    return (
        execution.state,
        None if is_quiet else execution.hold,
        execution.queue_position is None,
        execution.cancelling,
        execution.confirmed,
        execution.attempt,
        execution.not_before,
        (execution.offer, execution.work, execution.estimate_micro_usd, execution.is_ceiling),
        (execution.reserved_micro_usd, execution.billed_micro_usd),
        (execution.result is None, execution.failure),
    )


def _write_outcome(db: Transaction, after: Execution, now: float) -> bool:
    """The outcome row of a told state: inserted once, revised where it was revisable. What is
    late once more, after a try to fetch it, was told before."""
    kind = outcome_kind(after.state)
    if kind is None:
        return False
    written = db.execute(
        "INSERT INTO outcome (request_id, team_id, execution_id, kind, at)"
        " VALUES (:request, :team, :execution, :kind, :now)"
        " ON CONFLICT (request_id) DO UPDATE SET kind = :kind, revised_at = :now,"
        " execution_id = :execution WHERE outcome.kind IN (:late, :uncertain)"
        " AND outcome.kind <> :kind",
        {
            "request": after.request_id,
            "team": after.team_id,
            "execution": after.id,
            "kind": kind.value,
            "now": now,
            "late": OutcomeKind.LATE.value,
            "uncertain": OutcomeKind.UNCERTAIN.value,
        },
    )
    return written.changed == 1


def _tell(db: Transaction, before: Execution, after: Execution, now: float) -> None:
    """The one-time effects of a told state: the file, or a word to the requester."""
    effect = {
        State.SUCCEEDED: Effect.FILE,
        State.FAILED: Effect.PING,
        State.EXPIRED: Effect.PING,
        State.LATE: Effect.PING,
        State.UNCERTAIN: Effect.PING,
    }.get(after.state)
    if effect is None:
        return
    add_effect(
        db,
        effect,
        subject=(after.id, after.version),
        place=(after.team_id, after.channel),
        shot_id=after.shot_id,
        request_id=after.request_id,
        at=now,
        payload={"state": after.state.value},
    )


def _wake_waiting(db: Transaction, team_id: str, now: float) -> None:
    """A slot is free, and maybe money: those that wait for one look again."""
    db.execute(
        "UPDATE execution SET due_at = :now WHERE team_id = :team AND state = 'queued'"
        " AND hold IN ('person_slots', 'workspace_slots', 'budget') AND due_at > :now",
        {"team": team_id, "now": now},
    )


def request_cancel(db: Transaction, request_id: str, at: Moment) -> Execution | None:
    """Write down that a request is cancelled; what became of it, None where there is none."""
    before = execution_of(db, request_id)
    if before is None or before.state in ENDED or before.cancelling:
        return before
    after = advance(before, CancelRequested(), at)
    record(db, before, after, now=at.now)
    return after


def confirm(db: Transaction, request_id: str, *, now: float) -> bool:
    """The person accepted the price: let it go. False where there was nothing to confirm."""
    before = execution_of(db, request_id)
    if before is None or before.state not in UNPAID or before.confirmed:
        return False
    return record(db, before, advance(before, Confirmed(), Moment(now=now)), now=now)


def wake_for_message(db: Transaction, request_id: str, *, now: float) -> None:
    """A take's message is posted: its execution may go as soon as its undo window has passed."""
    db.execute(
        "UPDATE execution SET due_at = CASE WHEN not_before > :now THEN not_before ELSE :now END"
        " WHERE request_id = :request AND state = 'queued' AND hold = 'message'",
        {"request": request_id, "now": now},
    )


def open_executions(
    db: Transaction, team_id: str, channel: str | None = None
) -> Sequence[Execution]:
    """Executions that have not ended, oldest first."""
    rows = db.execute(
        "SELECT * FROM execution WHERE team_id = :team AND state IN"
        " ('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')"
        " AND (:channel = '' OR channel = :channel) ORDER BY created_at",
        {"team": team_id, "channel": channel or ""},
    ).all()
    return [execution_from(row) for row in rows]


def durations_of(db: Transaction, offer: str) -> Durations:
    """How long an offer took here, over its last successes."""
    rows = db.execute(
        "SELECT execution.ended_at - execution.submitted_at AS seconds FROM execution"
        " WHERE offer = :offer AND state = 'succeeded' AND ended_at > submitted_at"
        " ORDER BY ended_at DESC LIMIT :limit",
        {"offer": offer, "limit": MEASURED_SAMPLES},
    ).all()
    seconds = sorted(float(row["seconds"]) for row in rows)
    if not seconds:
        return NO_HISTORY
    return Durations(
        samples=len(seconds),
        p50_s=seconds[len(seconds) // 2],
        p90_s=seconds[min(len(seconds) - 1, len(seconds) * 9 // 10)],
    )
