"""The bot stops or is cut off at every stage of a take, and goes on where it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.ports import Transaction
from tests.scenarios.pictures import picture
from tests.scenarios.stage import Stage

End = Callable[[Stage], Awaitable[None]]

STAGES = (
    "posting",
    "undo",
    "preparing",
    "submitting",
    "running",
    "fetching",
    "uploading",
    "sharing",
)
SLOW: dict[str, tuple[str, str, dict[str, Any]]] = {
    "posting": ("slack:chat.postMessage", "slow", {"seconds": 1.5}),
    "preparing": ("heygen:upload", "slow", {"seconds": 1.5}),
    "submitting": ("heygen:submit", "slow", {"seconds": 1.5}),
    "running": ("heygen:submit", "late", {"seconds": 2}),
    "fetching": ("heygen:file", "slow", {"seconds": 1.5}),
    "uploading": ("slack:upload", "slow", {"seconds": 1.5}),
    "sharing": ("slack:files.completeUploadExternal", "slow", {"seconds": 1.5}),
}


async def begin(stage: Stage, at: str) -> None:
    """A take with a picture, on its way until it is at this stage."""
    if at in SLOW:
        target, kind, params = SLOW[at]
        await stage.breaks(target, kind, **params)
    if at == "undo":
        await stage.prefers(undo_command_s=4)
    await stage.ada.mentions_dailies("it wakes up --model veo_3_1", image=picture())
    await stage.until(lambda: _is_at(stage, at), f"the take is {at}")


async def _is_at(stage: Stage, at: str) -> bool:
    take = await stage.take(1).find()
    if take is None:
        return False
    match at:
        case "posting":
            return bool(await stage.read(_sending, "post_card"))
        case "undo":
            return take.execution.state == "queued" and take.message_ts is not None
        case "uploading":
            return bool(await stage.read(_sending, "file"))
        case "sharing":
            return bool(await stage.read(_reserved)) and bool(await stage.take(1).files())
        case "preparing":
            return bool(await stage.read(_kept_pictures))
        case state:
            return take.execution.state == state


@pytest.mark.parametrize("at", STAGES)
async def test_stopped_in_order_it_goes_on(stage: Stage, at: str) -> None:
    await begin(stage, at)
    await stage.restarts()
    await stage.take(1).is_done()
    assert await stage.paid() == 1


@pytest.mark.parametrize("at", [at for at in STAGES if at != "submitting"])
async def test_cut_off_it_goes_on(stage: Stage, at: str) -> None:
    await begin(stage, at)
    await stage.crashes()
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_cut_off_in_a_submit_it_is_in_doubt_and_not_sent_again(stage: Stage) -> None:
    await begin(stage, "submitting")
    await stage.crashes()
    message = await stage.take(1).reads("may have been charged")
    assert message["text"].startswith("Uncertain")
    assert await stage.paid() == 1


async def test_cut_off_three_times_on_its_way_it_is_made_once(stage: Stage) -> None:
    await stage.prefers(undo_command_s=1)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.crashes()
    await stage.shot(1).card()
    await stage.crashes()
    await stage.breaks("heygen:submit", "late", seconds=2)
    await stage.take(1).is_("running")
    await stage.crashes()
    await stage.take(1).is_done()
    assert await stage.paid() == 1


def _sending(db: Transaction, kind: str) -> Any:
    return db.execute(
        "SELECT 1 AS yes FROM outbox WHERE kind = :kind AND state = 'sending'", {"kind": kind}
    ).one()


def _reserved(db: Transaction) -> Any:
    return db.execute(
        "SELECT 1 AS yes FROM outbox WHERE kind = 'file' AND state = 'sending'"
        " AND slack_ref IS NOT NULL"
    ).one()


def _kept_pictures(db: Transaction) -> Any:
    return db.execute("SELECT 1 AS yes FROM picture").one()
