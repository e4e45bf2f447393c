"""What every kind of video is described with: its shape, its file, and what people give along."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

URL_MAX_CHARS = 2_048
DURATION_MAX_S = 300
RESULTS_MAX = 4  # videos of one prompt


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


class FileFormat(StrEnum):
    """How a finished video is written."""

    MP4 = "mp4"
    WEBM = "webm"
    MOV = "mov"


class Frozen(BaseModel):
    """A value that never changes, and refuses a field that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Media(Frozen):
    """A file that goes into a render: a Slack file (we fetch it) or a public https link (the
    vendor fetches it; we never do). Type, size and length are known where Slack told them, or
    where we have looked into the file."""

    slack_file_id: str | None = None
    url: str | None = Field(default=None, max_length=URL_MAX_CHARS)
    name: str = "file"
    media_type: str | None = None
    size_bytes: int | None = None
    duration_s: float | None = None

    @property
    def is_picture(self) -> bool:
        """Whether its type says so."""
        return (self.media_type or "").startswith("image/")

    @property
    def is_film(self) -> bool:
        """Whether its type says so."""
        return (self.media_type or "").startswith("video/")

    @property
    def is_sound(self) -> bool:
        """Whether its type says so."""
        return (self.media_type or "").startswith("audio/")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.slack_file_id is None) == (self.url is None):
            raise ValueError("it is a Slack file or a link, exactly one of both")
        return self


class Image(Media):
    """A picture that guides a render. Its size is known where Slack told it."""

    name: str = "image"
    width_px: int | None = None
    height_px: int | None = None


class Shape(Frozen):
    """What every kind of video has, whether it can be chosen or not."""

    aspect_ratio: AspectRatio | None = None
    resolution: Resolution | None = None
    duration_s: int | None = Field(default=None, ge=1, le=DURATION_MAX_S)
