"""Media looked into from outside, on a thread."""

from __future__ import annotations

from pathlib import Path

from domain.ports import MediaFacts, Threads


class MediaProbe:
    """`domain.ports.Probe` of the machine."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads

    async def video(self, path: Path) -> MediaFacts:
        """Facts of a video file. Raises `MediaRefused` for what is none."""
        return await self._threads.run(_look_into_video, path)

    async def length_s(self, path: Path) -> float:
        """Seconds of a recording or a film. Raises `MediaRefused` for what is neither."""
        return await self._threads.run(_measure_length, path)

    async def as_mp3(self, path: Path) -> bytes:
        """Its sound as MP3. Raises `MediaRefused` for what has none."""
        return await self._threads.run(_sound_as_mp3, path)

    async def image(self, content: bytes) -> tuple[str, bytes, int, int]:
        """(media type, clean bytes, width, height). Raises `MediaRefused` for what is none."""
        return await self._threads.run(_clean_picture, content)

    async def preview(self, path: Path) -> bytes:
        """An MP4 of a transparent video. Raises `MediaRefused` for what is none."""
        return await self._threads.run(_preview, path)


# The libraries behind take a tenth of a second to load, and no start should wait for them.


def _look_into_video(path: Path) -> MediaFacts:
    from bot.decode import look_into_video

    return look_into_video(path)


def _measure_length(path: Path) -> float:
    from bot.decode import measure_length

    return measure_length(path)


def _sound_as_mp3(path: Path) -> bytes:
    from bot.decode import as_mp3

    return as_mp3(path)


def _clean_picture(content: bytes) -> tuple[str, bytes, int, int]:
    from bot.decode import clean_picture

    return clean_picture(content)


def _preview(path: Path) -> bytes:
    from bot.preview import make_preview

    return make_preview(path)
