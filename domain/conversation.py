"""A reply to an agent's take: the next message of its conversation, or a video of its own.

What a person says in a conversation goes to the agent word for word, because it knows what was said
before. Where there is no conversation that can go on, the words are added to all that was asked for
so far. Whether anything was asked for at all is judged as it is for clips: chatter is never paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from domain.clauses import Sort
from domain.errors import RequestError
from domain.reply import (
    NEW_IMAGE,
    Chatter,
    Heard,
    Instruction,
    Judged,
    Judgement,
    Reading,
    Reply,
    Unclear,
    hear,
    judge,
)
from domain.shape import Media
from domain.spoken import AGENT_FILES_MAX, AGENT_PROMPT_MAX_CHARS, Agent, Kind
from domain.understanding import said_options
from domain.written import described_change

RESHAPED = "a conversation keeps its ratio, style and format"
MAY_ANSWER = "this may be the answer that the agent waits for"
MAY_BE_MEANT = "not clear whether this file is for the next take"
_FIELDS = ("aspect_ratio", "duration_s", "avatar", "voice", "style", "file_format")
_SHAPE = ("aspect_ratio", "style", "file_format")  # of a session, no message can change it


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a reply is said into. `whole`: all that was asked for so far, as a video of its own.
    `root`: the request whose conversation takes another message; None where none does, `because`
    of what. `so_far`: the take that is still open, so that the reply is added to it. `is_asked`:
    the agent waits for an answer."""

    whole: Agent
    root: str | None = None
    because: str = ""
    so_far: Agent | None = None
    is_asked: bool = False


def read_turn(reply: Reply, turn: Turn, files: Sequence[Media] = ()) -> Reading:
    """What a reply asks of an agent; `files` go along, whatever they are. Raises `RequestError`
    for a value that cannot be, and where all that was said is too much for a video of its own."""
    said_before = turn.whole.prompt
    heard = hear(reply, said_before, Kind.AGENT)
    stands = "" if turn.root else said_before  # an agent that is talked to may be told otherwise
    judged = _judged(heard, judge(heard, stands), turn)
    if files and judged.sort is Judgement.CHATTER:
        judged = _with_files(heard)
    if judged.sort is Judgement.CHATTER:
        return Chatter()
    work, changed = _composed(_said(heard, files), turn)
    if judged.sort is Judgement.UNCLEAR:
        return Unclear(work, changed, judged.why)
    return Instruction(work, changed, judged.is_sure, judged.why)


def said_in(turn: Turn, prompt: str, settings: Agent) -> Agent:
    """The same turn with a prompt and settings that were filled in by hand."""
    changes = {name: getattr(settings, name) for name in _FIELDS}
    said = _Said(prompt, prompt, changes, settings.files)
    return _composed(said, turn)[0]


@dataclass(frozen=True, slots=True)
class _Said:
    """A reply as it is used: `message` for the agent in a conversation, `words` to be added to a
    prompt."""

    message: str
    words: str
    fields: Mapping[str, Any]
    files: tuple[Media, ...] = ()


def _judged(heard: Heard, judged: Judged, turn: Turn) -> Judged:
    """An agent understands what added words cannot do (a removal, any language), and it may have
    asked. Nothing of that makes a question, or words for somebody else, an instruction."""
    reply, words = heard.reply, heard.scanned.prompt
    for_another = bool(heard.line.mentions) and not reply.mentions_bot
    if not words or "?" in words or for_another:
        return judged
    is_talk = judged.sort is Judgement.CHATTER
    can_answer = turn.is_asked and (reply.by_requester or reply.mentions_bot)
    if reply.mentions_bot and not is_talk and (turn.root is not None or turn.is_asked):
        return Judged(Judgement.INSTRUCTION, "addressed to Dailies")
    return Judged(Judgement.UNCLEAR, MAY_ANSWER) if is_talk and can_answer else judged


def _with_files(heard: Heard) -> Judged:
    """What was posted without words that ask for anything: meant where only we are mentioned,
    perhaps where its author is who asked for the video. Whatever is said to others is chatter."""
    reply = heard.reply
    if heard.line.mentions and not reply.mentions_bot:
        return Judged(Judgement.CHATTER)
    if reply.mentions_bot and not heard.scanned.prompt:
        return Judged(Judgement.INSTRUCTION, "a file and a mention", is_sure=True)
    is_bare = reply.by_requester and not heard.scanned.prompt
    if is_bare or reply.mentions_bot:
        return Judged(Judgement.UNCLEAR, MAY_BE_MEANT)
    return Judged(Judgement.CHATTER)


