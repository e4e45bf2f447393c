"""Finding one of many by what a person typed: its id, its name in any spelling, or what is near.

Only the id or the whole name is taken; anything else is a sentence with the nearest names, since
nobody pays for a stranger's face.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Protocol, TypeVar

from domain.values import listed

NEAR_MAX = 5
NEAR_CUTOFF = 0.6
COMPARED_MAX = 40


class Named(Protocol):
    """Whatever has an id and a name that people know."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


class NotFound(Exception):
    """No such one, or several. `near` are what may have been meant, the likeliest first."""

    def __init__(self, sentence: str, near: Sequence[Named]) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.near = near


def find(typed: str, among: Sequence[N], *, noun: str) -> N:
    """The one that `typed` names. Raises `NotFound`."""
    for one in among:
        if one.id == typed.strip():
            return one
    key = folded_name(typed)
    same = [one for one in among if folded_name(one.name) == key]
    if len(same) == 1:
        return same[0]
    if same:
        ids = listed(f"`{one.id}`" for one in same[:NEAR_MAX])
        raise NotFound(f"{len(same)} {noun}s are called {same[0].name}. Say which: {ids}.", same)
    near = nearest(typed, among)
    instead = f" Did you mean {listed(one.name for one in near)}?" if near else ""
    raise NotFound(f"There is no {noun} “{typed}”.{instead}", near)


def nearest(typed: str, among: Sequence[N]) -> Sequence[N]:
    """What may have been meant: names that have all its words, then those that look alike."""
    words = folded_name(typed).split()
    if not words:
        return ()
    by_key: dict[str, N] = {}
    for one in among:
        by_key.setdefault(folded_name(one.name), one)
    having = [key for key in by_key if all(_begins_a_word(word, key) for word in words)]
    if having:
        return [by_key[key] for key in sorted(having, key=lambda key: (len(key), key))][:NEAR_MAX]
    return [by_key[key] for key in _alike(words, by_key)]


def folded_name(text: str) -> str:
    """For comparing names: no case, accents or punctuation, one space between words."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(re.findall(r"[^\W_]+", kept))


def _begins_a_word(word: str, key: str) -> bool:
    return f" {key}".find(f" {word}") >= 0


def _alike(words: Sequence[str], keys: Iterable[str]) -> Sequence[str]:
    """Names that look like what was typed, whole or by as many of their first words: `Abigial` is
    near `Abigail Sofa Side`. Lists have thousands: only those that share most pairs of letters are
    compared in full."""
    typed = " ".join(words)
    pairs = _pairs(typed)
    fronts = {key: " ".join(key.split()[: len(words)]) for key in keys}
    shared = sorted(
        ((-_overlap(pairs, _pairs(front)), key) for key, front in fronts.items()),
    )
    matcher = SequenceMatcher(b=typed)
    scored: list[tuple[float, str]] = []
    for overlap, key in shared[:COMPARED_MAX]:
        matcher.set_seq1(fronts[key])
        if overlap < 0 and (ratio := matcher.ratio()) >= NEAR_CUTOFF:
            scored.append((-ratio, key))
    return [key for _, key in sorted(scored)[:NEAR_MAX]]


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """How many of their pairs two texts share, 0–1."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)
