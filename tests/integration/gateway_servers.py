"""Raw loopback servers that count what they saw, for the tests of the gateways' wire."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from domain.catalog import offer_named
from domain.gateway import Intent
from domain.request import Clip
from domain.shape import AspectRatio

# A self-signed certificate for `localhost` (2000 to 2099), one that ended in 2001, their key.
_KEY = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkxbkAj2OYDYxNSPYWme2z+G7RsDyehPJ29l1DpNP"
    "VSChRANCAARALl5bd792RaL7ZyRHwKb9HZWGyhmZFHNh+DtsV72AxWIv88SPJR3ZcT2E/cEQtLTGFKC/07ZWcg+s"
    "cFmBpk7a"
)
_CERTIFICATE = (
    "MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwIBcNMDAwMTAxMDAwMDAw"
    "WhgPMjA5OTEyMzEwMDAwMDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA"
    "BEAuXlt3v3ZFovtnJEfApv0dlYbKGZkUc2H4O2xXvYDFYi/zxI8lHdlxPYT9wRC0tMYUoL/TtlZyD6xwWYGmTtqj"
    "SDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBRwGbg7DPn2EDC8MIvc"
    "RpV4/LD2iTAKBggqhkjOPQQDAgNIADBFAiEA6yeFupqVMJWmpnXC8r73I0aCiim6id2lebOE0hp0pHgCIEJQTYuc"
    "B2beGAQEHzI1R39XEbR8zKk+QQQw2ykarTSI"
)
_EXPIRED_CERTIFICATE = (
    "MIIBXzCCAQWgAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwHhcNMDAwMTAxMDAwMDAw"
    "WhcNMDEwMTAxMDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARA"
    "Ll5bd792RaL7ZyRHwKb9HZWGyhmZFHNh+DtsV72AxWIv88SPJR3ZcT2E/cEQtLTGFKC/07ZWcg+scFmBpk7ao0gw"
    "RjAUBgNVHREEDTALgglsb2NhbGhvc3QwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUcBm4Owz59hAwvDCL3EaV"
    "ePyw9okwCgYIKoZIzj0EAwIDSAAwRQIhAJczDJdhp48faLqMAd5843eFQhatH3XW5klmcxZ4tE8LAiB50oqYSMl3"
    "LHz5/W4QA3iDeb5OGl6q+MPBjp1+Dk3Uxg=="
)


@dataclass
class Seen:
    """What reached a server: every byte it read, and how often somebody connected."""

    bytes: bytearray = field(default_factory=bytearray)
    connections: int = 0
    requests: int = 0


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Seen], Awaitable[None]]


@dataclass
class Server:
    """A server while it runs."""

    port: int
    seen: Seen
    scheme: str = "http"
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


@asynccontextmanager
async def serving(
    script: Script, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """Run `script` for each connection; its byte counts are whole when the context ends."""
    seen = Seen()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        try:
            await script(reader, writer, seen)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Server(port, seen, "https" if tls else "http", host)
    finally:
        server.close()


async def read_request(reader: asyncio.StreamReader, seen: Seen) -> bytes:
    """A whole request: its head, and as much body as the head announces."""
    head = await reader.readuntil(b"\r\n\r\n")
    seen.bytes += head
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    body = await reader.readexactly(length)
    seen.bytes += body
    seen.requests += 1
    return head + body


def answering(
    body: bytes, *, status: str = "200 OK", headers: tuple[str, ...] = (), keep: bool = False
) -> Script:
    """Answer every request with this; `keep` leaves the connection open for the next one."""

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        while True:
            await read_request(reader, seen)
            writer.write(http_answer(body, status=status, headers=headers))
            await writer.drain()
            if not keep:
                return

    return script


def http_answer(body: bytes, *, status: str = "200 OK", headers: tuple[str, ...] = ()) -> bytes:
    """An HTTP/1.1 answer with its length."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


def abort(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST instead of FIN."""
    wire = writer.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def server_tls(folder: Path, *, expired: bool = False) -> ssl.SSLContext:
    """A server's TLS with one of the certificates above."""
    chain = folder / "chain.pem"
    key_kind = "PRIVATE KEY"
    key = f"-----BEGIN {key_kind}-----\n{_KEY}\n-----END {key_kind}-----\n"
    chain.write_text(key + certificate(expired=expired))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def certificate(*, expired: bool = False) -> str:
    """The certificate as PEM, also to be trusted by a client."""
    text = _EXPIRED_CERTIFICATE if expired else _CERTIFICATE
    return ssl.DER_cert_to_PEM_cert(base64.b64decode(text))


class WallClock:
    """`domain.ports.Clock` as it is."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def intent(offer: str = "veo_3_1@heygen", **clip: object) -> Intent:
    """A submit of a small clip."""
    wanted = {"prompt": "a fox in snow", "aspect_ratio": AspectRatio.WIDE, **clip}
    return Intent(
        execution_id="exec-1",
        attempt=1,
        key="exec-1:1",
        offer=offer_named(offer),
        work=Clip.model_validate(wanted),
    )
