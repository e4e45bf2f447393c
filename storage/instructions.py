"""Replies as they are delivered, what they may come to, and the instructions kept of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.attached import with_files
from domain.ports import Transaction
from domain.reply import NEW_IMAGE, Chatter, Instruction, Reading, Unclear, read_reply
from domain.request import Clip, Work
from domain.shape import Image, Media
from domain.shot import Shot


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
    files: tuple[Media, ...] = ()


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
    NOT_A_CLIP = "not a clip"
    CHATTER = "chatter"
    NOT_THE_REQUESTER = "unclear, not by the requester"
    REFUSED = "refused"
    NO_INSTRUCTION = "not an instruction"
    BEGUN = "its take has begun"


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing comes of it now."""

    why: Why


def read_in_place(reply: Reply, parent: Work, shot: Shot) -> Reading:
    """What a reply says about the take before it. Raises `RequestError` for a value that cannot
    be, and for a file that has no place in it."""
    if not isinstance(parent, Clip):
        return _read_files(reply, parent, by_requester=reply.author == shot.requester)
    if reply.files and reply.image is None and reply.mentions_bot:
        with_files(parent, reply.files, reply.words)
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


def _read_files(reply: Reply, parent: Work, *, by_requester: bool) -> Reading:
    """Where somebody speaks, what counts in a thread is a file. It is meant where it mentions us;
    posted by the requester without a word to us it is shown with its price first."""
    if not reply.files or not (reply.mentions_bot or by_requester):
        return Chatter()
    work, changed = with_files(parent, reply.files, reply.words)
    if reply.mentions_bot:
        return Instruction(work, changed, sure=True, why="a file and a mention")
    return Unclear(work, changed, "not clear whether this file is for the next take")


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
