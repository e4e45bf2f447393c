"""A failed execution goes on at another offer, in the transaction that wrote its failure."""

from __future__ import annotations

from domain.effect import Effect
from domain.errors import Failure
from domain.execution import Execution, Moment, State, begins_in
from domain.ports import Transaction
from domain.rerouting import Reroute, given_up, reroute_of
from storage.executions import insert_execution
from storage.messages import add_effect
from storage.preferences import read_preferences
from storage.rows import WORK, failure_from
from storage.selecting import cast_in
from storage.standings import standing


def reroute(db: Transaction, failed: Execution, at: Moment) -> bool:
    """Begin it anew where it can be made, if anywhere. The person is told either way: in the
    take's message, and directly where they are asked first."""
    found = elsewhere(db, failed, at)
    if found is None:
        return False
    again = _next(failed, found, _name(failed.id), at.now)
    insert_execution(db, again)
    db.execute(
        "UPDATE request SET sentence = :sentence WHERE id = :id",
        {"sentence": found.sentence, "id": failed.request_id},
    )
    if found.asks_first:
        _ask(db, again, at.now)
    return True


def elsewhere(
    db: Transaction, failed: Execution, at: Moment, because: Failure | None = None
) -> Reroute | None:
    """Where an execution could go on, having failed, or if it failed now `because` of something."""
    if at.reach is None:
        return None
    row = db.execute("SELECT work FROM request WHERE id = :id", {"id": failed.request_id}).one()
    rows = db.execute(
        "SELECT offer, failure FROM execution WHERE request_id = :id ORDER BY created_at, id",
        {"id": failed.request_id},
    ).all()
    if row is None:
        return None
    asked = WORK.validate_json(row["work"])
    place = (failed.team_id, failed.channel)
    return reroute_of(
        asked,
        failed if because is None else given_up(failed, because),
        {other["offer"]: failure_from(other["failure"]) for other in rows},
        standing(db, at.reach, failed.team_id, at.now),
        read_preferences(db, *place),
        cast_in(db, place, asked),
    )


def _name(failed_id: str) -> str:
    """`execution_1a`, `execution_1a-2`, `execution_1a-3`: nothing is drawn inside a transaction."""
    first, _, number = failed_id.partition("-")
    return f"{first}-{int(number or 1) + 1}"


def _next(failed: Execution, found: Reroute, name: str, now: float) -> Execution:
    """A new execution of the same request."""
    candidate = found.candidate
    state = begins_in(candidate.work)
    is_same_model = candidate.offer.model.name == failed.offer.partition("@")[0]
    return Execution(
        id=name,
        request_id=failed.request_id,
        shot_id=failed.shot_id,
        team_id=failed.team_id,
        channel=failed.channel,
        requester=failed.requester,
        offer=candidate.name,
        work=candidate.work,
        wished=found.asks_first or (failed.wished and is_same_model),  # a yes is a wish, too
        state=state,
        due_at=now if state in (State.PREPARING, State.QUEUED) else None,
        created_at=max(now, failed.created_at),  # the clock may have been set back meanwhile
        not_before=failed.not_before,
        confirmed=failed.confirmed and not found.asks_first,
        estimate_micro_usd=candidate.estimate.micro_usd,
        is_ceiling=candidate.estimate.is_ceiling,
    )


def _ask(db: Transaction, again: Execution, now: float) -> None:
    """Somebody waits for a video that does not come by itself any more: they are told."""
    add_effect(
        db,
        Effect.PING,
        subject=(again.id, again.version),
        place=(again.team_id, again.channel),
        shot_id=again.shot_id,
        request_id=again.request_id,
        at=now,
        payload={"state": again.state.value},
    )
