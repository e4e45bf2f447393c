"""A line that is nearly a verb, or hardly a prompt, is asked about before it is paid for.

`help nosuch`, `avatar` alone, `pause now please` and `statuss` are slips; "pause on a coffee cup,
then zoom out" is a prompt. What is asked about can be rendered all the same: any option says that a
video is meant, and `--kind clip` says nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from domain.errors import MaybeMeant, NotOfferedYet
from domain.options import Said, option_named
from domain.scanner import Scanned, corrected
from domain.spoken import Kind
from domain.words.lexicon import words
from domain.written import COMMAND

SHOT_EXAMPLE = "V-142"
SHOWN_CHARS = 60
VERB_WORDS_MAX = 3  # "status of renders" asks, "status report from the office" is a prompt
ADDRESS_WORDS_MAX = 6  # "please cancel all of it now" is long, and still nobody's film

_PLAIN_VERBS = ("help", "models", "status", "usage", "defaults", "pause", "resume", "unpark")
_SHOWN: Mapping[str, str] = {
    **{verb: verb for verb in _PLAIN_VERBS},
    "show": f"show {SHOT_EXAMPLE}",
    "cancel": "cancel",
    "stop": "cancel",
    "providers": "models",
    "voices": "voices",
    "avatar": "avatar new",
    "voice": "voice new",
}
# With an object they are also how people begin a prompt: "cancel culture explained".
_ALSO_PROSE = frozenset({"cancel", "stop", "show"})
# Alone they are asked about; with more words they are what a video shows.
_ALONE: Mapping[str, str] = {
    **{kind.value: f"help {kind.value}" for kind in Kind if kind is not Kind.AVATAR},
    "avatars": "help avatar",
    "templates": "help template",
    "languages": "help translation",
    "options": "help",
    "list": "help",
}
# Verbs of the design that are not there yet: alone they are refused, never rendered.
_LATER = frozenset({"history", "settings", "compare", "find", "save", "subscribe"})
# What a typing slip may have meant; "park" and "avatars on a beach" are prompts.
_NEAR = frozenset(_SHOWN) - {"unpark", "avatar", "voice", "stop", "providers"}
_TO_US = words(
    """a, all, an, and, any, anything, asap, at, budget, bot, current, dailies, everybody,
    everyone, everything, for, here, immediately, in, is, it, job, jobs, last, latest,
    list, me, mine, month, my, new, now, of, ok, on, one, our, please, pls, plz, queue,
    render, rendering, renders, right, running, shot, shots, take, takes, that, the,
    them, these, this, those, to, today, us, video, videos, we, week, with, you, your"""
)
_A_SHOT = re.compile(r"(?:v?[-‐‑–—]?|#)\d{1,9}(?:/\d{1,4})?")
_EDGES = " \t.,;:!?…"


def refuse_slip(scanned: Scanned) -> None:
    """Raises `MaybeMeant` for the line of a clip that is hardly one, and `NotOfferedYet` for a verb
    of tomorrow."""
    if any(said.option.name == "kind" for said in scanned.said):
        return
    typed = _folded(scanned.prompt).split()
    if typed and not scanned.said:
        _refuse_later(typed)
        if (verb := _verb_meant(typed)) is not None:
            meant = f"{COMMAND} {verb}"
            raise MaybeMeant(f"Did you mean `{meant}`?", suggestion=meant, **_as_video(scanned))
    if _says_too_little(scanned.prompt):
        shown = scanned.prompt[:SHOWN_CHARS]
        sentence = f"“{shown}” is not much to make a video of: say what it should show."
        raise MaybeMeant(sentence, suggestion=f"{COMMAND} help", **_as_video(scanned))


def _folded(prompt: str) -> str:
    return " ".join(word.strip(_EDGES) for word in prompt.casefold().split())


def _refuse_later(typed: Sequence[str]) -> None:
    if typed[0] in _LATER and _is_to_us(typed[1:]):
        raise NotOfferedYet(
            f"`{COMMAND} {typed[0]}` is not there yet. `{COMMAND} help` lists what is.",
            suggestion=f"{COMMAND} help",
        )


def _verb_meant(typed: Sequence[str]) -> str | None:
    """The verb that a line probably is, as one types it."""
    first, rest = typed[0], typed[1:]
    most = VERB_WORDS_MAX - 1 if first in _ALSO_PROSE else VERB_WORDS_MAX
    if first in _SHOWN and (len(typed) <= most or _is_to_us(rest)):
        return _with_shot(_SHOWN[first], rest)
    if not rest and first in _ALONE:
        return _ALONE[first]
    near = get_close_matches(first, _NEAR, n=1, cutoff=0.75)
    is_slip = near and first not in _SHOWN and _is_to_us(rest)
    return _with_shot(_SHOWN[near[0]], rest) if is_slip else None


def _with_shot(verb: str, rest: Sequence[str]) -> str:
    """`cancel V-2`, where a shot was named for what takes one."""
    shot = next((word for word in rest if _A_SHOT.fullmatch(word)), None)
    name = verb.split()[0]
    return f"{name} {shot.upper()}" if shot and name in ("cancel", "show") else verb


def _is_to_us(typed: Sequence[str]) -> bool:
    """Whether these words are about us, our takes and shots, and nothing that can be seen."""
    return len(typed) < ADDRESS_WORDS_MAX and all(
        word in _TO_US or word in _SHOWN or _A_SHOT.fullmatch(word) for word in typed
    )


def _says_too_little(prompt: str) -> bool:
    """No letter, digit or emoji at all, or a single one of ours; 狐 is a whole word."""
    told = [char for char in prompt if unicodedata.category(char)[0] in "LN" or _is_picture(char)]
    return not told or (len(told) == 1 and unicodedata.name(told[0], "").startswith(_ONE_LETTER))


_ONE_LETTER = ("LATIN", "DIGIT", "CYRILLIC", "GREEK")


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) == "So"


def _as_video(scanned: Scanned) -> dict[str, str | None]:
    clip = Said(option_named("kind"), Kind.CLIP.value)
    return {
        "prompt": scanned.prompt,
        "otherwise": corrected(scanned.prompt, [*scanned.said, clip]),
    }
