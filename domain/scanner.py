"""Finds the options in a line and leaves every other word alone.

People type on phones and Macs, which turn `--` into a dash and `"` into curly quotes, and prompts
are full of dashes, quotes and apostrophes that mean nothing to us. So a flag is a known name after
a dash at the beginning of a word, outside code and quotations. After `--` it always counts. After
any other dash it counts only where it could hardly be prose: its value fits, or nothing but flags
follows. What is not an option stays as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from domain.option import Option, Takes
from domain.options import Flag, Said, flag_named, flag_near, kind_of
from domain.plain import Plain, escaped, plain
from domain.spoken import Kind
from domain.typed import FLAG, Typed, is_strong, only_flags_follow, typed_values
from domain.values import BadValue
from domain.written import COMMAND, latest, written_options

# Between these, flags are what somebody shows or says, not what they want.
_OPAQUE = re.compile(
    r"```.*?```|`[^`\n]+`"
    r"|(?<![^\s(\[{])\"(?=\S)[^\"\n]*(?<=\S)\"(?=[\s.,;:!?)\]}]|$)"
    r"|“[^“”\n]*”|„[^„“”\n]*[“”]|«[^«»\n]*»",
    re.DOTALL,
)
_HYPHENS = "-‐‑－"
_CLEAR_SWITCH_WORDS = frozenset({"on", "off", "true", "false"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be: a sentence, the option it is about, and what may have been meant. `words`:
    what was typed as an option's name, and stays in the prompt."""

    sentence: str
    field: str | None = None
    meant: Said | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """A line, taken apart. `meant` is what was said with the problems mended where they can be."""

    prompt: str
    said: tuple[Said, ...] = ()
    problems: tuple[Problem, ...] = ()
    meant: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What a flag turned out to be, up to `end`. `words` is what stays of it in the prompt."""

    end: int
    said: Said | None = None
    problem: Problem | None = None
    words: str | None = None
    is_missing: bool = False
    is_delimited: bool = False

    @property
    def meant(self) -> Said | None:
        return self.said or (self.problem.meant if self.problem else None)


def scan(text: str, *, is_spoken: bool = False) -> Scanned:
    """Takes a line apart, as Slack sent it. Never raises.

    What is an option only where somebody speaks (`--style`) stays a word in the prompt of a clip.
    `is_spoken`: it is known already to be about a video in which somebody does.
    """
    line = plain(text)
    scanned = _scanned(line, in_a_clip=False)
    if is_spoken or kind_of(scanned.said) is not Kind.CLIP:
        return scanned
    return _scanned(line, in_a_clip=True)


def _scanned(line: Plain, *, in_a_clip: bool) -> Scanned:
    opaque = [(span.start(), span.end()) for span in _OPAQUE.finditer(line.text)]
    found: list[tuple[int, _Found]] = []
    at, leads = 0, True
    while flag := FLAG.search(line.text, at):
        leads = leads and not line.text[at : flag.start()].strip()
        inside = any(start <= flag.start() < end for start, end in opaque)
        read = None if inside else _read_flag(line, flag, leads=leads, in_a_clip=in_a_clip)
        leads = leads and read is not None and read.words is None
        at = read.end if read else flag.end("name")
        if read:
            found.append((flag.start(), read))
    return Scanned(
        prompt=_without(line.text, found),
        said=tuple(read.said for _, read in found if read.said),
        problems=tuple(read.problem for _, read in found if read.problem),
        meant=tuple(read.meant for _, read in found if read.meant),
    )


def corrected(prompt: str, meant: Iterable[Said]) -> str | None:
    """The command that says this plainly: prompt first, then options as we write them.

    Where a prompt would swallow them (it has a quotation that never ends), they come first.
    None where no command would be read as exactly this.
    """
    options = latest(meant)
    flags = written_options(options)
    for order in ((prompt, flags), (flags, prompt)):
        line = " ".join(part for part in order if part)
        again = scan(escaped(line))
        if again.prompt == prompt and latest(again.said) == options:
            return f"{COMMAND} {line}".rstrip()
    return None


def _read_flag(line: Plain, typed: re.Match[str], *, leads: bool, in_a_clip: bool) -> _Found | None:
    """What stands at a dash, or None where it is prose. `leads`: only options stand before it."""
    flag = flag_named(typed["name"], in_a_clip=in_a_clip)
    if flag is None or (is_strong(typed) and len(typed["name"]) == 1):
        return _unknown(line, typed, in_a_clip=in_a_clip)
    read = _value(line, typed, flag)
    if is_strong(typed) or typed["joint"] or _is_meant(line, typed, flag.option, read, leads):
        return read
    return None


def _value(line: Plain, typed: re.Match[str], flag: Flag) -> _Found:
    option, end = flag.option, typed.end()
    if flag.is_off:
        return _Found(_after_comma(line, end), Said(option, False))
    tries = typed_values(line, end, option)
    if option.takes is Takes.SWITCH and not typed["joint"]:
        tries = [value for value in tries if _is_switch_word(line, value, option)]
        if not tries:
            return _Found(_after_comma(line, end), Said(option, True))
    if not tries:
        return _missing(option, end)
    bad = None
    for value in tries:
        try:
            read = option.read(value.text)
        except BadValue as refused:
            bad = refused
            continue
        if value is tries[-1] or not _runs_on_into_prose(line, tries[-1], value, option):
            return _Found(value.end, Said(option, read), is_delimited=value.is_delimited)
    assert bad is not None
    meant = Said(option, bad.nearest) if bad.nearest is not None else None
    return _Found(tries[-1].end, problem=Problem(bad.sentence, option.name, meant))


def _is_meant(line: Plain, typed: re.Match[str], option: Option, read: _Found, leads: bool) -> bool:
    """Whether a single dash begins an option: `—model veo3` does, `—voice cracking—` does not."""
    ends_line = only_flags_follow(line.text, read.end)
    match option.takes:
        case Takes.SWITCH:
            return ends_line
        case Takes.NAME:
            return read.said is not None and (read.is_delimited or leads or ends_line)
        case Takes.WORDS:
            return read.said is not None and (read.is_delimited or leads)
        case _ if read.said:
            return True
        case _ if read.is_missing:
            return ends_line and typed["dash"] not in _HYPHENS
        case _:
            return ends_line or leads


def _unknown(line: Plain, typed: re.Match[str], *, in_a_clip: bool) -> _Found | None:
    """A name that is no option: a slip of the fingers, or prose."""
    if typed["dash"] in _HYPHENS:
        return None
    if in_a_clip and is_strong(typed) and (refused := _not_in_a_clip(line, typed)):
        return refused
    cutoff = 0.75 if is_strong(typed) else 0.8
    near = flag_near(typed["name"], cutoff=cutoff, in_a_clip=in_a_clip)
    read = _value(line, typed, near) if near else None
    shown = f"`--{typed['name']}`"
    if near and read and read.said and (is_strong(typed) or _is_checked(near.option)):
        sentence = f"There is no {shown}. Did you mean `{near.option.flag}`?"
        problem = Problem(sentence, near.option.name, read.said)
        return _Found(read.end, problem=problem)
    if not is_strong(typed):
        return None
    what = f"A clip has no {shown}" if flag_named(typed["name"]) else f"There is no option {shown}"
    sentence = f"{what}. Say it in words; `/video help` lists the options."
    words = re.sub(r"[-_‑–—]", " ", typed["name"]) + (" " if typed["joint"] else "")
    problem = Problem(sentence, words=words.strip())
    return _Found(typed.end(), problem=problem, words=words)


def _not_in_a_clip(line: Plain, typed: re.Match[str]) -> _Found | None:
    """What a clip has nothing like, where there is something to say of it."""
    flag = flag_named(typed["name"])
    sentence = flag.option.instead.get(Kind.CLIP) if flag else None
    if flag is None or sentence is None:
        return None
    return _Found(_value(line, typed, flag).end, problem=Problem(sentence, flag.option.name))


def _is_checked(option: Option) -> bool:
    """Whether a value can be told from prose."""
    return option.takes in (Takes.CHOICE, Takes.NUMBER, Takes.LINK, Takes.PAIR)


def _missing(option: Option, end: int) -> _Found:
    example = f", for example `{option.flag} {option.example}`" if option.example else ""
    meant = Said(option, option.read(option.example)) if option.example else None
    problem = Problem(f"`{option.flag}` needs a value{example}.", option.name, meant)
    return _Found(end, problem=problem, is_missing=True)


def _is_switch_word(line: Plain, typed: Typed, option: Option) -> bool:
    """`--sound on`, `--captions burned`, and `--sound no` where nothing follows that it could
    belong to."""
    word = typed.text.lower()
    if word in _CLEAR_SWITCH_WORDS or word in option.choices:
        return True
    return word in ("yes", "no") and only_flags_follow(line.text, typed.end)


def _runs_on_into_prose(line: Plain, first: Typed, longer: Typed, option: Option) -> bool:
    """`--model veo3 fast cars racing`: a whole name takes no more words while prose follows."""
    return first.text in option.choices and not only_flags_follow(line.text, longer.end)


def _after_comma(line: Plain, end: int) -> int:
    return end + 1 if line.text[end : end + 1] in (",", ";") else end


def _without(text: str, found: Iterable[tuple[int, _Found]]) -> str:
    """The prompt: `text` without its options. Of the space around one, the side with a line end
    stays."""
    kept, at = "", 0
    for start, read in found:
        kept += text[at:start]
        at = read.end
        if read.words is not None:
            kept += read.words
            continue
        before, after = kept[len(kept.rstrip()) :], text[at : len(text) - len(text[at:].lstrip())]
        kept = kept.rstrip() + (after if "\n" in after and "\n" not in before else before)
        at += len(after)
    return unicodedata.normalize("NFC", (kept + text[at:]).strip())
