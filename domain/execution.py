"""Everything that can happen to an execution: its states, and one pure `advance`.

    preparing ──▶ queued ──▶ submitting ──▶ running ──▶ fetching ──▶ succeeded
        │           │ ▲          │  │  │      │  ▲          │
        │           │ └─not sent─┘  │  │      ▼  │          └──▶ (link expired: back to running)
        │           │               │  │     late ──24 h──▶ expired
        ▼           ▼               │  ▼      │
      failed    cancelled           │ failed  └─▶ failed · cancelled
                                    ▼
                                uncertain ──(found)──▶ running

`uncertain` and `late` are told outcomes that may change once. Every step raises `version`: the
fence that lets exactly one writer record it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from domain.errors import Failure, FailureClass
from domain.events import (
    Abandoned,
    CancelRequested,
    CancelSent,
    Event,
    Fetched,
    Held,
    Hold,
    Intended,
    LeaseLapsed,
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
    Progress,
    Rejected,
    Rendering,
    Submission,
    Uncertain,
    Unknown,
    Unreadable,
    Waiting,
)
from domain.schedule import backoff_s, next_check_s
from domain.states import AT_GATEWAY, ENDED, TOLD, UNPAID, Execution, Moment, State

__all__ = [
    "AT_GATEWAY",
    "ENDED",
    "TOLD",
    "UNPAID",
    "Execution",
    "ImpossibleStep",
    "Moment",
    "State",
    "advance",
]

DEADLINE_S = 20 * 60  # a clip past this is late
LATE_WATCH_S = 24 * 3_600  # a late one is looked for this long, then expired
UNKNOWN_GRACE_S = 120  # a gateway may not know a new id for this long
SUBMIT_ATTEMPTS_MAX = 10
PREPARE_ATTEMPTS_MAX = 5


class ImpossibleStep(Exception):
    """An event that cannot happen in this state: a bug, never a person's or a vendor's doing."""


def advance(before: Execution, event: Event, at: Moment) -> Execution:
    """The execution after `event`. Pure. Raises `ImpossibleStep`."""
    match event:
        case CancelRequested():
            after = _cancel(before, at)
        case Revised():
            after = _revise(_in(before, *UNPAID), event, at)
        case Abandoned(failure):
            after = _end(_in(before, *UNPAID), State.FAILED, at, failure=failure)
        case CancelSent():
            after = replace(_in(before, State.RUNNING, State.LATE), cancel_sent=True)
        case Prepared() | Unprepared():
            after = _prepare(_in(before, State.PREPARING), event, at)
        case Held():
            after = replace(_in(before, State.QUEUED), hold=event.hold, due_at=event.until)
        case Intended():
            after = _intend(_in(before, State.QUEUED), event, at)
        case LeaseLapsed():
            after = _submit(
                _in(before, State.SUBMITTING), Uncertain("stopped before the answer came"), at
            )
        case Accepted() | NotSent() | Rejected() | Uncertain():
            after = _submit(_in(before, State.SUBMITTING, State.UNCERTAIN), event, at)
        case Fetched() | Unfetched():
            after = _fetch(_in(before, State.FETCHING), event, at)
        case Waiting() | Rendering() | Finished() | Ended() | Unknown() | Unreadable():
            after = _check(_in(before, State.RUNNING, State.LATE), event, at)
        case _:
            assert_never(event)
    return replace(after, version=before.version + 1)


def _in(execution: Execution, *states: State) -> Execution:
    if execution.state not in states:
        raise ImpossibleStep(f"{execution.id} is {execution.state}, not {' or '.join(states)}")
    return execution


def _end(
    execution: Execution, state: State, at: Moment, *, failure: Failure | None = None
) -> Execution:
    """Ended: nothing is due any more; what the vendor does not bill is released."""
    unbilled = failure is not None and failure.billed is False
    return replace(
        execution,
        state=state,
        failure=failure,
        hold=None,
        due_at=None,
        lease_until=None,
        ended_at=at.now,
        reserved_micro_usd=0 if unbilled else execution.reserved_micro_usd,
        billed_micro_usd=0 if unbilled else execution.billed_micro_usd,
    )


def _cancel(before: Execution, at: Moment) -> Execution:
    if before.state in ENDED:
        return before
    asked = replace(before, cancel_requested_at=before.cancel_requested_at or at.now)
    if before.state in UNPAID:
        stopped = Failure(kind=FailureClass.STOPPED, detail="cancelled before it was sent")
        return _end(asked, State.CANCELLED, at, failure=stopped)
    if before.state in (State.RUNNING, State.LATE):
        return replace(asked, due_at=at.now)
    return asked


def _revise(before: Execution, event: Revised, at: Moment) -> Execution:
    return replace(
        before,
        state=State.PREPARING,
        tries=0,
        hold=None,
        due_at=at.now,
        offer=event.offer,
        clip=event.clip,
        wished=event.wished,
        estimate_micro_usd=event.estimate_micro_usd,
        is_ceiling=event.is_ceiling,
        not_before=event.not_before,
        confirmed=event.confirmed,
        reference_image_url=None,
        tail_image_url=None,
    )


def _prepare(before: Execution, event: Prepared | Unprepared, at: Moment) -> Execution:
    match event:
        case Prepared(reference, tail):
            return replace(
                before,
                state=State.QUEUED,
                tries=0,
                due_at=max(at.now, before.not_before),
                reference_image_url=reference,
                tail_image_url=tail,
            )
        case Unprepared(failure, final):
            if final or before.tries + 1 >= PREPARE_ATTEMPTS_MAX:
                return _end(before, State.FAILED, at, failure=failure)
            delay_s = backoff_s(before.tries, at.jitter)
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
        hold=None,
        submitted_at=at.now,
        lease_until=event.lease_until,
        due_at=event.lease_until,
        reserved_micro_usd=before.estimate_micro_usd,
    )


def _submit(before: Execution, event: Submission, at: Moment) -> Execution:
    off_the_wire = replace(before, lease_until=None)
    match event:
        case Accepted(remote_id, handle):
            started = before.submitted_at or at.now
            due_s = 0.0 if before.cancelling else next_check_s(at.now - started, at.durations)
            return replace(
                off_the_wire,
                state=State.RUNNING,
                tries=0,
                remote_id=remote_id,
                handle=dict(handle),
                deadline_at=started + DEADLINE_S,
                due_at=at.now + due_s,
            )
        case NotSent(reason):
            failure = Failure(kind=FailureClass.TRANSIENT, detail=reason)
            return _again(off_the_wire, Hold.GATEWAY_DOWN, failure, at)
        case Rejected(failure, retry_after_s):
            if failure.kind is FailureClass.RATE:
                return _again(off_the_wire, Hold.GATEWAY_BUSY, failure, at, retry_after_s)
            return _end(off_the_wire, State.FAILED, at, failure=failure)
        case Uncertain(reason):
            doubt = Failure(kind=FailureClass.UNCERTAIN, detail=reason, billed=None)
            return replace(
                off_the_wire, state=State.UNCERTAIN, failure=doubt, due_at=None, ended_at=at.now
            )
        case _:
            assert_never(event)


def _again(
    before: Execution, hold: Hold, failure: Failure, at: Moment, after_s: float | None = None
) -> Execution:
    """Nothing was accepted: back to the queue with its money released, or enough of it."""
    if before.cancelling:
        return _end(before, State.CANCELLED, at, failure=failure)
    if hold is Hold.GATEWAY_DOWN and before.attempt >= SUBMIT_ATTEMPTS_MAX:
        return _end(before, State.FAILED, at, failure=failure)
    delay_s = after_s if after_s is not None else backoff_s(before.attempt, at.jitter)
    return replace(
        before,
        state=State.QUEUED,
        hold=hold,
        key=None,
        submitted_at=None,
        reserved_micro_usd=0,
        due_at=at.now + delay_s,
    )


def _check(before: Execution, event: Progress, at: Moment) -> Execution:
    match event:
        case Finished():
            return replace(before, state=State.FETCHING, result=event, tries=0, due_at=at.now)
        case Ended(failure):
            stopped = before.cancelling or failure.kind is FailureClass.STOPPED
            return _end(before, State.CANCELLED if stopped else State.FAILED, at, failure=failure)
        case Unknown():
            return _unknown(before, at)
        case Unreadable(_, retry_after_s):
            delay_s = retry_after_s or backoff_s(before.tries, at.jitter)
            return _still(replace(before, tries=before.tries + 1), at, delay_s)
        case Waiting(position):
            return _still(replace(before, queue_position=position, tries=0), at)
        case Rendering(fraction):
            return _still(replace(before, queue_position=None, fraction=fraction, tries=0), at)
        case _:
            assert_never(event)


def _unknown(before: Execution, at: Moment) -> Execution:
    """An id that the gateway does not know: it may be too new, or lost for good."""
    if at.now < (before.submitted_at or at.now) + UNKNOWN_GRACE_S:
        return _still(before, at)
    lost = Failure(kind=FailureClass.TRANSIENT, detail="the gateway lost it", billed=None)
    return _end(before, State.FAILED, at, failure=lost)


def _still(before: Execution, at: Moment, delay_s: float | None = None) -> Execution:
    """Not ended: look again later, as `late` once the deadline has passed."""
    started, deadline = before.submitted_at or at.now, before.deadline_at or at.now + DEADLINE_S
    if at.now >= deadline + LATE_WATCH_S:
        nothing = Failure(kind=FailureClass.TRANSIENT, detail="nothing came", billed=None)
        return _end(before, State.EXPIRED, at, failure=nothing)
    wait_s = next_check_s(at.now - started, at.durations, late=at.now >= deadline)
    late = before.state is State.LATE or at.now >= deadline
    return replace(
        before,
        state=State.LATE if late else State.RUNNING,
        due_at=at.now + max(wait_s, delay_s or 0.0),
    )


def _fetch(before: Execution, event: Fetched | Unfetched, at: Moment) -> Execution:
    match event:
        case Fetched(billed):
            state = State.CANCELLED if before.cancelling else State.SUCCEEDED
            kept = _end(before, state, at)
            if billed is None:
                return kept
            return replace(kept, billed_micro_usd=billed, reserved_micro_usd=0)
        case Unfetched(reason, expired):
            if at.now >= (before.deadline_at or at.now) + LATE_WATCH_S:
                gone = Failure(kind=FailureClass.TRANSIENT, detail=reason, billed=True)
                return _end(before, State.EXPIRED, at, failure=gone)
            again = replace(before, tries=before.tries + 1)
            if expired:
                return replace(again, state=State.RUNNING, due_at=at.now + min(before.tries, 60))
            return replace(again, due_at=at.now + backoff_s(before.tries, at.jitter))
        case _:
            assert_never(event)
