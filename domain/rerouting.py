"""Fallback: what failed at one offer, unbilled, goes on at another; pure.

Never after refused content or bad input, and never where it may be billed. The same model at
another gateway comes first, then the nearest model. A gateway that refused our account (no credit,
a wrong key) is not asked again for this request, whatever else it offers. It goes on by itself only
where it costs about as much and loses nothing that was asked for; otherwise the person is asked
first, and what they say yes to is what they asked for from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from domain.catalog import CATALOG
from domain.errors import OF_THE_ACCOUNT, THEIRS, Failure, FailureClass
from domain.money import as_usd
from domain.offer import GATEWAY_TITLES, GatewayName, Offer, offer_gateway_title
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.ranking import ACCOUNT_WORDS, Candidate, Cast, as_written, rank, rest_of
from domain.record import PRIORS, UNKNOWN
from domain.request import Clip, Work
from domain.selector import clip_offers, distance
from domain.spoken import CONTINUES, Agent
from domain.standing import Standing
from domain.states import Execution

EXECUTIONS_MAX = 3  # of one request, one after the other

Tried = Mapping[str, Failure | None]  # the offers that a request was tried at, and what came of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reroute:
    """Where it goes on, what that changes, and whether the person is asked first."""

    candidate: Candidate
    sentence: str
    asks_first: bool


def may_go_on(failure: Failure | None) -> bool:
    """Whether a failure is the gateway's, and surely not billed."""
    return failure is not None and failure.kind in THEIRS and failure.billed is False


def reroute_of(
    asked: Work,
    failed: Execution,
    tried: Tried,
    standing: Standing,
    preferences: Preferences,
    cast: Cast = as_written,
) -> Reroute | None:
    """Where a failed execution goes on; None where nothing else can make it.

    `asked` is the request's own work, `tried` the offers that failed it, this one among them.
    """
    if failed.cancelling or len(tried) >= EXECUTIONS_MAX:
        return None
    if (apart := apart_of(failed)) is not None:
        return _begun_anew(apart, failed, standing, preferences, cast)
    if not preferences.fallback or not may_go_on(failed.failure):
        return None
    left = _left(_in_one_go(asked), failed, tried)
    best = _best(_in_one_go(asked), left, failed, standing, preferences, cast)
    if best is None:
        return None
    lost = losses(asked, failed, best)
    asks = bool(lost) or rises_too_much(failed, best.estimate, preferences)
    return Reroute(
        candidate=best, sentence=_sentence(failed, best, lost, standing), asks_first=asks
    )


def apart_of(failed: Execution) -> Agent | None:
    """What is made where a message was not taken, because its conversation cannot go on: a video
    of its own from everything said in it. None for any other failure."""
    work, failure = failed.work, failed.failure
    if not isinstance(work, Agent) or failure is None or failure.field != CONTINUES:
        return None
    return work.otherwise if failure.billed is False else None


def _in_one_go(asked: Work) -> Work:
    """Nobody else knows what was said in a conversation, and nobody else has any."""
    if not isinstance(asked, Agent):
        return asked
    return (asked.otherwise or asked).model_copy(update={"chat": False})


def losses(asked: Work, failed: Execution, candidate: Candidate) -> tuple[str, ...]:
    """What was asked for, or promised, or said yes to, and is not had there."""
    before, after = failed.work, candidate.work
    lost = []
    if failed.wished and _model(failed) != candidate.offer.model.name:
        named = isinstance(asked, Clip) and asked.model == _model(failed)
        lost.append(f"another model than you {'asked for' if named else 'said yes to'}")
    if isinstance(before, Clip) and isinstance(after, Clip) and before.sound and not after.sound:
        lost.append("no sound")
    if isinstance(before, Agent) and before.chat and isinstance(after, Agent) and not after.chat:
        lost.append("no conversation about it")
    if before.resolution and after.resolution and before.resolution != after.resolution:
        lost.append(f"{after.resolution} instead of {before.resolution}")
    if before.duration_s and after.duration_s and before.duration_s != after.duration_s:
        lost.append(f"{after.duration_s} s instead of {before.duration_s} s")
    if before.aspect_ratio and after.aspect_ratio and before.aspect_ratio != after.aspect_ratio:
        lost.append(f"{after.aspect_ratio} instead of {before.aspect_ratio}")
    return tuple(lost)


