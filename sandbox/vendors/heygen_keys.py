"""`Idempotency-Key`: the same key within its life answers what it answered first.

Source: developers.heygen.com changelog (May 2026) and heygen-cli (`gen/template.go`): 1 to 255
characters, replayed for 24 h even when the body differs, 409 while the first is in flight, and a
scope of endpoint and resource. What was refused is not kept.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

from aiohttp import web

from sandbox.vendors.heygen_wire import RefusedError
from sandbox.vendors.switches import Switches
from sandbox.vendors.wire import Handler

SYNTAX = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
LISTED = re.compile(
    r"/v3/(videos|videos/batches|video-translations|assets|assets/direct-uploads|avatars"
    r"|avatars/[^/]+/consent|templates/[^/]+|webhooks/endpoints|webhooks/endpoints/[^/]+/rotate-secret)"
)
AGENTS = re.compile(r"/v3/video-agents(/[^/]+)?")


@dataclass(frozen=True)
class Kept:
    """What a key answered first."""

    status: int
    body: bytes
    at: float


class Keys:
    """The keys of one account."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._kept: dict[tuple[str, str], Kept] = {}
        self._running: set[tuple[str, str]] = set()

    def clear(self) -> None:
        """Forget every key."""
        self._kept.clear()

    async def once(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The handler's answer, or what this key answered before. Errors: RefusedError."""
        key = request.headers.get("Idempotency-Key")
        if key is None or not self._knows(request):
            return await handler(request)
        if not SYNTAX.fullmatch(key):
            message = "Idempotency-Key must be 1 to 255 characters of A-Z a-z 0-9 _ - : ."
            raise RefusedError(400, message, param="Idempotency-Key")
        scope = (request.path, key)
        kept = self._kept.get(scope)
        if kept is not None and time.time() < kept.at + self._switches["idempotency_life_s"]:
            await request.read()
            return web.Response(status=kept.status, body=kept.body, content_type="application/json")
        if scope in self._running:
            message = "A request with this key is in progress."
            raise RefusedError(409, message, code="request_in_progress")
        return await self._first(request, handler, scope)

    async def _first(
        self, request: web.Request, handler: Handler, scope: tuple[str, str]
    ) -> web.StreamResponse:
        self._running.add(scope)
        try:
            answer = await handler(request)
            if isinstance(answer, web.Response) and answer.status < 400:
                body = answer.body if isinstance(answer.body, bytes) else b""
                self._kept[scope] = Kept(answer.status, body, time.time())
            return answer
        finally:
            self._running.discard(scope)

    def _knows(self, request: web.Request) -> bool:
        if request.method != "POST":
            return False
        agents = self._switches["agents_idempotent"] and AGENTS.fullmatch(request.path)
        return bool(LISTED.fullmatch(request.path) or agents)


async def pause(seconds: float) -> None:
    """A write that takes its time after its effect."""
    if seconds > 0:
        await asyncio.sleep(seconds)
