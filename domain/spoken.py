"""The kinds of video in which somebody speaks: an exact script, an idea for an agent, a finished
take in another language, a prepared template. None means that the person did not say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from domain.pauses import as_written
from domain.shape import RESULTS_MAX, FileFormat, Frozen, Image, Media, Shape

SCRIPT_MAX_CHARS = 5_000
AGENT_PROMPT_MAX_CHARS = 10_000
SCENES_MAX = 50
AGENT_FILES_MAX = 20
SILENCE_MAX_S = 300.0
TITLE_MAX_CHARS = 200
LANGUAGES_MAX = 10  # of one translation; each is a take of its own
# The fields of two failures that are about the talk with an agent: it asks something, or its
# conversation cannot go on.
QUESTION, CONTINUES = "question", "continues"
# The place of what is translated, among the links that a gateway gets.
SOURCE = "source"


class Kind(StrEnum):
    """The kinds of video a person can ask for."""

    CLIP = "clip"
    AVATAR = "avatar"
    AGENT = "agent"
    TRANSLATION = "translation"
    TEMPLATE = "template"


class AvatarStyle(StrEnum):
    """How much of an avatar is seen (HeyGen's older API)."""

    NORMAL = "normal"
    CLOSE_UP = "closeUp"
    CIRCLE = "circle"


class Captions(StrEnum):
    """Where the spoken words are written: in a file beside the video, or in its picture too."""

    FILE = "file"
    BURNED_IN = "burned_in"


class Voice(Frozen):
    """Whose voice, and how it speaks. `speed` is a factor, `pitch` in semitones, `volume` 0–1."""

    name: str | None = None
    speed: float | None = Field(default=None, ge=0.5, le=1.5)
    pitch: int | None = Field(default=None, ge=-50, le=50)
    volume: float | None = Field(default=None, ge=0.0, le=1.0)
    locale: str | None = None
    emotion: str | None = None
    engine: Mapping[str, JsonValue] = Field(default_factory=dict)


class Background(Frozen):
    """What is behind an avatar: a colour (`#rrggbb`), a picture or a video."""

    colour: str | None = Field(default=None, pattern=r"^#[0-9a-fA-F]{6}$")
    image: Image | None = None
    video: Media | None = None
    play_style: Literal["fit_to_scene", "freeze", "loop", "once"] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(part is not None for part in (self.colour, self.image, self.video)) != 1:
            raise ValueError("a background is a colour, a picture or a video, exactly one of them")
        return self


class Scene(Frozen):
    """One scene: who says what, in front of what. Spoken by a script or a recording, or silent; or
    `footage`, a video of one's own, whose sound is as loud as `voice.volume` says."""

    script: str | None = Field(default=None, min_length=1, max_length=SCRIPT_MAX_CHARS)
    recording: Media | None = None
    silence_s: float | None = Field(default=None, ge=1.0, le=SILENCE_MAX_S)
    avatar: str | None = None
    photo: Image | None = None
    style: AvatarStyle | None = None
    voice: Voice = Voice()
    background: Background | None = None
    words_on_screen: str | None = Field(default=None, max_length=500)
    footage: Media | None = None

    @model_validator(mode="after")
    def _is_spoken_once(self) -> Self:
        sources = (self.script, self.recording, self.silence_s, self.footage)
        if sum(source is not None for source in sources) != 1:
            raise ValueError("a scene has a script, a recording, a silence or footage, one of them")
        if sum(shown is not None for shown in (self.avatar, self.photo, self.footage)) > 1:
            raise ValueError("a scene shows an avatar, a photo or footage, one of them")
        return self


class Cast(Shape):
    """Whatever casts somebody. `names` is what people call the ids in it, once it is resolved."""

    names: Mapping[str, str] = Field(default_factory=dict)

    def called(self, name: str | None) -> str:
        """An id as people know it; itself where it has no other name."""
        return self.names.get(name or "", name or "")


class Avatar(Cast):
    """An exact script spoken by an avatar, one scene or many, optionally transparent.
    `reference_look` is another look of the same avatar that its engine learns from, `cut_out`
    removes the picture's own background, `fit` is how another shape fills the frame. `of_photos`:
    whoever is seen in it is moved from a picture, as it was cast; None where nobody knows."""

    kind: Literal[Kind.AVATAR] = Kind.AVATAR
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=SCENES_MAX)
    title: str | None = Field(default=None, max_length=TITLE_MAX_CHARS)
    transparent: bool = False
    captions: Captions | None = None
    engine: Literal["avatar_iii", "avatar_iv", "avatar_v"] | None = None
    motion: str | None = Field(default=None, max_length=1_000)
    expressiveness: Literal["low", "medium", "high"] | None = None
    reference_look: str | None = None
    cut_out: bool = False
    fit: Literal["cover", "contain"] | None = None
    test: bool = False
    of_photos: bool | None = None

    @property
    def said(self) -> str:
        """What is said in it, scene after scene."""
        scripts = (as_written(scene.script) for scene in self.scenes if scene.script)
        return " ".join(scripts) or "(recorded voice)"

    @property
    def media(self) -> Mapping[str, Media]:
        """The files that go into it, by the place of each."""
        found: dict[str, Media | None] = {}
        for number, scene in enumerate(self.scenes):
            behind = scene.background
            found |= {
                f"scenes.{number}.recording": scene.recording,
                f"scenes.{number}.photo": scene.photo,
                f"scenes.{number}.footage": scene.footage,
                f"scenes.{number}.background": (behind.image or behind.video) if behind else None,
            }
        return {place: media for place, media in found.items() if media is not None}


