"""`python -m tests.kill --times N`: kills the real bot at random moments and counts what is left.

Prints a table and, as its last line, one JSON object. Ends with 1 on any violation.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
from typing import Any

from tests.kill.run import Report, kill_run
from tests.kill.starts import medians

RESUME_LIMIT_S = 5.0  # reliability.md, L2


def main() -> int:
    """Run, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--times", type=int, default=20, metavar="N")
    parser.add_argument("--transport", choices=("socket", "http"), default="socket")
    parser.add_argument("--seed", type=int, metavar="S")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10**9)
    _say(f"seed {seed}")
    report = asyncio.run(kill_run(times=asked.times, transport=asked.transport, seed=seed))
    told = figures(report)
    width = max(len(name) for name in told)
    _say(*(f"{name:<{width}}  {value}" for name, value in told.items()))
    _say(*(f"VIOLATION  {violation}" for violation in report.violations))
    if report.kept_at:
        _say(f"kept at {report.kept_at}")
    too_slow = (told["resumed_p99_s"] or 0.0) > RESUME_LIMIT_S
    if too_slow:
        _say(f"TOO SLOW  work resumed later than {RESUME_LIMIT_S:g} s")
    _say(json.dumps(told))
    return 1 if report.violations or too_slow else 0


def figures(report: Report) -> dict[str, Any]:
    """The report as one flat record. Times in seconds."""
    return {
        "transport": report.transport,
        "seed": report.seed,
        "kills": report.kills,
        "kills_in_start": report.kills_in_start,
        **report.figures,
        "start_python_s": round(report.python_s, 3),
        **{f"start_{part}_p50_s": taken for part, taken in medians(report.starts).items()},
        **_spread("ready", report.ready_s),
        "resumed_samples": len(report.resumed_s),
        **_spread("resumed", report.resumed_s),
        "elapsed_s": round(report.elapsed_s, 1),
        "violations": len(report.violations),
    }


def _spread(what: str, ordered: list[float]) -> dict[str, float | None]:
    shares = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "max": 1.0}
    return {f"{what}_{name}_s": _rank(ordered, share) for name, share in shares.items()}


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _rank(ordered: list[float], share: float) -> float | None:
    """The nearest-rank quantile of ordered values."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


if __name__ == "__main__":
    sys.exit(main())
