"""Kling at fal: v3 (prompt or shots, sound), v2.1 and v2.5 (silent), v2.6 (sound).

Fields: @fal-ai/client 1.10.1 `types/endpoints.d.ts`. The first frame is `start_image_url` in v3
and v2.6 and `image_url` elsewhere; no image endpoint takes a ratio. v2.1 standard and pro have no
text-to-video, and v2.1 pro is missing in those types: it is here because fal's own issues name it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.vendors.fal_input import FalInput, FiveTen, Square, Text, Url

DEFAULT_NEGATIVE = "blur, distort, and low quality"
V3Duration = Literal["3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"]
ShotDuration = Literal[
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"
]
V3_LONGEST_S = 15
PROMPT_MAX = 2_500
Prompt = Annotated[str, Field(min_length=1, max_length=PROMPT_MAX)]
CfgScale = Annotated[float, Field(ge=0, le=1)]


class Shot(BaseModel):
    """One of several shots."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    prompt: Prompt
    duration: ShotDuration = "5"


class Element(BaseModel):
    """Somebody or something that stays the same: `@Element1` in the prompt."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    frontal_image_url: Url | None = None
    reference_image_urls: Annotated[list[Url], Field(max_length=3)] | None = None
    video_url: Url | None = None
    voice_id: str | None = None


class V3Input(FalInput):
    """What both v3 modes take: a prompt, or shots with prompts of their own."""

    prompt: Prompt | None = None
    multi_prompt: list[Shot] | None = None
    duration: V3Duration = "5"
    generate_audio: bool = True
    negative_prompt: str = DEFAULT_NEGATIVE
    cfg_scale: CfgScale = 0.5
    shot_type: Literal["customize", "intelligent"] = "customize"

    @model_validator(mode="after")
    def _one_of_both(self) -> V3Input:
        if (self.prompt is None) == (self.multi_prompt is None):
            raise ValueError("Either prompt or multi_prompt must be provided, but not both")
        if self.multi_prompt is not None and self.seconds() > V3_LONGEST_S:
            raise ValueError(f"the shots last more than {V3_LONGEST_S} s")
        return self

    def words(self) -> str:
        """The prompt, or the shots' prompts."""
        return self.prompt or " / ".join(shot.prompt for shot in self.multi_prompt or [])

    def seconds(self) -> float:
        """The asked length, or that of all shots."""
        if self.multi_prompt:
            return float(sum(int(shot.duration) for shot in self.multi_prompt))
        return float(self.duration)


class V3TextInput(V3Input):
    """text-to-video."""

    aspect_ratio: Square = "16:9"


class V3ImageInput(V3Input):
    """image-to-video: the ratio is the picture's."""

    frames: ClassVar = ("start_image_url", "end_image_url")
    last_frame: ClassVar = "end_image_url"

    start_image_url: Url
    end_image_url: Url | None = None
    elements: list[Element] | None = None

    def pictures(self) -> dict[str, str]:
        """The frames, and the pictures of the elements."""
        found = super().pictures()
        for place, element in enumerate(self.elements or []):
            if element.frontal_image_url is not None:
                found[f"elements.{place}.frontal_image_url"] = element.frontal_image_url
            for number, url in enumerate(element.reference_image_urls or []):
                found[f"elements.{place}.reference_image_urls.{number}"] = url
        return found


class V2TextInput(FalInput):
    """v2.1 master and v2.5 turbo text-to-video, silent."""

    prompt: Prompt
    duration: FiveTen = "5"
    aspect_ratio: Square = "16:9"
    negative_prompt: str = DEFAULT_NEGATIVE
    cfg_scale: CfgScale = 0.5


class V2ImageInput(FalInput):
    """v2.1 master and standard image-to-video, silent."""

    frames: ClassVar[tuple[str, ...]] = ("image_url",)

    prompt: Prompt
    image_url: Url
    duration: FiveTen = "5"
    negative_prompt: str = DEFAULT_NEGATIVE
    cfg_scale: CfgScale = 0.5


class V2TailInput(V2ImageInput):
    """v2.1 pro and v2.5 turbo pro image-to-video: with a last frame."""

    frames: ClassVar = ("image_url", "tail_image_url")
    last_frame: ClassVar = "tail_image_url"

    tail_image_url: Url | None = None


class V26TextInput(FalInput):
    """v2.6 pro text-to-video."""

    prompt: Prompt
    duration: FiveTen = "5"
    aspect_ratio: Square = "16:9"
    generate_audio: bool = True
    negative_prompt: str = DEFAULT_NEGATIVE
    cfg_scale: CfgScale = 0.5


class V26ImageInput(FalInput):
    """v2.6 pro image-to-video."""

    frames: ClassVar = ("start_image_url", "end_image_url")
    last_frame: ClassVar = "end_image_url"

    prompt: Prompt
    start_image_url: Url
    end_image_url: Url | None = None
    duration: FiveTen = "5"
    generate_audio: bool = True
    negative_prompt: str = DEFAULT_NEGATIVE
    voice_ids: Annotated[list[Text], Field(max_length=2)] | None = None
