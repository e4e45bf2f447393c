"""A bell for a loop that waits until something is due: whoever writes a due row rings it."""

from __future__ import annotations

import asyncio

from domain.ports import Clock

# Other processes write due rows without ringing our bell, and a clock may be set. The loops share
# one beat, so that what they ask is one transaction.
IDLE_POLL_S = 15.0
TICK_MIN_S = 0.01


class Wakeup:
    """Wait for a time or for the bell, whichever is first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something may be due now."""
        self._rung.set()

    async def wait_until(self, due_at: float | None) -> None:
        """Return at `due_at`, at the next beat at the latest, or when the bell rings."""
        beat_s = IDLE_POLL_S - self._clock.monotonic() % IDLE_POLL_S
        left_s = beat_s if due_at is None else due_at - self._clock.now()
        seconds = max(TICK_MIN_S, min(beat_s, left_s))
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()


class Bells:
    """The bells of all loops. Whoever writes something that may concern another loop rings all:
    a loop that finds nothing due goes back to waiting."""

    def __init__(self, clock: Clock) -> None:
        self.engine = Wakeup(clock)
        self.notifier = Wakeup(clock)
        self.uploader = Wakeup(clock)
        self.likenesses = Wakeup(clock)
        self.voices = Wakeup(clock)

    def ring(self) -> None:
        """Something may be due now."""
        for bell in (
            self.engine,
            self.notifier,
            self.uploader,
            self.likenesses,
            self.voices,
        ):
            bell.ring()
