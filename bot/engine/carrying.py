"""A recording, a film or a document on its way from Slack to a vendor: over our own store and never
whole in memory, measured where its length matters, and as a vendor takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from bot.engine.courier import Digest
from domain.errors import MediaUnfit, StorageUnavailable
from domain.file_limits import too_long
from domain.message import SlackFile
from domain.ports import MediaStore, Probe, Slack
from domain.stored import Content, Stored

COPIES = "inputs"  # the folder of our store with what is on its way
# Sounds that go as they are, by their usual names; others (phones record M4A) are made MP3.
SOUNDS_TAKEN = {
    "audio/mpeg": "audio/mpeg",
    "audio/mp3": "audio/mpeg",
    "audio/wav": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/vnd.wave": "audio/wav",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What goes to a vendor. `length_s` only where it was asked for."""

    content: Content
    media_type: str
    name: str
    length_s: float | None

    @property
    def is_sound(self) -> bool:
        """Whether it is heard and not seen."""
        return self.media_type.startswith("audio/")


class Carrier:
    """Fetches files that people posted."""

    def __init__(self, *, slack: Slack, media: MediaStore, probe: Probe) -> None:
        self._slack = slack
        self._media = media
        self._probe = probe

    @asynccontextmanager
    async def carried(self, key: str, file: SlackFile, *, is_timed: bool) -> AsyncIterator[Carried]:
        """The file for as long as the context lasts; then our copy is removed. Raises
        `MediaRefused`, and what Slack and the store raise."""
        digest = Digest()
        try:
            await self._media.put(key, digest.following(self._slack.download(file)))
            length_s = await self._length_s(key, file) if is_timed else None
            name, media_type = file.name, SOUNDS_TAKEN.get(file.media_type, file.media_type)
            content: Content = stored(
                self._media, key, size_bytes=digest.size_bytes, sha256=digest.sha256
            )
            if media_type.startswith("audio/") and file.media_type not in SOUNDS_TAKEN:
                async with self._media.local_file(key) as path:
                    content = await self._probe.as_mp3(path)
                name, media_type = f"{file.name}.mp3", "audio/mpeg"
            yield Carried(content=content, media_type=media_type, name=name, length_s=length_s)
        finally:
            await self._media.delete(key)

    async def _length_s(self, key: str, file: SlackFile) -> float | None:
        if not file.media_type.startswith(("audio/", "video/")):
            return None
        async with self._media.local_file(key) as path:
            return await self._probe.length_s(path)


def check_length(name: str, seconds: float | None) -> None:
    """Raises `MediaUnfit` for a recording that is longer than anybody takes."""
    unfit = too_long(name, seconds or 0.0)
    if unfit is not None:
        raise MediaUnfit(unfit)


async def forget_copies(media: MediaStore) -> None:
    """Remove what a process that was killed had on its way. For a start, before anything is on its
    way again; a store that does not work now keeps nobody from starting."""
    try:
        count = await media.clear(COPIES)
    except StorageUnavailable as unavailable:
        log.warning("copies of people's files were not removed", reason=unavailable.sentence)
    else:
        if count:
            log.info("copies of people's files removed", count=count)


def stored(media: MediaStore, key: str, *, size_bytes: int, sha256: str) -> Stored:
    """An object of our store, as a gateway reads it."""
    return Stored(size_bytes=size_bytes, sha256=sha256, read=partial(media.read, key))
