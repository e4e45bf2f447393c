"""The web server from outside: Slack's requests, everything that is not Slack's, and health."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot import web
from bot.connections import Connections
from bot.signature import sign

SECRETS = ("old-secret-0a1b", "new-secret-2c3d")
CANARY = "canary-prompt-of-a-person"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COMMAND = {
    "command": "/video",
    "text": CANARY,
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "response_url": "https://hooks.slack.com/commands/canary-url",
    "trigger_id": "1.2.canary",
}


@dataclass
class Server:
    """A running server, what its listener heard, and a client for it."""

    port: int
    heard: list[dict[str, Any]]
    client: aiohttp.ClientSession
    registry: CollectorRegistry

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def send(
        self, body: bytes, headers: dict[str, str], path: str = web.EVENTS_PATH
    ) -> tuple[int, str]:
        content = io.BytesIO(body)
        async with self.client.post(self.at(path), data=content, headers=headers) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def running(connections: Connections | None = None, **doors: Any) -> AsyncIterator[Server]:
    heard: list[dict[str, Any]] = []
    registry = CollectorRegistry()
    given: dict[str, Any] = {
        "dispatch": _bolt(heard).async_dispatch,
        "signing_secrets": SECRETS,
        "ready": {},
    }
    app = web.build(web.Doors(now=time.time, registry=registry, **(given | doors)))
    if connections is not None:
        app[web.CONNECTIONS] = connections
    async with (
        web.serving(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as client,
    ):
        yield Server(port, heard, client, registry)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as serving:
        yield serving


def signed(body: bytes, *, secret: str = SECRETS[1], age_s: float = 0) -> dict[str, str]:
    """Headers as Slack makes them, by slack_sdk's own signer."""
    stamp = str(int(time.time() - age_s))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    assert signature is not None
    return {**FORM, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


COMMAND_BODY = urlencode(COMMAND).encode()


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_signed_command_reaches_its_listener(server: Server, secret: str) -> None:
    status, text = await server.send(COMMAND_BODY, signed(COMMAND_BODY, secret=secret))
    assert (status, text) == (200, "heard")
    assert [one["text"] for one in server.heard] == [CANARY]


async def test_slacks_check_of_the_address_is_answered(server: Server) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw"}).encode()
    headers = signed(body) | {"Content-Type": "application/json"}
    status, text = await server.send(body, headers)
    assert status == 200
    assert "3eZbrw" in text


GOOD = signed(COMMAND_BODY)
UNSIGNED: dict[str, dict[str, str]] = {
    "no headers": {},
    "no timestamp": {"X-Slack-Signature": GOOD["X-Slack-Signature"]},
    "no signature": {"X-Slack-Request-Timestamp": GOOD["X-Slack-Request-Timestamp"]},
    "timestamp no number": {**GOOD, "X-Slack-Request-Timestamp": "yesterday"},
    "timestamp of other digits": {**GOOD, "X-Slack-Request-Timestamp": "１５３１４２０６１８"},
    "timestamp enormous": {**GOOD, "X-Slack-Request-Timestamp": "9" * 4000},
    "signature not ASCII": {**GOOD, "X-Slack-Signature": "v0=żółć"},
    "signature empty": {**GOOD, "X-Slack-Signature": ""},
    "another secret": signed(COMMAND_BODY, secret="third"),
    "too old": signed(COMMAND_BODY, age_s=400),
    "from the future": signed(COMMAND_BODY, age_s=-86_400),  # signed when this is read
    "another body": signed(b"text=other"),
}


@pytest.mark.parametrize("headers", UNSIGNED.values(), ids=list(UNSIGNED))
async def test_what_slack_did_not_sign_is_401_and_never_logged(
    server: Server, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, text = await server.send(COMMAND_BODY, {**FORM, **headers})
    assert (status, json.loads(text)) == (401, {"error": "not signed by Slack"})
    assert server.heard == []
    assert "canary" not in caplog.text
    assert _refusals(server) == 1


async def test_both_headers_twice_are_not_taken(server: Server) -> None:
    good = signed(COMMAND_BODY)
    headers = [*good.items(), *((name, good[name]) for name in good if name.startswith("X-"))]
    async with server.client.post(
        server.at(web.EVENTS_PATH), data=COMMAND_BODY, headers=headers
    ) as answer:
        assert answer.status == 401


async def test_bytes_that_are_no_text_are_400_when_signed_and_401_when_not(server: Server) -> None:
    body = b"text=\xff\xfe" + CANARY.encode()
    stamp = str(int(time.time()))
    # slack_sdk's signer takes text only.
    signature = {"X-Slack-Signature": sign(body, stamp, SECRETS[0]).decode()}
    headers = {**FORM, "X-Slack-Request-Timestamp": stamp, **signature}
    assert (await server.send(body, headers))[0] == 400
    assert (await server.send(body, FORM))[0] == 401
    assert server.heard == []


@pytest.mark.parametrize("charset", ["utf-16", "nonsense", "x" * 300])
async def test_a_strange_charset_is_no_500(server: Server, charset: str) -> None:
    headers = signed(COMMAND_BODY) | {"Content-Type": f"{FORM['Content-Type']}; charset={charset}"}
    assert (await server.send(COMMAND_BODY, headers))[0] == 200


async def test_a_megabyte_is_taken_and_more_is_413(server: Server) -> None:
    most = b"text=" + b"x" * (web.BODY_MAX_BYTES - 5)
    assert (await server.send(most, FORM))[0] == 401
    assert (await server.send(most + b"x", FORM))[0] == 413
    assert (await server.send(most + b"x", signed(most + b"x")))[0] == 413


async def test_a_body_that_has_no_end_is_413_too(server: Server) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    try:
        async with server.client.post(server.at(web.EVENTS_PATH), data=endless()) as answer:
            assert answer.status == 413
    except aiohttp.ClientError:
        pass  # the server may close before it has read what we still send
    assert (await server.send(COMMAND_BODY, signed(COMMAND_BODY)))[0] == 200


async def test_large_headers_are_refused(server: Server) -> None:
    many = {f"X-{number}": "x" * 1000 for number in range(20)}
    assert (await server.send(b"", many))[0] == 431
    assert (await server.send(b"", {"X-One": "x" * 20_000}))[0] == 400


async def test_a_listener_that_breaks_is_500_without_its_reason() -> None:
    async def broken(_: Any) -> Any:
        raise RuntimeError("canary reason")

    async with running(dispatch=broken) as other:
        status, text = await other.send(COMMAND_BODY, signed(COMMAND_BODY))
    assert (status, json.loads(text)) == (500, {"error": "it broke here"})


async def test_in_socket_mode_the_door_is_not_there() -> None:
    async with running(dispatch=None, signing_secrets=()) as server:
        assert (await server.send(COMMAND_BODY, signed(COMMAND_BODY)))[0] == 404
        async with server.client.get(server.at("/healthz")) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/metrics", 200), ("/readyz", 200), ("/", 404), ("/slack/events", 405)],
)
async def test_no_answer_names_the_software(server: Server, path: str, status: int) -> None:
    async with server.client.get(server.at(path)) as answer:
        assert answer.status == status
        assert "Server" not in answer.headers
        assert "aiohttp" not in await answer.text()


async def test_ready_is_when_every_check_says_so() -> None:
    async def yes() -> bool:
        return True

    async def no() -> bool:
        return False

    async def breaks() -> bool:
        raise OSError

    for checks, status in (({"a": yes}, 200), ({"a": yes, "b": no}, 503), ({"b": breaks}, 503)):
        async with (
            running(ready=checks) as server,
            server.client.get(server.at("/readyz")) as answer,
        ):
            assert answer.status == status
            said = await answer.json()
        assert set(said) == set(checks)
        assert all(said.values()) == (status == 200)


async def test_a_check_that_hangs_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "CHECK_TIMEOUT_S", 0.05)

    async def hangs() -> bool:
        await asyncio.Event().wait()
        return True

    async with (
        running(ready={"database": hangs}) as server,
        server.client.get(server.at("/readyz")) as answer,
    ):
        assert (answer.status, await answer.json()) == (503, {"database": False})


