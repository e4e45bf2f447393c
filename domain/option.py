"""What an option is: one thing that can be said about a video, and how it is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.spoken import Kind
from domain.values import Value


class Takes(StrEnum):
    """What follows a flag."""

    SWITCH = "switch"  # nothing, on/off, or one of its choices
    CHOICE = "choice"  # one of a list
    NUMBER = "number"
    LINK = "link"
    NAME = "name"  # one word, or quoted
    WORDS = "words"  # everything up to the next flag, or quoted
    PAIR = "pair"  # key=value


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be said about a video.

    `name` is the field it fills, `flags` its spellings, the one we write first. `words` is how
    many words an unquoted value may have. `example` is shown where a value is missing.
    `only_where_spoken`: an ordinary word, so that in a clip's prompt it stays one. `instead`: what
    to say where a kind of video has nothing like it.
    """

    name: str
    flags: tuple[str, ...]
    off_flags: tuple[str, ...] = ()
    takes: Takes
    read: Callable[[str], Value]
    help: str
    kinds: frozenset[Kind]
    choices: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None
    example: str | None = None
    words: int = 1
    only_where_spoken: bool = False
    instead: Mapping[Kind, str] = field(default_factory=dict, hash=False)

    @property
    def flag(self) -> str:
        """The flag as we write it: `--model`."""
        return f"--{self.flags[0]}"
