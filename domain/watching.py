"""What comes of looking at a paid render, and of fetching what it made.

It is paid, so nothing is given up at the first bad sign: an id that the gateway does not know has
to stay unknown for a while, and a result that cannot be had is asked for afresh. And it is told,
so nothing goes on for ever: past its deadline it is late, whatever it waits for, and a day later
it expires. That a day has passed says little: the machine slept, its network is not back, or its
clock was set. So it expires once its gateway says that it is not done, at several looks over as
long again as it may take; and where nobody can be asked, or its file cannot be had, after many.
What a limit of ours forbids to fetch is late at once: it lies there, paid for, and an operator
has that day to lift the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from domain.ending import end
from domain.errors import Failure, FailureClass
from domain.events import Fetched, Unfetched
from domain.gateway import Ended, Finished, Progress, Rendering, Unknown, Unreadable, Waiting
from domain.request import Work
from domain.schedule import backoff_s, next_check_s
from domain.spoken import Kind
from domain.states import CAPTIONS_KEPT, Execution, Moment, State

DEADLINE_S = 20 * 60  # a clip past this is late
# HeyGen's own pages: five to ten times the length of what is spoken, translations to half an hour.
_DEADLINES_S: Mapping[Kind, int] = {
    Kind.CLIP: DEADLINE_S,
    Kind.AVATAR: 30 * 60,
    Kind.AGENT: 30 * 60,
    Kind.TEMPLATE: 30 * 60,
    Kind.TRANSLATION: 60 * 60,
}
LATE_WATCH_S = 24 * 3_600  # a late one is looked for this long, then expired
# Looks after that, from which on the last one decides: one that said "not done", a download that
# broke, one that got no answer. They are a third of its deadline apart.
OVERDUE_LOOKS = 4
OVERDUE_DOWNLOADS = 60
OVERDUE_UNANSWERED = 200
UNKNOWN_GRACE_S = 120  # a gateway that has not known an id for this long has lost it
UNKNOWN_RECHECK_S = 15.0
FETCHES_REFUSED_MAX = 3
REFUSED_RECHECK_S = 30.0
LIMITED_RECHECK_S = 300.0

_NOTHING_CAME = Failure(kind=FailureClass.TRANSIENT, detail="nothing came", billed=None)


def deadline_s(work: Work) -> int:
    """Seconds after its submit from which on an execution is late."""
    return _DEADLINES_S[work.kind]


def check(before: Execution, event: Progress, at: Moment) -> Execution:
    """The execution after a gateway was asked about it."""
    known = replace(before, unknown_since=None)
    match event:
        case Finished():
            tries = before.tries if before.result is not None else 0  # this link is a fresh one
            return replace(known, state=State.FETCHING, result=event, tries=tries, due_at=at.now)
        case Ended(failure):
            stopped = before.cancelling or failure.kind is FailureClass.STOPPED
            return end(known, State.CANCELLED if stopped else State.FAILED, at, failure=failure)
        case Unknown():
            return _unknown(before, at)
        case Unreadable(_, retry_after_s):
            delay_s = retry_after_s or backoff_s(before.tries, at.jitter)
            unread = replace(before, tries=before.tries + 1)
            return _still(unread, at, delay_s, looks_max=OVERDUE_UNANSWERED)
        case Waiting(position):
            return _still(replace(known, queue_position=position, tries=0), at)
        case Rendering(fraction, learned):
            handle = {**before.handle, **learned}
            begun = replace(known, queue_position=None, fraction=fraction, tries=0, handle=handle)
            return _still(begun, at)
        case _:
            assert_never(event)


def fetch(before: Execution, event: Fetched | Unfetched, at: Moment) -> Execution:
    """The execution after its result was fetched, or was not."""
    match event:
        case Fetched(billed, captions):
            state = State.CANCELLED if before.cancelling else State.SUCCEEDED
            learned = {} if captions is None else {CAPTIONS_KEPT: captions}
            kept = end(replace(before, handle={**before.handle, **learned}), state, at)
            if billed is None:
                return kept
            return replace(kept, billed_micro_usd=billed, reserved_micro_usd=0)
        case Unfetched():
            return _unfetched(before, event, at)
        case _:
            assert_never(event)


def is_limited(execution: Execution) -> bool:
    """Whether it is made, and a limit of ours forbade to fetch it."""
    failure = execution.failure
    return failure is not None and failure.kind is FailureClass.UNFETCHED


def _unknown(before: Execution, at: Moment) -> Execution:
    """An id that the gateway does not know: too new, out of its sight for once, or lost."""
    since = before.unknown_since if before.unknown_since is not None else at.now
    if at.now >= since + UNKNOWN_GRACE_S:
        lost = Failure(kind=FailureClass.TRANSIENT, detail="the gateway lost it", billed=None)
        state = State.CANCELLED if before.cancelling else State.FAILED
        return end(before, state, at, failure=lost)
    unknown = replace(before, unknown_since=since, tries=0)
    looked_for = _still(unknown, at, looks_max=OVERDUE_UNANSWERED)
    if looked_for.due_at is None:
        return looked_for
    return replace(looked_for, due_at=min(looked_for.due_at, at.now + UNKNOWN_RECHECK_S))


def _still(
    before: Execution,
    at: Moment,
    delay_s: float = 0.0,
    *,
    looks_max: int = OVERDUE_LOOKS,
    nothing: Failure = _NOTHING_CAME,
) -> Execution:
    """Not ended: look again later, as `late` once the deadline has passed. It expires with the
    `looks_max`-th look after a day of that."""
    started = before.submitted_at or at.now
    deadline = before.deadline_at or at.now + deadline_s(before.work)
    expires_at = deadline + LATE_WATCH_S
    looks = before.overdue_looks + 1 if at.now >= expires_at else 0
    if looks >= looks_max:
        return end(replace(before, overdue_looks=looks), State.EXPIRED, at, failure=nothing)
    wait_s = next_check_s(at.now - started, at.durations, late=at.now >= deadline)
    if looks:
        wait_s = deadline_s(before.work) / (OVERDUE_LOOKS - 1)
    late = before.state is State.LATE or is_limited(before) or at.now >= deadline
    return replace(
        before,
        state=State.LATE if late else State.RUNNING,
        overdue_looks=looks,
        due_at=at.now + max(wait_s, delay_s),
    )


def _unfetched(before: Execution, event: Unfetched, at: Moment) -> Execution:
    """Made, but not ours yet: the same link again, or a fresh one."""
    if event.is_limit:
        return _limited(before, event, at)
    again = replace(
        before,
        tries=before.tries + 1,
        fetches_refused=before.fetches_refused + event.final,
    )
    if again.fetches_refused >= FETCHES_REFUSED_MAX:
        unusable = Failure(kind=FailureClass.UNFETCHED, detail=event.reason, billed=None)
        state = State.CANCELLED if before.cancelling else State.FAILED
        return end(again, state, at, failure=unusable)
    delay_s = REFUSED_RECHECK_S if event.final else backoff_s(before.tries, at.jitter)
    gone = Failure(kind=FailureClass.TRANSIENT, detail=event.reason, billed=True)
    is_said = event.expired or event.final
    looks_max = OVERDUE_LOOKS if is_said else OVERDUE_DOWNLOADS
    looked_for = _still(again, at, delay_s, looks_max=looks_max, nothing=gone)
    if looked_for.state is not State.RUNNING:
        return looked_for
    state = State.RUNNING if is_said else State.FETCHING
    return replace(looked_for, state=state, due_at=at.now + delay_s)


def _limited(before: Execution, event: Unfetched, at: Moment) -> Execution:
    """Nothing of it is wrong, so it is not given up: looked at now and then, as late."""
    why = Failure(kind=FailureClass.UNFETCHED, detail=event.reason, billed=None)
    gone = why.model_copy(update={"kind": FailureClass.TRANSIENT, "billed": True})
    told = replace(before, tries=before.tries + 1, failure=why)
    return _still(told, at, LIMITED_RECHECK_S, nothing=gone)
