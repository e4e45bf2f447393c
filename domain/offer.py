"""An offer: a model at a gateway, what it can be asked for, and what that costs.

Limits say only what the offer's wire can say: an option without a documented field is not an
ability of the offer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from domain.pacing import length_s
from domain.pricing import Estimate, Price, estimated
from domain.request import Work
from domain.shape import AspectRatio, FileFormat, Media, Resolution
from domain.spoken import Avatar, AvatarStyle, Kind, Template, Translation


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
class Speech:
    """What can be asked of those who speak: how many scenes in one video and in a transparent one,
    how fast (`speed`: a factor, least and most), how high (`pitch_max`: semitones up and down).
    `needs_voice`: nobody's own voice is used, so one must be named."""

    scenes_max: int = 1
    transparent_scenes_max: int = 0
    script_max_chars: int = 5_000
    speed: tuple[float, float] = (1.0, 1.0)
    pitch_max: int = 0
    silence_max_s: float = 0.0
    silence_needs_photo: bool = False
    needs_voice: bool = False
    styles: tuple[AvatarStyle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an offer can be asked for. An empty tuple means that its wire has no such field.
    `needs_image`: it makes nothing of words alone. `picture_has_ratio`: what starts from a picture
    has that picture's ratio, and no other can be asked for. `needs_avatar`: it shows somebody, so
    an avatar must be named or configured. `takes` names the further fields of ours that an avatar,
    agent, translation or template offer's wire can say (`spoken_fitting.py`)."""

    aspect_ratios: tuple[AspectRatio, ...]
    durations_s: tuple[int, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    sound: bool = False
    seed: bool = False
    reference_image: bool = False
    needs_image: bool = False
    picture_has_ratio: bool = False
    tail_image: bool = False
    config: bool = False
    references_max: int = 0
    results_max: int = 1
    file_formats: tuple[FileFormat, ...] = ()
    prompt_max_chars: int = 4_000
    needs_avatar: bool = False
    takes: frozenset[str] = frozenset()
    speech: Speech | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model at a gateway. `endpoint` is what its wire calls it, `image_endpoint` the one that
    takes a reference image where that is another, `frames_endpoint` the one for a first and a last
    frame, `references_endpoint` the one for pictures that only guide. `kind` is what it makes;
    `road` is the address that its submits go to: offers that share one are gone together."""

    gateway: GatewayName
    model: Model
    endpoint: str
    image_endpoint: str | None = None
    frames_endpoint: str | None = None
    references_endpoint: str | None = None
    road: str
    limits: Limits
    price: Price
    dedupe: Dedupe = Dedupe.NONE
    kind: Kind = Kind.CLIP
    tags: frozenset[Tag] = frozenset()
    edition: str = ""

    @property
    def name(self) -> str:
        """How the offer is written down: `veo_3_1@heygen`, `heygen_avatar.v2@heygen`."""
        edition = f".{self.edition}" if self.edition else ""
        return f"{self.model.name}{edition}@{self.gateway}"


def offer_gateway_title(name: str) -> str:
    """`fal`, of `seedance_2_0@fal`."""
    return GATEWAY_TITLES[GatewayName(name.partition("@")[2])]


def estimate(offer: Offer, work: Work) -> Estimate:
    """What `work` costs at `offer`; it is resolved, so its length and size are set. What is spoken
    is as long as its script takes to say, its recordings or its source last."""
    seconds = work.duration_s or _known_s(work) or max(offer.limits.durations_s, default=0)
    return estimated(offer.price, work, seconds=seconds)


def _known_s(work: Work) -> float | None:
    """How long a script and recordings take, or how long the video is that is translated: a take of
    ours, of which begun seconds count, or a file."""
    match work:
        case Avatar():
            return length_s(work)
        case Translation(source_s=float(source_s)):
            return math.ceil(source_s)
        case Translation(source=Media(duration_s=float(source_s))):
            return math.ceil(source_s)
        case Template(spoken_s=float(spoken_s)):
            return spoken_s
        case _:
            return None
