"""Which of several offers comes nearest to a clip that none of them can make, and the clip that it
could make: the one where the fewest things are wrong, then the one whose values are nearest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.fitting import Misfit, misfit, shape_of
from domain.offer import Offer
from domain.request import Clip
from domain.shape import AspectRatio, Resolution

LEFT_OUT = 2.0  # an option that goes is farther away than any value it could have instead
_RESOLUTIONS = tuple(Resolution)


@dataclass(frozen=True, slots=True)
class Mended:
    """What is wrong with a clip at an offer, in order, and the clip that could be made there; None
    where that is not ours to say."""

    offer: Offer
    wrong: tuple[Misfit, ...]
    clip: Clip | None

    @property
    def sentence(self) -> str:
        """All that is wrong."""
        return " ".join(dict.fromkeys(each.sentence for each in self.wrong))


def nearest_mended(clip: Clip, offers: Sequence[Offer]) -> Mended:
    """The nearest of `offers`, of which there is at least one. Nothing is wrong where it fits."""
    return min((_mended(clip, offer) for offer in offers), key=lambda each: _distance(clip, each))


def _mended(clip: Clip, offer: Offer) -> Mended:
    wrong: list[Misfit] = []
    now: Clip | None = clip
    while now is not None and (found := misfit(now, offer)) is not None:
        wrong.append(found)
        now = found.mended
    return Mended(offer, tuple(wrong), now)


def _distance(clip: Clip, mended: Mended) -> tuple[bool, int, float]:
    """Smaller is nearer."""
    instead = mended.clip
    if instead is None:
        return (True, len(mended.wrong), 0.0)
    fields = {each.field for each in mended.wrong}
    apart = sum(_apart(getattr(clip, name), getattr(instead, name)) for name in fields)
    return (False, len(mended.wrong), apart)


def _apart(asked: Any, instead: Any) -> float:
    """How far two values of a field are apart: in steps, or as a ratio."""
    match asked, instead:
        case Resolution(), Resolution():
            return abs(_RESOLUTIONS.index(asked) - _RESOLUTIONS.index(instead)) / len(_RESOLUTIONS)
        case AspectRatio(), AspectRatio():
            return abs(math.log(shape_of(asked) / shape_of(instead)))
        case int(), int() if asked > 0 and instead > 0:
            return abs(math.log(asked / instead))
        case tuple(), tuple() if instead:
            return math.log(len(asked) / len(instead))
        case _:
            return LEFT_OUT
