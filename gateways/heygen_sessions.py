"""HeyGen's agent sessions in and out: pure functions between our words and its bytes.

Wire: heygen-cli `gen/video-agent.go`. v3 has no field for the length of a video, so it leads the
prompt, as HeyGen's own guide for prompts puts it; a session's title is made from its prompt.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Literal

from domain.errors import Failure
from domain.gateway import Accepted, Intent
from domain.spoken import AGENT_PROMPT_MAX_CHARS, Agent
from gateways.classify import Answer
from gateways.heygen_failures import Stated, failure_of
from gateways.heygen_legacy import ORIENTATIONS
from gateways.heygen_links import AssetInput, Request, asset_input
from gateways.heygen_progress import Render
from gateways.heygen_videos import callback
from gateways.lenient import Lenient, Maybe, read_json
from gateways.redact import detail

TAG_HEX_CHARS = 16
_TAG = re.compile(r"\bdl-[0-9a-f]{16}\b")


class _Session(Request):
    prompt: str
    mode: Literal["generate", "chat"]
    avatar_id: str | None = None
    voice_id: str | None = None
    style_id: str | None = None
    orientation: Literal["landscape", "portrait"] | None = None
    files: list[AssetInput] | None = None
    callback_url: str | None = None
    callback_id: str | None = None
    # One account has one memory: a person's prompts must not flow into another's video.
    incognito_mode: Literal[True] = True


class _Message(Request):
    message: str
    avatar_id: str | None = None
    voice_id: str | None = None
    files: list[AssetInput] | None = None


class _AcceptedSession(Lenient):
    session_id: Maybe[str] = None
    run_id: Maybe[str] = None
    video_id: Maybe[str] = None


class _AcceptedBody(Lenient):
    data: Maybe[_AcceptedSession] = None


class Message(Lenient):
    """One message of a session, by the user or the model."""

    role: Maybe[str] = None
    type: Maybe[str] = None
    content: Maybe[str] = None


class Session(Lenient):
    """A session as a check shows it; its messages are newest first."""

    session_id: Maybe[str] = None
    status: Maybe[str] = None
    progress: Maybe[float] = None
    title: Maybe[str] = None
    video_id: Maybe[str] = None
    created_at: Maybe[float] = None
    messages: Maybe[list[Message]] = None

    @property
    def word(self) -> str:
        """The status without case and spaces."""
        return (self.status or "").strip().lower()

    @property
    def fraction(self) -> float | None:
        """The share that is behind it, 0 to 1."""
        return None if self.progress is None else min(1.0, max(0.0, self.progress / 100))

    @property
    def is_unanswered(self) -> bool:
        """Whether the newest message is a person's: its status may still be of what was before."""
        newest = next(iter(self.messages or ()), None)
        return newest is not None and newest.role == "user"

    def says(self, tag: str) -> bool:
        """Whether a person's message in it carries the tag."""
        return any(
            message.role != "model" and tag in (message.content or "")
            for message in self.messages or ()
        )


class _SessionBody(Lenient):
    data: Maybe[Session] = None


class _ListBody(Lenient):
    data: Maybe[list[Session]] = None


class _VideosBody(Lenient):
    data: Maybe[list[Render]] = None


def encode_session(intent: Intent) -> bytes:
    """The body of a new session."""
    work = _work(intent)
    length = f"Make a {work.duration_s}-second video. " if work.duration_s else ""
    return _Session(
        prompt=_tagged(length + work.prompt, intent.key),
        mode=mode_of(intent),
        avatar_id=work.avatar,
        voice_id=work.voice,
        style_id=work.style,
        orientation=ORIENTATIONS.get(work.aspect_ratio),
        files=_files(intent),
        **callback(intent),
    ).encoded()


def encode_message(intent: Intent) -> bytes:
    """The body of the next message of a conversation."""
    work = _work(intent)
    return _Message(
        message=_tagged(work.prompt, intent.key),
        avatar_id=work.avatar,
        voice_id=work.voice,
        files=_files(intent),
    ).encoded()


def mode_of(intent: Intent) -> Literal["generate", "chat"]:
    """Whether the agent may ask and be told more."""
    return "chat" if _work(intent).chat else "generate"


def tag_of(key: str) -> str:
    """The word by which a session of this submit is found again; it says nothing of anybody."""
    return f"dl-{sha256(key.encode()).hexdigest()[:TAG_HEX_CHARS]}"


def has_tag(text: str) -> bool:
    """Whether a submit of ours is named in it."""
    return _TAG.search(text) is not None


def decode_accepted(answer: Answer) -> Accepted | None:
    """The session, or the run that a message began in it; its video is often not named yet."""
    body = read_json(_AcceptedBody, answer.body)
    said = body.data if body else None
    if said is None or said.session_id is None:
        return None
    handle = {"session_id": said.session_id}
    if said.video_id is not None and said.run_id is None:
        handle["video_id"] = said.video_id
    return Accepted(said.run_id or said.session_id, handle)


def decode_session(answer: Answer) -> Session | None:
    """A session in an answer; None where there is none."""
    body = read_json(_SessionBody, answer.body)
    session = body.data if body else None
    return session if session is not None and session.status is not None else None


def decode_list(answer: Answer) -> list[Session]:
    """A list of sessions, newest first."""
    body = read_json(_ListBody, answer.body)
    return list(body.data or ()) if body else []


def decode_videos(answer: Answer) -> list[Render]:
    """The videos of a session, newest first."""
    body = read_json(_VideosBody, answer.body)
    return list(body.data or ()) if body else []


def failure_of_session(session: Session, secrets: tuple[str, ...]) -> Failure:
    """Why a session failed: its last message that is an error; often it says nothing
    (heygen-cli#321)."""
    errors = (message for message in session.messages or () if message.type == "error")
    said = next((message.content for message in errors if message.content), None)
    return failure_of(Stated(message=said), secrets=secrets)


def last_words(session: Session, secrets: tuple[str, ...]) -> str:
    """What the agent said last."""
    said = (message.content for message in session.messages or () if message.role == "model")
    return detail(next((words for words in said if words), ""), secrets)


def _tagged(prompt: str, key: str) -> str:
    """The prompt and the tag by which it is found again, where there is room for it."""
    note = f"\n\n(Filed as {tag_of(key)}: a reference of ours, not for the video.)"
    return prompt + note if len(prompt) + len(note) <= AGENT_PROMPT_MAX_CHARS else prompt


def _files(intent: Intent) -> list[AssetInput] | None:
    return [asset_input(intent.links[place]) for place in _work(intent).media] or None


def _work(intent: Intent) -> Agent:
    assert isinstance(intent.work, Agent)
    return intent.work
