"""What people decide with a button, and what it costs."""

from __future__ import annotations

from tests.scenarios.conftest import both_transports
from tests.scenarios.doubts import history_is_closed, told_of_doubt
from tests.scenarios.messages import labels_of
from tests.scenarios.stage import Stage

SILENCE_S = 1.5


async def test_cancel_inside_the_undo_window_submits_nothing(stage: Stage) -> None:
    await stage.prefers(undo_command_s=30)
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).reads("Starting")
    await stage.ada.presses("Cancel: free", on=message)
    message = await stage.take(1).reads("Cancelled")
    assert "nothing charged" in message["text"]
    await stage.never(stage.paid, "a payment", within_s=SILENCE_S)


async def test_cancel_by_command_inside_the_undo_window_submits_nothing(stage: Stage) -> None:
    await stage.prefers(undo_command_s=30)
    await stage.ada.types("/video a fox in snow")
    assert "V-1 take 1 is cancelled" in await stage.ada.types("/video cancel")
    await stage.take(1).reads("Cancelled")
    assert await stage.paid() == 0


async def test_cancel_while_heygen_renders_keeps_the_result_and_does_not_post_it(
    stage: Stage,
) -> None:
    await stage.breaks("heygen:submit", "late", seconds=2)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    message = await stage.take(1).reads("Rendering")
    assert "Cancel" in labels_of(message)
    await stage.ada.presses("Cancel", on=message)
    message = await stage.take(1).reads("Cancelling")
    assert "may still charge" in message["text"]
    message = await stage.take(1).reads("Cancelled")
    assert "The result is kept, not posted" in message["text"]
    assert (await stage.take(1).written()).video is not None
    assert await stage.take(1).files() == []
    assert await stage.paid() == 1


async def test_cancel_while_fal_renders_ends_it_there(stage: Stage) -> None:
    await stage.breaks("fal:submit", "late", seconds=30)
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).reads("Rendering")
    await stage.ada.presses("Cancel", on=message)
    await stage.take(1).reads("Cancelled")
    (entry,) = await stage.take(1).entries()
    assert entry["state"].lower() == "cancelled"


async def test_only_the_requester_or_an_admin_cancels(stage: Stage) -> None:
    await stage.prefers(undo_command_s=8)
    await stage.ben.types("/video a fox in snow")
    message = await stage.take(1).reads("Starting")
    await stage.cleo.presses("Cancel", on=message)
    await stage.cleo.is_told("Only the requester or an admin can cancel")
    await stage.ada.presses("Cancel", on=message)
    await stage.take(1).reads("Cancelled")
    assert await stage.paid() == 0


async def test_an_approval_is_one_broadcast(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).is_done()
    await stage.has_posted("broadcast", 1)
    await stage.ben.presses("Approve", on=message)
    await stage.control.do("deliver_again", kind="action", times=2)
    first, approval = await stage.has_posted("broadcast", 2)
    assert "is done" in first["text"]
    assert f"is approved by <@{stage.ben.id}>" in approval["text"]
    await stage.shot(1).reads("Approved: take 1")
    message = await stage.take(1).reads("Done")
    assert "Approve" not in labels_of(message)
    await stage.never(lambda: _more_than(stage, 2), "a third broadcast", within_s=SILENCE_S)


@both_transports
async def test_new_take_opens_the_filled_form(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --aspect 1:1 --seed 7")
    message = await stage.take(1).is_done()
    await stage.ada.presses("New take", on=message)
    form = await stage.ada.has_form()
    await stage.ada.submits(form, prompt="a fox in deep snow")
    await stage.take(2).is_done()
    (entry,) = await stage.take(2).entries()
    assert entry["input"]["prompt"] == "a fox in deep snow"
    assert entry["input"]["aspect_ratio"] == "1:1"
    assert entry["input"]["seed"] == 7
    assert await stage.paid() == 2


async def test_edit_inside_the_window_changes_the_take_itself(stage: Stage) -> None:
    await stage.prefers(undo_command_s=6)
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).reads("Starting")
    await stage.ada.presses("Edit", on=message)
    await stage.ada.submits(await stage.ada.has_form(), prompt="a bear in rain")
    message = await stage.take(1).is_done()
    (entry,) = await stage.ledger()
    assert entry["input"]["prompt"] == "a bear in rain"
    assert await stage.take(2).find() is None


async def test_a_variation_has_another_seed(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --seed 7")
    message = await stage.take(1).is_done()
    await stage.ada.presses("Variation", on=message)
    await stage.take(2).is_done()
    first, second = await stage.ledger()
    assert first["input"]["prompt"] == second["input"]["prompt"]
    assert first["input"]["seed"] == 7
    assert second["input"]["seed"] != 7


async def test_try_again_after_a_failure_is_a_new_take(stage: Stage) -> None:
    await stage.breaks("fal:submit", "fail", message="out of memory")
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).reads("Not made")
    await stage.ada.presses("Try again", on=message)
    await stage.take(2).is_done()
    first, second = await stage.ledger()
    first_seed, second_seed = first["input"].pop("seed"), second["input"].pop("seed")
    assert first["input"] == second["input"]
    assert first_seed != second_seed


async def test_try_again_in_doubt_says_that_it_may_pay_twice(stage: Stage) -> None:
    await history_is_closed(stage)
    await stage.breaks("fal:submit", "reset_after")
    await stage.ada.types("/video a fox in snow")
    await told_of_doubt(stage)
    message = await stage.take(1).reads("may have been charged")
    button = next(
        element
        for block in message["blocks"]
        for element in block.get("elements") or []
        if element.get("type") == "button" and element["text"]["text"].startswith("Try again")
    )
    assert "may pay twice" in button["text"]["text"]
    assert button["confirm"]["title"]["text"] == "Pay twice?"
    assert await stage.paid() == 1
    await stage.ada.presses("Try again", on=message)
    await stage.take(2).is_done()
    assert await stage.paid() == 2, "the person said yes to that"


async def _more_than(stage: Stage, count: int) -> bool:
    return len(await stage.posts("broadcast")) > count
