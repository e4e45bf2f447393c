"""What is known of the gateways when an offer is selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.errors import FailureClass
from domain.offer import GatewayName
from domain.plans import Plan
from domain.record import Record


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom this process can reach, and with how much money a month: the gateways whose key is
    set, those it leaves alone for a while because they broke, the addresses that the operator
    switched off, and what is paid for at HeyGen."""

    gateways: frozenset[GatewayName]
    resting: frozenset[GatewayName] = frozenset()
    roads_off: frozenset[str] = frozenset()
    heygen_plan: Plan | None = None
    budget_micro_usd: int | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Standing:
    """That, and what the database knows: parked offers, the gateways that refuse our account and
    for what, the offers' records, the money that is left."""

    gateways: frozenset[GatewayName]
    parked: frozenset[str] = frozenset()
    resting: frozenset[GatewayName] = frozenset()
    roads_off: frozenset[str] = frozenset()
    heygen_plan: Plan | None = None
    refusing: Mapping[GatewayName, FailureClass] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    budget_left_micro_usd: int | None = None
    now: float = 0.0

    def record(self, offer: str) -> Record:
        """What our own executions say of an offer."""
        return self.records.get(offer) or Record(offer=offer, at=self.now)
