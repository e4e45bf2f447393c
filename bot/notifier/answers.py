"""What Slack's exceptions mean for an effect."""

from __future__ import annotations

from domain.effect import Busy, Silent, TurnedAway
from domain.message import SlackRefused, SlackUnanswered

BUSY_DEFAULT_S = 5.0
_BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})


def answer_of(problem: SlackRefused | SlackUnanswered) -> Busy | Silent | TurnedAway:
    """Busy, no clear answer, or a clear no."""
    if isinstance(problem, SlackUnanswered):
        return Silent(problem.reason)
    if problem.retry_after_s is not None or problem.code in _BUSY:
        return Busy(problem.retry_after_s or BUSY_DEFAULT_S)
    return TurnedAway(problem.code)
