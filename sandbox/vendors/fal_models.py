"""The endpoints of the sandbox's fal and what each takes.

Fields, words and limits are those of fal's own pages for Seedance 2.0 (fal.ai/models/
bytedance/seedance-2.0/…/llms.txt and the schemas in @fal-ai/client 1.10.1). Durations are
strings there. A field that is not in the schema is refused, which is stricter than what is known
of fal: a misspelt field must not pass here and be ignored there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

DOCS_URL = "https://docs.fal.ai/errors/#"
AUTO_DURATION_S = 5.0

Duration = Literal["auto", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"]
Ratio = Literal["auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
Resolution = Literal["480p", "720p", "1080p", "4k"]
ResolutionFast = Literal["480p", "720p"]
Url = Annotated[str, Field(min_length=1)]
REFERENCES_MAX = 12


class SeedanceInput(BaseModel):
    """What every Seedance 2.0 endpoint takes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    prompt: Annotated[str, Field(min_length=1)]
    resolution: Resolution = "720p"
    duration: Duration = "auto"
    aspect_ratio: Ratio = "auto"
    generate_audio: bool = True
    seed: int | None = None
    end_user_id: str | None = None


class SeedanceImageInput(SeedanceInput):
    """image-to-video."""

    image_url: Url
    end_image_url: Url | None = None


class SeedanceReferenceInput(SeedanceInput):
    """reference-to-video."""

    image_urls: Annotated[list[Url], Field(max_length=9)] = []
    video_urls: Annotated[list[Url], Field(max_length=3)] = []
    audio_urls: Annotated[list[Url], Field(max_length=3)] = []

    @model_validator(mode="after")
    def _together(self) -> SeedanceReferenceInput:
        seen = len(self.image_urls) + len(self.video_urls)
        if self.audio_urls and not seen:
            raise ValueError("audio_urls needs at least one image or video")
        if seen + len(self.audio_urls) > REFERENCES_MAX:
            raise ValueError(f"at most {REFERENCES_MAX} reference files")
        return self


class FastInput(SeedanceInput):
    """The fast variant renders 480p and 720p only."""

    resolution: ResolutionFast = "720p"


class FastImageInput(SeedanceImageInput):
    """The fast image-to-video."""

    resolution: ResolutionFast = "720p"


class FastReferenceInput(SeedanceReferenceInput):
    """The fast reference-to-video."""

    resolution: ResolutionFast = "720p"


ENDPOINTS: dict[str, type[SeedanceInput]] = {
    "bytedance/seedance-2.0/text-to-video": SeedanceInput,
    "bytedance/seedance-2.0/image-to-video": SeedanceImageInput,
    "bytedance/seedance-2.0/reference-to-video": SeedanceReferenceInput,
    "bytedance/seedance-2.0/fast/text-to-video": FastInput,
    "bytedance/seedance-2.0/fast/image-to-video": FastImageInput,
    "bytedance/seedance-2.0/fast/reference-to-video": FastReferenceInput,
}


def details_of(invalid: ValidationError) -> list[dict[str, Any]]:
    """fal's list of what is wrong: `loc` begins with `body`, `type` is what to switch on."""
    return [
        {
            "loc": ["body", *wrong["loc"]],
            "msg": wrong["msg"],
            "type": wrong["type"],
            "url": DOCS_URL + wrong["type"],
            "ctx": {name: str(value) for name, value in wrong.get("ctx", {}).items()},
            "input": wrong["input"],
        }
        for wrong in invalid.errors(include_url=False)
    ]


def image_urls_of(given: SeedanceInput) -> dict[str, str]:
    """The picture addresses in an input, by the field (and index) they stand in."""
    if isinstance(given, SeedanceImageInput):
        named = {"image_url": given.image_url, "end_image_url": given.end_image_url}
        return {name: url for name, url in named.items() if url is not None}
    if isinstance(given, SeedanceReferenceInput):
        return {f"image_urls.{place}": url for place, url in enumerate(given.image_urls)}
    return {}


def seconds_of(given: SeedanceInput) -> float:
    """The length to render; `auto` is fal's choice, here always the same."""
    return AUTO_DURATION_S if given.duration == "auto" else float(given.duration)
