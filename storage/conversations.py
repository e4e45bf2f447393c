"""Conversations with an agent: the turns of one, and whether it takes another.

A conversation is the request that began it and those that go on with it, all in one thread: one
session at the gateway. Its turns are read when one is sent, because what they made must be known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.catalog import offer_named
from domain.conversation import Turn, said_in
from domain.errors import NoModelFits, NotOfferedYet, RequestError
from domain.execution import ENDED, UNPAID, Execution, State
from domain.gateway import Earlier
from domain.offer import Offer, offer_gateway_title
from domain.ports import Transaction
from domain.reply import Chatter, Reading
from domain.request import Request, Work
from domain.spoken import CONTINUES, QUESTION, Agent
from domain.standing import Reach
from storage.executions import execution_of
from storage.rows import execution_from, request_from
from storage.selecting import selected

_AT_WORK = frozenset({State.SUBMITTING, State.RUNNING, State.LATE, State.FETCHING})


def turn_of(db: Transaction, base: Request, so_far: Agent | None = None) -> Turn:
    """What a reply after `base`, an agent's take, is said into. `so_far`: the take that the reply
    is added to, where one is still open."""
    execution = execution_of(db, base.id)
    assert execution is not None
    assert isinstance(base.work, Agent)
    assert isinstance(execution.work, Agent)
    root_id = execution.work.continues or base.id
    because = _why_not(db, root_id, base, execution)
    failure = execution.failure
    return Turn(
        whole=base.work.otherwise or base.work.model_copy(update={"continues": None}),
        root=None if because else root_id,
        because=because,
        so_far=so_far,
        is_asked=failure is not None and failure.field == QUESTION,
    )


def or_apart(
    db: Transaction, reading: Reading, place: tuple[str, str], reach: Reach, *, now: float
) -> Reading:
    """The same reading; as a video of its own where its conversation cannot be reached now, made in
    one go where nobody else has conversations."""
    if isinstance(reading, Chatter) or not isinstance(reading.work, Agent):
        return reading
    apart = reading.work.otherwise
    if reading.work.continues is None or apart is None:
        return reading
    ways = (reading.work, apart, apart.model_copy(update={"chat": False}))
    work = next((way for way in ways if _is_offered(db, way, place, reach, now=now)), ways[0])
    if work is reading.work:
        return reading
    why = "a new session: its conversation cannot be reached now"
    return replace(reading, work=work, changed=(why, *reading.changed))


def _is_offered(
    db: Transaction, work: Agent, place: tuple[str, str], reach: Reach, *, now: float
) -> bool:
    """Whether somebody can be talked to so, now. Raises `RequestError` for anything else that is
    wrong with the work."""
    try:
        selected(db, work, place, reach, now=now)
    except RequestError as refused:
        is_about_talk = refused.field in (CONTINUES, "chat")
        if is_about_talk or isinstance(refused, NoModelFits | NotOfferedYet):
            return False
        raise
    return True


def retold(db: Transaction, base: Request, before: Work, filled_in: Work) -> Work:
    """What a form asks for that was filled with `before`, a message after `base`: still a message.
    Any other work is what it is. Raises `RequestError` where all of it is too long."""
    if not isinstance(before, Agent) or before.continues is None:
        return filled_in
    if not isinstance(filled_in, Agent) or not isinstance(base.work, Agent):
        return filled_in
    files = filled_in.files or before.files  # more than a form can carry
    settings = filled_in.model_copy(update={"files": files})
    return said_in(turn_of(db, base), filled_in.prompt, settings)


def read_conversation(db: Transaction, execution: Execution) -> tuple[Earlier, ...]:
    """The other turns that its gateway has accepted, the first one first: what they made is not
    what this one makes. None where the conversation never began there."""
    turns = _turns(db, execution)
    accepted = [
        turn for turn in turns if turn.remote_id is not None and turn.gateway is execution.gateway
    ]
    accepted.sort(key=_begins, reverse=True)  # where the clock was set back, a later one is older
    if not accepted or not _begins(accepted[0]):
        return ()
    return tuple(
        Earlier(
            remote_id=turn.remote_id or "",
            handle=turn.handle,
            remote_video_id=turn.result.remote_video_id if turn.result else None,
        )
        for turn in accepted
    )


def is_awaited(db: Transaction, execution: Execution) -> bool:
    """Whether another turn is still under way, or may be: an agent hears one message at a time.
    The session tells its newest video only, and would tell that of this message for a late one's.
    """
    return any(
        _is_at_work(turn) or (_begins(turn) and turn.state in UNPAID)
        for turn in _turns(db, execution)
    )


def _why_not(db: Transaction, root_id: str, base: Request, execution: Execution) -> str:
    """Why no conversation goes on after a take; empty where one does."""
    offer, label = _offer(execution), f"take {base.take}"
    if offer is None or "continues" not in offer.limits.takes:
        return f"{offer_gateway_title(execution.offer)} has no conversations"
    if not isinstance(execution.work, Agent) or not execution.work.chat:
        return f"{label} was not made with --chat"
    began = execution if root_id == base.id else _first(db, root_id)
    if began is None or (began.state in ENDED and began.remote_id is None):
        return f"{label} has no conversation at {offer_gateway_title(execution.offer)}"
    return ""


def _offer(execution: Execution) -> Offer | None:
    try:
        return offer_named(execution.offer)
    except KeyError:
        return None


def _first(db: Transaction, root_id: str) -> Execution | None:
    """The execution that a conversation began with."""
    rows = db.execute(
        "SELECT * FROM execution WHERE request_id = :id ORDER BY created_at DESC, id DESC",
        {"id": root_id},
    ).all()
    return next(filter(_begins, map(execution_from, rows)), None)


def _turns(db: Transaction, execution: Execution) -> Sequence[Execution]:
    """The other turns of a conversation, the first one first; one that was held back may be sent
    after one that was written later."""
    root_id = execution.work.continues if isinstance(execution.work, Agent) else None
    if root_id is None:
        return ()
    rows = db.execute(
        "SELECT * FROM execution WHERE shot_id = :shot AND id <> :id ORDER BY created_at, id",
        {"shot": execution.shot_id, "id": execution.id},
    ).all()
    turns = map(execution_from, rows)
    return [turn for turn in turns if _belongs(turn, root_id)]


def _is_at_work(turn: Execution) -> bool:
    """A message in doubt may be found in its session yet; a session in doubt is another one."""
    is_looked_for = turn.state is State.UNCERTAIN and turn.due_at is not None
    return turn.state in _AT_WORK or (is_looked_for and not _begins(turn))


def _belongs(turn: Execution, root_id: str) -> bool:
    if _begins(turn):
        return turn.request_id == root_id
    return isinstance(turn.work, Agent) and turn.work.continues == root_id


def _begins(turn: Execution) -> bool:
    return isinstance(turn.work, Agent) and turn.work.continues is None


def parent_of(db: Transaction, request: Request) -> Request | None:
    """The take that a request came from."""
    row = db.execute("SELECT * FROM request WHERE id = :id", {"id": request.parent_id}).one()
    return request_from(row) if row else None
