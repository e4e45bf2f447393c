"""How Slack reaches us: Socket Mode where there is an app token, else HTTP. The web server with
health and metrics runs in both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from bot import web
from bot.parts import Parts
from bot.settings import Settings
from bot.slack import web_client
from bot.slack_answers import answered, welcomed
from bot.webhooks import Webhooks
from domain.errors import StorageUnavailable
from domain.ports import Clock, Database
from storage.health import touch

WATCH_S = 5.0
PING_S = 5.0  # a socket that was cut without a word is noticed after this
CONNECT_LIMIT_S = 15.0
ACK_LIMIT_S = 3.0  # Slack waits no longer
DEAF_MAX_S = 90.0  # a socket that cannot come back ends the process, so that it is started afresh

log = structlog.get_logger(__name__)


class Deaf(Exception):
    """Slack cannot reach us any more."""


class Socket(AsyncSocketModeHandler):
    """Bolt's socket, opened and closed in order: a refused token is an answer and no reason to
    try for ever, and at the end what was begun is acked before the socket goes."""

    def __init__(self, bolt: AsyncApp, settings: Settings) -> None:
        assert settings.slack_app_token is not None
        self._token = settings.slack_app_token.get_secret_value()
        client = web_client(self._token, settings.slack_api_url, None)
        super().__init__(bolt, self._token, web_client=client, ping_interval=PING_S)
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_closing = False

    async def open(self) -> None:
        """Connect. Raises `Unwelcome` and `SlackUnanswered`."""
        async with welcomed("SLACK_APP_TOKEN", CONNECT_LIMIT_S):
            answer = await self.client.web_client.apps_connections_open(app_token=self._token)
            self.client.wss_uri = str(answer["url"])
        async with answered(CONNECT_LIMIT_S):
            await self.connect_async()  # type: ignore[no-untyped-call]  # Bolt does not say

    async def handle(self, client: Any, req: SocketModeRequest) -> None:
        """One envelope. One that comes too late is not acked: Slack tells or delivers it again."""
        task = asyncio.current_task()
        if self._is_closing or task is None:
            return
        self._under_way.add(task)
        try:
            await super().handle(client, req)
        finally:
            self._under_way.discard(task)

    async def close(self) -> None:
        """Take nothing more, ack what was begun, disconnect."""
        self._is_closing = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=ACK_LIMIT_S)
        await self.close_async()  # type: ignore[no-untyped-call]  # Bolt does not say


@asynccontextmanager
async def listening(
    bolt: AsyncApp, parts: Parts, webhooks: Webhooks | None
) -> AsyncIterator[Coroutine[Any, Any, None]]:
    """Listen until the block ends; yields the watch that must run meanwhile. Raises `Unwelcome`,
    `SlackUnanswered`, and OSError where the port cannot be had."""
    settings, ports = parts.settings, parts.ports
    socket = Socket(bolt, settings) if settings.slack_app_token else None
    doors = web.Doors(
        now=ports.clock.now,
        registry=parts.metrics.registry,
        ready={
            "database": _can_write(ports.database),
            "slack": _can_hear(socket),
            "token": parts.silence.is_over,
        },
        dispatch=None if socket else bolt.async_dispatch,
        signing_secrets=settings.signing_secrets,
        further=None if webhooks is None else webhooks.add_routes,
    )
    try:
        async with web.serving(web.build(doors), settings.host, settings.port) as port:
            if socket is not None:
                await socket.open()
            log.info("listening", mode="socket" if socket else "http", port=port)
            yield _watch(socket, ports.clock)
    finally:
        if socket is not None:
            await socket.close()


async def _watch(socket: Socket | None, clock: Clock) -> None:
    """Slack's client reconnects by itself. Raises `Deaf` where it does not."""
    heard_at = clock.monotonic()
    while True:
        await clock.sleep(WATCH_S)
        if socket is None or await socket.client.is_connected():
            heard_at = clock.monotonic()
        elif clock.monotonic() - heard_at > DEAF_MAX_S:
            raise Deaf(f"no socket to Slack for {DEAF_MAX_S:.0f} s")


def _can_hear(socket: Socket | None) -> web.Check:
    async def check() -> bool:
        return socket is None or bool(await socket.client.is_connected())

    return check


def _can_write(database: Database) -> web.Check:
    async def check() -> bool:
        try:
            await database.run(touch)
        except StorageUnavailable:
            return False
        return True

    return check
