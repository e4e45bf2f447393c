"""What every part of the simulated world agrees on."""

from __future__ import annotations

EPOCH = 1_790_000_000.0  # Unix seconds at virtual second 0: a Monday in September 2026
VIDEO_MAGIC = b"VIDEO of "
PICTURE_MAGIC = b"PICTURE"
SOUND_MAGIC = b"SOUND of "
TEAMS = ("T1", "T2")
ADMIN = "UADMIN"
PREVIEW_MAGIC = b"MP4 of "
SOUND_MAGIC = b"SOUND of "


def length_s(recording: bytes) -> float:
    """How long a recording is: it says so itself."""
    return float(recording.removeprefix(SOUND_MAGIC).split()[0])
