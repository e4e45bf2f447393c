"""Google Veo 3 and 3.1 at fal: text-to-video is the bare id, durations end in `s`.

Fields: @fal-ai/client 1.10.1 `types/endpoints.d.ts`; 4k is offered by 3.1 (fal.ai/models/
fal-ai/veo3.1/llms.txt), reference-to-video is 8 s and extend-video 7 s only.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sandbox.vendors.fal_input import FalInput, Text, Url, Wide, WideAuto

VeoDuration = Literal["4s", "6s", "8s"]
Tolerance = Literal["1", "2", "3", "4", "5", "6"]
Hd = Literal["720p", "1080p"]
Uhd = Literal["720p", "1080p", "4k"]


class VeoCommon(FalInput):
    """What every Veo endpoint takes."""

    prompt: Text
    generate_audio: bool = True
    safety_tolerance: Tolerance = "4"


class VeoTextInput(VeoCommon):
    """Text-to-video of Veo 3 and 3.1 lite."""

    duration: VeoDuration = "8s"
    aspect_ratio: Wide = "16:9"
    resolution: Hd = "720p"
    negative_prompt: str | None = None
    auto_fix: bool = True
    seed: int | None = None


class Veo31TextInput(VeoTextInput):
    """Text-to-video of Veo 3.1: 4k, too."""

    resolution: Uhd = "720p"  # type: ignore[assignment]  # one word more than its parent


class VeoImageInput(VeoCommon):
    """image-to-video of Veo 3 and 3.1 lite."""

    frames: ClassVar = ("image_url",)

    image_url: Url
    duration: VeoDuration = "8s"
    aspect_ratio: WideAuto = "auto"
    resolution: Hd = "720p"
    negative_prompt: str | None = None
    auto_fix: bool = False
    seed: int | None = None


class Veo31ImageInput(VeoImageInput):
    """image-to-video of Veo 3.1."""

    resolution: Uhd = "720p"  # type: ignore[assignment]  # one word more than its parent


class VeoFramesInput(VeoCommon):
    """first-last-frame-to-video of Veo 3.1 lite."""

    frames: ClassVar = ("first_frame_url", "last_frame_url")
    last_frame: ClassVar = "last_frame_url"

    first_frame_url: Url
    last_frame_url: Url
    duration: VeoDuration = "8s"
    aspect_ratio: WideAuto = "auto"
    resolution: Hd = "720p"
    negative_prompt: str | None = None
    auto_fix: bool = False
    seed: int | None = None


class Veo31FramesInput(VeoFramesInput):
    """first-last-frame-to-video of Veo 3.1."""

    resolution: Uhd = "720p"  # type: ignore[assignment]  # one word more than its parent


class VeoReferenceInput(VeoCommon):
    """reference-to-video."""

    frame_lists: ClassVar = ("image_urls",)
    fixed_s: ClassVar = 8.0

    image_urls: Annotated[list[Url], Field(min_length=1)]
    duration: Literal["8s"] = "8s"
    aspect_ratio: Wide = "16:9"
    resolution: Uhd = "720p"
    auto_fix: bool = False


class VeoExtendInput(VeoCommon):
    """extend-video."""

    media: ClassVar = ("video_url",)
    fixed_s: ClassVar = 7.0

    video_url: Url
    duration: Literal["7s"] = "7s"
    aspect_ratio: WideAuto = "auto"
    resolution: Literal["720p"] = "720p"
    negative_prompt: str | None = None
    auto_fix: bool = False
    seed: int | None = None
