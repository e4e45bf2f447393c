"""The HTTP policy on a real wire: what is sent to whom, and where listening ends."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from domain.gateway import Accepted, Remote, Uncertain, Unreadable
from domain.offer import GatewayName
from domain.ports import UploadFailed
from gateways import FalAccount, HeyGenAccount, RunwareAccount, build, private_hosts, result_hosts
from gateways.classify import Answer
from gateways.fal import Fal
from gateways.heygen import HeyGen
from gateways.http import ANSWER_MAX_BYTES, Body, Http, json_body
from tests.integration.gateway_servers import (
    Script,
    Seen,
    WallClock,
    answering,
    http_answer,
    intent,
    read_request,
    serving,
)

KEY = "sk_V2_secret_of_the_test"
ACCEPTED = b'{"data":{"execution_id":"node-gw-1"}}'


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    opened = Http(WallClock())
    yield opened
    await opened.aclose()


def _remote(offer: str = "veo_3_1@heygen", **handle: str) -> Remote:
    return Remote("node-gw-1", handle, intent(offer).offer)


async def test_what_a_submit_carries(http: Http) -> None:
    async with serving(answering(ACCEPTED)) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url + "/")
        await gateway.submit(intent(), timeout_s=5)

    head = bytes(server.seen.bytes).split(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith("post /v1/workflows/executions http/1.1\r\n")
    for line in (
        f"x-api-key: {KEY}".lower(),
        "user-agent: dailies-slack-bot/0.1",
        "accept-encoding: identity",
        "content-type: application/json",
        "idempotency-key: exec-1:1",
        "connection: close",
    ):
        assert line in head


async def test_checks_share_a_connection(http: Http) -> None:
    async with serving(answering(b'{"data":{"status":"pending"}}', keep=True)) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        for _ in range(5):
            await gateway.check(_remote())

    assert (server.seen.requests, server.seen.connections) == (5, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(http: Http, status: int) -> None:
    async with serving(answering(ACCEPTED)) as target:
        elsewhere = answering(b"", status=f"{status} Moved", headers=(f"Location: {target.url}/x",))
        async with serving(elsewhere) as server:
            gateway = HeyGen(http, api_key=KEY, api_url=server.url)
            submission = await gateway.submit(intent(), timeout_s=5)
            progress = await gateway.check(_remote())

    assert isinstance(submission, Uncertain)
    assert isinstance(progress, Unreadable)
    assert target.seen.connections == 0


async def test_a_cookie_is_not_kept(http: Http) -> None:
    baker = answering(b'{"data":{"status":"pending"}}', headers=("Set-Cookie: a=b",))
    async with serving(baker, host="localhost") as server:  # no jar keeps cookies of an address
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        await gateway.check(_remote())
        await gateway.check(_remote())

    assert server.seen.requests == 2
    assert b"cookie" not in bytes(server.seen.bytes).lower()


async def test_listening_ends_at_the_size_cap(http: Http) -> None:
    sent = 0

    async def endless(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        nonlocal sent
        await read_request(reader, seen)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await writer.drain()
            sent += 0x10000

    async with serving(endless) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        submission = await gateway.submit(intent(), timeout_s=5)
        progress = await gateway.check(_remote())

    assert isinstance(submission, Uncertain)
    assert isinstance(progress, Unreadable)
    assert "more than 1048576 bytes" in submission.reason
    assert sent < 20 * ANSWER_MAX_BYTES


async def test_a_gzip_bomb_is_not_unpacked(http: Http) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    async with serving(answering(bomb, headers=("Content-Encoding: gzip",))) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        submission = await gateway.submit(intent(), timeout_s=5)
        progress = await gateway.check(_remote())

    assert isinstance(submission, Uncertain)
    assert isinstance(progress, Unreadable)


async def test_a_byte_at_a_time_is_cut_at_the_deadline(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.http.READ_TIMEOUT_S", 0.4)

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
        await read_request(reader, seen)
        for byte in http_answer(ACCEPTED):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)

    loop = asyncio.get_running_loop()
    async with serving(slow) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        began = loop.time()
        submission = await gateway.submit(intent(), timeout_s=0.4)
        between = loop.time()
        progress = await gateway.check(_remote())
        ended = loop.time()

    assert isinstance(submission, Uncertain)
    assert isinstance(progress, Unreadable)
    assert between - began < 1.4
    assert ended - between < 1.4


@pytest.mark.parametrize(
    "said",
    [
        *(
            b"",
            b"\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"HTTP/1.1 200\r\n\r\n",
            b"HTTP/9.9 200 OK\r\n\r\n",
        ),
        *(b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 99999 OK\r\n\r\n", b"\0" * 100, b"\xff" * 100),
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff\xfe\r\nLocation: \xff\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
)
async def test_whatever_is_said_is_an_answer_and_no_exception(http: Http, said: bytes) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
        await read_request(reader, seen)
        writer.write(said)
        await writer.drain()

    async with serving(say) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        submission = await gateway.submit(intent(), timeout_s=2)
        progress = await gateway.check(_remote())

    assert isinstance(submission, Uncertain)
    assert isinstance(progress, Unreadable)


async def test_a_cancelled_check_stays_cancelled(http: Http) -> None:
    async with serving(_hang) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        check = asyncio.create_task(gateway.check(_remote()))
        while not server.seen.requests:
            await asyncio.sleep(0.01)
        check.cancel()
        with pytest.raises(asyncio.CancelledError):
            await check


async def test_addresses_of_another_host_are_not_called_with_our_key(http: Http) -> None:
    """fal's follow-up addresses are kept and called only where they lead to the queue itself."""
    async with serving(answering(b'{"status":"COMPLETED"}')) as evil:
        urls = {
            "status_url": f"{evil.url}/s",
            "response_url": evil.url.replace("//", "//user@"),
            "cancel_url": "//evil/c",
        }
        answer = json.dumps({"request_id": "r-1", **urls})
        async with serving(answering(answer.encode())) as server:
            gateway = Fal(http, key="id-12345678:secret", queue_url=server.url)
            submission = await gateway.submit(intent("seedance_2_0@fal"), timeout_s=5)
            stored = {"status_url": f"{evil.url}/s", "cancel_url": f"{evil.url}/c"}
            await gateway.check(_remote("seedance_2_0@fal", **stored))
            await gateway.cancel(_remote("seedance_2_0@fal", **stored))

    assert submission == Accepted("r-1", {})
    assert evil.seen.connections == 0
    assert b"GET /bytedance/seedance-2.0/requests/node-gw-1/status" in server.seen.bytes
    assert b"PUT /bytedance/seedance-2.0/requests/node-gw-1/cancel" in server.seen.bytes


