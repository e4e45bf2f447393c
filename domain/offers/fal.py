"""fal's queue: ids, limits and prices of its models (`fal-js` types, docs.fal.ai)."""

from __future__ import annotations

from domain.offer import Dedupe, GatewayName, Limits, Model, Offer, Tag
from domain.pricing import PerToken
from domain.shape import AspectRatio, Resolution

_SEEDANCE_RATIOS = (
    AspectRatio.WIDE,
    AspectRatio.TALL,
    AspectRatio.SQUARE,
    AspectRatio.LANDSCAPE,
    AspectRatio.PORTRAIT,
    AspectRatio.CINEMA,
)


def _seedance_offer(
    model: Model, path: str, *, resolutions: tuple[Resolution, ...], micro_usd_per_1000: int
) -> Offer:
    return Offer(
        gateway=GatewayName.FAL,
        model=model,
        endpoint=f"{path}/text-to-video",
        image_endpoint=f"{path}/image-to-video",
        road=path,
        limits=Limits(
            aspect_ratios=_SEEDANCE_RATIOS,
            durations_s=tuple(range(4, 16)),
            resolutions=resolutions,
            sound=True,
            seed=True,
            reference_image=True,
            tail_image=True,
        ),
        price=PerToken(micro_usd_per_1000),
        dedupe=Dedupe.LATE_BIND,
        tags=frozenset({Tag.CINEMATIC}),
    )


OFFERS: tuple[Offer, ...] = (
    _seedance_offer(
        Model(name="seedance_2_0", title="Seedance 2.0", provider="ByteDance"),
        "bytedance/seedance-2.0",
        resolutions=(Resolution.P480, Resolution.P720, Resolution.P1080),
        micro_usd_per_1000=14_000,
    ),
    _seedance_offer(
        Model(name="seedance_2_0_fast", title="Seedance 2.0 Fast", provider="ByteDance"),
        "bytedance/seedance-2.0/fast",
        resolutions=(Resolution.P480, Resolution.P720),
        micro_usd_per_1000=11_200,
    ),
)
