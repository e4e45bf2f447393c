"""Which offers can make some work, in which order, and why the others cannot: pure.

The order is by what a finished video is expected to cost: its price and the wait for it, both paid
again by whatever share of tries fails. Price is money of the workspace; a second of waiting has a
price too, a small one, so that a cent never costs minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import FailureClass, RequestError
from domain.file_limits import unfitting_file
from domain.fitting import misfit
from domain.offer import GATEWAY_TITLES, GatewayName, Offer, estimate
from domain.offers.workflows import WORKFLOW_ROAD
from domain.plans import beyond_plan
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.record import PRIORS, UNKNOWN, Record
from domain.request import Clip, Work
from domain.resolving import resolve
from domain.spoken_fitting import unsayable
from domain.standing import Standing

WAIT_MICRO_USD_PER_S = 1_000  # $3.60 an hour
# What a gateway does that refuses our account (`errors.OF_THE_ACCOUNT`), after its name.
ACCOUNT_WORDS = {
    FailureClass.CONFIG: "refuses our key",
    FailureClass.CREDITS: "is out of credit",
}


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
    """An offer that cannot make it, and why, in a sentence of one clause. `for_now`: it will pass.
    `refusal`: the request is at fault, and may say how to mend it. `is_unset`: its gateway has no
    key here."""

    offer: Offer
    reason: str
    for_now: bool = False
    refusal: RequestError | None = None
    is_unset: bool = False


Cast = Callable[[Work, Offer], Work]


def as_written(work: Work, _: Offer) -> Work:
    """A cast that knows nobody's name."""
    return work


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates, best first, and what was ruled out."""

    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...]


def rank(
    work: Work,
    offers: Iterable[Offer],
    standing: Standing,
    preferences: Preferences,
    cast: Cast = as_written,
) -> Ranking:
    """Every one of `offers`, either ranked or ruled out. What is only for now (it rests, its
    account is empty, it is too dear) rules an offer out where another one remains. `cast` turns
    the names in the work into an offer's ids, and raises `RequestError` for one it does not know.
    """
    ruled_out = []
    candidates = []
    for offer in offers:
        if (out := _closed(work, offer, standing)) is not None:
            ruled_out.append(out)
            continue
        try:
            played = cast(work, offer)
        except RequestError as refused:
            ruled_out.append(RuledOut(offer, refused.sentence, refusal=refused))
            continue
        if (out := _unable(played, offer, standing)) is not None:
            ruled_out.append(out)
        elif _lacks_somebody(played, offer):
            ruled_out.append(RuledOut(offer, f"{offer.model.title} needs an avatar: name one."))
        else:
            candidates.append(_candidate(played, offer, standing, preferences))
    able = _able_now(candidates, standing, ruled_out)
    ranked = sorted(able, key=lambda each: each.loss_micro_usd)
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


def _closed(work: Work, offer: Offer, standing: Standing) -> RuledOut | None:
    """What no other request would change."""
    title, where = offer.model.title, GATEWAY_TITLES[offer.gateway]
    if offer.kind is not work.kind:
        return RuledOut(offer, f"{title} at {where} makes no {work.kind}.")
    if offer.gateway not in standing.gateways:
        unset = f"{title} needs a key for {where} that is not set here."
        return RuledOut(offer, unset, is_unset=True)
    if offer.road in standing.roads_off:
        return RuledOut(offer, f"{title} by that address of {where} is switched off here.")
    if offer.name in standing.parked:
        return RuledOut(offer, f"{where} stopped offering {title}.")
    return None


def _unable(work: Work, offer: Offer, standing: Standing) -> RuledOut | None:
    """What its wire cannot say, or nobody's takes, or its account may not."""
    if (unfitting := unfitting_file(work)) is not None:
        place, sentence = unfitting
        return RuledOut(offer, sentence, refusal=RequestError(sentence, field=place))
    if isinstance(work, Clip):
        if work.avatars and not offer.limits.needs_avatar:
            return RuledOut(offer, f"{offer.model.title} shows nobody in particular.")
        wrong = misfit(work, offer)
        return RuledOut(offer, wrong.sentence) if wrong is not None else None
    untold = unsayable(work, offer) or beyond_plan(work, offer, standing.heygen_plan)
    if untold is None:
        return None
    refusal = RequestError(untold.sentence, field=untold.field)
    return RuledOut(offer, untold.sentence, refusal=refusal)


def _lacks_somebody(played: Work, offer: Offer) -> bool:
    return offer.limits.needs_avatar and isinstance(played, Clip) and not played.avatars


def _able_now(
    candidates: Sequence[Candidate], standing: Standing, ruled_out: list[RuledOut]
) -> list[Candidate]:
    """Those that can make it now. A budget that is nearly used up chooses a cheaper gateway, never
    another model: then it is waited for, and said."""
    reasons = {each.name: rest_of(each.offer.gateway, standing) for each in candidates}
    able = [each for each in candidates if reasons[each.name] is None] or list(candidates)
    within = {each.offer.model.name for each in able if not _is_too_dear(each, standing)}
    kept = [
        each
        for each in able
        if not _is_too_dear(each, standing) or each.offer.model.name not in within
    ]
    ruled_out += [
        RuledOut(each.offer, reasons[each.name] or _too_dear(each.offer), for_now=True)
        for each in candidates
        if each not in kept
    ]
    return kept


def _is_too_dear(candidate: Candidate, standing: Standing) -> bool:
    left = standing.budget_left_micro_usd
    return left is not None and candidate.estimate.micro_usd > left


def _too_dear(offer: Offer) -> str:
    where = GATEWAY_TITLES[offer.gateway]
    return f"{offer.model.title} at {where} costs more than the month's budget has left."


def rest_of(gateway: GatewayName, standing: Standing) -> str | None:
    """Why a whole gateway is left alone for now, in a sentence; None where it is not."""
    where = GATEWAY_TITLES[gateway]
    refused = standing.refusing.get(gateway)
    if refused is not None:
        return f"{where} {ACCOUNT_WORDS[refused]}."
    return f"{where} gave no answer a moment ago." if gateway in standing.resting else None
