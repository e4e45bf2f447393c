"""Offers whose endpoint is gone: not offered any more, and nothing is sent there.

Offers that share a wire endpoint are gone together. What waited for one ends unpaid, the operators
are told once, and an admin can offer it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.catalog import on_the_road_of
from domain.errors import Failure, FailureClass
from domain.events import Abandoned
from domain.execution import Execution, Moment, advance
from domain.ports import Transaction
from storage.messages import Effect, add_effect
from storage.recording import record
from storage.rows import execution_from
from storage.standings import parked_offers

EVERYTHING = "all"


def park(db: Transaction, execution: Execution, *, reason: str, at: Moment) -> None:
    """Park the offer of an execution that was refused as gone, with all on the same road."""
    names = on_the_road_of(execution.offer)
    newly = [name for name in names if _park_one(db, name, execution.team_id, reason, at.now)]
    for name in names:
        _end_waiting(db, name, reason, at)
    if newly:
        add_effect(
            db,
            Effect.NOTICE,
            subject=(f"parked:{execution.id}", execution.version),
            place=(execution.team_id, execution.channel),
            shot_id=execution.shot_id,
            request_id=execution.request_id,
            at=at.now,
            payload={"notice": "parked", "offer": execution.offer},
        )


def unpark(db: Transaction, wanted: str) -> Sequence[str]:
    """Offer a model again (its name, or an offer's), or `EVERYTHING`; the offers that were
    parked until now."""
    found = sorted(
        name for name in parked_offers(db) if wanted in (EVERYTHING, name, name.partition("@")[0])
    )
    for name in found:
        db.execute("DELETE FROM parking WHERE offer = :offer", {"offer": name})
    return found


def _park_one(db: Transaction, offer: str, team_id: str, reason: str, now: float) -> bool:
    return (
        db.execute(
            "INSERT INTO parking (offer, team_id, reason, parked_at)"
            " VALUES (:offer, :team, :reason, :now) ON CONFLICT (offer) DO NOTHING",
            {"offer": offer, "team": team_id, "reason": reason, "now": now},
        ).changed
        == 1
    )


def _end_waiting(db: Transaction, offer: str, reason: str, at: Moment) -> None:
    """What waits for a parked offer is not sent: it ends unpaid, with the reason in its thread."""
    rows = db.execute(
        "SELECT * FROM execution WHERE offer = :offer AND state IN ('preparing', 'queued')",
        {"offer": offer},
    ).all()
    gone = Abandoned(Failure(kind=FailureClass.GONE, detail=reason))
    for before in map(execution_from, rows):
        record(db, before, advance(before, gone, at), at)
