"""What the wall clock of the machine showed, and when: limits are widened by what it jumped."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class WallClock:
    """The jumps there were, each with its virtual time and its size in seconds. A machine that
    slept through some time has jumped by it."""

    jumps: list[tuple[float, float]] = field(default_factory=list)
    skews: list[tuple[float, float]] = field(default_factory=list)  # how far ahead it was, until

    def jumped(self, at: float, by_s: float) -> None:
        """It was set, or everything stood still."""
        self.jumps.append((at, by_s))

    def was(self, skew_s: float, until: float) -> None:
        """It was so far ahead until then."""
        self.skews.append((until, skew_s))

    def most_ahead_s(self, skew_s: float, since: float) -> float:
        """How far ahead at most whoever read it since then saw it; it is `skew_s` ahead now."""
        return max([skew_s, *(ahead_s for until, ahead_s in self.skews if until >= since)])

    def moved_s(self, since: float = 0.0) -> float:
        """By how much at most it is off, of what was measured from then on."""
        return sum(abs(by_s) for at, by_s in self.jumps if at >= since)
