"""fal's queue: ids, limits and prices of its models.

Ids, enums and limits: npm @fal-ai/client 1.10.1 (`types/endpoints.d.ts`) and the pages
fal.ai/models/<id>/llms.txt. Prices: those pages; one that was not captured is a ceiling. Text and
image have endpoints of their own nearly everywhere, and some models start from an image only.
"""

from __future__ import annotations

from domain.offer import Dedupe, GatewayName, Limits, Model, Offer
from domain.offers import fal_hailuo, fal_kling, models
from domain.offers.fal_offer import CINEMATIC, FAST, HD, SQUARE_TOO, WIDE_OR_TALL, offer
from domain.offers.seedance import SEEDANCE_2_PX
from domain.pricing import PerSecond, PerToken
from domain.shape import AspectRatio, Resolution
from domain.spoken import AGENT_PROMPT_MAX_CHARS, Kind

_FIVE_RATIOS = (*SQUARE_TOO, AspectRatio.LANDSCAPE, AspectRatio.PORTRAIT)
_SIX_RATIOS = (*_FIVE_RATIOS, AspectRatio.CINEMA)


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
    return offer(model, road, limits, PerToken(per_1000, SEEDANCE_2_PX), tags=CINEMATIC)


def _veo_limits(*, sizes: tuple[Resolution, ...] = HD, tail: bool = False) -> Limits:
    return Limits(
        aspect_ratios=WIDE_OR_TALL,
        durations_s=(4, 6, 8),
        resolutions=sizes,
        sound=True,
        seed=True,
        reference_image=True,
        tail_image=tail,
    )


def _silent(micro_usd: int) -> dict[tuple[Resolution | None, bool | None], int]:
    """The rate of what has no sound, at every size but 4k."""
    return {(size, False): micro_usd for size in HD}


def _ltx_limits(*durations_s: int, sizes: tuple[Resolution, ...]) -> Limits:
    return Limits(
        aspect_ratios=WIDE_OR_TALL,
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
        resolutions=HD,
        seed=True,
        reference_image=True,
        picture_has_ratio=True,
        tail_image=tail_image,
    )


_SEEDANCE = (
    _seedance(models.SEEDANCE_2_0, "bytedance/seedance-2.0", (Resolution.P480, *HD), 14_000),
    _seedance(
        models.SEEDANCE_2_0_FAST,
        "bytedance/seedance-2.0/fast",
        (Resolution.P480, Resolution.P720),
        11_200,
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
    offer(
        models.VEO_3_1,
        "fal-ai/veo3.1",
        _veo_limits(sizes=(*HD, Resolution.UHD), tail=True),
        _VEO_3_1_PRICE,
        tags=CINEMATIC,
        endpoints=(*_VEO_PATHS, _FRAMES_PATH),
    ),
    offer(
        models.VEO_3_1_FAST,
        "fal-ai/veo3.1/fast",
        _veo_limits(tail=True),
        PerSecond(200_000, is_ceiling=True),
        tags=FAST,
        endpoints=(*_VEO_PATHS, _FRAMES_PATH),
    ),
    offer(
        models.VEO_3,
        "fal-ai/veo3",
        _veo_limits(),
        PerSecond(400_000, _silent(200_000)),
        endpoints=_VEO_PATHS,
    ),
    offer(
        models.VEO_3_FAST,
        "fal-ai/veo3/fast",
        _veo_limits(),
        PerSecond(150_000, _silent(100_000)),
        tags=FAST,
        endpoints=_VEO_PATHS,
    ),
)

# fal's page of its image-to-video says $0.06 at 1080p; for 4k it was not captured: as for text.
_LTX_IMAGE_PRICE = PerSecond(60_000, {_UHD: 320_000}, is_ceiling=True)

# fast makes more than 10 s at 1080p only, so it is offered at 1080p only.
_OTHERS = (
    offer(
        models.LTX_2_3,
        "fal-ai/ltx-2.3",
        _ltx_limits(6, 8, 10, sizes=(Resolution.P1080, Resolution.UHD)),
        PerSecond(80_000, {_UHD: 320_000}, from_image=_LTX_IMAGE_PRICE),
    ),
    offer(
        models.LTX_2_3_FAST,
        "fal-ai/ltx-2.3",
        _ltx_limits(*range(6, 21, 2), sizes=(Resolution.P1080,)),
        PerSecond(40_000),
        tags=FAST,
        endpoints=("/text-to-video/fast", "/image-to-video/fast"),
    ),
    offer(
        models.WAN_2_7,
        "fal-ai/wan/v2.7",
        _wan_limits(*range(2, 16), tail_image=True),
        PerSecond(150_000, {(Resolution.P720, None): 100_000}),
    ),
    offer(models.WAN_2_6, "wan/v2.6", _wan_limits(5, 10, 15), PerSecond(150_000, is_ceiling=True)),
)

# Its `config.avatar` is an enum of names of fal's own; an account's ids from HeyGen are not in it
# (@fal-ai/client, `types/endpoints.d.ts`), so nobody is named there.
_AGENT = Offer(
    gateway=GatewayName.FAL,
    model=models.HEYGEN_AGENT,
    endpoint="fal-ai/heygen/v2/video-agent",
    road="fal-ai/heygen/v2/video-agent",
    limits=Limits(
        aspect_ratios=WIDE_OR_TALL,
        durations_s=tuple(range(5, 301)),
        prompt_max_chars=AGENT_PROMPT_MAX_CHARS,
    ),
    price=PerSecond(100_000, is_ceiling=True),
    dedupe=Dedupe.LATE_BIND,
    kind=Kind.AGENT,
)

OFFERS: tuple[Offer, ...] = (
    *_SEEDANCE,
    *fal_kling.OFFERS,
    *fal_hailuo.OFFERS,
    *_VEO,
    *_OTHERS,
    _AGENT,
)
