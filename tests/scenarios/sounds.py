"""Recordings that people post: a tone of so many seconds."""

from __future__ import annotations

import io
import math
import struct
import wave

import av

RATE_HZ = 8_000


def recording(seconds: float) -> bytes:
    """A WAV file."""
    content = io.BytesIO()
    period = b"".join(
        struct.pack("<h", int(8_000 * math.sin(2 * math.pi * n / 20))) for n in range(20)
    )
    with wave.open(content, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE_HZ)
        written.writeframes(period * int(seconds * RATE_HZ / 20))
    return content.getvalue()


def phone_recording(seconds: float) -> bytes:
    """An M4A file, as phones record."""
    content = io.BytesIO()
    with (
        av.open(io.BytesIO(recording(seconds)), "r") as source,
        av.open(content, "w", format="mp4") as target,
    ):
        track = target.add_stream("aac", rate=44_100)
        for frame in source.decode(source.streams.audio[0]):
            target.mux(track.encode(frame))
        target.mux(track.encode(None))
    return content.getvalue()
