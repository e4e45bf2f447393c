"""Where the time of a start goes, told by the bot's own log lines."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime

from tests.kill.stage import Bot

# The line that ends each part, in order; the first part begins where the process is asked for.
PARTS = {"imports": "starting", "open": "open", "hello": "running", "listen": "listening"}
BARE_STARTS = 5


def parts_of(bot: Bot) -> dict[str, float]:
    """Seconds of each part that was finished. `imports` holds the start of Python too."""
    told = {line["event"]: _unix_s(line["timestamp"]) for line in _lines(bot)}
    found, before = {}, bot.started_at
    for part, event in PARTS.items():
        if event not in told:
            break
        found[part] = max(0.0, told[event] - before)
        before = told[event]
    return found


def bare_python_s() -> float:
    """What Python alone takes to start and end here, at best."""
    taken = []
    for _ in range(BARE_STARTS):
        began_at = time.monotonic()
        subprocess.run((sys.executable, "-c", ""), check=True)
        taken.append(time.monotonic() - began_at)
    return min(taken)


def medians(starts: Sequence[dict[str, float]]) -> dict[str, float | None]:
    """The median of each part, in seconds."""
    found: dict[str, float | None] = {}
    for part in PARTS:
        taken = sorted(start[part] for start in starts if part in start)
        found[part] = round(taken[len(taken) // 2], 3) if taken else None
    return found


def _lines(bot: Bot) -> list[dict[str, str]]:
    """The lines that are whole: the last one may have been cut."""
    whole = bot.said().rpartition("\n")[0].splitlines()
    return [json.loads(line) for line in whole if line.startswith("{")]


def _unix_s(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()
