"""Every row of every table in the seeds works: from what is said to the exact JSON on the wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.seed_rows import rows, table
from tests.seed_wire import Row, at, body_of

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.seed} {row.name} {row.how}")
def test_a_row_of_a_seed_is_on_the_wire(row: Row) -> None:
    address, body = body_of(row)
    assert (address if row.path == "address" else at(body, row.path)) == row.value


def test_the_readme_has_them_all() -> None:
    """`python -m tests.seed_rows` prints what belongs there."""
    assert table() in README.read_text("utf-8")
