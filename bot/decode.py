"""Looks into media: a video with PyAV, a picture with Pillow. Belongs on a thread.

Both decode untrusted bytes, so sizes are bounded before anything is decoded. A picture is
re-encoded, which leaves its metadata (and whatever hides in it) behind.
"""

from __future__ import annotations

import io
from pathlib import Path

import av
from PIL import Image, ImageOps

from domain.errors import MediaRefused
from domain.ports import MediaFacts

PICTURE_MAX_PIXELS = 40_000_000
PICTURE_SIDE_MAX_PX = 4_096
THUMBNAIL_SIDE_PX = 640
VIDEO_MAX_S = 3_600.0
VIDEO_SIDE_MAX_PX = 8_192
SOUND_RATE_HZ = 44_100
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

Image.MAX_IMAGE_PIXELS = PICTURE_MAX_PIXELS


def look_into_video(path: Path) -> MediaFacts:
    """Open, decode one frame, measure."""
    try:
        with av.open(str(path), mode="r") as container:
            if not container.streams.video:
                raise MediaRefused("The result has no picture in it.")
            stream = container.streams.video[0]
            frame = next(container.decode(stream), None)
            if frame is None or max(frame.width, frame.height) > VIDEO_SIDE_MAX_PX:
                raise MediaRefused("The result has no picture that can be shown.")
            duration_s = float(container.duration or 0) / av.time_base
            return MediaFacts(
                duration_s=min(duration_s, VIDEO_MAX_S),
                width_px=frame.width,
                height_px=frame.height,
                has_sound=bool(container.streams.audio),
                codec=stream.codec_context.name,
                thumbnail_jpeg=_thumbnail(_as_picture(frame)),
            )
    except (MediaRefused, MemoryError):
        raise
    except Exception as error:  # a decoder raises what it likes at strange bytes
        raise MediaRefused(f"The result is not a video ({type(error).__name__}).") from error


def measure_length(path: Path) -> float:
    """Seconds of what is heard or seen. A recording whose container does not say is read to its
    end, packet by packet, without being decoded."""
    try:
        with av.open(str(path), mode="r") as container:
            streams = (*container.streams.audio, *container.streams.video)
            if not streams:
                raise MediaRefused("That file has neither sound nor picture.")
            if container.duration:
                return float(container.duration) / av.time_base
            ends = (
                float((packet.pts + (packet.duration or 0)) * packet.time_base)
                for packet in container.demux(streams[0])
                if packet.pts is not None and packet.time_base is not None
            )
            return max(ends, default=0.0)
    except (MediaRefused, MemoryError):
        raise
    except Exception as error:  # a demuxer raises what it likes at strange bytes
        raise MediaRefused("That file is no recording and no video.") from error


def as_mp3(path: Path) -> bytes:
    """The sound of a file as MP3, which every vendor takes; phones record M4A."""
    written = io.BytesIO()
    try:
        with av.open(str(path)) as source, av.open(written, "w", format="mp3") as target:
            if not source.streams.audio:
                raise MediaRefused("That file has no sound.")
            track = target.add_stream("libmp3lame", rate=SOUND_RATE_HZ)
            for frame in source.decode(source.streams.audio[0]):
                target.mux(track.encode(frame))
            target.mux(track.encode(None))
    except (MediaRefused, MemoryError):
        raise
    except Exception as error:  # a decoder raises what it likes at strange bytes
        raise MediaRefused("The sound of that file cannot be read.") from error
    return written.getvalue()


def clean_picture(content: bytes) -> tuple[str, bytes, int, int]:
    """A picture upright, without metadata, no larger than vendors take."""
    try:
        return _cleaned(content)
    except MemoryError:
        raise
    except Exception as error:  # Pillow raises SyntaxError, struct.error, and more
        raise MediaRefused("That file is not a picture I can use (PNG, JPEG or WebP).") from error


def _cleaned(content: bytes) -> tuple[str, bytes, int, int]:
    with Image.open(io.BytesIO(content), formats=FORMATS) as original:
        upright = ImageOps.exif_transpose(original)
        has_alpha = upright.mode in ("RGBA", "LA", "P")
        picture = upright.convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((PICTURE_SIDE_MAX_PX, PICTURE_SIDE_MAX_PX))
    clean = io.BytesIO()
    if has_alpha:
        picture.save(clean, "PNG", optimize=False)
        return "image/png", clean.getvalue(), picture.width, picture.height
    picture.save(clean, "JPEG", quality=92)
    return "image/jpeg", clean.getvalue(), picture.width, picture.height


def _thumbnail(picture: Image.Image) -> bytes:
    picture.thumbnail((THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX))
    small = io.BytesIO()
    picture.convert("RGB").save(small, "JPEG", quality=80)
    return small.getvalue()


def _as_picture(frame: av.VideoFrame) -> Image.Image:
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV does not say
    return picture
