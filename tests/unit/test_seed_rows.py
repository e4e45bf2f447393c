"""Every row of every table in the seeds works: from what is said to the exact JSON on the wire."""

from __future__ import annotations

import pytest

from tests.seed_rows import Row, at, body_of, rows


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.seed} {row.name} {row.how}")
def test_a_row_of_a_seed_is_on_the_wire(row: Row) -> None:
    address, body = body_of(row)
    assert (address if row.path == "address" else at(body, row.path)) == row.value
