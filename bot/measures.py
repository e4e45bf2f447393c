"""How long offers take here, read from our own executions and kept for a minute."""

from __future__ import annotations

from dataclasses import replace

from domain.ports import Clock, Database
from domain.schedule import NO_HISTORY, Durations
from storage.executions import durations_of

KEPT_S = 60.0


class Measures:
    """Durations by offer. `fallback_check_s` is the rhythm of an offer without history."""

    def __init__(self, database: Database, clock: Clock, *, fallback_check_s: float) -> None:
        self._database = database
        self._clock = clock
        self._fallback_check_s = fallback_check_s
        self._kept: dict[str, tuple[float, Durations]] = {}

    async def durations(self, offer: str) -> Durations:
        """Of one offer, at most `KEPT_S` old."""
        kept = self._kept.get(offer)
        if kept is None or kept[0] + KEPT_S <= self._clock.monotonic():
            durations = await self._database.run(durations_of, offer)
            self._kept[offer] = (self._clock.monotonic(), durations)
        return self.known(offer)

    def known(self, offer: str) -> Durations:
        """What is known without asking the database."""
        _, durations = self._kept.get(offer, (0.0, NO_HISTORY))
        return replace(durations, fallback_check_s=self._fallback_check_s)
