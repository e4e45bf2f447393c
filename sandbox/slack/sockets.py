"""Socket Mode: one-use tickets, envelopes with acks, and the refresh that Slack asks for.

Sources: docs.slack.dev/apis/events-api/using-socket-mode, slack.md section 2.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.delivery import Ack, Kind, Retry
from sandbox.slack.naming import Clock
from sandbox.traffic import Traffic

Json = dict[str, Any]
SOCKETS = 10
TICKET_LIFE_S = 30.0
APPROXIMATE_CONNECTION_S = 18_060
ENVELOPE_TYPES: dict[Kind, str] = {
    "events": "events_api",
    "commands": "slash_commands",
    "interactive": "interactive",
}


@dataclass(eq=False)
class Connection:
    """One open WebSocket and the envelopes it has not acked."""

    ws: web.WebSocketResponse
    transport: asyncio.Transport | None
    waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)

    def lose(self) -> None:
        """Whoever waits for an ack here waits in vain."""
        for ack in self.waiting.values():
            if not ack.done():
                ack.set_exception(ConnectionResetError("the socket went away"))


class SocketTransport:
    """All sockets of the app; each payload goes to any one of them."""

    def __init__(self, app_id: str, clock: Clock, traffic: Traffic, *, ack_limit_s: float) -> None:
        self._app_id, self._clock, self._traffic = app_id, clock, traffic
        self._ack_limit_s = ack_limit_s
        self._tickets: dict[str, float] = {}
        self._connections: list[Connection] = []
        self._turn = itertools.count()

    def ticket(self) -> str:
        """A new one-use ticket for `apps.connections.open`."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = self._clock.now() + TICKET_LIFE_S
        return ticket

    @property
    def count(self) -> int:
        """Open sockets."""
        return len(self._connections)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket route."""
        expires_at = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if expires_at < self._clock.now():
            self._traffic.record("in", "bot", "GET", "/link", status=401, note="stale ticket")
            return web.Response(status=401, text="invalid ticket")
        ws = web.WebSocketResponse(heartbeat=20.0)
        await ws.prepare(request)
        if self.count >= SOCKETS:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        connection = Connection(ws, request.transport)
        self._connections.append(connection)
        self._traffic.record("in", "bot", "GET", "/link", status=101, note="socket opened")
        try:
            await ws.send_json(self._hello())
            await self._listen(connection)
        finally:
            self._drop(connection)
        return ws

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.count,
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": APPROXIMATE_CONNECTION_S,
            },
            "connection_info": {"app_id": self._app_id},
        }

    async def _listen(self, connection: Connection) -> None:
        async for frame in connection.ws:
            if frame.type != WSMsgType.TEXT:
                continue
            try:
                answer = json.loads(frame.data)
                envelope_id = str(answer["envelope_id"])
            except (ValueError, KeyError, TypeError):
                note = f"not an ack: {frame.data[:80]}"
                self._traffic.record("in", "bot", "WS", "/link", note=note)
                continue
            ack = connection.waiting.get(envelope_id)
            if ack is None or ack.done():
                self._traffic.record("in", "bot", "WS", "/link", note="ack too late or unknown")
            else:
                ack.set_result(answer.get("payload"))

    def _drop(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._traffic.record("in", "bot", "WS", "/link", note="socket closed")
        connection.lose()

    async def send(self, kind: Kind, payload: Json, retry: Retry | None) -> Ack:
        """One envelope to one socket; without a socket a person sees `dispatch_failed`."""
        if not self._connections:
            return Ack(None, 0.0, error="dispatch_failed", reason="connection_failed")
        connection = self._connections[next(self._turn) % self.count]
        envelope = _envelope(kind, payload, retry)
        envelope_id = envelope["envelope_id"]
        waiting = connection.waiting[envelope_id] = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        try:
            await connection.ws.send_json(envelope)
            body = await asyncio.wait_for(waiting, self._ack_limit_s)
            return Ack(200, (time.monotonic() - started) * 1000, body=body)
        except TimeoutError:
            waited_ms = (time.monotonic() - started) * 1000
            return Ack(None, waited_ms, error="operation_timeout", reason="timeout")
        except (ConnectionError, RuntimeError):
            waited_ms = (time.monotonic() - started) * 1000
            return Ack(None, waited_ms, error="dispatch_failed", reason="connection_failed")
        finally:
            connection.waiting.pop(envelope_id, None)
            if waiting.done() and not waiting.cancelled():
                waiting.exception()

    async def disconnect(self, reason: str) -> int:
        """Tell every socket to go (`warning`, `refresh_requested`, `link_disabled`), or `drop` it.

        After `warning` the socket stays open, as Slack keeps it for about ten seconds more.
        """
        connections = list(self._connections)
        for connection in connections:
            if reason == "drop":
                self._drop(connection)
                _cut(connection)
                continue
            with contextlib.suppress(ConnectionError):
                message = {
                    "type": "disconnect",
                    "reason": reason,
                    "debug_info": {"host": "applink"},
                }
                await connection.ws.send_json(message)
            if reason != "warning":
                self._drop(connection)
                await connection.ws.close()
        return len(connections)

    async def close(self) -> None:
        """Close every socket at once."""
        for connection in list(self._connections):
            self._drop(connection)
            await connection.ws.close()


def _envelope(kind: Kind, payload: Json, retry: Retry | None) -> Json:
    envelope = {
        "envelope_id": str(uuid.uuid4()),
        "payload": payload,
        "type": ENVELOPE_TYPES[kind],
        "accepts_response_payload": kind != "events",
    }
    if kind == "events":
        envelope["retry_attempt"] = retry.num if retry else 0
        envelope["retry_reason"] = retry.reason if retry else ""
    return envelope


def _cut(connection: Connection) -> None:
    """Break the connection without a closing handshake."""
    if connection.transport is not None:
        connection.transport.abort()
