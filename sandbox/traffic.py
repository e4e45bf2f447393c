"""Every request the sandbox received or sent, for the traffic panel and for tests."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

KEPT_ENTRIES = 5_000


class Traffic:
    """A bounded log of requests; `subscribe` hears each entry as it is written."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT_ENTRIES)
        self._subscribers: list[Callable[[dict[str, Any]], None]] = []
        self._count = 0

    def record(
        self,
        direction: str,
        peer: str,
        method: str,
        path: str,
        *,
        status: int | None = None,
        elapsed_ms: float | None = None,
        note: str = "",
        about: str = "",
    ) -> None:
        """Add one entry. `direction` is `in` (a request to the sandbox) or `out` (a delivery);
        `about` tells deliveries apart: the event's `event_ts`, else the `trigger_id`."""
        self._count += 1
        entry = {
            "n": self._count,
            "at": time.time(),
            "direction": direction,
            "peer": peer,
            "method": method,
            "path": path,
            "status": status,
            "elapsed_ms": elapsed_ms,
            "note": note,
            "about": about,
        }
        self._entries.append(entry)
        for hear in self._subscribers:
            hear(entry)

    def subscribe(self, hear: Callable[[dict[str, Any]], None]) -> None:
        """Call `hear` with every further entry."""
        self._subscribers.append(hear)

    def since(self, n: int) -> list[dict[str, Any]]:
        """Entries with a number above `n`, oldest first."""
        return [entry for entry in self._entries if entry["n"] > n]

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        self._entries.clear()
