"""Executions: claimed when due, recorded under their version, with everything that follows.

A claim pushes `due_at` ahead: schedule, lease and crash recovery in one. A record is a
compare-and-set on `version`; the outcome, the money, the dirty messages and the one-time effects
of a step are the same transaction, so they appear exactly once or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from domain.execution import Execution, State
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.schedule import NO_HISTORY, Durations
from storage.rows import (
    INSERT_EXECUTION,
    UPDATE_EXECUTION,
    execution_from,
    execution_row,
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
    due = db.execute(
        "SELECT DISTINCT gateway, state FROM execution WHERE due_at <= :now", {"now": now}
    ).all()
    wanted = {(row["gateway"], row["state"]) for row in due}
    return [
        (execution, errand)
        for (gateway, errand), room in rooms.items()
        if any((gateway.value, state) in wanted for state in _STATES[errand].values())
        for execution in claim_due(db, gateway, errand, now=now, owner=owner, limit=room)
    ]


def first_due_at(db: Transaction) -> float | None:
    """When the next execution is due, whether there is room for it or not."""
    row = db.execute("SELECT MIN(due_at) AS at FROM execution WHERE due_at IS NOT NULL").one()
    return row["at"] if row else None


def next_due_at(db: Transaction, rooms: Collection[tuple[GatewayName, Errand]]) -> float | None:
    """When the next execution is due for which there is room."""
    if len(rooms) == len(GatewayName) * len(Errand):
        return first_due_at(db)
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


def compare_and_set(db: Transaction, before: Execution, after: Execution) -> bool:
    """Replace one version by the next; False where it is not the current one any more."""
    fenced = execution_row(after) | {"fence": before.version}
    return db.execute(UPDATE_EXECUTION, fenced).changed == 1


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
    """Executions that have not ended, oldest first; doubts that are looked up are among them."""
    rows = db.execute(
        "SELECT * FROM execution WHERE team_id = :team AND (state IN"
        " ('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')"
        " OR (state = 'uncertain' AND due_at IS NOT NULL))"
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
