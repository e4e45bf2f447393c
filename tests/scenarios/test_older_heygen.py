"""Stories with HeyGen's older API, the one the seeds teach (`HEYGEN_API_VERSION=v2`)."""

from __future__ import annotations

from domain.ports import Transaction
from domain.spoken import Avatar
from tests.scenarios.conftest import OpenStage
from tests.scenarios.stage import Stage

WORDS = "Welcome to the show. "


async def test_a_script_longer_than_the_plan_is_told_before_anything_is_sent(
    open_stage: OpenStage,
) -> None:
    async with open_stage(heygen_api_version="v2", heygen_plan="free") as stage:
        await stage.control.do("heygen/switches", plan="free")
        await _lists_are_read(stage)

        told = await stage.ada.types(f"/video --kind avatar --script {WORDS * 30}")
        assert "HeyGen's free plan takes 500 characters a scene, this script has 629." in told
        assert await stage.paid() == 0

        await stage.ada.types(f"/video --kind avatar --script {WORDS}")
        await stage.take().is_done()
        (entry,) = await stage.ledger()
        assert entry["endpoint"] == "/v2/video/generate"
        work = (await stage.take().written()).execution.work
        assert isinstance(work, Avatar)
        (scene,) = entry["input"]["video_inputs"]
        assert scene["voice"]["voice_id"] == work.scenes[0].voice.name


async def _lists_are_read(stage: Stage) -> None:
    """The loop has read every list once."""

    async def look() -> bool | None:
        return await stage.read(_lists) == 5 or None

    await stage.until(look, "the lists are read")


def _lists(db: Transaction) -> int:
    return len(db.execute("SELECT list FROM casting_list").all())
