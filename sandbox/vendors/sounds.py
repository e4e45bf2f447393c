"""How long a recording is: it is listened to, as the vendor does before it takes the money."""

from __future__ import annotations

import io

import av

SOUND_MAX_S = 600.0  # developers.heygen.com/docs/usage-limits
UNHEARD_S = 6.0  # what a recording elsewhere is taken to be: it is never fetched


def sound_s(body: bytes) -> float | None:
    """Seconds of a recording, None for what cannot be played."""
    try:
        with av.open(io.BytesIO(body), "r") as container:
            if not container.streams.audio:
                return None
            return float(container.duration or 0) / av.time_base or UNHEARD_S
    except (av.FFmpegError, ValueError):
        return None
