"""fal's queue: ids, limits and prices of its models.

Ids, enums and limits: npm @fal-ai/client 1.10.1 (`types/endpoints.d.ts`) and the pages
fal.ai/models/<id>/llms.txt. Prices: those pages; one that was not captured is a ceiling. Text and
image have endpoints of their own nearly everywhere, and some models start from an image only.
"""

from __future__ import annotations

from domain.offer import Dedupe, GatewayName, Limits, Model, Offer, Tag
from domain.offers import models
from domain.pricing import PerLength, PerSecond, PerToken, Price
from domain.shape import AspectRatio, Resolution
from domain.spoken import AGENT_PROMPT_MAX_CHARS, Kind

_CINEMATIC, _FAST = frozenset({Tag.CINEMATIC}), frozenset({Tag.FAST})
_HD = (Resolution.P720, Resolution.P1080)
_WIDE_OR_TALL = (AspectRatio.WIDE, AspectRatio.TALL)
_SQUARE_TOO = (*_WIDE_OR_TALL, AspectRatio.SQUARE)
_FIVE_RATIOS = (*_SQUARE_TOO, AspectRatio.LANDSCAPE, AspectRatio.PORTRAIT)
_SIX_RATIOS = (*_FIVE_RATIOS, AspectRatio.CINEMA)
_KLING_PROMPT_MAX_CHARS = 2_500


