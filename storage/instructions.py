"""Replies as they are delivered, what they may come to, and the instructions kept of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.attached import with_files
from domain.conversation import read_turn
from domain.ports import Transaction
from domain.reply import NEW_IMAGE, Chatter, Instruction, Reading, Unclear, read_reply
from domain.reply import Reply as Said
from domain.request import Clip, Request, Work
from domain.shape import Image, Media
from domain.shot import Shot
from domain.spoken import Agent, Avatar, Template, Translation
from storage.conversations import turn_of

_FILES: TypeAdapter[tuple[Media, ...]] = TypeAdapter(tuple[Media, ...])


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
    by_admin: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """It joined a take whose undo window was still open."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """It was unclear: its author is shown a button with the price."""

    draft_id: str


@dataclass(frozen=True, slots=True)
class CalledOff:
    """It cancelled these."""

    request_ids: tuple[str, ...]


class Why(StrEnum):
    """Why nothing comes of a reply, or of an edit of one."""

    NOT_OURS = "not our thread"
    HELD = "held until its card is known"
    DELIVERED_BEFORE = "delivered before"
    TAKES_NO_REPLIES = "a kind of video that replies do not change"
    CHATTER = "chatter"
    NOT_THE_REQUESTER = "unclear, not by the requester"
    REFUSED = "refused"
    NOTHING_OPEN = "nothing of theirs to call off"
    NO_INSTRUCTION = "not an instruction"
    BEGUN = "its take has begun"


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing comes of it now."""

    why: Why


def takes_reply(work: Work, reply: Reply) -> bool:
    """Whether a reply to a take of this kind can make the next one: words change a clip or an
    agent's video, and files any."""
    return isinstance(work, Clip | Agent) or bool(reply.files)


def read_in_place(
    db: Transaction, reply: Reply, base: Request, shot: Shot, *, so_far: Work | None = None
) -> Reading:
    """What a reply says about the take `base`; `so_far`: what an open take after it asks for
    already, to which the reply is added. Raises `RequestError` for a value that cannot be, and for
    a file that has no place in it."""
    by_requester = reply.author == shot.requester
    match so_far or base.work:
        case Clip() as parent:
            return _read_about_clip(reply, parent, by_requester=by_requester)
        case Agent():
            assert so_far is None or isinstance(so_far, Agent)
            by_either = by_requester or reply.author == base.requester
            said = Said(reply.words, by_either, reply.image is not None, reply.mentions_bot)
            return read_turn(said, turn_of(db, base, so_far), reply.files)
        case parent:
            return _read_files(reply, parent, by_requester=by_requester)


def _read_about_clip(reply: Reply, parent: Clip, *, by_requester: bool) -> Reading:
    if reply.files and reply.image is None and reply.mentions_bot:
        with_files(parent, reply.files)
    reading = read_reply(
        reply.words,
        parent=parent,
        by_requester=by_requester,
        has_image=reply.image is not None,
        mentions_bot=reply.mentions_bot,
    )
    if reply.image is None or isinstance(reading, Chatter):
        return reading
    work = reading.work.model_copy(update={"reference_image": reply.image})
    changed = reading.changed or (NEW_IMAGE,)
    return replace(reading, work=work, changed=changed)


def _read_files(
    reply: Reply, parent: Avatar | Translation | Template, *, by_requester: bool
) -> Reading:
    """Where somebody speaks, what counts in a thread is a file. It is meant where it mentions us;
    posted by the requester without a word to us it is shown with its price first."""
    if not reply.files or not (reply.mentions_bot or by_requester):
        return Chatter()
    work, changed = with_files(parent, reply.files)
    if reply.mentions_bot:
        return Instruction(work, changed, sure=True, why="a file and a mention")
    return Unclear(work, changed, "not clear whether this file is for the next take")


def keep_instruction(db: Transaction, reply: Reply, request_id: str) -> None:
    """Keep what a reply said, as part of a take; a reply that was edited replaces itself."""
    db.execute(
        "INSERT INTO instruction (team_id, channel, ts, request_id, author, words, image, files)"
        " VALUES (:team, :channel, :ts, :request, :author, :words, :image, :files)"
        " ON CONFLICT (team_id, channel, ts)"
        " DO UPDATE SET words = :words, image = :image, files = :files",
        {
            "team": reply.team_id,
            "channel": reply.channel,
            "ts": reply.ts,
            "request": request_id,
            "author": reply.author,
            "words": reply.words,
            "image": reply.image.model_dump_json() if reply.image else None,
            "files": _FILES.dump_json(reply.files, exclude_none=True).decode(),
        },
    )


def said_in(db: Transaction, request_id: str, newest: Reply) -> Sequence[Reply]:
    """The replies that a take was made of, in their order, each as it was last written. `newest`:
    the one of them that was delivered just now."""
    rows = db.execute(
        "SELECT * FROM instruction WHERE request_id = :request ORDER BY ts",
        {"request": request_id},
    ).all()
    return [newest if row["ts"] == newest.ts else _kept(row, newest) for row in rows]


def _kept(row: Mapping[str, Any], like: Reply) -> Reply:
    said = {
        "ts": row["ts"],
        "author": row["author"],
        "words": row["words"],
        "image": Image.model_validate_json(row["image"]) if row["image"] else None,
        "files": _FILES.validate_json(row["files"]),
    }
    return like.model_copy(update=said)
