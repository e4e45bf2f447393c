"""What a reply in a take's thread asks for: the next take, perhaps one, or nothing at all.

An instruction starts a take that costs money, so it has to be one beyond doubt: a flag, a picture,
a mention of Dailies, or words that the lists know as one. A removal, a contradiction or a language
that the lists do not know is never started by itself, because words that are added to a prompt
cannot do it. When in doubt, it is not an instruction: **no chatter is ever paid for**.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.clauses import (
    Clause,
    Scene,
    Sort,
    clauses_of,
    contradicts,
    is_known_language,
    parent_words,
)
from domain.errors import RequestError
from domain.lexicons import exclusive_patterns
from domain.plain import Plain, plain
from domain.request import PROMPT_MAX_CHARS, Clip, Work
from domain.scanner import Scanned, corrected, scan
from domain.spoken import Kind
from domain.understanding import clip_fields, misfit_sentence, said_options
from domain.written import COMMAND, described_change

NEW_SEED = "new seed"
NEW_IMAGE = "new image"


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, as Slack sent it, without our own mention."""

    text: str
    by_requester: bool
    has_image: bool = False
    mentions_bot: bool = False


@dataclass(frozen=True, slots=True)
class Instruction:
    """Start this. `sure` is whether every word was understood; `why` says what made it clear.

    Where the reply has an image, the caller sets `work.reference_image` to it.
    """

    work: Work
    changed: tuple[str, ...]
    sure: bool
    why: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Show this with *Edit* and *Render*; start nothing."""

    work: Work
    changed: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Chatter:
    """Say nothing."""


Reading = Instruction | Unclear | Chatter


def read_reply(
    text: str, *, parent: Clip, by_requester: bool, has_image: bool, mentions_bot: bool
) -> Reading:
    """What a reply to a take of `parent` asks for.

    Raises `RequestError` for a flag with an impossible value (with what to write instead), and
    where the merged prompt would be too long.
    """
    heard = hear(Reply(text, by_requester, has_image, mentions_bot), parent.prompt, Kind.CLIP)
    judged = judge(heard, parent.prompt)
    if judged.sort is Judgement.CHATTER:
        return Chatter()
    work, changed = _merged(heard, parent)
    if judged.sort is Judgement.UNCLEAR:
        return Unclear(work, changed, judged.why)
    return Instruction(work, changed, judged.is_sure, judged.why)


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply, taken apart."""

    reply: Reply
    scanned: Scanned
    line: Plain
    clauses: tuple[Clause, ...]
    knows_language: bool

    @property
    def has_mark(self) -> bool:
        """A sign that nobody makes by accident: a flag, a picture, @Dailies."""
        return bool(self.scanned.said) or self.reply.has_image or self.reply.mentions_bot

    def has(self, *sorts: Sort) -> bool:
        return any(clause.sort in sorts for clause in self.clauses)


