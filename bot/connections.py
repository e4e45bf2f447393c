"""How many connections our web server holds, and how long one may stay silent at its start.

aiohttp limits neither: a peer that opens connections and says nothing would keep them for ever
(OWASP ASVS 5.0, 13.1.2). From its first whole request on, aiohttp's own keep-alive limit rules.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

CONNECTIONS_MAX = 100
FIRST_REQUEST_TIMEOUT_S = 10.0

Server = web.Server
Connection = web.RequestHandler


class Connections:
    """The connections of one server. `heard` is called with every request."""

    def __init__(
        self,
        *,
        connections_max: int = CONNECTIONS_MAX,
        first_request_timeout_s: float = FIRST_REQUEST_TIMEOUT_S,
    ) -> None:
        self._connections_max = connections_max
        self._first_request_timeout_s = first_request_timeout_s
        self._silent: dict[Connection, asyncio.TimerHandle] = {}

    def accept(self, server: Server) -> asyncio.Protocol:
        """The protocol of a new connection, for `loop.create_server`."""
        if len(server.connections) >= self._connections_max:
            return _OneTooMany()
        connection = server()
        loop = asyncio.get_running_loop()
        self._silent[connection] = loop.call_later(
            self._first_request_timeout_s, self._end, connection
        )
        return connection

    def heard(self, connection: Connection) -> None:
        """It has sent a request."""
        if timer := self._silent.pop(connection, None):
            timer.cancel()

    def close(self) -> None:
        """Forget all timers."""
        for timer in self._silent.values():
            timer.cancel()
        self._silent.clear()

    def _end(self, connection: Connection) -> None:
        del self._silent[connection]
        connection.force_close()


class _OneTooMany(asyncio.Protocol):
    """Closed at once, so that nobody waits for an answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
