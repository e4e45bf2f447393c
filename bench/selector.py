"""The selector's choices on a generated trace: how much worse than knowing everything.

Five offers of about the same model, whose success and speed drift and sometimes break down, as
vendors' do. Every policy sees only what came of its own choices; a failure costs its wait, and the
next choice of the same request is another offer. The oracle knows each offer's true rates at every
moment. *Regret* is what a request costs above the oracle's choice, money and waiting together.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench import Report
from domain.errors import FailureClass
from domain.ranking import WAIT_MICRO_USD_PER_S, loss_micro_usd
from domain.record import Record

OFFERS = ("a", "b", "c", "d", "e")
PRICES_MICRO_USD = (1_520_000, 1_210_000, 1_450_000, 1_000_000, 1_700_000)
MEAN_SECONDS = (200.0, 260.0, 150.0, 420.0, 120.0)
REQUESTS = 4_000
EVERY_S = 600.0
BREAKDOWN_SHARE = 0.0015  # of the moments, one begins
BREAKDOWN_S = (3_600.0, 2 * 86_400.0)
TRIES_MAX = 3
WORST = 0.5  # ours may have at most this share of the better one's regret


@dataclass(frozen=True, slots=True)
class Rates:
    """An offer's true rates at one moment."""

    success: float
    seconds: float


@dataclass(slots=True)
class Policy:
    """A way to choose. `order` names the offers, best first, from its own records."""

    name: str
    order: Callable[[Mapping[str, Record], float], Sequence[str]]
    records: dict[str, Record] = field(default_factory=dict)
    loss_micro_usd: float = 0.0
    failed: int = 0


def main(arguments: list[str]) -> Report:
    """Run every policy on the same traces."""
    parser = argparse.ArgumentParser(prog="python -m bench selector", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--traces", type=int, default=10)
    asked = parser.parse_args(arguments)
    regrets: dict[str, list[float]] = {}
    for seed in range(asked.traces):
        for name, regret in _run(seed, asked.requests).items():
            regrets.setdefault(name, []).append(regret)
    return _report(regrets, asked.requests)


def _run(seed: int, requests: int) -> dict[str, float]:
    """Regret a request of every policy on one trace, in micro-dollars."""
    draw = random.Random(seed)
    trace = _trace(draw, requests)
    policies = _policies()
    oracle = 0.0
    for number, rates in enumerate(trace):
        now = number * EVERY_S
        luck = [(draw.random(), draw.gauss(0.0, 0.25)) for _ in OFFERS]
        oracle += _cost(_oracle_order(rates), rates, luck, now, None)
        for policy in policies:
            order = policy.order(policy.records, now)
            policy.loss_micro_usd += _cost(order, rates, luck, now, policy)
    return {policy.name: (policy.loss_micro_usd - oracle) / requests for policy in policies}


def _policies() -> list[Policy]:
    cheapest = sorted(OFFERS, key=lambda offer: PRICES_MICRO_USD[OFFERS.index(offer)])
    return [
        Policy("ours", _ours),
        Policy("fixed order", lambda _records, _now: OFFERS),
        Policy("cheapest first", lambda _records, _now: cheapest),
    ]


def _ours(records: Mapping[str, Record], now: float) -> Sequence[str]:
    """What `domain.ranking` orders by."""

    def expected(offer: str) -> float:
        record = records.get(offer) or Record(offer=offer, at=now)
        return loss_micro_usd(PRICES_MICRO_USD[OFFERS.index(offer)], record, offer, now)

    return sorted(OFFERS, key=expected)


def _oracle_order(rates: Sequence[Rates]) -> Sequence[str]:
    def expected(offer: str) -> float:
        index = OFFERS.index(offer)
        once = PRICES_MICRO_USD[index] + WAIT_MICRO_USD_PER_S * rates[index].seconds
        return once / rates[index].success

    return sorted(OFFERS, key=expected)


def _cost(
    order: Sequence[str],
    rates: Sequence[Rates],
    luck: Sequence[tuple[float, float]],
    now: float,
    policy: Policy | None,
) -> float:
    """What one request costs with these choices; the policy learns from each."""
    cost = 0.0
    for offer in order[:TRIES_MAX]:
        index = OFFERS.index(offer)
        chance, pace = luck[index]
        seconds = rates[index].seconds * math.exp(pace)
        cost += WAIT_MICRO_USD_PER_S * seconds
        works = chance < rates[index].success
        if policy is not None:
            record = policy.records.get(offer) or Record(offer=offer, at=now)
            policy.records[offer] = (
                record.worked(seconds, now) if works else record.failed(FailureClass.TRANSIENT, now)
            )
        if works:
            return cost + PRICES_MICRO_USD[index]
    if policy is not None:
        policy.failed += 1
    return cost + max(PRICES_MICRO_USD)  # somebody has to ask again


def _trace(draw: random.Random, requests: int) -> list[tuple[Rates, ...]]:
    """Success and speed wander; now and then an offer breaks down for hours or days."""
    level = [draw.uniform(1.5, 4.0) for _ in OFFERS]
    speed = [0.0 for _ in OFFERS]
    broken_until = [0.0 for _ in OFFERS]
    found = []
    for number in range(requests):
        now = number * EVERY_S
        for index in range(len(OFFERS)):
            level[index] = min(4.0, max(0.5, level[index] + draw.gauss(0.0, 0.03)))
            speed[index] = 0.999 * speed[index] + draw.gauss(0.0, 0.02)
            if draw.random() < BREAKDOWN_SHARE:
                broken_until[index] = now + draw.uniform(*BREAKDOWN_S)
        found.append(
            tuple(
                Rates(
                    success=0.15 if now < broken_until[i] else 1 / (1 + math.exp(-level[i])),
                    seconds=MEAN_SECONDS[i] * math.exp(speed[i]),
                )
                for i in range(len(OFFERS))
            )
        )
    return found


def _report(regrets: Mapping[str, Sequence[float]], requests: int) -> Report:
    means = {name: sum(each) / len(each) for name, each in regrets.items()}
    better = min(mean for name, mean in means.items() if name != "ours")
    return Report(
        name="selector",
        columns=("policy", "regret a request", "of the better one"),
        rows=[(name, f"${mean / 1e6:.4f}", mean / better) for name, mean in means.items()],
        figures={"ratio": means["ours"] / better, "target": WORST},
        note=f"{len(regrets['ours'])} traces of {requests} requests, {len(OFFERS)} offers",
    )
