"""What can go wrong, each by a name, the row of the fault table it stands for, and how often.

A swarm setting gives every kind an intensity of 0, 1 or 3 for one run, so that runs differ in
what they suffer from and not only in when. After healing nothing strikes any more.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

INTENSITIES = (0, 0, 1, 3)
FEW_KINDS = 5
# What is worst together: each makes the other's doubt harder to settle.
DUOS = (
    {"clock.jump": 20, "slack.lost_after": 6},
    {"clock.jump": 20, "slack.unsure_after": 6, "slack.rate": 3},
    {"clock.jump": 20, "slack.timeout_after": 20},
    {"clock.jump": 20, "slack.slow": 20},
    {"slack.lost_after": 6, "slack.rate": 9},
    {"slack.unsure_after": 6, "slack.unsure_before": 9},
    {"submit.lost": 6, "db.full": 9},
    {"submit.in_flight": 6, "submit.connect": 4},
    {"submit.lost": 6, "check.not_found": 9},
    {"submit.lost": 4, "hook.early": 6, "hook.duplicate": 6},
    {"submit.gone": 9, "submit.credits": 9},
    {"submit.slow": 6, "db.locked": 9},
    {"submit.broken_after": 6, "db.io": 9},
    {"db.unsure": 12, "db.io": 3},
    {"download.expired": 4, "check.timeout": 9},
    {"in.late": 3, "in.duplicate": 6, "in.ack_lost": 6},
)
FOCUS_SHARE = 0.8  # how often the kind of a focus strikes where it could
FOCUS_STRIKES_MAX = 3


class Whom(Protocol):
    """Several that something concerns, found out only where somebody asks."""

    def ids(self) -> frozenset[str]:
        """Requests, shots and executions."""
        ...


About = str | Whom | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind. `table` is its row in the fault table; `share` is how often at intensity 1."""

    table: str
    share: float = 0.03


FAULTS: Mapping[str, Fault] = {
    "submit.connect": Fault("B1", 0.1),
    "submit.slow_connect": Fault("B1", 0.03),
    "submit.rate": Fault("B2", 0.1),
    "submit.slow_rate": Fault("B2", 0.03),
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
    "submit.full": Fault("B11", 0.0),
    "submit.in_flight": Fault("B12", 0.08),
    "submit.replayed": Fault("B12", 0.0),
    "check.connect": Fault("C6"),
    "check.rate": Fault("C6"),
    "check.broken": Fault("C6"),
    "check.timeout": Fault("C6", 0.01),
    "check.garbage": Fault("C1"),
    "check.unknown_word": Fault("C1"),
    "check.not_found": Fault("C2", 0.05),
    "check.no_link": Fault("C3"),
    "check.evil_link": Fault("C3", 0.05),
    "check.nasty_error": Fault("C4", 0.3),
    "check.flapping": Fault("C5", 0.1),
    "render.overdue": Fault("C7", 0.0),
    "outage": Fault("C8", 0.0),
    "hook.early": Fault("H4", 0.15),
    "hook.lost": Fault("H4", 0.1),
    "hook.duplicate": Fault("H2", 0.15),
    "hook.stranger": Fault("H3", 0.05),
    "hook.forged": Fault("H1", 0.1),
    "download.slow": Fault("B8", 0.03),
    "download.connect": Fault("C9", 0.05),
    "download.expired": Fault("C9", 0.1),
    "download.broken": Fault("C9", 0.05),
    "download.short": Fault("C10", 0.05),
    "download.page": Fault("C10", 0.05),
    "download.redirect": Fault("C10", 0.05),
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
    "slack.slow": Fault("E2", 0.02),
    "slack.blocks": Fault("E5", 0.01),
    "slack.too_long": Fault("E5", 0.01),
    "slack.no_channel": Fault("E3", 0.004),
    "slack.not_in_channel": Fault("E3", 0.004),
    "slack.archived": Fault("E3", 0.004),
    "slack.restricted": Fault("E3", 0.004),
    "slack.revoked": Fault("E4", 0.004),
    "slack.inactive": Fault("E4", 0.004),
    "slack.bad_auth": Fault("E4", 0.004),
    "slack.no_scope": Fault("E4", 0.004),
    "slack.uninstalled": Fault("D7", 0.0),
    "slack.deleted": Fault("E6", 0.005),
    "slack.cant_update": Fault("E6", 0.005),
    "slack.edit_window": Fault("E6", 0.005),
    "slack.not_shared": Fault("E7", 0.1),
    "in.duplicate": Fault("D1", 0.15),
    "in.late": Fault("D2", 0.1),
    "in.disorder": Fault("D2", 0.0),
    "in.ack_lost": Fault("D4", 0.05),
    "in.echo": Fault("D5", 0.02),
    "in.flood": Fault("I3", 0.0),
    "db.locked": Fault("F1", 0.005),
    "db.full": Fault("F2", 0.005),
    "db.io": Fault("F5", 0.005),
    "db.unsure": Fault("F5", 0.003),
    "db.slow": Fault("D3", 0.005),
    "db.restored": Fault("F9", 0.0),
    "clock.jump": Fault("G1", 0.0015),
    "clock.suspend": Fault("G2", 0.0),
    "crash": Fault("A1", 0.0),
    "crash.among_faults": Fault("A2", 0.0),
    "crash.again": Fault("A3", 0.0),
    "cancel": Fault("A4", 0.0),
    "raise": Fault("A8", 0.0),
    "stop": Fault("I4", 0.0),
    "person.cancel": Fault("D2", 0.0),
    "vendor.hangs": Fault("I2", 0.0),
}
DRAWN = tuple(kind for kind, fault in FAULTS.items() if fault.share)


