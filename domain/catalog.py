"""Models and offers: what can be made, where, within which limits, at what price. Data, not code.

An offer is a model at a gateway. Limits say only what the offer's wire can say: an option without
a documented field is not an ability of the offer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from domain.money import micro_usd
from domain.request import Clip
from domain.shape import AspectRatio, Resolution


class GatewayName(StrEnum):
    """Whom we call and pay."""

    HEYGEN = "heygen"
    FAL = "fal"


GATEWAY_TITLES = {GatewayName.HEYGEN: "HeyGen", GatewayName.FAL: "fal"}


class Dedupe(StrEnum):
    """What a gateway's endpoint offers against paying twice, once an answer is lost."""

    NONE = "none"  # nothing: the doubt is told
    KEY = "key"  # the same key again is the same submit
    CLIENT_ID = "client_id"  # our own id is theirs: a second submit is refused as known
    LATE_BIND = "late_bind"  # it is found again, by a webhook or in a history


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What renders. `provider` is who made it."""

    name: str
    title: str
    provider: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an offer can be asked for. An empty tuple means that its wire has no such field."""

    aspect_ratios: tuple[AspectRatio, ...]
    durations_s: tuple[int, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    sound: bool = False
    seed: bool = False
    reference_image: bool = False
    tail_image: bool = False
    config: bool = False
    prompt_max_chars: int = 4_000


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A price that the vendor publishes nowhere: the most we expect, reserved whole."""

    micro_usd: int


@dataclass(frozen=True, slots=True)
class PerToken:
    """Width × height × seconds × 24 / 1024 tokens, at a price per thousand (fal, Seedance 2.0)."""

    micro_usd_per_1000: int


Price = Ceiling | PerToken


@dataclass(frozen=True, slots=True)
class Estimate:
    """Money before. `is_ceiling` says "up to" instead of "about"."""

    micro_usd: int
    is_ceiling: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model at a gateway. `endpoint` is what its wire calls it, `image_endpoint` the one that
    takes a reference image where that is another. `road` is the address that its submits go to:
    offers that share one are gone together."""

    gateway: GatewayName
    model: Model
    endpoint: str
    image_endpoint: str | None = None
    road: str
    limits: Limits
    price: Price
    dedupe: Dedupe = Dedupe.NONE

    @property
    def name(self) -> str:
        """How the offer is written down: `veo_3_1@heygen`."""
        return f"{self.model.name}@{self.gateway}"


# Output sizes by resolution and ratio that Seedance bills by: the short side is the resolution.
_SHORT_SIDE_PX = {
    Resolution.P480: 480,
    Resolution.P720: 720,
    Resolution.P1080: 1_080,
    Resolution.UHD: 2_160,
}


def frame_px(resolution: Resolution, aspect_ratio: AspectRatio) -> tuple[int, int]:
    """Width and height of a frame whose shorter side is the resolution."""
    short = _SHORT_SIDE_PX[resolution]
    across, down = (int(side) for side in aspect_ratio.split(":"))
    if across >= down:
        return short * across // down, short
    return short, short * down // across


def estimate(offer: Offer, clip: Clip) -> Estimate:
    """What `clip` costs at `offer`; `clip` is resolved, so its length and size are set."""
    match offer.price:
        case Ceiling(micro):
            return Estimate(micro, is_ceiling=True)
        case PerToken(per_1000):
            width, height = frame_px(
                clip.resolution or Resolution.P720, clip.aspect_ratio or AspectRatio.WIDE
            )
            seconds = clip.duration_s or max(offer.limits.durations_s)
            return Estimate(
                -(-width * height * seconds * 24 * per_1000 // (1_024 * 1_000)), is_ceiling=False
            )
        case _:
            assert_never(offer.price)


_HEYGEN_RATIOS = (AspectRatio.WIDE, AspectRatio.TALL, AspectRatio.SQUARE)
_SEEDANCE_RATIOS = (
    AspectRatio.WIDE,
    AspectRatio.TALL,
    AspectRatio.SQUARE,
    AspectRatio.LANDSCAPE,
    AspectRatio.PORTRAIT,
    AspectRatio.CINEMA,
)

_WORKFLOW_ROAD = "/v1/workflows/executions"
# The thirteen models of the workflow endpoint, with the most a clip is expected to cost there.
_WORKFLOW_MODELS: tuple[tuple[str, str, str, str], ...] = (
    ("veo_3_1", "Veo 3.1", "Google", "4.00"),
    ("veo_3_1_fast", "Veo 3.1 Fast", "Google", "2.00"),
    ("veo3", "Veo 3", "Google", "4.00"),
    ("veo3_fast", "Veo 3 Fast", "Google", "2.00"),
    ("veo2", "Veo 2", "Google", "4.00"),
    ("kling_pro", "Kling Pro", "Kuaishou", "3.00"),
    ("kling_v2", "Kling V2", "Kuaishou", "3.00"),
    ("sora_v2", "Sora V2", "OpenAI", "2.00"),
    ("sora_v2_pro", "Sora V2 Pro", "OpenAI", "6.00"),
    ("runway_gen4", "Runway Gen-4", "Runway", "1.50"),
    ("seedance_lite", "Seedance Lite", "ByteDance", "0.60"),
    ("seedance_pro", "Seedance Pro", "ByteDance", "1.20"),
    ("ltx_distilled", "LTX Distilled", "Lightricks", "0.20"),
)


def _workflow_offer(name: str, title: str, provider: str, ceiling_usd: str) -> Offer:
    return Offer(
        gateway=GatewayName.HEYGEN,
        model=Model(name=name, title=title, provider=provider),
        endpoint=name,
        road=_WORKFLOW_ROAD,
        limits=Limits(
            aspect_ratios=_HEYGEN_RATIOS, reference_image=True, tail_image=True, config=True
        ),
        price=Ceiling(micro_usd(ceiling_usd)),
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
    )


CATALOG: tuple[Offer, ...] = (
    *(_workflow_offer(*row) for row in _WORKFLOW_MODELS),
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

MODEL_NAMES: tuple[str, ...] = tuple(dict.fromkeys(offer.model.name for offer in CATALOG))


def offer_named(name: str) -> Offer:
    """The offer written down as `veo_3_1@heygen`. Raises KeyError for one that is gone."""
    return _BY_NAME[name]


def on_the_road_of(name: str) -> tuple[str, ...]:
    """The offers that share the address of one, itself among them."""
    offer = _BY_NAME.get(name)
    if offer is None:
        return (name,)
    place = (offer.gateway, offer.road)
    return tuple(each.name for each in CATALOG if (each.gateway, each.road) == place)


def dedupe_of(name: str) -> Dedupe:
    """What protects the submits of an offer; nothing is known of one that is gone."""
    offer = _BY_NAME.get(name)
    return offer.dedupe if offer is not None else Dedupe.NONE


_BY_NAME = {offer.name: offer for offer in CATALOG}
