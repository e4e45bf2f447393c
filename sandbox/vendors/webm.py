"""Transparent films: VP9 with an alpha channel and Opus, as HeyGen's `output_format: "webm"`.

The speaker stands on nothing: only the mark, the words and the moving ball are opaque, so that a
composition laid over a background can be seen to work.
"""

from __future__ import annotations

import math
import tempfile
from array import array
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from sandbox.vendors.render import (
    FPS,
    FPS_QUICK,
    MOVING_S,
    TONE_HZ,
    Wish,
    draw_motion,
    duration_of,
    frame_numbers,
    size_of,
    words_of,
)

OPUS_RATE_HZ = 48_000
OPUS_FRAME_SAMPLES = 960
VP9 = {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "0", "crf": "40", "b": "0"}


def render_webm(wish: Wish) -> bytes:
    """The film as WebM bytes with alpha. Blocks up to a second: call it in a thread."""
    width, height = size_of(wish)
    with tempfile.TemporaryDirectory(prefix="sandbox-film-") as folder:
        path = Path(folder) / "film.webm"
        with av.open(str(path), "w", format="webm") as film:
            fps = FPS_QUICK if wish.quick else FPS
            video = film.add_stream("libvpx-vp9", rate=fps)
            video.width, video.height, video.pix_fmt = width, height, "yuva420p"
            video.options = {**VP9, "threads": "1"}
            audio = film.add_stream("libopus", rate=OPUS_RATE_HZ, layout="mono")
            for number, picture in _pictures(wish, (width, height), fps):
                frame = av.VideoFrame.from_bytes(picture.tobytes(), width, height, format="rgba")
                frame = frame.reformat(format="yuva420p")
                frame.pts, frame.time_base = number, Fraction(1, fps)
                film.mux(video.encode(frame))
            film.mux(video.encode(None))
            for sound in _tone(min(duration_of(wish), MOVING_S)):
                film.mux(audio.encode(sound))
            film.mux(audio.encode(None))
        return path.read_bytes()


def _pictures(wish: Wish, size: tuple[int, int], fps: int) -> Iterator[tuple[int, Image.Image]]:
    words, frames = words_of(wish, size), round(duration_of(wish) * fps)
    for number in frame_numbers(wish, fps):
        picture = Image.new("RGBA", size, (0, 0, 0, 0))
        draw_motion(picture, number / max(frames - 1, 1), number)
        picture.alpha_composite(words)
        yield number, picture


def _tone(duration_s: float) -> Iterator[av.AudioFrame]:
    turn = 2 * math.pi * TONE_HZ / OPUS_RATE_HZ
    for start in range(0, round(duration_s * OPUS_RATE_HZ), OPUS_FRAME_SAMPLES):
        frame = av.AudioFrame(format="flt", layout="mono", samples=OPUS_FRAME_SAMPLES)
        samples = range(start, start + OPUS_FRAME_SAMPLES)
        frame.planes[0].update(array("f", (0.05 * math.sin(turn * n) for n in samples)).tobytes())
        frame.sample_rate = OPUS_RATE_HZ
        frame.pts, frame.time_base = start, Fraction(1, OPUS_RATE_HZ)
        yield frame
