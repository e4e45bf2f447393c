"""Every door of Slack's, through the real Bolt app: what a knock does, and what a refusal says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.catalog import CATALOG
from domain.execution import State
from domain.ports import Transaction
from domain.request import Clip
from handlers import ids
from tests.integration.house import House, moved_in, open_house, until
from tests.integration.sandbox_slack import local_slack
from tests.scenarios.pictures import picture


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_a_shot_is_cancelled_by_number_only_where_it_was_made(house: House) -> None:
    await house.starts("ada", "/video a fox in snow", in_="secret-launch")

    told = await house.types("ada", "/video cancel V-1", in_="general")

    assert told.startswith("There is no V-1 in this channel.")
    page = await house.page(1)
    assert page.latest.execution.state in (State.PREPARING, State.QUEUED)
    assert "is cancelled" in await house.types("ada", "/video cancel V-1", in_="secret-launch")


@pytest.mark.parametrize("kind", ["error", "reset_after"])
async def test_a_modal_that_does_not_open_is_told_with_what_to_press(
    house: House, kind: str
) -> None:
    message = await house.starts("ada", "/video a fox in snow")
    await _views_break(house, kind)

    await house.presses("ada", ids.EDIT, message)

    told = await house.whispered("ada", "Press *Edit* once more.")
    assert "Nothing was started" in told["text"]
    assert told["thread_ts"] == (await house.page(1)).shot.card_ts


async def test_a_menu_line_that_does_not_open_is_named(house: House) -> None:
    message = await house.starts("ada", f"/video {'a fox in deep snow, ' * 30}")
    await _views_break(house, "error")

    await house.presses("ada", ids.FULL_PROMPT, message)

    await house.whispered("ada", "Press *Full prompt* once more.")


async def test_a_shortcut_that_does_not_open_is_told(house: House) -> None:
    shown = await _picture_in_general(house)
    await _views_break(house, "error")

    await _animates(house, shown)

    await house.whispered("ada", "Choose *Animate this image* on the message once more.")


async def test_the_bare_command_says_how_to_say_it_in_a_line(house: House) -> None:
    await _views_break(house, "error")

    told = await house.types("ada", "/video")

    assert "Type `/video` once more, or say it in a line" in told


async def test_a_refused_press_on_a_private_question_is_told_in_its_thread(house: House) -> None:
    await house.starts("ada", "/video a fox in snow")
    await house.replies("ada", "replace the fox with a wolf")
    question = await house.whispered("ada", "Should this be the next take?")
    await house.read(_park_everything)

    await house.presses("ada", ids.RENDER_DRAFT, question)

    told = await house.whispered("ada", "not available any more")
    assert told["thread_ts"] == question["thread_ts"] == (await house.page(1)).shot.card_ts


async def test_a_refused_press_on_a_card_is_told_in_the_channel(house: House) -> None:
    await house.starts("ben", "/video a fox in snow")
    page = await house.page(1)
    await house.replies("ben", "lol")  # a card with replies carries its own ts as thread_ts
    channel = page.shot.channel
    (card,) = [one for one in house.slack.messages("general") if one["ts"] == page.shot.card_ts]

    await house.presses("cleo", ids.CANCEL, card | {"channel": channel})

    told = await house.whispered("cleo", "Only the requester or an admin can cancel")
    assert "thread_ts" not in told


async def test_a_channel_that_was_switched_off_is_refused_at_every_door(tmp_path: Path) -> None:
    async with local_slack(strict_rates=False) as slack:
        async with moved_in(slack, tmp_path) as house:
            await house.prefers(undo_command_s=60)
            message = await house.starts("ada", "/video a fox in snow")
            await house.presses("ada", ids.EDIT, message)
            form = await house.form("ada")
        only = (slack.channel("launch-film"),)
        async with moved_in(slack, tmp_path, dailies_channels=only) as house:
            await house.submits("ada", form, prompt="a bear in rain")
            assert (await house.page(1)).latest.execution.work.said == "a fox in snow"
            assert "not switched on" in await house.types("ada", "/video a fox")
            await house.presses("ada", ids.EDIT, message)
            await house.whispered("ada", "not switched on in this channel")
            await house.presses("ada", ids.CANCEL, message)
            assert (await house.page(1)).latest.execution.state is State.CANCELLED


async def test_a_shortcut_where_dailies_is_switched_off_says_so(tmp_path: Path) -> None:
    async with (
        local_slack(strict_rates=False) as slack,
        moved_in(slack, tmp_path, dailies_channels=(slack.channel("launch-film"),)) as house,
    ):
        shown = await _picture_in_general(house)
        await _animates(house, shown)
        await house.whispered("ada", "not switched on in this channel")


async def test_an_admin_offers_parked_models_again(house: House) -> None:
    await house.read(_park_everything)

    assert "not available any more" in await house.types("ben", "/video a fox in snow")
    assert "No model can be used now" in await house.types("ben", "/video")
    assert "0 models" in await house.types("ben", "/video models")
    assert "Only an admin" in await house.types("ben", "/video unpark all")
    assert "`sora_v2`" in await house.types("ada", "/video unpark")
    assert "is not parked" in await house.types("ada", "/video unpark sora_v9")
    assert await house.types("ada", "/video unpark sora_v2") == (
        "Offered again: `sora_v2`. If the endpoint is still gone, the next refusal parks it."
    )
    assert "1 model*" in await house.types("ben", "/video models")
    await house.types("ada", "/video unpark all")
    assert "Nothing is parked" in await house.types("ada", "/video unpark")
    await house.starts("ben", "/video a fox in snow")


async def test_a_mention_in_somebody_elses_thread_is_a_shot_of_its_own(house: House) -> None:
    """A mention is a command wherever it stands; what is only near one of our threads is not."""
    general = house.slack.channel("general")
    talk = await house.slack.control("message", user="ben", channel=general, text="ideas?")
    where = {"channel": general, "thread_ts": talk["ts"]}
    bot = house.slack.greeting["bot_user"]

    await house.slack.control("reply", user="ada", text="a fox, at night", **where)
    await house.slack.control("reply", user="ada", text=f"<@{bot}> a fox in snow", **where)

    assert [take.execution.work.said for take in (await house.page(1)).takes] == ["a fox in snow"]


async def test_an_impossible_verb_in_a_thread_is_refused_with_words(house: House) -> None:
    await house.starts("ada", "/video a fox in snow")

    await house.replies("ada", f"<@{house.slack.greeting['bot_user']}> defaults --seed 7")

    await house.whispered("ada", "A channel has no default for `--seed`")


async def test_an_impossible_edit_of_a_reply_is_told_and_the_take_waits(house: House) -> None:
    await house.prefers(undo_reply_s=60)
    await house.starts("ada", "/video a fox in snow")
    ts = await house.replies("ada", "at night")
    await until(lambda: _has_takes(house, 2), "a second take")

    await house.slack.control("edit", user="ada", channel="general", ts=ts, text="--aspect 17:3")

    await house.whispered("ada", "The take waits: edit your reply again, or press Render")
    take = (await house.page(1)).latest
    message = await house.message(take)
    await house.presses("ada", ids.CONFIRM, message)
    assert (await house.take(take.request.id)).execution.confirmed


async def test_an_edit_that_comes_too_late_becomes_a_next_take_only_by_another_press(
    house: House,
) -> None:
    await house.prefers(undo_command_s=0)
    message = await house.starts("ada", "/video a fox in snow --model veo_3_1_fast --aspect 9:16")
    await house.presses("ada", ids.EDIT, message)
    late = await house.form("ada")
    await house.submitted((await house.page(1)).latest.request.id)

    await house.submits("ada", late, prompt="a bear in rain")

    assert len((await house.page(1)).takes) == 1, "nobody said yes to a second payment"
    offered = await house.form("ada")
    assert offered["title"]["text"] == "New take of V-1"
    assert "take 1 can't be changed any more" in str(offered["blocks"][0])
    await house.submits("ada", offered)
    first, second = (await house.page(1)).takes
    assert first.execution.state is State.SUBMITTING
    assert second.execution.work.said == "a bear in rain"
    work = second.execution.work
    assert isinstance(work, Clip)
    assert (work.model, work.aspect_ratio) == ("veo_3_1_fast", "9:16")


async def test_edit_on_a_take_that_has_begun_opens_as_a_next_take(house: House) -> None:
    await house.prefers(undo_command_s=0)
    message = await house.starts("ada", "/video a fox in snow")
    await house.submitted((await house.page(1)).latest.request.id)

    await house.presses("ada", ids.EDIT, message)

    assert (await house.form("ada"))["title"]["text"] == "New take of V-1"


async def _has_takes(house: House, count: int) -> bool:
    return len((await house.page(1)).takes) == count


async def _picture_in_general(house: House) -> str:
    file = await house.slack.upload("ada", "fox.png", picture((10, 200, 90)))
    await house.slack.control("message", user="ada", channel="general", files=[file["id"]])
    (shown,) = house.slack.messages("general")
    return str(shown["ts"])


async def _animates(house: House, ts: str) -> None:
    answer = await house.slack.control(
        "shortcut", user="ada", callback_id=ids.ANIMATE_IMAGE, channel="general", ts=ts
    )
    assert answer["ack"]["error"] is None


async def _views_break(house: House, kind: str) -> None:
    params: dict[str, Any] = {"code": "expired_trigger_id"} if kind == "error" else {}
    await house.slack.control("fault", target="slack:views.open", kind=kind, params=params)


def _park_everything(db: Transaction) -> None:
    for offer in CATALOG:
        db.execute(
            "INSERT INTO parking (offer, team_id, reason, parked_at) VALUES (:o, 'T', '410', 0)",
            {"o": offer.name},
        )
