"""Further options of videos in which somebody speaks: how the voice and the picture are delivered,
and what a translation keeps. Each has a field of its own in HeyGen's v3 API (heygen-cli's embedded
OpenAPI of July 2026); an offer without it says so.
"""

from __future__ import annotations

from domain import spoken_values, values
from domain.option import Option, Takes
from domain.spoken import Kind

_AVATAR = frozenset({Kind.AVATAR})
_TRANSLATION = frozenset({Kind.TRANSLATION})

FURTHER_OPTIONS: tuple[Option, ...] = (
    Option(
        name="volume",
        flags=("volume",),
        takes=Takes.NUMBER,
        read=spoken_values.read_volume,
        limits=(0.0, 1.0),
        example="0.8",
        help="how loud the voice is, 0 to 1",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="expressiveness",
        flags=("expressiveness",),
        takes=Takes.CHOICE,
        read=spoken_values.read_expressiveness,
        choices=spoken_values.EXPRESSIVENESS,
        example="medium",
        help="how lively a photo moves",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="cut_out",
        flags=("cut-out", "remove-background"),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="without the picture's own background",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="fit",
        flags=("fit",),
        takes=Takes.CHOICE,
        read=spoken_values.read_fit,
        choices=spoken_values.FITS,
        example="cover",
        help="how a picture of another shape fills the frame",
        kinds=_AVATAR,
        only_where_spoken=True,
    ),
    Option(
        name="speakers",
        flags=("speakers",),
        takes=Takes.NUMBER,
        read=spoken_values.read_speakers,
        limits=(1, spoken_values.SPEAKERS_MAX),
        example="2",
        help="how many people speak in what is translated",
        kinds=_TRANSLATION,
        only_where_spoken=True,
    ),
    Option(
        name="sound_only",
        flags=("sound-only", "audio-only"),
        takes=Takes.SWITCH,
        read=values.read_switch,
        help="translates the sound and leaves the lips, for half the price",
        kinds=_TRANSLATION,
        only_where_spoken=True,
    ),
)
