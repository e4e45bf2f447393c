"""When to look again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.schedule import (
    BACKOFF_MAX_S,
    BACKOFF_MIN_S,
    CHECK_MAX_S,
    CHECK_MIN_S,
    FALLBACK_CHECK_S,
    LATE_CHECK_MAX_S,
    NO_HISTORY,
    Durations,
    backoff_s,
    next_check_s,
)

USUAL = Durations(samples=20, p50_s=100.0, p90_s=160.0)


def checks_until(total_s: float, durations: Durations) -> list[float]:
    """The moments of all checks of a render that takes `total_s`."""
    at, moments = 0.0, []
    while at < total_s:
        at += next_check_s(at, durations)
        moments.append(at)
    return moments


def test_without_history_it_is_the_vendors_own_ten_seconds() -> None:
    assert next_check_s(0.0, NO_HISTORY) == FALLBACK_CHECK_S == 10.0


def test_with_history_it_looks_rarely_before_the_usual_time_and_closely_around_it() -> None:
    moments = checks_until(110.0, USUAL)

    assert len([at for at in moments if at < 95]) <= 2
    assert moments[-1] - 110.0 <= 11.0


@pytest.mark.parametrize("took_s", [50.0, 100.0, 130.0, 160.0, 400.0])
def test_adaptive_beats_ten_seconds_in_calls_or_delay(took_s: float) -> None:
    """Fewer calls than every ten seconds, and it never waits longer than a minute."""
    moments = checks_until(took_s, USUAL)

    assert len(moments) <= took_s / 10 + 1
    assert moments[-1] - took_s <= CHECK_MAX_S


@given(
    st.floats(0, 10 * 86_400),
    st.builds(
        Durations,
        samples=st.integers(0, 50),
        p50_s=st.floats(0, 4_000),
        p90_s=st.floats(0, 8_000),
    ),
    st.booleans(),
)
def test_it_is_always_a_while_and_never_for_ever(
    elapsed_s: float, durations: Durations, late: bool
) -> None:
    wait_s = next_check_s(elapsed_s, durations, late=late)

    assert CHECK_MIN_S <= wait_s <= (LATE_CHECK_MAX_S if late else CHECK_MAX_S)


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_grows_to_its_limit_with_full_jitter(tries: int, jitter: float) -> None:
    assert BACKOFF_MIN_S <= backoff_s(tries, jitter) <= BACKOFF_MAX_S
    assert backoff_s(tries, 0.0) == BACKOFF_MIN_S
