"""A reply, clause by clause: what each part of it is, as far as the word lists can tell.

A clause counts as an instruction only if all of it is understood, or if it orders something that
can be seen or heard. Everything else is open: it may be an instruction, nobody knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.lexicons import Rules, rules_for, tokens
from domain.options import Said, option_named
from domain.values import BadValue, exact_model, read_aspect_ratio, read_duration_s, read_resolution

CLAUSE_MAX_WORDS = 40
UNIT_MAX_WORDS = 6
DURATION_MIN_S = 3  # "1 sec" and "2s" are what people say when they are busy

_BETWEEN = re.compile(r"(?:[,;\n]|[.!?¿¡…]+(?=\s|$|[¿¡])|(?<=\s)[¿¡]|^[¿¡]|\s[-–—]\s)+")
_SHORTCODE = re.compile(r":[a-z0-9_+'-]+:(?::skin-tone-\d:)?")
_RATIO = re.compile(r"\d{1,2}\s?[:x×]\s?\d{1,2}")
_SEED = re.compile(r"(?:same )?seed:? #?(\d{1,10})")
_BUSY = frozenset({"in", "en", "dans", "em", "tra", "fra", "back", "nach"})


class Sort(StrEnum):
    """What a clause is. The order is the one in which languages that tie are believed."""

    CHATTER = "chatter"
    REMOVAL = "removal"
    REPLACEMENT = "replacement"
    OPEN_ENDED = "open_ended"
    ORDER = "order"  # words to add, values, or both
    REPEAT = "repeat"
    NEUTRAL = "neutral"
    OPEN = "open"


_BELIEVED = list(Sort)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a reply. `text` are the words to add, `said` the values in it.

    `is_strong`: not to be taken for praise ("slow motion!" could be). `is_question`: in the form of
    a wish ("can you …"). `is_seen`: about something that can be seen or heard.
    `is_negated`: says that something shall not be.
    """

    sort: Sort
    text: str = ""
    said: tuple[Said, ...] = ()
    is_strong: bool = False
    is_question: bool = False
    is_seen: bool = False
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What a reply is about: its parent's prompt in words; who wrote it; whether with a picture."""

    parent_words: frozenset[str]
    by_requester: bool
    has_image: bool = False


def clauses_of(text: str, scene: Scene) -> tuple[Clause, ...]:
    """The clauses of a reply, in its own language. Empty for nothing but emoji."""
    readable = without_emoji(text)
    languages = rules_for(readable)
    parts = [part.strip(" \t\"“”'*_~()") for part in _BETWEEN.split(readable)]
    return tuple(clause for part in parts if part for clause in _clauses(part, languages, scene))


def is_known_language(text: str) -> bool:
    """Whether the word lists know the language of `text` (or it has no words at all)."""
    return bool(rules_for(without_emoji(text)))


def without_emoji(text: str) -> str:
    """Text without emoji and their `:names:`."""
    shown = (char for char in _SHORTCODE.sub(" ", text) if not _is_emoji(char))
    return "".join(shown).replace("’", "'").strip()


def _is_emoji(char: str) -> bool:
    return char in "\u200d\ufe0f" or unicodedata.category(char) in ("So", "Sk")


def _clauses(part: str, languages: Sequence[Rules], scene: Scene) -> tuple[Clause, ...]:
    if not languages:
        return (Clause(Sort.OPEN, part),)
    readings = [_in_language(part, rules, scene) for rules in languages]
    return min(readings, key=lambda clauses: min(_BELIEVED.index(each.sort) for each in clauses))


def _in_language(part: str, rules: Rules, scene: Scene) -> tuple[Clause, ...]:
    if (asked := rules.request.match(part)) and asked.end():
        rest = part[asked.end() :].strip()
        return (
            tuple(replace(each, is_question=True) for each in _in_language(rest, rules, scene))
            if rest
            else (Clause(Sort.CHATTER),)
        )
    whole = _whole(part, rules, scene)
    if whole.sort is not Sort.OPEN and whole.sort is not Sort.ORDER:
        return (whole,)
    if whole.sort is Sort.ORDER and not rules.negation.search(whole.text):
        return (whole,)
    split = [_whole(each, rules, scene) for each in rules.conjunction.split(part) if each.strip()]
    if len(split) > 1 and all(each.sort is not Sort.OPEN for each in split):
        return tuple(split)
    return (Clause(Sort.REMOVAL, part, is_seen=True),) if whole.sort is Sort.ORDER else (whole,)


def _whole(part: str, rules: Rules, scene: Scene) -> Clause:
    """What a clause is that is not taken apart any further."""
    bare = rules.without_polite(part)
    said = bare.lower()
    if not said or rules.is_praise(said):
        return Clause(Sort.NEUTRAL)
    if said in rules.lexicon.idioms or part.lower() in rules.lexicon.idioms:
        return Clause(Sort.CHATTER)
    if units := _units(part, rules):
        return units
    if (
        said in rules.lexicon.repeat
        or rules.polite_end.sub("", part.lower()) in rules.lexicon.repeat
    ):
        return Clause(Sort.REPEAT, is_strong=True)
    if scene.has_image and said in rules.lexicon.pointing:
        return Clause(Sort.ORDER, is_strong=True, is_seen=True)
    if rules.is_chatter(said, scene.parent_words):
        return Clause(Sort.CHATTER)
    if said in rules.lexicon.open_ended:
        return Clause(Sort.OPEN_ENDED, bare)
    is_seen = rules.share_seen(said, scene.parent_words) > 0
    if rules.removal.fullmatch(said):
        return Clause(Sort.REMOVAL, bare, is_seen=is_seen)
    if rules.replacement.fullmatch(said):
        return Clause(Sort.REPLACEMENT, bare, is_seen=is_seen)
    return _order(bare, rules, scene) or _open(bare, rules, is_seen=is_seen)


