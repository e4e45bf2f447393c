"""The sandbox's films are real, are what was asked for, and say on every frame what they are."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import httpx
import pytest
from PIL import Image, ImageChops, ImageDraw

from sandbox.vendors.jobs import Studio
from sandbox.vendors.render import LONGEST_S, MARK, Wish, _font, render

FOX = Wish("a fox in fresh snow", "seedance_2_0", seed=7, duration_s=2, quick=True)
PROJECT = Path(__file__).parents[2]


def frames_of(film: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(film), "r") as opened:
        frames = opened.decode(video=0)
        return [frame.to_image() for frame in frames]  # type: ignore[no-untyped-call]  # PyAV's stub


def pixel(picture: Image.Image, x: int) -> tuple[int, int, int]:
    """Red, green and blue at half height."""
    y = picture.height // 2
    red, green, blue = picture.crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


def wish(**changes: object) -> Wish:
    return Wish(**{**vars(FOX), **changes})


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("16:9", (640, 360)), ("9:16", (360, 640)), ("1:1", (480, 480)), ("21:9", (672, 288))],
)
def test_the_ratio_is_honoured(ratio: str, size: tuple[int, int]) -> None:
    film = render(wish(aspect_ratio=ratio, duration_s=1, quick=False))

    assert frames_of(film)[0].size == size


def test_auto_follows_the_image() -> None:
    image = io.BytesIO()
    Image.new("RGB", (300, 400), "blue").save(image, "PNG")

    (width, height) = frames_of(render(wish(aspect_ratio="auto", image=image.getvalue())))[0].size
    assert width / height == pytest.approx(3 / 4, rel=0.02)


@pytest.mark.parametrize(
    ("asked_s", "made_s"),
    [(2, 2.0), (4, 4.0), (15, 15.0), (20.3, 20.25), (700, LONGEST_S), (0.1, 1.0)],
)
def test_the_length_is_honoured_up_to_a_cap(asked_s: float, made_s: float) -> None:
    with av.open(io.BytesIO(render(wish(duration_s=asked_s))), "r") as opened:
        assert opened.duration is not None
        assert opened.duration / 1e6 == pytest.approx(made_s, abs=0.05)


@pytest.mark.parametrize("sound", [True, False])
def test_the_film_is_h264_with_its_index_in_front_and_aac_where_asked(sound: bool) -> None:
    film = render(wish(sound=sound))

    assert film.index(b"moov") < film.index(b"mdat")
    with av.open(io.BytesIO(film)) as opened:
        codecs = [stream.codec_context.name for stream in opened.streams]
        assert codecs == ["h264", "aac"] if sound else ["h264"]


def test_something_moves_and_takes_look_different() -> None:
    first, *_, last = frames_of(render(FOX))
    other = frames_of(render(wish(seed=8)))[0]

    for picture in (last, other):
        assert ImageChops.difference(first, picture).convert("L").histogram()[60:] != [0] * 196


def test_every_frame_bears_the_mark() -> None:
    big = wish(quick=False)
    pictures = frames_of(render(big))
    assert len(pictures) == 24
    drawn = _mark_as_drawn(pictures[0].size)
    ink = drawn.histogram()[255]

    for picture in pictures:
        seen = picture.convert("L").crop((0, 0, *drawn.size)).point(lambda grey: 255 * (grey > 128))
        both = ImageChops.multiply(seen, drawn).histogram()[255]
        astray = ImageChops.subtract(seen, drawn).histogram()[255]
        assert both > 0.85 * ink
        assert astray < 0.15 * ink


def _mark_as_drawn(size: tuple[int, int]) -> Image.Image:
    """White words on black, where the head of a frame should have them."""
    text_px = round((size[0] * size[1]) ** 0.5 / 26)
    strip = Image.new("L", (size[0], text_px + 10))
    middle = (size[0] / 2, strip.height / 2)
    ImageDraw.Draw(strip).text(middle, MARK, font=_font(text_px), fill=255, anchor="mm")
    return strip.point(lambda grey: 255 * (grey > 128))


def test_image_to_video_pans_the_image_and_ends_on_the_tail() -> None:
    left, tail = io.BytesIO(), io.BytesIO()
    ground = Image.new("RGB", (400, 225), "white")
    ground.paste("#d01010", (0, 0, 100, 225))
    ground.save(left, "PNG")
    Image.new("RGB", (400, 225), "#1010d0").save(tail, "JPEG")

    panned = frames_of(render(wish(image=left.getvalue())))
    assert pixel(panned[0], 40)[0] > 150 > pixel(panned[0], 40)[2]
    assert min(pixel(panned[-1], 40)) > 200
    blended = frames_of(render(wish(image=left.getvalue(), tail_image=tail.getvalue())))
    red, _, blue = pixel(blended[-1], 4)
    assert blue > 150 > red


async def test_equal_wishes_share_one_film() -> None:
    studio = Studio()
    first, second = await asyncio.gather(studio.shoot(FOX), studio.shoot(wish()))

    assert first is second
    assert await studio.shoot(FOX) is first
    assert await studio.shoot(wish(seed=8)) != first
    studio.close()


@pytest.mark.process
def test_the_vendors_serve_alone() -> None:
    command = [sys.executable, "-m", "sandbox.vendors", "--quick"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        addresses = json.loads(serving.stdout.readline())
        key = {"X-Api-Key": addresses["heygen_api_key"]}
        answer = httpx.get(addresses["heygen_api_url"] + "/v3/users/me", headers=key)
        assert answer.json()["data"]["billing_type"] == "wallet"
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=10) == 0
