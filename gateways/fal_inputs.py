"""What each family of models at fal calls its inputs, and how it writes them down.

Every family has names and encodings of its own, so a common body does not work (npm
@fal-ai/client 1.10.1, `types/endpoints.d.ts`; fal.ai/models/<id>/llms.txt). Whether a length is
text or a number cannot be told from those types, which quote every enum: fal's JSON examples and
the unquoted lists of its pages decide here, and for Wan 2.7 public adapters, which send a number
there and text for Kling in the same table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from domain.errors import Failure, FailureClass
from domain.gateway import Intent
from domain.request import SEED_MAX
from domain.shape import AspectRatio, Resolution
from domain.spoken import Agent

_TEXT, _NUMBER = str, int


def _with_unit(seconds: int) -> str:
    return f"{seconds}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How one family writes a clip. `first` and `last` are its frames; `frames` are both where
    they have an endpoint of their own. `follows_image`: no ratio beside an image, its own rules."""

    duration: Callable[[int], str | int]
    first: str = "image_url"
    last: str = "end_image_url"
    frames: tuple[str, str] | None = None
    follows_image: bool = False
    sizes: Mapping[Resolution, str] = field(default_factory=dict)


# The road of an offer begins with one of these.
FAMILIES: Mapping[str, Family] = {
    "bytedance/seedance-2.0": Family(duration=_TEXT),
    "fal-ai/kling-video/v3": Family(duration=_TEXT, first="start_image_url", follows_image=True),
    "fal-ai/kling-video/v2.1": Family(duration=_TEXT, last="tail_image_url", follows_image=True),
    "fal-ai/minimax/hailuo-": Family(duration=_TEXT, follows_image=True),
    "fal-ai/veo3": Family(duration=_with_unit, frames=("first_frame_url", "last_frame_url")),
    "fal-ai/ltx-2.3": Family(duration=_NUMBER, sizes={Resolution.UHD: "2160p"}),
    "fal-ai/wan/v2.7": Family(duration=_NUMBER, follows_image=True),
    "wan/v2.6": Family(duration=_TEXT, follows_image=True),
}


class _ClipInput(BaseModel):
    """Every name that an input of ours may have at fal."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: str
    duration: str | int | None
    resolution: str | None
    aspect_ratio: str | None
    generate_audio: bool | None
    seed: int | None
    image_url: str | None = None
    start_image_url: str | None = None
    end_image_url: str | None = None
    tail_image_url: str | None = None
    first_frame_url: str | None = None
    last_frame_url: str | None = None
    image_urls: list[str] | None = None


class _AgentConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    duration: int | None
    orientation: str | None


class _AgentInput(BaseModel):
    """`fal-ai/heygen/v2/video-agent`; it knows no voice, style or file, and its avatars
    are names of its own (an enum), not ids of a HeyGen account."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: str
    config: _AgentConfig


def endpoint_of(intent: Intent) -> str | Failure:
    """The endpoint that takes these inputs, or the input that none takes."""
    if isinstance(intent.work, Agent):
        return _agent_endpoint(intent, intent.work)
    offer, first = intent.offer, intent.reference_image_url
    if _references(intent):
        return _references_endpoint(intent)
    if intent.tail_image_url is not None:
        if first is None:
            return _impossible("tail_image", "a tail image needs a reference image")
        if not offer.limits.tail_image:
            return _impossible("tail_image", "this offer takes no tail image")
        if offer.frames_endpoint is not None:
            return offer.frames_endpoint
    if first is not None:
        missing = _impossible("reference_image", "this offer takes no reference image")
        return offer.image_endpoint or missing
    if offer.limits.needs_image:
        return _impossible("reference_image", "this offer makes nothing without an image")
    return offer.endpoint


def encode_submission(intent: Intent) -> bytes:
    """The JSON body of a submit: what was set, and nothing else."""
    if isinstance(intent.work, Agent):
        return _encode_agent(intent.work)
    clip, family = intent.clip, _family_of(intent)
    ratio = clip.aspect_ratio if not (_has_image(intent) and family.follows_image) else None
    given = _ClipInput(
        prompt=clip.prompt,
        duration=None if clip.duration_s is None else family.duration(clip.duration_s),
        resolution=None if clip.resolution is None else _size(clip.resolution, family),
        aspect_ratio=None if ratio is None else ratio.value,
        generate_audio=clip.sound,
        seed=seed_of(intent),
        image_urls=_references(intent) or None,
        **_frames(intent, family),
    )
    return given.model_dump_json(exclude_none=True).encode()


def seed_of(intent: Intent) -> int | None:
    """The person's seed, else one that follows from the key: it is random, written down before it
    is sent and its own for each submit, so it finds the request again in fal's history."""
    if intent.clip.seed is not None or not intent.offer.limits.seed:
        return intent.clip.seed
    return int.from_bytes(hashlib.sha256(intent.key.encode()).digest()[:8]) % (SEED_MAX + 1)


def has_own_seed(intent: Intent) -> bool:
    """Whether its input tells it from every other submit, even of the same work."""
    return intent.clip.seed is None and seed_of(intent) is not None


def _family_of(intent: Intent) -> Family:
    return next(family for road, family in FAMILIES.items() if intent.offer.road.startswith(road))


def _frames(intent: Intent, family: Family) -> dict[str, str]:
    """The pictures that it begins and ends with, as the endpoint for them calls them."""
    first, last = intent.reference_image_url, intent.tail_image_url
    names = (family.first, family.last)
    if family.frames is not None and last is not None:
        names = family.frames
    return {name: url for name, url in zip(names, (first, last), strict=True) if url is not None}


def _size(resolution: Resolution, family: Family) -> str:
    return family.sizes.get(resolution, resolution.value)


def _has_image(intent: Intent) -> bool:
    return intent.reference_image_url is not None


def _references(intent: Intent) -> list[str]:
    """The pictures that only guide, in their order."""
    named = ((int(place.partition(".")[2]), place) for place in intent.links if _guides(place))
    return [intent.links[place] for _, place in sorted(named)]


def _guides(place: str) -> bool:
    return place.startswith("references.")


def _references_endpoint(intent: Intent) -> str | Failure:
    offer, count = intent.offer, len(_references(intent))
    if offer.references_endpoint is None:
        return _impossible("references", "this offer takes no pictures that only guide")
    if count > offer.limits.references_max:
        return _impossible("references", f"this offer takes {offer.limits.references_max} pictures")
    if _has_image(intent) or intent.tail_image_url is not None:
        return _impossible("references", "pictures that guide go with neither first nor last frame")
    return offer.references_endpoint


def _agent_endpoint(intent: Intent, agent: Agent) -> str | Failure:
    for name in ("avatar", "voice", "style", "files", "continues"):
        if getattr(agent, name):
            return _impossible(name, f"the agent at fal takes no {name}")
    return intent.offer.endpoint


def _encode_agent(agent: Agent) -> bytes:
    tall = agent.aspect_ratio is AspectRatio.TALL
    orientation = None if agent.aspect_ratio is None else "portrait" if tall else "landscape"
    config = _AgentConfig(duration=agent.duration_s, orientation=orientation)
    return (
        _AgentInput(prompt=agent.prompt, config=config).model_dump_json(exclude_none=True).encode()
    )


def _impossible(field: str, reason: str) -> Failure:
    return Failure(kind=FailureClass.BAD_INPUT, detail=reason, field=field)
