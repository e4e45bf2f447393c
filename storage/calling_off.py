"""A reply that calls off what is being made does what the Cancel button does, for whoever may."""

from __future__ import annotations

from collections.abc import Sequence

from domain.calling_off import CallOff, called_off
from domain.execution import Moment
from domain.ports import Transaction
from domain.shot import Shot, Take
from storage.cancels import open_requests
from storage.instructions import CalledOff, Ignored, Reply, Why
from storage.messages import add_whisper
from storage.recording import request_cancel
from storage.shots import read_take

NOT_YOURS = "Only who asked for it, or an admin, can cancel what is being made here. It goes on."
NOTHING_OPEN = "There is nothing in this thread that can be cancelled now."


def call_off(db: Transaction, reply: Reply, shot: Shot) -> CalledOff | Ignored | None:
    """Cancel what the reply calls off; None where it says anything else, or may be said to
    somebody. Never raises: its author is told in the thread."""
    off = called_off(reply.words)
    if off is None or reply.files or reply.image is not None:
        return None
    takes = [read_take(db, request_id) for request_id in open_requests(db, shot.id)]
    takes = [take for take in takes if not take.execution.cancelling]
    theirs = _theirs(reply, shot, takes, is_plain=off.is_plain)
    meant = _meant(off, theirs)
    if meant:
        for take in meant:
            request_cancel(db, take.request.id, Moment(now=reply.at))
        return CalledOff(tuple(take.request.id for take in meant))
    if not off.is_plain:
        return None
    _tell(db, reply, NOT_YOURS if takes and not theirs else NOTHING_OPEN)
    return Ignored(Why.NOTHING_OPEN)


def _theirs(reply: Reply, shot: Shot, takes: Sequence[Take], *, is_plain: bool) -> Sequence[Take]:
    """What they asked for themselves; where that is nothing, what else they may cancel, if they
    plainly say so."""
    own = [take for take in takes if take.request.requester == reply.author]
    may_all = is_plain and (reply.by_admin or reply.author == shot.requester)
    return own or (takes if may_all else ())


def _meant(off: CallOff, takes: Sequence[Take]) -> Sequence[Take]:
    """All, the one with its number, or the newest."""
    if off.every:
        return takes
    if off.take is not None:
        return [take for take in takes if take.request.take == off.take]
    return takes[:1]


def _tell(db: Transaction, reply: Reply, sentence: str) -> None:
    add_whisper(
        db,
        (reply.delivery_key, 0),
        (reply.team_id, reply.channel),
        at=reply.at,
        payload={"user": reply.author, "sentence": sentence, "thread_ts": reply.thread_ts},
    )
