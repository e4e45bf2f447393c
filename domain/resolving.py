"""Work with nothing left open: every value that the offer's wire can say is set, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from domain.fitting import nearest_ratio
from domain.offer import Offer
from domain.preferences import Preferences
from domain.request import Clip, Work
from domain.shape import AspectRatio, Resolution
from domain.spoken import Agent

DEFAULT_DURATION_S = 5
DEFAULT_AGENT_DURATION_S = 30


def resolve(work: Work, offer: Offer, preferences: Preferences) -> Work:
    """`work` as it is sent to `offer`."""
    limits = offer.limits
    ratio = work.aspect_ratio or _ratio(work, limits.aspect_ratios, preferences)
    shape = {
        "aspect_ratio": ratio,
        "duration_s": work.duration_s or _duration_s(work, limits.durations_s, preferences),
        "resolution": work.resolution or _resolution(limits.resolutions),
    }
    if isinstance(work, Clip):
        sound = work.sound if work.sound is not None else (True if limits.sound else None)
        return work.model_copy(update={**shape, "model": offer.model.name, "sound": sound})
    return work.model_copy(update=shape)


def _ratio(
    work: Work, offered: Sequence[AspectRatio], preferences: Preferences
) -> AspectRatio | None:
    """The reference image's nearest, else the channel's, else 16:9."""
    image = work.reference_image if isinstance(work, Clip) else None
    if image is not None and image.width_px and image.height_px and offered:
        return nearest_ratio(image.width_px / image.height_px, offered)
    if preferences.aspect_ratio in offered:
        return preferences.aspect_ratio
    return AspectRatio.WIDE if AspectRatio.WIDE in offered else next(iter(offered), None)


def _duration_s(work: Work, offered: Sequence[int], preferences: Preferences) -> int | None:
    """The channel's length or the kind's usual one, else the next longer one offered."""
    usual_s = DEFAULT_AGENT_DURATION_S if isinstance(work, Agent) else preferences.duration_s
    wanted = usual_s or DEFAULT_DURATION_S
    return next((s for s in offered if s >= wanted), max(offered, default=None))


def _resolution(offered: Sequence[Resolution]) -> Resolution | None:
    return Resolution.P720 if Resolution.P720 in offered else next(iter(offered), None)
