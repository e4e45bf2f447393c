"""A preview of a transparent video: the same film as MP4 over a plain colour, to look at in Slack.

Slack plays H.264 and shows a WebM's alpha as black, or not at all. FFmpeg's own VP8 and VP9
decoders leave the alpha channel out, so libvpx's are asked for by name. Runs on a thread; it reads
untrusted bytes, so length and size are bounded.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from domain.errors import MediaRefused
from domain.ports import PREVIEW_MAX_S

SIDE_MAX_PX = 960
SOURCE_SIDE_MAX_PX = 8_192
BEHIND = (96, 102, 112, 255)  # neither light nor dark, so that hair and suits both stand out
SOUND_RATE_HZ = 44_100
TICKS_PER_S = 1_000
USUAL_FPS = 25  # HeyGen's (heygen-com/skills-legacy, remotion-integration.md)
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def make_preview(path: Path) -> bytes:
    """The first `PREVIEW_MAX_S` of a video as MP4. Raises `MediaRefused` for what is none."""
    try:
        with av.open(str(path), mode="r") as film:
            return _laid_over(film)
    except (MediaRefused, MemoryError):
        raise
    except Exception as error:  # a decoder raises what it likes at strange bytes
        raise MediaRefused(f"The video cannot be shown ({type(error).__name__}).") from error


def _laid_over(film: av.container.InputContainer) -> bytes:
    if not film.streams.video:
        raise MediaRefused("The video has no picture in it.")
    source = film.streams.video[0]
    size = _size(source)
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as preview:
        picture = _picture_stream(preview, source, size)
        sound = _sound_stream(preview, film)
        reader = _Reader(source, size)
        for packet in film.demux():
            if packet.dts is not None and _at_s(packet) > PREVIEW_MAX_S:
                break
            if packet.stream is source:
                for frame in reader.read(packet):
                    preview.mux(picture.encode(frame))
            elif sound is not None and packet.stream is sound.source:
                preview.mux(sound.encode(packet))
        if reader.frames == 0:
            raise MediaRefused("The video has no picture that can be shown.")
        preview.mux(picture.encode(None))
        if sound is not None:
            preview.mux(sound.finish())
    return written.getvalue()


def _size(source: VideoStream) -> tuple[int, int]:
    """Even sides, the longer one at most `SIDE_MAX_PX`."""
    width, height = source.width, source.height
    if not width or not height or max(width, height) > SOURCE_SIDE_MAX_PX:
        raise MediaRefused("The video has no picture that can be shown.")
    share = min(1.0, SIDE_MAX_PX / max(width, height))
    return (max(2, int(width * share) // 2 * 2), max(2, int(height * share) // 2 * 2))


def _at_s(packet: av.Packet[Any]) -> float:
    base = packet.time_base
    return float((packet.dts or 0) * base) if base is not None else 0.0


def _picture_stream(
    preview: OutputContainer, source: VideoStream, size: tuple[int, int]
) -> VideoStream:
    stream = preview.add_stream("libx264", rate=source.average_rate or USUAL_FPS)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.options = {"preset": "veryfast", "crf": "28", "threads": "1"}
    stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
    return stream


class _Reader:
    """The frames of a film with its alpha, each laid over the plain colour."""

    def __init__(self, source: VideoStream, size: tuple[int, int]) -> None:
        self._source = source
        self._size = size
        name = _WITH_ALPHA.get(source.codec_context.name)
        self._decoder = av.Codec(name, "r").create("video") if name else source.codec_context
        self._last = -1
        self.frames = 0

    def read(self, packet: av.Packet[Any]) -> list[av.VideoFrame]:
        """What a packet shows; the last, empty packet brings what is left."""
        base = self._source.time_base or Fraction(1, TICKS_PER_S)
        shown = []
        for frame in self._decoder.decode(packet):
            at = round((frame.pts or 0) * base * TICKS_PER_S)
            if at <= self._last:
                continue  # a frame that is not after the one before cannot be written
            self._last = at
            over = self._over(frame)
            over.pts, over.time_base = at, Fraction(1, TICKS_PER_S)
            shown.append(over)
        self.frames += len(shown)
        return shown

    def _over(self, frame: av.VideoFrame) -> av.VideoFrame:
        width, height = self._size
        seen = frame.reformat(width=width, height=height, format="rgba")
        plane = seen.planes[0]
        film = Image.frombuffer("RGBA", self._size, bytes(plane), "raw", "RGBA", plane.line_size, 1)
        ground = Image.new("RGBA", self._size, BEHIND)
        ground.alpha_composite(film)
        over: av.VideoFrame = av.VideoFrame.from_image(ground.convert("RGB"))  # type: ignore[no-untyped-call]  # PyAV does not say
        return over


class _Sound:
    """The film's sound, written as AAC."""

    def __init__(self, source: AudioStream, stream: AudioStream) -> None:
        self.source = source
        self._stream = stream
        self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE_HZ)

    def encode(self, packet: av.Packet[Any]) -> list[av.Packet[Any]]:
        """What a packet sounds like."""
        decoded = self.source.codec_context.decode(packet)
        return [
            encoded
            for frame in decoded
            for even in self._resampler.resample(frame)
            for encoded in self._stream.encode(even)
        ]

    def finish(self) -> list[av.Packet[Any]]:
        """What is left."""
        rest = [
            encoded
            for even in self._resampler.resample(None)
            for encoded in self._stream.encode(even)
        ]
        return [*rest, *self._stream.encode(None)]


def _sound_stream(preview: OutputContainer, film: av.container.InputContainer) -> _Sound | None:
    if not film.streams.audio:
        return None
    stream = preview.add_stream("aac", rate=SOUND_RATE_HZ, layout="stereo")
    return _Sound(film.streams.audio[0], stream)
