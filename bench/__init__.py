"""How fast, beside the floor and the peers: `python -m bench NAME`.

Each module here has `main(arguments) -> Report`. It measures the product, the least that any
program would have to do (the floor) and what others do, interleaved in one run: on a shared
machine only their ratios mean anything, so those are what the last line says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a benchmark found: a table for people, figures (ratios first of all) for programs."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    figures: dict[str, float]
    note: str = ""

    def text(self) -> str:
        """The table, and as the last line one JSON object."""
        cells = [[_shown(cell) for cell in row] for row in (self.columns, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(_padded(row, widths)) for row in cells]
        lines.insert(1, "  ".join("-" * width for width in widths))
        if self.note:
            lines += ["", self.note]
        figures = {name: round(value, 4) for name, value in self.figures.items()}
        return "\n".join([*lines, json.dumps({"bench": self.name, **figures})])


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.2f}"
    return str(cell)


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
