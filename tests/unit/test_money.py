"""Money, months and breakers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.engine.breaker import FAILURES_TO_OPEN, OPEN_S, Breaker
from domain.calendar import month_of, next_month_at
from domain.money import as_usd, micro_usd


@pytest.mark.parametrize(
    ("micro", "words"),
    [
        (0, "$0.00"),
        (1_515_000, "$1.52"),
        (1_512_000, "$1.51"),
        (500, "$0.0005"),
        (1_234_567_000_000, "$1,234,567.00"),
    ],
)
def test_money_in_words(micro: int, words: str) -> None:
    assert as_usd(micro) == words


def test_dollars_are_read_without_a_float() -> None:
    assert micro_usd("0.1") + micro_usd("0.2") == micro_usd("0.3") == 300_000


def test_a_month_is_the_workspaces_own() -> None:
    new_years_eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC).timestamp()

    assert month_of(new_years_eve, "UTC") == "2026-12"
    assert month_of(new_years_eve, "Europe/Berlin") == "2027-01"
    assert next_month_at(new_years_eve, "UTC") == new_years_eve + 1_800


class StoppedClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_a_breaker_opens_after_failures_in_a_row() -> None:
    breaker = Breaker(StoppedClock())
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.broke()
    assert breaker.wait_s() == 0.0

    breaker.broke()

    assert breaker.is_open
    assert breaker.wait_s() == OPEN_S


def test_half_open_it_lets_exactly_one_through() -> None:
    clock = StoppedClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_TO_OPEN):
        breaker.broke()
    clock.at = OPEN_S

    assert [breaker.wait_s() for _ in range(10)].count(0.0) == 1

    breaker.worked()
    assert breaker.wait_s() == 0.0
    assert not breaker.is_open


def test_a_failed_probe_opens_it_again_and_an_unmade_one_lets_the_next_through() -> None:
    clock = StoppedClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_TO_OPEN):
        breaker.broke()
    clock.at = OPEN_S
    assert breaker.wait_s() == 0.0
    breaker.unmade()
    assert breaker.wait_s() == 0.0

    breaker.broke()

    assert breaker.wait_s() == OPEN_S
