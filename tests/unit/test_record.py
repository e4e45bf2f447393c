"""What our own executions say of an offer."""

from __future__ import annotations

import pytest

from domain.errors import OF_THE_ACCOUNT, FailureClass
from domain.offer import GatewayName
from domain.preferences import Preferences
from domain.ranking import loss_micro_usd
from domain.record import (
    ACCOUNT_RESTS_S,
    DURATIONS_KEPT,
    HALF_LIFE_S,
    Prior,
    Record,
    refusing_accounts,
)
from domain.selector import ranked, select
from domain.standing import Standing
from tests.factories import clip

NOW = 1_790_000_000.0
PRIOR = Prior(success=0.9, seconds=100.0)


def test_without_history_the_prior_counts() -> None:
    empty = Record(offer="a", at=NOW)
    assert empty.success(PRIOR, NOW) == pytest.approx(0.9)
    assert empty.seconds(PRIOR) == 100.0


def test_history_outweighs_the_prior_and_fades_back_to_it() -> None:
    broken = Record(offer="a", at=NOW)
    for n in range(10):
        broken = broken.failed(FailureClass.TRANSIENT, NOW + n)
    now = NOW + 10

    assert broken.success(PRIOR, now) < 0.3
    assert broken.success(PRIOR, now + HALF_LIFE_S) > broken.success(PRIOR, now)
    assert broken.success(PRIOR, now + 20 * HALF_LIFE_S) == pytest.approx(0.9, abs=0.01)


def test_durations_are_the_latest_ones() -> None:
    record = Record(offer="a", at=NOW)
    for n in range(100):
        record = record.worked(float(n), NOW + n)

    assert len(record.durations_s) == DURATIONS_KEPT
    assert 80 < record.seconds(PRIOR) < 100


@pytest.mark.parametrize("kind", sorted(OF_THE_ACCOUNT))
def test_a_refused_account_rests_its_whole_gateway_for_a_while(kind: FailureClass) -> None:
    refused = Record(offer="veo_3_1@fal", at=NOW).failed(kind, NOW)
    elsewhere = Record(offer="veo_3_1@runware", at=NOW).failed(FailureClass.TRANSIENT, NOW)
    known = (refused, elsewhere)

    assert refusing_accounts(known, NOW + ACCOUNT_RESTS_S - 1) == {GatewayName.FAL: kind}
    assert not refusing_accounts(known, NOW + ACCOUNT_RESTS_S)


def test_a_refused_account_says_nothing_of_how_often_an_offer_works() -> None:
    new = Record(offer="veo_3_1@fal", at=NOW)

    assert new.failed(FailureClass.CREDITS, NOW).success(PRIOR, NOW) == new.success(PRIOR, NOW)
    assert new.failed(FailureClass.TRANSIENT, NOW).success(PRIOR, NOW) < new.success(PRIOR, NOW)


def test_what_was_sent_after_the_refusal_and_worked_ends_the_rest() -> None:
    refused = Record(offer="veo_3_1@fal", at=NOW).failed(FailureClass.CREDITS, NOW)
    other = Record(offer="kling_v3@fal", at=NOW)
    paid_before = other.worked(60.0, NOW + 10)  # sent 50 s before the refusal: it proves nothing
    paid_after = other.worked(60.0, NOW + 70)

    assert refusing_accounts((refused, paid_before), NOW + 80)
    assert not refusing_accounts((refused, paid_after), NOW + 80)
    assert not refusing_accounts((refused.worked(5.0, NOW + 6),), NOW + 80)
    again = refused.worked(5.0, NOW + 6).failed(FailureClass.CREDITS, NOW + 7)
    assert refusing_accounts((again, paid_before), NOW + 80)


def test_another_failure_of_that_offer_is_no_end_of_the_rest() -> None:
    refused = Record(offer="veo_3_1@fal", at=NOW).failed(FailureClass.CONFIG, NOW)
    broken = refused.failed(FailureClass.TRANSIENT, NOW + 5)

    assert refusing_accounts((broken,), NOW + 6) == {GatewayName.FAL: FailureClass.CONFIG}


def test_a_gateway_that_fails_loses_its_model_to_another() -> None:
    """Seedance is cheaper at fal, and goes to Runware while fal fails."""
    keys = frozenset({GatewayName.FAL, GatewayName.RUNWARE})
    fresh = select(clip(), Standing(keys, now=NOW), Preferences())
    bad = Record(offer="seedance_2_0@fal", at=NOW)
    for n in range(6):
        bad = bad.failed(FailureClass.TRANSIENT, NOW + n)
    now = Standing(keys, records={bad.offer: bad}, now=NOW + 6)

    assert fresh.offer.name == "seedance_2_0@fal"
    assert select(clip(), now, Preferences()).offer.name == "seedance_2_0@runware"


def test_a_cent_never_costs_minutes() -> None:
    slow = Record(offer="a", at=NOW, durations_s=(900.0,) * 10)
    quick = Record(offer="b", at=NOW, durations_s=(60.0,) * 10)

    assert loss_micro_usd(1_000_000, slow, "x", NOW) > loss_micro_usd(1_010_000, quick, "x", NOW)


def test_a_seeds_model_goes_to_the_workflow_endpoint_until_it_is_parked() -> None:
    everybody = Standing(frozenset(GatewayName), now=NOW)
    parked = Standing(frozenset(GatewayName), parked=frozenset({"veo_3_1@heygen"}), now=NOW)

    assert select(clip(model="veo_3_1"), everybody, Preferences()).offer.name == "veo_3_1@heygen"
    assert select(clip(model="veo_3_1"), parked, Preferences()).offer.name == "veo_3_1@fal"


def test_what_is_left_of_the_budget_chooses_a_gateway_and_never_another_model() -> None:
    between = Standing(frozenset(GatewayName), budget_left_micro_usd=1_530_000, now=NOW)
    ranking = ranked(clip(), between, Preferences())
    too_dear = [each for each in ranking.ruled_out if "budget" in each.reason]

    assert [each.offer.name for each in too_dear if each.offer.model.name == "seedance_2_0"] == [
        "seedance_2_0@runware"
    ]
    assert all(each.for_now for each in too_dear)
    poor = Standing(frozenset(GatewayName), budget_left_micro_usd=100_000, now=NOW)
    assert select(clip(), poor, Preferences()).offer.model.name == "seedance_2_0"


def test_everything_is_either_ranked_or_ruled_out_with_a_sentence() -> None:
    ranking = ranked(clip(), Standing(frozenset(GatewayName), now=NOW), Preferences())

    names = [each.name for each in ranking.candidates]
    assert len(names) == len(set(names))
    for each in ranking.ruled_out:
        assert each.reason.endswith("."), each
