"""Offers whose endpoint is gone: not offered any more, told to the operators once."""

from __future__ import annotations

from domain.execution import Execution
from domain.ports import Transaction
from storage.messages import Effect, add_effect


def park(db: Transaction, execution: Execution, *, reason: str, now: float) -> None:
    """Park the offer of an execution that was refused as gone."""
    parked = db.execute(
        "INSERT INTO parking (offer, team_id, reason, parked_at)"
        " VALUES (:offer, :team, :reason, :now) ON CONFLICT (offer) DO NOTHING",
        {
            "offer": execution.offer,
            "team": execution.team_id,
            "reason": reason,
            "now": now,
        },
    )
    if parked.changed == 1:
        add_effect(
            db,
            Effect.NOTICE,
            subject=(f"parked:{execution.offer}", 0),
            place=(execution.team_id, execution.channel),
            shot_id=execution.shot_id,
            request_id=execution.request_id,
            at=now,
            payload={"notice": "parked", "offer": execution.offer},
        )


def parked_offers(db: Transaction) -> frozenset[str]:
    """The names of all parked offers."""
    return frozenset(row["offer"] for row in db.execute("SELECT offer FROM parking").all())


def unpark(db: Transaction, offer: str) -> bool:
    """Offer it again; False where it was not parked."""
    return db.execute("DELETE FROM parking WHERE offer = :offer", {"offer": offer}).changed == 1
