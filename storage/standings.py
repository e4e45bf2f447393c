"""What the selector may know of the gateways now."""

from __future__ import annotations

from domain.calendar import month_of
from domain.ports import Transaction
from domain.record import refusing_accounts
from domain.standing import Reach, Standing
from storage.budgets import read_budget
from storage.records import read_records


def standing(db: Transaction, reach: Reach, team_id: str, now: float) -> Standing:
    """What a process can reach, what is parked, how the offers did, what the month has left."""
    left = None
    if reach.budget_micro_usd is not None:
        money = read_budget(db, team_id, month_of(now, reach.timezone))
        left = reach.budget_micro_usd - money.total_micro_usd
    records = read_records(db)
    return Standing(
        gateways=reach.gateways,
        parked=parked_offers(db),
        resting=reach.resting,
        roads_off=reach.roads_off,
        heygen_plan=reach.heygen_plan,
        refusing=refusing_accounts(records.values(), now),
        records=records,
        budget_left_micro_usd=left,
        now=now,
    )


def parked_offers(db: Transaction) -> frozenset[str]:
    """The names of all parked offers."""
    return frozenset(row["offer"] for row in db.execute("SELECT offer FROM parking").all())
