"""What came of a step, written down although somebody else wrote meanwhile.

A cancel may be written while a submit is on the wire, and a lease may lapse before a slow answer
comes. The answer still belongs to the attempt that asked: it is found by its key, never dropped,
because money may have moved. What took minutes to bring holds after a cancel or a yes, too.
"""

from __future__ import annotations

from domain.errors import FailureClass
from domain.events import Broken, Event, LookedUp
from domain.execution import ENDED, Execution, Moment, State, advance
from domain.gateway import Accepted, Finished, Rejected, Submission, Uncertain
from domain.ports import Transaction
from domain.request import Work
from domain.shot import Video
from storage.executions import find_execution, record
from storage.parking import park


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
    record(db, current, advance(current, answer, at), now=at.now)
    if isinstance(answer, Rejected) and answer.failure.kind is FailureClass.GONE:
        park(db, current, reason=answer.failure.detail, now=at.now)
    return True


def record_transfer(
    db: Transaction, before: Execution, event: Event, at: Moment, *, video: Video | None = None
) -> bool:
    """Record pictures brought or a result fetched; False where it is not the same errand any
    more. A cancel or a yes that was written meanwhile stays written."""
    current = find_execution(db, before.id)
    if current is None or _errand(current) != _errand(before):
        return False
    return record(db, current, advance(current, event, at), now=at.now, video=video)


def record_broken(db: Transaction, execution_id: str, reason: str, at: Moment) -> bool:
    """A bug broke a step of this execution; False where nothing of it was due any more."""
    current = find_execution(db, execution_id)
    if current is None or current.state in ENDED | {State.UNCERTAIN}:
        return False
    return record(db, current, advance(current, Broken(reason), at), now=at.now)


def _errand(execution: Execution) -> tuple[State, str, Work, Finished | None]:
    return (execution.state, execution.offer, execution.work, execution.result)


def _is_anothers(db: Transaction, current: Execution, answer: Accepted) -> bool:
    """Whether a remote id is taken: nobody is ever shown another's video."""
    row = db.execute(
        "SELECT id FROM execution WHERE gateway = :gateway AND remote_id = :remote AND id <> :id",
        {"gateway": current.gateway.value, "remote": answer.remote_id, "id": current.id},
    ).one()
    return row is not None
