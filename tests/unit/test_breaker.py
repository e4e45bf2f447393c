"""A gateway that is down is left alone, looked at by one call, and never forgotten."""

from __future__ import annotations

import pytest

from bot.engine.breaker import FAILURES_TO_OPEN, OPEN_S, Breaker


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


def wait_s(breaker: Breaker) -> float:
    """What a call is told that is not made after all."""
    with breaker.turn() as seconds:
        return seconds


def half_open() -> tuple[Breaker, StoppedClock]:
    clock = StoppedClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_TO_OPEN):
        breaker.broke()
    clock.at = OPEN_S
    return breaker, clock


def test_it_opens_after_failures_in_a_row() -> None:
    breaker = Breaker(StoppedClock())
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.broke()
    assert wait_s(breaker) == 0.0

    breaker.broke()

    assert breaker.is_open
    assert wait_s(breaker) == OPEN_S


def test_half_open_it_lets_exactly_one_through() -> None:
    breaker, _ = half_open()

    with breaker.turn() as probe_s:
        others = [wait_s(breaker) for _ in range(9)]
        breaker.worked()

    assert probe_s == 0.0
    assert others == [OPEN_S] * 9
    assert wait_s(breaker) == 0.0
    assert not breaker.is_open


def test_a_failed_probe_opens_it_again() -> None:
    breaker, _ = half_open()

    with breaker.turn():
        breaker.broke()

    assert wait_s(breaker) == OPEN_S


def test_a_probe_that_comes_to_nothing_lets_the_next_one_through() -> None:
    breaker, _ = half_open()
    with pytest.raises(OSError), breaker.turn() as probe_s:
        raise OSError("no database just then")

    assert probe_s == 0.0
    assert wait_s(breaker) == 0.0


def test_who_was_kept_back_does_not_end_the_probe_of_another() -> None:
    breaker, _ = half_open()
    with breaker.turn():
        with breaker.turn() as second_s:
            pass
        assert second_s == OPEN_S
        assert wait_s(breaker) == OPEN_S
