"""Why each candidate of a ranking stands where it stands."""

from __future__ import annotations

from domain.errors import FailureClass
from domain.offer import GatewayName
from domain.places import gathered, places
from domain.preferences import Preferences
from domain.ranking import Ranking
from domain.request import Clip, Work
from domain.selector import ranked
from domain.spoken import Agent
from domain.standing import Standing
from tests.factories import clip

HOUSE = Preferences()
ALL = Standing(frozenset(GatewayName))
FAL = Standing(frozenset({GatewayName.FAL}))


def explained(work: Work, standing: Standing = ALL) -> tuple[Ranking, dict[str, str]]:
    """A ranking, and its reasons by the offers' names."""
    ranking = ranked(work, standing, HOUSE)
    reasons = places(ranking, work, standing, HOUSE)
    names = [each.name for each in ranking.candidates]
    return ranking, dict(zip(names, reasons, strict=True))


def test_the_gateways_of_the_default_are_compared_by_what_they_cost_in_all() -> None:
    _, reasons = explained(clip())

    assert reasons["seedance_2_0@fal"] == "Seedance 2.0: the least in all"
    assert reasons["seedance_2_0@runware"] == "Seedance 2.0: $0.03 more in all"


def test_other_models_say_what_they_lack_and_how_far_their_price_is() -> None:
    _, reasons = explained(clip())

    fast = reasons["seedance_2_0_fast@fal"]
    assert fast == "in place of Seedance 2.0: can all it can, 80% of its price"
    assert "no sound, no seed, not cinematic" in reasons["seedance_pro@heygen"]


def test_a_named_model_goes_to_the_workflow_endpoint_first_and_that_is_said() -> None:
    ranking, reasons = explained(clip(model="veo_3_1"))

    workflow = "HeyGen's workflow endpoint comes first for a model that is named"
    assert next(iter(reasons.items())) == ("veo_3_1@heygen", workflow)
    assert reasons["veo_3_1@fal"] == "Veo 3.1: the least in all"
    assert reasons["veo_3_1@runware"] == "Veo 3.1: as little in all"
    assert ranking.candidates[0].estimate.is_ceiling


def test_what_is_ruled_out_for_one_reason_is_told_once_with_its_count() -> None:
    ranking, _ = explained(clip(model="veo_3_1"))
    told = {reason: names for names, reason in gathered(ranking.ruled_out)}

    assert told == {"You asked for veo_3_1.": f"{len(ranking.ruled_out)} offers"}


def test_reasons_that_differ_by_their_offers_name_are_one_reason() -> None:
    ranking, _ = explained(clip(seed=7), FAL)
    told = [reason for _, reason in gathered(ranking.ruled_out)]

    assert "It does not take a seed." in told
    assert "No key for HeyGen is set here." in told
    assert len(told) == len(set(told)) < 8
    counted = sum(
        int(names.split()[0]) if names.endswith(" offers") else len(names.split(", "))
        for names, _ in gathered(ranking.ruled_out)
    )
    assert counted == len(ranking.ruled_out)


def test_one_alone_keeps_its_name() -> None:
    standing = Standing(frozenset(GatewayName), refusing={GatewayName.HEYGEN: FailureClass.CREDITS})
    ranking, _ = explained(Clip(prompt="any", model="veo_3_1"), standing)

    assert ("veo_3_1@heygen", "HeyGen is out of credit.") in gathered(ranking.ruled_out)


def test_what_is_no_clip_is_compared_by_cost_alone() -> None:
    _, reasons = explained(Agent(prompt="Tea"))

    assert next(iter(reasons.values())) == "the least in all"