async def test_fals_cdn_and_storage_never_see_the_key(http: Http) -> None:
    async with (
        serving(answering(b'{"access_url":"https://v3.fal.media/x"}')) as cdn,
        serving(answering(b'{"token":"t0k3n","token_type":"Bearer"}')) as rest,
    ):
        gateway = Fal(http, key="id-12345678:s3cr3t-key", rest_url=rest.url, cdn_url=cdn.url)
        link = await gateway.upload(b"\x89PNG", "image/png", "ä b.png")

    assert link == "https://v3.fal.media/x"
    assert b"s3cr3t-key" in rest.seen.bytes
    assert b"s3cr3t-key" not in cdn.seen.bytes
    assert b"authorization: Bearer t0k3n" in cdn.seen.bytes
    assert b"%C3%A4%20b.png" in cdn.seen.bytes


async def test_storage_that_fal_is_not_known_to_use_gets_no_picture(http: Http) -> None:
    async with serving(answering(b"")) as evil:
        place = f'{{"upload_url":"{evil.url}/x","file_url":"https://v3.fal.media/x"}}'
        async with serving(_by_path({b"/storage/upload": place.encode()})) as rest:
            gateway = Fal(http, key="id-12345678:secret-key", rest_url=rest.url)
            with pytest.raises(UploadFailed) as failed:
                await gateway.upload(b"\x89PNG", "image/png", "a.png")

    assert not failed.value.final
    assert rest.seen.requests == 2  # the token, then the fallback
    assert evil.seen.connections == 0


@pytest.mark.parametrize(
    ("status", "body", "final"),
    [
        ("401 Unauthorized", b'{"error":{"code":"unauthorized","message":"m"}}', True),
        ("413 Too Large", b'{"error":{"code":"payload_too_large","message":"m"}}', True),
        ("404 Not Found", b"<html>", True),
        ("429 Slow", b'{"error":{"code":"rate_limit_exceeded","message":"m"}}', False),
        ("502 Bad", b"<html>", False),
        ("200 OK", b"<html>", False),
        ("200 OK", b'{"data":{"url":null}}', False),
    ],
)
async def test_an_upload_is_final_only_in_the_vendors_words(
    http: Http, status: str, body: bytes, final: bool
) -> None:
    async with serving(answering(body, status=status)) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        with pytest.raises(UploadFailed) as failed:
            await gateway.upload(b"\x89PNG", "image/png", "a.png")

    assert failed.value.final is final


async def test_an_upload_that_cannot_connect_is_not_final(http: Http) -> None:
    gateway = HeyGen(http, api_key=KEY, api_url="http://gateway.invalid")

    with pytest.raises(UploadFailed) as failed:
        await gateway.upload(b"\x89PNG", "image/png", "a.png")
    assert not failed.value.final