def _open(bare: str, rules: Rules, *, is_seen: bool) -> Clause:
    said = bare.lower()
    return Clause(
        Sort.OPEN,
        bare,
        is_seen=is_seen and rules.statement.search(said) is None,
        is_negated=rules.negation.search(said) is not None,
    )


def _order(bare: str, rules: Rules, scene: Scene) -> Clause | None:
    """ "add a red scarf", "more snow": whatever is ordered has to be something to see or hear."""
    bare, said = _trailing_values(bare, rules)
    lowered = bare.lower()
    if len(lowered.split()) > CLAUSE_MAX_WORDS:
        return None
    patterns = [(rules.amount, 1.0), (rules.order, 0.5 if scene.by_requester else 1.0)]
    if scene.by_requester:
        patterns.append((rules.wish, 0.5))
    for pattern, enough in patterns:
        ordered = pattern.fullmatch(lowered)
        if ordered and rules.share_seen(_what(ordered), scene.parent_words) >= enough:
            return Clause(Sort.ORDER, bare, said, is_strong=True, is_seen=True)
    return None


def _what(ordered: re.Match[str]) -> str:
    return next(text for name, text in ordered.groupdict().items() if text is not None)


def _trailing_values(bare: str, rules: Rules) -> tuple[str, tuple[Said, ...]]:
    """ "add a red scarf 9:16": the values at the end of an order."""
    words = bare.split()
    said: list[Said] = []
    while len(words) > 1 and (value := _plain_value(words[-1].lower(), words[-2].lower(), rules)):
        said.insert(0, value)
        words.pop()
    return (" ".join(words), tuple(said)) if said else (bare, ())


def _units(part: str, rules: Rules) -> Clause | None:
    """A clause that is wholly made of known phrases: "with kling pro, a bit slower, at night".

    What leads up to a value goes with it; the rest are words to add.
    """
    words = part.split()
    kept: list[str] = []
    lead: list[str] = []
    said: list[Said] = []
    known = strong = False
    at = 0
    while at < len(words):
        previous = words[at - 1].lower() if at else ""
        length, value, sort = _longest_unit(words[at:], previous, rules)
        if not length:
            return None
        piece = words[at : at + length]
        at += length
        if value is not None:
            said.append(value)
            lead = []
            strong = strong or any(char.isdigit() for char in "".join(piece))
        elif sort == "filler":
            lead += piece
            strong = True
        else:
            kept += [*lead, *piece]
            lead = []
            known = True
            strong = strong or sort == "comparative"
    if not (known or said):
        return None
    text = rules.without_polite(" ".join(kept if not known else [*kept, *lead]))
    return Clause(Sort.ORDER, text if known else "", tuple(said), strong, is_seen=True)


def _longest_unit(
    words: Sequence[str], previous: str, rules: Rules
) -> tuple[int, Said | None, str]:
    """How many of the next words are one known phrase, and what it is."""
    for length in range(min(len(words), UNIT_MAX_WORDS), 0, -1):
        phrase = " ".join(words[:length]).lower().rstrip(".,:")
        if value := _plain_value(phrase, previous, rules):
            return length, value, "value"
        if phrase in rules.lexicon.comparatives:
            return length, None, "comparative"
        if phrase in rules.lexicon.settings:
            return length, None, "setting"
        if phrase in rules.filler:
            return length, None, "filler"
    return 0, None, ""


def _plain_value(phrase: str, previous: str, rules: Rules) -> Said | None:
    """A value that needs no flag: `9:16`, `8 seconds`, `1080p`, `veo 3.1`, `vertical`, `seed 4`."""
    if named := rules.lexicon.values.get(phrase):
        return Said(option_named(named[0]), named[1])
    if name := exact_model(phrase):
        return Said(option_named("model"), name)
    if seed := _SEED.fullmatch(phrase):
        return Said(option_named("seed"), int(seed[1]))
    try:
        if _RATIO.fullmatch(phrase):
            return Said(option_named("aspect_ratio"), read_aspect_ratio(phrase))
        if re.fullmatch(r"\d{3,4}p|4k", phrase) and (previous or phrase != "4k"):
            return Said(option_named("resolution"), read_resolution(phrase))
        if (length := rules.duration.fullmatch(phrase)) and previous not in _BUSY:
            seconds = read_duration_s(length[1])
            return Said(option_named("duration_s"), seconds) if seconds >= DURATION_MIN_S else None
    except BadValue:
        return None
    return None


def contradicts(words: str, prompt: str, exclusive: Iterable[dict[str, re.Pattern[str]]]) -> bool:
    """Whether `words` says of one thing both, or another than `prompt` says."""
    for group in exclusive:
        said = {name for name, pattern in group.items() if pattern.search(words)}
        stood = {name for name, pattern in group.items() if pattern.search(prompt)}
        if len(said) > 1 or (said and stood - said):
            return True
    return False


def parent_words(prompt: str) -> frozenset[str]:
    """The words of a prompt that say what is in the picture."""
    return frozenset(word for word in tokens(prompt) if len(word) > 2)
