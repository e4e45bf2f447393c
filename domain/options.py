"""Every option a person can say, once: scanner, form, help and errors are driven by this table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from domain import output_values, values
from domain.catalog import CATALOG, MODEL_NAMES
from domain.further_options import FURTHER_OPTIONS
from domain.option import Option, Takes
from domain.request import SEED_MAX
from domain.shape import RESULTS_MAX, AspectRatio, FileFormat, Resolution
from domain.spoken import Kind
from domain.spoken_options import SPOKEN_OPTIONS
from domain.values import Value

CLIP_ONLY = frozenset({Kind.CLIP})
SHAPED = frozenset({Kind.CLIP, Kind.AVATAR, Kind.AGENT})


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
        kinds=SHAPED,
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
        kinds=frozenset({Kind.CLIP, Kind.AGENT}),
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
        choices=tuple(kind.value for kind in Kind),
        example="clip",
        help="clip, avatar (exact script), agent (idea to finished video), translation, template",
        kinds=frozenset(Kind),
    ),
    *SPOKEN_OPTIONS,
    *FURTHER_OPTIONS,
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


def kind_of(said: Iterable[Said]) -> Kind:
    """The kind that was said last; else the one whose own option was said; else a clip, as is
    whatever has a model."""
    values_by_name = {option.name: value for option, value in said}
    if "kind" in values_by_name:
        return Kind(str(values_by_name["kind"]))
    if values_by_name.get("model") in _SHOWING_SOMEBODY:
        return Kind.CLIP
    return next((kind for name, kind in _KIND_OF.items() if name in values_by_name), Kind.CLIP)


def flag_named(typed: str, *, in_a_clip: bool = False) -> Flag | None:
    """The option of a flag, tolerant of case, hyphens and underscores; short names are `-m`."""
    flag = _by_flag().get(flag_key(typed))
    return None if flag and in_a_clip and flag.option.only_where_spoken else flag


def flag_near(typed: str, *, cutoff: float = 0.75, in_a_clip: bool = False) -> Flag | None:
    """What a mistyped flag most likely was; never `-m` or `-d`, which are near to everything."""
    known = [key for key in _by_flag() if len(key) > 1 and flag_named(key, in_a_clip=in_a_clip)]
    near = get_close_matches(flag_key(typed), known, n=1, cutoff=cutoff)
    return _by_flag()[near[0]] if near else None


def flag_key(typed: str) -> str:
    """What is compared of a flag."""
    return re.sub(r"[^a-z0-9]", "", typed.lower())


_SHOWING_SOMEBODY = frozenset(
    offer.model.name for offer in CATALOG if offer.limits.needs_avatar and offer.kind is Kind.CLIP
)
# What names a kind all by itself, the strongest first.
_KIND_OF = {
    "languages": Kind.TRANSLATION,
    "template": Kind.TEMPLATE,
    **dict.fromkeys(
        ("avatar", "voice", "script", "background", "captions", "transparent"), Kind.AVATAR
    ),
    "source": Kind.TRANSLATION,
}


@cache
def _by_name() -> dict[str, Option]:
    return {option.name: option for option in OPTIONS}


@cache
def _by_flag() -> dict[str, Flag]:
    on = {flag_key(flag): Flag(option) for option in OPTIONS for flag in option.flags}
    off = {flag_key(flag): Flag(option, True) for option in OPTIONS for flag in option.off_flags}
    return on | off
