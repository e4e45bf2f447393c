"""The courier: brings a finished result into our own store, and proves that it is a video.

A vendor's link expires; ours does not. The bytes are streamed, hashed and capped on the way, then
probed: an error page saved as `.mp4` is a known accident. A file of captions that was asked for is
brought first, while its link is fresh; but a paid film never waits long for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import PurePosixPath
from typing import assert_never
from urllib.parse import urlsplit

from domain.catalog import offer_named
from domain.errors import MediaRefused
from domain.events import Fetched, Unfetched
from domain.execution import Execution
from domain.gateway import Finished, Unreadable
from domain.offer import GatewayName
from domain.ports import Clock, Ids, MediaFacts, MediaStore, Probe
from domain.pricing import settled
from domain.request import brings_captions, container_of, results_of
from domain.shot import Video
from domain.watching import FETCHES_REFUSED_MAX, is_limited
from gateways.download import DownloadBroken, Downloading, Downloads, LinkExpired, Refused

CAPTIONS_MAX_BYTES = 5_000_000
CAPTIONS_TRIES = 3  # fetches after which the film comes without them
CAPTIONS_SUFFIXES = (".srt", ".vtt", ".ass")


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

    async def fetch(self, execution: Execution) -> tuple[Fetched, tuple[Video, ...]] | Unfetched:
        """The stored videos, one for each result, or why there are none yet."""
        result = execution.result
        if result is None:
            return Unfetched("finished without a link", expired=True, final=True)
        captions = await self._captions(execution, result)
        if isinstance(captions, Unfetched):
            return captions
        videos: list[Video] = []
        missing: list[Unfetched] = []
        links = (result.video_url, *(further.video_url for further in result.further))
        for number, url in enumerate(links, start=1):
            fetched = await self._fetch_one(execution, url, number)
            if isinstance(fetched, Unfetched):
                missing.append(fetched)
            else:
                videos.append(fetched)
        if missing and not (videos and _given_up(execution, missing)):
            return _pressing(missing)
        shown_s = sum(video.duration_s for video in videos)
        cost = billed(execution, result, shown_s=shown_s)
        return Fetched(cost, captions), tuple(videos)

    async def _captions(self, execution: Execution, result: Finished) -> str | Unfetched | None:
        """Where the file of captions is kept, None where none was asked for, empty where it is
        given up. Where they are missing in the picture, their file is better than nothing."""
        if not (brings_captions(execution.work) or result.is_plain):
            return None
        if result.subtitle_url is None:
            return ""
        key = captions_key(execution, result.subtitle_url)
        url, digest = result.subtitle_url, Digest()
        outcome = await self._store(execution, url, key, digest, max_bytes=CAPTIONS_MAX_BYTES)
        if outcome is None:
            return key
        may_come = not (outcome.final or outcome.is_limit)
        return outcome if may_come and execution.tries < CAPTIONS_TRIES else ""

    async def _fetch_one(self, execution: Execution, url: str, number: int) -> Video | Unfetched:
        key, digest = video_key(execution, number), Digest()
        outcome = await self._store(execution, url, key, digest)
        if outcome is not None:
            return outcome
        try:
            async with self._media.local_file(key) as path:
                facts = await self._probe.video(path)
        except MediaRefused as refused:
            await self._media.delete(key)
            return Unfetched(refused.sentence, expired=True, final=True)
        return await self._keep(execution, number, digest, facts)

    async def _store(
        self,
        execution: Execution,
        url: str,
        key: str,
        digest: Digest,
        *,
        max_bytes: int | None = None,
    ) -> Unfetched | None:
        """Stream a link into the store; None where all of it arrived."""
        hosts = self._hosts[execution.gateway]
        async with self._downloads.fetch(url, hosts=hosts, max_bytes=max_bytes) as download:
            if not isinstance(download, Downloading):
                return _unfetched(download)
            try:
                await self._media.put(key, digest.following(download.chunks))
            except DownloadBroken as broken:
                return _unfetched(broken.outcome)
            return None

    async def _keep(
        self, execution: Execution, number: int, digest: Digest, facts: MediaFacts
    ) -> Video:
        thumbnail_key = f"thumbnails/{execution.team_id}/{_stem(execution, number)}.jpg"
        await self._media.put(thumbnail_key, _once(facts.thumbnail_jpeg))
        return Video(
            id=self._ids.new("video"),
            team_id=execution.team_id,
            execution_id=execution.id,
            request_id=execution.request_id,
            media_key=video_key(execution, number),
            thumbnail_key=thumbnail_key,
            sha256=digest.sha256,
            size_bytes=digest.size_bytes,
            duration_s=facts.duration_s,
            width_px=facts.width_px,
            height_px=facts.height_px,
            has_sound=facts.has_sound,
            created_at=self._clock.now(),
            number=number,
        )


def video_key(execution: Execution, number: int = 1) -> str:
    """Where one result of an execution is kept."""
    container = container_of(execution.work).value
    return f"videos/{execution.team_id}/{_stem(execution, number)}.{container}"


def captions_key(execution: Execution, url: str) -> str:
    """Where its captions are kept, written as the vendor writes them."""
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    written = suffix if suffix in CAPTIONS_SUFFIXES else CAPTIONS_SUFFIXES[0]
    return f"captions/{execution.team_id}/{execution.id}{written}"


def _stem(execution: Execution, number: int) -> str:
    return execution.id if number == 1 else f"{execution.id}_{number}"


def _given_up(execution: Execution, missing: Sequence[Unfetched]) -> bool:
    """Whether what is missing never will be had, so that the results that came are all."""
    is_last = execution.fetches_refused + 1 >= FETCHES_REFUSED_MAX or is_limited(execution)
    return is_last and all(unfetched.final or unfetched.is_limit for unfetched in missing)


def _pressing(missing: Sequence[Unfetched]) -> Unfetched:
    """What is done about several: what may pass comes before what is final, fresh links first."""
    return max(missing, key=lambda unfetched: (not unfetched.final, unfetched.expired))


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


def billed(execution: Execution, result: Finished, *, shown_s: float) -> int | None:
    """What the vendor says it cost, else what its published price comes to for what came: a spoken
    video by the seconds that it says it made, or that were measured (`shown_s`: a file's sound runs
    on for a frame or two); others by how many results of those asked for there are; else
    unknown."""
    if result.billed_micro_usd is not None:
        return result.billed_micro_usd
    by_length = _by_length(execution, told_s=result.length_s, shown_s=shown_s)
    if by_length is not None or execution.is_ceiling:
        return by_length
    asked = results_of(execution.work)
    came = 1 + len(result.further)
    return -(-execution.estimate_micro_usd * came // asked)


def _by_length(execution: Execution, *, told_s: float | None, shown_s: float) -> int | None:
    try:
        price = offer_named(execution.offer).price
    except KeyError:
        return None
    return settled(price, execution.work, shown_s=shown_s, told_s=told_s)


def _unfetched(outcome: LinkExpired | Refused | Unreadable) -> Unfetched:
    match outcome:
        case LinkExpired(status):
            return Unfetched(f"the link answered {status}", expired=True)
        case Refused(reason, is_limit):
            return Unfetched(reason, expired=False, final=not is_limit, is_limit=is_limit)
        case Unreadable(reason):
            return Unfetched(reason, expired=False)
        case _:
            assert_never(outcome)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
