"""What a fault does to an HTTP exchange with the local Slack (sandbox/README.md, Faults)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.faults import Fault

BEFORE = ("rate_limited", "status", "reset_before", "close_after_read", "error")
AFTER = ("status_after", "reset_after", "garbage", "hang", "slow", "error_after")
ERROR_PAGE = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"


async def strike(
    fault: Fault | None, request: web.Request, effect: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer the request, or do what the fault says instead of, or after, the effect."""
    if fault is None:
        return await effect()
    if fault.kind in BEFORE:
        return await _refuse(fault, request)
    answer = await effect()
    return await _spoil(fault, request, answer)


async def _refuse(fault: Fault, request: web.Request) -> web.StreamResponse:
    match fault.kind:
        case "rate_limited":
            return rate_limited(int(fault.params.get("retry_after_s", 1)))
        case "status":
            return _status(int(fault.params.get("status", 503)))
        case "error":
            return web.json_response(
                {"ok": False, "error": fault.params.get("code", "fatal_error")}
            )
        case "reset_before":
            return cut(request)
        case _:
            await request.read()
            return cut(request, politely=True)


async def _spoil(
    fault: Fault, request: web.Request, answer: web.StreamResponse
) -> web.StreamResponse:
    match fault.kind:
        case "status_after":
            return _status(int(fault.params.get("status", 503)))
        case "error_after":
            return web.json_response(
                {"ok": False, "error": fault.params.get("code", "fatal_error")}
            )
        case "reset_after":
            return cut(request)
        case "garbage":
            return web.Response(text=ERROR_PAGE, content_type="text/html")
        case "hang":
            await asyncio.sleep(float(fault.params.get("seconds", 60)))
            return cut(request)
        case "slow":
            await asyncio.sleep(float(fault.params.get("seconds", 1)))
    return answer


def status_of(request: web.Request, response: web.StreamResponse) -> int | None:
    """The status that went out; None where the connection was cut instead."""
    transport = request.transport
    return None if transport is None or transport.is_closing() else response.status


def _status(status: int) -> web.Response:
    """Slack's front door answers 5xx with a page, not with JSON (?)."""
    return web.Response(status=status, text=ERROR_PAGE, content_type="text/html")


def rate_limited(retry_after_s: int) -> web.Response:
    """429 as docs.slack.dev/apis/web-api/rate-limits says."""
    return web.json_response(
        {"ok": False, "error": "ratelimited"},
        status=429,
        headers={"Retry-After": str(retry_after_s)},
    )


def cut(request: web.Request, *, politely: bool = False) -> web.Response:
    """End the connection without an answer: with a reset, or `politely` with an end of stream."""
    transport = request.transport
    if transport is not None:
        if politely:
            transport.close()
        else:
            raw = transport.get_extra_info("socket")
            with contextlib.suppress(OSError):
                linger = struct.pack("ii", 1, 0)
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
    return web.Response(status=500)
