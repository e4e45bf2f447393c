"""A planted bug: an exact piece of text of the product, and its replacement."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One bug: in which file, which text becomes which."""

    name: str
    file: str
    text: str
    becomes: str
