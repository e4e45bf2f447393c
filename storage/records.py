"""What our own executions say of each offer: written with every ending, read by the selector."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from domain.errors import THEIRS, FailureClass
from domain.execution import Execution, Moment, State
from domain.ports import Transaction
from domain.record import Record

# What counts for an offer's record: a refusal, a cancel or a bug of ours says nothing of it.
_COUNTED = THEIRS | {FailureClass.UNCERTAIN, FailureClass.UNFETCHED}


def read_records(db: Transaction) -> Mapping[str, Record]:
    """Every offer's record, by its name."""
    rows = db.execute("SELECT * FROM record").all()
    return {row["offer"]: _record_from(row) for row in rows}


def note_ending(db: Transaction, ended: Execution, at: Moment) -> None:
    """Add an ended execution to its offer's record, if it says anything of the offer. Where no key
    is set for its gateway, nobody was asked."""
    if at.reach is not None and ended.gateway not in at.reach.gateways:
        return
    row = db.execute("SELECT * FROM record WHERE offer = :offer", {"offer": ended.offer}).one()
    before = _record_from(row) if row else Record(offer=ended.offer, at=at.now)
    after = _after(before, ended, at.now)
    if after is None:
        return
    db.execute(
        "INSERT INTO record (offer, successes, failures, durations_s, at, last_failure,"
        " last_failure_at, refused, refused_at, proved_at) VALUES (:offer, :successes, :failures,"
        " :durations_s, :at, :last_failure, :last_failure_at, :refused, :refused_at, :proved_at)"
        " ON CONFLICT (offer) DO UPDATE"
        " SET successes = :successes, failures = :failures, durations_s = :durations_s, at = :at,"
        " last_failure = :last_failure, last_failure_at = :last_failure_at,"
        " refused = :refused, refused_at = :refused_at, proved_at = :proved_at",
        _row(after),
    )


def forget_refused_keys(db: Transaction) -> None:
    """For a start: a key that was refused may be another one now, so it is tried again. An account
    without credit is topped up elsewhere, and rests on."""
    db.execute(
        "UPDATE record SET refused = NULL, refused_at = NULL WHERE refused = :config",
        {"config": FailureClass.CONFIG.value},
    )


def _after(before: Record, ended: Execution, now: float) -> Record | None:
    if ended.state is State.SUCCEEDED:
        return before.worked(max(0.0, now - (ended.submitted_at or now)), now)
    failure = ended.failure
    if ended.state not in (State.FAILED, State.EXPIRED, State.UNCERTAIN) or failure is None:
        return None
    if failure.kind not in _COUNTED:
        return None
    return before.failed(failure.kind, now)


def _row(record: Record) -> dict[str, Any]:
    return {
        "offer": record.offer,
        "successes": record.successes,
        "failures": record.failures,
        "durations_s": json.dumps(record.durations_s),
        "at": record.at,
        "last_failure": record.last_failure,
        "last_failure_at": record.last_failure_at,
        "refused": record.refused.value if record.refused else None,
        "refused_at": record.refused_at,
        "proved_at": record.proved_at,
    }


def _record_from(row: Mapping[str, Any]) -> Record:
    refused = FailureClass(row["refused"]) if row["refused"] else None
    durations_s = tuple(json.loads(row["durations_s"]))
    return Record(**{**row, "durations_s": durations_s, "refused": refused})
