"""`response_url`s of recent commands, in memory only: they are secrets and live half an hour.

Five answers each. After a restart they are gone, and a person is written to directly instead.
"""

from __future__ import annotations

from collections import OrderedDict

from domain.ports import Clock

KEPT_S = 29 * 60.0
USES_MAX = 5
ENTRIES_MAX = 10_000


class ResponseUrls:
    """By request id; `take` uses one answer up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, int, str]] = OrderedDict()

    def keep(self, request_id: str, url: str) -> None:
        """Remember how to answer the person who sent this request."""
        self._kept[request_id] = (self._clock.monotonic(), 0, url)
        while len(self._kept) > ENTRIES_MAX:
            self._kept.popitem(last=False)

    def take(self, request_id: str) -> str | None:
        """A link to answer through once, if there is one left."""
        at, uses, url = self._kept.get(request_id, (0.0, USES_MAX, ""))
        if uses >= USES_MAX or self._clock.monotonic() - at > KEPT_S:
            self._kept.pop(request_id, None)
            return None
        self._kept[request_id] = (at, uses + 1, url)
        return url
