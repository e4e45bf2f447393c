"""Stories of a transparent video: its file, a preview that Slack can show, and where to lay it."""

from __future__ import annotations

from typing import Any

from domain.errors import MediaRefused
from domain.ports import Transaction
from tests.scenarios.conftest import OpenStage
from tests.scenarios.messages import labels_of, shown_in
from tests.scenarios.sandbox import Json
from tests.scenarios.stage import Stage

LINE = '/video --avatar "Josh Lite Front" --transparent --script Hello and welcome to our tea'


async def begin(stage: Stage) -> Json:
    """A transparent take, done; its message."""
    await stage.until(lambda: stage.read(_lists_are_read), "the lists are read")
    await stage.ada.types(LINE)
    return await stage.take(1).is_done()


async def test_a_transparent_video_comes_with_a_preview_that_slack_shows(stage: Stage) -> None:
    await begin(stage)

    async def look() -> list[Json] | None:
        files = await stage.take(1).files()
        return files if len(files) == 2 else None

    film, preview = await stage.until(look, "the file and its preview")
    assert film["name"] == "V-1_take1_16x9.webm"
    assert preview["name"] == "V-1_take1_16x9_preview.mp4"
    assert (film["mimetype"], preview["mimetype"]) == ("video/webm", "video/mp4")
    assert preview["size"] > 1_000
    said = [m["text"] for m in await stage.messages("general") if m.get("files")]
    assert "preview over a plain colour" in said[1]
    assert "The file to use is the WebM above." in said[1]
    assert len(await stage.posts("broadcast")) == 1
    assert await stage.paid() == 1


async def test_a_snippet_for_remotion_lays_it_over_a_background(stage: Stage) -> None:
    message = await begin(stage)
    assert labels_of(message)[:3] == ["New take", "Approve", "Remotion snippet"]
    await stage.ada.presses("Remotion snippet", on=message)

    seen = shown_in(await stage.ada.has_form())
    video = (await stage.take(1).written()).video
    assert video is not None
    assert 'src={staticFile("V-1_take1_16x9.webm")} transparent /&gt;' in seen
    assert f"width={{{video.width_px}}}" in seen
    assert f"durationInFrames={{{int(video.duration_s * 25)}}}" in seen
    assert "npx remotion render src/index.tsx V-1-take-1 out.mp4 --codec=h264" in seen
    assert "--codec=vp9 --image-format=png --pixel-format=yuva420p" in seen


async def test_a_preview_that_fails_keeps_nothing_from_anybody(
    stage: Stage, monkeypatch: Any
) -> None:
    def broken(_path: Any) -> bytes:
        raise MediaRefused("The video cannot be shown.")

    monkeypatch.setattr("bot.preview.make_preview", broken)
    await begin(stage)

    async def look() -> bool:
        return bool(await stage.read(_preview_failed))

    await stage.until(look, "the preview is given up")
    (film,) = await stage.take(1).files()
    assert film["name"].endswith(".webm")
    assert await stage.take(1).reads("Done")
    await stage.ada.presses("Approve", on=await stage.take(1).is_done())
    await stage.shot().reads("Approved")


async def test_a_preview_that_is_cut_off_by_a_crash_is_shown_once(stage: Stage) -> None:
    await stage.breaks("slack:files.completeUploadExternal", "hang", after=1, seconds=30)
    await begin(stage)
    await stage.until(lambda: stage.read(_preview_is_sent), "the preview is on its way")
    await stage.crashes()

    async def look() -> bool:
        return len(await stage.take(1).files()) == 2

    await stage.until(look, "the file and its preview")


def _lists_are_read(db: Transaction) -> bool:
    return len(db.execute("SELECT list FROM casting_list").all()) == 5


def _preview_is_sent(db: Transaction) -> bool:
    row = db.execute("SELECT state, slack_ref FROM outbox WHERE kind = 'preview'").one()
    return row is not None and row["state"] == "sending" and row["slack_ref"] is not None


def _preview_failed(db: Transaction) -> bool:
    row = db.execute("SELECT state FROM outbox WHERE kind = 'preview'").one()
    return row is not None and row["state"] == "failed"


async def test_the_older_apis_transparent_video_is_no_different(open_stage: OpenStage) -> None:
    async with open_stage(gateways=("heygen",), heygen_api_version="v2") as stage:
        await begin(stage)

        async def look() -> bool:
            return len(await stage.take(1).files()) == 2

        await stage.until(look, "the file and its preview")
        (entry,) = await stage.take(1).entries()
        assert entry["endpoint"] == "/v1/video.webm"
        message = await stage.take(1).reads("Done")
        assert "Remotion snippet" in labels_of(message)
