"""How well lines and replies are understood: `python -m tests.grammar` prints the agreement tables.

Labels were committed before the rules, and every third row is held out (`tests/corpus/README.md`).
The command ends with 1 where a figure is under its bar, or where any chatter would be paid for.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.command import explain
from domain.errors import RequestError
from domain.reply import Chatter, Instruction, Reading, read_reply
from domain.request import Clip

CORPUS = Path(__file__).parent / "corpus"
BAR = 0.95
DEFAULT_PARENT = "a fox in snow"
LABELS = ("instruction", "unclear", "chatter")


@dataclass(frozen=True)
class Judged:
    """One row: what was expected, what came out, and whether they agree."""

    row: Mapping[str, Any]
    expected: object
    actual: object
    agrees: bool


def rows(name: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a corpus."""
    with (CORPUS / name).open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def judged_lines() -> list[Judged]:
    """Every line of the corpus beside its explanation."""
    return [_judged_line(row) for row in rows("lines.jsonl")]


def _judged_line(row: Mapping[str, Any]) -> Judged:
    expected = {"error": None, "suggestion": None} | row["expect"]
    actual = explain(row["line"]).model_dump(mode="json")
    same = all(actual[key] == expected[key] for key in ("kind", "prompt", "options", "suggestion"))
    told = (expected["error"] or "") in (actual["error"] or "")
    refused = bool(actual["error"]) == bool(expected["error"])
    return Judged(row, expected, actual, same and told and refused)


def judged_replies() -> list[Judged]:
    """Every reply of the corpus beside its reading."""
    return [_judged_reply(row) for row in rows("replies.jsonl")]


def _judged_reply(row: Mapping[str, Any]) -> Judged:
    try:
        label = label_of(
            read_reply(
                row["text"],
                parent=Clip(prompt=row.get("parent", DEFAULT_PARENT)),
                by_requester=row["by_requester"],
                has_image=row.get("has_image", False),
                mentions_bot=row.get("mentions_bot", False),
            )
        )
    except RequestError:
        label = "refused"
    return Judged(row, row["label"], label, label == row["label"])


def label_of(reading: Reading) -> str:
    """The corpus's word for a reading."""
    match reading:
        case Instruction():
            return "instruction"
        case Chatter():
            return "chatter"
        case _:
            return "unclear"


def share(judged: Iterable[Judged]) -> float:
    """How many agree, 0–1."""
    counted = list(judged)
    return sum(each.agrees for each in counted) / len(counted)


def part(judged: Iterable[Judged], *, held_out: bool) -> list[Judged]:
    """The rows that the rules were tuned on, or those that were held out."""
    return [each for each in judged if each.row["held_out"] is held_out]


def paid_chatter(judged: Iterable[Judged]) -> list[str]:
    """Replies that would be paid for though they are chatter."""
    return [
        each.row["text"]
        for each in judged
        if each.expected == "chatter" and each.actual == "instruction"
    ]


def main() -> int:
    """Prints the tables; 0 where every bar is met."""
    lines, replies = judged_lines(), judged_replies()
    figures = [*_table("lines", lines), *_table("replies", replies)]
    _by_language(replies)
    _confusion(replies)
    paid = paid_chatter(replies)
    _say(f"\nchatter that would be paid for: {len(paid)}")
    for each in (*lines, *replies):
        if not each.agrees:
            shown = each.row.get("line", each.row.get("text"))
            _say(f"differs: {shown!r}: {each.expected} / {each.actual}")
    return 0 if min(figures) >= BAR and not paid else 1


def _table(name: str, judged: list[Judged]) -> list[float]:
    _say(f"\n{name:<10} {'rows':>6} {'agree':>6} {'share':>8}")
    figures = []
    for label, held_out in (("tuned on", False), ("held out", True)):
        some = part(judged, held_out=held_out)
        figures.append(share(some))
        agreeing = sum(each.agrees for each in some)
        _say(f"{label:<10} {len(some):>6} {agreeing:>6} {figures[-1]:>8.1%}")
    return figures


def _by_language(judged: list[Judged]) -> None:
    _say(f"\n{'language':<10} {'rows':>6} {'agree':>6}")
    counts = Counter(each.row["lang"] for each in judged)
    agreeing = Counter(each.row["lang"] for each in judged if each.agrees)
    for language, count in counts.most_common():
        _say(f"{language:<10} {count:>6} {agreeing[language]:>6}")


def _confusion(judged: list[Judged]) -> None:
    head = "label, read as"
    _say(f"\n{head:<16}" + "".join(f"{label:>14}" for label in LABELS))
    pairs = Counter((each.expected, each.actual) for each in judged)
    for expected in LABELS:
        _say(f"{expected:<16}" + "".join(f"{pairs[expected, read]:>14}" for read in LABELS))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
