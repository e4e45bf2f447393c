"""What is wrong with our account at a gateway, told to the operators: a key that is refused, or no
money left. Once for each gateway and cause, and again only after something was made there since.
"""

from __future__ import annotations

from domain.catalog import CATALOG
from domain.effect import Effect
from domain.errors import OF_THE_ACCOUNT
from domain.execution import Execution, Moment, State
from domain.offer import GatewayName
from domain.ports import Transaction
from storage.messages import add_effect


def tell_refused_account(db: Transaction, ended: Execution, at: Moment) -> None:
    """Tell the operators, if an ended execution says that our account was refused. The newest
    success is part of what is told once, so that the same refusal is news again after it."""
    if ended.failure is None or ended.failure.kind not in OF_THE_ACCOUNT:
        return
    if ended.state is not State.FAILED:
        return
    if at.reach is not None and ended.gateway not in at.reach.gateways:
        return  # no key is set any more, so nobody was asked
    add_effect(
        db,
        Effect.NOTICE,
        subject=(f"account:{ended.gateway}:{ended.failure.kind}", _worked_at(db, ended.gateway)),
        place=(ended.team_id, ended.channel),
        shot_id=ended.shot_id,
        request_id=ended.request_id,
        at=at.now,
        payload={
            "notice": "account",
            "gateway": ended.gateway.value,
            "cause": ended.failure.kind.value,
        },
    )


def _worked_at(db: Transaction, gateway: GatewayName) -> int:
    """When something was made there last, in whole seconds; 0 for never."""
    ends = [
        db.execute(
            "SELECT MAX(ended_at) AS at FROM execution"
            " WHERE offer = :offer AND state = 'succeeded'",
            {"offer": offer.name},
        ).one()
        for offer in CATALOG
        if offer.gateway is gateway
    ]
    return max((int(row["at"] or 0) for row in ends if row is not None), default=0)
