"""MiniMax Hailuo, LTX, Wan, Sora and HeyGen at fal.

Fields: @fal-ai/client 1.10.1 `types/endpoints.d.ts`. Those types print every enum in quotes; by
fal's JSON examples LTX and Sora take integers, by public adapters Wan 2.7; 2.6 takes both here.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.vendors.fal_input import FalInput, Square, Text, Url, Wide, WideAuto

SixTen = Literal["6", "10"]
LtxSize = Literal["1080p", "1440p", "2160p"]
LtxFast = Literal[6, 8, 10, 12, 14, 16, 18, 20]
LTX_SHORT_S = 10
WanRatio = Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
Wan27Duration = Literal[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
Wan26Duration = Literal["5", "10", "15", 5, 10, 15]
Wan25Duration = Literal["5", "10", 5, 10]
SoraDuration = Literal[4, 8, 12, 16, 20]


class HailuoProTextInput(FalInput):
    """Hailuo pro text-to-video: about 6 s, 1080p, no further say."""

    fixed_s: ClassVar = 6.0

    prompt: Text
    prompt_optimizer: bool = True


class HailuoTextInput(HailuoProTextInput):
    """Hailuo standard text-to-video."""

    duration: SixTen = "6"


class HailuoProImageInput(HailuoProTextInput):
    """Hailuo 2.3 pro image-to-video."""

    frames: ClassVar[tuple[str, ...]] = ("image_url",)

    image_url: Url


class HailuoImageInput(HailuoProImageInput):
    """Hailuo 2.3 standard and 02 fast image-to-video."""

    duration: SixTen = "6"


class Hailuo02ProImageInput(HailuoProImageInput):
    """Hailuo 02 pro image-to-video: with a last frame."""

    frames: ClassVar = ("image_url", "end_image_url")
    last_frame: ClassVar = "end_image_url"

    end_image_url: Url | None = None


class Hailuo02ImageInput(Hailuo02ProImageInput):
    """Hailuo 02 standard image-to-video."""

    duration: SixTen = "6"
    resolution: Literal["512P", "768P"] = "768P"


class LtxInput(FalInput):
    """What every LTX 2.3 endpoint takes."""

    prompt: Text
    duration: Literal[6, 8, 10] = 6
    resolution: LtxSize = "1080p"
    fps: Literal[24, 25, 48, 50] = 25
    generate_audio: bool = True


class LtxTextInput(LtxInput):
    """LTX 2.3 text-to-video."""

    aspect_ratio: Wide = "16:9"


class LtxImageInput(LtxInput):
    """LTX 2.3 image-to-video."""

    frames: ClassVar = ("image_url", "end_image_url")
    last_frame: ClassVar = "end_image_url"

    image_url: Url
    end_image_url: Url | None = None
    aspect_ratio: WideAuto = "auto"


class LtxFastTextInput(LtxTextInput):
    """LTX 2.3 fast text-to-video: up to 20 s at 1080p and 25 frames a second."""

    duration: LtxFast = 6  # type: ignore[assignment]  # more lengths than its parent

    @model_validator(mode="after")
    def _long_ones(self) -> LtxFastTextInput:
        _check_ltx(self.seconds(), self.resolution, self.fps)
        return self


class LtxFastImageInput(LtxImageInput):
    """LTX 2.3 fast image-to-video."""

    duration: LtxFast = 6  # type: ignore[assignment]  # more lengths than its parent

    @model_validator(mode="after")
    def _long_ones(self) -> LtxFastImageInput:
        _check_ltx(self.seconds(), self.resolution, self.fps)
        return self


def _check_ltx(seconds: float, resolution: str, fps: int) -> None:
    if seconds > LTX_SHORT_S and (resolution, fps) != ("1080p", 25):
        raise ValueError("durations above 10 s need 1080p and 25 fps")


class Ltx2TextInput(FalInput):
    """LTX 2 text-to-video, 16:9."""

    prompt: Text
    duration: Literal[6, 8, 10] = 6
    resolution: LtxSize = "1080p"
    fps: Literal[25, 50] = 25
    generate_audio: bool = True

    def ratio(self) -> str:
        """It has no other."""
        return "16:9"


class Ltx2ImageInput(FalInput):
    """LTX 2 image-to-video."""

    frames: ClassVar = ("image_url",)

    prompt: Text
    image_url: Url
    duration: Literal[6, 8, 10] = 6
    resolution: LtxSize = "1080p"
    fps: Literal[25, 50] = 25
    generate_audio: bool = True


class WanInput(FalInput):
    """What the Wan endpoints share."""

    media: ClassVar[tuple[str, ...]] = ("audio_url",)
    sounds: ClassVar = True

    resolution: Literal["720p", "1080p"] = "1080p"
    negative_prompt: str | None = None
    enable_safety_checker: bool = True
    enable_prompt_expansion: bool = True
    audio_url: Url | None = None
    seed: int | None = None


class Wan27TextInput(WanInput):
    """Wan 2.7 text-to-video."""

    prompt: Text
    duration: Wan27Duration = 5
    aspect_ratio: WanRatio = "16:9"


class Wan27ImageInput(WanInput):
    """Wan 2.7 image-to-video: from a picture or a video."""

    frames: ClassVar = ("image_url", "end_image_url")
    last_frame: ClassVar = "end_image_url"
    media: ClassVar = ("audio_url", "video_url")

    prompt: str | None = None
    image_url: Url | None = None
    end_image_url: Url | None = None
    video_url: Url | None = None
    duration: Wan27Duration = 5

    @model_validator(mode="after")
    def _something(self) -> Wan27ImageInput:
        if self.image_url is None and self.video_url is None:
            raise ValueError("image_url or video_url is needed")
        return self


class Wan26TextInput(WanInput):
    """Wan 2.6 text-to-video."""

    prompt: Text
    duration: Wan26Duration = "5"
    aspect_ratio: WanRatio = "16:9"
    multi_shots: bool = True


class Wan26ImageInput(WanInput):
    """Wan 2.6 image-to-video."""

    frames: ClassVar = ("image_url",)

    prompt: Text
    image_url: Url
    duration: Wan26Duration = "5"
    multi_shots: bool = False


class Wan25TextInput(WanInput):
    """Wan 2.5 preview text-to-video."""

    prompt: Text
    duration: Wan25Duration = "5"
    aspect_ratio: Square = "16:9"
    resolution: Literal["480p", "720p", "1080p"] = "1080p"  # type: ignore[assignment]  # 480p, too


class Wan25ImageInput(WanInput):
    """Wan 2.5 preview image-to-video."""

    frames: ClassVar = ("image_url",)

    prompt: Text
    image_url: Url
    duration: Wan25Duration = "5"
    resolution: Literal["480p", "720p", "1080p"] = "1080p"  # type: ignore[assignment]  # 480p, too


class SoraCommon(FalInput):
    """What every Sora 2 endpoint takes."""

    sounds: ClassVar = True

    prompt: Text
    duration: SoraDuration = 4
    character_ids: list[Text] | None = None
    delete_video: bool = True
    detect_and_block_ip: bool = False


class SoraTextInput(SoraCommon):
    """text-to-video."""

    aspect_ratio: Wide = "16:9"
    resolution: Literal["720p"] = "720p"
    model: Literal["sora-2", "sora-2-2025-12-08", "sora-2-2025-10-06"] = "sora-2"


class SoraImageInput(SoraCommon):
    """image-to-video."""

    frames: ClassVar = ("image_url",)

    image_url: Url
    aspect_ratio: WideAuto = "auto"
    resolution: Literal["auto", "720p"] = "auto"
    model: Literal["sora-2", "sora-2-2025-12-08", "sora-2-2025-10-06"] = "sora-2"


class SoraProTextInput(SoraCommon):
    """Pro text-to-video."""

    aspect_ratio: Wide = "16:9"
    resolution: Literal["720p", "1080p", "true_1080p"] = "1080p"


class SoraProImageInput(SoraCommon):
    """Pro image-to-video."""

    frames: ClassVar = ("image_url",)

    image_url: Url
    aspect_ratio: WideAuto = "auto"
    resolution: Literal["auto", "720p", "1080p", "true_1080p"] = "auto"


class AgentConfig(BaseModel):
    """HeyGen's agent: an avatar by name (fal lists more than a thousand), never by HeyGen's id."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    avatar: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z .'-]*$")] | None = None
    duration: Annotated[int, Field(ge=5)] | None = None
    orientation: Literal["portrait", "landscape"] = "portrait"


