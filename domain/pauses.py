"""Pauses in a script: `[pause 1s]` as people write it, `<break time="1s"/>` as a voice reads it.

The tag works with voices that support pauses only, and wants spaces around it (heygen-com/skills-
legacy, `references/scripts.md`).
"""

from __future__ import annotations

import re

_PAUSE = re.compile(
    r"\s*[\[(]\s*pause(?:\s+(?:of\s+)?(\d{1,3}(?:[.,]\d{1,2})?)\s*(ms|s|sec|secs|seconds?)?)?\s*[\])]\s*"
    r"|\s*<break\s+time\s*=\s*[\"'“”](\d{1,3}(?:\.\d{1,3})?)(ms|s)[\"'“”]\s*/?>\s*",
    re.IGNORECASE,
)


def has_pauses(script: str) -> bool:
    """Whether a script asks for silence somewhere."""
    return _PAUSE.search(script) is not None


def with_breaks(script: str) -> str:
    """The script as a voice that supports pauses reads it."""
    return _PAUSE.sub(
        lambda pause: f' <break time="{_written(_seconds(pause))}s"/> ', script
    ).strip()


def as_written(script: str) -> str:
    """The script with its pauses as people write them."""
    return _PAUSE.sub(lambda pause: f" [pause {_written(_seconds(pause))}s] ", script).strip()


def without_pauses(script: str) -> str:
    """The script spoken through."""
    return _PAUSE.sub(" ", script).strip()


def pauses_s(script: str) -> float:
    """Seconds of all pauses in a script."""
    return sum(_seconds(pause) for pause in _PAUSE.finditer(script))


def _seconds(pause: re.Match[str]) -> float:
    amount, unit = (pause[1], pause[2]) if pause[3] is None else (pause[3], pause[4])
    if amount is None:
        return 1.0
    seconds = float(amount.replace(",", "."))
    return seconds / 1_000 if (unit or "").lower() == "ms" else seconds


def _written(seconds: float) -> str:
    return f"{seconds:g}"
