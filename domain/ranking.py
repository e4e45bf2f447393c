"""Which offers can make some work, in which order, and why the others cannot: pure.

The order is by what a finished video is expected to cost: its price and the wait for it, both paid
again by whatever share of tries fails. Price is money of the workspace; a second of waiting has a
price too, a small one, so that a cent never costs minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from domain.fitting import misfit
from domain.offer import GATEWAY_TITLES, Offer, estimate
from domain.offers.workflows import WORKFLOW_ROAD
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.record import PRIORS, UNKNOWN, Record
from domain.request import Clip, Work
from domain.resolving import resolve
from domain.standing import Standing

WAIT_MICRO_USD_PER_S = 1_000  # $3.60 an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An offer that can make it: the work with nothing left open, and its price."""

    offer: Offer
    work: Work
    estimate: Estimate
    loss_micro_usd: float

    @property
    def name(self) -> str:
        """`seedance_2_0@fal`."""
        return self.offer.name


class RuledOut(NamedTuple):
    """An offer that cannot make it now, and why, in a sentence."""

    offer: Offer
    reason: str
    for_now: bool = False  # it will pass: nothing is wrong with the request


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates, best first, and what was ruled out."""

    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...]


def rank(
    work: Work, offers: Iterable[Offer], standing: Standing, preferences: Preferences
) -> Ranking:
    """Every one of `offers`, either ranked or ruled out. What is only for now (it rests, its
    account is empty, no budget is left) rules an offer out where another one remains."""
    ruled_out = []
    candidates = []
    for offer in offers:
        reason = _hard(work, offer, standing)
        if reason is not None:
            ruled_out.append(RuledOut(offer, reason))
        else:
            candidates.append(_candidate(work, offer, standing, preferences))
    passing = [(each, _for_now(each, standing)) for each in candidates]
    able = [each for each, reason in passing if reason is None]
    if able:
        ruled_out += [
            RuledOut(each.offer, reason, for_now=True) for each, reason in passing if reason
        ]
    ranked = sorted(able or candidates, key=lambda each: each.loss_micro_usd)
    return Ranking(tuple(ranked), tuple(ruled_out))


def loss_micro_usd(price_micro_usd: int, record: Record, model: str, now: float) -> float:
    """What one finished video is expected to cost, waiting included."""
    prior = PRIORS.get(model, UNKNOWN)
    once = price_micro_usd + WAIT_MICRO_USD_PER_S * record.seconds(prior)
    return once / record.success(prior, now)


def seeds_first(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """With HeyGen's workflow endpoint before the others: the seeds name its models."""
    return tuple(sorted(candidates, key=lambda each: each.offer.road != WORKFLOW_ROAD))


def _candidate(work: Work, offer: Offer, standing: Standing, preferences: Preferences) -> Candidate:
    resolved = resolve(work, offer, preferences)
    price = estimate(offer, resolved)
    record = standing.record(offer.name)
    loss = loss_micro_usd(price.micro_usd, record, offer.model.name, standing.now)
    return Candidate(offer=offer, work=resolved, estimate=price, loss_micro_usd=loss)


def _hard(work: Work, offer: Offer, standing: Standing) -> str | None:
    title, where = offer.model.title, GATEWAY_TITLES[offer.gateway]
    if offer.kind is not work.kind:
        return f"{title} at {where} makes no {work.kind}."
    if offer.gateway not in standing.gateways:
        return f"{title} needs a key for {where} that is not set here."
    if offer.road in standing.roads_off:
        return f"{title} by that address of {where} is switched off here."
    if offer.name in standing.parked:
        return f"{where} stopped offering {title}."
    if offer.limits.needs_avatar and isinstance(work, Clip):
        return f"{title} shows somebody: it needs an avatar."
    wrong = misfit(work, offer) if isinstance(work, Clip) else None
    return wrong.sentence if wrong is not None else None


def _for_now(candidate: Candidate, standing: Standing) -> str | None:
    where = GATEWAY_TITLES[candidate.offer.gateway]
    if candidate.offer.gateway in standing.resting:
        return f"{where} did not answer a moment ago."
    if standing.record(candidate.name).is_out_of_credit(standing.now):
        return f"Our account at {where} was out of credit a moment ago."
    left = standing.budget_left_micro_usd
    if left is not None and candidate.estimate.micro_usd > left:
        return f"{candidate.offer.model.title} costs more than the month's budget has left."
    return None
