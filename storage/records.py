"""What our own executions say of each offer: written with every ending, read by the selector."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from domain.errors import THEIRS, FailureClass
from domain.execution import Execution, State
from domain.ports import Transaction
from domain.record import Record

# What counts for an offer's record: a refusal, a cancel or a bug of ours says nothing of it.
_COUNTED = THEIRS | {FailureClass.UNCERTAIN, FailureClass.UNFETCHED}


def read_records(db: Transaction) -> Mapping[str, Record]:
    """Every offer's record, by its name."""
    rows = db.execute("SELECT * FROM record").all()
    return {row["offer"]: _record_from(row) for row in rows}


def note_ending(db: Transaction, ended: Execution, now: float) -> None:
    """Add an ended execution to its offer's record, if it says anything of the offer."""
    row = db.execute("SELECT * FROM record WHERE offer = :offer", {"offer": ended.offer}).one()
    before = _record_from(row) if row else Record(offer=ended.offer, at=now)
    after = _after(before, ended, now)
    if after is None:
        return
    db.execute(
        "INSERT INTO record (offer, successes, failures, durations_s, at, last_failure,"
        " last_failure_at, out_of_credit_at) VALUES (:offer, :successes, :failures, :durations_s,"
        " :at, :last_failure, :last_failure_at, :out_of_credit_at) ON CONFLICT (offer) DO UPDATE"
        " SET successes = :successes, failures = :failures, durations_s = :durations_s, at = :at,"
        " last_failure = :last_failure, last_failure_at = :last_failure_at,"
        " out_of_credit_at = :out_of_credit_at",
        _row(after),
    )


def _after(before: Record, ended: Execution, now: float) -> Record | None:
    if ended.state is State.SUCCEEDED:
        return before.worked(max(0.0, now - (ended.submitted_at or now)), now)
    failure = ended.failure
    if ended.state not in (State.FAILED, State.EXPIRED, State.UNCERTAIN) or failure is None:
        return None
    if failure.kind not in _COUNTED:
        return None
    out_of_credit = failure.kind is FailureClass.CREDITS
    return before.failed(failure.kind.value, now, out_of_credit=out_of_credit)


def _row(record: Record) -> dict[str, Any]:
    return {
        "offer": record.offer,
        "successes": record.successes,
        "failures": record.failures,
        "durations_s": json.dumps(record.durations_s),
        "at": record.at,
        "last_failure": record.last_failure,
        "last_failure_at": record.last_failure_at,
        "out_of_credit_at": record.out_of_credit_at,
    }


def _record_from(row: Mapping[str, Any]) -> Record:
    return Record(**{**row, "durations_s": tuple(json.loads(row["durations_s"]))})
