"""How an offer at fal is written down: its endpoints below one road, in one place."""

from __future__ import annotations

from domain.offer import Dedupe, GatewayName, Limits, Model, Offer, Tag
from domain.pricing import Price
from domain.shape import AspectRatio, Resolution

HD = (Resolution.P720, Resolution.P1080)
WIDE_OR_TALL = (AspectRatio.WIDE, AspectRatio.TALL)
SQUARE_TOO = (*WIDE_OR_TALL, AspectRatio.SQUARE)
CINEMATIC, FAST = frozenset({Tag.CINEMATIC}), frozenset({Tag.FAST})


def offer(
    model: Model,
    road: str,
    limits: Limits,
    price: Price,
    *,
    tags: frozenset[Tag] = frozenset(),
    endpoints: tuple[str, ...] = ("/text-to-video", "/image-to-video"),
) -> Offer:
    """An offer whose endpoints are named below `road`: for text, for an image, for both frames."""
    text, image, frames = (*(f"{road}{path}" for path in endpoints), None, None)[:3]
    assert text is not None
    return Offer(
        gateway=GatewayName.FAL,
        model=model,
        endpoint=text,
        image_endpoint=image if limits.reference_image else None,
        frames_endpoint=frames,
        references_endpoint=f"{road}/reference-to-video" if limits.references_max else None,
        road=road,
        limits=limits,
        price=price,
        dedupe=Dedupe.LATE_BIND,
        tags=tags,
    )


def from_image(
    model: Model, road: str, limits: Limits, price: Price, *, tags: frozenset[Tag] = frozenset()
) -> Offer:
    """An offer that makes nothing of words alone."""
    paths = ("/image-to-video", "/image-to-video")
    return offer(model, road, limits, price, tags=tags, endpoints=paths)
