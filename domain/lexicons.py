"""The word lists made ready: patterns compiled once, and which language a text is in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from domain.words import EXCLUSIVE, LEXICONS, Lexicon

KNOWN_SHARE = 0.3  # of the words of a text, so that its language counts as known
_TOKEN = re.compile(r"(?<![\w'])[^\W\d_]+(?:['-][^\W\d_]+)*'?")
_NEVER = re.compile(r"(?!)")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, without numbers."""
    return _TOKEN.findall(text.replace("’", "'").lower())


@dataclass(frozen=True, slots=True)
class Rules:
    """A lexicon, ready to match with."""

    lexicon: Lexicon
    vocabulary: frozenset[str]
    filler: frozenset[str]
    praise: re.Pattern[str]
    chatter: re.Pattern[str]
    amount: re.Pattern[str]
    order: re.Pattern[str]
    wish: re.Pattern[str]
    removal: re.Pattern[str]
    replacement: re.Pattern[str]
    request: re.Pattern[str]
    negation: re.Pattern[str]
    statement: re.Pattern[str]
    conjunction: re.Pattern[str]
    duration: re.Pattern[str]
    polite_start: re.Pattern[str]
    polite_end: re.Pattern[str]

    def without_polite(self, text: str) -> str:
        """A clause without "please", "now" and the like around it."""
        before = None
        while before != text:
            before = text
            text = self.polite_end.sub("", self.polite_start.sub("", text)).strip()
        return text

    def is_praise(self, said: str) -> bool:
        return said in self.lexicon.praise or self.praise.fullmatch(said) is not None

    def is_chatter(self, said: str, parent_words: frozenset[str]) -> bool:
        """People talking to each other, or about their day; not what the prompt itself is about."""
        if any(
            word not in parent_words for word in tokens(said) if word in self.lexicon.daily_life
        ):
            return True
        return self.chatter.search(said) is not None

    def share_seen(self, what: str, parent_words: frozenset[str]) -> float:
        """How much of what is ordered can be seen or heard, 0–1; small words do not count."""
        lexicon = self.lexicon
        counted = [word for word in tokens(what) if word not in lexicon.function_words]
        seen = lexicon.visual | lexicon.comparatives | parent_words
        return sum(word in seen for word in counted) / len(counted) if counted else 0.0


def rules_for(text: str) -> tuple[Rules, ...]:
    """The languages a text is most likely in: several where they tie, none where none is known."""
    said = tokens(text)
    every = _every_language()
    if not said:
        return every
    shares = [_share(said, rules) for rules in every]
    best = max(shares)
    if best < KNOWN_SHARE:
        return tuple(rules for rules in every if rules.chatter.search(text))
    return tuple(rules for rules, share in zip(every, shares, strict=True) if share == best)


@cache
def exclusive_patterns() -> tuple[dict[str, re.Pattern[str]], ...]:
    """Groups of phrases of which only one can hold."""
    return tuple(
        {name: _phrases(phrases) for name, phrases in group.items()} for group in EXCLUSIVE
    )


def _share(said: list[str], rules: Rules) -> float:
    return sum(word in rules.vocabulary for word in said) / len(said)


@cache
def _every_language() -> tuple[Rules, ...]:
    return tuple(_rules(lexicon) for lexicon in LEXICONS)


def _rules(lexicon: Lexicon) -> Rules:
    polite = _alternatives(lexicon.polite)
    units = _alternatives(lexicon.seconds)
    return Rules(
        lexicon=lexicon,
        vocabulary=_vocabulary(lexicon),
        filler=lexicon.polite | lexicon.degrees | lexicon.leads | lexicon.and_words,
        praise=_any(lexicon.praise_patterns),
        chatter=_any(lexicon.chatter_patterns),
        amount=_any(lexicon.amount_patterns),
        order=_any(lexicon.order_patterns),
        wish=_any(lexicon.wish_patterns),
        removal=_any(lexicon.removal_patterns),
        replacement=_any(lexicon.replacement_patterns),
        request=_any([rf"(?:{pattern})(?:\s+|$)" for pattern in lexicon.request_patterns]),
        negation=_phrases(lexicon.negations),
        statement=_phrases(lexicon.statements),
        conjunction=re.compile(rf"\s+(?:{_alternatives(lexicon.and_words)})\s+", re.IGNORECASE),
        duration=re.compile(rf"(\d{{1,3}}(?:s| (?:{units})))", re.IGNORECASE),
        polite_start=re.compile(rf"^(?:{polite})(?=$|[\s,.:])[\s,.:]*", re.IGNORECASE),
        polite_end=re.compile(rf"(?:^|[\s,])(?:{polite})$", re.IGNORECASE),
    )


def _vocabulary(lexicon: Lexicon) -> frozenset[str]:
    """Every word that is in the lists, by which the language is told."""
    phrases = (
        lexicon.function_words
        | lexicon.polite
        | lexicon.praise
        | lexicon.daily_life
        | lexicon.idioms
        | lexicon.repeat
        | lexicon.comparatives
        | lexicon.degrees
        | lexicon.settings
        | lexicon.visual
        | lexicon.leads
        | lexicon.seconds
        | lexicon.open_ended
        | lexicon.negations
        | lexicon.pointing
        | lexicon.statements
        | lexicon.values.keys()
    )
    patterns = (
        *lexicon.praise_patterns,
        *lexicon.chatter_patterns,
        *lexicon.amount_patterns,
        *lexicon.order_patterns,
        *lexicon.removal_patterns,
        *lexicon.replacement_patterns,
        *lexicon.request_patterns,
    )
    in_patterns = (
        word for pattern in patterns for word in re.findall(r"[^\W\d_]{2,}", _escapes_out(pattern))
    )
    return frozenset(word for phrase in phrases for word in tokens(phrase)) | frozenset(in_patterns)


def _escapes_out(pattern: str) -> str:
    return re.sub(r"\\[a-zA-Z]|\?P<what>", " ", pattern)


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern for several; groups called `what` are numbered apart."""
    numbered = [
        pattern.replace("?P<what>", f"?P<what{number}>") for number, pattern in enumerate(patterns)
    ]
    return (
        re.compile("|".join(f"(?:{each})" for each in numbered), re.IGNORECASE)
        if numbered
        else (_NEVER)
    )


def _phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_alternatives(phrases)})(?!\w)", re.IGNORECASE)


def _alternatives(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
