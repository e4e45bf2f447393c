"""Kuaishou's Kling at fal (`fal.py` has the sources)."""

from __future__ import annotations

from domain.offer import Limits, Model, Offer
from domain.offers import models
from domain.offers.fal_offer import CINEMATIC, SQUARE_TOO, from_image, offer
from domain.pricing import PerSecond

_PROMPT_MAX_CHARS = 2_500


def _v3(model: Model, road: str, price: PerSecond) -> Offer:
    limits = Limits(
        aspect_ratios=SQUARE_TOO,
        durations_s=tuple(range(3, 16)),
        sound=True,
        reference_image=True,
        picture_has_ratio=True,
        tail_image=True,
        prompt_max_chars=_PROMPT_MAX_CHARS,
    )
    return offer(model, road, limits, price, tags=CINEMATIC)


def _v2_limits(*, words_alone: bool = False, tail: bool = False) -> Limits:
    """Silent; what starts from an image has the image's ratio."""
    return Limits(
        aspect_ratios=SQUARE_TOO if words_alone else (),
        durations_s=(5, 10),
        reference_image=True,
        needs_image=not words_alone,
        picture_has_ratio=words_alone,
        tail_image=tail,
        prompt_max_chars=_PROMPT_MAX_CHARS,
    )


_SILENT = (None, False)
# Two pages of fal's contradict each other: $0.112 and $0.168 with sound, or twice that.
_PRO_IMAGE_PRICE = PerSecond(336_000, {_SILENT: 224_000}, is_ceiling=True)

# v2.1 standard and pro have no text-to-video; their prices come from third parties only.
_ROAD = "fal-ai/kling-video"
OFFERS: tuple[Offer, ...] = (
    _v3(models.KLING_V3, f"{_ROAD}/v3/standard", PerSecond(126_000, {_SILENT: 84_000})),
    _v3(
        models.KLING_V3_PRO,
        f"{_ROAD}/v3/pro",
        PerSecond(168_000, {_SILENT: 112_000}, from_image=_PRO_IMAGE_PRICE),
    ),
    offer(
        models.KLING_V2_1,
        f"{_ROAD}/v2.1/master",
        _v2_limits(words_alone=True),
        PerSecond(280_000),
    ),
    from_image(
        models.KLING_V2_1_STANDARD,
        f"{_ROAD}/v2.1/standard",
        _v2_limits(),
        PerSecond(60_000, is_ceiling=True),
    ),
    from_image(
        models.KLING_V2_1_PRO,
        f"{_ROAD}/v2.1/pro",
        _v2_limits(tail=True),
        PerSecond(120_000, is_ceiling=True),
    ),
)
