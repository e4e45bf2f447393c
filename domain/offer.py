"""An offer: a model at a gateway, what it can be asked for, and what that costs.

Limits say only what the offer's wire can say: an option without a documented field is not an
ability of the offer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.pricing import Estimate, Price, estimated
from domain.request import Work
from domain.shape import AspectRatio, FileFormat, Resolution
from domain.spoken import Kind


class GatewayName(StrEnum):
    """Whom we call and pay."""

    HEYGEN = "heygen"
    FAL = "fal"
    RUNWARE = "runware"


GATEWAY_TITLES = {
    GatewayName.HEYGEN: "HeyGen",
    GatewayName.FAL: "fal",
    GatewayName.RUNWARE: "Runware",
}


class Tag(StrEnum):
    """What an offer is good for, beyond what it can."""

    CINEMATIC = "cinematic"
    FAST = "fast"


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
    """What an offer can be asked for. An empty tuple means that its wire has no such field.
    `needs_image`: it makes nothing of words alone."""

    aspect_ratios: tuple[AspectRatio, ...]
    durations_s: tuple[int, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    sound: bool = False
    seed: bool = False
    reference_image: bool = False
    needs_image: bool = False
    tail_image: bool = False
    config: bool = False
    references_max: int = 0
    results_max: int = 1
    file_formats: tuple[FileFormat, ...] = ()
    prompt_max_chars: int = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model at a gateway. `endpoint` is what its wire calls it, `image_endpoint` the one that
    takes a reference image where that is another. `kind` is what it makes; `road` is the address
    that its submits go to: offers that share one are gone together."""

    gateway: GatewayName
    model: Model
    endpoint: str
    image_endpoint: str | None = None
    road: str
    limits: Limits
    price: Price
    dedupe: Dedupe = Dedupe.NONE
    kind: Kind = Kind.CLIP
    tags: frozenset[Tag] = frozenset()

    @property
    def name(self) -> str:
        """How the offer is written down: `veo_3_1@heygen`."""
        return f"{self.model.name}@{self.gateway}"


def estimate(offer: Offer, work: Work) -> Estimate:
    """What `work` costs at `offer`; it is resolved, so its length and size are set."""
    seconds = work.duration_s or max(offer.limits.durations_s, default=0)
    return estimated(offer.price, work, seconds=seconds)
