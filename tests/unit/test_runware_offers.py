"""What is offered at Runware: every shape has a size, every submit is told apart by our own id."""

from __future__ import annotations

import pytest

from domain.catalog import CATALOG
from domain.offer import Dedupe, GatewayName, Offer, estimate
from domain.request import Clip
from domain.spoken import Agent, Kind
from domain.submitting import submit_key
from gateways.runware_models import size_px

OFFERS = [offer for offer in CATALOG if offer.gateway is GatewayName.RUNWARE]
ELSEWHERE = {
    offer.model.name: offer for offer in CATALOG if offer.gateway is not GatewayName.RUNWARE
}


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.name)
def test_every_shape_that_is_offered_has_a_size_in_pixels(offer: Offer) -> None:
    for resolution in offer.limits.resolutions:
        for ratio in offer.limits.aspect_ratios:
            size = size_px(offer.endpoint, resolution, ratio)
            assert size is not None, (resolution, ratio)
            across, down = (int(side) for side in ratio.split(":"))
            assert size[0] / size[1] == pytest.approx(across / down, rel=0.03)


def test_every_offer_is_deduped_by_our_own_id_and_makes_four_results() -> None:
    assert {offer.dedupe for offer in OFFERS} == {Dedupe.CLIENT_ID}
    assert {offer.limits.results_max for offer in OFFERS} == {4}
    assert all(len(offer.limits.file_formats) == 3 for offer in OFFERS)
    assert [offer.name for offer in OFFERS if offer.kind is Kind.AGENT] == ["heygen_agent@runware"]
    assert len({offer.road for offer in OFFERS}) == len(OFFERS), "a gone model parks itself alone"


def test_a_key_is_a_uuid_of_version_4_and_always_the_same() -> None:
    key = submit_key("submit_0123")
    assert key == submit_key("submit_0123") != submit_key("submit_0124")
    assert key[14] == "4"
    assert key[19] in "89ab"


@pytest.mark.parametrize(
    "name",
    ["seedance_2_0", "seedance_2_0_fast", "kling_v3", "veo_3_1", "minimax", "ltx_2_3", "wan_2_7"],
)
def test_a_model_that_others_have_is_the_same_model_here(name: str) -> None:
    (here,) = [offer for offer in OFFERS if offer.model.name == name]
    assert here.model.title == ELSEWHERE[name].model.title
    assert here.model.provider == ELSEWHERE[name].model.provider


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.name)
def test_a_price_that_nobody_publishes_is_a_ceiling_that_grows_with_what_is_asked(
    offer: Offer,
) -> None:
    seconds = max(offer.limits.durations_s)
    if offer.kind is Kind.AGENT:
        price = estimate(offer, Agent(prompt="x", duration_s=seconds))
    else:
        one = estimate(offer, Clip(prompt="x", duration_s=seconds))
        price = estimate(offer, Clip(prompt="x", duration_s=seconds, results=3))
        assert one.micro_usd * 3 - 30_000 <= price.micro_usd <= one.micro_usd * 3
    assert price.is_ceiling
    assert price.micro_usd > 0
