"""Why a queued execution waits, and how long at most."""

from __future__ import annotations

from dataclasses import replace

from domain.ending import end
from domain.errors import Failure, FailureClass
from domain.events import Hold
from domain.states import Execution, Moment, State

HOLD_LIMIT_S = 24 * 3_600  # what waits for a yes or for a gateway this long is not started

# The other holds end by themselves, or by an admin who put them there. A message that finds no
# place in a day ends its take itself, with Slack's reason; what waits for one that nobody posts any
# more ends an hour after that.
_LIMITS_S = {
    Hold.CONFIRMATION: HOLD_LIMIT_S,
    Hold.APPROVAL: HOLD_LIMIT_S,
    Hold.GATEWAY_BUSY: HOLD_LIMIT_S,
    Hold.GATEWAY_DOWN: HOLD_LIMIT_S,
    Hold.SLACK: HOLD_LIMIT_S,
    Hold.MESSAGE: HOLD_LIMIT_S + 3_600,
}


def hold_back(before: Execution, hold: Hold, until: float | None, at: Moment) -> Execution:
    """Not yet; and where nothing else ends the wait, not for ever."""
    goes_on = before.hold is hold and before.held_since is not None
    since = before.held_since if goes_on and before.held_since is not None else at.now
    held = replace(before, hold=hold, held_since=since, due_at=until)
    if hold not in _LIMITS_S:
        return held
    limit_at = since + _LIMITS_S[hold]
    if at.now >= limit_at:
        return end(before, State.FAILED, at, failure=_waited_in_vain(hold))
    limit_at = min(limit_at, at.now + HOLD_LIMIT_S)
    return replace(held, due_at=limit_at if until is None else min(until, limit_at))


def _waited_in_vain(hold: Hold) -> Failure:
    match hold:
        case Hold.GATEWAY_BUSY:
            return Failure(kind=FailureClass.RATE, detail="it was busy for a day")
        case Hold.GATEWAY_DOWN:
            return Failure(kind=FailureClass.TRANSIENT, detail="it was down for a day")
        case Hold.SLACK:
            return Failure(kind=FailureClass.NO_PLACE, detail="Slack refused the bot for a day")
        case Hold.MESSAGE:
            return Failure(kind=FailureClass.NO_PLACE, detail="its message was not posted in a day")
        case _:
            return Failure(kind=FailureClass.UNCONFIRMED, detail="nobody said yes for a day")
