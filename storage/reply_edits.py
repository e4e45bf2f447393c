"""A reply that was edited or deleted: its take changes or ends while it can still be changed.

What an edit asks for is doubted as a reply is: something unclear waits for a yes, and what cannot
be made changes nothing, but neither do the old words go on as if nobody had touched them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from domain.calling_off import called_off
from domain.errors import RequestError
from domain.execution import UNPAID, Execution, Moment
from domain.ports import Transaction
from domain.reply import Chatter, Instruction, Reading, Unclear
from domain.request import Request, Work
from domain.shot import Shot
from domain.standing import Reach
from storage.conversations import parent_of
from storage.executions import execution_of
from storage.held_replies import hold_reply, take_back_held
from storage.instructions import (
    Ignored,
    Merged,
    Reply,
    Why,
    keep_instruction,
    read_in_place,
    said_in,
)
from storage.messages import add_whisper
from storage.preferences import read_preferences
from storage.recording import request_cancel
from storage.revisions import hold_back, revise
from storage.rows import request_from
from storage.shots import shot_by_thread

_WAITS = "The take waits: edit your reply again, or press Render on it to make it as it was."


def edit_reply(db: Transaction, reply: Reply, *, reach: Reach) -> Merged | Ignored:
    """A reply was edited, or deleted (no words, no image): its open take changes or ends. Never
    raises for what it says: its author is told in the thread."""
    is_empty = not reply.words or called_off(reply.words) is not None
    is_gone = is_empty and reply.image is None and not reply.files
    request = _request_of(db, reply)
    if request is None:
        if take_back_held(db, reply.delivery_key) and not is_gone:
            return hold_reply(db, reply)
        return Ignored(Why.NO_INSTRUCTION)
    execution = execution_of(db, request.id)
    if execution is None or not _can_change(request, execution, reply.at):
        return Ignored(Why.BEGUN)
    if is_gone:
        _forget_instruction(db, reply)
    else:
        keep_instruction(db, reply, request.id)
    try:
        _refold(db, request, execution, reply, reach)
    except RequestError as refused:
        sentence = f"{refused.sentence} {_WAITS}"
        hold_back(db, request, execution, sentence=sentence, now=reply.at)
        _whisper(db, reply, sentence, refused.suggestion)
    return Merged(request.id)


def _request_of(db: Transaction, reply: Reply) -> Request | None:
    row = db.execute(
        "SELECT request.* FROM instruction JOIN request ON request.id = instruction.request_id"
        " WHERE instruction.team_id = :team AND instruction.channel = :channel"
        " AND instruction.ts = :ts",
        {"team": reply.team_id, "channel": reply.channel, "ts": reply.ts},
    ).one()
    return request_from(row) if row else None


def _can_change(request: Request, execution: Execution, at: float) -> bool:
    """Inside the undo window, and for as long as it waits for a yes."""
    if execution.state not in UNPAID or execution.cancelling:
        return False
    return at < request.undo_until or not execution.confirmed


def _forget_instruction(db: Transaction, reply: Reply) -> None:
    db.execute(
        "DELETE FROM instruction WHERE team_id = :team AND channel = :channel AND ts = :ts",
        {"team": reply.team_id, "channel": reply.channel, "ts": reply.ts},
    )


def _refold(
    db: Transaction,
    request: Request,
    execution: Execution,
    reply: Reply,
    reach: Reach,
) -> None:
    """The take again from its parent and the replies that are left; cancelled where none is.

    Raises `RequestError` for what cannot be made.
    """
    folded = _fold(db, request, reply)
    if not folded.changed:
        request_cancel(db, request.id, Moment(now=reply.at))
        return
    preferences = read_preferences(db, request.team_id, request.channel)
    is_over = reply.at >= request.undo_until
    undo_until = reply.at + preferences.undo_reply_s if is_over else request.undo_until
    again = request.model_copy(
        update={
            "work": folded.work,
            "changed": folded.changed,
            "confirmed": not folded.is_unclear,
            "undo_until": undo_until,
        }
    )
    revise(db, again, execution, reach=reach, now=reply.at)


@dataclass(frozen=True, slots=True)
class _Folded:
    """What the replies of a take ask for together; if one is unclear, all of it is."""

    work: Work
    changed: tuple[str, ...]
    is_unclear: bool


def _fold(db: Transaction, request: Request, edited: Reply) -> _Folded:
    shot = shot_by_thread(db, edited.team_id, edited.channel, edited.thread_ts)
    parent = parent_of(db, request) or request
    assert shot is not None
    folded = _Folded(parent.work, (), False)
    for said in said_in(db, request.id, edited):
        so_far = folded.work if folded.changed else None
        reading = _read(db, said, edited, _Place(shot, parent, so_far))
        if not isinstance(reading, Chatter):
            changed = (*folded.changed, *reading.changed)
            doubt = folded.is_unclear or isinstance(reading, Unclear)
            folded = _Folded(reading.work, changed, doubt)
    return folded


@dataclass(frozen=True, slots=True)
class _Place:
    """What a reply of a take was said about, and what those before it asked for already."""

    shot: Shot
    parent: Request
    so_far: Work | None


def _read(db: Transaction, said: Reply, edited: Reply, place: _Place) -> Reading:
    """What one of the replies asks for. The others were instructions when they came, with or
    without our name in them."""
    read = partial(read_in_place, db, base=place.parent, shot=place.shot, so_far=place.so_far)
    if said.ts == edited.ts:
        return read(edited)
    plainly = read(said.model_copy(update={"mentions_bot": False}))
    if isinstance(plainly, Instruction):
        return plainly
    return read(said.model_copy(update={"mentions_bot": True}))


def _whisper(db: Transaction, reply: Reply, sentence: str, suggestion: str | None) -> None:
    """Once for each wording, however often Slack delivers it."""
    wording = sha256(reply.words.encode()).hexdigest()[:16]
    add_whisper(
        db,
        (f"edited:{reply.delivery_key}:{wording}", 0),
        (reply.team_id, reply.channel),
        at=reply.at,
        payload={
            "user": reply.author,
            "thread_ts": reply.thread_ts,
            "sentence": sentence,
            "suggestion": suggestion,
        },
    )
