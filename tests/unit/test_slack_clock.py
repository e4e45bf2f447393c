"""Slack's own time, whatever our clock says."""

from __future__ import annotations

import pytest

from bot.slack_clock import SlackClock

SAID = "Sun, 06 Nov 1994 08:49:37 GMT"  # RFC 9110, 5.6.7
SAID_AT = 784_111_777.0


class Machine:
    """A clock whose wall may be set, and whose monotonic time may not."""

    def __init__(self) -> None:
        self.wall, self.elapsed_s = 1_800_000_000.0, 5.0

    def now(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.elapsed_s

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


def test_it_is_what_slack_said_and_goes_on_by_the_clock_that_is_never_set() -> None:
    machine = Machine()
    clock = SlackClock(machine)
    assert clock.now() is None
    clock.hear({"date": SAID})
    machine.wall += 86_400.0
    machine.elapsed_s += 12.5
    assert clock.now() == SAID_AT + 12.5


def test_the_last_answer_counts() -> None:
    machine = Machine()
    clock = SlackClock(machine)
    clock.hear({"Date": SAID})
    machine.elapsed_s += 100.0
    clock.hear({"DATE": "Sun, 06 Nov 1994 08:49:47 GMT"})
    assert clock.now() == SAID_AT + 10.0


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "soon"}, {"Date": "99"}])
def test_what_is_no_date_says_nothing(headers: dict[str, str]) -> None:
    clock = SlackClock(Machine())
    clock.hear(headers)
    assert clock.now() is None
    clock.hear({"Date": SAID})
    clock.hear(headers)
    assert clock.now() == SAID_AT
