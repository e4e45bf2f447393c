"""Runs that once failed, each with what it found: they are run again for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.simulation.plan import Plan
from tests.simulation.run import Report

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "seeds.jsonl"


def remembered() -> Iterator[tuple[str, Plan]]:
    """What was found, and the run that found it."""
    if CORPUS.exists():
        for line in CORPUS.read_text("utf-8").splitlines():
            kept = json.loads(line)
            yield kept["found"], Plan.from_json(json.dumps(kept["plan"]))


def remember(report: Report) -> None:
    """Keep a run that failed, once."""
    found = str(report.violations[0])
    if any(plan == report.plan for _, plan in remembered()):
        return
    line = json.dumps({"found": found, "plan": json.loads(report.plan.as_json())})
    with CORPUS.open("a", encoding="utf-8") as corpus:
        corpus.write(f"{line}\n")
