"""What the doctor found: a line each, with the one thing that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How well something is. Only `MEND` keeps the bot from doing its work."""

    OK = "ok"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `fix` is what to do, empty where there is nothing to do."""

    name: str
    state: State
    said: str
    fix: str = ""


def ok(name: str, said: str) -> Finding:
    """It works."""
    return Finding(name, State.OK, said)


def note(name: str, said: str, fix: str = "") -> Finding:
    """It works, and somebody may want to know this."""
    return Finding(name, State.NOTE, said, fix)


def mend(name: str, said: str, fix: str) -> Finding:
    """It does not work like this."""
    return Finding(name, State.MEND, said, fix)


def as_table(findings: Sequence[Finding]) -> str:
    """Name, state and what was seen; under a line that has one, its fix."""
    width = max(len(finding.name) for finding in findings)
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.state.value:<4}  {finding.name.ljust(width)}  {finding.said}")
        if finding.fix:
            lines.append(f"{'':4}  {'':{width}}  → {finding.fix}")
    return "\n".join(lines)
