"""Where a failed execution goes on, and where it must not."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import OF_THE_ACCOUNT, Failure, FailureClass
from domain.execution import Execution, State
from domain.offer import GatewayName
from domain.preferences import Preferences
from domain.rerouting import EXECUTIONS_MAX, Reroute, may_go_on, reroute_of
from domain.selector import select
from domain.spoken import CONTINUES, Agent, Kind
from domain.standing import Standing
from tests.factories import clip, execution

NOW = 1_790_000_000.0
ALL = Standing(frozenset(GatewayName), now=NOW)
HOUSE = Preferences()


def failed(offer: str, kind: FailureClass = FailureClass.TRANSIENT, **said: Any) -> Execution:
    """Failed at an offer, having been selected there with a wish."""
    model, _, gateway = offer.partition("@")
    here = Standing(frozenset({GatewayName(gateway)}), now=NOW)
    chosen = select(clip(model=model), here, HOUSE)
    return execution(
        **{
            "offer": chosen.offer.name,
            "work": chosen.work,
            "wished": True,
            "estimate_micro_usd": chosen.estimate.micro_usd,
            "is_ceiling": chosen.estimate.is_ceiling,
            "state": State.FAILED,
            "failure": Failure(kind=kind, billed=False),
            **said,
        }
    )


def goes_on(before: Execution, standing: Standing = ALL, **more: Any) -> Reroute | None:
    model = before.offer.partition("@")[0] if before.wished else None
    tried = dict.fromkeys(more.pop("tried", {before.offer}))
    return reroute_of(clip(model=model), before, tried, standing, more.pop("preferences", HOUSE))


def test_the_same_model_elsewhere_comes_first_and_goes_by_itself() -> None:
    found = goes_on(failed("seedance_2_0@fal"))

    assert found is not None
    assert found.candidate.name == "seedance_2_0@runware"
    assert not found.asks_first
    assert "fal could not make it. Seedance 2.0 at Runware instead" in found.sentence
    assert "(was about $1.52)" in found.sentence


def test_another_model_than_the_one_asked_for_is_asked_about() -> None:
    found = goes_on(failed("sora_v2@heygen"))

    assert found is not None
    assert found.asks_first
    assert "another model than you asked for" in found.sentence


def test_without_a_wish_the_nearest_model_goes_by_itself_where_it_costs_no_more() -> None:
    before = failed("seedance_2_0@fal", wished=False)
    tried = {"seedance_2_0@fal", "seedance_2_0@runware"}
    found = goes_on(before, tried=tried)

    assert found is not None
    assert "seedance_2_0@" not in found.candidate.name
    if not found.asks_first:
        assert found.candidate.estimate.micro_usd <= before.estimate_micro_usd * 1.2


@pytest.mark.parametrize(
    "kind",
    [
        FailureClass.REFUSED_CONTENT,
        FailureClass.BAD_INPUT,
        FailureClass.STOPPED,
        FailureClass.UNCERTAIN,
        FailureClass.UNFETCHED,
        FailureClass.OURS,
        FailureClass.NO_PLACE,
        FailureClass.UNCONFIRMED,
    ],
)
def test_a_refusal_is_never_shopped_around(kind: FailureClass) -> None:
    assert goes_on(failed("seedance_2_0@fal", kind)) is None


@pytest.mark.parametrize("billed", [True, None])
def test_what_may_be_billed_is_not_made_again(billed: bool | None) -> None:
    assert not may_go_on(Failure(kind=FailureClass.TRANSIENT, billed=billed))


def test_it_does_not_go_round_and_round() -> None:
    tried = {f"offer_{n}@fal" for n in range(EXECUTIONS_MAX)}
    assert goes_on(failed("seedance_2_0@fal"), tried=tried) is None


def test_what_was_cancelled_ends() -> None:
    assert goes_on(failed("seedance_2_0@fal", cancel_requested_at=NOW)) is None


def test_a_workspace_may_switch_it_off() -> None:
    never = Preferences(fallback=False)
    assert goes_on(failed("seedance_2_0@fal"), preferences=never) is None


def test_a_price_that_rises_too_much_is_asked_about() -> None:
    cheap = failed("seedance_2_0@fal", estimate_micro_usd=1_000_000)
    found = goes_on(cheap)

    assert found is not None
    assert found.asks_first
    assert "(was about $1.00)" in found.sentence


@pytest.mark.parametrize(
    "standing",
    [
        Standing(frozenset(GatewayName), resting=frozenset({GatewayName.RUNWARE}), now=NOW),
        Standing(
            frozenset(GatewayName), refusing={GatewayName.RUNWARE: FailureClass.CREDITS}, now=NOW
        ),
        Standing(frozenset(GatewayName), parked=frozenset({"seedance_2_0@runware"}), now=NOW),
    ],
    ids=["resting", "out of credit", "parked"],
)
def test_where_it_cannot_be_made_now_it_does_not_go(standing: Standing) -> None:
    found = goes_on(failed("seedance_2_0@fal"), standing)

    assert found is None or found.candidate.name != "seedance_2_0@runware"


@pytest.mark.parametrize("kind", sorted(OF_THE_ACCOUNT))
def test_a_gateway_that_refuses_our_account_is_not_asked_again(kind: FailureClass) -> None:
    """Neither with another model, nor after another gateway failed, too."""
    keys = Standing(frozenset({GatewayName.FAL, GatewayName.RUNWARE}), now=NOW)
    only = Standing(frozenset({GatewayName.FAL}), now=NOW)
    first = failed("seedance_2_0@fal", kind)
    there = Failure(kind=kind, billed=False)
    found = goes_on(first, keys, tried={"seedance_2_0@fal"})

    assert found is not None
    assert found.candidate.offer.gateway is GatewayName.RUNWARE
    assert goes_on(first, only) is None
    second = failed("seedance_2_0@runware")
    onward = reroute_of(clip(), second, {"seedance_2_0@fal": there}, keys, HOUSE)
    assert onward is None or onward.candidate.offer.gateway is GatewayName.RUNWARE
    both = failed("seedance_2_0@runware", FailureClass.CREDITS)
    assert reroute_of(clip(), both, {"seedance_2_0@fal": there}, keys, HOUSE) is None


def test_another_failure_leaves_the_other_models_of_its_gateway() -> None:
    only = Standing(frozenset({GatewayName.FAL}), now=NOW)
    found = goes_on(failed("seedance_2_0@fal", FailureClass.GONE), only)

    assert found is not None
    assert found.candidate.offer.gateway is GatewayName.FAL


def test_another_model_than_the_one_said_yes_to_is_asked_about_again() -> None:
    """Nobody named a model; one was offered at a price, and a person agreed to it."""
    agreed = failed("veo_3_1@fal", FailureClass.CREDITS, estimate_micro_usd=9_000_000)
    cheap = Standing(
        frozenset({GatewayName.RUNWARE}), parked=frozenset({"veo_3_1@runware"}), now=NOW
    )
    found = reroute_of(clip(), agreed, {agreed.offer: agreed.failure}, cheap, HOUSE)

    assert found is not None
    assert found.asks_first
    assert "another model than you said yes to" in found.sentence


@pytest.mark.parametrize(("below_micro_usd", "asks"), [(1, True), (0, False)])
def test_a_price_that_rises_past_what_goes_unasked_is_asked_about(
    below_micro_usd: int, asks: bool
) -> None:
    """Seedance 2.0 at Runware is dearer, though by less than a fifth."""
    before = failed("seedance_2_0@fal")
    dearer = goes_on(before)
    assert dearer is not None
    price_micro_usd = dearer.candidate.estimate.micro_usd
    assert before.estimate_micro_usd < price_micro_usd
    limit = {"confirm_above_micro_usd": price_micro_usd - below_micro_usd}
    found = goes_on(before, preferences=HOUSE.model_copy(update=limit))

    assert found is not None
    assert found.asks_first is asks


SAID = Agent(
    prompt="slower", chat=True, continues="r1", otherwise=Agent(prompt="Tea\nslower", chat=True)
)
LOST = Failure(kind=FailureClass.BAD_INPUT, field=CONTINUES, billed=False)


def message(failure: Failure, **said: Any) -> Execution:
    """The next message of a conversation, as HeyGen did not take it."""
    usual: dict[str, Any] = {"offer": "heygen_agent@heygen", "work": SAID}
    price = {"estimate_micro_usd": 3_000_000, "is_ceiling": True}
    return execution(**{**usual, **price, "state": State.FAILED, "failure": failure, **said})


def test_a_conversation_that_ended_goes_on_as_a_video_of_its_own_at_the_same_offer() -> None:
    no_fallback = HOUSE.model_copy(update={"fallback": False})
    found = reroute_of(SAID, message(LOST), {"heygen_agent@heygen": LOST}, ALL, no_fallback)

    assert found is not None
    assert found.candidate.offer.kind is Kind.AGENT
    assert isinstance(found.candidate.work, Agent)
    assert found.candidate.work.prompt == "Tea\nslower"
    assert found.candidate.work.continues is None
    assert not found.asks_first
    assert "HeyGen cannot go on with that conversation" in found.sentence


@pytest.mark.parametrize(
    "before",
    [
        message(LOST, work=SAID.model_copy(update={"otherwise": None})),
        message(LOST.model_copy(update={"billed": None})),
        message(Failure(kind=FailureClass.BAD_INPUT, field="prompt")),
        message(LOST, cancel_requested_at=NOW),
    ],
    ids=["too long", "perhaps billed", "another refusal", "cancelled"],
)
def test_nothing_else_begins_anew(before: Execution) -> None:
    assert reroute_of(SAID, before, {before.offer: before.failure}, ALL, HOUSE) is None


def test_elsewhere_everything_that_was_said_is_asked_for() -> None:
    down = message(Failure(kind=FailureClass.TRANSIENT, billed=False))
    here = Standing(frozenset({GatewayName.RUNWARE}), now=NOW)
    found = reroute_of(SAID, down, {down.offer: down.failure}, here, HOUSE)

    assert found is not None
    assert found.asks_first
    assert "; no conversation about it" in found.sentence
    assert isinstance(found.candidate.work, Agent)
    assert found.candidate.work.prompt == "Tea\nslower"
