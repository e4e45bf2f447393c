"""How long a script takes to say: for the price before anything is paid, and for people who write.

150 words a minute is what HeyGen's own prompt guide reckons with; a pause is written
`<break time="1s"/>` (its guide to scripts) and takes its own time whatever the speed.
"""

from __future__ import annotations

import re

from domain.spoken import Avatar, Scene

WORDS_A_SECOND = 150 / 60
SHORTEST_S = 1.0

_PAUSE = re.compile(r"""<break\s+time\s*=\s*["'](\d{1,3}(?:\.\d{1,3})?)(m?s)["']\s*/?>""", re.I)


def spoken_s(script: str, speed: float = 1.0) -> float:
    """Seconds that a script takes at `speed` (a factor), its pauses included."""
    words = len(_PAUSE.sub(" ", script).split())
    return max(SHORTEST_S, words / WORDS_A_SECOND / speed + pauses_s(script))


def pauses_s(script: str) -> float:
    """Seconds of the pauses that are written into a script."""
    return sum(
        float(length) / (1_000 if unit.lower() == "ms" else 1)
        for length, unit in _PAUSE.findall(script)
    )


def length_s(avatar: Avatar) -> float | None:
    """Seconds of the whole video, scene after scene; None where a recording or footage is in it
    whose length nobody knows yet."""
    lengths = [_scene_s(scene) for scene in avatar.scenes]
    known = [length for length in lengths if length is not None]
    return sum(known) if len(known) == len(lengths) else None


def _scene_s(scene: Scene) -> float | None:
    if scene.script is not None:
        return spoken_s(scene.script, scene.voice.speed or 1.0)
    played = scene.recording or scene.footage
    return played.duration_s if played is not None else scene.silence_s
