"""`bin/test`: every check, then every test, then one line that says how many passed.

Tests that start or kill processes run one after the other, after the rest; the browser comes
last. Under CI=true a skipped test counts as a failed one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REPORTS = ROOT / "artifacts" / "test"
WORKERS = 2
STORY_WORKERS = 6  # a story waits for renders and windows more than it works
NODE_MIN = (20, 19)

FAST = "not process and not browser"

CHECKS: dict[str, Sequence[str]] = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "mypy": ("mypy",),
    "deptry": ("deptry", "."),
    "hadolint": ("hadolint", "Dockerfile"),
}

SUITES: dict[str, Sequence[str]] = {
    "rules": ("tests", "--ignore-glob=tests/*/*", "-m", FAST),
    "unit": ("tests/unit", "-m", FAST, "-n", str(WORKERS)),
    "integration": (
        *("tests/integration", "tests/contract", "-m", FAST),
        *("-n", str(WORKERS), "--dist", "loadscope"),
    ),
    "stories": ("tests/scenarios", "-m", FAST, "-n", str(STORY_WORKERS)),
    "simulation": ("tests/simulation", "-m", FAST),
    "processes": ("tests", "--ignore=tests/browser", "-m", "process and not browser"),
    "browser": ("tests/browser",),
}


@dataclass(frozen=True)
class Result:
    """One check or one suite: how much of it passed, failed and was skipped, and how long."""

    name: str
    passed: int
    failed: int
    skipped: int
    elapsed_s: float


def main(arguments: Sequence[str]) -> int:
    """Run all, or only pytest with `arguments`. The exit status is 0 where nothing failed."""
    if arguments:
        return subprocess.run((sys.executable, "-m", "pytest", *arguments), cwd=ROOT).returncode
    is_ci = os.environ.get("CI", "").lower() == "true"
    results = [_check(name, command) for name, command in CHECKS.items()]
    results += _page_check()
    results += [_suite(name, choice) for name, choice in SUITES.items()]
    return _summary(results, is_ci=is_ci)


def _check(name: str, command: Sequence[str]) -> Result:
    program, *rest = command
    status, elapsed_s = _run(name, (str(BIN / program), *rest))
    return Result(name, int(status == 0), int(status != 0), 0, elapsed_s)


def _page_check() -> list[Result]:
    """The sandbox's page is what its source builds, byte for byte. Needs a newer Node than some
    machines have; the built page itself is tested in the browser everywhere."""
    node = shutil.which("node")
    said = subprocess.run((node, "--version"), capture_output=True, text=True) if node else None
    version = tuple(int(part) for part in said.stdout.strip("v\n").split(".")) if said else ()
    if version < NODE_MIN:
        print(f"\n== page: left out, building it needs Node {NODE_MIN[0]}.{NODE_MIN[1]}")  # noqa: T201 -- this is a command
        return []
    build = "npm ci --silent --no-audit --no-fund && npm run --silent check"
    status, elapsed_s = _run("page", ("sh", "-c", f"cd sandbox/web && {build}"))
    return [Result("page", int(status == 0), int(status != 0), 0, elapsed_s)]


def _suite(name: str, choice: Sequence[str]) -> Result:
    report = REPORTS / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = (sys.executable, "-m", "pytest", "-q", *choice, f"--junitxml={report}")
    status, elapsed_s = _run(name, command)
    passed, failed, skipped = _counts(report)
    if status != 0 and failed == 0:  # it broke before, or around, its tests; or found none
        failed = 1
    return Result(name, passed, failed, skipped, elapsed_s)


def _run(name: str, command: Sequence[str]) -> tuple[int, float]:
    print(f"\n== {name}", flush=True)  # noqa: T201 -- this is a command
    started = time.monotonic()
    status = subprocess.run(command, cwd=ROOT).returncode
    return status, time.monotonic() - started


def _counts(report: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped) of a JUnit report."""
    if not report.exists():
        return 0, 0, 0
    total = failed = skipped = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return total - failed - skipped, failed, skipped


def _summary(results: Sequence[Result], *, is_ci: bool) -> int:
    lines = [f"\n{'':14}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}"]
    lines += [
        f"{one.name:<14}{one.passed:>8}{one.failed:>8}{one.skipped:>8}{one.elapsed_s:>9.1f}"
        for one in results
    ]
    passed = sum(one.passed for one in results)
    failed = sum(one.failed for one in results)
    skipped = sum(one.skipped for one in results)
    if skipped and is_ci:
        lines.append(f"{skipped} skipped under CI=true, where everything must run: failed.")
        failed += skipped
    elif skipped:
        lines.append(f"{skipped} skipped; the reasons are above.")
    lines.append(f"{passed} passed, {failed} failed")
    print("\n".join(lines), flush=True)  # noqa: T201 -- this is a command
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
