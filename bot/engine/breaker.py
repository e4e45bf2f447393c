"""A circuit breaker a gateway: after failures in a row it is left alone for a while.

Half open, it lets exactly one call through: with paid renders, ten probes are money.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.ports import Clock

FAILURES_TO_OPEN = 5
WAIT_MIN_S = 0.001  # less is lost in a Unix time, and would be waited for again and again
OPEN_S = 30.0


class Breaker:
    """Closed, open or half open. A call is made inside `turn`, and told by `worked` or `broke`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._probe: object | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are being kept back."""
        return self._open_until is not None

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Seconds to stay away, 0 where a call may be made inside the block. A probe that comes to
        nothing there, for whatever reason, lets the next one through."""
        wait_s, mine = self._wait_s(), object()
        if wait_s == 0 and self.is_open:
            self._probe = mine
        try:
            yield wait_s
        finally:
            if self._probe is mine:
                self._probe = None

    def note(self, *, broken: bool) -> None:
        """What a call came to."""
        if broken:
            self.broke()
        else:
            self.worked()

    def worked(self) -> None:
        """A call was answered: closed."""
        self._failures, self._open_until, self._probe = 0, None, None

    def broke(self) -> None:
        """A call was not answered: open after enough of them, or at once when half open."""
        self._failures += 1
        if self._probe is not None or self._failures >= FAILURES_TO_OPEN:
            self._open_until = self._clock.monotonic() + OPEN_S
        self._probe = None

    def _wait_s(self) -> float:
        if self._open_until is None:
            return 0.0
        if self._probe is not None:
            return OPEN_S
        left_s = self._open_until - self._clock.monotonic()
        return left_s if left_s >= WAIT_MIN_S else 0.0
