"""What people type as a value, read tolerantly: `Veo-3.1 fast`, `9x16`, `8 sec`, `1080`.

Every reader takes the typed text and gives the value as a request holds it, or raises `BadValue`
with a sentence and, where there is one, the nearest possible value. Nothing is ever clamped.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import NoReturn

from pydantic import JsonValue

from domain.catalog import CATALOG, MODEL_NAMES
from domain.links import is_public_host
from domain.offer import Model
from domain.request import SEED_MAX
from domain.shape import AspectRatio, Resolution
from domain.spoken import Kind

DURATION_MAX_S = 300
DURATION_EXAMPLE_S = 5
URL_MAX_CHARS = 2_048
NAME_MAX_CHARS = 200


@dataclass(frozen=True, slots=True)
class Pair:
    """One `--config` entry."""

    key: str
    value: JsonValue


# A tuple is several of one thing, each said by itself or together.
Value = str | int | float | bool | Pair | tuple[str, ...]


class BadValue(Exception):
    """A value that cannot be. `nearest` is one that can, if any is near."""

    def __init__(self, sentence: str, nearest: Value | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.nearest = nearest


def read_model(text: str) -> str:
    """A model's name, whatever the case, spaces, dots and hyphens."""
    key = _key(text)
    names = _models_by_key()
    if name := names.get(key):
        return name
    family = models_of_family(text)
    if len(family) == 1:
        return family[0]
    if family:
        raise BadValue(f"“{text}” could be {listed(family)}.", family[0])
    if near := get_close_matches(key, names, n=1, cutoff=0.6):
        raise BadValue(
            f"There is no model “{text}”. Did you mean {names[near[0]]}?", names[near[0]]
        )
    raise BadValue(f"There is no model “{text}”. `/video models` lists those there are.")


def exact_model(text: str) -> str | None:
    """The model that is named, in any spelling; None where it is not the whole name of one."""
    return _models_by_key().get(_key(text)) if text else None


def models_of_family(text: str) -> tuple[str, ...]:
    """The models of a family: `sora` is `sora_v2` and `sora_v2_pro`, `ltx` is one alone."""
    key = _key(text)
    if key not in {_key(name.partition("_")[0].rstrip("0123456789")) for name in MODEL_NAMES}:
        return ()
    return tuple(name for name in MODEL_NAMES if _key(name).startswith(key))


_WORD_RATIOS = {
    "vertical": AspectRatio.TALL,
    "portrait": AspectRatio.TALL,
    "tall": AspectRatio.TALL,
    "story": AspectRatio.TALL,
    "reel": AspectRatio.TALL,
    "square": AspectRatio.SQUARE,
    "landscape": AspectRatio.WIDE,
    "horizontal": AspectRatio.WIDE,
    "wide": AspectRatio.WIDE,
    "widescreen": AspectRatio.WIDE,
    "cinema": AspectRatio.CINEMA,
    "cinemascope": AspectRatio.CINEMA,
    "ultrawide": AspectRatio.CINEMA,
}
_RATIO = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*[:x×*/]\s*(\d{1,4}(?:\.\d{1,3})?)", re.IGNORECASE)


def read_aspect_ratio(text: str) -> str:
    """`9:16`, `9x16`, `9/16`, or a word for it."""
    typed = folded(text)
    if word := _WORD_RATIOS.get(typed):
        return word.value
    sides = _RATIO.fullmatch(typed)
    if sides is None or not (float(sides[1]) and float(sides[2])):
        known = listed(ratio.value for ratio in AspectRatio)
        raise BadValue(f"“{text}” is not an aspect ratio. There are {known}.", "16:9")
    wished = float(sides[1]) / float(sides[2])
    nearest = min(AspectRatio, key=lambda ratio: abs(math.log(_quotient(ratio) / wished)))
    if not math.isclose(_quotient(nearest), wished, rel_tol=0.001):
        raise BadValue(f"{text} is not offered. The nearest is {nearest.value}.", nearest.value)
    return nearest.value


_DURATION = re.compile(
    r"(?:(\d{1,4})\s*(?:m|min|mins|minute|minutes|minuten))?\s*"
    r"(?:(\d{1,7}(?:[.,]\d+)?)\s*"
    r"(?:s|sec|secs|second|seconds|sek|sekunden?|seconde|secondes|seg|segundos?|secondi|saniye|sn)?)?"
)


def read_duration_s(text: str) -> int:
    """Whole seconds: `8`, `8s`, `8 sec`, `1m`, `1 min 30 s`."""
    typed = _DURATION.fullmatch(folded(text))
    if typed is None or not (typed[1] or typed[2]):
        raise BadValue(
            f"“{text}” is not a length in seconds, such as `8` or `8s`.", DURATION_EXAMPLE_S
        )
    seconds = int(typed[1] or 0) * 60 + float((typed[2] or "0").replace(",", "."))
    if seconds > DURATION_MAX_S:
        raise BadValue(f"{text} is too long: at most {DURATION_MAX_S} seconds.", DURATION_MAX_S)
    if seconds < 1:
        raise BadValue(f"{text} is too short: at least 1 second.", DURATION_EXAMPLE_S)
    if seconds != int(seconds):
        raise BadValue(f"{text} is not a whole number of seconds.", math.ceil(seconds))
    return int(seconds)


def read_seed(text: str) -> int:
    """An integer from 0 to `SEED_MAX`: the same seed makes the same video again, or nearly."""
    typed = re.fullmatch(r"#?([-−–]?)(\d{1,30})", folded(text))
    if typed is None:
        raise BadValue(f"“{text}” is not a seed: a whole number. Leave it out for a new one.")
    seed = int(typed[2])
    if seed > SEED_MAX:
        raise BadValue(f"The seed {text} is too large: at most {SEED_MAX}.")
    if typed[1] and seed:
        raise BadValue(f"The seed {text} is negative: it starts at 0.", seed)
    return seed


