"""Thread replies: one becomes a take, joins one that is still open, asks, or is left alone.

Chatter is never paid for. What one person says within the undo window is one take; editing or
deleting a reply in the window changes or cancels it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from domain.reply import Chatter, Instruction, Reading, Unclear, read_reply
from pydantic import BaseModel, ConfigDict

from domain.catalog import GatewayName
from domain.errors import RequestError
from domain.execution import UNPAID, Execution, Moment
from domain.ports import Transaction
from domain.preferences import Preferences
from domain.request import Clip, Image, Request, Source, Work
from domain.selector import select
from domain.shot import Shot
from storage.drafts import Draft, keep_draft
from storage.executions import execution_of, request_cancel
from storage.messages import add_whisper
from storage.preferences import read_preferences
from storage.requests import (
    Arrival,
    Fresh,
    Started,
    deliver,
    revise,
    standing,
    start_take,
)
from storage.rows import request_from
from storage.shots import shot_by_thread

HELD_S = 30.0  # a reply may come before the card's `ts` is written down


class Reply(BaseModel):
    """One reply in a thread, as Slack delivered it. `ts` is its own."""

    model_config = ConfigDict(frozen=True)

    delivery_key: str
    team_id: str
    channel: str
    thread_ts: str
    ts: str
    author: str
    words: str
    image: Image | None
    mentions_bot: bool
    at: float


@dataclass(frozen=True, slots=True)
class Merged:
    """It joined a take whose undo window was still open."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """It was unclear: its author is shown a button with the price."""

    draft_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """It is not for us."""

    why: str


Answer = Started | Merged | Asked | Ignored


def take_reply(
    db: Transaction, reply: Reply, fresh: Fresh, *, gateways: frozenset[GatewayName]
) -> Answer:
    """What a reply comes to. Never raises for what it says: its author is told in the thread."""
    shot = shot_by_thread(db, reply.team_id, reply.channel, reply.thread_ts)
    if shot is None:
        return _hold(db, reply)
    if deliver(db, reply.delivery_key, reply.team_id, reply.at, None) is not None:
        return Ignored("delivered before")
    base = _latest(db, shot)
    if not isinstance(base.work, Clip):
        return Ignored("not a clip")
    reading = _read(reply, base.work, shot)
    try:
        return _act(
            db, reply, reading, _Place(shot, base, replace(fresh, shot_id=shot.id)), gateways
        )
    except RequestError as refused:
        _whisper(db, reply, {"sentence": refused.sentence, "suggestion": refused.suggestion})
        return Ignored("refused")


@dataclass(frozen=True, slots=True)
class _Place:
    shot: Shot
    base: Request
    fresh: Fresh


def _read(reply: Reply, parent: Clip, shot: Shot) -> Reading:
    reading = read_reply(
        reply.words,
        parent=parent,
        by_requester=reply.author == shot.requester,
        has_image=reply.image is not None,
        mentions_bot=reply.mentions_bot,
    )
    if reply.image is None or isinstance(reading, Chatter):
        return reading
    work = reading.work.model_copy(update={"reference_image": reply.image})
    return replace(reading, work=work, changed=(*reading.changed, "your image"))


def _act(
    db: Transaction,
    reply: Reply,
    reading: Reading,
    place: _Place,
    gateways: frozenset[GatewayName],
) -> Answer:
    match reading:
        case Chatter():
            return Ignored("chatter")
        case Unclear():
            return _ask(db, reply, reading, place, gateways)
        case Instruction():
            execution = execution_of(db, place.base.id)
            if execution is not None and _is_open(place.base, execution, reply):
                return _merge(db, reply, reading, place, execution, gateways)
            return _start(db, reply, reading, place, gateways)
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
    gateways: frozenset[GatewayName],
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
    started = start_take(db, arrival, place.fresh, parent_id=place.base.id, gateways=gateways)
    _keep_instruction(db, reply, started.request_id)
    return started


def _merge(
    db: Transaction,
    reply: Reply,
    reading: Instruction,
    place: _Place,
    execution: Execution,
    gateways: frozenset[GatewayName],
) -> Merged:
    base = place.base
    preferences = read_preferences(db, base.team_id, base.channel)
    merged = base.model_copy(
        update={
            "work": reading.work,
            "changed": (*base.changed, *reading.changed),
            "undo_until": _undo_until(base, reply.at, preferences),
        }
    )
    _keep_instruction(db, reply, base.id)
    revise(db, merged, execution, gateways=gateways, now=reply.at)
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
    gateways: frozenset[GatewayName],
) -> Asked | Ignored:
    """Only the shot's requester is asked; for others something unclear is chatter."""
    if reply.author != place.shot.requester and not reply.mentions_bot:
        return Ignored("unclear, not by the requester")
    preferences = read_preferences(db, reply.team_id, reply.channel)
    price = select(reading.work, standing(db, gateways), preferences).estimate
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


