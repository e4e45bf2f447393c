"""How long a script takes to say: for the price before anything is paid, and for people who write.

150 words a minute is what HeyGen's own prompt guide reckons with; a pause is written
`<break time="1s"/>` (its guide to scripts) and takes its own time whatever the speed.

Chinese, Japanese and Thai are written without spaces, so words alone would make a page of them one
second. Mandarin is read aloud at 5.2 syllables a second and Japanese at 7.8 (Pellegrino and others
2011, "A cross-language perspective on speech information rate"), Thai at 4.7 (Coupé and others
2019); a character is one syllable in Chinese and Korean, about one and a half in Japanese, a third
in Thai. Speech has pauses besides, and a price too low is worse than one too high: the rates here
are those of calm narration (240 characters a minute of Chinese, 300 of Japanese).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from domain.pauses import pauses_s, without_pauses
from domain.spoken import Avatar, Filling, Scene

WORDS_A_SECOND = 150 / 60
LETTERS_A_SECOND = 15.0  # of any other script: 150 words a minute of six letters
SHORTEST_S = 1.0
# The longest that a vendor takes (developers.heygen.com, usage limits).
RECORDING_MAX_S = 600.0
FOOTAGE_MAX_S = 1_800.0

_CHARS_A_SECOND: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(f"[{written}]"), rate)
    for written, rate in (
        ("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", 4.0),  # Han
        ("\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d", 5.0),  # kana
        ("\uac00-\ud7a3", 4.5),  # Hangul
        ("\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff", 12.0),  # Thai, Lao, Burmese, Khmer
    )
)
_LETTER = re.compile(r"\w")
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")  # of a variable, in a template's script


def spoken_s(script: str, speed: float = 1.0) -> float:
    """Seconds that a script takes at `speed` (a factor), its pauses included."""
    said = without_pauses(script)
    speech_s = max(len(said.split()) / WORDS_A_SECOND, _by_characters_s(said))
    return max(SHORTEST_S, speech_s / speed + pauses_s(script))


def _by_characters_s(said: str) -> float:
    seconds, left = 0.0, said
    for written, rate in _CHARS_A_SECOND:
        left, count = written.subn("", left)
        seconds += count / rate
    return seconds + len(_LETTER.findall(left)) / LETTERS_A_SECOND


def length_s(avatar: Avatar) -> float | None:
    """Seconds of the whole video, scene after scene; None where a recording or footage is in it
    whose length nobody knows yet."""
    lengths = [_scene_s(scene) for scene in avatar.scenes]
    known = [length for length in lengths if length is not None]
    return sum(known) if len(known) == len(lengths) else None


def longest_s(avatar: Avatar) -> float:
    """Seconds that the whole video lasts at most, where the length of some of it is not known."""
    return sum(_scene_s(scene) or _at_most_s(scene) for scene in avatar.scenes)


def template_s(scripts: Sequence[str], filled: Mapping[str, Filling]) -> float | None:
    """Seconds that a template takes to say, scene after scene, with its variables filled in; None
    where its words are not told, or sound or footage of somebody's own sets the length."""
    if not scripts or any(filling.type in ("audio", "video") for filling in filled.values()):
        return None
    return sum(
        spoken_s(_PLACEHOLDER.sub(lambda found: _said(found, filled), script)) for script in scripts
    )


def _said(found: re.Match[str], filled: Mapping[str, Filling]) -> str:
    filling = filled.get(found[1])
    return (filling.text if filling is not None else None) or ""


def _at_most_s(scene: Scene) -> float:
    return FOOTAGE_MAX_S if scene.footage is not None else RECORDING_MAX_S


def _scene_s(scene: Scene) -> float | None:
    if scene.script is not None:
        return spoken_s(scene.script, scene.voice.speed or 1.0)
    played = scene.recording or scene.footage
    return played.duration_s if played is not None else scene.silence_s