def _offer(
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


def _from_image(
    model: Model, road: str, limits: Limits, price: Price, *, tags: frozenset[Tag] = frozenset()
) -> Offer:
    """An offer that makes nothing of words alone."""
    paths = ("/image-to-video", "/image-to-video")
    return _offer(model, road, limits, price, tags=tags, endpoints=paths)


def _seedance(model: Model, road: str, sizes: tuple[Resolution, ...], per_1000: int) -> Offer:
    """Tokens cost the same with and without sound (fal.ai/models/bytedance/seedance-2.0)."""
    limits = Limits(
        aspect_ratios=_SIX_RATIOS,
        durations_s=tuple(range(4, 16)),
        resolutions=sizes,
        sound=True,
        seed=True,
        reference_image=True,
        tail_image=True,
        references_max=9,
    )
    return _offer(model, road, limits, PerToken(per_1000), tags=_CINEMATIC)


def _kling_v3(model: Model, road: str, *, silent: int, loud: int) -> Offer:
    limits = Limits(
        aspect_ratios=_SQUARE_TOO,
        durations_s=tuple(range(3, 16)),
        sound=True,
        reference_image=True,
        tail_image=True,
        prompt_max_chars=_KLING_PROMPT_MAX_CHARS,
    )
    return _offer(model, road, limits, PerSecond(loud, {(None, False): silent}), tags=_CINEMATIC)


def _kling_v2_limits(*, words_alone: bool = False, tail: bool = False) -> Limits:
    """Silent; what starts from an image has the image's ratio."""
    return Limits(
        aspect_ratios=_SQUARE_TOO if words_alone else (),
        durations_s=(5, 10),
        reference_image=True,
        needs_image=not words_alone,
        tail_image=tail,
        prompt_max_chars=_KLING_PROMPT_MAX_CHARS,
    )


def _hailuo_limits(
    *durations_s: int, needs_image: bool = False, tail_image: bool = False
) -> Limits:
    """No ratio, sound or seed; a length only where it is standard (pro is about 6 s)."""
    return Limits(
        aspect_ratios=(),
        durations_s=durations_s,
        reference_image=True,
        needs_image=needs_image,
        tail_image=tail_image,
    )


def _veo_limits(*, sizes: tuple[Resolution, ...] = _HD, tail: bool = False) -> Limits:
    return Limits(
        aspect_ratios=_WIDE_OR_TALL,
        durations_s=(4, 6, 8),
        resolutions=sizes,
        sound=True,
        seed=True,
        reference_image=True,
        tail_image=tail,
    )


def _silent(micro_usd: int) -> dict[tuple[Resolution | None, bool | None], int]:
    """The rate of what has no sound, at every size but 4k."""
    return {(size, False): micro_usd for size in _HD}


def _ltx_limits(*durations_s: int, sizes: tuple[Resolution, ...]) -> Limits:
    return Limits(
        aspect_ratios=_WIDE_OR_TALL,
        durations_s=durations_s,
        resolutions=sizes,
        sound=True,
        reference_image=True,
        tail_image=True,
    )


def _wan_limits(*durations_s: int, tail_image: bool = False) -> Limits:
    """It has sound always, and no field for it."""
    return Limits(
        aspect_ratios=_FIVE_RATIOS,
        durations_s=durations_s,
        resolutions=_HD,
        seed=True,
        reference_image=True,
        tail_image=tail_image,
    )


_SEEDANCE = (
    _seedance(models.SEEDANCE_2_0, "bytedance/seedance-2.0", (Resolution.P480, *_HD), 14_000),
    _seedance(
        models.SEEDANCE_2_0_FAST,
        "bytedance/seedance-2.0/fast",
        (Resolution.P480, Resolution.P720),
        11_200,
    ),
)

# v2.1 standard and pro have no text-to-video; their prices come from third parties only.
_KLING_ROAD = "fal-ai/kling-video"
_KLING = (
    _kling_v3(models.KLING_V3, f"{_KLING_ROAD}/v3/standard", silent=84_000, loud=126_000),
    _kling_v3(models.KLING_V3_PRO, f"{_KLING_ROAD}/v3/pro", silent=112_000, loud=168_000),
    _offer(
        models.KLING_V2_1,
        f"{_KLING_ROAD}/v2.1/master",
        _kling_v2_limits(words_alone=True),
        PerSecond(280_000),
    ),
    _from_image(
        models.KLING_V2_1_STANDARD,
        f"{_KLING_ROAD}/v2.1/standard",
        _kling_v2_limits(),
        PerSecond(60_000, is_ceiling=True),
    ),
    _from_image(
        models.KLING_V2_1_PRO,
        f"{_KLING_ROAD}/v2.1/pro",
        _kling_v2_limits(tail=True),
        PerSecond(120_000, is_ceiling=True),
    ),
)

_HAILUO_ROAD = "fal-ai/minimax/hailuo"
_HAILUO = (
    _offer(
        models.HAILUO_2_3,
        f"{_HAILUO_ROAD}-2.3/standard",
        _hailuo_limits(6, 10),
        PerLength({6: 280_000, 10: 560_000}),
    ),
    _offer(
        models.HAILUO_2_3_PRO,
        f"{_HAILUO_ROAD}-2.3/pro",
        _hailuo_limits(),
        PerLength({6: 490_000}),
    ),
    _from_image(
        models.HAILUO_2_3_FAST,
        f"{_HAILUO_ROAD}-2.3-fast/standard",
        _hailuo_limits(6, 10, needs_image=True),
        PerLength({6: 190_000, 10: 320_000}),
        tags=_FAST,
    ),
    _from_image(
        models.HAILUO_2_3_FAST_PRO,
        f"{_HAILUO_ROAD}-2.3-fast/pro",
        _hailuo_limits(needs_image=True),
        PerLength({6: 330_000}),
        tags=_FAST,
    ),
    _offer(
        models.HAILUO_02,
        f"{_HAILUO_ROAD}-02/standard",
        _hailuo_limits(6, 10, tail_image=True),
        PerSecond(60_000, is_ceiling=True),
    ),
    _offer(
        models.HAILUO_02_PRO,
        f"{_HAILUO_ROAD}-02/pro",
        _hailuo_limits(tail_image=True),
        PerLength({6: 480_000}),
    ),
    _from_image(
        models.HAILUO_02_FAST,
        f"{_HAILUO_ROAD}-02-fast",
        _hailuo_limits(6, 10, needs_image=True),
        PerSecond(30_000, is_ceiling=True),
        tags=_FAST,
    ),
)

# Text-to-video is the bare id.
_VEO_PATHS = ("", "/image-to-video")
_FRAMES_PATH = "/first-last-frame-to-video"
_UHD = (Resolution.UHD, None)
_VEO_3_1_PRICE = PerSecond(
    400_000, _silent(200_000) | {(Resolution.UHD, False): 400_000, _UHD: 600_000}
)
_VEO = (
    _offer(
        models.VEO_3_1,
        "fal-ai/veo3.1",
        _veo_limits(sizes=(*_HD, Resolution.UHD), tail=True),
        _VEO_3_1_PRICE,
        tags=_CINEMATIC,
        endpoints=(*_VEO_PATHS, _FRAMES_PATH),
    ),
    _offer(
        models.VEO_3_1_FAST,
        "fal-ai/veo3.1/fast",
        _veo_limits(tail=True),
        PerSecond(200_000, is_ceiling=True),
        tags=_FAST,
        endpoints=(*_VEO_PATHS, _FRAMES_PATH),
    ),
    _offer(
        models.VEO_3,
        "fal-ai/veo3",
        _veo_limits(),
        PerSecond(400_000, _silent(200_000)),
        endpoints=_VEO_PATHS,
    ),
    _offer(
        models.VEO_3_FAST,
        "fal-ai/veo3/fast",
        _veo_limits(),
        PerSecond(150_000, _silent(100_000)),
        tags=_FAST,
        endpoints=_VEO_PATHS,
    ),
)

# fast makes more than 10 s at 1080p only, so it is offered at 1080p only.
_OTHERS = (
    _offer(
        models.LTX_2_3,
        "fal-ai/ltx-2.3",
        _ltx_limits(6, 8, 10, sizes=(Resolution.P1080, Resolution.UHD)),
        PerSecond(80_000, {_UHD: 320_000}),
    ),
    _offer(
        models.LTX_2_3_FAST,
        "fal-ai/ltx-2.3",
        _ltx_limits(*range(6, 21, 2), sizes=(Resolution.P1080,)),
        PerSecond(40_000),
        tags=_FAST,
        endpoints=("/text-to-video/fast", "/image-to-video/fast"),
    ),
    _offer(
        models.WAN_2_7,
        "fal-ai/wan/v2.7",
        _wan_limits(*range(2, 16), tail_image=True),
        PerSecond(100_000),
    ),
    _offer(models.WAN_2_6, "wan/v2.6", _wan_limits(5, 10, 15), PerSecond(150_000, is_ceiling=True)),
)

_AGENT = Offer(
    gateway=GatewayName.FAL,
    model=models.HEYGEN_AGENT,
    endpoint="fal-ai/heygen/v2/video-agent",
    road="fal-ai/heygen/v2/video-agent",
    limits=Limits(
        aspect_ratios=_WIDE_OR_TALL,
        durations_s=tuple(range(5, 301)),
        prompt_max_chars=AGENT_PROMPT_MAX_CHARS,
    ),
    price=PerSecond(100_000, is_ceiling=True),
    dedupe=Dedupe.LATE_BIND,
    kind=Kind.AGENT,
)

OFFERS: tuple[Offer, ...] = (*_SEEDANCE, *_KLING, *_HAILUO, *_VEO, *_OTHERS, _AGENT)
