"""Fetches files from where a vendor or Slack says they are, as a stream that is bounded in size,
time and reach.

A result's link comes out of an answer, so it is fetched without any credential, from listed hosts
on public addresses only (`pinning`), redirects looked at one by one. Slack's files are fetched
with the bot token, which goes to the listed hosts and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from domain.gateway import Unreadable
from gateways.classify import Answer, retry_after_s, worded
from gateways.http import CONNECT_TIMEOUT_S, USER_AGENT, WIRE_ERRORS, Http, origin_of
from gateways.pinning import NotPublic, refusal

# Slack is said to take no larger file (its own pages do not say); HeyGen's 1080p is some 29 MB a
# minute, so this is half an hour of it.
RESULT_MAX_BYTES = 1_000_000_000
DOWNLOAD_TIMEOUT_S = 600.0
SILENCE_TIMEOUT_S = 30.0
REDIRECTS_MAX = 3

_EXPIRED_STATUSES = frozenset({403, 404, 410})
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
# A login page, an error page or a listing: never the file that was asked for.
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Downloading:
    """The file is coming. `size_bytes` where the other side says it; `chunks` can be read once,
    inside the `async with`, and raises `DownloadBroken`."""

    size_bytes: int | None
    media_type: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class LinkExpired:
    """The link no longer works (403, 404, 410): a fresh check may give a fresh one."""

    status: int


@dataclass(frozen=True, slots=True)
class Refused:
    """We do not fetch this, or it is not what was asked for. Trying again is pointless, but for
    `is_limit`: there a limit of ours refuses it (its host, its size), and the file may be good."""

    reason: str
    is_limit: bool = False


Download = Downloading | LinkExpired | Refused | Unreadable


class DownloadBroken(Exception):
    """A download that had begun did not end well: what was stored of it must be thrown away."""

    def __init__(self, outcome: Refused | Unreadable) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Downloads:
    """Fetches files over `http`'s pinned transport. Raises nothing for what a wire does before
    the first byte: that is an outcome."""

    def __init__(
        self,
        http: Http,
        *,
        max_bytes: int = RESULT_MAX_BYTES,
        timeout_s: float = DOWNLOAD_TIMEOUT_S,
    ) -> None:
        self._http = http
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def fetch(
        self,
        url: str,
        *,
        hosts: Collection[str],
        bearer: str | None = None,
        max_bytes: int | None = None,
    ) -> AsyncIterator[Download]:
        """What `url` leads to. `hosts`: exact names or `.suffix`. The whole download, redirects
        and all, has one deadline, which never cuts what the caller does between two chunks."""
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        opened = await self._open(url, hosts=hosts, bearer=bearer, deadline=deadline)
        if not isinstance(opened, httpx.Response):
            yield opened
            return
        try:
            most = min(self._max_bytes, max_bytes or self._max_bytes)
            signed_in = bearer is not None
            yield self._outcome(opened, most, deadline=deadline, signed_in=signed_in)
        finally:
            await _close(opened)

    async def _open(
        self, url: str, *, hosts: Collection[str], bearer: str | None, deadline: float
    ) -> httpx.Response | Refused | Unreadable:
        """The first answer that is no redirect, each hop checked like the first."""
        home = url
        for _ in range(REDIRECTS_MAX + 1):
            reason = refusal(url, hosts=hosts, private_hosts=self._http.private_hosts)
            if reason is not None:
                return Refused(reason, is_limit=True)
            token = bearer if bearer and origin_of(url) == origin_of(home) else None
            response = await self._get(url, bearer=token, deadline=deadline)
            if not isinstance(response, httpx.Response):
                return response
            if response.status_code not in _REDIRECT_STATUSES:
                return response
            url = urljoin(url, response.headers.get("location", ""))
            await _close(response)
        return Refused(f"more than {REDIRECTS_MAX} redirects")

    async def _get(
        self, url: str, *, bearer: str | None, deadline: float
    ) -> httpx.Response | Refused | Unreadable:
        headers = {"user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "identity"}
        if bearer is not None:
            headers["authorization"] = f"Bearer {bearer}"
        timeouts = {
            "connect": CONNECT_TIMEOUT_S,
            "pool": CONNECT_TIMEOUT_S,
            "read": SILENCE_TIMEOUT_S,
            "write": SILENCE_TIMEOUT_S,
        }
        request = httpx.Request("GET", url, headers=headers, extensions={"timeout": timeouts})
        try:
            async with asyncio.timeout_at(deadline):
                return await self._http.download_transport.handle_async_request(request)
        except WIRE_ERRORS as error:
            secrets = () if bearer is None else (bearer,)
            if _is_private(error):
                return Refused("the link leads to an address that is not public", is_limit=True)
            return Unreadable(worded(error, secrets))

    def _outcome(
        self, response: httpx.Response, max_bytes: int, *, deadline: float, signed_in: bool
    ) -> Download:
        """What an answer means, by its status and headers alone."""
        status = response.status_code
        if status in _EXPIRED_STATUSES:
            return LinkExpired(status)
        if status == 401 and signed_in:
            return Refused("the token is not accepted here")
        if status != 200:
            answer = Answer(status, response.headers, b"", self._http.clock.now())
            return Unreadable(f"HTTP {status}", retry_after_s(answer))
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type in _PAGE_TYPES:
            return Refused("a page instead of a file")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            return Unreadable("an encoded answer that was not asked for")
        size = _declared_size(response)
        if size is not None and size > max_bytes:
            return Refused(_too_large(max_bytes), is_limit=True)
        chunks = self._chunks(response, size, max_bytes, deadline=deadline)
        return Downloading(size, media_type, chunks)

    async def _chunks(
        self, response: httpx.Response, size: int | None, max_bytes: int, *, deadline: float
    ) -> AsyncIterator[bytes]:
        """The body, counted. The deadline bounds each wait for the wire, not the caller's work."""
        assert isinstance(response.stream, httpx.AsyncByteStream)
        wire, seen = aiter(response.stream), 0
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(wire, None)
            except WIRE_ERRORS as error:
                raise DownloadBroken(Unreadable(worded(error))) from error
            if chunk is None:
                break
            seen += len(chunk)
            if seen > max_bytes:
                raise DownloadBroken(Refused(_too_large(max_bytes), is_limit=True))
            yield chunk
        if seen == 0 or (size is not None and seen != size):
            raise DownloadBroken(Unreadable(f"{seen} bytes instead of {size or 'some'}"))


async def _close(response: httpx.Response) -> None:
    """End the exchange. A connection that breaks while it is given up changes nothing."""
    try:
        await response.aclose()
    except WIRE_ERRORS:
        return


def _is_private(error: BaseException | None) -> bool:
    """Whether the resolver's pin is what stopped a connection."""
    while error is not None:
        if isinstance(error, NotPublic):
            return True
        error = error.__cause__ or error.__context__
    return False


def _declared_size(response: httpx.Response) -> int | None:
    said = response.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None


def _too_large(max_bytes: int) -> str:
    return f"more than {max_bytes // 1_000_000} MB"
