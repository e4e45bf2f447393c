"""The verbs about whom a video is cast with: an avatar or a voice of one's own, and the voices that
fit a description."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from domain.likeness import LikenessKind

SAID_MAX_CHARS = 300  # of a preview: it is heard at once
SEARCH_MAX_CHARS = 200


@dataclass(frozen=True, slots=True)
class MakeLikeness:
    """Open the form of an avatar or a voice of one's own."""

    kind: LikenessKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class FindVoices:
    """Show voices that fit a description, the first ones without; `say` is what they speak."""

    wanted: str = ""
    say: str | None = None


CastVerb = MakeLikeness | FindVoices

# A name has one word or two: "avatar new york at night" is a prompt.
_NEW = re.compile(r"(avatar|voice)\s+new(?:\s+(\S+(?:\s+\S+)?))?", re.IGNORECASE)
# "voices in an empty hall" is asked about too: a list costs nothing, and says how to make a video.
_VOICES = re.compile(
    r"voices(?:\s+(?!--|[–—])(.+?))?(?:\s*(?:--|[–—])\s*say(?:\s+|=)(.+))?",
    re.IGNORECASE | re.DOTALL,
)


def cast_verb(line: str) -> CastVerb | None:
    """The verb that a line is, if it is one."""
    if new := _NEW.fullmatch(line):
        kind = LikenessKind.FACE if new[1].lower() == "avatar" else LikenessKind.VOICE
        return MakeLikeness(kind, new[2] or "")
    if voices := _VOICES.fullmatch(line):
        say = (voices[2] or "").strip().strip("\"'“”„«»").strip()
        wanted = " ".join((voices[1] or "").split())[:SEARCH_MAX_CHARS]
        return FindVoices(wanted, say[:SAID_MAX_CHARS] or None)
    return None


def arguments_of(verb: CastVerb) -> Mapping[str, JsonValue]:
    """What a verb says, by name."""
    match verb:
        case MakeLikeness(kind, name):
            return {"kind": kind.value, "name": name}
        case FindVoices(wanted, say):
            return {"wanted": wanted} | ({"say": say} if say else {})
