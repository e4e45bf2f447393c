"""The way to the vendors: an httpx transport that loses, breaks and delays, before the vendor or
after it. Which of both decides whether a repeated submit is paid twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import httpx

from tests.simulation import canaries, surfaces
from tests.simulation.concern import current_execution

if TYPE_CHECKING:
    from tests.simulation.world import World

LATENCY_S = (0.05, 0.4)
HANG_S = 130.0
SLOW_NO_S = (5.0, 60.0)  # a connect, or a refusal, that takes its time
CLOCK_SET_SHARE, CLOCK_SET_S = 0.6, 300.0  # meanwhile, past the lease of a submit
SLOW_S = {"submit": 95.0, "check": 10.0, "download": 40.0}
Wire = Literal["submit", "check", "download"]
_BEFORE: Mapping[Wire, tuple[str, ...]] = {
    "submit": (
        *("connect", "rate", "credits", "refused", "gone", "broken_before", "redirect"),
        *("slow_connect", "slow_rate"),
    ),
    "check": (
        *("connect", "rate", "broken", "garbage", "unknown_word", "not_found", "no_link"),
        *("nasty_error", "flapping", "evil_link"),
    ),
    "download": ("connect", "expired", "broken", "page", "redirect"),
}
_AFTER: Mapping[Wire, tuple[str, ...]] = {
    "submit": ("broken_after", "lost", "timeout", "slow", "garbage", "anothers", "in_flight"),
    "check": ("timeout",),
    "download": ("short", "not_a_video", "slow"),
}
_DOUBTFUL = frozenset({"submit.lost", "submit.timeout", "submit.in_flight", "submit.broken_after"})
GARBAGE = (
    b"",
    b"<html>bad gateway</html>",
    b'{"data": null}',
    b'{"data": {"execution_id": 7',
    b"7",
)


class SimTransport(httpx.AsyncBaseTransport):
    """One wire of `gateways.http.Http`."""

    def __init__(self, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange. Raises what httpx raises when a wire breaks."""
        world, wire = self._world, self._wire
        await world.cross(f"{wire}:send")
        hosts = surfaces.FILE_HOSTS if wire == "download" else surfaces.CALLED_HOSTS
        surfaces.connected(world, str(request.url), hosts)
        canaries.sent(world, str(request.url), request.headers, request.content.decode("latin-1"))
        if world.vendors.hangs(request.url.host):
            await asyncio.sleep(HANG_S)
            raise httpx.ReadTimeout("nothing")
        if wire != "download" and world.is_blind():
            raise httpx.ConnectError("no answer to a look-up")
        before = world.faults.strikes(*self._kinds(_BEFORE, request))
        if before is not None:
            answer = await self._refuse(before, request)
        else:
            await asyncio.sleep(world.latency(*LATENCY_S))
            world.living()
            answer = world.vendors.answer(request, wire)
            await asyncio.sleep(world.vendors.hooks.take_early_s())
            answer = await self._spoiled(request, answer)
        await world.cross(f"{wire}:answer")
        return answer

    def _kinds(
        self, kinds: Mapping[Wire, tuple[str, ...]], request: httpx.Request
    ) -> Iterator[str]:
        """Those that would change what this request is answered."""
        named = (f"{self._wire}.{kind}" for kind in kinds[self._wire])
        return (kind for kind in named if self._world.vendors.could(kind, request))

    async def _spoiled(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        """The answer as it comes. One that nothing was changed about was not struck."""
        faults = self._world.faults
        kind = faults.draws(*self._kinds(_AFTER, request))
        if kind != "submit.anothers":
            if kind is None:
                return answer
            try:
                return await self._spoil(faults.noted(kind), answer)
            finally:
                if kind in _DOUBTFUL:
                    self._world.checker.doubts.lost(current_execution())
        others = self._world.vendors.with_anothers_id(answer)
        if others is not answer and others.content != answer.content:
            faults.noted(kind)
        return others

    async def _refuse(self, kind: str, request: httpx.Request) -> httpx.Response:
        """It breaks before the vendor sees anything, or the vendor sees it and does nothing."""
        await asyncio.sleep(self._world.latency(*LATENCY_S))
        name = kind.partition(".")[2]
        match name:
            case "connect":
                raise httpx.ConnectError("refused")
            case "slow_connect":
                await self._hangs_before_its_no()
                raise httpx.ConnectTimeout("no answer to a handshake")
            case "rate" | "slow_rate":
                if name == "slow_rate":
                    await self._hangs_before_its_no()
                return _said(429, "rate_limit_exceeded", {"retry-after": "7"})
            case "credits":
                return _said(402, "insufficient_credit")
            case "refused":
                return _said(400, "content_policy_violation")
            case "gone":
                return _said(410, "gone")
            case "redirect":
                return httpx.Response(302, headers={"location": surfaces.EVIL})
            case "expired":
                return httpx.Response(403, content=b"expired")
            case "page":
                return httpx.Response(200, headers={"content-type": "text/html"}, content=b"<html>")
            case "not_found":
                return self._world.vendors.not_known(request)
            case "unknown_word" | "no_link":
                return self._world.vendors.odd(request, name)
            case "nasty_error":
                return self._world.vendors.nasty(request)
            case "evil_link":
                return self._world.vendors.evil(request)
            case "flapping":
                return self._world.vendors.flapping(request)
            case "garbage":
                return httpx.Response(200, content=self._garbage())
            case _:
                return httpx.Response(503, content=b"<html>no backend</html>")

    async def _hangs_before_its_no(self) -> None:
        """Long enough that its lease may lapse, where the clock is set meanwhile, or the machine
        was suspended: then the wall's clock goes on and a process's own does not."""
        world = self._world
        slow_s = world.faults.between(*SLOW_NO_S)
        if world.faults.between(0, 1) < CLOCK_SET_SHARE:
            await asyncio.sleep(1.0)
            world.faults.noted("clock.jump")
            world.set_clock(max(world.skew_s, 0.0) + CLOCK_SET_S)
        await asyncio.sleep(slow_s)

    async def _spoil(self, kind: str, answer: httpx.Response) -> httpx.Response:
        """The vendor has done what was asked; its answer does not come, or comes wrong."""
        match kind.partition(".")[2]:
            case "in_flight":
                self._world.vendors.is_busy(current_execution())
                raise httpx.ReadError("reset, and the vendor has not done with it")
            case "lost":
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
            case "timeout":
                await asyncio.sleep(HANG_S)
                raise httpx.ReadTimeout("nothing")
            case "slow":
                most_s = SLOW_S[self._wire]
                await asyncio.sleep(self._world.faults.between(most_s / 4, most_s))
                return answer
            case "garbage":
                return httpx.Response(200, content=self._garbage())
            case "short":
                return httpx.Response(
                    200,
                    headers=answer.headers,
                    stream=_Cut(answer.content[: -len(answer.content) // 2]),
                )
            case "not_a_video":
                return httpx.Response(200, headers={"content-type": "video/mp4"}, content=b"zip")
            case _:
                return httpx.Response(502, content=b"<html>bad gateway</html>")

    def _garbage(self) -> bytes:
        return GARBAGE[int(self._world.faults.between(0, len(GARBAGE)))]


class _Cut(httpx.AsyncByteStream):
    """A body that ends before its length."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


def _said(status: int, code: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """In all vendors' error envelopes at once: each reads its own."""
    first, *others = code.split("_")
    wrong = {"code": first + "".join(map(str.title, others)), "message": f"no: {code}"}
    body = {
        "errors": [wrong],
        "error": {"code": code, "message": f"no: {code}"},
        "detail": f"no: {code}",
        "error_type": code,
    }
    return httpx.Response(status, headers=headers, content=json.dumps(body).encode())
