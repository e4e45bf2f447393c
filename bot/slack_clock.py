"""What time it is at Slack. A message's `ts` is Slack's time; our own clock may be set wrong, and
may be set while a post is in doubt, so what is looked for from a time on is looked for by this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from domain.ports import Clock


class SlackClock:
    """Slack's last word on the time, and how long ago that was by the clock that is never set.

    An answer's `Date` (RFC 9110, 6.6.1) is in whole seconds and was written before the answer came,
    so this is never ahead of Slack. A machine that slept is behind until the next answer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: tuple[float, float] | None = None

    def hear(self, headers: Mapping[str, str]) -> None:
        """The headers of any answer of Slack's. What is no date says nothing."""
        word = next((value for name, value in headers.items() if name.lower() == "date"), "")
        try:
            said_at = parsedate_to_datetime(word).timestamp()
        except ValueError:
            return
        self._heard = (said_at, self._clock.monotonic())

    def now(self) -> float | None:
        """Unix seconds; None where Slack has not answered yet."""
        if self._heard is None:
            return None
        said_at, heard_at = self._heard
        return said_at + self._clock.monotonic() - heard_at
