"""How Slack reaches us: Socket Mode where there is an app token, else HTTP. The web server with
health and metrics runs in both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from prometheus_client import CollectorRegistry
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot import web
from bot.ports import Ports
from bot.settings import Settings
from bot.slack import web_client
from domain.errors import StorageUnavailable
from domain.ports import Clock, Database
from storage.health import touch

WATCH_S = 5.0
DEAF_MAX_S = 90.0  # a socket that cannot come back ends the process, so that it is started afresh

log = structlog.get_logger(__name__)


class Deaf(Exception):
    """Slack cannot reach us any more."""


@asynccontextmanager
async def listening(
    bolt: AsyncApp, settings: Settings, ports: Ports, registry: CollectorRegistry
) -> AsyncIterator[Coroutine[Any, Any, None]]:
    """Listen until the block ends; yields the watch that must run meanwhile."""
    socket = await _socket(bolt, settings) if settings.slack_app_token else None
    doors = web.Doors(
        now=ports.clock.now,
        registry=registry,
        ready={"database": _can_write(ports.database), "slack": _can_hear(socket)},
        dispatch=None if socket else bolt.async_dispatch,
        signing_secrets=settings.signing_secrets,
    )
    async with web.serving(web.build(doors), settings.host, settings.port) as port:
        log.info("listening", mode="socket" if socket else "http", port=port)
        try:
            yield _watch(socket, ports.clock)
        finally:
            if socket is not None:
                await socket.close_async()  # type: ignore[no-untyped-call]  # Bolt does not say


async def _socket(bolt: AsyncApp, settings: Settings) -> AsyncSocketModeHandler:
    assert settings.slack_app_token is not None
    token = settings.slack_app_token.get_secret_value()
    handler = AsyncSocketModeHandler(
        bolt, token, web_client=web_client(token, settings.slack_api_url, None)
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt does not say
    return handler


async def _watch(socket: AsyncSocketModeHandler | None, clock: Clock) -> None:
    """Slack's client reconnects by itself. Raises `Deaf` where it does not."""
    heard_at = clock.monotonic()
    while True:
        await clock.sleep(WATCH_S)
        if socket is None or await socket.client.is_connected():
            heard_at = clock.monotonic()
        elif clock.monotonic() - heard_at > DEAF_MAX_S:
            raise Deaf(f"no socket to Slack for {DEAF_MAX_S:.0f} s")


def _can_hear(socket: AsyncSocketModeHandler | None) -> web.Check:
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
