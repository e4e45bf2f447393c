"""Our web server: Slack's requests in HTTP mode, and the process's health in both modes.

`/slack/events` checks size and signature on the raw bytes before Bolt sees anything, and never
answers 500 to a request that is not Slack's. TLS ends at a proxy; nothing that a proxy adds to
the headers is believed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.connections import Connections
from bot.signature import doubt

BODY_MAX_BYTES = 1024 * 1024
HEADER_LINE_MAX_BYTES = 8 * 1024
HEADERS_MAX_BYTES = 16 * 1024
BODY_TIMEOUT_S = 10.0
CHECK_TIMEOUT_S = 2.0
SHUTDOWN_TIMEOUT_S = 10.0
KEEPALIVE_S = 75.0
LINGER_S = 1.0  # for the rest of a body that was refused

EVENTS_PATH = "/slack/events"
Dispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
Check = Callable[[], Awaitable[bool]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Doors:
    """What the server needs of the process.

    `dispatch` is Bolt's `async_dispatch`, None in Socket Mode (then `/slack/events` is not
    there). `ready` are named checks: all must say True within `CHECK_TIMEOUT_S`. `further` adds
    the addresses that vendors call.
    """

    now: Callable[[], float]
    registry: CollectorRegistry
    ready: Mapping[str, Check]
    dispatch: Dispatch | None = None
    signing_secrets: tuple[str, ...] = ()
    further: Callable[[web.Application], None] | None = None


DOORS: Final = web.AppKey("doors", Doors)
CONNECTIONS: Final = web.AppKey("connections", Connections)
REFUSED: Final = web.AppKey("refused", Counter)


def build(doors: Doors) -> web.Application:
    """The application: routes, limits, and nothing in its answers that names the software."""
    app = web.Application(client_max_size=BODY_MAX_BYTES, middlewares=[_plain_failures])
    app[DOORS] = doors
    app[CONNECTIONS] = Connections()
    app[REFUSED] = Counter(
        "dailies_slack_requests_refused",
        "Requests at /slack/events that were not taken for Slack's.",
        ["reason"],
        registry=doors.registry,
    )
    app.on_response_prepare.append(_hide_software)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    if doors.dispatch is not None:
        app.router.add_post(EVENTS_PATH, _slack_events)
    if doors.further is not None:
        doors.further(app)
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the block ends; the port that was taken. Raises OSError where it is in use.

    At the end nothing new is accepted and what runs gets `SHUTDOWN_TIMEOUT_S`.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=SHUTDOWN_TIMEOUT_S,
        keepalive_timeout=KEEPALIVE_S,
        lingering_time=LINGER_S,
        max_line_size=HEADER_LINE_MAX_BYTES,
        max_field_size=HEADER_LINE_MAX_BYTES,
    )
    await runner.setup()
    assert runner.server is not None
    accept = partial(app[CONNECTIONS].accept, runner.server)
    try:
        listener = await asyncio.get_running_loop().create_server(accept, host, port)
        try:
            yield int(listener.sockets[0].getsockname()[1])
        finally:
            listener.close()
    finally:
        app[CONNECTIONS].close()
        await runner.cleanup()


async def _slack_events(request: web.Request) -> web.StreamResponse:
    doors = request.app[DOORS]
    assert doors.dispatch is not None
    body = await body_of(request)
    reason = doubt(
        body,
        timestamps=request.headers.getall("X-Slack-Request-Timestamp", []),
        signatures=request.headers.getall("X-Slack-Signature", []),
        secrets=doors.signing_secrets,
        now=doors.now(),
    )
    if reason is not None:
        request.app[REFUSED].labels(reason).inc()
        _log.warning("a request at %s was refused: %s", EVENTS_PATH, reason.value)
        return web.json_response({"error": "not signed by Slack"}, status=401)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return web.json_response({"error": "the body is not UTF-8"}, status=400)
    headers: dict[str, str | Sequence[str]] = {
        name: request.headers.getall(name) for name in request.headers
    }
    answer = await doors.dispatch(
        AsyncBoltRequest(body=text, query=request.query_string, headers=headers)
    )
    return await to_aiohttp_response(answer)


async def body_of(request: web.Request) -> bytes:
    """The raw bytes. Raises 413 above the cap, 408 where they do not come."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None


async def _healthz(request: web.Request) -> web.Response:
    """The loop turns. Whether work can be done is `/readyz`."""
    return web.json_response({"ok": True})


async def _readyz(request: web.Request) -> web.Response:
    ready = request.app[DOORS].ready
    answers = await asyncio.gather(*(_holds(name, check) for name, check in ready.items()))
    status = 200 if all(answers) else 503
    return web.json_response(dict(zip(ready, answers, strict=True)), status=status)


async def _holds(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except Exception as error:  # noqa: BLE001 -- whatever breaks a check, the answer is no
        _log.warning("the check %s failed: %s", name, type(error).__name__)
        return False


async def _metrics(request: web.Request) -> web.Response:
    body = generate_latest(request.app[DOORS].registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


@web.middleware
async def _plain_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A failure is logged here, without the request, and answered without its reason."""
    request.app[CONNECTIONS].heard(request.protocol)
    header_bytes = sum(len(name) + len(value) for name, value in request.raw_headers)
    if header_bytes > HEADERS_MAX_BYTES:
        return web.json_response({"error": "the headers are too large"}, status=431)
    try:
        return await handler(request)
    except web.HTTPException as answer:
        return web.json_response({"error": answer.reason}, status=answer.status)
    except Exception:  # noqa: BLE001 -- a bug: logged here, where the answer can hide it
        _log.exception("a request at %s broke", _route(request))
        return web.json_response({"error": "it broke here"}, status=500)


def _route(request: web.Request) -> str:
    """The address without what is secret in it."""
    resource = request.match_info.route.resource
    return "an unknown address" if resource is None else resource.canonical


async def _hide_software(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)
