"""Word lists of the languages that the reply rules know."""

from __future__ import annotations

from domain.words.de import GERMAN
from domain.words.en import ENGLISH
from domain.words.es import SPANISH
from domain.words.exclusive import EXCLUSIVE
from domain.words.fr import FRENCH
from domain.words.it import ITALIAN
from domain.words.lexicon import Lexicon
from domain.words.pt import PORTUGUESE
from domain.words.tr import TURKISH

LEXICONS: tuple[Lexicon, ...] = (
    ENGLISH,
    GERMAN,
    FRENCH,
    SPANISH,
    ITALIAN,
    PORTUGUESE,
    TURKISH,
)

__all__ = ["EXCLUSIVE", "LEXICONS", "Lexicon"]