class Agent(Cast):
    """An idea that an agent turns into a finished video. `chat`: the agent may ask before it makes
    it, and be told more afterwards. `continues` is the request whose conversation goes on with this
    prompt, and `otherwise` what is made where it cannot: a video of its own from everything that
    was said in it so far."""

    kind: Literal[Kind.AGENT] = Kind.AGENT
    prompt: str = Field(min_length=1, max_length=AGENT_PROMPT_MAX_CHARS)
    avatar: str | None = None
    voice: str | None = None
    style: str | None = None
    files: tuple[Media, ...] = Field(default=(), max_length=AGENT_FILES_MAX)
    file_format: FileFormat | None = None
    results: int = Field(default=1, ge=1, le=RESULTS_MAX)
    chat: bool = False
    continues: str | None = None
    otherwise: Agent | None = None

    @property
    def said(self) -> str:
        """The idea."""
        return self.prompt

    @property
    def media(self) -> Mapping[str, Media]:
        """The files that go into it, by the place of each."""
        return {f"files.{number}": file for number, file in enumerate(self.files)}


class Translation(Shape):
    """A finished video spoken in another language: a take of ours, or a file. `source_s` is how
    long that is in seconds, where it is known; it may be longer than anything that can be made."""

    kind: Literal[Kind.TRANSLATION] = Kind.TRANSLATION
    language: str = Field(min_length=2, max_length=80)
    source_request_id: str | None = None
    source: Media | None = None
    source_s: float | None = Field(default=None, gt=0)
    mode: Literal["speed", "precision"] = "speed"
    sound_only: bool = False
    captions: bool = False
    speakers: int | None = Field(default=None, ge=1, le=10)

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.source_request_id is None) == (self.source is None):
            raise ValueError("a translation is of a take or of a file, exactly one of both")
        return self

    @property
    def said(self) -> str:
        """What is asked for."""
        return f"in {self.language}"

    @property
    def media(self) -> Mapping[str, Media]:
        """The files that go into it, by the place of each."""
        return {SOURCE: self.source} if self.source is not None else {}


class Filling(Frozen):
    """What fills one variable of a template."""

    type: Literal["text", "image", "video", "audio", "character", "voice"]
    text: str | None = Field(default=None, max_length=SCRIPT_MAX_CHARS)
    name: str | None = None
    media: Media | None = None


class Template(Cast):
    """A prepared video with variables to fill in. `spoken_s` is how long what it says then takes,
    in seconds, where the vendor tells what that is."""

    kind: Literal[Kind.TEMPLATE] = Kind.TEMPLATE
    template: str
    title: str | None = Field(default=None, max_length=TITLE_MAX_CHARS)
    variables: Mapping[str, Filling] = Field(default_factory=dict)
    captions: bool = False
    spoken_s: float | None = Field(default=None, gt=0)

    @property
    def said(self) -> str:
        """What is asked for."""
        texts = [filling.text for filling in self.variables.values() if filling.text]
        return " · ".join((self.title or self.called(self.template), *texts))

    @property
    def media(self) -> Mapping[str, Media]:
        """The files that go into it, by the place of each."""
        return {
            f"variables.{name}": filling.media
            for name, filling in self.variables.items()
            if filling.media is not None
        }
