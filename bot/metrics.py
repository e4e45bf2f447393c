"""Figures for `/metrics`: what waits, what runs, what is in doubt, and money. No tenant's words."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from bot.engine.breaker import Breaker
from domain.errors import StorageUnavailable
from domain.gateway import Submission
from domain.offer import GatewayName
from domain.ports import Clock, Database
from storage.errors import DatabaseExchanged
from storage.health import Counts, read_counts

REFRESH_S = 15.0


class Metrics:
    """All figures of one process. `registry` is what the web server prints."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.registry = CollectorRegistry()
        self._executions = self._gauge("executions", "Executions that have not ended.", "state")
        self._effects = self._gauge("effects", "One-time effects that are not done.", "state")
        self._money = self._gauge("money_usd", "Money of all months, in dollars.", "kind")
        self._overdue = self._gauge("overdue_seconds", "Age of the oldest due execution.")
        self._open = self._gauge("breaker_open", "1 while a gateway is left alone.", "gateway")
        self._submissions = Counter(
            "dailies_submissions",
            "Submits by what came of them.",
            ["gateway", "answer"],
            registry=self.registry,
        )

    def submitted(self, gateway: GatewayName, answer: Submission) -> None:
        """Count one submit."""
        self._submissions.labels(gateway.value, type(answer).__name__.lower()).inc()

    async def run(self, breakers: dict[GatewayName, Breaker]) -> None:
        """Refresh for ever. A database that cannot be read leaves the figures as they were.

        Raises `DatabaseExchanged`: this loop asks whether anybody works or not, and ends the
        process for all of them.
        """
        while True:
            for gateway, breaker in breakers.items():
                self._open.labels(gateway.value).set(breaker.is_open)
            try:
                self._show(await self._database.run(read_counts, now=self._clock.now()))
            except StorageUnavailable as unavailable:
                if isinstance(unavailable, DatabaseExchanged):
                    raise
            # On the beat of the idle loops: what all of them ask is one transaction.
            await self._clock.sleep(REFRESH_S - self._clock.monotonic() % REFRESH_S)

    def _show(self, counts: Counts) -> None:
        for gauge, values in (
            (self._executions, counts.executions),
            (self._effects, counts.effects),
        ):
            gauge.clear()
            for state, number in values.items():
                gauge.labels(state).set(number)
        self._money.labels("reserved").set(counts.reserved_micro_usd / 1e6)
        self._money.labels("spent").set(counts.spent_micro_usd / 1e6)
        self._overdue.set(counts.overdue_s)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"dailies_{name}", words, labels, registry=self.registry)
