"""NOT_SENT means that no byte of the request reached anybody: raw servers count.

Whatever is called NOT_SENT is sent again, so each exception class that is called that is brought
about here, and every way a connection can end is tried at every byte of the answer.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from domain.gateway import Accepted, NotSent, Submission, Uncertain
from gateways.classify import NOT_SENT_ERRORS, classify_error
from gateways.heygen import HeyGen
from gateways.http import Http
from tests.integration.gateway_servers import (
    Script,
    Seen,
    WallClock,
    abort,
    answering,
    certificate,
    http_answer,
    intent,
    read_request,
    server_tls,
    serving,
)

SUBMIT_TIMEOUT_S = 0.9  # so that connecting gets 0.3 s
ANSWER = json.dumps({"data": {"execution_id": "node-gw-1", "status": "submitted"}}).encode()
KEY = "sk_V2_secret_of_the_test"


async def _submit(
    url: str, transport: httpx.AsyncBaseTransport | None = None, *, timeout_s: float = 5.0
) -> Submission:
    http = Http(WallClock(), submit_transport=transport)
    try:
        gateway = HeyGen(http, api_key=KEY, api_url=url)
        return await gateway.submit(intent(), timeout_s=timeout_s)
    finally:
        await http.aclose()


async def test_a_refused_port_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    outcome = await _submit(f"http://127.0.0.1:{port}")

    assert isinstance(outcome, NotSent)
    assert outcome.reason.startswith("ConnectError")


async def test_a_name_that_does_not_exist_is_not_sent() -> None:
    outcome = await _submit("http://gateway.invalid")

    assert isinstance(outcome, NotSent)
    assert outcome.reason.startswith("ConnectError")


async def test_a_host_that_does_not_answer_is_not_sent() -> None:
    async with _full_backlog() as port:
        outcome = await _submit(f"http://127.0.0.1:{port}", timeout_s=SUBMIT_TIMEOUT_S)

    assert isinstance(outcome, NotSent)
    assert outcome.reason.startswith("ConnectTimeout")


async def test_a_tls_handshake_that_never_ends_is_not_sent() -> None:
    async def silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        while chunk := await reader.read(65_536):
            seen.bytes += chunk

    async with serving(silent) as server:
        outcome = await _submit(f"https://127.0.0.1:{server.port}", timeout_s=SUBMIT_TIMEOUT_S)

    assert isinstance(outcome, NotSent)
    assert outcome.reason.startswith("ConnectTimeout")
    assert server.seen.bytes[:1] == b"\x16"  # a ClientHello, nothing of the request
    assert b"POST" not in server.seen.bytes


@pytest.mark.parametrize("ending", ["self-signed", "expired", "other host"])
async def test_tls_that_cannot_be_trusted_is_not_sent(ending: str, tmp_path: Path) -> None:
    expired = ending == "expired"
    trust = ssl.create_default_context()
    if ending != "self-signed":
        trust.load_verify_locations(cadata=certificate(expired=expired))
    transport = httpx.AsyncHTTPTransport(verify=trust, trust_env=False)
    host = "127.0.0.1" if ending == "other host" else "localhost"
    async with serving(
        answering(ANSWER), tls=server_tls(tmp_path, expired=expired), host=host
    ) as server:
        outcome = await _submit(server.url, transport)

    assert isinstance(outcome, NotSent)
    assert outcome.reason.startswith("ConnectError")
    assert not server.seen.bytes


async def test_tls_that_can_be_trusted_is_used(tmp_path: Path) -> None:
    trust = ssl.create_default_context(cadata=certificate())
    transport = httpx.AsyncHTTPTransport(verify=trust, trust_env=False)
    async with serving(answering(ANSWER), tls=server_tls(tmp_path), host="localhost") as server:
        outcome = await _submit(server.url, transport)

    assert outcome == Accepted("node-gw-1")


async def test_plain_http_where_tls_was_expected_is_not_sent() -> None:
    async with serving(_say(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        outcome = await _submit(f"https://127.0.0.1:{server.port}")

    assert isinstance(outcome, NotSent)
    assert b"POST" not in server.seen.bytes


async def test_a_full_pool_is_not_sent() -> None:
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
    transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
    async with serving(_say(b"")) as server:
        http = Http(WallClock(), submit_transport=transport)
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        first = asyncio.create_task(gateway.submit(intent(), timeout_s=SUBMIT_TIMEOUT_S))
        while not server.seen.bytes:
            await asyncio.sleep(0.01)
        before = len(server.seen.bytes)
        second = await gateway.submit(intent(), timeout_s=SUBMIT_TIMEOUT_S / 2)
        assert isinstance(await first, Uncertain)
        await http.aclose()

    assert isinstance(second, NotSent)
    assert second.reason.startswith("PoolTimeout")
    assert len(server.seen.bytes) == before


async def test_a_scheme_that_is_not_http_is_not_sent() -> None:
    async with serving(answering(ANSWER)) as server:
        transport = Http(WallClock()).submit_transport
        request = httpx.Request("POST", f"ftp://127.0.0.1:{server.port}/", content=b"{}")
        with pytest.raises(httpx.UnsupportedProtocol) as raised:
            await transport.handle_async_request(request)

    assert isinstance(classify_error(raised.value), NotSent)
    assert not server.seen.bytes


def test_every_class_that_is_called_not_sent_was_brought_about_above() -> None:
    tried = {
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.UnsupportedProtocol,
    }

    assert set(NOT_SENT_ERRORS) == tried


@pytest.mark.parametrize("rough", [False, True], ids=["fin", "reset"])
@pytest.mark.parametrize("read", [0, 1, 40, 10_000], ids=lambda n: f"reads {n}")
async def test_a_connection_that_ends_without_an_answer_is_uncertain(
    read: int, rough: bool
) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
        if read > 1_000:
            await read_request(reader, seen)
        elif read:
            seen.bytes += await reader.readexactly(read)
        if rough:
            abort(writer)

    async with serving(close) as server:
        outcome = await _submit(server.url)

    assert isinstance(outcome, Uncertain)


@pytest.mark.parametrize("rough", [False, True], ids=["fin", "reset"])
async def test_an_answer_that_breaks_off_is_uncertain_at_every_byte(rough: bool) -> None:
    whole = http_answer(ANSWER, headers=("Content-Type: application/json",))
    offset = 0

    async def broken(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        await read_request(reader, seen)
        writer.write(whole[:offset])
        await writer.drain()
        if rough:
            abort(writer)

    http = Http(WallClock())
    async with serving(broken) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        outcomes = {}
        for offset in range(len(whole)):
            outcomes[offset] = await gateway.submit(intent(), timeout_s=5)
    await http.aclose()

    assert {type(outcome) for outcome in outcomes.values()} == {Uncertain}
    assert server.seen.requests == len(whole)
    assert server.seen.connections == len(whole)


async def test_an_answer_that_never_comes_is_uncertain_at_its_deadline() -> None:
    loop = asyncio.get_running_loop()
    async with serving(_say(b"")) as server:
        began = loop.time()
        outcome = await _submit(server.url, timeout_s=0.4)
        took_s = loop.time() - began

    assert isinstance(outcome, Uncertain)
    assert 0.35 < took_s < 1.4
    assert b"a fox in snow" in server.seen.bytes


async def test_why_submits_do_not_go_through_httpx_aiohttp() -> None:
    """It calls a connection that was closed after the request was read ConnectTimeout."""

    async def read_and_close(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        await read_request(reader, seen)

    async with serving(read_and_close) as server:
        trapped = await _submit(server.url, AiohttpTransport())
        ours = await _submit(server.url)

    assert server.seen.requests == 2
    assert isinstance(trapped, NotSent)
    assert trapped.reason.startswith("ConnectTimeout")
    assert isinstance(ours, Uncertain)


async def test_each_submit_has_a_connection_of_its_own() -> None:
    http = Http(WallClock())
    async with serving(answering(ANSWER, keep=True)) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        for _ in range(3):
            assert isinstance(await gateway.submit(intent(), timeout_s=5), Accepted)
        await asyncio.gather(*(gateway.submit(intent(), timeout_s=5) for _ in range(5)))
    await http.aclose()

    assert server.seen.connections == server.seen.requests == 8


async def test_the_submit_transport_keeps_no_connection_even_unasked() -> None:
    """Not only by the header `Connection: close`, which another call could forget."""
    http = Http(WallClock())
    async with serving(answering(ANSWER, keep=True)) as server:
        for _ in range(3):
            request = httpx.Request("POST", server.url, content=b"{}")
            response = await http.submit_transport.handle_async_request(request)
            await response.aread()
            await response.aclose()
    await http.aclose()

    assert server.seen.connections == server.seen.requests == 3


async def test_a_cancelled_submit_stays_cancelled() -> None:
    async with serving(_say(b"")) as server:
        submit = asyncio.create_task(_submit(server.url, timeout_s=30))
        while not server.seen.bytes:
            await asyncio.sleep(0.01)
        submit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submit


def _say(words: bytes) -> Script:
    """Reads what comes, says `words`, and leaves the connection open until the other side ends."""

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        writer.write(words)
        while chunk := await reader.read(65_536):
            seen.bytes += chunk

    return script


@asynccontextmanager
async def _full_backlog() -> AsyncIterator[int]:
    """A port whose queue of connections is full: the next SYN gets no answer (Linux)."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    address = listener.getsockname()
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(address)
    await asyncio.sleep(0.05)
    try:
        yield address[1]
    finally:
        for opened in (*fillers, listener):
            opened.close()
