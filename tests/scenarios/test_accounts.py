"""A gateway that refuses our account is not asked again, and people read the truth about it."""

from __future__ import annotations

from tests.scenarios.conftest import OpenStage
from tests.scenarios.stage import Stage

ALL = ("heygen", "fal", "runware")
CLIPS = ("fal", "runware")


async def fills(stage: Stage, gateway: str, *, usd: float) -> None:
    """What is left of our account at a vendor."""
    name = "wallet_usd" if gateway == "heygen" else "balance_usd"
    await stage.control.do(f"{gateway}/switches", **{name: usd})


async def submits_at_fal(stage: Stage) -> int:
    """How often fal was asked for a video, whatever it answered."""
    traffic = (await stage.control.look("traffic"))["traffic"]
    return sum(
        entry["peer"] == "fal" and entry["method"] == "POST" and "/requests/" not in entry["path"]
        for entry in traffic
    )


async def test_out_of_credit_at_fal_goes_on_at_runware_and_the_next_ones_go_there_at_once(
    open_stage: OpenStage,
) -> None:
    async with open_stage(gateways=ALL) as stage:
        await stage.prefers(fallback=True)
        await fills(stage, "fal", usd=0.0)
        await stage.breaks("runware:submit", "late", seconds=4)
        ack = await stage.ada.types("/video a fox in snow")
        assert "out of credit" not in ack, "nobody knows it yet"
        await stage.take(1).reads("fal is out of credit. Seedance 2.0 at Runware instead")

        ack = await stage.ben.types("/video a bear in rain")
        assert "fal is out of credit, so Seedance 2.0 at Runware." in ack
        await stage.take(1).is_done()
        await stage.take(1).reads("made at Runware, not fal")
        await stage.take(1, shot=2).is_done()
        assert await submits_at_fal(stage) == 1
        assert "fal is out of credit" in await stage.ada.types("/video models")


async def test_what_only_that_gateway_makes_finds_out_that_it_was_topped_up(
    open_stage: OpenStage,
) -> None:
    async with open_stage(gateways=ALL) as stage:
        await fills(stage, "fal", usd=0.0)
        await stage.ada.types("/video a fox in snow --model minimax_pro")
        await stage.take(1).reads("The fal account is out of money")
        assert "fal is out of credit" in await stage.ada.types("/video models")

        await fills(stage, "fal", usd=100.0)
        await stage.ada.types("/video a bear in rain --model minimax_pro")
        await stage.take(1, shot=2).is_done()
        assert "out of credit" not in await stage.ada.types("/video models")


async def test_out_of_credit_everywhere_ends_and_nobody_is_asked_to_pay_more(
    open_stage: OpenStage,
) -> None:
    async with open_stage(gateways=CLIPS) as stage:
        await stage.prefers(fallback=True)
        for gateway in CLIPS:
            await fills(stage, gateway, usd=0.0)
        await stage.ada.types("/video a fox in snow")
        message = await stage.take(1).reads("Not made")
        assert "The Runware account is out of money" in message["text"]
        assert "tried: Seedance 2.0 at fal, Seedance 2.0 at Runware" in message["text"]
        assert "made at" not in message["text"]
        assert await stage.paid() == 0


async def test_a_refused_key_at_heygen_goes_on_at_fal_and_never_at_heygen(stage: Stage) -> None:
    await stage.prefers(fallback=True)
    await stage.breaks("heygen:submit", "status", status=401)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).reads("HeyGen refuses our key. Veo 3.1 at fal instead")
    await stage.take(1).is_done()
    ack = await stage.ben.types("/video a bear in rain --model veo_3_1")
    assert "HeyGen refuses our key, so Veo 3.1 at fal." in ack
    await stage.take(1, shot=2).is_done()

    await stage.restarts()
    ack = await stage.cleo.types("/video a crow at sea --model veo_3_1")
    assert "HeyGen refuses our key" not in ack, "another key may be set now"
    await stage.take(1, shot=3).is_done()
    gateways = [entry["gateway"] for entry in await stage.ledger()]
    assert gateways == ["fal", "fal", "heygen"]


async def test_a_refused_key_with_no_other_gateway_ends_with_what_mends_it(
    open_stage: OpenStage,
) -> None:
    async with open_stage(gateways=("heygen",)) as stage:
        await stage.prefers(fallback=True)
        await stage.breaks("heygen:submit", "status", status=401)
        await stage.ada.types("/video a fox in snow")
        message = await stage.take(1).reads("Not made")
        assert (
            "HeyGen does not accept this bot's key. Try again once an admin has" in message["text"]
        )
        assert await stage.paid() == 0


async def test_back_at_the_first_gateway_it_says_which_model_made_it(
    open_stage: OpenStage,
) -> None:
    """fal breaks off, Runware is out of credit, another model at fal makes it."""
    async with open_stage(gateways=CLIPS) as stage:
        await stage.prefers(fallback=True)
        await fills(stage, "runware", usd=0.0)
        await stage.breaks("fal:submit", "fail")
        await stage.ada.types("/video a fox in snow")
        asked = await stage.take(1).reads("Runware is out of credit.")
        assert " at fal instead" in asked["text"]
        if asked["text"].startswith("Needs your yes"):
            await stage.ada.presses("Render", on=asked)
        done = await stage.take(1).is_done()
        assert "made at" not in done["text"]
        assert ", not Seedance 2.0\n" in done["text"]
        assert await stage.paid() == 2, "the first was accepted, and not billed"


async def test_a_yes_to_one_offer_is_no_yes_to_the_next(open_stage: OpenStage) -> None:
    """Sora is gone at HeyGen, another model there is agreed to, and then the wallet is empty."""
    async with open_stage(gateways=ALL) as stage:
        await stage.prefers(fallback=True)
        await stage.breaks("heygen:submit", "status", status=410)
        await stage.ada.types("/video a fox in snow --model sora_v2")
        first = await stage.take(1).reads("another model than you asked for")
        agreed = (await stage.take(1).written()).execution
        gateway = agreed.gateway.value
        await fills(stage, gateway, usd=0.0)
        await stage.ada.presses("Render", on=first)

        assert agreed.wished is True
        await stage.until(
            lambda: _is_elsewhere(stage, agreed.offer), "it goes on where it was not agreed to"
        )
        onward = (await stage.take(1).written()).execution
        assert onward.gateway is not agreed.gateway
        same_model = onward.offer.partition("@")[0] == agreed.offer.partition("@")[0]
        assert onward.confirmed is same_model


async def _is_elsewhere(stage: Stage, offer: str) -> bool:
    return (await stage.take(1).written()).execution.offer != offer
