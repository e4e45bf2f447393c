"""The bodies of `POST /v3/videos`, as strict as heygen-cli's embedded OpenAPI says they are.

`parsed` tells the four apart by `type`; studio scenes are told apart the same way.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from sandbox.vendors.heygen_assets import AssetInput
from sandbox.vendors.heygen_wire import Body, Json, RefusedError, read

SCRIPT_MAX_CHARS = 5_000
PROMPT_MAX_CHARS = 10_000
SCENES_MAX = 50
SILENT_MAX_S = 300.0
CINEMATIC_LOOKS = 3
CINEMATIC_VIDEOS, CINEMATIC_IMAGES = 3, 9
STABILITIES_V3 = (0.0, 0.5, 1.0)
HEX_COLOUR = r"^#[0-9a-fA-F]{6}$"
MODELS = {
    "elevenlabs": (
        *("eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5"),
        "eleven_v3",
    ),
    "fish": ("s1", "s2-pro"),
    "starfish": (),
}

Resolution = Literal["720p", "1080p", "4k"]
Ratio = Literal["16:9", "9:16", "4:5", "5:4", "1:1", "auto"]


class EngineSettings(Body):
    """Tuning of one voice engine; each has fields of its own."""

    engine_type: Literal["elevenlabs", "fish", "starfish"]
    model: str | None = None
    stability: float | None = Field(None, ge=0, le=1)
    similarity_boost: float | None = Field(None, ge=0, le=1)
    similarity: float | None = Field(None, ge=0, le=1)
    style: float | None = Field(None, ge=0, le=1)
    use_speaker_boost: bool | None = None

    @model_validator(mode="after")
    def _own_fields(self) -> Self:
        elevenlabs = ("similarity_boost", "style", "use_speaker_boost")
        foreign = {"elevenlabs": ("similarity",), "fish": elevenlabs}.get(
            self.engine_type, (*elevenlabs, "similarity", "stability", "model")
        )
        if given := [name for name in foreign if getattr(self, name) is not None]:
            raise ValueError(f"{given[0]} does not belong to {self.engine_type}")
        if self.model is not None and self.model not in MODELS[self.engine_type]:
            raise ValueError(f"{self.model} is not a model of {self.engine_type}")
        if self.model == "eleven_v3" and self.stability not in (None, *STABILITIES_V3):
            raise ValueError("stability must be 0, 0.5 or 1 for eleven_v3")
        return self


class VoiceSettings(Body):
    """How a voice speaks."""

    speed: float = Field(1.0, ge=0.5, le=1.5)
    pitch: float = Field(0.0, ge=-50, le=50)
    volume: float = Field(1.0, ge=0, le=1)
    locale: str | None = None
    engine_settings: EngineSettings | None = None


class Background(Body):
    """Behind the avatar: a colour (`value`) or an image, never a video."""

    type: Literal["color", "image"]
    value: str | None = Field(None, pattern=HEX_COLOUR)
    url: str | None = None
    asset_id: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        _need_ground(self.type, "value", colour=self.value, pictures=(self.url, self.asset_id))
        return self


class SceneBackground(Body):
    """The same in a studio scene, where the colour is called `color`."""

    type: Literal["color", "image"]
    color: str | None = Field(None, pattern=HEX_COLOUR)
    url: str | None = None
    asset_id: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        _need_ground(self.type, "color", colour=self.color, pictures=(self.url, self.asset_id))
        return self


class Caption(Body):
    """A sidecar always; `style` also burns the captions in."""

    file_format: Literal["srt"] = "srt"
    style: Literal["default"] | None = None


class Engine(Body):
    """Which avatar engine; only Avatar V takes a reference look."""

    type: Literal["avatar_v", "avatar_iv", "avatar_iii"]
    reference_look_id: str | None = None

    @model_validator(mode="after")
    def _own_fields(self) -> Self:
        if self.reference_look_id is not None and self.type != "avatar_v":
            raise ValueError("reference_look_id belongs to avatar_v")
        return self


class Spoken(Body):
    """Words, or a recording of them: exactly one source."""

    script: str | None = Field(None, min_length=1, max_length=SCRIPT_MAX_CHARS)
    voice_id: str | None = None
    audio_url: str | None = None
    audio_asset_id: str | None = None
    voice_settings: VoiceSettings | None = None

    @property
    def sources(self) -> int:
        """How many sources of sound were given."""
        return sum(one is not None for one in (self.script, self.audio_url, self.audio_asset_id))

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.sources != 1:
            raise ValueError("give exactly one of script, audio_url and audio_asset_id")
        return self


class Called(Body):
    """Who is told at the end."""

    callback_url: str | None = None
    callback_id: str | None = None


class Talking(Spoken, Called):
    """What `avatar` and `image` videos have in common."""

    title: str | None = None
    resolution: Resolution | None = None
    aspect_ratio: Ratio | None = None
    fit: Literal["cover", "contain"] | None = None
    background: Background | None = None
    remove_background: bool | None = None
    output_format: Literal["mp4", "webm"] = "mp4"
    caption: Caption | None = None
    motion_prompt: str | None = None
    expressiveness: Literal["high", "medium", "low"] | None = None
    brand_glossary_id: str | None = None

    @model_validator(mode="after")
    def _no_ground_in_webm(self) -> Self:
        if self.output_format == "webm" and self.background is not None:
            raise ValueError("background cannot be used with output_format webm")
        return self


class AvatarVideo(Talking):
    """`type: "avatar"`."""

    type: Literal["avatar"]
    avatar_id: str
    engine: Engine | None = None


class ImageVideo(Talking):
    """`type: "image"`: a picture that speaks; it has no voice of its own."""

    type: Literal["image"]
    image: AssetInput

    @model_validator(mode="after")
    def _voice(self) -> Self:
        if self.script is not None and self.voice_id is None:
            raise ValueError("voice_id is required with script")
        return self


class CinematicVideo(Body):
    """`type: "cinematic_avatar"`; its schema has no callback fields."""

    type: Literal["cinematic_avatar"]
    prompt: str = Field(min_length=1, max_length=PROMPT_MAX_CHARS)
    avatar_id: list[str] = Field(min_length=1, max_length=CINEMATIC_LOOKS)
    references: list[AssetInput] = Field(default_factory=list)
    duration: int | None = Field(None, ge=4, le=15)
    auto_duration: bool = False
    enhance_prompt: bool = False
    resolution: Literal["720p", "1080p"] | None = None
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = None
    title: str | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.auto_duration and self.duration is not None:
            raise ValueError("duration and auto_duration exclude each other")
        return self


class StudioVideo(Called):
    """`type: "studio"`: scenes are read one by one."""

    type: Literal["studio"]
    scenes: list[dict[str, Any]] = Field(min_length=1, max_length=SCENES_MAX)
    title: str | None = None
    resolution: Resolution | None = None
    aspect_ratio: Literal["16:9", "9:16", "4:5", "5:4", "1:1"] | None = None
    caption: Caption | None = None


class SceneAvatar(Spoken):
    """The input of an `avatar_video` scene with a look."""

    type: Literal["avatar"]
    avatar_id: str
    background: SceneBackground | None = None


class SceneImage(Spoken):
    """The input of an `avatar_video` scene with a picture."""

    type: Literal["image"]
    image: AssetInput
    background: SceneBackground | None = None


class StillScene(Body):
    """`type: "image"`: silent for `duration` seconds, or narrated."""

    type: Literal["image"]
    source: AssetInput
    duration: float | None = Field(None, gt=0, le=SILENT_MAX_S)
    script: str | None = Field(None, min_length=1, max_length=SCRIPT_MAX_CHARS)
    voice_id: str | None = None
    audio_url: str | None = None
    audio_asset_id: str | None = None
    voice_settings: VoiceSettings | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.duration, self.script, self.audio_url, self.audio_asset_id)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give a duration, or exactly one of script and audio")
        if self.script is not None and self.voice_id is None:
            raise ValueError("voice_id is required with script")
        return self


class Playback(Body):
    """How a video scene sounds."""

    volume: float = Field(1.0, ge=0, le=1)
    mute: bool = False


class ClipScene(Body):
    """`type: "video"`."""

    type: Literal["video"]
    source: AssetInput
    playback: Playback | None = None


Ground = Background | SceneBackground
Video = AvatarVideo | ImageVideo | CinematicVideo | StudioVideo
Scene = SceneAvatar | SceneImage | StillScene | ClipScene
VIDEOS: dict[str, type[Video]] = {
    "avatar": AvatarVideo,
    "image": ImageVideo,
    "cinematic_avatar": CinematicVideo,
    "studio": StudioVideo,
}


def parsed(given: Json, at: str = "") -> Video:
    """One of the four bodies. Errors: RefusedError."""
    schema = VIDEOS.get(str(given.get("type")))
    if schema is None:
        place = f"{at}.type".lstrip(".")
        raise RefusedError(400, f"type must be one of {', '.join(VIDEOS)}.", param=place)
    return read(schema, given, at=at)


def scene(given: Json, at: str) -> Scene:
    """One studio scene. Errors: RefusedError."""
    match given.get("type"):
        case "avatar_video":
            if unknown := sorted(given.keys() - {"type", "input"}):
                place = f"{at}.{unknown[0]}"
                raise RefusedError(400, f"Unknown field {place}.", param=place)
            inner = given.get("input")
            if not isinstance(inner, dict) or inner.get("type") not in ("avatar", "image"):
                raise RefusedError(
                    400, "input.type must be avatar or image.", param=f"{at}.input.type"
                )
            if inner["type"] == "avatar":
                return read(SceneAvatar, inner, at=f"{at}.input")
            return read(SceneImage, inner, at=f"{at}.input")
        case "image":
            return read(StillScene, given, at=at)
        case "video":
            return read(ClipScene, given, at=at)
        case _:
            message = "type must be avatar_video, image or video."
            raise RefusedError(400, message, param=f"{at}.type")


def _need_ground(
    type_: str, word: str, *, colour: str | None, pictures: tuple[str | None, str | None]
) -> None:
    given = [one for one in pictures if one is not None]
    if type_ == "color" and (colour is None or given):
        raise ValueError(f"a colour background has {word}")
    if type_ == "image" and (colour is not None or len(given) != 1):
        raise ValueError("an image background has either url or asset_id")
