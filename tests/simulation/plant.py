"""A planted bug: exact pieces of text of the product, and their replacements."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """In which file, which text becomes which."""

    file: str
    text: str
    becomes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant(Edit):
    """One bug, and the further places that have to change for it. Where faults do harm only in one
    order, `where` is the predicament that brings it about: its seeds are run, and no others."""

    name: str
    where: str = ""
    also: tuple[Edit, ...] = ()