def rises_too_much(failed: Execution, price: Estimate, preferences: Preferences) -> bool:
    """Whether it costs more than is accepted here without being asked."""
    before, after = failed.estimate_micro_usd, price.micro_usd
    limits = (preferences.confirm_above_micro_usd, preferences.approve_above_micro_usd)
    share = preferences.fallback_rise_share * before
    rises = after - before > min(share, preferences.fallback_rise_micro_usd)
    return rises or any(before <= limit < after for limit in limits)


def _begun_anew(
    apart: Agent, failed: Execution, standing: Standing, preferences: Preferences, cast: Cast
) -> Reroute | None:
    """The same offer once more: it is its conversation that has ended, not its road."""
    ranking = rank(apart, _offers_for(apart), standing, preferences, cast)
    best = next(iter(ranking.candidates), None)
    if best is None:
        return None
    price = f"{_amount(best.estimate)} (was {_amount(_estimate_of(failed))})"
    sentence = (
        f"{offer_gateway_title(failed.offer)} cannot go on with that conversation."
        f" {best.offer.model.title} at {GATEWAY_TITLES[best.offer.gateway]} makes a new video from"
        f" everything said in it: {price}."
    )
    asks = rises_too_much(failed, best.estimate, preferences)
    return Reroute(candidate=best, sentence=sentence, asks_first=asks)


def _left(asked: Work, failed: Execution, tried: Tried) -> list[Offer]:
    """The offers that were not tried, at gateways that did not refuse our account for it."""
    failures = {**tried, failed.offer: failed.failure}
    refusing = {
        GatewayName(offer.partition("@")[2])
        for offer, failure in failures.items()
        if failure is not None and failure.kind in OF_THE_ACCOUNT
    }
    return [
        offer
        for offer in _offers_for(asked)
        if offer.name not in failures and offer.gateway not in refusing
    ]


def _best(
    asked: Work,
    left: Collection[Offer],
    failed: Execution,
    standing: Standing,
    preferences: Preferences,
    cast: Cast,
) -> Candidate | None:
    """The same model elsewhere, else the nearest one; what only rests now does not count."""
    model = _model(failed)
    open_work = asked.model_copy(update={"model": None}) if isinstance(asked, Clip) else asked
    same = [offer for offer in left if offer.model.name == model]
    other = [offer for offer in left if offer.model.name != model]
    for offers in (same, other):
        ranking = rank(open_work, offers, standing, preferences, cast)
        able = [each for each in ranking.candidates if not rest_of(each.offer.gateway, standing)]
        if able:
            price = failed.estimate_micro_usd
            return min(able, key=lambda each: distance(each, model, price))
    return None


def _offers_for(work: Work) -> list[Offer]:
    offers = clip_offers(work) if isinstance(work, Clip) else CATALOG
    return [offer for offer in offers if offer.kind is work.kind]


def _model(execution: Execution) -> str:
    return execution.offer.partition("@")[0]


def _sentence(failed: Execution, best: Candidate, lost: tuple[str, ...], standing: Standing) -> str:
    """`fal could not make it. Seedance 2.0 at Runware instead: about $0.76 (was about $1.52)`."""
    where = GATEWAY_TITLES[best.offer.gateway]
    told = failed.failure
    why = _WHY.get(told.kind if told else FailureClass.TRANSIENT, "could not make it")
    price = f"{_amount(best.estimate)} (was {_amount(_estimate_of(failed))})"
    usual_s = standing.record(best.name).seconds(PRIORS.get(best.offer.model.name, UNKNOWN))
    minutes = max(1, round(usual_s / 60))
    changes = f"; {', '.join(lost)}" if lost else ""
    return (
        f"{offer_gateway_title(failed.offer)} {why}. {best.offer.model.title} at {where} instead:"
        f" {price}, usually {minutes} min{changes}."
    )


_WHY = {
    **ACCOUNT_WORDS,
    FailureClass.RATE: "was busy for too long",
    FailureClass.GONE: "stopped offering it",
}


def _estimate_of(execution: Execution) -> Estimate:
    return Estimate(execution.estimate_micro_usd, execution.is_ceiling)


def _amount(price: Estimate) -> str:
    return f"{'up to' if price.is_ceiling else 'about'} {as_usd(price.micro_usd)}"


def given_up(waiting: Execution, failure: Failure) -> Execution:
    """As if it had failed now: for asking where else it could go."""
    return replace(waiting, failure=failure)
