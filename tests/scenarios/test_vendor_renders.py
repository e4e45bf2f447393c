"""What becomes of a render once a vendor has it: told once, adopted late, never lost."""

from __future__ import annotations

from functools import partial

import pytest

from domain.watching import DEADLINE_S, LATE_WATCH_S, OVERDUE_LOOKS, REFUSED_RECHECK_S
from tests.scenarios.stage import Stage

LATE_CHECK_S = DEADLINE_S / 10 + 10  # a late one is looked at every tenth of its age


async def test_an_expired_link_gets_a_fresh_one_and_is_delivered(stage: Stage) -> None:
    await stage.breaks("heygen:file", "expired_link")
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).is_done()
    fetched = await _fetched(stage)
    assert fetched[0] == 403
    assert fetched[-1] == 200
    assert await stage.paid() == 1


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "status"])
async def test_a_broken_download_is_fetched_again(stage: Stage, kind: str) -> None:
    await stage.breaks("heygen:file", kind)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_a_result_that_is_no_video_is_asked_for_afresh(stage: Stage) -> None:
    await stage.breaks("heygen:file", "garbage")
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.until(lambda: _fetched(stage), "the first download")
    await stage.take(1).is_("running")
    await stage.skips(REFUSED_RECHECK_S)
    await stage.take(1).is_done()
    assert await stage.paid() == 1


@pytest.mark.parametrize("vendor", ["fal", "heygen"])
async def test_a_failed_render_is_told_in_one_line(stage: Stage, vendor: str) -> None:
    model = {"fal": "seedance_2_0", "heygen": "veo_3_1"}[vendor]
    await stage.breaks(f"{vendor}:submit", "fail", message="<!channel> CUDA out of memory")
    await stage.ada.types(f"/video a fox in snow --model {model}")
    message = await stage.take(1).reads("Not made")
    assert "CUDA" not in message["text"], "a vendor's words are for Details"
    (ping,) = await stage.has_posted("ping", 1)
    assert f"<@{stage.ada.id}>" in ping["text"]
    assert "<!channel>" not in ping["text"]


@pytest.mark.parametrize("vendor", ["fal", "heygen"])
async def test_refused_content_says_that_trying_again_is_pointless(
    stage: Stage, vendor: str
) -> None:
    model = {"fal": "seedance_2_0", "heygen": "veo_3_1"}[vendor]
    await stage.breaks(f"{vendor}:submit", "refuse")
    await stage.ada.types(f"/video a fox in snow --model {model}")
    message = await stage.take(1).reads("Not made")
    assert "other words" in message["text"] or "Change them" in message["text"]


@pytest.mark.parametrize("vendor", ["fal", "heygen"])
async def test_an_unknown_status_word_means_still_running(stage: Stage, vendor: str) -> None:
    model = {"fal": "seedance_2_0", "heygen": "veo_3_1"}[vendor]
    await stage.breaks(f"{vendor}:check", "unknown_status", times=2, word="hibernating")
    await stage.ada.types(f"/video a fox in snow --model {model}")
    await stage.take(1).is_done()
    assert await stage.paid() == 1


@pytest.mark.parametrize("kind", ["status", "reset_before", "garbage", "rate_limited"])
async def test_checks_that_fail_lose_nothing(stage: Stage, kind: str) -> None:
    await stage.breaks("fal:check", kind, times=2)
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert await stage.paid() == 1


async def test_a_late_result_is_adopted_and_delivered(stage: Stage) -> None:
    await stage.breaks("heygen:submit", "late", seconds=4)
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).is_("running")
    await stage.skips(DEADLINE_S)
    message = await stage.take(1).reads("Late")
    assert "start no other" in message["text"]
    await stage.until(lambda: _finished_there(stage), "HeyGen is done")
    await stage.skips(LATE_CHECK_S)
    message = await stage.take(1).is_done()
    assert "arrived late, not charged again" in message["text"]
    outcome = (await stage.take(1).written()).outcome
    assert outcome is not None
    assert outcome.revised_at is not None
    assert await stage.paid() == 1


async def test_a_result_that_never_comes_expires_after_a_day(stage: Stage) -> None:
    await stage.breaks("heygen:submit", "stuck")
    await stage.ada.types("/video a fox in snow --model veo_3_1")
    await stage.take(1).is_("running")
    await stage.skips(DEADLINE_S)
    await stage.take(1).reads("Late")
    await stage.skips(LATE_WATCH_S)
    for looks in range(1, OVERDUE_LOOKS):  # that a day has passed decides nothing by itself
        await stage.until(partial(_looked, stage, looks), f"look {looks} after a day")
        await stage.skips(DEADLINE_S / (OVERDUE_LOOKS - 1))
    message = await stage.take(1).reads("Expired")
    assert "may have been charged" in message["text"]
    assert await stage.paid() == 1


async def _looked(stage: Stage, times: int) -> bool:
    """Whether it was looked for so often since it might have expired."""
    return (await stage.take(1).written()).execution.overdue_looks == times


async def _fetched(stage: Stage) -> list[int | None]:
    """How each download of a result was answered."""
    return [call["status"] for call in await stage.calls("") if "/video/" in call["path"]]


async def _finished_there(stage: Stage) -> bool:
    return all(entry["state"] == "completed" for entry in await stage.ledger())
