"""What came of a step, written down although somebody else wrote meanwhile.

A cancel may be written while a submit is on the wire, and a lease may lapse before a slow answer
comes. The answer still belongs to the attempt that asked: it is found by its key, never dropped,
because money may have moved. What took minutes to bring holds after a cancel or a yes, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.ending import end
from domain.errors import Failure, FailureClass
from domain.events import Abandoned, Broken, Event, Held, LookedUp, Prepared
from domain.execution import ENDED, Execution, Moment, State, advance
from domain.gateway import Accepted, Finished, NotSent, Rejected, Submission, Uncertain
from domain.ports import Transaction
from domain.request import Work
from domain.shot import Video
from storage.executions import find_execution
from storage.parking import park
from storage.preferences import read_preferences
from storage.recording import record
from storage.rerouting import elsewhere

# Where another gateway can make it, one that does not answer is waited for this long only.
GIVEN_UP_AFTER_ATTEMPTS = 3
GIVEN_UP_AFTER_S = 60.0


def record_answer(
    db: Transaction, sent: Execution, answer: Submission | LookedUp, at: Moment
) -> bool:
    """Record what came of a submit; False where a later attempt has taken its place.

    An endpoint that is gone is parked in the same transaction.
    """
    current = find_execution(db, sent.id)
    if current is None or current.key != sent.key:
        return False
    if current.state not in (State.SUBMITTING, State.UNCERTAIN):
        return False
    said = answer.answer if isinstance(answer, LookedUp) else answer
    if isinstance(said, Accepted) and _is_anothers(db, current, said):
        answer = Uncertain("the gateway answered with an id that belongs to another execution")
    if isinstance(answer, Rejected) and answer.failure.kind is FailureClass.GONE:
        park(db, current, reason=answer.failure.detail, at=at)
    return record(db, current, _unless_given_up(db, current, answer, at), at)


def record_transfer(
    db: Transaction, before: Execution, event: Event, at: Moment, *, videos: Sequence[Video] = ()
) -> bool:
    """Record pictures brought or a result fetched; False where it is not the same errand any
    more. A cancel or a yes that was written meanwhile stays written."""
    current = find_execution(db, before.id)
    if current is None or _errand(current) != _errand(before):
        return False
    if isinstance(event, Prepared) and event.lengths_s:
        preferences = read_preferences(db, before.team_id, before.channel)
        limit = preferences.confirm_above_micro_usd
        event = replace(event, confirm_above_micro_usd=limit)
    return record(db, current, advance(current, event, at), at, videos=videos)


def record_broken(db: Transaction, execution_id: str, reason: str, at: Moment) -> bool:
    """A bug broke a step of this execution; False where nothing of it was due any more."""
    current = find_execution(db, execution_id)
    if current is None or current.state in ENDED | {State.UNCERTAIN}:
        return False
    return record(db, current, advance(current, Broken(reason), at), at)


def record_hold(db: Transaction, execution: Execution, held: Held, at: Moment) -> bool:
    """A gateway does not answer: wait for it, unless it could be made elsewhere by now."""
    since = execution.held_since if execution.hold is held.hold else None
    if since is not None and at.now >= since + GIVEN_UP_AFTER_S:
        failure = Failure(kind=FailureClass.TRANSIENT, detail="it did not answer")
        if elsewhere(db, execution, at, failure) is not None:
            return record(db, execution, advance(execution, Abandoned(failure), at), at)
    return record(db, execution, advance(execution, held, at), at)


def _unless_given_up(
    db: Transaction, current: Execution, answer: Submission | LookedUp, at: Moment
) -> Execution:
    """The next step; where nothing gets through to a gateway, its end, if another can make it."""
    after = advance(current, answer, at)
    if isinstance(answer, NotSent) and current.attempt >= GIVEN_UP_AFTER_ATTEMPTS:
        failure = Failure(kind=FailureClass.TRANSIENT, detail=answer.reason)
        if after.state is State.QUEUED and elsewhere(db, after, at, failure) is not None:
            return end(after, State.FAILED, at, failure=failure)
    return after


def _errand(execution: Execution) -> tuple[State, str, Work, Finished | None]:
    return (execution.state, execution.offer, execution.work, execution.result)


def _is_anothers(db: Transaction, current: Execution, answer: Accepted) -> bool:
    """Whether a remote id is taken: nobody is ever shown another's video."""
    row = db.execute(
        "SELECT id FROM execution WHERE gateway = :gateway AND remote_id = :remote AND id <> :id",
        {"gateway": current.gateway.value, "remote": answer.remote_id, "id": current.id},
    ).one()
    return row is not None
