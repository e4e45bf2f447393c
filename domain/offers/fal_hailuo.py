"""MiniMax Hailuo at fal (`fal.py` has the sources)."""

from __future__ import annotations

from domain.offer import Limits, Offer
from domain.offers import models
from domain.offers.fal_offer import FAST, from_image, offer
from domain.pricing import PerLength, PerSecond


def _limits(*durations_s: int, needs_image: bool = False, tail_image: bool = False) -> Limits:
    """No ratio, sound or seed; a length only where it is standard (pro is about 6 s)."""
    return Limits(
        aspect_ratios=(),
        durations_s=durations_s,
        reference_image=True,
        needs_image=needs_image,
        tail_image=tail_image,
    )


_ROAD = "fal-ai/minimax/hailuo"
OFFERS: tuple[Offer, ...] = (
    offer(
        models.HAILUO_2_3,
        f"{_ROAD}-2.3/standard",
        _limits(6, 10),
        PerLength({6: 280_000, 10: 560_000}),
    ),
    offer(
        models.HAILUO_2_3_PRO,
        f"{_ROAD}-2.3/pro",
        _limits(),
        PerLength({6: 490_000}),
    ),
    from_image(
        models.HAILUO_2_3_FAST,
        f"{_ROAD}-2.3-fast/standard",
        _limits(6, 10, needs_image=True),
        PerLength({6: 190_000, 10: 320_000}),
        tags=FAST,
    ),
    from_image(
        models.HAILUO_2_3_FAST_PRO,
        f"{_ROAD}-2.3-fast/pro",
        _limits(needs_image=True),
        PerLength({6: 330_000}),
        tags=FAST,
    ),
    offer(
        models.HAILUO_02,
        f"{_ROAD}-02/standard",
        _limits(6, 10, tail_image=True),
        PerSecond(60_000, is_ceiling=True),
    ),
    offer(
        models.HAILUO_02_PRO,
        f"{_ROAD}-02/pro",
        _limits(tail_image=True),
        PerLength({6: 480_000}),
    ),
    from_image(
        models.HAILUO_02_FAST,
        f"{_ROAD}-02-fast",
        _limits(6, 10, needs_image=True),
        PerSecond(30_000, is_ceiling=True),
        tags=FAST,
    ),
)
