"""`python -m tests.browser.picture`: takes the README's picture, `sandbox/screenshot.png`.

A person makes a shot and its second take in the running product; the picture is what they see.
"""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from tests.browser import chromium, product
from tests.browser.chromium import DESKTOP
from tests.browser.person import NOWHERE, Person
from tests.browser.product import Product

PICTURE = product.ROOT / "sandbox" / "screenshot.png"
PICTURE_MAX_BYTES = 300_000
COLOURS = 256
CONTROLS_GONE_S = 3.6  # Chromium hides a player's controls three seconds into a film
PROMPT = "a red fox crosses the ridge at dusk"

SIZE_PX = (1280, 720)
SHOWN_PX = (320, 180)
SKY = ((38, 26, 74), (244, 150, 104))
HILLS = ((92, 58, 104), (62, 42, 84), (36, 28, 60))


def main() -> int:
    """Make the story, keep the picture; 1 where it came out too large."""
    with product.running() as running, chromium.running() as browser:
        page = browser.new_context(viewport=DESKTOP, color_scheme="light").new_page()
        tell(Person(page, running.page_url), running)
        path = PICTURE.with_suffix(".raw.png")
        page.screenshot(path=path, animations="disabled")
    with Image.open(path) as raw:
        raw.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    path.unlink()
    size_bytes = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(product.ROOT)}: {size_bytes:,} bytes")  # noqa: T201 -- a command
    return int(size_bytes > PICTURE_MAX_BYTES)


def tell(ada: Person, running: Product) -> None:
    """A shot from a picture, a reply, and the second take playing in the thread."""
    with tempfile.TemporaryDirectory() as folder:
        ada.say(f"@dailies {PROMPT}", paint(Path(folder) / "dusk.png"))
        ada.open_thread(PROMPT)
    ada.see_done(1)
    running.wait_until_told(PROMPT, "launch-film")
    ada.reply("slower and warmer")
    video = ada.see_done(2)
    ada.page.mouse.move(*NOWHERE)
    ada.watch(video, until_s=CONTROLS_GONE_S)


def paint(path: Path) -> Path:
    """An evening over hills: a picture somebody might attach."""
    width, height = SIZE_PX
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        share = (y / height) ** 1.4
        draw.line([(0, y), (width, y)], fill=_between(*SKY, share))
    draw.ellipse((960, 130, 1090, 260), fill=(255, 226, 170))
    for at, colour in enumerate(HILLS):
        base, swing = 430 + at * 80, 46 - at * 8
        ridge = [
            (x, base + swing * math.sin(x / (170 - 20 * at) + at * 2) + 12 * math.sin(x / 41))
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    picture.resize(SHOWN_PX, Image.Resampling.LANCZOS).save(path)
    return path


def _between(
    first: tuple[int, int, int], last: tuple[int, int, int], share: float
) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, last, strict=True))
    return red, green, blue


if __name__ == "__main__":
    sys.exit(main())
