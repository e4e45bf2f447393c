"""A preview shows what a transparent video leaves open, in a format that Slack plays."""

from __future__ import annotations

import io
from pathlib import Path

import av
import pytest
from PIL import Image

from bot.decode import look_into_video
from bot.preview import BEHIND, SIDE_MAX_PX, make_preview
from domain.effect import Effect
from domain.errors import MediaRefused
from domain.ports import PREVIEW_MAX_S, Transaction
from sandbox.vendors.render import Wish, render
from sandbox.vendors.webm import render_webm
from storage.database import SqliteDatabase
from storage.messages import add_effect, add_message
from storage.turns import claim_files

NEARLY = 12  # of 255: what a lossy codec may change


@pytest.fixture
def transparent(tmp_path: Path) -> Path:
    path = tmp_path / "film.webm"
    path.write_bytes(render_webm(Wish(prompt="Hello", model="m", duration_s=2, transparent=True)))
    return path


def first_picture(film: bytes) -> Image.Image:
    with av.open(io.BytesIO(film), mode="r") as opened:
        frame = next(opened.decode(video=0))
        return Image.frombytes("RGB", (frame.width, frame.height), _packed(frame))


def _packed(frame: av.VideoFrame) -> bytes:
    plane = frame.reformat(format="rgb24").planes[0]
    rows, stride, used = bytes(plane), plane.line_size, frame.width * 3
    return b"".join(rows[y * stride : y * stride + used] for y in range(frame.height))


def test_what_is_transparent_shows_the_plain_colour(tmp_path: Path, transparent: Path) -> None:
    made = make_preview(transparent)
    (tmp_path / "preview.mp4").write_bytes(made)

    facts, source = look_into_video(tmp_path / "preview.mp4"), look_into_video(transparent)
    assert (facts.codec, facts.has_sound) == ("h264", True)
    assert (facts.width_px, facts.height_px) == (source.width_px, source.height_px)
    assert facts.duration_s == pytest.approx(source.duration_s, abs=0.2)
    picture = first_picture(made)
    beside = picture.getpixel((picture.width // 2, picture.height // 4))
    assert isinstance(beside, tuple)
    assert all(abs(was - is_) <= NEARLY for was, is_ in zip(BEHIND, beside, strict=False)), beside
    assert sum(picture.convert("L").histogram()[200:]) > 0, "the words are white"


def test_a_large_film_is_made_smaller_and_a_long_one_shorter(tmp_path: Path) -> None:
    path = tmp_path / "long.webm"
    seconds = PREVIEW_MAX_S + 3
    with av.open(str(path), "w", format="webm") as film:
        video = film.add_stream("libvpx-vp9", rate=2)
        video.width, video.height, video.pix_fmt = 1_922, 1_080, "yuva420p"
        video.options = {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "0"}
        ground = Image.new("RGBA", (1_922, 1_080), (200, 20, 20, 255))
        for _ in range(round(seconds * 2)):
            frame = av.VideoFrame.from_bytes(ground.tobytes(), 1_922, 1_080, format="rgba")
            film.mux(video.encode(frame.reformat(format="yuva420p")))
        film.mux(video.encode(None))

    made = make_preview(path)
    (tmp_path / "preview.mp4").write_bytes(made)
    facts = look_into_video(tmp_path / "preview.mp4")
    assert max(facts.width_px, facts.height_px) <= SIDE_MAX_PX
    assert facts.width_px % 2 == facts.height_px % 2 == 0
    assert facts.duration_s == pytest.approx(PREVIEW_MAX_S, abs=1.1)
    assert not facts.has_sound


def test_an_opaque_film_is_shown_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(render(Wish(prompt="Hello", model="m", duration_s=1, quick=True)))
    assert make_preview(path)[4:8] == b"ftyp"


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\x1a\x45\xdf\xa3" * 40])
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.webm"
    path.write_bytes(content)
    with pytest.raises(MediaRefused):
        make_preview(path)


async def test_a_file_never_waits_for_a_preview(tmp_path: Path) -> None:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as database:
        for number, kind in enumerate((Effect.PREVIEW, Effect.PREVIEW, Effect.FILE)):
            await database.run(_due, kind, number)

        first = await database.run(claim_files, room=4, previews=1, now=10.0, owner="me")
        assert [due.kind for due in first.turns] == [Effect.PREVIEW, Effect.FILE]
        second = await database.run(claim_files, room=2, previews=0, now=10.0, owner="me")
        assert not second.turns
        assert second.next_at is not None
        assert second.next_at > 10.0, "the preview that is left does not keep the loop busy"
        third = await database.run(claim_files, room=4, previews=1, now=10.0, owner="me")
        assert [due.subject_id for due in third.turns] == ["e1"]


async def test_captions_do_not_wait_for_a_preview(tmp_path: Path) -> None:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as database:
        for number, kind in enumerate((Effect.PREVIEW, Effect.CAPTIONS)):
            await database.run(_due, kind, number)

        first = await database.run(claim_files, room=4, previews=0, now=10.0, owner="me")
        assert [due.kind for due in first.turns] == [Effect.CAPTIONS]


def _due(db: Transaction, kind: Effect, number: int) -> None:
    shot_id = f"s{number}"
    db.execute(
        "INSERT INTO shot (id, team_id, number, channel, requester, created_at)"
        " VALUES (:shot, 'T1', :number, 'C1', 'U1', 0)",
        {"shot": shot_id, "number": number},
    )
    add_message(db, team_id="T1", channel="C1", shot_id=shot_id)
    db.execute("UPDATE message SET ts = :shot WHERE shot_id = :shot", {"shot": shot_id})
    add_effect(
        db,
        kind,
        subject=(f"e{number}", 1),
        place=("T1", "C1"),
        shot_id=shot_id,
        at=float(number),
    )
