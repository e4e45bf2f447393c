"""What people type where somebody speaks: `0.9x`, `-3`, `de-DE`, `V-142/2`, `German, French`.

Readers as in `domain.values`: the value as a request holds it, or `BadValue`; never clamped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.spoken import LANGUAGES_MAX
from domain.values import (
    BadValue,
    Pair,
    folded,
    listed,
    read_image_url,
    read_name,
    read_pair,
    read_switch,
)

SPEED_MIN, SPEED_MAX = 0.5, 1.5
PITCH_MAX = 50
# HeyGen's older API only (seed 002; docs.heygen.com, studio API).
EMOTIONS = ("Excited", "Friendly", "Serious", "Soothing", "Broadcaster")
ENGINES = ("avatar_iii", "avatar_iv", "avatar_v")
BURNED = "burned"
EXPRESSIVENESS = ("low", "medium", "high")
FITS = ("cover", "contain")
SPEAKERS_MAX = 10

_ENGINE_KEYS = {"3": "avatar_iii", "4": "avatar_iv", "5": "avatar_v"} | {
    engine.removeprefix("avatar_"): engine for engine in ENGINES
}


def read_speed(text: str) -> float:
    """A factor: `0.9`, `0,9`, `1.1x`, `90%`."""
    typed = re.fullmatch(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*(x|%)?", folded(text))
    if typed is None:
        raise BadValue(f"“{text}” is no speed, such as 0.9 for a little slower.", 0.9)
    speed = float(typed[1].replace(",", ".")) / (100 if typed[2] == "%" else 1)
    if not SPEED_MIN <= speed <= SPEED_MAX:
        nearest = SPEED_MIN if speed < SPEED_MIN else SPEED_MAX
        raise BadValue(f"{text} is not offered: a voice has {SPEED_MIN} to {SPEED_MAX}.", nearest)
    return speed


def read_pitch(text: str) -> int:
    """Semitones, up or down: `-3`, `+2`."""
    typed = re.fullmatch(r"([-+−–]?)\s*(\d{1,4})\s*(?:st|semitones?)?", folded(text), re.IGNORECASE)
    if typed is None:
        raise BadValue(f"“{text}” is no pitch: semitones up or down, such as -3.", -3)
    pitch = int(typed[2]) * (-1 if typed[1] in ("-", "−", "–") and typed[1] else 1)
    if abs(pitch) > PITCH_MAX:
        nearest = PITCH_MAX if pitch > 0 else -PITCH_MAX
        raise BadValue(f"{text} is not offered: -{PITCH_MAX} to {PITCH_MAX} semitones.", nearest)
    return pitch


def read_volume(text: str) -> float:
    """How loud, 0 to 1: `0.8`, `0,8`, `80%`."""
    typed = re.fullmatch(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*(%)?", folded(text))
    if typed is None:
        raise BadValue(f"“{text}” is no volume: 0 to 1, such as 0.8.", 0.8)
    volume = float(typed[1].replace(",", ".")) / (100 if typed[2] else 1)
    if volume > 1:
        raise BadValue(f"{text} is too loud: 1 is as loud as it was spoken.", 1.0)
    return volume


def read_speakers(text: str) -> int:
    """How many people speak, 1 to `SPEAKERS_MAX`."""
    typed = re.fullmatch(r"(\d{1,3})(?: speakers?)?", folded(text))
    if typed is None or not 1 <= int(typed[1]) <= SPEAKERS_MAX:
        raise BadValue(f"“{text}” is no number of speakers: 1 to {SPEAKERS_MAX}.", 2)
    return int(typed[1])


def read_expressiveness(text: str) -> str:
    """`low`, `medium`, `high`."""
    return _one_of(EXPRESSIVENESS, {each: each for each in EXPRESSIVENESS}, text, "expressiveness")


def read_fit(text: str) -> str:
    """`cover`, `contain`."""
    return _one_of(FITS, {each: each for each in FITS}, text, "fit")


def read_emotion(text: str) -> str:
    """`excited`, `Friendly`."""
    return _one_of(EMOTIONS, {name.lower(): name for name in EMOTIONS}, text, "emotion")


def read_engine(text: str) -> str:
    """`avatar_iv`, `Avatar IV`, `4`."""
    key = re.sub(r"[^a-z0-9]", "", folded(text)).removeprefix("avatar")
    if engine := _ENGINE_KEYS.get(key):
        return engine
    raise BadValue(f"There is no engine “{text}”: it is {listed(ENGINES)}.", ENGINES[1])


def read_locale(text: str) -> str:
    """A language as it is spoken somewhere: `de-DE`, `pt_br`."""
    typed = re.fullmatch(r"([a-z]{2,3})[-_ ]([a-z]{2}|\d{3})", folded(text))
    if typed is None:
        raise BadValue(f"“{text}” is no locale, such as en-GB or de-DE.", "en-GB")
    return f"{typed[1]}-{typed[2].upper()}"


def read_captions(text: str) -> str | bool:
    """`on`, `off`, or `burned` into the picture."""
    if folded(text) in (BURNED, "burned in", "burned-in", "burnt", "hard"):
        return BURNED
    return read_switch(text)


def read_languages(text: str) -> tuple[str, ...]:
    """`German`, `German, French and Spanish (Mexico)`. Commas in brackets are part of a name."""
    parts = re.split(r"\s*[,;/]\s*(?![^(]*\))|\s+(?:and|und|et|y|e|ve|&|\+)\s+", text.strip())
    names = tuple(dict.fromkeys(filter(None, (part.strip(" .") for part in parts))))
    if not names:
        raise BadValue("Say a language, such as German.", ("German",))
    if len(names) > LANGUAGES_MAX:
        raise BadValue(f"{len(names)} languages: at most {LANGUAGES_MAX} at once.")
    return tuple(read_name(name) for name in names)


def read_source(text: str) -> str:
    """What is translated: `V-142`, `V-142/2`, `V-142 take 2`, or a video's https link."""
    typed = re.fullmatch(
        r"(?:shot\s+)?(?:v\s?[-‐‑–—]?\s?|#)(\d{1,9})(?:\s*(?:/|,?\s*take\s*)\s*(\d{1,4}))?",
        folded(text),
    )
    if typed is not None:
        return f"V-{int(typed[1])}" + (f"/{int(typed[2])}" if typed[2] else "")
    if "://" in text:
        return read_image_url(text)
    raise BadValue(f"“{text}” is no take and no link: say V-142, V-142/2 or https://…")


def shot_and_take(source: str) -> tuple[int, int | None] | None:
    """(shot, take) of what `read_source` gave, None for a link."""
    typed = re.fullmatch(r"V-(\d+)(?:/(\d+))?", source)
    return (int(typed[1]), int(typed[2]) if typed[2] else None) if typed else None


def read_variable(text: str) -> Pair:
    """`name=value`, its value always text."""
    try:
        pair = read_pair(text)
    except BadValue:
        raise BadValue("`--var` takes name=value, for example `--var headline=Hello`.") from None
    said = re.sub(r"^[^=＝]*[=＝]\s*", "", text.strip(), count=1)
    return Pair(pair.key, pair.value if isinstance(pair.value, str) else said)


def _one_of(names: Sequence[str], by_key: dict[str, str], text: str, noun: str) -> str:
    if name := by_key.get(folded(text)):
        return name
    raise BadValue(f"There is no {noun} “{text}”: it is {listed(names)}.", names[1])