async def test_a_large_body_arrives_whole_on_either_transport(http: Http) -> None:
    large = bytes(range(256)) * 8_192
    async with serving(answering(b"{}")) as server:
        wire = http.bind(server.url)
        assert isinstance(await wire.read("PUT", "/a", body=Body(large, {})), Answer)
        assert isinstance(await wire.submit("/a", large, timeout_s=5), Answer)
        heads = bytes(server.seen.bytes).split(large)

    assert len(heads) == 3
    for head in heads[:2]:
        assert head.lower().count(b"host:") == 1
        assert b"content-length: 2097152" in head.lower()


async def test_the_end_of_an_endpoint_is_announced_once(
    http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    sunset = answering(ACCEPTED, headers=("Sunset: Sat, 31 Oct 2026 00:00:00 GMT",))
    async with serving(sunset) as server:
        gateway = HeyGen(http, api_key=KEY, api_url=server.url)
        with caplog.at_level(logging.WARNING):
            await gateway.submit(intent(), timeout_s=5)
            await gateway.submit(intent(), timeout_s=5)

    assert [line.name for line in caplog.records] == ["gateways.heygen_calls"]


async def test_a_key_echoed_in_an_answer_is_hidden(http: Http) -> None:
    echo = answering(f'{{"error":{{"message":"bad key {KEY}"}}}}'.encode(), status="500 Oops")
    async with serving(echo) as server:
        progress = await HeyGen(http, api_key=KEY, api_url=server.url).check(_remote())

    assert progress == Unreadable("HTTP 500: bad key [hidden]", is_down=True)


async def test_the_wire_can_be_replaced_whole() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=ACCEPTED)

    fake = httpx.MockTransport(answer)
    http = Http(WallClock(), submit_transport=fake, read_transport=fake, download_transport=fake)
    gateway = HeyGen(http, api_key=KEY)

    assert await gateway.submit(intent(), timeout_s=1) == Accepted("node-gw-1")
    assert isinstance(await gateway.check(_remote()), Unreadable)
    await http.aclose()


async def test_addresses_and_keys_that_cannot_be_used_are_refused_unnamed(http: Http) -> None:
    for address in ("", "api.heygen.com", "ftp://x", "https://", "https://u:p@x", "https://a\\@b"):
        with pytest.raises(ValueError, match="not an http") as refused:
            build(http, HeyGenAccount(api_key=KEY, api_url=address))
        assert KEY not in str(refused.value)
    with pytest.raises(ValueError, match="no header can carry") as refused:
        build(http, HeyGenAccount(api_key=f"{KEY}\n"))
    assert KEY not in str(refused.value)


async def test_a_wire_never_calls_another_host(http: Http) -> None:
    wire = http.bind("https://api.heygen.com")

    for url in ("https://api.heygen.com.evil/x", "http://api.heygen.com/x", "https://x@evil/"):
        with pytest.raises(ValueError, match="another host"):
            await wire.read("GET", url)


async def test_what_is_built_from_accounts(http: Http) -> None:
    heygen = HeyGenAccount(api_key=KEY, api_url="http://127.0.0.1:9", upload_url="http://Box:8000/")
    fal, runware = FalAccount(key="a:b"), RunwareAccount(api_key=KEY)

    assert set(build(http, heygen, fal)) == {GatewayName.HEYGEN, GatewayName.FAL}
    assert set(build(http, runware)) == {GatewayName.RUNWARE}
    assert private_hosts(runware) == set()
    assert {"api.runware.ai", ".runware.ai"} <= result_hosts(runware)[GatewayName.RUNWARE]
    assert build(http) == {}
    assert private_hosts(heygen, fal) == {"127.0.0.1", "box"}
    assert private_hosts(fal, listed=["Mine.example", ".all.example"]) == {"mine.example"}
    hosts = result_hosts(heygen, fal, listed=["mine.example"])
    assert {"127.0.0.1", ".heygen.ai", "mine.example"} <= hosts[GatewayName.HEYGEN]
    assert {"fal.media", ".fal.media", "mine.example"} <= hosts[GatewayName.FAL]
    assert ".fal.media" not in hosts[GatewayName.HEYGEN]


async def test_a_json_read_carries_its_body(http: Http) -> None:
    async with serving(answering(b"{}")) as server:
        answer = await http.bind(server.url).read("POST", "/x", body=json_body(b'{"a":1}'))

    assert isinstance(answer, Answer)
    assert server.seen.bytes.endswith(b'{"a":1}')


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen) -> None:
    await read_request(reader, seen)
    await reader.read()


def _by_path(answers: dict[bytes, bytes]) -> Script:
    """Answers by the start of the path; anything else is a 502 page."""

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen
    ) -> None:
        while True:
            path = (await read_request(reader, seen)).split(b" ")[1]
            body = next((body for start, body in answers.items() if path.startswith(start)), None)
            writer.write(http_answer(body) if body else http_answer(b"<html>", status="502 Bad"))
            await writer.drain()

    return script
