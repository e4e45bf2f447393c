"""What many runs came to: figures, the kinds of boundary they crossed, the table of faults."""

from __future__ import annotations

import inspect
import time
from collections import Counter
from collections.abc import Iterator

from tests.simulation import coverage
from tests.simulation.faults import FAULTS
from tests.simulation.run import Report
from tests.simulation.slack_world import SlackWorld

_FIXED = (
    *("db:open", "db:opened", "db:call", "db:answer", "ack:send", "hook:answer"),
    *("media:put", "media:kept", "media:read", "media:delete", "probe:video", "probe:image"),
    *("probe:length", "probe:sound", "probe:preview"),
    *(f"{wire}:{side}" for wire in ("submit", "check", "download") for side in ("send", "answer")),
    *("slack.file:send", "slack.file:answer", "slack.upload:send", "slack.upload:answer"),
)
FAILURES_TOLD = 5


def kinds() -> Iterator[str]:
    """Every kind of boundary that the ports can cross."""
    yield from _FIXED
    for name, member in vars(SlackWorld).items():
        group, _, method = name.removeprefix("_").partition("_")
        if name.startswith("_") and inspect.isfunction(member) and group in _SLACK_GROUPS:
            yield from (f"slack.{group}.{method}:{side}" for side in ("send", "answer"))


_SLACK_GROUPS = frozenset({"auth", "chat", "conversations", "files", "views"})


class Totals:
    """Counts runs as they end."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.failed: list[Report] = []
        self.runs = self.crashes = self.boundaries = self.paid = 0
        self._virtual_s = 0.0
        self.kinds: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()

    def add(self, report: Report) -> None:
        """One run more."""
        self.runs += 1
        self.crashes += report.crashes
        self.boundaries += report.boundaries
        self.paid += report.paid
        self._virtual_s += report.virtual_s
        self.kinds += report.kinds
        self.struck += report.struck
        self.pairs += report.pairs
        if report.violations:
            self.failed.append(report)

    @property
    def never_crossed(self) -> list[str]:
        """The kinds of boundary that no run crossed."""
        return sorted(set(kinds()) - set(self.kinds))

    @property
    def is_enough(self) -> bool:
        """Whether so many runs have seen what so many should see."""
        all_kinds = len(set(kinds()))
        crossed = (all_kinds - len(self.never_crossed)) / all_kinds
        if crossed < coverage.kinds_asked(self.runs):
            return False
        return coverage.covered(self.pairs) >= coverage.asked(self.runs)

    def lines(self) -> Iterator[str]:
        """The figures, for a terminal."""
        elapsed_s = time.monotonic() - self._started
        all_kinds = len(set(kinds()) | set(self.kinds))
        yield (
            f"{self.runs} runs, {self.crashes} crashes, {self.boundaries} boundaries"
            f" ({self.boundaries / max(1, self.runs):.0f} a run),"
            f" {self._virtual_s / 3_600:.0f} virtual hours, {self.paid} payments,"
            f" {self.runs / elapsed_s:.1f} runs/s, {len(self.failed)} runs failed"
        )
        yield f"{len(self.kinds)} of {all_kinds} kinds of boundary crossed" + _missed(
            self.never_crossed
        )
        never = sorted(set(FAULTS) - set(self.struck))
        yield f"{len(self.struck)} of {len(FAULTS)} kinds of fault struck{_missed(never)}"

    def table(self) -> Iterator[str]:
        """Faults and states, with the share that was seen."""
        yield from coverage.grid(self.pairs)
        share = coverage.covered(self.pairs)
        asked = coverage.asked(self.runs)
        yield (
            f"{share:.1%} of {len(coverage.POSSIBLE)} possible pairs of a fault and a state;"
            f" {asked:.1%} are asked of so many runs"
        )


def _missed(names: list[str]) -> str:
    return f"; never: {', '.join(names)}" if names else ""
