"""What a vendor does to a submit: refused, accepted or in doubt, but never paid twice unasked."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import OpenStage
from tests.scenarios.doubts import history_is_closed, told_of_doubt
from tests.scenarios.messages import labels_of
from tests.scenarios.stage import Stage

MODEL_AT = {"fal": "seedance_2_0", "heygen": "veo_3_1"}
SUBMIT_AT = {"fal": "/text-to-video", "heygen": "/v1/workflows/executions"}
NEVER_AGAIN_S = 2.5

both_vendors = pytest.mark.parametrize("vendor", ["fal", "heygen"])


async def submits(stage: Stage, vendor: str) -> list[float]:
    """When submits reached the vendor, whatever became of them."""
    calls = await stage.calls(SUBMIT_AT[vendor])
    return [call["at"] for call in calls if call["method"] == "POST"]


@both_vendors
async def test_too_many_requests_waits_as_long_as_told(stage: Stage, vendor: str) -> None:
    await stage.breaks(f"{vendor}:submit", "rate_limited", retry_after_s=3)
    await stage.ada.types(f"/video a fox in snow --model {MODEL_AT[vendor]}")
    await stage.take(1).reads("is busy")
    await stage.take(1).is_done()
    first, second = await submits(stage, vendor)
    assert second - first >= 2.9
    assert await stage.paid() == 1


@both_vendors
@pytest.mark.parametrize(
    ("kind", "params", "accepted"),
    [
        ("status", {"status": 503}, 0),
        ("status_after", {"status": 502}, 1),
        ("close_after_read", {}, 0),
        ("reset_after", {}, 1),
        ("garbage", {}, 1),
    ],
    ids=["5xx before", "5xx after", "closed after the request was read", "reset after", "garbage"],
)
async def test_a_submit_in_doubt_is_told_and_never_sent_again(
    stage: Stage, vendor: str, kind: str, params: dict[str, int], accepted: int
) -> None:
    await history_is_closed(stage)
    await stage.breaks(f"{vendor}:submit", kind, **params)
    await stage.ada.types(f"/video a fox in snow --model {MODEL_AT[vendor]}")
    await told_of_doubt(stage)
    message = await stage.take(1).reads("may have been charged")
    assert message["text"].startswith(("Uncertain", "Checking"))
    assert "I won't start another" in message["text"]
    await stage.never(
        lambda: _more_than_one(stage, vendor), "a second submit", within_s=NEVER_AGAIN_S
    )
    assert await stage.paid() == accepted
    await stage.has_posted("ping", 1)


async def test_a_vendor_that_never_answers_is_in_doubt(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.steps.SUBMIT_TIMEOUT_S", 1.0)
    await history_is_closed(stage)
    await stage.breaks("fal:submit", "hang", seconds=20)
    await stage.ada.types("/video a fox in snow")
    await told_of_doubt(stage)
    await stage.take(1).reads("may have been charged")
    assert await stage.paid() == 1


async def test_nothing_listens_is_tried_again_and_paid_once(open_stage: OpenStage) -> None:
    async with open_stage(fal_queue_url="http://127.0.0.1:9") as stage:
        await stage.ada.types("/video a fox in snow")
        message = await stage.take(1).reads("can't be reached")
        assert message["text"].startswith("Waiting")
        assert "try 1 of 10" in message["text"] or "try 2 of 10" in message["text"]
        assert await stage.paid() == 0


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_an_endpoint_that_is_gone_is_parked_and_told_once(
    open_stage: OpenStage, status: int
) -> None:
    async with open_stage(gateways=("heygen",)) as stage:
        await stage.breaks("heygen:submit", "status", times=2, status=status)
        await stage.ben.types("/video a fox in snow --model veo_3_1")
        await stage.cleo.types("/video a bear in rain --model veo_3_1", in_="launch-film")
        message = await stage.take(1).reads("Not made")
        assert "no longer offers Veo 3.1" in message["text"]
        assert "not charged" in message["text"]
        await stage.take(1, shot=2).reads("Not made")
        notice = await stage.ada.is_told("no longer offers Veo 3.1")
        assert "Nothing was charged" in notice["text"]
        assert len(await stage.ada.hears()) == 1
        answer = await stage.ben.types("/video a third fox --model veo_3_1")
        assert "not available any more" in answer
        assert await stage.shot(3).find() is None
        assert await stage.paid() == 0


async def test_a_wrong_key_is_told_and_not_charged(stage: Stage) -> None:
    await stage.breaks("fal:submit", "status", status=401)
    await stage.ada.types("/video a fox in snow")
    message = await stage.take(1).reads("Not made")
    assert "not charged" in message["text"]
    assert "Try again once an admin has mended it" in message["text"]
    assert labels_of(message)[0].startswith("Try again")
    assert await stage.paid() == 0
    notice = await stage.ada.is_told("fal refuses this bot's key")
    assert "`FAL_KEY`" in notice["text"]
    assert "bin/run doctor" in notice["text"]


async def _more_than_one(stage: Stage, vendor: str) -> bool:
    return len(await submits(stage, vendor)) > 1
