"""Seedance 2.0's frames in pixels, one table for all gateways.

As ByteDance lists them. fal bills the height and width of the video that comes out
(fal.ai/models/bytedance/seedance-2.0/text-to-video/llms.txt), and Runware is asked for a size in
pixels: both are this table's.
"""

from __future__ import annotations

from domain.pricing import Sizes
from domain.shape import AspectRatio, Resolution

_P480, _P720, _P1080 = Resolution.P480, Resolution.P720, Resolution.P1080
_WIDE, _TALL, _SQUARE = AspectRatio.WIDE, AspectRatio.TALL, AspectRatio.SQUARE
_LANDSCAPE, _PORTRAIT, _CINEMA = AspectRatio.LANDSCAPE, AspectRatio.PORTRAIT, AspectRatio.CINEMA

SEEDANCE_2_PX: Sizes = {
    (_P480, _WIDE): (864, 496),
    (_P480, _TALL): (496, 864),
    (_P480, _SQUARE): (640, 640),
    (_P480, _LANDSCAPE): (752, 560),
    (_P480, _PORTRAIT): (560, 752),
    (_P480, _CINEMA): (992, 432),
    (_P720, _WIDE): (1280, 720),
    (_P720, _TALL): (720, 1280),
    (_P720, _SQUARE): (960, 960),
    (_P720, _LANDSCAPE): (1112, 834),
    (_P720, _PORTRAIT): (834, 1112),
    (_P720, _CINEMA): (1470, 630),
    (_P1080, _WIDE): (1920, 1080),
    (_P1080, _TALL): (1080, 1920),
    (_P1080, _SQUARE): (1440, 1440),
    (_P1080, _LANDSCAPE): (1664, 1248),
    (_P1080, _PORTRAIT): (1248, 1664),
    (_P1080, _CINEMA): (2206, 946),
}
