"""Downloads on a real wire: bounded in size, time and reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from domain.gateway import Unreadable
from gateways.download import (
    RESULT_MAX_BYTES,
    Download,
    DownloadBroken,
    Downloading,
    Downloads,
    LinkExpired,
    Refused,
)
from gateways.http import Http
from tests.integration.gateway_servers import (
    Script,
    Seen,
    WallClock,
    abort,
    answering,
    http_answer,
    read_request,
    serving,
)

HERE = "127.0.0.1"
FILM = bytes(range(256)) * 400
MP4 = ("Content-Type: video/mp4",)
TOKEN = "xoxb-1-2-secret"


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    opened = Http(WallClock(), private_hosts=[HERE])
    yield opened
    await opened.aclose()


async def _fetch(
    http: Http,
    url: str,
    *,
    bearer: str | None = None,
    max_bytes: int = 1_000_000,
    timeout_s: float = 5,
) -> tuple[Download, bytes]:
    """The outcome and the bytes, read to the end."""
    downloads = Downloads(http, max_bytes=max_bytes, timeout_s=timeout_s)
    async with downloads.fetch(url, hosts={HERE}, bearer=bearer) as download:
        if not isinstance(download, Downloading):
            return download, b""
        return download, b"".join([chunk async for chunk in download.chunks])


async def test_a_file_comes_whole(http: Http) -> None:
    async with serving(answering(FILM, headers=MP4)) as server:
        download, content = await _fetch(http, f"{server.url}/v.mp4?Signature=a%2Fb")

    assert content == FILM
    assert isinstance(download, Downloading)
    assert (download.size_bytes, download.media_type) == (len(FILM), "video/mp4")
    assert b"accept-encoding: identity" in bytes(server.seen.bytes).lower()
    assert b"authorization" not in bytes(server.seen.bytes).lower()
    assert b"x-api-key" not in bytes(server.seen.bytes).lower()


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
async def test_an_expired_link(http: Http, status: str) -> None:
    async with serving(answering(b"<Error/>", status=status)) as server:
        download, _ = await _fetch(http, server.url)

    assert download == LinkExpired(int(status[:3]))


@pytest.mark.parametrize("status", ["400 Bad", "401 Who", "429 Slow", "500 Oops", "206 Part"])
async def test_an_answer_that_is_no_file(http: Http, status: str) -> None:
    async with serving(answering(b"", status=status, headers=("Retry-After: 7",))) as server:
        download, _ = await _fetch(http, server.url)

    assert download == Unreadable(f"HTTP {status[:3]}", retry_after_s=7)


async def test_an_encoded_answer_is_not_unpacked(http: Http) -> None:
    async with serving(answering(b"x", headers=("Content-Encoding: gzip",))) as server:
        download, _ = await _fetch(http, server.url)

    assert isinstance(download, Unreadable)


async def test_too_much_is_refused_by_its_length_and_while_it_comes(http: Http) -> None:
    async with serving(answering(FILM)) as server:
        declared, _ = await _fetch(http, server.url, max_bytes=50_000)
    async with serving(_chunked(FILM)) as server:
        with pytest.raises(DownloadBroken) as broken:
            await _fetch(http, server.url, max_bytes=50_000)

    assert isinstance(declared, Refused)
    assert isinstance(broken.value.outcome, Refused)
    assert declared.is_limit
    assert broken.value.outcome.is_limit


def test_a_long_film_may_be_as_large_as_slack_takes_files() -> None:
    minutes, bytes_a_minute = 30, 134_000_000 / 4.7  # an avatar video at 1080p
    assert minutes * bytes_a_minute < RESULT_MAX_BYTES <= 1_000_000_000


async def test_a_file_of_no_declared_length_comes_whole(http: Http) -> None:
    async with serving(_chunked(FILM)) as server:
        download, content = await _fetch(http, server.url)

    assert content == FILM
    assert isinstance(download, Downloading)
    assert download.size_bytes is None


@pytest.mark.parametrize("rough", [False, True], ids=["fin", "reset"])
@pytest.mark.parametrize("whole", [True, False], ids=["length", "chunked"])
async def test_a_file_that_breaks_off_is_broken(http: Http, whole: bool, rough: bool) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
        await read_request(reader, seen)
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"
        writer.write(http_answer(FILM)[:50_000] if whole else head)
        await writer.drain()
        if rough:
            await asyncio.sleep(0.05)
            abort(writer)

    async with serving(half) as server:
        with pytest.raises(DownloadBroken) as broken:
            await _fetch(http, server.url)

    assert isinstance(broken.value.outcome, Unreadable)


async def test_an_empty_file_is_broken(http: Http) -> None:
    async with serving(answering(b"", headers=MP4)) as server:
        with pytest.raises(DownloadBroken, match="0 bytes"):
            await _fetch(http, server.url)


async def test_a_short_read_is_found_where_the_transport_does_not() -> None:
    def short(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-length": "10"}, stream=_Bytes(b"12345"))

    fake = Http(WallClock(), download_transport=httpx.MockTransport(short), private_hosts=[HERE])

    with pytest.raises(DownloadBroken, match="5 bytes instead of 10"):
        await _fetch(fake, f"http://{HERE}/")
    await fake.aclose()


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"])
async def test_the_deadline_is_for_everything(http: Http, first: bytes) -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
        await read_request(reader, seen)
        writer.write(first)
        await reader.read()

    loop = asyncio.get_running_loop()
    async with serving(stall) as server:
        began = loop.time()
        try:
            outcome, _ = await _fetch(http, server.url, timeout_s=0.4)
        except DownloadBroken as broken:
            outcome = broken.outcome
        took_s = loop.time() - began

    assert outcome == Unreadable("TimeoutError")
    assert 0.35 < took_s < 1.4


async def test_the_deadline_does_not_cut_what_the_caller_does(http: Http) -> None:
    stored: list[bytes] = []

    async def store(chunks: AsyncIterator[bytes]) -> None:
        async for chunk in chunks:
            await asyncio.sleep(0.3)
            stored.append(chunk)

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
        await read_request(reader, seen)
        writer.write(http_answer(FILM)[:1_000])
        await reader.read()

    async with (
        serving(half) as server,
        Downloads(http, timeout_s=0.2).fetch(server.url, hosts={HERE}) as download,
    ):
        assert isinstance(download, Downloading)
        with pytest.raises(DownloadBroken, match="TimeoutError"):
            await store(download.chunks)

    assert stored


async def test_redirects_are_followed_three_times_and_checked_each_time(http: Http) -> None:
    async with serving(answering(FILM)) as end:
        async with serving(_redirecting(f"{end.url}/v.mp4", hops=3)) as server:
            _, content = await _fetch(http, f"{server.url}/0")
        async with serving(_redirecting(f"{end.url}/v.mp4", hops=4)) as server:
            too_many, _ = await _fetch(http, f"{server.url}/0")

    assert content == FILM
    assert isinstance(too_many, Refused)
    assert end.seen.requests == 1


@pytest.mark.parametrize(
    "target", ["http://localhost:{port}/", "file:///etc/passwd", "", "http://[::1]:{port}/"]
)
async def test_a_redirect_to_another_host_is_refused(http: Http, target: str) -> None:
    async with serving(answering(FILM)) as other:
        location = target.format(port=other.port)
        async with serving(_redirecting(location, hops=1)) as server:
            download, _ = await _fetch(http, f"{server.url}/0")

    assert isinstance(download, Refused)
    assert other.seen.connections == 0


async def test_a_listed_name_that_leads_inside_is_refused(http: Http) -> None:
    """`localhost` is listed here, but the operator did not name it as private."""
    async with serving(answering(FILM)) as server:
        url = f"https://localhost:{server.port}/"
        downloads = Downloads(http)
        async with downloads.fetch(url, hosts={"localhost"}) as odd_port:
            pass
        async with downloads.fetch("https://localhost/", hosts={"localhost"}) as download:
            pass

    assert odd_port == Refused("not the https port", is_limit=True)
    assert download == Refused("the link leads to an address that is not public", is_limit=True)
    assert server.seen.connections == 0


async def test_the_token_goes_to_its_own_host_only(http: Http) -> None:
    async with (
        serving(answering(FILM)) as other,
        serving(_redirecting(f"{other.url}/v", hops=2)) as slack,
    ):
        _, content = await _fetch(http, f"{slack.url}/0", bearer=TOKEN)

    assert content == FILM
    assert bytes(slack.seen.bytes).count(TOKEN.encode()) == 2
    assert TOKEN.encode() not in other.seen.bytes


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (answering(b"<html>", headers=("Content-Type: text/html; charset=utf-8",)), "a page"),
        (answering(b"", status="401 Unauthorized"), "token"),
    ],
)
async def test_a_login_page_is_not_the_file(http: Http, script: Script, reason: str) -> None:
    async with serving(script) as server:
        download, _ = await _fetch(http, server.url, bearer=TOKEN)

    assert isinstance(download, Refused)
    assert reason in download.reason


async def test_a_server_that_is_not_there(http: Http) -> None:
    async with serving(answering(b"")) as server:
        url = server.url

    download, _ = await _fetch(http, url, bearer=TOKEN)
    assert isinstance(download, Unreadable)
    assert TOKEN not in download.reason


async def test_a_download_that_is_given_up_closes_its_connection(http: Http) -> None:
    closed = asyncio.Event()

    async def long(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
        await read_request(reader, seen)
        writer.write(http_answer(FILM * 100)[:200_000])
        try:
            await reader.read()
        finally:
            closed.set()

    async with serving(long) as server:
        downloads = Downloads(http)
        async with downloads.fetch(server.url, hosts={HERE}) as download:
            assert isinstance(download, Downloading)
            await anext(download.chunks)
        await asyncio.wait_for(closed.wait(), 2)


class _Bytes(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


def _chunked(content: bytes) -> Script:
    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        await read_request(reader, seen)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(content), 10_000):
            piece = content[start : start + 10_000]
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    return script


def _redirecting(target: str, *, hops: int) -> Script:
    """`/0` leads to `/1` and so on; the last hop leads to `target`."""

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        number = int((await read_request(reader, seen)).split(b" ")[1][1:])
        where = target if number + 1 == hops else f"/{number + 1}"
        writer.write(http_answer(b"", status="302 Found", headers=(f"Location: {where}",)))
        await writer.drain()

    return script