class Judgement(StrEnum):
    """What a reply is, whatever it replies to."""

    INSTRUCTION = "instruction"
    UNCLEAR = "unclear"
    CHATTER = "chatter"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement and what led to it."""

    sort: Judgement
    why: str = ""
    is_sure: bool = False


def judge(heard: Heard, prompt: str) -> Judged:
    """What a reply to a take of `prompt` is."""
    if _is_chatter(heard):
        return Judged(Judgement.CHATTER)
    if doubt := _doubt(heard, prompt):
        return Judged(Judgement.UNCLEAR, doubt)
    if _is_instruction(heard):
        is_sure = not heard.has(Sort.OPEN) and all(
            not clause.is_question for clause in heard.clauses
        )
        return Judged(Judgement.INSTRUCTION, _why(heard), is_sure)
    if heard.reply.by_requester or heard.has_mark:
        return Judged(Judgement.UNCLEAR, "not clear whether this is for the next take")
    return Judged(Judgement.CHATTER)


def hear(reply: Reply, prompt: str, kind: Kind) -> Heard:
    """Take a reply to a video of `kind` apart. Raises `RequestError` for a value that cannot be."""
    scanned = scan(reply.text, is_spoken=kind is not Kind.CLIP)
    _refuse_impossible(scanned, kind)
    scene = Scene(parent_words(prompt), reply.by_requester, reply.has_image)
    line = plain(reply.text)
    return Heard(
        reply=reply,
        scanned=scanned,
        line=line,
        clauses=clauses_of(_without_links(scanned.prompt, line), scene),
        knows_language=is_known_language(scanned.prompt),
    )


def _refuse_impossible(scanned: Scanned, kind: Kind) -> None:
    """Raises `RequestError` for a value that cannot be; an unknown flag may be anything."""
    fits = [said for said in scanned.meant if kind in said.option.kinds]
    problems = [(problem.sentence, problem.field) for problem in scanned.problems if problem.field]
    problems += [
        (misfit_sentence(said.option, kind), said.option.name)
        for said in scanned.said
        if kind not in said.option.kinds
    ]
    if problems:
        suggestion = corrected(scanned.prompt, fits) or ""
        raise RequestError(
            problems[0][0],
            field=problems[0][1],
            suggestion=suggestion.removeprefix(COMMAND).strip() or None,
        )


def _without_links(prompt: str, line: Plain) -> str:
    for start, link in line.links.items():
        prompt = prompt.replace(line.text[start : link.end], " ")
    return prompt


def _is_chatter(heard: Heard) -> bool:
    """Whether it is certain that nothing is asked of us."""
    reply, said = heard.reply, bool(heard.scanned.said)
    if said:
        return False
    if heard.line.mentions and not reply.mentions_bot:
        return True
    if heard.has(Sort.CHATTER):
        return True
    if not heard.clauses or all(clause.sort is Sort.NEUTRAL for clause in heard.clauses):
        return not (reply.has_image and (reply.by_requester or not heard.scanned.prompt))
    if "?" in heard.scanned.prompt:
        asks = any(clause.is_question for clause in heard.clauses)
        return not (asks and (reply.by_requester or reply.mentions_bot))
    if heard.line.links and not reply.mentions_bot:
        return not _is_all_understood(heard)
    return False


def _doubt(heard: Heard, prompt: str) -> str | None:
    """Why this is never started by itself, however clear it is that a take is wished for."""
    reply = heard.reply
    counts = reply.by_requester or heard.has_mark
    for clause in heard.clauses:
        if clause.sort in (Sort.REMOVAL, Sort.REPLACEMENT) and (counts or clause.is_seen):
            return "something is to go: words that are added cannot do that"
        if clause.is_negated and heard.has_mark:
            return "something is to go: words that are added cannot do that"
        if clause.sort is Sort.OPEN_ENDED and counts:
            return "say how long, for example `8s`"
    words = " ".join(clause.text for clause in heard.clauses)
    is_asked = heard.has(Sort.ORDER, Sort.REPEAT) or heard.has_mark
    if (is_asked and contradicts(words.lower(), prompt.lower(), exclusive_patterns())) or (
        is_asked and _says_two_values(heard)
    ):
        return "this contradicts what the prompt says already"
    if heard.has_mark and not heard.knows_language:
        return "a language that the rules do not know"
    asks = any(clause.is_question for clause in heard.clauses)
    is_question = asks or "?" in heard.scanned.prompt
    if is_question and not (asks and (reply.mentions_bot or heard.scanned.said)):
        return "a question"
    if heard.has(Sort.CHATTER) or (heard.line.mentions and not reply.mentions_bot):
        return "this may be meant for somebody else"
    return None


def _says_two_values(heard: Heard) -> bool:
    said: dict[str, Any] = {}
    for option, value in (each for clause in heard.clauses for each in clause.said):
        if said.setdefault(option.name, value) != value:
            return True
    return False


def _is_instruction(heard: Heard) -> bool:
    reply = heard.reply
    if heard.scanned.said or (reply.has_image and not heard.scanned.prompt):
        return True
    if _is_all_understood(heard):
        return True
    if reply.mentions_bot or (reply.has_image and reply.by_requester):
        return all(clause.is_seen or clause.sort is Sort.NEUTRAL for clause in heard.clauses)
    return False


def _is_all_understood(heard: Heard) -> bool:
    """Every clause is an instruction or says nothing; beside praise, one has to be strong."""
    asked = [clause for clause in heard.clauses if clause.sort is not Sort.NEUTRAL]
    if not asked or any(clause.sort not in (Sort.ORDER, Sort.REPEAT) for clause in asked):
        return False
    return len(asked) == len(heard.clauses) or any(clause.is_strong for clause in asked)


def _why(heard: Heard) -> str:
    if heard.scanned.said:
        return "a flag"
    if heard.reply.has_image:
        return "a picture"
    return "addressed to Dailies" if heard.reply.mentions_bot else "recognised words"


def _merged(heard: Heard, parent: Clip) -> tuple[Clip, tuple[str, ...]]:
    """The parent's clip with what is new: words at the end of the prompt, values in their place.

    Raises `RequestError` where the prompt would be too long: it is never cut.
    """
    words = [clause.text for clause in heard.clauses if clause.sort is not Sort.CHATTER]
    words = [text for text in words if text]
    said = [value for clause in heard.clauses for value in clause.said]
    fields = clip_fields(said_options([*said, *heard.scanned.said]))
    changed = [*words, *_value_changes(fields, parent)]
    if heard.has(Sort.REPEAT) and "seed" not in fields:
        fields["seed"] = None
        changed.append(NEW_SEED)
    if heard.reply.has_image:
        changed.append(NEW_IMAGE)
    if "config" in fields:
        fields["config"] = parent.config | fields["config"]
    prompt = _joined(parent.prompt, words)
    return Clip.model_validate(dict(parent) | fields | {"prompt": prompt}), tuple(changed)


def _joined(prompt: str, words: Sequence[str]) -> str:
    if not words:
        return prompt
    joined = f"{prompt.rstrip(' .;,')}; {', '.join(words)}"
    if len(joined) > PROMPT_MAX_CHARS:
        raise RequestError(
            f"Together the prompt would have {len(joined):,} characters: at most"
            f" {PROMPT_MAX_CHARS:,}. Nothing was started; shorten it with *Edit*.",
            field="prompt",
        )
    return joined


def _value_changes(fields: dict[str, Any], parent: Clip) -> list[str]:
    return [
        described_change(name, getattr(parent, name), value)
        for name, value in fields.items()
        if getattr(parent, name) != value
    ]
