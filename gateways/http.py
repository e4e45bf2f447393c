"""The one HTTP policy: how bytes reach a gateway, and how long and how much we listen.

Submits go through httpx's own transport, a connection each, nothing kept alive: httpx-aiohttp
reports a connection that was closed after the request was read as ConnectTimeout, which would be
taken for "not sent" and paid twice. Checks and uploads go through httpx-aiohttp and one shared
session, because httpx's own pool collapses at a hundred concurrent polls.

No httpx client stands between: a transport follows no redirect, keeps no cookie, reads no
environment and repeats no submit. (aiohttp asks once more where a connection broke under a GET or
PUT, which costs nothing.) Every transport can be replaced, so a simulation is the wire.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from domain.gateway import NotSent, Uncertain, Unreadable
from domain.ports import Clock
from domain.stored import Content, Stored, size_of
from gateways.classify import Answer, classify_error, worded
from gateways.pinning import PinnedResolver

USER_AGENT = "dailies-slack-bot/0.1"
CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 15.0
UPLOAD_TIMEOUT_S = 300.0  # 100 MB at a third of a megabyte a second
ANSWER_MAX_BYTES = 1 * 1024 * 1024
CONNECTIONS_MAX = 200
IDLE_CONNECTION_S = 30.0
PIECE_BYTES = 256 * 1024
ORIGINS_KEPT = 256

# A submit's connect timeout counts for the connection and again for TLS. Each gets a third of the
# total deadline at most, so that a deadline that passes has passed on an open connection.
_CONNECT_SHARE = 3

_JSON = "application/json"
# All that a wire can do to a call. Anything else that is raised is a bug and propagates; a
# cancellation is no Exception and propagates too.
WIRE_ERRORS: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    aiohttp.ClientError,  # httpx-aiohttp lets some of these through unmapped
    OSError,  # TimeoutError of the total deadline among them
    ValueError,
)


class AnswerTooLarge(ValueError):
    """The vendor sent more than `ANSWER_MAX_BYTES`, or what its list may need."""


class Http:
    """The connections of one process. Open it where the event loop runs, close it at the end.

    `private_hosts` are the hosts that downloads may reach by plain http or on a private address.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        submit_transport: httpx.AsyncBaseTransport | None = None,
        read_transport: httpx.AsyncBaseTransport | None = None,
        download_transport: httpx.AsyncBaseTransport | None = None,
        private_hosts: Collection[str] = (),
    ) -> None:
        tls = _trust()
        self.clock = clock
        self.private_hosts = frozenset(host.lower() for host in private_hosts)
        self.submit_transport = submit_transport or _one_connection_each(tls)
        self.read_transport = read_transport or AiohttpTransport(
            verify=tls, client=partial(_session, tls)
        )
        self.download_transport = download_transport or AiohttpTransport(
            verify=tls, client=partial(_session, tls, pinned_but=self.private_hosts)
        )

    def bind(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
    ) -> Wire:
        """The wire to one address, with credentials that go nowhere else."""
        return Wire(self, base_url, headers=headers or {}, secrets=tuple(secrets))

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in (self.submit_transport, self.read_transport, self.download_transport):
            await transport.aclose()


