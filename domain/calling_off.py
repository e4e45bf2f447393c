"""A reply that does nothing but call off what is being made: "cancel", "stop it", "never mind".

It is never the next take. Words around it ("stop the dog from barking") make it something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallOff:
    """What is called off: the newest open take, the one with this number, or all of them.
    `is_plain`: nobody says it about anything else, as they do say "stop" to each other."""

    take: int | None = None
    every: bool = False
    is_plain: bool = True


_PLAIN = (
    r"cancel|abort|abbrechen|abbruch|stornieren|annuler|annule|annulez|annulla|annullare"
    r"|cancelar|cancela|cancele|iptal(?: et)?"
)
_SAID_OF_ANYTHING = r"stop|stopp|never ?mind|nvm|forget it|undo"
_PLEASE = r"(?:please|pls|plz|bitte|now|s'il (?:vous|te) pla[iî]t|por favor|per favore)"
_IT = r"(?:it|this|that|this one|that one|the last one|the render|rendering|the video)"
_ALL = r"(?:all|all of it|all of them|them|them all|everything|both)"
_LINE = re.compile(
    rf"(?:{_PLEASE} )?(?:(?P<plain>{_PLAIN})|{_SAID_OF_ANYTHING})"
    rf"(?: (?:{_IT}|(?P<every>{_ALL})|take (?P<take>\d{{1,4}})))?(?: {_PLEASE})*"
)


def called_off(words: str) -> CallOff | None:
    """What a reply calls off; None where it says anything else."""
    line = " ".join(re.sub(r"[.,!…]+", " ", words.replace("’", "'")).casefold().split())
    said = _LINE.fullmatch(line)
    if said is None:
        return None
    return CallOff(
        take=int(said["take"]) if said["take"] else None,
        every=said["every"] is not None,
        is_plain=said["plain"] is not None,
    )