def _said(heard: Heard, files: Sequence[Media]) -> _Said:
    values = [value for clause in heard.clauses for value in clause.said]
    options = said_options([*values, *heard.scanned.said])
    fields: dict[str, Any] = {name: options[name] for name in _FIELDS if name in options}
    told = [heard.scanned.prompt]
    flagged = {said.option.name for said in heard.scanned.said}
    if "duration_s" in flagged:
        told.append(f"Make it {options['duration_s']} seconds long.")
    if on_screen := options.get("on_screen"):
        told.append(f"On screen, exactly: “{on_screen}”")
    message = " ".join(filter(None, told))
    is_again = all(clause.sort in (Sort.REPEAT, Sort.NEUTRAL) for clause in heard.clauses)
    words = " ".join(told[1:]) if is_again else message
    return _Said(message or _wordless(files), words, fields, tuple(files))


def _wordless(files: Sequence[Media]) -> str:
    if not files:
        return "Make it again with these settings."
    what = "picture" if all(file.is_picture for file in files) else "file"
    return f"Use the attached {what}{'s' if len(files) > 1 else ''}."


def _composed(said: _Said, turn: Turn) -> tuple[Agent, tuple[str, ...]]:
    """(the work, what changed): the next message, or a video from everything said so far."""
    before = turn.so_far
    whole = turn.whole if before is None else before.otherwise or before
    root = turn.root if before is None else before.continues
    if root is None or _reshapes(said, whole):
        because = RESHAPED if root is not None else turn.because
        news = (f"a new session: {because}",) if before is None and because else ()
        return _apart(whole, said), (*news, *_changes(said, whole))
    message = said.message if before is None else f"{before.prompt}\n{said.message}"
    work = {
        "prompt": message,
        "files": (*(before.files if before else ()), *said.files),
        "continues": root,
        "otherwise": _apart_if_it_fits(whole, said),
    }
    return _made(whole, {**said.fields, **work}), (said.message,)


def _reshapes(said: _Said, whole: Agent) -> bool:
    return any(
        said.fields.get(name) is not None and said.fields[name] != getattr(whole, name)
        for name in _SHAPE
    )


def _apart(whole: Agent, said: _Said) -> Agent:
    prompt = "\n".join(filter(None, (whole.prompt, said.words)))
    if len(prompt) > AGENT_PROMPT_MAX_CHARS:
        raise RequestError(
            f"Together the idea would have {len(prompt):,} characters: at most"
            f" {AGENT_PROMPT_MAX_CHARS:,}. Nothing was started; ask for it anew with `/video`.",
            field="prompt",
        )
    files = (*whole.files, *said.files)
    if len(files) > AGENT_FILES_MAX:
        raise RequestError(
            f"An agent takes {AGENT_FILES_MAX} files; with these it would have {len(files)}."
            " Nothing was started; ask for it anew with `/video`.",
            field="files",
        )
    return _made(whole, {**said.fields, "prompt": prompt, "files": files})


def _apart_if_it_fits(whole: Agent, said: _Said) -> Agent | None:
    try:
        return _apart(whole, said)
    except RequestError:
        return None


def _made(whole: Agent, fields: Mapping[str, Any]) -> Agent:
    kept = {name: getattr(whole, name) for name in Agent.model_fields if name != "otherwise"}
    try:
        return Agent.model_validate({**kept, "continues": None, **fields})
    except ValidationError:
        raise RequestError("That is too much for one message.", field="prompt") from None


def _changes(said: _Said, whole: Agent) -> tuple[str, ...]:
    values = (
        described_change(name, getattr(whole, name), value)
        for name, value in said.fields.items()
        if value is not None and value != getattr(whole, name)
    )
    added = (NEW_IMAGE if file.is_picture else f"with {file.name}" for file in said.files)
    changed = (*filter(None, (said.words,)), *values, *added)
    return changed or ("again",)
