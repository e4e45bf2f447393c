"""Money in integer micro-dollars, so that sums are exact and SQL can compare them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MICRO_PER_USD = 1_000_000


def micro_usd(dollars: str | int | Decimal) -> int:
    """Micro-dollars from dollars written as text, so that no float rounds them."""
    return int((Decimal(dollars) * MICRO_PER_USD).to_integral_value(ROUND_HALF_UP))


def as_usd(micro: int) -> str:
    """`$1.52`; amounts under a cent keep the digits that make them more than zero."""
    dollars = Decimal(micro) / MICRO_PER_USD
    if 0 < abs(dollars) < Decimal("0.01"):
        return f"${dollars.normalize():f}"
    return f"${dollars.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"
