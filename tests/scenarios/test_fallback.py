"""What fails at one gateway goes on at another: announced, paid once, never against a refusal."""

from __future__ import annotations

import pytest

from tests.scenarios.stage import Stage


@pytest.fixture(autouse=True)
async def _fallback(stage: Stage) -> None:
    await stage.prefers(fallback=True)


async def test_a_gone_workflow_endpoint_is_parked_and_the_same_model_finishes_at_fal(
    stage: Stage,
) -> None:
    await stage.breaks("heygen:submit", "status", status=410)
    await stage.breaks("fal:submit", "slow", seconds=3.0)  # long enough to be read
    await stage.ben.types("/video a fox in snow --model veo_3_1")
    message = await stage.take(1).reads("HeyGen stopped offering it. Veo 3.1 at fal instead")
    assert "(was up to $4.00)" in message["text"]
    await stage.take(1).is_done()
    notice = await stage.ada.is_told("no longer offers Veo 3.1")
    assert "Nothing was charged" in notice["text"]
    assert len(await stage.ada.hears()) == 1
    done = await stage.take(1).reads("made at fal, not HeyGen")
    assert "Done" in done["text"]
    assert await stage.paid() == 1


async def test_refused_content_is_never_shopped_around(stage: Stage) -> None:
    said = "The prompt contains sensitive words that violate Google's Responsible AI practices."
    await stage.breaks("heygen:submit", "fail", message=said)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    message = await stage.take(1).reads("Not made")
    assert "Veo 3.1 refused the words" in message["text"]
    assert "may have been charged, up to $4.00" in message["text"], "that road says nothing of it"
    assert await stage.paid() == 1, "it was accepted once, and tried nowhere else"


async def test_another_model_than_the_one_asked_for_asks_first(stage: Stage) -> None:
    await stage.breaks("heygen:submit", "status", status=410)
    await stage.ada.types("/video a fox in snow --model sora_v2")
    message = await stage.take(1).reads("another model than you asked for")
    assert message["text"].startswith("Needs your yes")
    assert await stage.paid() == 0
    await stage.ada.presses("Render", on=message)
    await stage.take(1).is_done()
    assert await stage.paid() == 1
