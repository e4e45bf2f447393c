"""How Runware's video models take a shape, sound and frames: no two families agree.

Sizes in pixels: Kling by Runware's docs; Seedance 2.0 and Wan as their makers list them; Veo, LTX
and Runway by third parties that asked. Sound: `settings.audio` (Seedance), and `sound` (Kling) or
`generateAudio` (Veo) under `providerSettings`, by Runware's pages as third parties probed them.
Only what is here is sent: a model that is not asked renders in its own size.

What starts from a frame has the frame's shape: the schemas (schemas.runware.ai, of 2026-10-12) take
no width and height beside `frameImages`, but from the models that cannot do without. Where there is
a `resolution`, it says how large.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.offers.seedance import SEEDANCE_2_PX
from domain.pricing import Sizes
from domain.shape import AspectRatio, Resolution

AGENT = "heygen:video-agent@0"

_P720, _P1080 = Resolution.P720, Resolution.P1080
_WIDE, _TALL, _SQUARE = AspectRatio.WIDE, AspectRatio.TALL, AspectRatio.SQUARE
_LANDSCAPE, _PORTRAIT, _CINEMA = AspectRatio.LANDSCAPE, AspectRatio.PORTRAIT, AspectRatio.CINEMA


def size_px(
    air: str, resolution: Resolution | None, ratio: AspectRatio | None
) -> tuple[int, int] | None:
    """Width and height by which a model is asked for this shape; None where it is not known."""
    if resolution is None or ratio is None:
        return None
    return _SIZES.get(air, {}).get((resolution, ratio))


def shape_of(
    air: str, resolution: Resolution | None, ratio: AspectRatio | None, *, has_frames: bool
) -> dict[str, Any]:
    """The parameters of the shape, by our names: both sides, the resolution, or nothing."""
    size = size_px(air, resolution, ratio)
    if size is None:
        return {}
    if not has_frames or air in _ALWAYS_SIDES:
        return {"width": size[0], "height": size[1]}
    return {"resolution": resolution.value} if resolution and air in _RESOLUTIONS else {}


def sound_settings(air: str, *, sound: bool) -> dict[str, Any]:
    """The parameters by which a model is told whether to make sound; none where it can't be."""
    maker = air.partition(":")[0]
    match maker:
        case "bytedance":
            return {"settings": {"audio": sound}}
        case "klingai":
            return {"providerSettings": {"klingai": {"sound": sound}}}
        case "google":
            return {"providerSettings": {"google": {"generateAudio": sound}}}
        case _:
            return {}


# The models of ours whose schema requires both sides, and those that have a `resolution`.
_ALWAYS_SIDES = frozenset({"lightricks:ltx@2.3", "lightricks:ltx@2.3-fast", "runway:1@2"})
_RESOLUTIONS = frozenset(
    {
        *("bytedance:seedance@2.0", "bytedance:seedance@2.0-fast", "bytedance:seedance@2.0-mini"),
        *("google:3@2", "google:3@3", "google:veo@3.1-lite"),
        *("alibaba:wan@2.6", "alibaba:wan@2.7"),
    }
)
_HD_TWO: Sizes = {
    (_P720, _WIDE): (1280, 720),
    (_P720, _TALL): (720, 1280),
    (_P1080, _WIDE): (1920, 1080),
    (_P1080, _TALL): (1080, 1920),
}
_WAN: Sizes = {
    **_HD_TWO,
    (_P720, _SQUARE): (960, 960),
    (_P720, _LANDSCAPE): (1088, 832),
    (_P720, _PORTRAIT): (832, 1088),
    (_P1080, _SQUARE): (1440, 1440),
    (_P1080, _LANDSCAPE): (1632, 1248),
    (_P1080, _PORTRAIT): (1248, 1632),
}
_RUNWAY: Sizes = {
    (_P720, _WIDE): (1280, 720),
    (_P720, _TALL): (720, 1280),
    (_P720, _SQUARE): (960, 960),
    (_P720, _LANDSCAPE): (1104, 832),
    (_P720, _PORTRAIT): (832, 1104),
    (_P720, _CINEMA): (1584, 672),
}
_SIZES: Mapping[str, Sizes] = {
    "bytedance:seedance@2.0": SEEDANCE_2_PX,
    "bytedance:seedance@2.0-fast": SEEDANCE_2_PX,
    "bytedance:seedance@2.0-mini": SEEDANCE_2_PX,
    "klingai:kling-video@3-standard": {**_HD_TWO, (_P720, _SQUARE): (960, 960)},
    "klingai:kling-video@3-pro": {**_HD_TWO, (_P1080, _SQUARE): (1440, 1440)},
    "google:3@2": _HD_TWO,
    "google:3@3": _HD_TWO,
    "google:veo@3.1-lite": _HD_TWO,
    "runway:1@1": _RUNWAY,
    "runway:1@2": _RUNWAY,
    "lightricks:ltx@2.3": _HD_TWO,
    "lightricks:ltx@2.3-fast": _HD_TWO,
    "alibaba:wan@2.6": _WAN,
    "alibaba:wan@2.7": _WAN,
    AGENT: _HD_TWO,
}
