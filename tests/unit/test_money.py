"""Money and months."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.calendar import month_of, next_month_at
from domain.money import as_usd, micro_usd


@pytest.mark.parametrize(
    ("micro", "words"),
    [
        (0, "$0.00"),
        (1_515_000, "$1.52"),
        (1_512_000, "$1.51"),
        (500, "$0.0005"),
        (1_234_567_000_000, "$1,234,567.00"),
    ],
)
def test_money_in_words(micro: int, words: str) -> None:
    assert as_usd(micro) == words


def test_dollars_are_read_without_a_float() -> None:
    assert micro_usd("0.1") + micro_usd("0.2") == micro_usd("0.3") == 300_000


def test_a_month_is_the_workspaces_own() -> None:
    new_years_eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC).timestamp()

    assert month_of(new_years_eve, "UTC") == "2026-12"
    assert month_of(new_years_eve, "Europe/Berlin") == "2027-01"
    assert next_month_at(new_years_eve, "UTC") == new_years_eve + 1_800
