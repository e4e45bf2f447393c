"""What the sandbox's vendors deliver: a real MP4 that says it is none of a model's making.

Every frame carries the mark, so a sandbox film can never be taken for a paid one. The file is as
a vendor's: H.264 with its index in front, the asked ratio, AAC where sound was asked.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
import math
import tempfile
import textwrap
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from PIL import Image, ImageDraw, ImageFont, ImageOps

MARK = "SANDBOX – no AI model was called"
LONGEST_S = 600.0
MOVING_S = 6.0  # then one picture a second, silently: as long as was asked, and quickly made
SHORTEST_S = 1.0
AREA_PX = 640 * 360
AREA_QUICK_PX = 256 * 144
FPS = 12
FPS_QUICK = 4
SAMPLE_RATE_HZ = 22_050
TONE_HZ = 220
AAC_FRAME_SAMPLES = 1024
PAN_ZOOM = 1.25
RATIOS = {
    "21:9": (672, 288),
    "16:9": (640, 360),
    "4:3": (560, 420),
    "5:4": (560, 448),
    "1:1": (480, 480),
    "4:5": (448, 560),
    "3:4": (420, 560),
    "9:16": (360, 640),
    "9:21": (288, 672),
}


@dataclass(frozen=True)
class Wish:
    """Everything a film depends on: equal wishes give equal bytes."""

    prompt: str
    model: str
    aspect_ratio: str = "16:9"
    duration_s: float = 5.0
    seed: int | None = None
    sound: bool = False
    image: bytes | None = None
    tail_image: bytes | None = None
    note: str = ""
    quick: bool = False
    transparent: bool = False


def render(wish: Wish) -> bytes:
    """The film as MP4 bytes. Blocks for 0.02 s (quick) to 0.6 s: call it in a thread."""
    width, height = size_of(wish)
    fps = FPS_QUICK if wish.quick else FPS
    # libavformat moves the index to the front by re-reading its output: that needs a real file.
    with tempfile.TemporaryDirectory(prefix="sandbox-film-") as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as film:
            video = film.add_stream("libx264", rate=fps)
            video.width, video.height, video.pix_fmt = width, height, "yuv420p"
            video.options = {"preset": "ultrafast", "crf": "30", "threads": "1"}
            audio = _audio_stream(film) if wish.sound else None
            for number, picture in _pictures(wish, (width, height), fps):
                film.mux(video.encode(_frame(picture, number, fps)))
            film.mux(video.encode(None))
            if audio is not None:
                for sound in _tone(min(duration_of(wish), MOVING_S)):
                    film.mux(audio.encode(sound))
                film.mux(audio.encode(None))
        return path.read_bytes()


def size_of(wish: Wish) -> tuple[int, int]:
    """Width and height in pixels; `auto` follows the first image."""
    width, height = RATIOS.get(nearest_ratio(wish), RATIOS["16:9"])
    if wish.quick:
        scale = math.sqrt(AREA_QUICK_PX / AREA_PX)
        return _even(width * scale), _even(height * scale)
    return width, height


def duration_of(wish: Wish) -> float:
    """Seconds of film: as asked, at most `LONGEST_S`."""
    return min(max(wish.duration_s, SHORTEST_S), LONGEST_S)


def frame_numbers(wish: Wish, fps: int) -> Iterator[int]:
    """Which frames of a film of this rate are drawn. The last two follow each other, so that the
    film ends when it should however a container reckons the length of its last picture."""
    total = round(duration_of(wish) * fps)
    moving = min(total, round(MOVING_S * fps))
    yield from range(moving)
    yield from range(moving, total - 2, fps)
    yield from range(max(moving, total - 2), total)


def nearest_ratio(wish: Wish) -> str:
    """The asked ratio; for `auto` the one nearest to the first image, else 16:9."""
    if wish.aspect_ratio != "auto":
        return wish.aspect_ratio
    if wish.image is None:
        return "16:9"
    with Image.open(io.BytesIO(wish.image)) as opened:
        given = opened.width / opened.height
    return min(RATIOS, key=lambda ratio: abs(math.log(RATIOS[ratio][0] / RATIOS[ratio][1] / given)))


def _audio_stream(film: OutputContainer) -> AudioStream:
    return film.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono")


def _frame(picture: Image.Image, number: int, fps: int) -> av.VideoFrame:
    frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # PyAV's stub has no types here
    frame.pts, frame.time_base = number, Fraction(1, fps)
    return frame


def _pictures(wish: Wish, size: tuple[int, int], fps: int) -> Iterator[tuple[int, Image.Image]]:
    """The frames with their numbers: a moving ground (the image panned, or a drifting gradient)
    under the words."""
    frames = round(duration_of(wish) * fps)
    words = words_of(wish, size)
    first = _cover(wish.image, size) if wish.image is not None else _gradient(wish, size)
    last = _cover(wish.tail_image, size) if wish.tail_image is not None else None
    for number in frame_numbers(wish, fps):
        done = number / max(frames - 1, 1)
        picture = _window(first, size, done)
        if last is not None:
            picture = Image.blend(picture, _window(last, size, done), done)
        draw_motion(picture, done, number)
        picture.paste(words, (0, 0), words)
        yield number, picture


def _window(ground: Image.Image, size: tuple[int, int], done: float) -> Image.Image:
    """The part of a larger ground that the camera sees when `done` of the film has passed."""
    left = round((ground.width - size[0]) * done)
    top = round((ground.height - size[1]) * (1 - done))
    return ground.crop((left, top, left + size[0], top + size[1]))


def _cover(image: bytes, size: tuple[int, int]) -> Image.Image:
    with Image.open(io.BytesIO(image)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    return ImageOps.fit(upright, (_even(size[0] * PAN_ZOOM), _even(size[1] * PAN_ZOOM)))


def _gradient(wish: Wish, size: tuple[int, int]) -> Image.Image:
    """A ground whose colours belong to prompt and seed, so that takes can be told apart."""
    digest = hashlib.sha256(f"{wish.prompt}\0{wish.seed}\0{wish.model}".encode()).digest()
    dark = _colour(digest[0] / 255, 0.25)
    light = _colour((digest[0] / 255 + 0.1 + digest[1] / 640) % 1, 0.65)
    grey = Image.linear_gradient("L").rotate(digest[2] % 4 * 90)
    grey = grey.resize((_even(size[0] * 1.6), _even(size[1] * 1.6)))
    return ImageOps.colorize(grey, dark, light)


def _colour(hue: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.7, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def words_of(wish: Wish, size: tuple[int, int]) -> Image.Image:
    """The mark, the prompt and the settings, drawn once and laid over every frame."""
    width, height = size
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    middling = math.sqrt(width * height)
    small, large = max(9, round(middling / 26)), max(10, round(middling / 19))
    mark_font = _font(_fitting(MARK, width - 8, small))
    bar = small + 10
    draw.rectangle((0, 0, width, bar), fill=(0, 0, 0, 190))
    draw.text((width / 2, bar / 2), MARK, font=mark_font, fill="white", anchor="mm")
    lines = textwrap.wrap(wish.prompt, max(12, round(width / (large * 0.55))))[:4]
    draw.multiline_text(
        (width / 2, height / 2),
        "\n".join(lines),
        font=_font(large),
        fill="white",
        anchor="mm",
        align="center",
        stroke_width=2,
        stroke_fill=(0, 0, 0, 200),
    )
    foot = f"{wish.model} · seed {'–' if wish.seed is None else wish.seed} · {wish.aspect_ratio}"
    foot = " · ".join(filter(None, [f"{foot} · {wish.duration_s:g} s asked", wish.note]))
    draw.rectangle((0, height - bar, width, height), fill=(0, 0, 0, 150))
    foot_font = _font(_fitting(foot, width - 8, small))
    draw.text((width / 2, height - bar / 2), foot, font=foot_font, fill="white", anchor="mm")
    return layer


@cache
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size_px)
    except OSError:
        return ImageFont.load_default(size_px)


def _fitting(text: str, width_px: int, size_px: int) -> int:
    """The largest size, at most `size_px`, at which the text fits the width."""
    length = _font(size_px).getlength(text)
    return max(6, min(size_px, math.floor(size_px * width_px / max(length, 1))))


def draw_motion(picture: Image.Image, done: float, number: int) -> None:
    """A ball that crosses the picture, and a bar: a still of this film is recognised as such."""
    width, height = picture.size
    radius = min(width, height) / 18
    x = radius + (width - 2 * radius) * done
    y = height * 0.78 - abs(math.sin(number * 0.6)) * height * 0.2
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill="#f4c430", outline="black")
    draw.rectangle((0, height - 4, width * done, height), fill="#f4c430")


def _tone(duration_s: float) -> Iterator[av.AudioFrame]:
    total = round(duration_s * SAMPLE_RATE_HZ)
    for start in range(0, total, AAC_FRAME_SAMPLES):
        frame = av.AudioFrame(format="fltp", layout="mono", samples=AAC_FRAME_SAMPLES)
        frame.planes[0].update(_wave(start % SAMPLE_RATE_HZ))
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts, frame.time_base = start, Fraction(1, SAMPLE_RATE_HZ)
        yield frame


@cache
def _one_second() -> array[float]:
    """A quiet tone; two seconds of samples, so that a frame may start anywhere in the first."""
    turn = 2 * math.pi * TONE_HZ / SAMPLE_RATE_HZ
    return array("f", (0.05 * math.sin(turn * sample) for sample in range(2 * SAMPLE_RATE_HZ)))


def _wave(start: int) -> bytes:
    return _one_second()[start : start + AAC_FRAME_SAMPLES].tobytes()


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
