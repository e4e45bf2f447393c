"""Where a flag stands in a line and what may be its value: longest reading first.

A value is quoted (straight, curly or angled), a link, or plain words up to the next flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.option import Option, Takes
from domain.options import flag_named
from domain.plain import Plain

FLAG = re.compile(
    r"(?<!\S)(?P<dash>[-‐‑‒–—―−－]{1,3})(?P<name>[A-Za-z][A-Za-z0-9]*(?:[-_‑–—][A-Za-z0-9]+)*)"
    r"(?P<joint>[^\S\n]*[=:＝：]|(?=[,;.!?)]*(?:\s|$)))"
)
_GAP = re.compile(r"[^\S\n]*")
_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"\S+")
_KEY = re.compile(r"[A-Za-z_][\w.-]*[^\S\n]*[=＝][^\S\n]*")
_CLOSING = {
    '"': '"”“',
    "“": '”"“',
    "”": '”"',
    "„": '“”"',
    "«": "»",
    "'": "'’",
    "‘": "’'",
}
_ENDS_A_RUN = (",", ";")
_TRAILING = ",;.!?"


@dataclass(frozen=True, slots=True)
class Typed:
    """One possible value: its text without quotes, where it ends, and whether it was delimited."""

    text: str
    end: int
    is_delimited: bool = False


def typed_values(line: Plain, start: int, option: Option) -> Sequence[Typed]:
    """The possible values of `option` from `start` on, longest first; none where one is missing."""
    text = line.text
    at = _after(_GAP, text, start)
    if at >= len(text) or text[at] == "\n" or is_flag(text, at):
        return ()
    if (link := line.links.get(at)) and option.takes is not Takes.WORDS:
        return (Typed(link.url, link.end, is_delimited=True),)
    if quoted := _quoted(line, at):
        return (quoted,)
    if option.takes is Takes.PAIR and (pair := _pair(line, at)):
        return (pair,)
    if option.takes is Takes.WORDS:
        return (_up_to_next_flag(text, at),)
    return tuple(_runs(line, at, option))[::-1]


def is_flag(text: str, at: int) -> bool:
    """Whether a flag stands at `at`: any name after `--`, a known one after another dash."""
    flag = FLAG.match(text, at)
    return flag is not None and (is_strong(flag) or flag_named(flag["name"]) is not None)


def is_strong(flag: re.Match[str]) -> bool:
    """Two hyphens are never prose; one dash may be."""
    return len(flag["dash"]) > 1


def only_flags_follow(text: str, at: int) -> bool:
    """Whether the line ends at `at`, or goes on with a flag."""
    after = _after(_SPACE, text, at)
    return after >= len(text) or is_flag(text, after)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _quoted(line: Plain, at: int) -> Typed | None:
    end = _closing_quote(line.text, at)
    if end is None:
        return None
    inside = line.text[at + 1 : end]
    link = line.links.get(at + 1 + len(inside) - len(inside.lstrip()))
    shown = link.url if link else inside.strip()
    return Typed(shown, end + 1, is_delimited=True) if shown else None


def _closing_quote(text: str, at: int) -> int | None:
    """Where the quotation that begins at `at` ends: at a quote before a space, if there is one."""
    closers = _CLOSING.get(text[at])
    if closers is None:
        return None
    last_of_word = re.compile(rf"[{closers}](?=[\s,.;:!?)]|$)").search(text, at + 1)
    if last_of_word or text[at] in "'‘":
        return last_of_word.start() if last_of_word else None
    any_closer = re.compile(rf"[{closers}]").search(text, at + 1)
    return any_closer.start() if any_closer else None


def _pair(line: Plain, at: int) -> Typed | None:
    """`key=value`, where the value alone may be quoted."""
    key = _KEY.match(line.text, at)
    if key is None:
        return None
    if link := line.links.get(key.end()):
        return Typed(f'{key[0]}"{link.url}"', link.end, is_delimited=True)
    if key.end() < len(line.text) and (end := _closing_quote(line.text, key.end())) is not None:
        return Typed(line.text[at : end + 1], end + 1, is_delimited=True)
    word = _WORD.match(line.text, key.end())
    end = word.end() if word and not is_flag(line.text, key.end()) else key.end()
    return Typed(line.text[at:end], end)


def _up_to_next_flag(text: str, at: int) -> Typed:
    end = next(
        (flag.start() for flag in FLAG.finditer(text, at) if is_flag(text, flag.start())), None
    )
    said = text[at:end].rstrip()
    return Typed(said, at + len(said))


def _runs(line: Plain, at: int, option: Option) -> Iterator[Typed]:
    """The first word, the first two words, … as many as a value of `option` may have."""
    start = at
    for _ in range(option.words):
        word = _WORD.match(line.text, at)
        if word is None or is_flag(line.text, at) or (at > start and at in line.links):
            return
        yield Typed(line.text[start : word.end()].strip("\"“”'‘’").rstrip(_TRAILING), word.end())
        if word[0].endswith(_ENDS_A_RUN):
            return
        at = _after(_GAP, line.text, word.end())
