"""What a render costs: a price is a formula over the resolved work, all results of it summed.

Money is integer micro-dollars. What is calculated is rounded up to a whole cent, so that the cents
that people add up are the cents that they were shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from domain.money import as_usd
from domain.pacing import longest_s
from domain.request import Clip, Work, results_of
from domain.shape import AspectRatio, Resolution
from domain.spoken import Avatar, Translation

CENT_MICRO_USD = 10_000
MINUTE_S = 60
TOKEN_FRAMES_PER_S = 24
OLD_ENGINE = "avatar_iii"  # the one engine whose seconds have rates of their own

Sizes = Mapping[tuple[Resolution, AspectRatio], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A price that the vendor publishes nowhere: the most we expect, reserved whole."""

    micro_usd: int


@dataclass(frozen=True, slots=True)
class PerToken:
    """Width × height × seconds × 24 / 1024 tokens, at a price per thousand (fal, Seedance 2.0).
    `sizes` are the frames that the model makes; the largest is reckoned with where the work leaves
    its shape open."""

    micro_usd_per_1000: int
    sizes: Sizes


@dataclass(frozen=True, slots=True)
class PerSecond:
    """A rate for each second, by resolution and by whether there is sound; `micro_usd` is the rate
    of what `by` does not name. `is_ceiling`: no more than this, the vendor tells it afterwards.
    `from_image` is the price of what starts from a picture, where its endpoint has another."""

    micro_usd: int
    by: Mapping[tuple[Resolution | None, bool | None], int] = field(default_factory=dict)
    is_ceiling: bool = False
    from_image: PerSecond | None = None


@dataclass(frozen=True, slots=True)
class PerLength:
    """A price for each length in seconds that is offered."""

    micro_usd: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class PerSpokenSecond:
    """A rate for each second that is spoken; `by` has the rates of what its manner names: an
    avatar's engine, `photo`, `4k`, in this order; a translation's mode or `sound_only`.
    `longest_s` is the most that the vendor makes, in seconds: where nothing says how long it will
    be, that is reserved at the rate of its manner, and told as "up to"."""

    micro_usd: int
    longest_s: float
    by: Mapping[str, int] = field(default_factory=dict)


Price = Ceiling | PerToken | PerSecond | PerLength | PerSpokenSecond


@dataclass(frozen=True, slots=True)
class Estimate:
    """Money before. `is_ceiling` says "up to" instead of "about"."""

    micro_usd: int
    is_ceiling: bool


def estimated(price: Price, work: Work, *, seconds: float) -> Estimate:
    """What resolved `work` of `seconds` costs at this price."""
    results, is_ceiling = results_of(work), False
    match price:
        case Ceiling(micro):
            return Estimate(micro * results, is_ceiling=True)
        case PerToken(per_1000, sizes):
            one = _tokens(work, sizes, seconds) * per_1000 / 1_000
        case PerSecond(from_image=PerSecond() as other) if _starts_from_image(work):
            return estimated(other, work, seconds=seconds)
        case PerSecond(otherwise, by, is_ceiling):
            sound = work.sound if isinstance(work, Clip) else None
            one = seconds * by.get(
                (work.resolution, sound), by.get((work.resolution, None), otherwise)
            )
        case PerSpokenSecond():
            return _spoken(price, work, seconds)
        case PerLength(micros):
            length_s = min((s for s in micros if s >= seconds), default=max(micros))
            one = float(micros[length_s])
        case _:
            assert_never(price)
    return Estimate(whole_cents(one * results), is_ceiling=is_ceiling)


def _starts_from_image(work: Work) -> bool:
    return isinstance(work, Clip) and work.reference_image is not None


def settled(price: Price, work: Work, *, shown_s: float, told_s: float | None = None) -> int | None:
    """What spoken `work` came to, in micro-dollars, once it is made: the script's length was only
    reckoned. By the seconds that its vendor says, unless no such video can be that long, else by
    those that were measured. None where no rate by the second is relied on."""
    if not isinstance(price, PerSpokenSecond):
        return None
    seconds = told_s if told_s and 0 < told_s <= price.longest_s else shown_s
    return _spoken(price, work, seconds).micro_usd if seconds > 0 else None


def why_up_to(price: Price, work: Work) -> str:
    """Why the price of spoken `work` whose length nobody knows is a ceiling: `its length is not
    known before; about $4.00 a minute, at most 5 minutes`. Empty where that is not why."""
    if not isinstance(price, PerSpokenSecond):
        return ""
    a_minute = as_usd(MINUTE_S * _rate(price, work))
    most = f"{_longest_s(price, work) / MINUTE_S:,.0f} minutes"
    return f"its length is not known before; about {a_minute} a minute, at most {most}"


def _spoken(price: PerSpokenSecond, work: Work, seconds: float) -> Estimate:
    if isinstance(work, Avatar) and work.test:
        return Estimate(0, is_ceiling=False)
    rate = _rate(price, work)
    if seconds > 0:
        return Estimate(whole_cents(seconds * rate), is_ceiling=False)
    return Estimate(whole_cents(_longest_s(price, work) * rate), is_ceiling=True)


def _rate(price: PerSpokenSecond, work: Work) -> int:
    return price.by.get(_manner(work), price.micro_usd)


def _longest_s(price: PerSpokenSecond, work: Work) -> float:
    most_s = longest_s(work) if isinstance(work, Avatar) else price.longest_s
    return min(most_s, price.longest_s)


def _manner(work: Work) -> str:
    """How it is made, as far as the price depends on it."""
    match work:
        case Avatar():
            return _avatar_manner(work)
        case Translation(sound_only=True):
            return "sound_only"
        case Translation(mode=mode):
            return mode
        case _:
            return ""


def _avatar_manner(work: Avatar) -> str:
    """`avatar_iii photo`, `4k`; several scenes are a studio video, whoever is in them."""
    is_photo = len(work.scenes) == 1 and _of_photos(work)
    is_old = work.engine == OLD_ENGINE
    unsure = is_old and is_photo is None  # of the two, the photo's is the dearer one there
    parts = (
        OLD_ENGINE if is_old else "",
        "photo" if is_photo or unsure else "",
        "4k" if work.resolution is Resolution.UHD else "",
    )
    return " ".join(filter(None, parts))


def _of_photos(work: Avatar) -> bool | None:
    if all(scene.photo is not None for scene in work.scenes):
        return True
    return work.of_photos


def frame_px(resolution: Resolution, aspect_ratio: AspectRatio) -> tuple[int, int]:
    """Width and height of a frame whose shorter side is the resolution."""
    short = _SHORT_SIDE_PX[resolution]
    across, down = (int(side) for side in aspect_ratio.split(":"))
    if across >= down:
        return short * across // down, short
    return short, short * down // across


_SHORT_SIDE_PX = {
    Resolution.P480: 480,
    Resolution.P720: 720,
    Resolution.P1080: 1_080,
    Resolution.UHD: 2_160,
}


def _tokens(work: Work, sizes: Sizes, seconds: float) -> float:
    pixels = max(
        width * height
        for (resolution, ratio), (width, height) in sizes.items()
        if work.resolution in (None, resolution) and work.aspect_ratio in (None, ratio)
    )
    return pixels * seconds * TOKEN_FRAMES_PER_S / 1_024


def whole_cents(micro_usd: float) -> int:
    """Rounded up: nobody is ever told less than what it comes to."""
    return -(-int(-(-micro_usd // 1)) // CENT_MICRO_USD) * CENT_MICRO_USD
