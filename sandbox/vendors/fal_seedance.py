"""ByteDance Seedance 2.0 at fal: ids without `fal-ai/`, durations as text.

Fields and limits: fal.ai/models/bytedance/seedance-2.0/…/llms.txt and PyPI falaw 0.0.79.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sandbox.vendors.fal_input import FalInput, Text, Url

Duration = Literal["auto", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"]
Ratio = Literal["auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
Resolution = Literal["480p", "720p", "1080p", "4k"]
ResolutionFast = Literal["480p", "720p"]
REFERENCES_MAX = 12

# The frames it makes, as ByteDance lists them; 4k is twice 1080p each way.
_PX = {
    "480p": {
        "16:9": (864, 496),
        "4:3": (752, 560),
        "1:1": (640, 640),
        "21:9": (992, 432),
    },
    "720p": {
        "16:9": (1280, 720),
        "4:3": (1112, 834),
        "1:1": (960, 960),
        "21:9": (1470, 630),
    },
    "1080p": {
        "16:9": (1920, 1080),
        "4:3": (1664, 1248),
        "1:1": (1440, 1440),
        "21:9": (2206, 946),
    },
}
_LYING = {"9:16": "16:9", "3:4": "4:3", "auto": "16:9"}


def pixels(size: str, ratio: str) -> int:
    """How many a frame has."""
    if size == "4k":
        return 4 * pixels("1080p", ratio)
    width, height = _PX[size][_LYING.get(ratio, ratio)]
    return width * height


class SeedanceInput(FalInput):
    """What every Seedance 2.0 endpoint takes."""

    prompt: Text
    resolution: Resolution = "720p"
    duration: Duration = "auto"
    aspect_ratio: Ratio = "auto"
    generate_audio: bool = True
    seed: int | None = None
    end_user_id: str | None = None


class SeedanceImageInput(SeedanceInput):
    """image-to-video."""

    frames: ClassVar = ("image_url", "end_image_url")
    last_frame: ClassVar = "end_image_url"

    image_url: Url
    end_image_url: Url | None = None


class SeedanceReferenceInput(SeedanceInput):
    """reference-to-video."""

    frame_lists: ClassVar = ("image_urls",)
    media: ClassVar = ("video_urls", "audio_urls")

    image_urls: Annotated[list[Url], Field(max_length=9, default_factory=list)]
    video_urls: Annotated[list[Url], Field(max_length=3, default_factory=list)]
    audio_urls: Annotated[list[Url], Field(max_length=3, default_factory=list)]

    @model_validator(mode="after")
    def _together(self) -> SeedanceReferenceInput:
        seen = len(self.image_urls) + len(self.video_urls)
        if self.audio_urls and not seen:
            raise ValueError("audio_urls needs at least one image or video")
        if seen + len(self.audio_urls) > REFERENCES_MAX:
            raise ValueError(f"at most {REFERENCES_MAX} reference files")
        return self


class FastInput(SeedanceInput):
    """The fast and mini variants render 480p and 720p only."""

    resolution: ResolutionFast = "720p"


class FastImageInput(SeedanceImageInput):
    """The fast image-to-video."""

    resolution: ResolutionFast = "720p"


class FastReferenceInput(SeedanceReferenceInput):
    """The fast reference-to-video."""

    resolution: ResolutionFast = "720p"
