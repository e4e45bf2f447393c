"""Pictures that people post: one colour each, so that they are known again at a vendor."""

from __future__ import annotations

import io

from PIL import Image

COLOURS_APART = 12  # JPEG moves a colour a little


def picture(
    colour: tuple[int, int, int] = (192, 64, 32), *, width: int = 90, height: int = 160
) -> bytes:
    """A PNG of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(content, "PNG")
    return content.getvalue()


def is_same_picture(posted: bytes, arrived: bytes) -> bool:
    """Whether both show the same, however they are encoded."""
    with Image.open(io.BytesIO(posted)) as before, Image.open(io.BytesIO(arrived)) as after:
        ours, theirs = before.convert("RGB"), after.convert("RGB")
        apart = sum(
            abs(a - b) for a, b in zip(ours.tobytes()[:3], theirs.tobytes()[:3], strict=True)
        )
        return ours.size == theirs.size and apart < COLOURS_APART
