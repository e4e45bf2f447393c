"""Why an offer is chosen that usually would not be: in a clause, for the sentence of a selection.

People know their default. Where a gateway rests, or the default cannot make what they asked for,
another offer makes it, and a few words say what kept the usual one away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.ranking import Candidate, Ranking, RuledOut
from domain.standing import Standing

CAUSES_TOLD = 2


def is_unusual(ranking: Ranking) -> bool:
    """Whether something is ruled out only for now, so that another offer may come first."""
    return any(each.for_now for each in ranking.ruled_out)


def at_its_best(standing: Standing) -> Standing:
    """As it usually is: nobody rests, and there is money."""
    return replace(standing, resting=frozenset(), refusing={}, budget_left_micro_usd=None)


def cause_of(best: Candidate, usual: Candidate, ranking: Ranking, meant: str | None) -> str:
    """`fal is out of credit`: why it is `best` and not `usual`, or not the model that is `meant`.
    Empty where it is both."""
    if usual.name == best.name:
        is_meant = meant is None or best.offer.model.name == meant
        return "" if is_meant else _clauses(_of_model(ranking, meant)[:1])
    kept_away = [each for each in ranking.ruled_out if each.for_now]
    if usual.offer.model == best.offer.model:
        return _clauses([each for each in kept_away if each.offer == usual.offer])
    return _clauses([each for each in kept_away if each.offer.model == usual.offer.model])


def _of_model(ranking: Ranking, model: str | None) -> list[RuledOut]:
    """What is ruled out of a model, what has no key here last."""
    of_model = [each for each in ranking.ruled_out if each.offer.model.name == model]
    return sorted(of_model, key=lambda each: each.is_unset)


def _clauses(ruled_out: Sequence[RuledOut]) -> str:
    first_sentences = (each.reason.split(". ")[0].removesuffix(".") for each in ruled_out)
    return " and ".join(list(dict.fromkeys(first_sentences))[:CAUSES_TOLD])
