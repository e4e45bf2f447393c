"""What a person asks for. A request never changes once its undo window has passed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from domain.shape import RESULTS_MAX, FileFormat, Frozen, Image, Media, Shape
from domain.spoken import Agent, Avatar, Captions, Kind, Template, Translation

PROMPT_MAX_CHARS = 4_000
SEED_MAX = 2**31 - 1
CONFIG_MAX_ENTRIES = 20
REFERENCES_MAX = 9
AVATARS_MAX = 3

# Where a clip's pictures go: the keys of `Clip.media`, and of the links that gateways get.
REFERENCE_IMAGE, TAIL_IMAGE = "reference_image", "tail_image"


class Clip(Shape):
    """Text or image to a short video. None means that the person did not say. `avatars` are the
    looks that appear in it, where a model shows somebody."""

    kind: Literal[Kind.CLIP] = Kind.CLIP
    prompt: str = Field(min_length=1, max_length=PROMPT_MAX_CHARS)
    model: str | None = None
    seed: int | None = Field(default=None, ge=0, le=SEED_MAX)
    sound: bool | None = None
    reference_image: Image | None = None
    tail_image: Image | None = None
    config: dict[str, JsonValue] = Field(default_factory=dict, max_length=CONFIG_MAX_ENTRIES)
    references: tuple[Image, ...] = Field(default=(), max_length=REFERENCES_MAX)
    results: int = Field(default=1, ge=1, le=RESULTS_MAX)
    file_format: FileFormat | None = None
    avatars: tuple[str, ...] = Field(default=(), max_length=AVATARS_MAX)

    @property
    def said(self) -> str:
        """The prompt."""
        return self.prompt

    @property
    def media(self) -> Mapping[str, Media]:
        """The files that go into it, by the place of each."""
        named = {REFERENCE_IMAGE: self.reference_image, TAIL_IMAGE: self.tail_image}
        found = {place: image for place, image in named.items() if image is not None}
        return found | {f"references.{n}": image for n, image in enumerate(self.references)}


Work = Annotated[Clip | Avatar | Agent | Translation | Template, Field(discriminator="kind")]


def results_of(work: Work) -> int:
    """How many videos are asked for: several of a clip's or an agent's prompt, else one."""
    return work.results if isinstance(work, Clip | Agent) else 1


def container_of(work: Work) -> FileFormat:
    """How its finished video is written: as was chosen, transparent as WebM, else MP4."""
    match work:
        case Clip(file_format=FileFormat() as chosen) | Agent(file_format=FileFormat() as chosen):
            return chosen
        case Avatar(transparent=True):
            return FileFormat.WEBM
        case _:
            return FileFormat.MP4


def brings_captions(work: Work) -> bool:
    """Whether a file of captions was asked for beside the film."""
    match work:
        case Avatar():
            return work.captions is Captions.FILE
        case Translation():
            return work.captions
        case _:
            return False


def is_transparent(work: Work) -> bool:
    """Whether its finished video has nothing behind who speaks in it."""
    return isinstance(work, Avatar) and work.transparent


class Source(StrEnum):
    """How a request reached us; it decides the length of the undo window."""

    COMMAND = "command"
    REPLY = "reply"
    MENTION = "mention"
    SHORTCUT = "shortcut"
    FORM = "form"
    BUTTON = "button"


class Request(Frozen):
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