def _hold(db: Transaction, reply: Reply) -> Ignored:
    """Not a thread of ours, or one whose card is being posted right now: then look again."""
    being_posted = db.execute(
        "SELECT 1 AS yes FROM outbox WHERE team_id = :team AND channel = :channel"
        " AND kind = 'post_card' AND state IN ('sending', 'unknown') LIMIT 1",
        {"team": reply.team_id, "channel": reply.channel},
    ).one()
    if being_posted is None:
        return Ignored("not our thread")
    db.execute(
        "INSERT INTO held_reply (key, team_id, channel, thread_ts, reply, held_at)"
        " VALUES (:key, :team, :channel, :thread, :reply, :at) ON CONFLICT (key) DO NOTHING",
        {
            "key": reply.delivery_key,
            "team": reply.team_id,
            "channel": reply.channel,
            "thread": reply.thread_ts,
            "reply": reply.model_dump_json(),
            "at": reply.at,
        },
    )
    return Ignored("held until its card is known")


def release_held(
    db: Transaction, team_id: str, channel: str, thread_ts: str, *, now: float
) -> Sequence[Reply]:
    """The replies that waited for this thread; those that waited too long are forgotten."""
    db.execute("DELETE FROM held_reply WHERE held_at < :old", {"old": now - HELD_S})
    rows = db.execute(
        "DELETE FROM held_reply WHERE team_id = :team AND channel = :channel"
        " AND thread_ts = :thread RETURNING reply",
        {"team": team_id, "channel": channel, "thread": thread_ts},
    ).all()
    return [Reply.model_validate_json(row["reply"]) for row in rows]


def edit_reply(
    db: Transaction, reply: Reply, *, gateways: frozenset[GatewayName]
) -> Merged | Ignored:
    """A reply was edited, or deleted (no words, no image): its open take changes or ends."""
    row = db.execute(
        "SELECT request.* FROM instruction JOIN request ON request.id = instruction.request_id"
        " WHERE instruction.team_id = :team AND instruction.channel = :channel"
        " AND instruction.ts = :ts",
        {"team": reply.team_id, "channel": reply.channel, "ts": reply.ts},
    ).one()
    if row is None:
        return Ignored("not an instruction")
    request = request_from(row)
    execution = execution_of(db, request.id)
    if execution is None or execution.state not in UNPAID or reply.at >= request.undo_until:
        return Ignored("its take has begun")
    if reply.words or reply.image:
        _keep_instruction(db, reply, request.id)
    else:
        db.execute(
            "DELETE FROM instruction WHERE team_id = :team AND channel = :channel AND ts = :ts",
            {"team": reply.team_id, "channel": reply.channel, "ts": reply.ts},
        )
    return _refold(db, request, execution, reply, gateways)


def _refold(
    db: Transaction,
    request: Request,
    execution: Execution,
    reply: Reply,
    gateways: frozenset[GatewayName],
) -> Merged:
    """The take again from its parent and the replies that are left; cancelled where none is."""
    shot = shot_by_thread(db, reply.team_id, reply.channel, reply.thread_ts)
    parent = _request(db, request.parent_id)
    rows = db.execute(
        "SELECT words, image FROM instruction WHERE request_id = :request ORDER BY ts",
        {"request": request.id},
    ).all()
    work: Work = parent.work if parent else request.work
    changed: tuple[str, ...] = ()
    for row in rows:
        assert isinstance(work, Clip)
        assert shot is not None
        image = Image.model_validate_json(row["image"]) if row["image"] else None
        reading = _read(
            reply.model_copy(update={"words": row["words"], "image": image}), work, shot
        )
        if not isinstance(reading, Chatter):
            work, changed = reading.work, (*changed, *reading.changed)
    if not changed:
        request_cancel(db, request.id, Moment(now=reply.at))
        return Merged(request.id)
    again = request.model_copy(update={"work": work, "changed": changed})
    try:
        revise(db, again, execution, gateways=gateways, now=reply.at)
    except RequestError:
        request_cancel(db, request.id, Moment(now=reply.at))
    return Merged(request.id)


def _keep_instruction(db: Transaction, reply: Reply, request_id: str) -> None:
    db.execute(
        "INSERT INTO instruction (team_id, channel, ts, request_id, author, words, image)"
        " VALUES (:team, :channel, :ts, :request, :author, :words, :image)"
        " ON CONFLICT (team_id, channel, ts) DO UPDATE SET words = :words, image = :image",
        {
            "team": reply.team_id,
            "channel": reply.channel,
            "ts": reply.ts,
            "request": request_id,
            "author": reply.author,
            "words": reply.words,
            "image": reply.image.model_dump_json() if reply.image else None,
        },
    )


def _latest(db: Transaction, shot: Shot) -> Request:
    row = db.execute(
        "SELECT * FROM request WHERE shot_id = :shot ORDER BY take DESC LIMIT 1",
        {"shot": shot.id},
    ).one()
    assert row is not None
    return request_from(row)


def _request(db: Transaction, request_id: str | None) -> Request | None:
    row = db.execute("SELECT * FROM request WHERE id = :id", {"id": request_id}).one()
    return request_from(row) if row else None
