"""What every input schema of the sandbox's fal has in common, and how a renderer reads one.

Fields, words and limits are those of fal's own schemas (@fal-ai/client 1.10.1,
`types/endpoints.d.ts`) and of fal.ai/models/…/llms.txt. Every family names its first frame and
writes its duration in a way of its own, so nothing here guesses: each schema says which of its
fields are pictures.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(min_length=1)]
FiveTen = Literal["5", "10"]
Wide = Literal["16:9", "9:16"]
WideAuto = Literal["auto", "16:9", "9:16"]
Square = Literal["16:9", "9:16", "1:1"]


class FalInput(BaseModel):
    """One endpoint's input. A field that is not in the schema is refused.

    `frames` are the fields with one picture (`last_frame` the one that ends the film),
    `frame_lists` those with several, `media` those with videos or sounds, by address.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    frames: ClassVar[tuple[str, ...]] = ()
    last_frame: ClassVar[str | None] = None
    frame_lists: ClassVar[tuple[str, ...]] = ()
    media: ClassVar[tuple[str, ...]] = ()
    sounds: ClassVar[bool] = False
    fixed_s: ClassVar[float] = 5.0

    def words(self) -> str:
        """The prompt, as it is drawn."""
        return str(getattr(self, "prompt", None) or "")

    def seconds(self) -> float:
        """The length to render; `auto` and a fixed length are the endpoint's choice."""
        asked = getattr(self, "duration", None)
        if asked in (None, "auto"):
            return self.fixed_s
        return float(str(asked).removesuffix("s"))

    def ratio(self) -> str:
        """The asked ratio; `auto` follows the first picture."""
        return str(getattr(self, "aspect_ratio", "auto"))

    def has_sound(self) -> bool:
        """Whether the film has a sound track."""
        return bool(getattr(self, "generate_audio", self.sounds))

    def size(self) -> str:
        """The asked resolution in the endpoint's own words, empty if it has none."""
        return str(getattr(self, "resolution", ""))

    def pictures(self) -> dict[str, str]:
        """The picture addresses, by the field (and index) they stand in."""
        found = {name: getattr(self, name) for name in self.frames}
        for name in self.frame_lists:
            urls = getattr(self, name) or []
            found |= {f"{name}.{place}": url for place, url in enumerate(urls)}
        return {name: url for name, url in found.items() if url is not None}

    def recordings(self) -> dict[str, str]:
        """The addresses of videos and sounds, by field."""
        found: dict[str, Any] = {}
        for name in self.media:
            given = getattr(self, name)
            urls = given if isinstance(given, list) else [given]
            found |= {f"{name}.{place}": url for place, url in enumerate(urls)}
        return {name: str(url) for name, url in found.items() if url is not None}
