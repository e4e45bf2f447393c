"""Runware's video models: one address, a model named by its AIR.

AIRs, lengths and resolutions: the schemas of 2026-10-12 in PyPI runware-sdk 1.8.0. Those have no
prices; Runware tells what a task has cost, so rates are the most we expect: what the same model
costs at fal. Only sizes that are known in pixels are offered (`gateways/runware_models.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from domain.offer import Dedupe, GatewayName, Limits, Model, Offer, Tag
from domain.offers import models
from domain.pricing import PerSecond
from domain.shape import AspectRatio, FileFormat, Resolution
from domain.spoken import Kind

_ROAD = "/v1"
_PROMPT_MAX_CHARS = 10_000  # seed 003
_RESULTS_MAX = 4  # numberResults, seed 003
_REFERENCES_MAX = 9  # Seedance 2.0 takes no more anywhere

_WIDE_OR_TALL = (AspectRatio.WIDE, AspectRatio.TALL)
_SQUARE_TOO = (*_WIDE_OR_TALL, AspectRatio.SQUARE)
_FIVE = (*_SQUARE_TOO, AspectRatio.LANDSCAPE, AspectRatio.PORTRAIT)
_SIX = (*_FIVE, AspectRatio.CINEMA)
_UP_TO_720 = (Resolution.P480, Resolution.P720)
_UP_TO_1080 = (*_UP_TO_720, Resolution.P1080)
_HD = (Resolution.P720, Resolution.P1080)

_SEEDANCE_2 = Limits(
    aspect_ratios=_SIX,
    durations_s=tuple(range(4, 16)),
    resolutions=_UP_TO_720,
    sound=True,
    reference_image=True,
    picture_has_ratio=True,
    tail_image=True,
    references_max=_REFERENCES_MAX,
)
_KLING_3 = Limits(
    aspect_ratios=_SQUARE_TOO,
    durations_s=tuple(range(3, 16)),
    resolutions=(Resolution.P720,),
    sound=True,
    reference_image=True,
    picture_has_ratio=True,
    tail_image=True,
)
_VEO_3_1 = Limits(
    aspect_ratios=_WIDE_OR_TALL,
    durations_s=(4, 6, 8),
    resolutions=_HD,
    sound=True,
    seed=True,
    reference_image=True,
    picture_has_ratio=True,
    tail_image=True,
)
# Hailuo has one shape, and a size that is not asked for is its own.
_HAILUO = Limits(aspect_ratios=(), durations_s=(6, 10), reference_image=True)
_LTX = Limits(
    aspect_ratios=_WIDE_OR_TALL,
    durations_s=(6, 8, 10),
    resolutions=(Resolution.P1080,),
    seed=True,
    reference_image=True,
)
_WAN = Limits(
    aspect_ratios=_FIVE,
    durations_s=(5, 10, 15),
    resolutions=_HD,
    seed=True,
    reference_image=True,
    picture_has_ratio=True,
)
_RUNWAY = Limits(
    aspect_ratios=_FIVE,
    durations_s=(5, 8, 10),
    resolutions=(Resolution.P720,),
    seed=True,
    reference_image=True,
)

_ByThese = Mapping[tuple[Resolution | None, bool | None], int]


def _up_to(micro_usd_a_second: int, by: _ByThese | None = None) -> PerSecond:
    return PerSecond(micro_usd_a_second, by or {}, is_ceiling=True)


def _offer(
    model: Model, air: str, limits: Limits, price: PerSecond, *, tags: frozenset[Tag] = frozenset()
) -> Offer:
    """Every model makes one to four results in one of three containers (seed 003)."""
    return Offer(
        gateway=GatewayName.RUNWARE,
        model=model,
        endpoint=air,
        road=air,
        limits=replace(
            limits,
            results_max=_RESULTS_MAX,
            file_formats=tuple(FileFormat),
            prompt_max_chars=min(limits.prompt_max_chars, _PROMPT_MAX_CHARS),
        ),
        price=price,
        dedupe=Dedupe.CLIENT_ID,
        tags=tags,
    )


_SEEDANCE_1080P_RATE: _ByThese = {(Resolution.P1080, None): 700_000}

OFFERS: tuple[Offer, ...] = (
    _offer(
        models.SEEDANCE_2_0,
        "bytedance:seedance@2.0",
        replace(_SEEDANCE_2, resolutions=_UP_TO_1080),
        _up_to(310_000, _SEEDANCE_1080P_RATE),
        tags=frozenset({Tag.CINEMATIC}),
    ),
    _offer(
        models.SEEDANCE_2_0_FAST,
        "bytedance:seedance@2.0-fast",
        _SEEDANCE_2,
        _up_to(250_000),
        tags=frozenset({Tag.CINEMATIC, Tag.FAST}),
    ),
    _offer(
        models.SEEDANCE_2_0_MINI,
        "bytedance:seedance@2.0-mini",
        _SEEDANCE_2,
        _up_to(160_000),
        tags=frozenset({Tag.FAST}),
    ),
    _offer(
        models.KLING_V3,
        "klingai:kling-video@3-standard",
        _KLING_3,
        _up_to(126_000),
        tags=frozenset({Tag.CINEMATIC}),
    ),
    _offer(
        models.KLING_V3_PRO,
        "klingai:kling-video@3-pro",
        replace(_KLING_3, resolutions=(Resolution.P1080,)),
        replace(_up_to(168_000), from_image=_up_to(336_000)),
        tags=frozenset({Tag.CINEMATIC}),
    ),
    _offer(models.VEO_3_1, "google:3@2", _VEO_3_1, _up_to(400_000)),
    _offer(
        models.VEO_3_1_FAST,
        "google:3@3",
        _VEO_3_1,
        _up_to(200_000),
        tags=frozenset({Tag.FAST}),
    ),
    _offer(
        models.VEO_3_1_LITE,
        "google:veo@3.1-lite",
        _VEO_3_1,
        _up_to(80_000),
        tags=frozenset({Tag.FAST}),
    ),
    _offer(models.HAILUO_02, "minimax:3@1", _HAILUO, _up_to(90_000)),
    _offer(models.HAILUO_2_3, "minimax:4@1", _HAILUO, _up_to(90_000)),
    _offer(
        models.HAILUO_2_3_FAST,
        "minimax:4@2",
        replace(_HAILUO, needs_image=True),
        _up_to(60_000),
        tags=frozenset({Tag.FAST}),
    ),
    _offer(
        models.RUNWAY_GEN4_TURBO,
        "runway:1@1",
        replace(
            _RUNWAY,
            aspect_ratios=_SIX,
            durations_s=tuple(range(2, 11)),
            needs_image=True,
            picture_has_ratio=True,
        ),
        _up_to(60_000),
        tags=frozenset({Tag.FAST}),
    ),
    _offer(models.RUNWAY_GEN4_5, "runway:1@2", _RUNWAY, _up_to(150_000)),
    _offer(models.LTX_2_3, "lightricks:ltx@2.3", _LTX, _up_to(80_000)),
    _offer(
        models.LTX_2_3_FAST,
        "lightricks:ltx@2.3-fast",
        _LTX,
        _up_to(40_000),
        tags=frozenset({Tag.FAST}),
    ),
    _offer(models.WAN_2_6, "alibaba:wan@2.6", _WAN, _up_to(150_000)),
    _offer(
        models.WAN_2_7,
        "alibaba:wan@2.7",
        replace(_WAN, durations_s=tuple(range(2, 16))),
        _up_to(150_000, {(Resolution.P720, None): 100_000}),
    ),
    replace(
        _offer(
            models.HEYGEN_AGENT,
            "heygen:video-agent@0",
            Limits(
                aspect_ratios=_WIDE_OR_TALL,
                durations_s=tuple(range(5, 301)),
                resolutions=_HD,
                reference_image=True,
                prompt_max_chars=_PROMPT_MAX_CHARS,
                takes=frozenset({"avatar", "files", "file_links", "file_format"}),
            ),
            _up_to(100_000),  # HeyGen itself: $0.0333, its own pages also say $0.10
        ),
        kind=Kind.AGENT,
    ),
)
