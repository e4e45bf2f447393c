"""What a person typed, from what Slack sends: its markup as readable text, nothing hidden left.

Slack turns links, mentions and `& < >` into markup of its own (docs.slack.dev, "Formatting message
text"; a slash command does so where the manifest says `should_escape`). Everything else stays as
it was typed: quotes, dashes, newlines and spaces are the person's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

# Control characters and halves of pairs; and those that turn the direction of text around, and the
# byte order mark: they can make a prompt read differently from what a vendor gets. Joiners stay:
# emoji and Persian need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_MARKUP = re.compile(r"<([@#!]|https?://|mailto:|tel:)([^<>|\n]*)(?:\|([^<>\n]*))?>", re.IGNORECASE)
_ENTITY = re.compile("&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link's text ends in `Plain.text`, and where the link leads."""

    end: int
    url: str


@dataclass(frozen=True, slots=True)
class Plain:
    """Readable text. `links` has each link by the place where its text begins.

    `mentions` are the user ids that were mentioned, in order.
    """

    text: str
    links: Mapping[int, Link] = field(default_factory=dict)
    mentions: tuple[str, ...] = ()


def plain(text: str) -> Plain:
    """Reads Slack's text. Never raises."""
    visible = without_hidden(text)
    written: list[str] = []
    links: dict[int, Link] = {}
    mentions: list[str] = []
    length = read_to = 0
    for markup in _MARKUP.finditer(visible):
        before = _decoded(visible[read_to : markup.start()])
        shown = _decoded(_shown(markup))
        length += len(before)
        if (url := _url(markup)) is not None:
            links[length] = Link(length + len(shown), url)
        if markup[1] == "@":
            mentions.append(markup[2])
        written += before, shown
        length += len(shown)
        read_to = markup.end()
    written.append(_decoded(visible[read_to:]))
    return Plain("".join(written), links, tuple(mentions))


def without_mention(text: str, user_id: str) -> str:
    """`text` as Slack sent it, without the mentions of one user: ours, so that the rest is read."""
    return re.sub(rf"<@{re.escape(user_id)}(?:\|[^<>\n]*)?>[ \t]*[,:]?[ \t]*", "", text).strip()


def without_hidden(text: str) -> str:
    """Composed letters (NFC), `\\n` line ends, no control or direction-turning characters."""
    return unicodedata.normalize("NFC", _HIDDEN.sub("", _LINE_ENDS.sub("\n", text)))


def escaped(text: str) -> str:
    """`text` as Slack would send it, had a person typed it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(markup: re.Match[str]) -> str:
    """What a person sees of it: a link's own words, a mention's name."""
    sign, target, label = markup[1], markup[2], markup[3]
    match sign:
        case "@" | "#":
            return f"{sign}{label or target}"
        case "!":
            name = label or target.partition("^")[0]
            return name if target.startswith("date^") else f"@{name.lstrip('@')}"
        case _:
            scheme = "" if sign.lower() in ("mailto:", "tel:") else sign
            return label or f"{scheme}{target}"


def _url(markup: re.Match[str]) -> str | None:
    if not markup[1].lower().startswith("http"):
        return None
    return _decoded(f"{markup[1]}{markup[2]}")


def _decoded(text: str) -> str:
    """Once, so that a typed `&lt;` stays what was typed."""
    return _ENTITY.sub(lambda entity: _ENTITIES[entity[1]], text)
