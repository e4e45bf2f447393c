"""What a vendor sends by itself: webhooks, retried until somebody says 2xx, and files it delivers.

The sandbox opens no connection but to this machine. A real vendor does the opposite (fal refuses
private and loopback targets), so the `webhook_origin` switch can send what was asked for at a
public address to a local one instead.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic

FIRST_PAUSE_S = 0.25  # real vendors begin with seconds; nobody waits for that here
LONGEST_PAUSE_S = 60.0
ATTEMPTS_MAX = 10  # fal's older page: "10 times in 2 hours"; Runware's number is not documented
TIMEOUT_S = 15.0  # fal: the first attempt times out after 15 s
SLOW_S = 2.0
KEPT_SENT = 500
LOST_KINDS = ("reset_before", "status", "rate_limited", "close_after_read")
KINDS = (*LOST_KINDS, "lost", "slow", "duplicate", "forged", "stale", "rotated", "unsigned")

Seal = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True)
class Callback:
    """One delivery. `seal` makes its headers at each attempt, told what kind of fault strikes."""

    about: str
    url: str
    body: bytes
    seal: Seal
    method: Literal["POST", "PUT"] = "POST"
    target: str = "webhook"


@dataclass(frozen=True)
class Sent:
    """A delivery as it went over the wire, to be replayed byte for byte."""

    callback: Callback
    headers: Mapping[str, str]


class Callbacks:
    """The deliveries of one vendor. `origin` says where public addresses are sent to."""

    def __init__(
        self, peer: str, faults: Faults, traffic: Traffic, *, origin: Callable[[], str]
    ) -> None:
        self._peer, self._faults, self._traffic = peer, faults, traffic
        self._origin = origin
        self._http: aiohttp.ClientSession | None = None
        self._tasks: dict[asyncio.Task[None], tuple[str, asyncio.Event]] = {}
        self.sent: list[Sent] = []

    def send(self, callback: Callback) -> None:
        """Deliver in the background."""
        tried = asyncio.Event()
        task = asyncio.get_running_loop().create_task(self._deliver(callback, tried))
        self._tasks[task] = (callback.about, tried)
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def tried(self, about: str) -> None:
        """Until each delivery about this job was tried once, whatever became of it."""
        for subject, tried in list(self._tasks.values()):
            if subject == about:
                await tried.wait()

    async def again(self, index: int = -1) -> int | None:
        """Replay what was sent, byte for byte. Returns the status, None without an answer.
        Errors: ValueError where nothing was sent, IndexError where not that many were."""
        if not self.sent:
            raise ValueError("no webhook was sent yet")
        return await self._attempt(self.sent[index].callback, self.sent[index].headers)

    def clear(self) -> None:
        """Stop delivering and forget what was sent."""
        for task, (_, tried) in self._tasks.items():
            task.cancel()
            tried.set()
        self.sent.clear()

    async def close(self) -> None:
        """Stop for good."""
        tasks = list(self._tasks)
        self.clear()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    async def _deliver(self, callback: Callback, tried: asyncio.Event) -> None:
        pause_s = FIRST_PAUSE_S
        for _ in range(ATTEMPTS_MAX):
            fault = self._faults.take(f"{self._peer}:{callback.target}", *KINDS)
            if fault is not None and fault.kind == "lost":
                self._note(callback, None, "fault: lost")
                tried.set()
                return
            status = await self._try(callback, fault)
            tried.set()
            if status is not None and status < 400:  # a 3xx fails for good
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _try(self, callback: Callback, fault: Fault | None) -> int | None:
        kind = "" if fault is None else fault.kind
        if kind in LOST_KINDS:
            self._note(callback, None, f"fault: {kind}")
            return None
        if fault is not None and kind == "slow":
            await asyncio.sleep(float(fault.params.get("seconds", SLOW_S)))
        status = await self._attempt(callback, callback.seal(kind), note=kind)
        if kind == "duplicate":
            await self._attempt(callback, callback.seal(""), note=kind)
        return None if kind in ("forged", "stale") else status

    async def _attempt(
        self, callback: Callback, headers: Mapping[str, str], *, note: str = ""
    ) -> int | None:
        url = local_url(callback.url, self._origin())
        if url is None:
            self._note(callback, None, "not sent: only loopback addresses are called")
            return 299  # nobody is there to say no
        self.sent[:-KEPT_SENT] = []
        self.sent.append(Sent(callback, headers))
        began = time.perf_counter()
        try:
            status = await self._send(callback, url, headers)
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = None
        words = f"fault: {note}" if note else callback.target
        self._note(callback, status, words, elapsed_ms=(time.perf_counter() - began) * 1000)
        return status

    async def _send(self, callback: Callback, url: str, headers: Mapping[str, str]) -> int:
        self._http = self._http or aiohttp.ClientSession()
        async with self._http.request(
            callback.method,
            url,
            data=callback.body,
            headers=dict(headers),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        ) as answer:
            return answer.status

    def _note(
        self, callback: Callback, status: int | None, note: str, *, elapsed_ms: float | None = None
    ) -> None:
        self._traffic.record(
            "out",
            self._peer,
            callback.method,
            urlsplit(callback.url).path,
            status=status,
            elapsed_ms=elapsed_ms,
            note=note,
            about=callback.about,
        )


def local_url(url: str, origin: str) -> str | None:
    """Where to deliver on this machine, None if the address is elsewhere."""
    asked = urlsplit(url)
    if origin:
        there = urlsplit(origin)
        asked = asked._replace(scheme=there.scheme, netloc=there.netloc)
    return urlunsplit(asked) if _is_loopback(asked.hostname) else None


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
