"""The courier: brings a finished result into our own store, and proves that it is a video.

A vendor's link expires; ours does not. The bytes are streamed, hashed and capped on the way, then
probed: an error page saved as `.mp4` is a known accident.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping
from typing import assert_never

from domain.catalog import offer_named
from domain.errors import MediaRefused
from domain.events import Fetched, Unfetched
from domain.execution import Execution
from domain.gateway import Finished, Unreadable
from domain.offer import GatewayName
from domain.ports import Clock, Ids, MediaFacts, MediaStore, Probe
from domain.pricing import Ceiling
from domain.shot import Video
from gateways.download import DownloadBroken, Downloading, Downloads, LinkExpired, Refused


class Courier:
    """Fetches one execution's result. Never raises for what the network or a vendor does."""

    def __init__(
        self,
        downloads: Downloads,
        *,
        media: MediaStore,
        probe: Probe,
        clock: Clock,
        ids: Ids,
        hosts: Mapping[GatewayName, Collection[str]],
    ) -> None:
        self._downloads = downloads
        self._media = media
        self._probe = probe
        self._clock = clock
        self._ids = ids
        self._hosts = hosts

    async def fetch(self, execution: Execution) -> tuple[Fetched, Video] | Unfetched:
        """The stored video, or why there is none yet."""
        result = execution.result
        if result is None:
            return Unfetched("finished without a link", expired=True, final=True)
        key = video_key(execution)
        digest = Digest()
        outcome = await self._store(execution, result.video_url, digest)
        if outcome is not None:
            return outcome
        try:
            async with self._media.local_file(key) as path:
                facts = await self._probe.video(path)
        except MediaRefused as refused:
            await self._media.delete(key)
            return Unfetched(refused.sentence, expired=True, final=True)
        video = await self._keep(execution, key, digest, facts)
        return Fetched(billed_micro_usd=billed(execution, result)), video

    async def _store(self, execution: Execution, url: str, digest: Digest) -> Unfetched | None:
        """Stream a link into the store; None where all of it arrived."""
        hosts = self._hosts[execution.gateway]
        async with self._downloads.fetch(url, hosts=hosts) as download:
            if not isinstance(download, Downloading):
                return _unfetched(download)
            try:
                await self._media.put(video_key(execution), digest.following(download.chunks))
            except DownloadBroken as broken:
                return _unfetched(broken.outcome)
            return None

    async def _keep(
        self, execution: Execution, key: str, digest: Digest, facts: MediaFacts
    ) -> Video:
        thumbnail_key = f"thumbnails/{execution.team_id}/{execution.id}.jpg"
        await self._media.put(thumbnail_key, _once(facts.thumbnail_jpeg))
        return Video(
            id=self._ids.new("video"),
            team_id=execution.team_id,
            execution_id=execution.id,
            request_id=execution.request_id,
            media_key=key,
            thumbnail_key=thumbnail_key,
            sha256=digest.sha256,
            size_bytes=digest.size_bytes,
            duration_s=facts.duration_s,
            width_px=facts.width_px,
            height_px=facts.height_px,
            has_sound=facts.has_sound,
            created_at=self._clock.now(),
        )


def video_key(execution: Execution) -> str:
    """Where an execution's video is kept."""
    return f"videos/{execution.team_id}/{execution.id}.mp4"


class Digest:
    """The size and hash of bytes that pass by."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    async def following(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same chunks, counted and hashed."""
        async for chunk in chunks:
            self._hash.update(chunk)
            self.size_bytes += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        """Of everything that passed."""
        return self._hash.hexdigest()


def billed(execution: Execution, result: Finished) -> int | None:
    """What the vendor says it cost, else what its published price comes to, else unknown."""
    if result.billed_micro_usd is not None:
        return result.billed_micro_usd
    if isinstance(offer_named(execution.offer).price, Ceiling):
        return None
    return execution.estimate_micro_usd


def _unfetched(outcome: LinkExpired | Refused | Unreadable) -> Unfetched:
    match outcome:
        case LinkExpired(status):
            return Unfetched(f"the link answered {status}", expired=True)
        case Refused(reason):
            return Unfetched(reason, expired=False, final=True)
        case Unreadable(reason):
            return Unfetched(reason, expired=False)
        case _:
            assert_never(outcome)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
