"""What comes of a submit: accepted, not sent, refused; or nobody knows, and then what is done.

A doubt is never paid again. Where the gateway can tell (the same key, an id of ours, a history), it
is asked: quietly at first, then as `uncertain`, which is told, until its window has passed. While
there is a doubt only an answer about the first submit counts: that a second one was not sent, came
too soon, or was refused, says nothing of it.

Where a look sends the same submit again, two calls of one key can be on the wire: the first one is
still connecting, the clock went past its lease, and the second is accepted. So from the first look
on, the first call's answer is one of several, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import assert_never
from uuid import UUID

from domain.catalog import dedupe_of
from domain.ending import end
from domain.errors import Failure, FailureClass
from domain.events import Hold
from domain.gateway import Accepted, NotSent, Rejected, Submission, Uncertain
from domain.holding import hold_back
from domain.offer import Dedupe
from domain.schedule import backoff_s, next_check_s
from domain.states import Execution, Moment, State
from domain.watching import deadline_s

SUBMIT_ATTEMPTS_MAX = 10
QUIET_S = 20.0  # a doubt that can be looked up is not told for so long
LOOK_MIN_S = 2.0
LOOK_MAX_S = 300.0
# How long a doubt can be looked up: HeyGen keeps a key for 24 h, Runware does not say, and fal
# calls back for an hour or two.
DOUBT_WINDOW_S: Mapping[Dedupe, float] = {
    Dedupe.NONE: 0.0,
    Dedupe.KEY: 23 * 3_600.0,
    Dedupe.CLIENT_ID: 23 * 3_600.0,
    Dedupe.LATE_BIND: 2 * 3_600.0,
}

# A refusal of the work itself is said again each time, so it is not asked for all day.
REFUSED_LOOKS_MAX = 3
_ABOUT_THE_WORK = frozenset({FailureClass.BAD_INPUT, FailureClass.REFUSED_CONTENT})
_LOOKS_SEND_AGAIN = frozenset({Dedupe.KEY, Dedupe.CLIENT_ID})


def submit_key(name: str) -> str:
    """The key of one submit, from a name that never repeats. It is a UUID of version 4, because
    Runware takes nothing else as a task's id, and others take anything."""
    return str(UUID(bytes=sha256(name.encode()).digest()[:16], version=4))


def submitted(before: Execution, event: Submission, at: Moment) -> Execution:
    """The execution after its submit was answered."""
    if before.unknown_since is not None and dedupe_of(before.offer) in _LOOKS_SEND_AGAIN:
        return looked_up(before, event, at)
    match event:
        case Accepted():
            return _accepted(before, event, at)
        case NotSent(reason):
            failure = Failure(kind=FailureClass.TRANSIENT, detail=reason)
            return _again(before, Hold.GATEWAY_DOWN, failure, at)
        case Rejected(failure, retry_after_s):
            if failure.kind is FailureClass.RATE:
                return _again(before, Hold.GATEWAY_BUSY, failure, at, retry_after_s)
            return end(before, State.FAILED, at, failure=failure)
        case Uncertain(reason):
            return _doubted(before, reason, at)
        case _:
            assert_never(event)


def looked_up(before: Execution, answer: Submission, at: Moment) -> Execution:
    """The execution after the gateway was asked what became of its submit. A gateway may look at
    the work before it looks at the key, so what it refuses now it may have accepted before."""
    match answer:
        case Accepted():
            return _accepted(before, answer, at)
        case NotSent(reason) | Uncertain(reason):
            return _doubted(before, reason, at)
        case Rejected(failure):
            refused = before.tries + (failure.kind in _ABOUT_THE_WORK)
            return _doubted(replace(before, tries=refused), failure.detail, at)
        case _:
            assert_never(answer)


def looked_up_until(doubted: Execution) -> float:
    """Until when a doubt can be looked up: later no answer says anything of it any more."""
    began = doubted.submitted_at or doubted.unknown_since or doubted.created_at
    return began + DOUBT_WINDOW_S[dedupe_of(doubted.offer)]


def _accepted(before: Execution, event: Accepted, at: Moment) -> Execution:
    started = before.submitted_at or at.now
    found = before.unknown_since is not None  # long after it was sent: it may be over
    due_s = 0.0 if before.cancelling or found else next_check_s(at.now - started, at.durations)
    return replace(
        before,
        state=State.RUNNING,
        tries=0,
        hold=None,
        held_since=None,
        lease_until=None,
        unknown_since=None,
        failure=None,
        ended_at=None,
        remote_id=event.remote_id,
        handle=dict(event.handle),
        deadline_at=started + deadline_s(before.work),
        due_at=at.now + due_s,
    )


def _doubted(before: Execution, reason: str, at: Moment) -> Execution:
    """It may be paid. Its money stays reserved. `tries` counts how often the work was refused."""
    since = before.unknown_since if before.unknown_since is not None else at.now
    refused = before.tries if before.unknown_since is not None else 0
    is_open = at.now < looked_up_until(replace(before, unknown_since=since))
    can_look = is_open and refused < REFUSED_LOOKS_MAX
    look_at = at.now + _look_s(at.now - since) if can_look else None
    quiet = can_look and before.state is State.SUBMITTING and at.now < since + QUIET_S
    doubt = Failure(kind=FailureClass.UNCERTAIN, detail=reason, billed=None)
    return replace(
        before,
        tries=refused,
        state=State.SUBMITTING if quiet else State.UNCERTAIN,
        failure=None if quiet else doubt,
        hold=None,
        held_since=None,
        lease_until=None,
        unknown_since=since,
        due_at=look_at,
        ended_at=None if quiet else before.ended_at or at.now,
    )


def _look_s(doubted_s: float) -> float:
    """Often at first, then ever more rarely."""
    return min(LOOK_MAX_S, max(LOOK_MIN_S, doubted_s / 2))


def _again(
    before: Execution, hold: Hold, failure: Failure, at: Moment, after_s: float | None = None
) -> Execution:
    """Nothing was accepted: back to the queue with its money released, or enough of it."""
    off_the_wire = replace(before, lease_until=None)
    if before.cancelling:
        return end(off_the_wire, State.CANCELLED, at, failure=failure)
    if hold is Hold.GATEWAY_DOWN and before.attempt >= SUBMIT_ATTEMPTS_MAX:
        return end(off_the_wire, State.FAILED, at, failure=failure)
    delay_s = after_s if after_s is not None else backoff_s(before.attempt, at.jitter)
    queued = replace(
        off_the_wire,
        state=State.QUEUED,
        key=None,
        submitted_at=None,
        unknown_since=None,
        reserved_micro_usd=0,
    )
    return hold_back(queued, hold, at.now + delay_s, at)
