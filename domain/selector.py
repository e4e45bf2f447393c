"""Which offer makes a video: pure, and it says why.

The person's wish decides the model, else the channel's default, else Seedance 2.0 where it is
offered, else the default of the key that is set. Among the gateways that offer that model the one
with the least expected loss wins (`ranking.py`). Without a wish, where that model cannot make it,
the nearest one that can does, and the sentence says so. A wish is granted or refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from domain.catalog import CATALOG
from domain.causes import at_its_best, cause_of, is_unusual
from domain.command import Start, parse
from domain.errors import NoModelFits, NotOfferedYet, RequestError
from domain.fitting import either
from domain.mending import nearest_mended
from domain.money import as_usd
from domain.offer import GATEWAY_TITLES, GatewayName, Offer, Tag, estimate
from domain.options import Said, option_named
from domain.plain import escaped
from domain.preferences import Preferences
from domain.pricing import Estimate, why_up_to
from domain.ranking import Candidate, Cast, Ranking, RuledOut, as_written, rank, seeds_first
from domain.request import Clip, Work
from domain.resolving import resolve
from domain.rewriting import command_of
from domain.scanner import corrected
from domain.spoken import Kind
from domain.standing import Standing
from domain.understanding import work_of

DEFAULT_MODEL_OF_ALL = "seedance_2_0"
DEFAULT_MODEL_AT = {
    GatewayName.HEYGEN: "veo_3_1",
    GatewayName.FAL: "seedance_2_0",
    GatewayName.RUNWARE: "seedance_2_0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The chosen offer, the work with nothing left open, its price and a sentence why. `cause`:
    what keeps the usual offer away (`fal is out of credit`), empty where it is the usual one."""

    offer: Offer
    work: Work
    estimate: Estimate
    sentence: str
    wished: bool
    cause: str = ""


def select(
    work: Work, standing: Standing, preferences: Preferences, cast: Cast = as_written
) -> Selection:
    """The offer for `work`. Raises `NoModelFits`, `NotOfferedYet`, or what `cast` raises."""
    wished = isinstance(work, Clip) and work.model is not None
    ranking = ranked(work, standing, preferences, cast)
    if not ranking.candidates:
        raise _refusal(work, ranking, standing, preferences, cast)
    best = usual = ranking.candidates[0]
    if is_unusual(ranking):
        usual = ranked(work, at_its_best(standing), preferences, cast).candidates[0]
    meant = model_of(work, standing, preferences) if isinstance(work, Clip) else None
    cause = cause_of(best, usual, ranking, meant)
    return Selection(
        offer=best.offer,
        work=best.work,
        estimate=best.estimate,
        sentence=_why(best, work, cause, standing, preferences),
        wished=wished,
        cause=cause,
    )


def ranked(
    work: Work, standing: Standing, preferences: Preferences, cast: Cast = as_written
) -> Ranking:
    """Every offer of the catalog: the candidates in order, and what is ruled out and why."""
    if not isinstance(work, Clip):
        return rank(work, _of_kind(work.kind), standing, preferences, cast)
    model = model_of(work, standing, preferences)
    if work.model is not None:
        return _only(model, rank(work, _offers_of(model), standing, preferences, cast))
    found = rank(work, clip_offers(work), standing, preferences, cast)
    usual = tuple(each for each in found.candidates if each.offer.model.name == model)
    price_micro_usd = usual_micro_usd(work, model, preferences)
    nearest = sorted(
        (each for each in found.candidates if each.offer.model.name != model),
        key=lambda each: distance(each, model, price_micro_usd),
    )
    first = seeds_first(usual) if preferences.model else usual
    return Ranking((*first, *nearest), found.ruled_out)


def _only(model: str, found: Ranking) -> Ranking:
    """A wish is for one model."""
    others = [offer for offer in CATALOG if offer.model.name != model]
    refused = tuple(RuledOut(offer, f"You asked for {model}.") for offer in others)
    return Ranking(seeds_first(found.candidates), found.ruled_out + refused)


def clip_offers(clip: Clip) -> list[Offer]:
    """Those that make clips. One that shows somebody is meant only where somebody is named: a clip
    never becomes an avatar's by itself."""
    wanted = bool(clip.avatars)
    return [offer for offer in _of_kind(Kind.CLIP) if offer.limits.needs_avatar is wanted]


def model_of(clip: Clip, standing: Standing, preferences: Preferences) -> str:
    """The model that is meant: wished for, the channel's, or the house's."""
    if clip.model is not None:
        return clip.model
    if preferences.model is not None:
        return preferences.model
    if len(standing.gateways) == 1:
        return DEFAULT_MODEL_AT[next(iter(standing.gateways))]
    return DEFAULT_MODEL_OF_ALL


def distance(candidate: Candidate, model: str, price_micro_usd: int) -> tuple[int, int, float]:
    """How far a candidate is from a model of that price: what it lacks, whether it is for something
    else; then how far the prices are apart. Smaller is nearer."""
    apart = abs(math.log(max(1, candidate.estimate.micro_usd) / max(1, price_micro_usd)))
    offers = _offers_of(model)
    if not offers:
        return (0, 0, apart)
    wanted = offers[0]
    other = Tag.CINEMATIC in wanted.tags and Tag.CINEMATIC not in candidate.offer.tags
    return (len(lacking(candidate.offer, wanted)), int(other), apart)