class Wire:
    """One gateway's address and credentials.

    Raises ValueError when it is made with an address or a header that cannot be sent; never
    names the value, which may be a key.
    """

    def __init__(
        self, http: Http, base_url: str, *, headers: Mapping[str, str], secrets: tuple[str, ...]
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.secrets = secrets
        self._http = http
        self._origin = _origin(self.base_url)
        if self._origin is None:
            raise ValueError("a gateway's address is not an http(s) URL")
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise ValueError("a gateway's key holds a character that no header can carry")
        self._headers = {"user-agent": USER_AGENT, "accept": _JSON, "accept-encoding": "identity"}
        self._headers.update({name.lower(): value for name, value in headers.items()})

    def own(self, url: str) -> str | None:
        """`url` if it leads to this wire's own scheme, host and port, else None."""
        return url if _origin(url) == self._origin else None

    async def submit(
        self,
        path: str,
        content: bytes,
        *,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | NotSent | Uncertain:
        """POST a JSON body once, on a connection of its own. `timeout_s` is for everything."""
        extra = {"content-type": _JSON, "connection": "close", **(headers or {})}
        request = self._request("POST", path, content=content, headers=extra)
        try:
            return await self._exchange(self._http.submit_transport, request, timeout_s)
        except WIRE_ERRORS as error:
            return classify_error(error, self.secrets)

    async def read(
        self,
        method: str,
        url: str,
        *,
        body: Body | None = None,
        timeout_s: float | None = None,
        max_bytes: int = ANSWER_MAX_BYTES,
    ) -> Answer | Unreadable:
        """A call that may be repeated: a check, a cancel, an upload. `url` is a path of this
        wire, or an absolute link that `own` let through. `timeout_s` is for everything; usually
        a body is an upload and takes long. `max_bytes` is what a vendor's list may need."""
        content: Content = body.content if body else b""
        headers, usual_s = (body.headers, UPLOAD_TIMEOUT_S) if body else ({}, READ_TIMEOUT_S)
        request = self._request(method, url, content=content, headers=headers)
        try:
            return await self._exchange(
                self._http.read_transport, request, timeout_s or usual_s, max_bytes=max_bytes
            )
        except WIRE_ERRORS as error:
            return Unreadable(worded(error, self.secrets), is_down=True)

    def _request(
        self, method: str, url: str, *, content: Content, headers: Mapping[str, str]
    ) -> httpx.Request:
        address = url if "://" in url else f"{self.base_url}{url}"
        if self.own(address) is None:
            raise ValueError("a call to another host than the configured one")
        said = {**self._headers, **headers}
        if not isinstance(content, Stored) and len(content) <= PIECE_BYTES:
            return httpx.Request(method, address, content=content or None, headers=said)
        # httpx adds these two for bytes only.
        length = str(size_of(content))
        said |= {"content-length": length, "host": httpx.URL(address).netloc.decode()}
        return httpx.Request(method, address, headers=said, stream=_Pieces(content))

    async def _exchange(
        self,
        transport: httpx.AsyncBaseTransport,
        request: httpx.Request,
        timeout_s: float,
        *,
        max_bytes: int = ANSWER_MAX_BYTES,
    ) -> Answer:
        """One request and its whole answer within `timeout_s`. Raises what the wire raises."""
        connect_s = min(CONNECT_TIMEOUT_S, timeout_s / _CONNECT_SHARE)
        request.extensions["timeout"] = {
            "connect": connect_s,
            "pool": connect_s,
            "read": timeout_s,
            "write": timeout_s,
        }
        async with asyncio.timeout(timeout_s):
            response = await transport.handle_async_request(request)
            try:
                body = await _read_capped(response, max_bytes)
            finally:
                await response.aclose()
        return Answer(response.status_code, response.headers, body, self._http.clock.now())


@dataclass(frozen=True, slots=True)
class Body:
    """What an upload sends: bytes, and the headers that describe them."""

    content: Content
    headers: Mapping[str, str]


class _Pieces(httpx.AsyncByteStream):
    """A large body in pieces, each time from its beginning: written at once it would hold up the
    loop for as long as it takes to copy."""

    def __init__(self, content: Content) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if isinstance(self._content, Stored):
            async for chunk in self._content.read():
                yield chunk
            return
        view = memoryview(self._content)
        for start in range(0, len(view), PIECE_BYTES):
            yield bytes(view[start : start + PIECE_BYTES])


def json_body(content: bytes, headers: Mapping[str, str] | None = None) -> Body:
    """A JSON body."""
    return Body(content, {"content-type": _JSON, **(headers or {})})


def host_of(url: str) -> str:
    """The host of a configured address, lower case. Raises ValueError for what is not one."""
    origin = _origin(url)
    if origin is None:
        raise ValueError("not an http(s) URL")
    return origin[1]


def origin_of(url: str) -> str:
    """Scheme, host and port of an address. Raises ValueError for what is not one."""
    origin = _origin(url)
    if origin is None:
        raise ValueError("not an http(s) URL")
    scheme, host, port = origin
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


async def _read_capped(response: httpx.Response, max_bytes: int) -> bytes:
    """The raw body. A cap on decoded bytes would be too late: 300 KB of gzip can be 64 MB."""
    chunks, size = [], 0
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for chunk in response.stream:
        size += len(chunk)
        if size > max_bytes:
            raise AnswerTooLarge(f"an answer of more than {max_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


@lru_cache(maxsize=ORIGINS_KEPT)  # each call asks for its own, and for that of its wire
def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    default_port = {"http": 80, "https": 443}.get(parsed.scheme)
    if default_port is None or not parsed.host or parsed.userinfo or "\\" in url:
        return None
    return parsed.scheme, parsed.host.lower(), parsed.port or default_port


@cache
def _trust() -> ssl.SSLContext:
    """The certificate authorities we trust, read once: certifi's, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)


def _one_connection_each(tls: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(
        verify=tls,
        trust_env=False,
        http1=True,
        http2=False,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        retries=0,
    )


def _session(
    tls: ssl.SSLContext, *, pinned_but: frozenset[str] | None = None
) -> aiohttp.ClientSession:
    """A session that keeps no cookie; its connector resolves through a pin for downloads."""
    resolver = None if pinned_but is None else PinnedResolver(pinned_but)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=tls,
            limit=CONNECTIONS_MAX,
            keepalive_timeout=IDLE_CONNECTION_S,
            resolver=resolver,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
    )
