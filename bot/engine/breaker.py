"""A circuit breaker a gateway: after failures in a row it is left alone for a while.

Half open, it lets exactly one call through: with paid renders, ten probes are money.
"""

from __future__ import annotations

from domain.ports import Clock

FAILURES_TO_OPEN = 5
OPEN_S = 30.0


class Breaker:
    """Closed, open or half open. `wait_s` says how long to stay away; 0 lets one call through."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are being kept back."""
        return self._open_until is not None

    def wait_s(self) -> float:
        """Seconds until a call may be made. Whoever gets 0 must tell how the call went."""
        if self._open_until is None:
            return 0.0
        left_s = self._open_until - self._clock.monotonic()
        if left_s > 0:
            return left_s
        if self._probing:
            return OPEN_S
        self._probing = True
        return 0.0

    def worked(self) -> None:
        """A call was answered: closed."""
        self._failures, self._open_until, self._probing = 0, None, False

    def broke(self) -> None:
        """A call was not answered: open after enough of them, or at once when half open."""
        self._failures += 1
        if self._probing or self._failures >= FAILURES_TO_OPEN:
            self._open_until = self._clock.monotonic() + OPEN_S
        self._probing = False

    def unmade(self) -> None:
        """The call that was let through was not made after all: the next one may probe."""
        self._probing = False
