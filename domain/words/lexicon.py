"""The shape of a language's word list: what instructions, removals and chatter look like in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def words(text: str) -> frozenset[str]:
    """Phrases from a block of text: separated by commas or line ends."""
    return frozenset(
        phrase for line in text.splitlines() for part in line.split(",") if (phrase := part.strip())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """What the rules know of one language. All phrases in lower case with straight apostrophes.

    Phrases match whole words; `*_patterns` are regular expressions, matched without case.
    """

    code: str
    # Words that say which language it is; they mean nothing else to the rules.
    function_words: frozenset[str]
    # "please", "now": may stand around an instruction, and are left out of the prompt.
    polite: frozenset[str]
    # "nice", "ok": say nothing about the next take.
    praise: frozenset[str]
    praise_patterns: tuple[str, ...] = ()
    # Anywhere in a reply: people talking to each other.
    chatter_patterns: tuple[str, ...]
    # Words of work and daily life: chatter, unless the parent's prompt has them.
    daily_life: frozenset[str]
    # Whole clauses that look like an instruction and are none: "no worries".
    idioms: frozenset[str]

    repeat: frozenset[str]
    comparatives: frozenset[str]
    degrees: frozenset[str]
    # "at night", "from above": whole instructions.
    settings: frozenset[str]
    # "more X", "less X", with X what can be seen or heard.
    amount_patterns: tuple[str, ...]
    # "add X", "make X Y": (?P<what>…) must have something that can be seen or heard.
    order_patterns: tuple[str, ...]
    # Adjectives and nouns of pictures and sound.
    visual: frozenset[str]
    # Before a value: "make it", "use".
    leads: frozenset[str]
    # Whole phrases for a value of an option.
    values: Mapping[str, tuple[str, str | bool]]
    seconds: frozenset[str]
    and_words: frozenset[str]

    # What adding words cannot do.
    removal_patterns: tuple[str, ...]
    replacement_patterns: tuple[str, ...]
    # Instructions where a picture comes with them: "like this".
    pointing: frozenset[str]
    # Words of a statement, which says how it is and not how it shall be.
    statements: frozenset[str]
    # Make a removal of any order they stand in: "add a fox without a hat".
    negations: frozenset[str]
    # "the fox should run": an instruction from the requester, an opinion from anybody else.
    wish_patterns: tuple[str, ...] = ()
    # "longer": says what to change but not to what.
    open_ended: frozenset[str] = field(default_factory=frozenset)
    # "can you …?": a wish in the form of a question.
    request_patterns: tuple[str, ...] = ()
