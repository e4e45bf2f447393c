"""What the v1 and v2 endpoints of the seeds accept.

Sources: seed 002 (`/v2/video/generate`, `/v1/video.webm`), seed 004 (`/v1/video_agent/generate`),
developers.heygen.com/studio-api; ranges that contradict each other are switches.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sandbox.vendors.heygen_templates import Dimension
from sandbox.vendors.heygen_wire import Body

SCENES_MAX = 50
SILENCE_S = (1.0, 100.0)
FITS = Literal["cover", "crop", "contain", "none"]


class Offset(Body):
    """Where a character stands."""

    x: float = 0.0
    y: float = 0.0


class AvatarCharacter(Body):
    """An avatar in a scene."""

    type: Literal["avatar"]
    avatar_id: str
    avatar_style: Literal["normal", "closeUp", "circle"] = "normal"
    scale: float = Field(1.0, gt=0, le=5)
    offset: Offset | None = None
    matting: bool | None = None
    circle_background_color: str | None = None


class PhotoCharacter(Body):
    """A talking photo in a scene."""

    type: Literal["talking_photo"]
    talking_photo_id: str
    talking_photo_style: Literal["square", "circle"] | None = None
    talking_style: Literal["stable", "expressive"] | None = None
    expression: Literal["default", "happy"] | None = None
    super_resolution: bool | None = None
    use_avatar_iv_model: bool | None = None
    scale: float = Field(1.0, gt=0, le=5)
    offset: Offset | None = None
    matting: bool | None = None


class TextVoice(Body):
    """Words; how fast and how high they may be is a switch."""

    type: Literal["text"]
    voice_id: str
    input_text: str = Field(min_length=1)
    speed: float = Field(1.0, ge=0.5)
    pitch: float = 0.0
    emotion: Literal["Excited", "Friendly", "Serious", "Soothing", "Broadcaster"] | None = None
    locale: str | None = None
    elevenlabs_settings: dict[str, Any] | None = None


class AudioVoice(Body):
    """A recording."""

    type: Literal["audio"]
    audio_url: str | None = None
    audio_asset_id: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.audio_url is None) == (self.audio_asset_id is None):
            raise ValueError("give either audio_url or audio_asset_id")
        return self


class SilenceVoice(Body):
    """Nothing is said."""

    type: Literal["silence"]
    duration: float = Field(1.0, ge=SILENCE_S[0], le=SILENCE_S[1])


class ColourGround(Body):
    """A colour behind."""

    type: Literal["color"]
    value: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")


class ImageGround(Body):
    """A picture behind."""

    type: Literal["image"]
    url: str | None = None
    image_asset_id: str | None = None
    fit: FITS | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.url is None) == (self.image_asset_id is None):
            raise ValueError("give either url or image_asset_id")
        return self


class VideoGround(Body):
    """A video behind: only v2 has it."""

    type: Literal["video"]
    url: str | None = None
    video_asset_id: str | None = None
    play_style: Literal["fit_to_scene", "freeze", "loop", "once", "full_video"] = "fit_to_scene"
    fit: FITS | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.url is None) == (self.video_asset_id is None):
            raise ValueError("give either url or video_asset_id")
        return self


Character = AvatarCharacter | PhotoCharacter
Voice = TextVoice | AudioVoice | SilenceVoice
Ground = ColourGround | ImageGround | VideoGround


class Scene(Body):
    """One of `video_inputs`."""

    character: Annotated[Character, Field(discriminator="type")]
    voice: Annotated[Voice, Field(discriminator="type")]
    background: Annotated[Ground, Field(discriminator="type")] | None = None


class Generated(Body):
    """`POST /v2/video/generate`."""

    video_inputs: list[Scene] = Field(min_length=1, max_length=SCENES_MAX)
    dimension: Dimension = Dimension(width=1920, height=1080)
    title: str | None = None
    caption: bool = False
    caption_mode: Literal["file_only", "burn_in"] | None = None
    callback_id: str | None = None
    callback_url: str | None = None
    folder_id: str | None = None
    fps: float = 25
    test: bool = False
    enable_watermark: bool | None = None
    subtitles: dict[str, Any] | None = None


class Pose(Body):
    """`POST /v1/video.webm` as the TypeScript SDK sends it."""

    avatar_pose_id: str
    avatar_style: Literal["normal", "closeUp"] = "normal"
    input_text: str | None = None
    input_audio: str | None = None
    voice_id: str | None = None
    dimension: Dimension = Dimension(width=1920, height=1080)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.input_text is None) == (self.input_audio is None):
            raise ValueError("give either input_text or input_audio")
        if self.input_text is not None and self.voice_id is None:
            raise ValueError("voice_id is required with input_text")
        return self


class AgentConfig(Body):
    """The `config` of `/v1/video_agent/generate`."""

    duration_sec: int | None = Field(None, ge=5, le=300)
    avatar_id: str | None = None
    orientation: Literal["landscape", "portrait"] | None = None


class AgentFile(Body):
    """An uploaded file."""

    asset_id: str


class AgentV1(Body):
    """`POST /v1/video_agent/generate`."""

    prompt: str = Field(min_length=1, max_length=10_000)
    config: AgentConfig = AgentConfig()
    files: list[AgentFile] = Field(default_factory=list, max_length=20)
    callback_id: str | None = None
    callback_url: str | None = None


class TranslationV2(Body):
    """`POST /v2/video_translate`."""

    video_url: str
    output_language: str | None = None
    output_languages: list[str] | None = Field(None, min_length=1)
    title: str | None = None
    translate_audio_only: bool = False
    speaker_num: int | None = Field(None, ge=1)
    mode: Literal["fast", "quality", "speed", "precision"] | None = None
    brand_voice_id: str | None = None
    callback_id: str | None = None
    callback_url: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.output_language is None) == (self.output_languages is None):
            raise ValueError("give either output_language or output_languages")
        return self


class AvatarIV(Body):
    """`POST /v2/video/av4/generate`."""

    image_key: str
    video_title: str
    voice_id: str | None = None
    script: str | None = Field(None, min_length=1)
    audio_url: str | None = None
    audio_asset_id: str | None = None
    video_orientation: Literal["landscape", "portrait"] = "landscape"
    fit: Literal["cover", "contain"] | None = None
    custom_motion_prompt: str | None = None
    enhance_custom_motion_prompt: bool | None = None
    caption: bool = False
    callback_id: str | None = None
    callback_url: str | None = None


class Shared(Body):
    """`POST /v1/video/share`."""

    video_id: str