def lacking(offer: Offer, wanted: Offer) -> tuple[str, ...]:
    """What `wanted` can and `offer` cannot, as `Limits` names it."""
    return tuple(
        ability
        for ability in ("sound", "seed", "reference_image", "tail_image")
        if getattr(wanted.limits, ability) and not getattr(offer.limits, ability)
    )


def usual_micro_usd(clip: Clip, model: str, preferences: Preferences) -> int:
    """What the model that is meant would cost, whether it can be had now or not: for a clip that it
    cannot make, what the nearest one costs that it can."""
    prices = []
    for offer in _offers_of(model):
        able = nearest_mended(clip, [offer]).clip or Clip(prompt=clip.prompt)
        prices.append(estimate(offer, resolve(able, offer, preferences)).micro_usd)
    return min(prices, default=0)


def _of_kind(kind: Kind) -> list[Offer]:
    return [offer for offer in CATALOG if offer.kind is kind]


def _offers_of(model: str) -> list[Offer]:
    return [offer for offer in CATALOG if offer.model.name == model]


def _refusal(
    work: Work, ranking: Ranking, standing: Standing, preferences: Preferences, cast: Cast
) -> RequestError:
    """Why nothing can make it, and a command that can be made."""
    mine = next((each.refusal for each in ranking.ruled_out if each.refusal is not None), None)
    if mine is not None:
        return mine
    if not isinstance(work, Clip):
        return NotOfferedYet(_not_offered(work.kind), field="kind")
    model = model_of(work, standing, preferences)
    reachable = [offer for offer in _offers_of(model) if _is_open(offer, standing)]
    if not reachable:
        agent = any(_is_open(offer, standing) for offer in _of_kind(Kind.AGENT))
        idea = [Said(option_named("kind"), Kind.AGENT.value)]
        instead = corrected(work.prompt, idea) if agent and work.model is None else None
        return NoModelFits(_nowhere(model, standing), field="model", suggestion=instead)
    nearest = nearest_mended(work, reachable)
    if not nearest.wrong:
        ruled_out = rank(work, [nearest.offer], standing, preferences).ruled_out
        return NoModelFits(ruled_out[0].reason, field="model")
    instead = command_of(nearest.clip) if nearest.clip is not None else None
    works = instead is not None and _is_made(instead, standing, preferences, cast)
    return NoModelFits(
        nearest.sentence, field=nearest.wrong[0].field, suggestion=instead if works else None
    )


def _is_made(line: str, standing: Standing, preferences: Preferences, cast: Cast) -> bool:
    """Whether a line starts something where it is typed now."""
    try:
        asked = parse(escaped(line))
        if not isinstance(asked, Start):
            return False
        return bool(ranked(work_of(asked.understood), standing, preferences, cast).candidates)
    except RequestError:
        return False


def _is_open(offer: Offer, standing: Standing) -> bool:
    return (
        offer.gateway in standing.gateways
        and offer.name not in standing.parked
        and offer.road not in standing.roads_off
    )


def _why(
    best: Candidate, asked: Work, cause: str, standing: Standing, preferences: Preferences
) -> str:
    title, where = best.offer.model.title, GATEWAY_TITLES[best.offer.gateway]
    price = best.estimate
    amount = f"{'up to' if price.is_ceiling else 'about'} {as_usd(price.micro_usd)}"
    if not isinstance(asked, Clip):
        why = why_up_to(best.offer.price, best.work) if price.is_ceiling else ""
        return f"{where} makes {_PLURALS[asked.kind]}, {amount}{why and f': {why}'}."
    reason = f"because {cause}" if cause else _reason(asked, standing, preferences)
    return f"{title} at {where}, {reason}, {amount}."


def _reason(asked: Clip, standing: Standing, preferences: Preferences) -> str:
    if asked.model is not None:
        return "as you asked"
    meant = model_of(asked, standing, preferences)
    if preferences.model is not None:
        return "this channel's default"
    if len([offer for offer in _offers_of(meant) if _is_open(offer, standing)]) > 1:
        return "the best value for this model now"
    return "the default for the keys that are set"


def _nowhere(name: str, standing: Standing) -> str:
    here = [offer for offer in _offers_of(name) if offer.gateway in standing.gateways]
    others = {offer.model.name: None for offer in _of_kind(Kind.CLIP) if _is_open(offer, standing)}
    near: Sequence[str] = get_close_matches(name, others, n=3, cutoff=0.5) or list(others)[:3]
    instead = f" Try --model {either(near)}." if near else ""
    if here:
        again = instead or " An admin can look with `/video unpark`."
        return f"{name} is not available any more: its gateway stopped offering it.{again}"
    return f"{name} needs a key that is not set here.{instead}"


_PLURALS = {
    Kind.CLIP: "clips",
    Kind.AVATAR: "avatar videos",
    Kind.AGENT: "agent videos",
    Kind.TRANSLATION: "translations",
    Kind.TEMPLATE: "template videos",
}


def _not_offered(kind: Kind) -> str:
    what = _PLURALS[kind].capitalize()
    return f"{what} are not offered here yet. A clip is: leave --kind out, or use --kind clip."