class Faults:
    """Draws what strikes. `forced` kinds strike at the given time that they could; the kind of a
    `focus` strikes while an execution that it concerns is in the state of the focus."""

    def __init__(
        self,
        draw: random.Random,
        intensities: Mapping[str, int],
        *,
        forced: Iterable[tuple[str, int]] = (),
        focus: tuple[str, str] | None = None,
    ) -> None:
        self._draw = draw
        self._forced = Counter(dict(forced))
        self._focus, self._focus_state = focus or ("", "")
        self.states_of: Callable[[str, About], Collection[str]] = lambda _, __: ()
        self.when_struck: Callable[[str, About], None] = lambda _, __: None
        self._shares = {
            kind: FAULTS[kind].share * intensity
            for kind, intensity in intensities.items()
            if intensity
        }
        self.struck: Counter[str] = Counter()
        self.healed = False

    def strikes(self, *kinds: str, about: About = None) -> str | None:
        """The first of `kinds` that strikes now, if any. `about` names the request, the shot or
        the execution that it concerns."""
        kind = self.draws(*kinds, about=about)
        return self.noted(kind, about) if kind is not None else None

    def draws(self, *kinds: str, about: About = None) -> str | None:
        """As `strikes`, for what may turn out to change nothing: whoever sees that it did something
        says so to `noted`."""
        if self.healed:
            return None
        if self._focus in kinds and self._is_focused(self._focus, about):
            return self._focus
        for kind in kinds:
            if kind in self._forced:
                self._forced[kind] -= 1
                if self._forced[kind] == 0:
                    return kind
            share = self._shares.get(kind)
            if share is not None and self._draw.random() < share:
                return kind
        return None

    def focuses(self, kind: str, about: About) -> bool:
        """Whether the focus wants this kind to strike here."""
        return not self.healed and kind == self._focus and self._is_focused(kind, about)

    def noted(self, kind: str, about: About = None) -> str:
        """A kind has struck."""
        self.struck[kind] += 1
        self.when_struck(kind, about)
        return kind

    def between(self, low: float, high: float) -> float:
        """A number of a fault's own: how long, how much."""
        return self._draw.uniform(low, high)

    def _is_focused(self, kind: str, about: About) -> bool:
        return (
            self.struck[kind] < FOCUS_STRIKES_MAX
            and self._focus_state in self.states_of(kind, about)
            and self._draw.random() < FOCUS_SHARE
        )


def swarm(draw: random.Random) -> dict[str, int]:
    """Which kinds this run suffers from, and how much: some runs from nothing, half of them
    from two or from a few kinds, so that one does not hide what another does."""
    among = draw.random()
    if among < 0.15:
        return {}
    if among < 0.4:
        return dict(draw.choice(DUOS))
    if among < 0.6:
        return dict.fromkeys(sorted(draw.sample(DRAWN, FEW_KINDS)), max(INTENSITIES))
    drawn = {kind: draw.choice(INTENSITIES) for kind in DRAWN}
    return {kind: intensity for kind, intensity in drawn.items() if intensity}
