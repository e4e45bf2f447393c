"""When to look again: an adaptive rhythm for checks, and a backoff for what broke.

A fixed rhythm is too slow for a ten-second draft and too eager for a seven-minute render, so the
next check follows from how long this offer usually takes here. Without history it is every ten
seconds, as the vendors' own guides say.
"""

from __future__ import annotations

from dataclasses import dataclass

FALLBACK_CHECK_S = 10.0
CHECK_MIN_S = 1.0
CHECK_MAX_S = 60.0
LATE_CHECK_MIN_S = 60.0
LATE_CHECK_MAX_S = 3_600.0
BACKOFF_MIN_S = 1.0
BACKOFF_MAX_S = 300.0
CHECKS_BETWEEN_USUAL_AND_SLOW = 6

# How far ahead a due time can lie at all, by what it waits for. Whatever lies further was written
# before the clock was set back (`storage/set_back.py`). Leases must fit in, or they would lapse
# early.
START_AHEAD_MAX_S = 120.0  # an undo window, at its longest
WORK_AHEAD_MAX_S = 900.0  # leases, checks, backoffs, what a gateway may ask us to wait
LATE_AHEAD_MAX_S = LATE_CHECK_MAX_S
TELL_AHEAD_MAX_S = 3_600.0  # what Slack may ask us to wait
PERSON_AHEAD_MAX_S = 24 * 3_600.0  # a yes, or an invitation


@dataclass(frozen=True, slots=True)
class Durations:
    """How long an offer takes here, from submit to result. `samples` counts what it rests on."""

    samples: int
    p50_s: float
    p90_s: float
    fallback_check_s: float = FALLBACK_CHECK_S


NO_HISTORY = Durations(samples=0, p50_s=0.0, p90_s=0.0)


def next_check_s(elapsed_s: float, durations: Durations, *, late: bool = False) -> float:
    """Seconds until the next check of an execution submitted `elapsed_s` ago.

    Before the usual time: one look halfway, then at the usual time. From there to the slow end a
    few evenly spaced looks, then ever rarer ones. Late ones are looked at every tenth of their
    age.
    """
    if late:
        return min(LATE_CHECK_MAX_S, max(LATE_CHECK_MIN_S, elapsed_s / 10))
    if durations.samples == 0:
        return _stretched(durations.fallback_check_s, elapsed_s, usual_s=120.0)
    usual_s = max(durations.p50_s, CHECK_MIN_S)
    if elapsed_s < usual_s * 0.45:
        return _bounded(usual_s * 0.5 - elapsed_s)
    if elapsed_s < usual_s * 0.95:
        return _bounded(usual_s - elapsed_s)
    spread_s = max(durations.p90_s - durations.p50_s, usual_s * 0.1)
    return _stretched(spread_s / CHECKS_BETWEEN_USUAL_AND_SLOW, elapsed_s, usual_s=usual_s)


def backoff_s(tries: int, jitter: float) -> float:
    """Exponential, with full jitter above the minimum. `jitter` is in [0, 1)."""
    widest_s = min(BACKOFF_MAX_S, BACKOFF_MIN_S * 2.0 ** min(tries, 16))
    return BACKOFF_MIN_S + jitter * (widest_s - BACKOFF_MIN_S)


def _stretched(interval_s: float, elapsed_s: float, *, usual_s: float) -> float:
    """The interval, growing once the execution is older than usual."""
    return _bounded(interval_s * max(1.0, elapsed_s / usual_s))


def _bounded(seconds: float) -> float:
    return min(CHECK_MAX_S, max(CHECK_MIN_S, seconds))
