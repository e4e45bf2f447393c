"""Whether the database can commit now, and what stands in it, as figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What has not ended, by state; money of all months; how late the oldest due row is."""

    executions: Mapping[str, int]
    effects: Mapping[str, int]
    reserved_micro_usd: int
    spent_micro_usd: int
    overdue_s: float


def touch(db: Transaction) -> None:
    """Take the write lock and change nothing. Raises `StorageUnavailable` where it cannot."""
    db.execute("UPDATE workspace SET paused = paused WHERE team_id = ''")


def read_counts(db: Transaction, *, now: float) -> Counts:
    """The figures of this moment."""
    executions = db.execute(
        "SELECT state, COUNT(*) AS n FROM execution WHERE state IN ('preparing', 'queued',"
        " 'submitting', 'running', 'late', 'fetching', 'uncertain') GROUP BY state"
    ).all()
    effects = db.execute(
        "SELECT state, COUNT(*) AS n FROM outbox WHERE state IN ('todo', 'sending', 'unknown',"
        " 'blocked', 'failed') GROUP BY state"
    ).all()
    money = db.execute(
        "SELECT COALESCE(SUM(reserved_micro_usd), 0) AS reserved,"
        " COALESCE(SUM(spent_micro_usd), 0) AS spent FROM budget"
    ).one()
    oldest = db.execute(
        "SELECT MIN(due_at) AS at FROM execution WHERE state IN"
        " ('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')"
    ).one()
    due_at = oldest["at"] if oldest else None
    return Counts(
        executions={row["state"]: row["n"] for row in executions},
        effects={row["state"]: row["n"] for row in effects},
        reserved_micro_usd=money["reserved"] if money else 0,
        spent_micro_usd=money["spent"] if money else 0,
        overdue_s=max(0.0, now - due_at) if due_at is not None else 0.0,
    )
