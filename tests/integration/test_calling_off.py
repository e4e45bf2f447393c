"""Slips, refusals and cancels through the real Bolt app: what is acked, and what is not started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import Failure, FailureClass
from domain.execution import State
from domain.gateway import Rejected
from domain.ports import Transaction
from handlers import ids
from tests.integration.house import House, open_house, until


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        await opened.prefers(undo_command_s=60, undo_reply_s=60, undo_reply_max_s=60)
        yield opened


def requests(db: Transaction) -> int:
    """How many takes were asked for."""
    return len(db.execute("SELECT id FROM request").all())


@pytest.mark.parametrize(
    ("line", "verb"),
    [("help nosuch", "help"), ("avatar", "avatar new"), ("pause now please", "pause")],
)
async def test_a_slip_is_told_with_a_line_for_either_reading(
    house: House, line: str, verb: str
) -> None:
    told = await house.types("ada", f"/video {line}")

    assert told.startswith(f"Did you mean `/video {verb}`? Nothing was started.")
    assert f"Try: `/video {verb}`" in told
    assert f"To render “{line}” for " in told
    assert "$" in told
    assert f"`/video {line} --kind clip`" in told
    assert await house.read(requests) == 0

    await house.starts("ada", f"/video {line} --kind clip")
    assert (await house.page(1)).latest.request.work.said == line


async def test_punctuation_is_not_much_of_a_prompt(house: House) -> None:
    assert "is not much to make a video of" in await house.types("ada", "/video !!!")
    assert await house.read(requests) == 0


async def test_a_slip_in_a_mention_is_told_to_its_author(house: House) -> None:
    bot = house.slack.greeting["bot_user"]
    await house.slack.control(
        "message", user="ada", channel="general", text=f"<@{bot}> help nosuch"
    )
    told = await house.whispered("ada", "Did you mean `/video help`?")
    assert "/video help nosuch --kind clip" in str(told)
    assert await house.read(requests) == 0


async def test_a_line_to_try_after_a_wrong_model_is_one_that_works(house: House) -> None:
    told = await house.types("ada", "/video a fox --model veo_3.2 --duration 30")
    line = told.partition("Try: `")[2].rstrip("`")
    assert line.startswith("/video a fox --model veo")
    await house.starts("ada", line)
    assert await house.read(requests) == 1


async def test_an_empty_script_starts_nothing(house: House) -> None:
    told = await house.types("ada", '/video --avatar Anna --script ""')
    assert "The script is empty" in told
    assert await house.read(requests) == 0


@pytest.mark.parametrize("words", ["cancel", "stop", "never mind", "Cancel it, please!"])
async def test_a_reply_cancels_ones_own_take(house: House, words: str) -> None:
    await house.starts("ada", "/video a fox in snow")

    await house.replies("ada", words)

    await _is(house, State.CANCELLED)
    assert await house.read(requests) == 1
    assert not any("next take" in str(one) for one in house.slack.whispers("ada"))


async def test_only_the_newest_is_cancelled_unless_all_are_meant(house: House) -> None:
    await house.starts("ada", "/video a fox in snow")
    await house.replies("ada", "slower, at night")
    await until(lambda: _count(house, 2), "a second take")

    await house.replies("ada", "cancel")
    await _is(house, State.CANCELLED, take=2)
    first = (await house.page(1)).takes[0]
    assert first.execution.state is not State.CANCELLED

    await house.replies("ada", "cancel everything")
    await _is(house, State.CANCELLED, take=1)


async def test_somebody_elses_take_is_not_cancelled_by_a_reply(house: House) -> None:
    await house.starts("ben", "/video a fox in snow")

    await house.replies("cleo", "stop")
    await house.replies("cleo", "cancel")

    told = await house.whispered("cleo", "Only who asked for it, or an admin, can cancel")
    assert told["thread_ts"] == (await house.page(1)).shot.card_ts
    assert len(house.slack.whispers("cleo")) == 1, "“stop” may be said to anybody"
    assert (await house.page(1)).latest.execution.state is not State.CANCELLED

    await house.replies("ada", "never mind")
    assert (await house.page(1)).latest.execution.state is not State.CANCELLED
    await house.replies("ada", "cancel")  # an admin
    await _is(house, State.CANCELLED)


async def test_a_cancel_with_nothing_open_is_told_and_never_the_next_take(house: House) -> None:
    message = await house.starts("ada", "/video a fox in snow")
    await house.presses("ada", ids.CANCEL, message)
    await _is(house, State.CANCELLED)

    await house.replies("ada", "nvm")
    await house.replies("ada", "cancel")

    await house.whispered("ada", "nothing in this thread that can be cancelled now")
    told = [one for one in house.slack.whispers("ada") if one.get("thread_ts")]
    assert len(told) == 1, "“nvm” may be said to anybody"
    assert await house.read(requests) == 1


async def test_a_reply_that_is_edited_to_cancel_takes_its_take_back(house: House) -> None:
    await house.starts("ada", "/video a fox in snow")
    ts = await house.replies("ada", "slower, at night")
    await until(lambda: _count(house, 2), "a second take")

    page = await house.page(1)
    await house.slack.control("edit", user="ada", channel=page.shot.channel, ts=ts, text="cancel")

    await _is(house, State.CANCELLED, take=2)


async def test_a_shot_that_is_done_says_so_when_it_is_cancelled(house: House) -> None:
    message = await house.starts("ada", "/video a fox in snow")
    await house.presses("ada", ids.CANCEL, message)
    await _is(house, State.CANCELLED)
    assert "V-1 take 1 is cancelled" in await house.types("ada", "/video cancel V-1")

    await house.starts("ada", "/video a fox in rain")
    request_id = (await house.page(2)).latest.request.id
    await house.submitted(request_id)
    failure = Failure(kind=FailureClass.BAD_INPUT)
    await house.happens(request_id, Rejected(failure))
    told = await house.types("ada", "/video cancel V-2")
    assert told.startswith("Too late to cancel V-2 take 1: not made")


async def test_somebody_elses_running_shot_says_whose_it_is(house: House) -> None:
    await house.starts("ben", "/video a fox in snow")

    told = await house.types("cleo", "/video cancel V-1")

    assert (
        told
        == f"V-1 is <@{house.slack.user('ben')}>'s: they or an admin can cancel it. It goes on."
    )


async def _is(house: House, state: State, *, take: int = 1) -> None:
    async def look() -> bool | None:
        return (await house.page(1)).takes[take - 1].execution.state is state or None

    await until(look, f"take {take} is {state}")


async def _count(house: House, takes: int) -> bool | None:
    return await house.read(requests) == takes or None
