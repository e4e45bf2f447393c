"""Where we may not post nothing is made, and nothing is lost either."""

from __future__ import annotations

from tests.scenarios.conftest import both_transports
from tests.scenarios.messages import labels_of
from tests.scenarios.stage import Stage

OUTSIDE = "not-a-member"
SILENCE_S = 2.0


async def test_outside_of_a_channel_nothing_is_posted_and_nothing_is_paid(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow", in_=OUTSIDE)
    notice = await stage.ada.is_told("I'm not in")
    assert "/invite @dailies" in notice["text"]
    assert notice["text"].startswith("*V-1* does not start yet, although I said so: I'm not in")
    assert labels_of(notice) == ["Start now"]
    for verb in ("status", "show V-1"):
        told = await stage.ada.types(f"/video {verb}", in_=OUTSIDE)
        assert "Waits: I am not in <#" in told
        assert "Starting" not in told
    await stage.never(stage.paid, "a payment", within_s=SILENCE_S)
    assert [m for m in await stage.messages(OUTSIDE) if m.get("bot_id")] == []


@both_transports
async def test_invited_and_start_now_it_is_made(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow", in_=OUTSIDE)
    notice = await stage.ada.is_told("I'm not in")
    await stage.control.do("invite", channel=OUTSIDE)
    await stage.ada.presses("Start now", on=notice)
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_start_now_without_an_invitation_says_so_again(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow", in_=OUTSIDE)
    notice = await stage.ada.is_told("I'm not in")
    await stage.ada.presses("Start now", on=notice)

    async def told_twice() -> bool:
        return sum("I'm not in" in each["text"] for each in await stage.ada.hears()) == 2

    await stage.until(told_twice, "it says so again")
    assert await stage.paid() == 0


async def test_after_a_restart_the_notice_comes_directly(stage: Stage) -> None:
    await stage.breaks("slack:chat.postMessage", "rate_limited", retry_after_s=2)
    await stage.ada.types("/video a fox in snow", in_=OUTSIDE)
    await stage.restarts()
    notice = await stage.ada.is_told("I'm not in")
    direct = stage.control.greeting["channels"]["dm-ada"]
    assert notice["channel"] == direct, "the response_url was in memory only"
    await stage.control.do("invite", channel=OUTSIDE)
    await stage.ada.presses("Start now", on=notice)
    await stage.take(1).is_done()


async def test_a_day_later_it_has_ended_unpaid(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow", in_=OUTSIDE)
    await stage.ada.is_told("I'm not in")
    await stage.skips(24 * 3_600.0 + 60)
    await stage.take(1).is_("failed")
    await stage.ada.is_told("V-1 was not started and nothing is charged")
    assert await stage.paid() == 0
