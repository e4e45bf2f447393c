"""Every option a person can say, once: scanner, form, help and errors are driven by this table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from domain import output_values, values
from domain.catalog import MODEL_NAMES
from domain.request import RESULTS_MAX, SEED_MAX
from domain.shape import AspectRatio, FileFormat, Resolution
from domain.spoken import Kind
from domain.values import Value

CLIP_ONLY = frozenset({Kind.CLIP})
AVATAR_ONLY = frozenset({Kind.AVATAR})
SPOKEN = frozenset({Kind.AVATAR, Kind.AGENT})
ANY = frozenset({Kind.CLIP, Kind.AVATAR, Kind.AGENT})


class Takes(StrEnum):
    """What follows a flag."""

    SWITCH = "switch"  # nothing, or on/off
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
    """

    name: str
    flags: tuple[str, ...]
    off_flags: tuple[str, ...] = ()
    takes: Takes
    read: Callable[[str], Value]
    help: str
    kinds: frozenset[Kind]
    choices: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    example: str | None = None
    words: int = 1

    @property
    def flag(self) -> str:
        """The flag as we write it: `--model`."""
        return f"--{self.flags[0]}"


OPTIONS: tuple[Option, ...] = (
    Option(
        name="model",
        flags=("model", "provider", "m"),
        takes=Takes.CHOICE,
        read=values.read_model,
        choices=MODEL_NAMES,
        example="veo_3_1",
        help="what renders; `/video models` lists them",
        kinds=CLIP_ONLY,
        words=5,
    ),
    Option(
        name="aspect_ratio",
        flags=("aspect", "ar", "ratio", "aspect-ratio", "orientation"),
        takes=Takes.CHOICE,
        read=values.read_aspect_ratio,
        choices=tuple(ratio.value for ratio in AspectRatio),
        example="9:16",
        help="width to height, or vertical, square, landscape",
        kinds=ANY,
        words=3,
    ),
    Option(
        name="duration_s",
        flags=("duration", "length", "seconds", "d"),
        takes=Takes.NUMBER,
        read=values.read_duration_s,
        limits=(1, values.DURATION_MAX_S),
        example="5",
        help="length in seconds",
        kinds=frozenset({Kind.CLIP, Kind.AGENT}),
        words=4,
    ),
    Option(
        name="resolution",
        flags=("resolution", "res"),
        takes=Takes.CHOICE,
        read=values.read_resolution,
        choices=tuple(resolution.value for resolution in Resolution),
        example="720p",
        help="lines of the finished video",
        kinds=frozenset({Kind.CLIP, Kind.AVATAR}),
        words=2,
    ),
    Option(
        name="sound",
        flags=("sound", "audio"),
        off_flags=("no-sound", "no-audio", "mute", "silent"),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="with sound; `--no-sound` without",
        kinds=CLIP_ONLY,
    ),
    Option(
        name="seed",
        flags=("seed",),
        takes=Takes.NUMBER,
        read=values.read_seed,
        limits=(0, SEED_MAX),
        example="42",
        help="the same number makes nearly the same video again",
        kinds=CLIP_ONLY,
    ),
    Option(
        name="reference_image",
        flags=(
            "image",
            "reference-image",
            "reference-image-url",
            "reference",
            "ref",
            "img",
            "first-frame",
            "start-image",
        ),
        takes=Takes.LINK,
        read=values.read_image_url,
        help="https link of a picture to start from",
        kinds=CLIP_ONLY,
    ),
    Option(
        name="tail_image",
        flags=("tail-image", "last-frame", "tail-image-url", "end-image", "end-frame", "tail"),
        takes=Takes.LINK,
        read=values.read_image_url,
        help="https link of the picture to end on",
        kinds=CLIP_ONLY,
    ),
    Option(
        name="config",
        flags=("config",),
        takes=Takes.PAIR,
        read=values.read_pair,
        help="key=value for the model itself, as often as needed",
        kinds=CLIP_ONLY,
    ),
    Option(
        name="results",
        flags=("results", "variants", "outputs"),
        takes=Takes.NUMBER,
        read=output_values.read_results,
        limits=(1, RESULTS_MAX),
        example="2",
        help="videos of one prompt, each with its own seed; all are paid",
        kinds=CLIP_ONLY,
    ),
    Option(
        name="file_format",
        flags=("format", "output-format"),
        takes=Takes.CHOICE,
        read=output_values.read_file_format,
        choices=tuple(file_format.value for file_format in FileFormat),
        example="webm",
        help="the kind of video file",
        kinds=frozenset({Kind.CLIP, Kind.AGENT}),
    ),
    Option(
        name="kind",
        flags=("kind",),
        takes=Takes.CHOICE,
        read=values.read_kind,
        choices=(Kind.CLIP.value, Kind.AVATAR.value, Kind.AGENT.value),
        example="clip",
        help="clip, avatar (exact script) or agent (idea to finished video)",
        kinds=ANY,
    ),
    Option(
        name="avatar",
        flags=("avatar",),
        takes=Takes.NAME,
        read=values.read_name,
        help="who speaks",
        kinds=SPOKEN,
    ),
    Option(
        name="voice",
        flags=("voice",),
        takes=Takes.NAME,
        read=values.read_name,
        help="whose voice",
        kinds=SPOKEN,
    ),
    Option(
        name="script",
        flags=("script",),
        takes=Takes.WORDS,
        read=values.read_words,
        help="what the avatar says, word for word",
        kinds=AVATAR_ONLY,
    ),
    Option(
        name="background",
        flags=("background",),
        takes=Takes.NAME,
        read=output_values.read_background,
        example="#1565c0",
        help="colour or https link behind the avatar",
        kinds=AVATAR_ONLY,
    ),
    Option(
        name="captions",
        flags=("captions", "subtitles"),
        off_flags=("no-captions", "no-subtitles"),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="with captions",
        kinds=AVATAR_ONLY,
    ),
    Option(
        name="transparent",
        flags=("transparent",),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="no background at all",
        kinds=AVATAR_ONLY,
    ),
)


class Said(NamedTuple):
    """An option and what was said for it."""

    option: Option
    value: Value


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag as it was typed: which option it names, and whether it turns a switch off."""

    option: Option
    is_off: bool = False


def option_named(name: str) -> Option:
    """The option that fills a field. Raises KeyError."""
    return _by_name()[name]


def flag_named(typed: str) -> Flag | None:
    """The option of a flag, tolerant of case, hyphens and underscores; short names are `-m`."""
    return _by_flag().get(flag_key(typed))


def flag_near(typed: str, *, cutoff: float = 0.75) -> Flag | None:
    """What a mistyped flag most likely was; never `-m` or `-d`, which are near to everything."""
    known = [key for key in _by_flag() if len(key) > 1]
    near = get_close_matches(flag_key(typed), known, n=1, cutoff=cutoff)
    return _by_flag()[near[0]] if near else None


def flag_key(typed: str) -> str:
    """What is compared of a flag."""
    return re.sub(r"[^a-z0-9]", "", typed.lower())


@cache
def _by_name() -> dict[str, Option]:
    return {option.name: option for option in OPTIONS}


@cache
def _by_flag() -> dict[str, Flag]:
    on = {flag_key(flag): Flag(option) for option in OPTIONS for flag in option.flags}
    off = {flag_key(flag): Flag(option, True) for option in OPTIONS for flag in option.off_flags}
    return on | off
