"""Thread replies: one becomes a take, joins one that is still open, asks, or is left alone.

Chatter is never paid for. What one person says within the undo window is one take; editing or
deleting a reply in the window changes or cancels it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from domain.errors import RequestError
from domain.execution import UNPAID, Execution
from domain.ports import Transaction
from domain.preferences import Preferences
from domain.reply import Chatter, Instruction, Reading, Unclear
from domain.request import Request, Source
from domain.shot import Shot
from domain.spoken import Agent
from domain.standing import Reach
from storage.calling_off import call_off
from storage.conversations import or_apart, parent_of
from storage.drafts import Draft, keep_draft
from storage.executions import execution_of
from storage.held_replies import hold_reply
from storage.instructions import (
    Asked,
    CalledOff,
    Ignored,
    Merged,
    Reply,
    Why,
    keep_instruction,
    read_in_place,
    takes_reply,
)
from storage.messages import add_whisper
from storage.preferences import read_preferences
from storage.requests import (
    Arrival,
    Fresh,
    Started,
    deliver,
    start_take,
)
from storage.revisions import is_in_doubt, revise
from storage.rows import request_from
from storage.selecting import selected
from storage.shots import shot_by_thread

Answer = Started | Merged | Asked | CalledOff | Ignored


def take_reply(db: Transaction, reply: Reply, fresh: Fresh, *, reach: Reach) -> Answer:
    """What a reply comes to. Never raises for what it says: its author is told in the thread."""
    shot = shot_by_thread(db, reply.team_id, reply.channel, reply.thread_ts)
    if shot is None:
        return hold_reply(db, reply)
    if deliver(db, reply.delivery_key, reply.team_id, reply.at, None) is not None:
        return Ignored(Why.DELIVERED_BEFORE)
    if (off := call_off(db, reply, shot)) is not None:
        return off
    base = _latest(db, shot)
    if not takes_reply(base.work, reply):
        return Ignored(Why.TAKES_NO_REPLIES)
    execution = execution_of(db, base.id)
    is_open = execution is not None and _is_open(base, execution, reply)
    open_now = execution if is_open else None
    place = _Place(shot, base, replace(fresh, shot_id=shot.id), open_now)
    try:
        return _act(db, reply, _read(db, reply, place, reach), place, reach)
    except RequestError as refused:
        _whisper(db, reply, {"sentence": refused.sentence, "suggestion": refused.suggestion})
        return Ignored(Why.REFUSED)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reply stands. `open_now`: the execution of `base`, where its author may still change
    it by saying more."""

    shot: Shot
    base: Request
    fresh: Fresh
    open_now: Execution | None


def _read(db: Transaction, reply: Reply, place: _Place, reach: Reach) -> Reading:
    """What it says about the newest take, or adds to it. Raises `RequestError`."""
    base, shot = place.base, place.shot
    parent = parent_of(db, base) if place.open_now is not None else None
    if parent is None or parent.work.kind is not base.work.kind:
        reading = read_in_place(db, reply, base, shot)
    else:
        reading = read_in_place(db, reply, parent, shot, so_far=base.work)
    return or_apart(db, reading, (reply.team_id, reply.channel), reach, now=reply.at)


def _act(
    db: Transaction,
    reply: Reply,
    reading: Reading,
    place: _Place,
    reach: Reach,
) -> Answer:
    match reading:
        case Chatter():
            return Ignored(Why.CHATTER)
        case Unclear():
            return _ask(db, reply, reading, place, reach)
        case Instruction():
            if place.open_now is not None:
                return _merge(db, reply, reading, place, place.open_now, reach)
            return _start(db, reply, reading, place, reach)
        case _:
            assert_never(reading)


def _is_open(base: Request, execution: Execution, reply: Reply) -> bool:
    """Whether this author's own take may still be changed by a further reply."""
    return (
        base.source is Source.REPLY
        and base.requester == reply.author
        and execution.state in UNPAID
        and reply.at < base.undo_until
        and not execution.cancelling
    )


def _start(
    db: Transaction,
    reply: Reply,
    reading: Instruction,
    place: _Place,
    reach: Reach,
) -> Started:
    arrival = Arrival(
        delivery_key=reply.delivery_key,
        team_id=reply.team_id,
        channel=reply.channel,
        requester=reply.author,
        source=Source.REPLY,
        work=reading.work,
        at=reply.at,
        changed=reading.changed,
    )
    started = start_take(db, arrival, place.fresh, parent_id=place.base.id, reach=reach)
    keep_instruction(db, reply, started.request_id)
    return started


def _merge(
    db: Transaction,
    reply: Reply,
    reading: Instruction,
    place: _Place,
    execution: Execution,
    reach: Reach,
) -> Merged:
    base = place.base
    preferences = read_preferences(db, base.team_id, base.channel)
    merged = base.model_copy(
        update={
            "work": reading.work,
            "changed": (*base.changed, *reading.changed),
            "undo_until": _undo_until(base, reply.at, preferences),
            "confirmed": not is_in_doubt(execution, preferences),
        }
    )
    revise(db, merged, execution, reach=reach, now=reply.at)
    keep_instruction(db, reply, base.id)
    return Merged(base.id)


def _undo_until(base: Request, at: float, preferences: Preferences) -> float:
    """The window starts again with every reply, but does not go on for ever."""
    last = base.created_at + preferences.undo_reply_max_s
    return max(base.undo_until, min(last, at + preferences.undo_reply_s))


def _ask(
    db: Transaction,
    reply: Reply,
    reading: Unclear,
    place: _Place,
    reach: Reach,
) -> Asked | Ignored:
    """Only the shot's requester is asked; for others something unclear is chatter."""
    asked = {place.shot.requester}
    if isinstance(place.base.work, Agent):
        asked.add(place.base.requester)  # the agent's question is for whoever began its take
    if reply.author not in asked and not reply.mentions_bot:
        return Ignored(Why.NOT_THE_REQUESTER)
    here = (reply.team_id, reply.channel)
    price = selected(db, reading.work, here, reach, now=reply.at).estimate
    draft = Draft(
        id=place.fresh.request_id,
        team_id=reply.team_id,
        channel=reply.channel,
        shot_id=place.shot.id,
        parent_id=place.base.id,
        author=reply.author,
        work=reading.work,
        changed=reading.changed,
        created_at=reply.at,
        estimate_micro_usd=price.micro_usd,
        is_ceiling=price.is_ceiling,
    )
    keep_draft(db, draft)
    _whisper(db, reply, {"draft": draft.id})
    return Asked(draft.id)


def _whisper(db: Transaction, reply: Reply, payload: dict[str, str | None]) -> None:
    add_whisper(
        db,
        (reply.delivery_key, 0),
        (reply.team_id, reply.channel),
        at=reply.at,
        payload={"user": reply.author, "thread_ts": reply.thread_ts, **payload},
    )


def _latest(db: Transaction, shot: Shot) -> Request:
    row = db.execute(
        "SELECT * FROM request WHERE shot_id = :shot ORDER BY take DESC LIMIT 1",
        {"shot": shot.id},
    ).one()
    assert row is not None
    return request_from(row)
