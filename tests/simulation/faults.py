"""What can go wrong, each by a name, the row of the fault table it stands for, and how often.

A swarm setting gives every kind an intensity of 0, 1 or 3 for one run, so that runs differ in
what they suffer from and not only in when. After healing nothing strikes any more.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

INTENSITIES = (0, 0, 1, 3)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind. `table` is its row in the fault table; `share` is how often at intensity 1."""

    table: str
    share: float = 0.03


FAULTS: Mapping[str, Fault] = {
    "submit.connect": Fault("B1", 0.1),
    "submit.rate": Fault("B2", 0.1),
    "submit.credits": Fault("B3", 0.03),
    "submit.refused": Fault("B3", 0.03),
    "submit.gone": Fault("B3", 0.01),
    "submit.broken_before": Fault("B4", 0.08),
    "submit.broken_after": Fault("B4", 0.08),
    "submit.lost": Fault("B5", 0.08),
    "submit.timeout": Fault("B5", 0.06),
    "submit.slow": Fault("B8", 0.15),
    "submit.garbage": Fault("B6", 0.08),
    "submit.redirect": Fault("B7", 0.04),
    "submit.anothers": Fault("B10", 0.08),
    "check.connect": Fault("C6"),
    "check.rate": Fault("C6"),
    "check.broken": Fault("C6"),
    "check.timeout": Fault("C6", 0.01),
    "check.garbage": Fault("C1"),
    "check.unknown_word": Fault("C1"),
    "check.not_found": Fault("C2", 0.05),
    "check.no_link": Fault("C3"),
    "download.connect": Fault("C9", 0.05),
    "download.expired": Fault("C9", 0.1),
    "download.broken": Fault("C9", 0.05),
    "download.short": Fault("C10", 0.05),
    "download.page": Fault("C10", 0.05),
    "download.not_a_video": Fault("C10", 0.05),
    "upload.broken": Fault("C6", 0.05),
    "media.io": Fault("C11", 0.02),
    "slack.lost_before": Fault("E2"),
    "slack.lost_after": Fault("E2"),
    "slack.unsure_before": Fault("E2"),
    "slack.unsure_after": Fault("E2"),
    "slack.broken_after": Fault("E2", 0.02),
    "slack.timeout_after": Fault("E2", 0.01),
    "slack.rate": Fault("E1"),
    "slack.blocks": Fault("E5", 0.01),
    "slack.deleted": Fault("E6", 0.005),
    "slack.not_shared": Fault("E7", 0.1),
    "in.duplicate": Fault("D1", 0.15),
    "in.late": Fault("D2", 0.1),
    "db.locked": Fault("F1", 0.005),
    "db.full": Fault("F2", 0.005),
    "db.io": Fault("F5", 0.005),
    "db.slow": Fault("D3", 0.005),
    "clock.jump": Fault("G1", 0.0015),
}


class Faults:
    """Draws what strikes. `forced` kinds strike at the given time that they could."""

    def __init__(
        self,
        draw: random.Random,
        intensities: Mapping[str, int],
        forced: Iterable[tuple[str, int]] = (),
    ) -> None:
        self._draw = draw
        self._forced = Counter(dict(forced))
        self.when_struck: Callable[[str], None] = lambda _: None
        self._shares = {
            kind: FAULTS[kind].share * intensity
            for kind, intensity in intensities.items()
            if intensity
        }
        self.struck: Counter[str] = Counter()
        self.healed = False

    def strikes(self, *kinds: str) -> str | None:
        """The first of `kinds` that strikes now, if any."""
        if self.healed:
            return None
        for kind in kinds:
            if kind in self._forced:
                self._forced[kind] -= 1
                if self._forced[kind] == 0:
                    return self._struck(kind)
            share = self._shares.get(kind)
            if share is not None and self._draw.random() < share:
                return self._struck(kind)
        return None

    def _struck(self, kind: str) -> str:
        self.struck[kind] += 1
        self.when_struck(kind)
        return kind

    def between(self, low: float, high: float) -> float:
        """A number of a fault's own: how long, how much."""
        return self._draw.uniform(low, high)


def swarm(draw: random.Random) -> dict[str, int]:
    """Which kinds this run suffers from, and how much. A fifth of all runs suffer nothing."""
    if draw.random() < 0.2:
        return {}
    drawn = {kind: draw.choice(INTENSITIES) for kind in FAULTS}
    return {kind: intensity for kind, intensity in drawn.items() if intensity}
