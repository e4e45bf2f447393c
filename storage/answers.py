"""The answer to a submit, written down whatever happened to the row meanwhile.

A cancel may be written while the submit is on the wire, and a lease may lapse before a slow answer
comes. The answer still belongs to the attempt that asked: it is found by its key, never dropped,
because money may have moved.
"""

from __future__ import annotations

from domain.errors import FailureClass
from domain.execution import Execution, Moment, State, advance
from domain.gateway import Accepted, Rejected, Submission, Uncertain
from domain.ports import Transaction
from storage.executions import find_execution, record
from storage.parking import park


def record_answer(db: Transaction, sent: Execution, answer: Submission, at: Moment) -> bool:
    """Record what came of a submit; False where a later attempt has taken its place.

    An endpoint that is gone is parked in the same transaction.
    """
    current = find_execution(db, sent.id)
    if current is None or current.key != sent.key:
        return False
    if current.state not in (State.SUBMITTING, State.UNCERTAIN):
        return False
    if isinstance(answer, Accepted) and _is_anothers(db, current, answer):
        answer = Uncertain("the gateway answered with an id that belongs to another execution")
    record(db, current, advance(current, answer, at), now=at.now)
    if isinstance(answer, Rejected) and answer.failure.kind is FailureClass.GONE:
        park(db, current, reason=answer.failure.detail, now=at.now)
    return True


def _is_anothers(db: Transaction, current: Execution, answer: Accepted) -> bool:
    """Whether a remote id is taken: nobody is ever shown another's video."""
    row = db.execute(
        "SELECT id FROM execution WHERE gateway = :gateway AND remote_id = :remote AND id <> :id",
        {"gateway": current.gateway.value, "remote": answer.remote_id, "id": current.id},
    ).one()
    return row is not None
