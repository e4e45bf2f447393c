"""What people type about the finished file and what is behind an avatar: `webm`, `2`, `blue`."""

from __future__ import annotations

import re

from domain.shape import RESULTS_MAX, FileFormat
from domain.values import BadValue, folded, listed, read_image_url

_COLOURS = {
    "black": "#000000",
    "white": "#ffffff",
    "grey": "#808080",
    "gray": "#808080",
    "red": "#d32f2f",
    "green": "#00b140",
    "blue": "#1565c0",
    "yellow": "#fbc02d",
    "orange": "#ef6c00",
    "purple": "#6a1b9a",
    "pink": "#ec407a",
}


def read_background(text: str) -> str:
    """A colour (`#1a2b3c`, `blue`), or the https link of a picture."""
    typed = text.strip()
    if re.fullmatch(r"#[0-9a-fA-F]{6}", typed):
        return typed.lower()
    if colour := _COLOURS.get(typed.casefold()):
        return colour
    if "://" in typed:
        return read_image_url(typed)
    known = listed(_COLOURS)
    raise BadValue(f"“{typed}” is no background: say `#1a2b3c`, {known}, or a link.", "#1565c0")


def read_results(text: str) -> int:
    """How many videos of one prompt: 1 to `RESULTS_MAX`."""
    typed = re.fullmatch(r"(\d{1,3})\s*x?", folded(text))
    if typed is None or not 1 <= int(typed[1]) <= RESULTS_MAX:
        raise BadValue(f"“{text}”: there are 1 to {RESULTS_MAX} results of one prompt.", 1)
    return int(typed[1])


def read_file_format(text: str) -> str:
    """`mp4`, `.webm`, `MOV`."""
    typed = folded(text).lstrip(".")
    if typed in set(FileFormat):
        return typed
    raise BadValue(f"“{text}” is no file format: it is {listed(FileFormat)}.", "mp4")
