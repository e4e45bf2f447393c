"""Options as we write them: what a person can copy, and what is said of a take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from domain.option import Option, Takes
from domain.options import Said
from domain.values import Pair, Value, read_pair

COMMAND = "/video"
_BARE = re.compile(r"[^\s\"“”„'‘’«»`<>=\-–—−,;.!?][^\s\"“”„'‘’«»`<>]*(?<![,;.!?])")
_QUOTES = (('"', '"', '"”“'), ("“", "”", '”"“'), ("«", "»", "»"), ("‘", "’", "’'"))


def written_options(said: Iterable[Said]) -> str:
    """`--model veo_3_1 --aspect 9:16`."""
    return " ".join(written_option(each) for each in said)


def written_option(said: Said) -> str:
    """One option, in the spelling we show."""
    option, value = said
    if option.takes is Takes.SWITCH and not isinstance(value, str):
        off = f"--{option.off_flags[0]}" if option.off_flags else f"{option.flag} off"
        return option.flag if value else off
    return f"{option.flag} {_written(option, value)}"


def latest(said: Iterable[Said]) -> tuple[Said, ...]:
    """What holds of what was said: the last word for an option, and for a key of `--config`; of
    several of one thing, all."""
    last: dict[tuple[str, str], Said] = {}
    for option, value in said:
        key = value.key if isinstance(value, Pair) else ""
        before = last.pop((option.name, key), None)
        last[option.name, key] = Said(option, _with(before, value))
    return tuple(last.values())


def _with(before: Said | None, value: Value) -> Value:
    """The value, after those of the same kind that were said before."""
    if isinstance(value, tuple) and before is not None and isinstance(before.value, tuple):
        return tuple(dict.fromkeys((*before.value, *value)))
    return value


def _written(option: Option, value: Value) -> str:
    if isinstance(value, Pair):
        return f"{value.key}={_written_scalar(value)}"
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    if option.takes is Takes.WORDS or not _BARE.fullmatch(text):
        return _in_quotes(text)
    return text


def _written_scalar(pair: Pair) -> str:
    if not isinstance(pair.value, str):
        return json.dumps(pair.value)
    is_bare = _BARE.fullmatch(pair.value) and read_pair(f"k={pair.value}").value == pair.value
    return pair.value if is_bare else _in_quotes(pair.value)


def _in_quotes(text: str) -> str:
    """In quotes that the text itself does not have."""
    for opening, closing, closers in _QUOTES:
        if not any(closer in text for closer in closers):
            return f"{opening}{text}{closing}"
    return f'"{text}"'


def described_change(field: str, before: object, after: object) -> str:
    """What changed of one field, for a take's line: `16:9 → 9:16`, `sound off`."""
    match field:
        case "reference_image":
            return "new image"
        case "tail_image":
            return "new last frame"
        case "sound":
            return "sound on" if after else "sound off"
        case "config":
            return "config"
        case "seed":
            return f"seed {after}"
        case "duration_s":
            return f"{before} s → {after} s" if before else f"{after} s"
        case _:
            return f"{before} → {after}" if before else str(after)