class HeyGenAgentInput(FalInput):
    """HeyGen's video agent on fal."""

    sounds: ClassVar = True
    fixed_s: ClassVar = 30.0

    prompt: Text
    config: AgentConfig | None = None

    def seconds(self) -> float:
        """As asked, else the agent's own choice."""
        asked = None if self.config is None else self.config.duration
        return self.fixed_s if asked is None else float(asked)

    def ratio(self) -> str:
        """By its orientation."""
        wide = self.config is not None and self.config.orientation == "landscape"
        return "16:9" if wide else "9:16"


class Background(BaseModel):
    """What is behind an avatar."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    type: Literal["color", "image", "video"] = "color"
    value: str = "#FFFFFF"


class HeyGenAvatarInput(FalInput):
    """HeyGen's Avatar IV on fal: a picture that speaks."""

    frames: ClassVar = ("image_url",)
    media: ClassVar = ("audio_url",)
    sounds: ClassVar = True

    image_url: Url
    prompt: str | None = None
    voice: str | None = None
    audio_url: Url | None = None
    aspect_ratio: Square = "16:9"
    resolution: Literal["360p", "480p", "540p", "720p", "1080p"] = "720p"
    talking_style: Literal["stable", "expressive"] = "stable"
    expression: str | None = None
    caption: bool = False
    background: Background | None = None


class SpokenText(BaseModel):
    """What a digital twin says, and in which voice."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    prompt: str | None = None
    voice: str | None = None
    voice_id: str | None = None
    speed: float = 1.0


class TwinCharacter(BaseModel):
    """Which digital twin speaks."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    avatar: Text
    avatar_style: Literal["normal", "circle", "closeUp"] = "closeUp"


class HeyGenTwinInput(FalInput):
    """HeyGen's digital twins on fal."""

    media: ClassVar = ("audio_url",)
    sounds: ClassVar = True

    character: TwinCharacter
    voice: SpokenText
    audio_url: Url | None = None
    aspect_ratio: Square = "16:9"
    resolution: Literal["360p", "480p", "540p", "720p", "1080p"] = "720p"

    def words(self) -> str:
        """What is said."""
        return self.voice.prompt or ""