async def test_metrics_carry_no_tenant(server: Server) -> None:
    await server.send(COMMAND_BODY, signed(COMMAND_BODY))
    await server.send(COMMAND_BODY, FORM)
    async with server.client.get(server.at("/metrics")) as answer:
        text = await answer.text()
    assert 'dailies_slack_requests_refused_total{reason="absent"} 1.0' in text
    assert not any(word in text for word in ("canary", "T1", "U1", "C1"))


async def test_one_connection_too_many_is_closed_and_the_others_live() -> None:
    async with running(Connections(connections_max=3)) as server:
        held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
        reader, writer = held[0]
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 200")
        for _, one in held:
            one.close()


async def test_who_says_nothing_or_drips_is_closed_in_time() -> None:
    async with running(Connections(first_request_timeout_s=0.3)) as server:
        silent, one = await asyncio.open_connection("127.0.0.1", server.port)
        dripping, other = await asyncio.open_connection("127.0.0.1", server.port)
        other.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for reader in (silent, dripping):
            assert await asyncio.wait_for(reader.read(), 2) == b""
        one.close()
        other.close()


async def test_a_connection_that_has_spoken_is_kept() -> None:
    async with running(Connections(first_request_timeout_s=0.2)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for _ in range(2):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await asyncio.wait_for(reader.readuntil(b"}"), 2)).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.3)
        writer.close()


async def test_a_body_that_does_not_come_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BODY_TIMEOUT_S", 0.2)
    async with running() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nab")
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 408")
        writer.close()


async def test_a_port_that_is_taken_is_an_os_error(server: Server) -> None:
    with pytest.raises(OSError, match="address already in use"):
        async with web.serving(_without_slack(), "127.0.0.1", server.port):
            pass


def _without_slack() -> aiohttp.web.Application:
    return web.build(web.Doors(now=time.time, registry=CollectorRegistry(), ready={}))


def _refusals(server: Server) -> float:
    samples = [one for metric in server.registry.collect() for one in metric.samples]
    return sum(one.value for one in samples if one.name.endswith("refused_total"))


def _bolt(heard: list[dict[str, Any]]) -> AsyncApp:
    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U9"
        )

    app = AsyncApp(
        authorize=authorize, process_before_response=True, request_verification_enabled=False
    )

    @app.command("/video")
    async def listen(ack: Any, command: dict[str, Any]) -> None:
        heard.append(command)
        await ack("heard")

    return app