_WORD_RESOLUTIONS = {
    "sd": Resolution.P480,
    "hd": Resolution.P720,
    "fullhd": Resolution.P1080,
    "fhd": Resolution.P1080,
    "uhd": Resolution.UHD,
    "4k": Resolution.UHD,
}
_LINES = {
    480: Resolution.P480,
    720: Resolution.P720,
    1_080: Resolution.P1080,
    2_160: Resolution.UHD,
}


def read_resolution(text: str) -> str:
    """`1080p`, `1080`, `full hd`, `4K`."""
    typed = re.sub(r"[\s_-]", "", folded(text))
    if word := _WORD_RESOLUTIONS.get(typed):
        return word.value
    known = listed(resolution.value for resolution in Resolution)
    lines = re.fullmatch(r"(\d{2,5})p?", typed)
    if lines is None:
        raise BadValue(f"“{text}” is not a resolution. There are {known}.", "720p")
    nearest = min(_LINES, key=lambda known_lines: abs(known_lines - int(lines[1])))
    if nearest != int(lines[1]):
        raise BadValue(f"{text} is not offered. There are {known}.", _LINES[nearest].value)
    return _LINES[nearest].value


_ON = frozenset({"on", "true", "yes", "1", "an", "oui", "si", "sí", "ja"})
_OFF = frozenset({"off", "false", "no", "0", "aus", "non", "nein", "none"})


def read_switch(text: str) -> bool:
    """`on` or `off`, as people say it."""
    typed = folded(text)
    if typed in _ON or typed in _OFF:
        return typed in _ON
    raise BadValue(f"“{text}” is neither `on` nor `off`.", True)


def read_image_url(text: str) -> str:
    """A public https link. The vendor fetches it; we never do."""
    typed = text.strip()
    link = re.match(r"https?://([^\s/@?#]+\.[^\s/@?#]+?)(?::\d+)?(?=[/?#]|$)", typed, re.IGNORECASE)
    if link and not is_public_host(link[1]):
        raise BadValue(
            f"“{text}” is not a public link: nobody outside can open {link[1]}. To use a picture"
            " of yours, attach it to a message that mentions @Dailies."
        )
    if re.fullmatch(r"https://[^\s/@?#]+\.[^\s/@?#]+(?:[/?#]\S*)?", typed, re.IGNORECASE):
        if len(typed) > URL_MAX_CHARS:
            raise BadValue(f"The link has {len(typed):,} characters: at most {URL_MAX_CHARS:,}.")
        return typed
    if re.match(r"http://[^\s/@?#]+\.", typed, re.IGNORECASE):
        raise BadValue("An image link begins with https://.", f"https://{typed[7:]}")
    raise BadValue(
        f"“{text}” is not a public https link. To use a picture of yours, attach it to a message"
        " that mentions @Dailies."
    )


_KIND_WORDS = {kind.value: kind for kind in Kind} | {
    "video agent": Kind.AGENT,
    "translate": Kind.TRANSLATION,
}


def read_kind(text: str) -> str:
    """A kind of video."""
    if kind := _KIND_WORDS.get(folded(text)):
        return kind.value
    raise BadValue(f"There is no kind “{text}”: it is {listed(Kind)}.", "clip")


def read_name(text: str) -> str:
    """A name or id, as the vendor lists it."""
    typed = text.strip()
    if len(typed) > NAME_MAX_CHARS:
        raise BadValue(f"A name has at most {NAME_MAX_CHARS} characters; this has {len(typed)}.")
    return typed


def read_words(text: str) -> str:
    """Text that is taken as it stands."""
    return text.strip()


def read_pair(text: str) -> Pair:
    """`key=value`, its value a JSON scalar; what is not JSON, or quoted, is text."""
    typed = re.fullmatch(r"([A-Za-z_][\w.-]{0,63})\s*[=＝]\s*(.+)", text.strip(), re.DOTALL)
    if typed is None:
        raise BadValue("`--config` takes key=value, for example `--config motion=0.5`.")
    return Pair(typed[1], _scalar(typed[2]))


def listed(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _scalar(text: str) -> JsonValue:
    if len(text) > 1 and text[0] in "\"“'‘«" and text[-1] in "\"”'’»":
        return text[1:-1]
    try:
        value: JsonValue = json.loads(text, parse_constant=_not_json)
    except ValueError:
        return text
    is_finite = not isinstance(value, float) or math.isfinite(value)
    return value if is_finite and not isinstance(value, list | dict | str) else text


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _quotient(ratio: AspectRatio) -> float:
    across, down = ratio.value.split(":")
    return int(across) / int(down)


def folded(text: str) -> str:
    """For comparing: one form of every character, no case, nothing around it."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def _key(text: str) -> str:
    """Letters and digits only, and no `v` before a version: `Sora V2` and `sora 2` are one."""
    letters = re.sub(r"[\W_]", "", folded(text))
    return re.sub(r"v(?=\d)", "", letters)


@cache
def _models_by_key() -> dict[str, str]:
    return {
        _key(spelling): model.name
        for model in dict.fromkeys(offer.model for offer in CATALOG)
        for spelling in _spellings(model)
    }


def _spellings(model: Model) -> Iterable[str]:
    """The ways a model is named, `2.0` also as `2` and the maker in front."""
    for name in (model.name, model.title, *model.aliases):
        yield name
        yield name.replace("_2_0", "_2").replace(" 2.0", " 2")
        yield f"{model.provider} {name}"
        if name.lower().startswith(f"{model.provider.lower()}_"):
            yield name[len(model.provider) + 1 :]
