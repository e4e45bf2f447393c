"""What a person asks for. A request never changes once its undo window has passed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

PROMPT_MAX_CHARS = 4_000
SEED_MAX = 2**31 - 1
CONFIG_MAX_ENTRIES = 20


class Kind(StrEnum):
    """The kinds of video a person can ask for."""

    CLIP = "clip"
    AVATAR = "avatar"
    AGENT = "agent"
    TRANSLATION = "translation"
    TEMPLATE = "template"


class AspectRatio(StrEnum):
    """Width to height."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"
    LANDSCAPE = "4:3"
    PORTRAIT = "3:4"
    CINEMA = "21:9"


class Resolution(StrEnum):
    """Lines of the finished video."""

    P480 = "480p"
    P720 = "720p"
    P1080 = "1080p"
    UHD = "4k"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Image(_Frozen):
    """A picture that guides a render: a Slack file (we fetch it) or a public https link (the
    vendor fetches it; we never do)."""

    slack_file_id: str | None = None
    url: str | None = Field(default=None, max_length=2_048)
    name: str = "image"
    width_px: int | None = None
    height_px: int | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.slack_file_id is None) == (self.url is None):
            raise ValueError("an image is a Slack file or a link, exactly one of both")
        return self


class Clip(_Frozen):
    """Text or image to a short video. None means that the person did not say."""

    kind: Literal[Kind.CLIP] = Kind.CLIP
    prompt: str = Field(min_length=1, max_length=PROMPT_MAX_CHARS)
    model: str | None = None
    aspect_ratio: AspectRatio | None = None
    duration_s: int | None = Field(default=None, ge=1, le=300)
    seed: int | None = Field(default=None, ge=0, le=SEED_MAX)
    resolution: Resolution | None = None
    sound: bool | None = None
    reference_image: Image | None = None
    tail_image: Image | None = None
    config: dict[str, JsonValue] = Field(default_factory=dict, max_length=CONFIG_MAX_ENTRIES)


class Scene(_Frozen):
    """One scene of an avatar video: who says what in front of what."""

    script: str = Field(min_length=1, max_length=5_000)
    avatar: str | None = None
    voice: str | None = None
    background: str | None = None


class Avatar(_Frozen):
    """An exact script spoken by an avatar, one scene or many, optionally transparent."""

    kind: Literal[Kind.AVATAR] = Kind.AVATAR
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=50)
    aspect_ratio: AspectRatio | None = None
    resolution: Resolution | None = None
    transparent: bool = False
    captions: bool = False


class Agent(_Frozen):
    """An idea that an agent turns into a finished video."""

    kind: Literal[Kind.AGENT] = Kind.AGENT
    prompt: str = Field(min_length=1, max_length=10_000)
    duration_s: int | None = Field(default=None, ge=5, le=300)
    aspect_ratio: AspectRatio | None = None
    avatar: str | None = None
    voice: str | None = None


class Translation(_Frozen):
    """A finished take spoken in other languages."""

    kind: Literal[Kind.TRANSLATION] = Kind.TRANSLATION
    source_request_id: str
    languages: tuple[str, ...] = Field(min_length=1, max_length=40)


class Template(_Frozen):
    """A prepared video with variables to fill in."""

    kind: Literal[Kind.TEMPLATE] = Kind.TEMPLATE
    template_id: str
    variables: dict[str, str] = Field(default_factory=dict)


Work = Annotated[Clip | Avatar | Agent | Translation | Template, Field(discriminator="kind")]


class Source(StrEnum):
    """How a request reached us; it decides the length of the undo window."""

    COMMAND = "command"
    REPLY = "reply"
    MENTION = "mention"
    SHORTCUT = "shortcut"
    FORM = "form"
    BUTTON = "button"


class Request(_Frozen):
    """One take: what one person asked for in one thread, and from which take it came.

    `changed` says in words what differs from the parent. `undo_until` is when the undo window
    ends; `confirmed` is whether the person has seen and accepted the price.
    """

    id: str
    team_id: str
    channel: str
    shot_id: str
    take: int
    requester: str
    source: Source
    work: Work
    parent_id: str | None = None
    changed: tuple[str, ...] = ()
    created_at: float
    undo_until: float
    confirmed: bool = False
