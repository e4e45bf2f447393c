"""`SlackApi` against servers that misbehave: where our token goes, what is taken, how much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot import slack_transfers
from bot.clock import SystemClock
from bot.slack import SlackApi, open_session, web_client
from bot.slack_transfers import SlackHosts
from domain.errors import MediaRefused
from domain.message import Message, SlackFile, SlackRefused, SlackUnanswered
from tests.integration.sandbox_slack import serving

TOKEN = "xoxb-1-canary"
SAID = Message("hello")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Stranger:
    """A server that answers as it is told and remembers what it was sent."""

    base: str = ""
    handler: Handler | None = None
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.read())
        assert self.handler is not None
        return await self.handler(request)


@asynccontextmanager
async def stranger() -> AsyncIterator[Stranger]:
    told = Stranger()
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", told.serve)
    async with serving(app) as base:
        told.base = base
        yield told


@pytest.fixture
async def slacks() -> AsyncIterator[Stranger]:
    async with stranger() as server:
        yield server


@pytest.fixture
async def api(slacks: Stranger) -> AsyncIterator[SlackApi]:
    async with open_session() as session:
        yield SlackApi(web_client(TOKEN, f"{slacks.base}/api/", session), session, SystemClock())


def answers(**response: Any) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(**response)

    return answer


def a_file(url: str, **changes: Any) -> SlackFile:
    given: dict[str, Any] = {
        "id": "F1",
        "name": "a.png",
        "media_type": "image/png",
        "size_bytes": 3,
        "url": url,
    }
    return SlackFile(**(given | changes))


async def read(api: SlackApi, file: SlackFile) -> bytes:
    return b"".join([chunk async for chunk in api.download(file)])


@pytest.mark.parametrize(
    "response",
    [
        {"text": "not json", "content_type": "application/json"},
        {"text": "<html>", "content_type": "text/html"},
        {"text": "plain", "content_type": "text/plain"},
        {"text": "[]", "content_type": "application/json"},
        {"text": "null", "content_type": "application/json"},
        {"text": '{"ok": true}', "content_type": "application/json"},
        {"text": '{"ok": false}', "content_type": "application/json"},
        {"text": '{"ok": false, "error": {}}', "content_type": "application/json"},
        {"body": b"\xff\xfe", "content_type": "application/json"},
        {"body": b"x", "content_type": "application/gzip"},
        {"text": '{"ok": false, "error": "not_authed"}', "status": 502},
        {"status": 204},
    ],
    ids=str,
)
async def test_an_answer_that_cannot_be_read_is_unanswered(
    api: SlackApi, slacks: Stranger, response: dict[str, Any]
) -> None:
    slacks.handler = answers(**response)
    with pytest.raises(SlackUnanswered):
        await api.post("C1", SAID)
    assert len(slacks.bodies) == 1


@pytest.mark.parametrize(
    ("header", "retry_after_s"),
    [
        *(({"Retry-After": "30"}, 30.0), ({}, 1.0), ({"Retry-After": "soon"}, 1.0)),
        *(({"Retry-After": "-5"}, 1.0), ({"Retry-After": "9" * 30}, 3600.0)),
    ],
)
async def test_a_rate_limit_says_how_long(
    api: SlackApi, slacks: Stranger, header: dict[str, str], retry_after_s: float
) -> None:
    slacks.handler = answers(status=429, headers=header, text='{"ok":false,"error":"ratelimited"}')
    with pytest.raises(SlackRefused) as refused:
        await api.post("C1", SAID)
    assert refused.value.retry_after_s == retry_after_s


async def test_nobody_there_is_unanswered() -> None:
    async with open_session() as session:
        api = SlackApi(
            web_client(TOKEN, "http://127.0.0.1:9/api/", session), session, SystemClock()
        )
        with pytest.raises(SlackUnanswered):
            await api.post("C1", SAID)


async def test_an_upload_carries_its_exact_length_and_no_token(
    api: SlackApi, slacks: Stranger
) -> None:
    slacks.handler = answers(text="OK - 7")
    await api.upload(f"{slacks.base}/upload/v1/x", _chunks(b"abc", b"defg"), 7)
    assert slacks.bodies == [b"abcdefg"]
    assert slacks.headers[0]["Content-Length"] == "7"
    assert "Transfer-Encoding" not in slacks.headers[0]
    assert "Authorization" not in slacks.headers[0]


@pytest.mark.parametrize("size_bytes", [6, 8])
async def test_a_stored_file_of_another_length_is_unanswered(
    api: SlackApi, slacks: Stranger, size_bytes: int
) -> None:
    slacks.handler = answers(text="OK")
    with pytest.raises(SlackUnanswered):
        await api.upload(f"{slacks.base}/upload/v1/x", _chunks(b"abc", b"defg"), size_bytes)


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        *((status, SlackRefused) for status in (302, 400, 403, 429)),
        *((status, SlackUnanswered) for status in (500, 503)),
    ],
)
async def test_an_upload_that_was_not_taken(
    api: SlackApi, slacks: Stranger, status: int, raised: type[Exception]
) -> None:
    slacks.handler = answers(status=status)
    with pytest.raises(raised):
        await api.upload(f"{slacks.base}/upload/v1/x", _chunks(b"abc"), 3)


async def test_an_upload_goes_nowhere_in_clear_text(api: SlackApi) -> None:
    with pytest.raises(SlackRefused):
        await api.upload("http://files.slack.com/upload/v1/x", _chunks(b"abc"), 3)


async def test_a_download_carries_the_token_to_the_configured_host_only(
    api: SlackApi, slacks: Stranger
) -> None:
    slacks.handler = answers(body=b"png", content_type="image/png")
    assert await read(api, a_file(f"{slacks.base}/files-pri/x")) == b"png"
    assert slacks.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    async with stranger() as other:
        other.handler = answers(body=b"png", content_type="image/png")
        with pytest.raises(MediaRefused):
            await read(api, a_file(f"{other.base}/files-pri/x"))
        assert other.headers == []


async def test_a_redirect_takes_the_token_to_nobody_else(api: SlackApi, slacks: Stranger) -> None:
    async with stranger() as other:
        other.handler = answers(body=b"png", content_type="image/png")
        slacks.handler = answers(status=302, headers={"Location": f"{other.base}/stolen"})
        with pytest.raises(MediaRefused):
            await read(api, a_file(f"{slacks.base}/files-pri/x"))
        assert other.headers == []


async def test_a_redirect_on_the_same_host_is_followed_and_a_circle_is_not(
    api: SlackApi, slacks: Stranger
) -> None:
    async def once(request: web.Request) -> web.StreamResponse:
        if request.path == "/first":
            return web.Response(status=302, headers={"Location": "/second"})
        return web.Response(body=b"png", content_type="image/png")

    slacks.handler = once
    assert await read(api, a_file(f"{slacks.base}/first")) == b"png"
    slacks.handler = answers(status=302, headers={"Location": "/first"})
    with pytest.raises(MediaRefused):
        await read(api, a_file(f"{slacks.base}/first"))


async def test_slacks_login_page_is_no_picture(api: SlackApi, slacks: Stranger) -> None:
    slacks.handler = answers(text="<html>Sign in</html>", content_type="text/html")
    with pytest.raises(MediaRefused, match="did not hand out"):
        await read(api, a_file(f"{slacks.base}/x"))
    page = a_file(f"{slacks.base}/x", media_type="text/html")
    assert await read(api, page) == b"<html>Sign in</html>"


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        *((status, MediaRefused) for status in (401, 403, 404, 410)),
        (429, SlackRefused),
        *((status, SlackUnanswered) for status in (500, 503)),
    ],
)
async def test_a_download_that_was_not_given(
    api: SlackApi, slacks: Stranger, status: int, raised: type[Exception]
) -> None:
    slacks.handler = answers(status=status)
    with pytest.raises(raised):
        await read(api, a_file(f"{slacks.base}/x"))


async def test_too_many_bytes_are_refused_announced_or_not(
    api: SlackApi, slacks: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        slack_transfers,
        "too_large",
        lambda name, kind, size: f"{name} is too large" if size > 1000 else None,
    )
    with pytest.raises(MediaRefused, match="too large"):
        await read(api, a_file(f"{slacks.base}/x", size_bytes=1001))
    assert slacks.headers == []
    slacks.handler = answers(body=b"x" * 1001, content_type="image/png")
    with pytest.raises(MediaRefused, match="too large"):
        await read(api, a_file(f"{slacks.base}/x"))

    async def unannounced(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/png"})
        await response.prepare(request)
        for _ in range(20):
            await response.write(b"x" * 100)
        return response

    slacks.handler = unannounced
    with pytest.raises(MediaRefused, match="too large"):
        await read(api, a_file(f"{slacks.base}/x"))


async def test_a_download_that_breaks_off_is_unanswered(api: SlackApi, slacks: Stranger) -> None:
    async def breaks(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "image/png", "Content-Length": "100"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    slacks.handler = breaks
    with pytest.raises(SlackUnanswered):
        await read(api, a_file(f"{slacks.base}/x"))


async def test_a_download_may_be_taken_by_several_tasks(api: SlackApi, slacks: Stranger) -> None:
    """The media store asks for each chunk from a task of its own."""
    slacks.handler = answers(body=b"x" * 300_000, content_type="image/png")
    chunks = aiter(api.download(a_file(f"{slacks.base}/x")))
    size = 0
    while chunk := await asyncio.create_task(anext(chunks, b"")):
        size += len(chunk)
    assert size == 300_000


async def test_an_answer_goes_to_slack_only(api: SlackApi, slacks: Stranger) -> None:
    slacks.handler = answers(text="ok")
    await api.respond(f"{slacks.base}/commands/x", SAID)
    assert len(slacks.bodies) == 1
    async with stranger() as other:
        other.handler = answers(text="ok")
        with pytest.raises(SlackRefused):
            await api.respond(f"{other.base}/commands/x", SAID)
        assert other.bodies == []


@pytest.mark.parametrize(
    ("status", "raised"), [(404, SlackRefused), (429, SlackRefused), (500, SlackUnanswered)]
)
async def test_an_answer_that_was_not_taken(
    api: SlackApi, slacks: Stranger, status: int, raised: type[Exception]
) -> None:
    slacks.handler = answers(status=status, text="used_url")
    with pytest.raises(raised):
        await api.respond(f"{slacks.base}/commands/x", SAID)


SLACK = SlackHosts(api_url="https://slack.com/api/")


@pytest.mark.parametrize(
    "url", ["https://files.slack.com/files-pri/T1-F1/a.png", "https://slack-files.com/T1-F1-abc"]
)
def test_slacks_own_file_hosts_get_the_token(url: str) -> None:
    assert SLACK.is_file_link(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.slack.com/a",
        "https://files.slack.com.evil.com/a",
        "https://evil.com/files.slack.com",
        "https://files.slack.com@evil.com/a",
        "https://user:pw@files.slack.com/a",
        "https://files.slack.com:8443/a",
        "https://evilfiles.slack.com/a",
        "https://hooks.slack.com/a",
        "//files.slack.com/a",
        "files.slack.com/a",
        "https://files.slack.com\\@evil.com/a",
        "https://files.slack.com\n.evil.com/a",
        "https://[::1/a",
        "ftp://files.slack.com/a",
        "",
    ],
)
def test_nobody_else_gets_the_token(url: str) -> None:
    assert not SLACK.is_file_link(url)


def test_a_response_url_is_slacks_hooks_host() -> None:
    assert SLACK.is_response_link("https://hooks.slack.com/commands/T1/2/3")
    assert not SLACK.is_response_link("https://hooks.slack.com.evil.com/commands/T1/2/3")


@pytest.mark.parametrize(
    ("api_url", "environment", "proxy"),
    [
        ("https://slack.com/api/", {"https_proxy": "http://p:1"}, "http://p:1"),
        ("https://slack.com/api/", {}, None),
        ("https://slack.com/api/", {"https_proxy": "http://p:1", "no_proxy": "slack.com"}, None),
        ("http://127.0.0.1:5/api/", {"http_proxy": "http://p:1", "https_proxy": "x"}, None),
    ],
)
def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(
    api_url: str, environment: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert web_client(TOKEN, api_url, None).proxy == proxy


async def test_the_client_never_retries() -> None:
    async with aiohttp.ClientSession() as session:
        assert web_client(TOKEN, "https://slack.com/api/", session).retry_handlers == []


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
