"""Runware: one payment whatever becomes of an answer, and several results of one prompt."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.scenarios.conftest import OpenStage
from tests.scenarios.sandbox import Json
from tests.scenarios.stage import Stage

THREE = "/video a fox in snow --model seedance_2_0 --duration 4 --results 3"


@pytest.fixture
async def stage(open_stage: OpenStage) -> AsyncIterator[Stage]:
    """A workspace whose only key is Runware's."""
    async with open_stage(gateways=("runware",)) as opened:
        yield opened


async def has_files(stage: Stage, count: int) -> list[Json]:
    """The files of the first take, once so many show."""

    async def look() -> list[Json] | None:
        files = await stage.take(1).files()
        return files if len(files) == count else None

    return await stage.until(look, f"{count} files of V-1 take 1")


async def test_a_video_with_only_runwares_key(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --aspect 9:16")
    message = await stage.take(1).is_done()
    assert "Billed $1.52" in message["text"]
    (entry,) = await stage.take(1).entries()
    assert entry["gateway"] == "runware"
    assert entry["input"]["width"] < entry["input"]["height"]


@pytest.mark.parametrize("unseen_s", [0.0, 3.0], ids=["found by the poll", "refused as known"])
async def test_runware_reset_after_acceptance_conflict_one_payment(
    stage: Stage, unseen_s: float
) -> None:
    """The task that a poll does not know (yet) is sent again, and Runware says that it has it."""
    await stage.control.do("runware/switches", polled_after_s=unseen_s)
    await stage.breaks("runware:submit", "reset_after")
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    (entry,) = await stage.ledger()
    take = await stage.take(1).written()
    assert entry["id"] == take.execution.key == take.execution.remote_id
    conflicts = [call for call in await stage.calls("/v1", status=400) if call["method"] == "POST"]
    assert len(conflicts) == (1 if unseen_s else 0)
    assert await stage.posts("ping") == []


@pytest.mark.parametrize("unknown", ["empty", "taskFailedOrNotFound"])
async def test_a_submit_that_never_arrived_is_sent_by_the_look_up(
    stage: Stage, unknown: str
) -> None:
    await stage.control.do("runware/switches", unknown_task=unknown)
    await stage.breaks("runware:submit", "close_after_read")
    await stage.ada.types("/video a fox in snow")
    await stage.take(1).is_done()
    assert await stage.paid() == 1
    assert await stage.posts("ping") == []


async def test_three_results_of_one_prompt(stage: Stage) -> None:
    answer = await stage.ada.types(THREE)
    assert "up to $3.72" in answer
    files = await has_files(stage, 3)
    assert sorted(file["name"] for file in files) == [
        f"V-1_take1_16x9_{number}.mp4" for number in (1, 2, 3)
    ]
    message = await stage.take(1).is_done()
    assert "Billed $3.64 (estimate up to $3.72)" in message["text"]
    await stage.has_posted("broadcast", 1)
    take = await stage.take(1).written()
    assert [video.number for video in take.videos] == [1, 2, 3]
    assert len({video.sha256 for video in take.videos}) == 3
    assert await stage.paid() == 1


async def test_two_of_three_results_are_shown_and_paid(stage: Stage) -> None:
    await stage.breaks("runware:submit", "fail", code="timeoutProvider", message="too slow")
    await stage.ada.types(THREE)
    message = await stage.take(1).reads("2 of 3 results")
    assert message["text"].startswith("Done")
    assert "Billed $2.42" in message["text"]
    await has_files(stage, 2)
    assert len((await stage.take(1).written()).videos) == 2


async def test_two_videos_of_one_idea(stage: Stage) -> None:
    """The agent may be asked for several as well: each is another film of the same idea."""
    answer = await stage.ada.types(
        "/video --kind agent an ad about tides --duration 10 --results 2"
    )
    assert "up to $2.00" in answer
    await has_files(stage, 2)
    (entry,) = await stage.ledger()
    assert entry["input"]["numberResults"] == 2
    assert entry["input"]["model"] == "heygen:video-agent@0"
    take = await stage.take(1).written()
    assert [video.number for video in take.videos] == [1, 2]


async def test_one_file_that_slack_does_not_show_is_uploaded_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.notifier.uploader.SHARE_LOOKS", 3)
    await stage.breaks("slack:files.completeUploadExternal", "not_shared", after=1)
    await stage.ada.types(THREE)
    files = await has_files(stage, 3)
    assert len({file["name"] for file in files}) == 3


async def test_refused_content_is_told(stage: Stage) -> None:
    await stage.ada.types("/video a [refuse] fox in snow")
    message = await stage.take(1).reads("Not made")
    assert "refused" in message["text"] or "won't make" in message["text"]


async def test_three_results_that_one_error_ends_are_told_at_once(stage: Stage) -> None:
    """Runware may say once for all of them what became of a task: nobody waits for the rest."""
    await stage.control.do("runware/switches", whole_failure="once")
    await stage.ada.types(THREE.replace("a fox", "a [refuse] fox"))
    message = await stage.take(1).reads("Not made")
    assert "may have been charged, up to $3.72" in message["text"]
    assert (await stage.ledger())[0]["results"] == ["failed"] * 3


async def test_a_video_in_another_container(stage: Stage) -> None:
    await stage.ada.types("/video a fox in snow --duration 4 --format webm")
    (file,) = await has_files(stage, 1)
    assert file["name"] == "V-1_take1_16x9.webm"
    take = await stage.take(1).written()
    assert take.video is not None
    assert take.video.media_key.endswith(".webm")
