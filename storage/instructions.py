"""Replies as they are delivered, what they may come to, and the instructions kept of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeGuard

from pydantic import BaseModel, ConfigDict

from domain.conversation import read_turn
from domain.ports import Transaction
from domain.reply import NEW_IMAGE, Chatter, Reading, read_reply
from domain.reply import Reply as Said
from domain.request import Clip, Request, Work
from domain.shape import Image
from domain.shot import Shot
from domain.spoken import Agent
from storage.conversations import turn_of


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


class Why(StrEnum):
    """Why nothing comes of a reply, or of an edit of one."""

    NOT_OURS = "not our thread"
    HELD = "held until its card is known"
    DELIVERED_BEFORE = "delivered before"
    TAKES_NO_REPLIES = "a kind of video that replies do not change"
    CHATTER = "chatter"
    NOT_THE_REQUESTER = "unclear, not by the requester"
    REFUSED = "refused"
    NO_INSTRUCTION = "not an instruction"
    BEGUN = "its take has begun"


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing comes of it now."""

    why: Why


def takes_replies(work: Work) -> TypeGuard[Clip | Agent]:
    """Whether a reply to a take of this kind can make the next one."""
    return isinstance(work, Clip | Agent)


def read_in_place(
    db: Transaction, reply: Reply, base: Request, shot: Shot, *, so_far: Work | None = None
) -> Reading:
    """What a reply says about the take `base`; `so_far`: what an open take after it asks for
    already, to which the reply is added. Raises `RequestError` for a value that cannot be."""
    if isinstance(base.work, Agent):
        assert so_far is None or isinstance(so_far, Agent)
        by_requester = reply.author in (shot.requester, base.requester)
        said = Said(reply.words, by_requester, reply.image is not None, reply.mentions_bot)
        return read_turn(said, turn_of(db, base, so_far), reply.image)
    parent = so_far or base.work
    assert isinstance(parent, Clip)
    return _read_about_clip(reply, parent, shot)


def _read_about_clip(reply: Reply, parent: Clip, shot: Shot) -> Reading:
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
    changed = reading.changed or (NEW_IMAGE,)
    return replace(reading, work=work, changed=changed)


def keep_instruction(db: Transaction, reply: Reply, request_id: str) -> None:
    """Keep what a reply said, as part of a take; a reply that was edited replaces itself."""
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
