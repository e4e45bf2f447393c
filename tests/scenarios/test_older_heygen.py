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


async def test_a_template_whose_length_nobody_tells_says_why_it_may_be_that_much(
    open_stage: OpenStage,
) -> None:
    """The older API shows a template's variables and not what its scenes say."""
    async with open_stage(heygen_api_version="v2") as stage:
        await _lists_are_read(stage)
        told = await stage.ada.types("/video --template Launch --var headline=Hello")
        assert "waits for your yes · HeyGen Template · Launch" in told
        assert "up to $20.01" in told
        message = await stage.take().reads("up to $20.01")
        assert "length is not known before; about $4.00 a minute, at most 5 minutes" in str(message)
        assert await stage.paid() == 0

        await stage.ada.presses("Render · up to $20.01", on=message)
        done = await stage.take().is_done()
        (entry,) = await stage.ledger()
        assert "Calculated $0.27" in done["text"]
        assert entry["usd"] <= 0.27

        await stage.ada.types("/video --kind template")
        note = str((await stage.ada.has_form())["blocks"][-1])
        assert "A video costs up to $20.01 at HeyGen. Its length is not known before" in note


async def _lists_are_read(stage: Stage) -> None:
    """The loop has read every list once."""

    async def look() -> bool | None:
        return await stage.read(_lists) == 5 or None

    await stage.until(look, "the lists are read")


def _lists(db: Transaction) -> int:
    return len(db.execute("SELECT list FROM casting_list").all())
