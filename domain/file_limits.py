"""How large a file may be that goes into a render: known before anything is fetched or paid.

Source: developers.heygen.com/docs/usage-limits (inputs: video 100 MB, image and audio 50 MB, an
agent's files 32 MB each). Only HeyGen takes sounds and films of people; pictures for the others are
made smaller by us before they leave. A recording may last ten minutes (the same page).
"""

from __future__ import annotations

from domain.request import Work
from domain.shape import Media
from domain.spoken import Agent, Avatar

MB = 1024 * 1024
IMAGE_MAX_BYTES = 50 * MB
SOUND_MAX_BYTES = 50 * MB
FILM_MAX_BYTES = 100 * MB
MATERIAL_MAX_BYTES = 32 * MB
RECORDING_MAX_S = 600.0
UNFIT_FILE = "unfit_file"  # the field of a failure whose detail is a sentence of ours

_KINDS = {
    "image": ("A picture", IMAGE_MAX_BYTES),
    "audio": ("A recording", SOUND_MAX_BYTES),
    "video": ("A video", FILM_MAX_BYTES),
}


def too_large(name: str, media_type: str, size_bytes: int) -> str | None:
    """The sentence for a file that nobody takes, with both sizes; None where it fits."""
    what, most_bytes = _KINDS.get(media_type.partition("/")[0], ("A file", MATERIAL_MAX_BYTES))
    return _sentence(name, what, size_bytes, most_bytes)


def unfitting_file(work: Work) -> tuple[str, str] | None:
    """(place, sentence) of the first file whose size or length nobody takes, as far as Slack told
    them; None where all fit."""
    for place, media in work.media.items():
        if (sentence := _problem(work, media)) is not None:
            return place, sentence
    return None


def _problem(work: Work, media: Media) -> str | None:
    if media.size_bytes is not None and media.media_type is not None:
        wrong = too_large(media.name, media.media_type, media.size_bytes)
        if wrong is None and isinstance(work, Agent) and not media.is_picture:
            wrong = _sentence(media.name, "An agent's file", media.size_bytes, MATERIAL_MAX_BYTES)
        if wrong is not None:
            return wrong
    is_recording = isinstance(work, Avatar) and media.is_sound
    return too_long(media.name, media.duration_s or 0.0) if is_recording else None


def too_long(name: str, seconds: float) -> str | None:
    """The sentence for a recording that lasts longer than one may; None where it fits."""
    if seconds <= RECORDING_MAX_S:
        return None
    minutes = max(seconds / 60, RECORDING_MAX_S / 60 + 0.1)  # never "lasts 10.0 minutes" of ten
    return f"{name} lasts {minutes:.1f} minutes. A recording may last {RECORDING_MAX_S / 60:g}."


def _sentence(name: str, what: str, size_bytes: int, most_bytes: int) -> str | None:
    if size_bytes <= most_bytes:
        return None
    size_mb = max(size_bytes / MB, most_bytes / MB + 0.1)  # never "has 50.0 MB" of 50 MB
    return f"{name} has {size_mb:.1f} MB. {what} may have {most_bytes // MB} MB at most."
