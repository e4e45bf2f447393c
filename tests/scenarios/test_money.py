"""Money and room: what is held, what asks first, and what is said about it."""

from __future__ import annotations

import asyncio

from tests.scenarios.conftest import OpenStage
from tests.scenarios.messages import shown_in
from tests.scenarios.stage import Stage

PLACES = ("general", "launch-film", "secret-launch", "dm-ada")


async def test_a_reached_budget_holds_and_says_so(open_stage: OpenStage) -> None:
    async with open_stage(dailies_monthly_budget_usd=2) as stage:
        await stage.ada.types("/video a fox in snow")
        await stage.take(1).is_done()
        await stage.ben.types("/video a bear in rain --model seedance_2_0")
        message = await stage.take(1, shot=2).reads("month's budget of $2.00 has no room")
        assert message["text"].startswith("Waiting")
        assert await stage.paid() == 1
        usage = await stage.ben.types("/video usage")
        assert "$2.00" in usage


async def test_usage_says_what_stays_reserved_for_what_is_done(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --model veo_3_1_fast")
    await stage.take().is_done()
    answer = await stage.control.do("command", user="ada", channel="general", text="/video usage")
    assert "Of it $2.00 is for finished videos whose price the vendor never tells" in str(
        answer["ack"]["body"]["blocks"]
    )


async def test_the_fourth_of_one_person_starts_when_one_of_three_ends(stage: Stage) -> None:
    await stage.control.do("rates", strict=False)
    await stage.breaks("heygen:submit", "late", times=3, seconds=5)
    for number, place in enumerate(PLACES):
        model = "veo_3_1" if number < 3 else "seedance_2_0"
        await stage.ada.types(f"/video fox number {number} --model {model}", in_=place)
        if number < 3:
            await stage.take(1, shot=number + 1).is_("running")
    message = await stage.take(1, shot=4).reads("Starts when one of yours finishes")
    assert "3 of 3" in message["text"]
    assert await stage.paid() == 3
    await asyncio.gather(*(stage.take(1, shot=n).is_done() for n in (1, 2, 3, 4)))
    started = (await stage.take(1, shot=4).written()).execution.submitted_at or 0.0
    ended = [(await stage.take(1, shot=n).written()).execution.ended_at or 0.0 for n in (1, 2, 3)]
    assert started >= min(ended)


async def test_above_five_dollars_asks_first_and_the_button_pays_once(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --model sora_v2_pro")
    message = await stage.take(1).reads("Needs your yes")
    assert "More than $5.00 is asked first" in message["text"]
    assert await stage.paid() == 0
    await stage.ada.presses("Render · up to $6.00", on=message)
    await stage.control.do("deliver_again", kind="action", times=2)
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_somebody_elses_yes_does_not_count(stage: Stage) -> None:
    await stage.ben.types("/video a fox in snow --model sora_v2_pro")
    message = await stage.take(1).reads("Needs your yes")
    await stage.cleo.presses("Render", on=message)
    await stage.cleo.is_told("Only the requester or an admin")
    assert await stage.paid() == 0


async def test_above_the_approval_limit_an_admin_says_yes(stage: Stage) -> None:
    await stage.prefers(approve_above_micro_usd=5_500_000)
    await stage.ben.types("/video a fox in snow --model sora_v2_pro")
    message = await stage.take(1).reads("Needs an admin's yes")
    await stage.ben.presses("Approve", on=message)
    await stage.ben.is_told("an admin has to approve")
    assert await stage.paid() == 0
    await stage.ada.presses("Approve", on=message)
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_the_same_words_twice_within_a_minute_ask(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    answer = await stage.ada.types("/video a fox in snow")
    assert "waits for your yes" in answer
    message = await stage.take(1, shot=2).reads("Needs your yes")
    assert "the same a moment ago" in shown_in(message)
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_an_admin_pauses_and_resumes(stage: Stage) -> None:
    assert "Only an admin" in await stage.ben.types("/video pause")
    assert "Paused" in await stage.ada.types("/video pause")
    await stage.ben.types("/video a fox in snow")
    await stage.take(1).reads("An admin has paused new renders")
    assert "Only an admin" in await stage.ben.types("/video resume")
    assert await stage.paid() == 0
    await stage.ada.types("/video resume")
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_money_that_comes_back_starts_what_it_held(open_stage: OpenStage) -> None:
    async with open_stage(dailies_monthly_budget_usd=2) as stage:
        await stage.breaks("fal:submit", "late", seconds=4)
        await stage.ada.types("/video a fox in snow")
        await stage.take(1).is_("running")
        await stage.ben.types("/video a bear in rain --model seedance_2_0", in_="launch-film")
        await stage.take(1, shot=2).reads("has no room")
        await stage.breaks("fal:check", "fail", message="out of memory")
        await stage.take(1).reads("not charged")
        await stage.take(1, shot=2).is_done()
