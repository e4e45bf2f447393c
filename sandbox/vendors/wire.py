"""The wire under every vendor: a loopback port, a line of traffic a request, faults that strike.

A fault strikes at the level where it happens in life: an answer with a status, or a socket that
dies before, during or after the effect.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic

WIRE_KINDS = (
    "rate_limited",
    "status",
    "status_after",
    "reset_before",
    "reset_after",
    "close_after_read",
    "garbage",
    "hang",
    "slow",
)
CUTTING_KINDS = ("reset_before", "reset_after", "close_after_read")
HANG_S = 3600.0
SLOW_S = 2.0
RETRY_AFTER_S = 1
MAX_BODY_BYTES = 128 * 1024 * 1024
BACKLOG = 1024
SHUTDOWN_S = 0.1
GARBAGE = "<!doctype html><html><body><h1>Welcome to nginx!</h1></body></html>"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FAULT = web.RequestKey("fault", Fault)


@dataclass(frozen=True)
class Wire:
    """What one vendor's servers have in common.

    `target_of` names the fault target of a request (None: faults never strike it); `envelope`
    is the vendor's own error answer for a status.
    """

    peer: str
    target_of: Callable[[web.Request], str | None]
    envelope: Callable[[int], web.Response]
    faults: Faults
    traffic: Traffic

    def app(self) -> web.Application:
        """An application whose requests are logged and struck."""
        return web.Application(
            middlewares=[self._log, self._strike],
            client_max_size=MAX_BODY_BYTES,
        )

    @web.middleware
    async def _log(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        status: int | None = None
        try:
            answer = await handler(request)
            status = answer.status
        except web.HTTPException as refused:
            answer = self.envelope(refused.status)
            status = refused.status
        finally:
            fault = request.get(FAULT)
            if fault is not None and fault.kind in CUTTING_KINDS:
                status = None
            self.traffic.record(
                "in",
                self.peer,
                request.method,
                request.path_qs,
                status=status,
                elapsed_ms=(time.perf_counter() - began) * 1000,
                note="" if fault is None else f"fault: {fault.kind}",
            )
        return answer

    @web.middleware
    async def _strike(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        target = self.target_of(request)
        fault = self.faults.take(target, *WIRE_KINDS) if target else None
        if fault is None:
            return await handler(request)
        request[FAULT] = fault
        refusal = await self._refuse(request, fault)
        if refusal is not None:
            return refusal
        return await self._spoil(request, fault, answer=await handler(request))

    async def _refuse(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        """Faults that let nothing happen."""
        match fault.kind:
            case "reset_before":
                return _cut(request, reset=True)
            case "close_after_read":
                await request.read()
                return _cut(request, reset=False)
            case "status":
                await request.read()
                status = int(fault.params.get("status", 500))
                if fault.params.get("html"):
                    return web.Response(status=status, text=GARBAGE, content_type="text/html")
                return self.envelope(status)
            case "rate_limited":
                await request.read()
                refused = self.envelope(429)
                wait = fault.params.get("retry_after_s", RETRY_AFTER_S)
                refused.headers["Retry-After"] = str(wait)
                return refused
            case _:
                return None

    async def _spoil(
        self, request: web.Request, fault: Fault, *, answer: web.StreamResponse
    ) -> web.StreamResponse:
        """Faults that strike after the effect."""
        match fault.kind:
            case "status_after":
                return self.envelope(int(fault.params.get("status", 500)))
            case "reset_after":
                await _send_half(request, answer)
                return _cut(request, reset=True)
            case "garbage":
                return web.Response(text=GARBAGE, content_type="text/html")
            case "hang":
                await asyncio.sleep(float(fault.params.get("seconds", HANG_S)))
            case "slow":
                await asyncio.sleep(float(fault.params.get("seconds", SLOW_S)))
        return answer


class Port:
    """One loopback port: its URL is known before its application is built."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._runner: web.AppRunner | None = None

    async def serve(self, app: web.Application) -> None:
        """Begin to answer with this application."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket, backlog=BACKLOG).start()

    async def close(self) -> None:
        """Stop answering; hanging requests are dropped."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._socket.close()


def _cut(request: web.Request, *, reset: bool) -> web.Response:
    """End the connection without an answer: RST (linger 0), or a plain FIN."""
    transport = request.transport
    if transport is not None and reset:
        wire = transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif transport is not None:
        transport.close()
    return web.Response()


async def _send_half(request: web.Request, answer: web.StreamResponse) -> None:
    """A file breaks off in the middle; any other answer does not begin."""
    is_file = request.method == "GET" and answer.content_type.startswith(("video/", "image/"))
    if not is_file or not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return
    broken = web.StreamResponse(status=answer.status, headers=answer.headers)
    broken.content_length = len(answer.body)
    await broken.prepare(request)
    await broken.write(answer.body[: len(answer.body) // 2])
