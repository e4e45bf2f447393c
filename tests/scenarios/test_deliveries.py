"""Slack delivers again, late, or not at all: what arrived counts once."""

from __future__ import annotations

from tests.scenarios.conftest import both_transports
from tests.scenarios.stage import Stage

SILENCE_S = 1.5


@both_transports
async def test_a_command_delivered_three_times_is_one_request(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    await stage.control.do("deliver_again", kind="command", times=2)
    await stage.take(1).is_done()
    assert await stage.shot(2).find() is None
    assert await stage.paid() == 1


@both_transports
async def test_a_mention_delivered_three_times_is_one_request(stage: Stage) -> None:
    ts = await stage.ada.mentions_dailies("a fox in snow")
    await stage.take(1).written()
    await stage.delivers_event_again(ts, times=2)
    await stage.take(1).is_done()
    await stage.never(stage.shot(2).find, "a second shot", within_s=SILENCE_S)
    assert await stage.paid() == 1


async def test_a_reply_delivered_three_times_is_one_take(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    ts = await stage.ada.replies("at night")
    await stage.take(2).written()
    await stage.delivers_event_again(ts, times=2)
    await stage.take(2).is_done()
    await stage.delivers_event_again(ts)
    await stage.never(stage.take(3).find, "a third take", within_s=SILENCE_S)
    assert await stage.paid() == 2


@both_transports
async def test_a_button_delivered_three_times_is_one_press(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).is_done()
    await stage.ada.presses("Variation", on=message)
    await stage.control.do("deliver_again", kind="action", times=2)
    await stage.take(2).is_done()
    await stage.never(stage.take(3).find, "a third take", within_s=SILENCE_S)
    assert await stage.paid() == 2


@both_transports
async def test_a_lost_ack_and_the_same_words_again_ask_before_they_pay_twice(
    stage: Stage,
) -> None:
    await stage.breaks("slack:commands", "hang")
    answer = await stage.control.do(
        "command", user="ada", channel="general", text="/video a fox in snow"
    )
    assert answer["ack"]["error"] == "operation_timeout", "Slack never heard our answer"
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1, shot=2).reads("Needs your yes")
    await stage.take(1).is_done()
    assert await stage.paid() == 1
    await stage.ada.presses("Render", on=message)
    await stage.take(1, shot=2).is_done()
    assert await stage.paid() == 2


async def test_a_socket_that_breaks_off_loses_nothing(stage: Stage) -> None:
    await stage.control.do("disconnect", reason="drop")
    await stage.ada.mentions_dailies("a fox in snow")
    await stage.take(1).is_done(within_s=45)
    assert await stage.paid() == 1
