"""Everything that can happen to an execution: its states, and one pure `advance`.

    preparing ──▶ queued ──▶ submitting ──▶ running ──▶ fetching ──▶ succeeded
        │           │ ▲          │  │  │      │  ▲          │
        │           │ └─not sent─┘  │  │      ▼  │          └──▶ (link expired: back to running,
        │           │               │  │     late ──24 h──▶ expired     unusable: failed, late)
        ▼           ▼               │  ▼      │
      failed    cancelled           │ failed  └─▶ failed · cancelled
                                    ▼
                                uncertain ──(found)──▶ running

`uncertain` and `late` are told outcomes that may change once. Every step raises `version`: the
fence that lets exactly one writer record it. From `running` on it is paid: `watching.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from domain.ending import end
from domain.errors import Failure, FailureClass
from domain.events import (
    Abandoned,
    Broken,
    CancelRequested,
    CancelSent,
    Confirmed,
    Event,
    Fetched,
    Held,
    Intended,
    LeaseLapsed,
    LookedUp,
    Prepared,
    Revised,
    Unfetched,
    Unprepared,
)
from domain.gateway import (
    Accepted,
    Ended,
    Finished,
    NotSent,
    Rejected,
    Rendering,
    Uncertain,
    Unknown,
    Unreadable,
    Waiting,
)
from domain.holding import hold_back
from domain.measuring import measured
from domain.schedule import backoff_s
from domain.states import (
    AT_GATEWAY,
    ENDED,
    IN_A_SLOT,
    TOLD,
    UNPAID,
    Execution,
    Moment,
    State,
    begins_in,
)
from domain.submitting import looked_up, submitted
from domain.watching import DEADLINE_S, LATE_WATCH_S, UNKNOWN_GRACE_S, check, fetch

__all__ = [
    "AT_GATEWAY",
    "DEADLINE_S",
    "ENDED",
    "IN_A_SLOT",
    "LATE_WATCH_S",
    "TOLD",
    "UNKNOWN_GRACE_S",
    "UNPAID",
    "Execution",
    "ImpossibleStep",
    "Moment",
    "State",
    "advance",
    "begins_in",
]

PREPARE_ATTEMPTS_MAX = 12  # about ten minutes
BROKEN_STEPS_MAX = 8  # about two minutes


class ImpossibleStep(Exception):
    """An event that cannot happen in this state: a bug, never a person's or a vendor's doing."""


def advance(before: Execution, event: Event, at: Moment) -> Execution:
    """The execution after `event`. Pure. Raises `ImpossibleStep`."""
    match event:
        case CancelRequested():
            after = _cancel(before, at)
        case Confirmed():
            after = _confirm(_in(before, *UNPAID), at)
        case Revised():
            after = _revise(_in(before, *UNPAID), event, at)
        case Abandoned(failure):
            after = end(_in(before, *UNPAID), State.FAILED, at, failure=failure)
        case CancelSent():
            after = replace(_in(before, State.RUNNING, State.LATE), cancel_sent=True)
        case Prepared() | Unprepared():
            after = _prepare(_in(before, State.PREPARING), event, at)
        case Held(hold, until):
            after = hold_back(_in(before, State.QUEUED), hold, until, at)
        case Intended():
            after = _intend(_in(before, State.QUEUED), event, at)
        case LeaseLapsed():
            after = submitted(
                _in(before, State.SUBMITTING), Uncertain("stopped before the answer came"), at
            )
        case LookedUp(answer):
            after = looked_up(_in(before, State.SUBMITTING, State.UNCERTAIN), answer, at)
        case Accepted() | NotSent() | Rejected() | Uncertain():
            after = submitted(_in(before, State.SUBMITTING, State.UNCERTAIN), event, at)
        case Fetched() | Unfetched():
            after = fetch(_in(before, State.FETCHING), event, at)
        case Waiting() | Rendering() | Finished() | Ended() | Unknown() | Unreadable():
            after = check(_in(before, State.RUNNING, State.LATE), event, at)
        case Broken():
            after = _broken(before, event, at)
        case _:
            assert_never(event)
    return replace(after, version=before.version + 1)


def _in(execution: Execution, *states: State) -> Execution:
    if execution.state not in states:
        raise ImpossibleStep(f"{execution.id} is {execution.state}, not {' or '.join(states)}")
    return execution


def _cancel(before: Execution, at: Moment) -> Execution:
    if before.state in ENDED:
        return before
    asked = replace(before, cancel_requested_at=before.cancel_requested_at or at.now)
    if before.state in UNPAID:
        stopped = Failure(kind=FailureClass.STOPPED, detail="cancelled before it was sent")
        return end(asked, State.CANCELLED, at, failure=stopped)
    if before.state in (State.RUNNING, State.LATE):
        return replace(asked, due_at=at.now)
    return asked


def _confirm(before: Execution, at: Moment) -> Execution:
    """Its price is accepted. Pictures on their way are not begun again."""
    due_at = before.due_at if before.state is State.PREPARING else at.now
    return replace(before, confirmed=True, hold=None, held_since=None, due_at=due_at)


def _revise(before: Execution, event: Revised, at: Moment) -> Execution:
    state = begins_in(event.work)
    return replace(
        before,
        state=state,
        tries=0,
        hold=None,
        held_since=None,
        due_at=at.now if state is State.PREPARING else max(at.now, event.not_before),
        offer=event.offer,
        work=event.work,
        wished=event.wished,
        estimate_micro_usd=event.estimate_micro_usd,
        is_ceiling=event.is_ceiling,
        not_before=event.not_before,
        confirmed=event.confirmed,
        links={},
    )


def _prepare(before: Execution, event: Prepared | Unprepared, at: Moment) -> Execution:
    match event:
        case Prepared(links):
            return replace(
                measured(before, event),
                state=State.QUEUED,
                tries=0,
                due_at=max(at.now, before.not_before),
                links=links,
            )
        case Unprepared(failure, final, retry_after_s):
            if final or before.tries + 1 >= PREPARE_ATTEMPTS_MAX:
                return end(before, State.FAILED, at, failure=failure)
            delay_s = max(retry_after_s or 0.0, backoff_s(before.tries, at.jitter))
            return replace(before, tries=before.tries + 1, due_at=at.now + delay_s)
        case _:
            assert_never(event)


def _intend(before: Execution, event: Intended, at: Moment) -> Execution:
    return replace(
        before,
        state=State.SUBMITTING,
        attempt=before.attempt + 1,
        key=event.key,
        month=event.month,
        submitted_at=at.now,
        lease_until=event.lease_until,
        due_at=event.lease_until,
        reserved_micro_usd=before.estimate_micro_usd,
    )


def _broken(before: Execution, event: Broken, at: Moment) -> Execution:
    """A bug broke a step. Unpaid it ends after a few tries; paid it is as good as unanswered, and
    so it is late in time."""
    match before.state:
        case State.PREPARING | State.QUEUED:
            if before.tries + 1 >= BROKEN_STEPS_MAX:
                ours = Failure(kind=FailureClass.OURS, detail=event.reason)
                return end(before, State.FAILED, at, failure=ours)
            delay_s = backoff_s(before.tries, at.jitter)
            return replace(before, tries=before.tries + 1, due_at=at.now + delay_s)
        case State.SUBMITTING:
            return submitted(before, Uncertain(event.reason), at)
        case State.FETCHING:
            return fetch(before, Unfetched(event.reason, expired=False), at)
        case _:
            return check(_in(before, State.RUNNING, State.LATE), Unreadable(event.reason), at)
