"""Bytes to and from Slack: streamed, never whole in memory, and our token only to Slack's hosts.

slack_sdk reads a file into memory before it sends it, and retries; so both directions are ours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.slack_answers import answered, refused
from domain.errors import MediaRefused, MediaUnfit
from domain.file_limits import too_large
from domain.message import SlackFile, SlackRefused, SlackUnanswered

UPLOAD_TIMEOUT_S = 600.0
DOWNLOAD_TIMEOUT_S = 300.0
SILENCE_TIMEOUT_S = 30.0
CHUNK_BYTES = 64 * 1024
REDIRECTS_MAX = 3

# docs.slack.dev/reference/objects/file-object: the hosts of url_private.
FILE_HOSTS = frozenset({"files.slack.com", "slack-files.com", "files.slack-gov.com"})
RESPONSE_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_HANDED_OUT = (
    "Slack did not hand out that file. Check that it was not deleted and that Dailies "
    "may read files, then post it again."
)

Origin = tuple[str, str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackHosts:
    """Where Slack's bytes may go: its own hosts by https, and the configured API's origin."""

    api_url: str

    def is_file_link(self, url: str) -> bool:
        """Whether our token may be sent there."""
        return self._leads_to(url, FILE_HOSTS)

    def is_response_link(self, url: str) -> bool:
        """Whether an answer to a command may be sent there."""
        return self._leads_to(url, RESPONSE_HOSTS)

    def is_upload_link(self, url: str) -> bool:
        """Whether a video may be sent there. The link came from Slack and carries no token."""
        origin = _origin(url)
        return origin is not None and (origin[0] == "https" or origin == _origin(self.api_url))

    def _leads_to(self, url: str, hosts: frozenset[str]) -> bool:
        origin = _origin(url)
        if origin is None:
            return False
        scheme, host, port = origin
        is_slacks = scheme == "https" and host in hosts and port in {None, 443}
        return is_slacks or origin == _origin(self.api_url)


class SlackTransfers:
    """Uploads and downloads over one shared session. `proxy` is what Slack's client uses too."""

    def __init__(
        self, session: aiohttp.ClientSession, hosts: SlackHosts, *, token: str, proxy: str | None
    ) -> None:
        self._session = session
        self._hosts = hosts
        self._token = token
        self._proxy = proxy

    async def upload(self, link: str, chunks: AsyncIterator[bytes], size_bytes: int) -> None:
        """POST exactly `size_bytes` to a link of files.getUploadURLExternal. 200 means received
        (docs.slack.dev/messaging/working-with-files#upload)."""
        if not self._hosts.is_upload_link(link):
            raise SlackRefused("upload_link_not_slack")
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(size_bytes),
        }
        async with (
            answered(UPLOAD_TIMEOUT_S),
            self._session.post(
                link,
                data=_exactly(chunks, size_bytes),
                headers=headers,
                proxy=self._proxy,
                allow_redirects=False,
                timeout=_limits(UPLOAD_TIMEOUT_S),
            ) as response,
        ):
            if response.status != 200:
                raise refused(response.status, response.headers, f"upload_http_{response.status}")
            await response.read()

    async def download(self, file: SlackFile) -> AsyncIterator[bytes]:
        """The bytes of a file. Raises `MediaRefused` for a login page and for too many bytes."""
        _check_size(file, file.size_bytes)
        async with answered(SILENCE_TIMEOUT_S):
            response = await self._open(file.url)
        try:
            _check_is_file(response, file)
            async for chunk in _capped(response, file):
                yield chunk
        finally:
            response.close()

    async def _open(self, url: str) -> aiohttp.ClientResponse:
        """Follow redirects by hand, so that none takes our token to another host."""
        for _ in range(REDIRECTS_MAX + 1):
            if not self._hosts.is_file_link(url):
                raise MediaRefused(_NOT_HANDED_OUT)
            response = await self._session.get(
                url,
                headers={"Authorization": f"Bearer {self._token}"},
                proxy=self._proxy,
                allow_redirects=False,
                timeout=_limits(DOWNLOAD_TIMEOUT_S),
            )
            if response.status not in _REDIRECTS:
                return response
            response.close()
            url = urljoin(url, response.headers.get("Location", ""))
        raise MediaRefused(_NOT_HANDED_OUT)


def _check_is_file(response: aiohttp.ClientResponse, file: SlackFile) -> None:
    """Without the right to a file Slack answers 200 with its login page (file-object docs)."""
    if response.status in {401, 403, 404, 410}:
        raise MediaRefused(_NOT_HANDED_OUT)
    if response.status != 200:
        raise refused(response.status, response.headers, f"file_http_{response.status}")
    if response.content_type == "text/html" and file.media_type != "text/html":
        raise MediaRefused(_NOT_HANDED_OUT)
    _check_size(file, _length_bytes(response.headers))


def _check_size(file: SlackFile, size_bytes: int) -> None:
    """Raises `MediaUnfit`, whoever said that it has so many bytes, or sent them."""
    unfit = too_large(file.name, file.media_type, size_bytes)
    if unfit is not None:
        raise MediaUnfit(unfit)


async def _capped(response: aiohttp.ClientResponse, file: SlackFile) -> AsyncIterator[bytes]:
    """Each read has its own limit: whoever takes the chunks may do so from another task, and
    take as long as it likes between two."""
    size_bytes = 0
    while True:
        async with answered(SILENCE_TIMEOUT_S):
            chunk = await response.content.read(CHUNK_BYTES)
        if not chunk:
            return
        size_bytes += len(chunk)
        _check_size(file, size_bytes)
        yield chunk


async def _exactly(chunks: AsyncIterator[bytes], size_bytes: int) -> AsyncIterator[bytes]:
    """Slack takes the length that was reserved, to the byte; anything else breaks the upload."""
    sent_bytes = 0
    async for chunk in chunks:
        sent_bytes += len(chunk)
        if sent_bytes > size_bytes:
            break
        yield chunk
    if sent_bytes != size_bytes:
        raise SlackUnanswered("the stored file does not have the length that was reserved")


def _limits(total_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=total_s, sock_connect=SILENCE_TIMEOUT_S, sock_read=SILENCE_TIMEOUT_S
    )


def _length_bytes(headers: Mapping[str, str]) -> int:
    word = headers.get("Content-Length", "")
    return int(word) if word.isascii() and word.isdigit() else 0


def _origin(url: str) -> Origin | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return None
    if "\\" in url or any(character.isspace() for character in url):
        return None
    return parts.scheme, parts.hostname.lower(), port
