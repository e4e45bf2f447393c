"""Why each candidate of a ranking stands where it stands, in a few words: what `explain` prints."""

from __future__ import annotations

from collections.abc import Sequence

from domain.catalog import CATALOG
from domain.money import as_usd
from domain.offer import GATEWAY_TITLES, Tag
from domain.offers.workflows import WORKFLOW_ROAD
from domain.preferences import Preferences
from domain.ranking import Candidate, Ranking, RuledOut
from domain.request import Clip, Work
from domain.selector import lacking, model_of, usual_micro_usd
from domain.standing import Standing

NAMED_TOGETHER = 3  # offers that are ruled out for one reason are named up to so many

_ABILITIES = {
    "sound": "sound",
    "seed": "seed",
    "reference_image": "image",
    "tail_image": "last frame",
}


def places(
    ranking: Ranking, asked: Work, standing: Standing, preferences: Preferences
) -> tuple[str, ...]:
    """One reason for each candidate, in their order."""
    candidates = ranking.candidates
    if not isinstance(asked, Clip):
        return tuple(_by_cost(each, candidates) for each in candidates)
    model = model_of(asked, standing, preferences)
    is_named = asked.model is not None or preferences.model is not None
    price_micro_usd = usual_micro_usd(asked, model, preferences)
    same = [each for each in candidates if each.offer.model.name == model]
    return tuple(
        _of_the_model(each, same, is_named=is_named)
        if each in same
        else _instead(each, model, price_micro_usd)
        for each in candidates
    )


def gathered(ruled_out: Sequence[RuledOut]) -> tuple[tuple[str, str], ...]:
    """What is ruled out, those with one reason together: `(60 offers, You asked for veo_3_1.)`."""
    by_reason: dict[str, list[RuledOut]] = {}
    for each in ruled_out:
        by_reason.setdefault(_common(each), []).append(each)
    return tuple(
        (_names(several), reason if len(several) > 1 else several[0].reason)
        for reason, several in by_reason.items()
    )


def _of_the_model(candidate: Candidate, same: Sequence[Candidate], *, is_named: bool) -> str:
    if is_named and candidate.offer.road == WORKFLOW_ROAD:
        return "HeyGen's workflow endpoint comes first for a model that is named"
    others = [each for each in same if not (is_named and each.offer.road == WORKFLOW_ROAD)]
    return f"{candidate.offer.model.title}: {_by_cost(candidate, others)}"


def _by_cost(candidate: Candidate, among: Sequence[Candidate]) -> str:
    """Beside the first of those that are ordered by what they cost in all."""
    if candidate == among[0]:
        return "the least in all"
    more_micro_usd = round(candidate.loss_micro_usd - among[0].loss_micro_usd)
    return f"{as_usd(more_micro_usd)} more in all" if more_micro_usd else "as little in all"


def _instead(candidate: Candidate, model: str, price_micro_usd: int) -> str:
    """`in place of Seedance 2.0: no seed, 80% of its price`: how `distance` orders them."""
    meant = next((offer for offer in CATALOG if offer.model.name == model), None)
    if meant is None:
        return f"in place of {model}"
    lacks = [f"no {_ABILITIES[each]}" for each in lacking(candidate.offer, meant)]
    if Tag.CINEMATIC in meant.tags and Tag.CINEMATIC not in candidate.offer.tags:
        lacks.append("not cinematic")
    share = candidate.estimate.micro_usd / max(1, price_micro_usd)
    able = ", ".join(lacks) or "can all it can"
    return f"in place of {meant.model.title}: {able}, {share:.0%} of its price"


def _common(ruled_out: RuledOut) -> str:
    """Its reason without its own name, so that others may share it."""
    if ruled_out.is_unset:
        return f"No key for {GATEWAY_TITLES[ruled_out.offer.gateway]} is set here."
    title, where = ruled_out.offer.model.title, GATEWAY_TITLES[ruled_out.offer.gateway]
    before, itself, after = ruled_out.reason.partition(title)
    if before or not itself:
        return ruled_out.reason
    return f"It{after.removeprefix(f' at {where}')}"


def _names(several: Sequence[RuledOut]) -> str:
    if len(several) > NAMED_TOGETHER:
        return f"{len(several)} offers"
    return ", ".join(each.offer.name for each in several)
