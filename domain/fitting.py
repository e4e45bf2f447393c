"""Whether an offer can make a clip; where it cannot, the sentence and the clip that it could make.

An impossible value is refused with a corrected command, never clamped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.offer import GATEWAY_TITLES, Offer
from domain.request import Clip
from domain.shape import AspectRatio, FileFormat


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong, with which field, and the clip that would fit instead (None: not ours to
    say)."""

    sentence: str
    field: str
    mended: Clip | None


def misfit(clip: Clip, offer: Offer) -> Misfit | None:
    """Why the offer cannot make the clip; None where it can."""
    for look in (_ratio, _duration, _resolution, _ability, _outputs, _pictures, _prompt):
        wrong = look(clip, offer)
        if wrong is not None:
            return wrong
    return None


def _ratio(clip: Clip, offer: Offer) -> Misfit | None:
    offered = offer.limits.aspect_ratios
    if clip.aspect_ratio is None:
        return None
    if clip.aspect_ratio in offered:
        return _pictures_ratio(clip, offer)
    if not offered:
        return _wrong(clip, _no_choice(offer, "ratio", "aspect"), aspect_ratio=None)
    sentence = f"{_at(offer)} makes {either(offered)}, not {clip.aspect_ratio}."
    nearest = nearest_ratio(shape_of(clip.aspect_ratio), offered)
    return _wrong(clip, sentence, aspect_ratio=nearest)


def _pictures_ratio(clip: Clip, offer: Offer) -> Misfit | None:
    """Another ratio than that of the picture that it starts from, where none can be asked for."""
    picture = clip.reference_image
    if picture is None or not offer.limits.picture_has_ratio:
        return None
    if picture.width_px and picture.height_px:
        own = nearest_ratio(picture.width_px / picture.height_px, offer.limits.aspect_ratios)
        if own == clip.aspect_ratio:
            return None
    sentence = (
        f"{_at(offer)} keeps the shape of the picture that it starts from, so it cannot make"
        f" {clip.aspect_ratio} of it."
    )
    return _wrong(clip, sentence, aspect_ratio=None)


def _duration(clip: Clip, offer: Offer) -> Misfit | None:
    offered = offer.limits.durations_s
    if clip.duration_s is None or clip.duration_s in offered:
        return None
    if not offered:
        return _wrong(clip, _no_choice(offer, "length", "duration"), duration_s=None)
    wanted = clip.duration_s
    sentence = f"{_at(offer)} makes {_lengths(offered)} seconds, not {wanted}."
    return _wrong(clip, sentence, duration_s=min(offered, key=lambda s: abs(s - wanted)))


def _no_choice(offer: Offer, what: str, flag: str) -> str:
    return f"{_at(offer)} has no {what} to choose. Leave --{flag} out."


def _at(offer: Offer) -> str:
    """`Veo 3.1 at fal`: what a model makes is not the same everywhere."""
    return f"{offer.model.title} at {GATEWAY_TITLES[offer.gateway]}"


def _lengths(offered: Sequence[int]) -> str:
    """`4 to 15`, or `4, 6 or 8` where some between are not offered."""
    if len(offered) > 1 and offered[-1] - offered[0] == len(offered) - 1:
        return f"{offered[0]} to {offered[-1]}"
    return either([str(length_s) for length_s in offered])


def _resolution(clip: Clip, offer: Offer) -> Misfit | None:
    offered = offer.limits.resolutions
    if clip.resolution is None or clip.resolution in offered:
        return None
    makes = either(offered) or "its own resolution only"
    sentence = f"{_at(offer)} makes {makes}, not {clip.resolution}."
    return _wrong(clip, sentence, resolution=offered[-1] if offered else None)


def _ability(clip: Clip, offer: Offer) -> Misfit | None:
    """Options that the offer's wire has no field for."""
    limits = offer.limits
    asked: tuple[tuple[str, bool, bool, str, Any], ...] = (
        ("seed", clip.seed is not None, limits.seed, "a seed", None),
        ("sound", clip.sound is not None, limits.sound, "a choice of sound", None),
        (
            "reference_image",
            clip.reference_image is not None,
            limits.reference_image,
            "a reference image",
            None,
        ),
        ("tail_image", clip.tail_image is not None, limits.tail_image, "a last frame", None),
        ("config", bool(clip.config), limits.config, "--config values", {}),
    )
    for field, wanted, offered, words, without in asked:
        if wanted and not offered:
            sentence = f"{_at(offer)} does not take {words}."
            return _wrong(clip, sentence, **{field: without})
    return None


def _outputs(clip: Clip, offer: Offer) -> Misfit | None:
    """How many results, and in which files."""
    limits, where = offer.limits, _at(offer)
    if clip.results > limits.results_max:
        most = "one video" if limits.results_max == 1 else f"up to {limits.results_max} videos"
        return _wrong(clip, f"{where} makes {most} of a prompt.", results=limits.results_max)
    if clip.file_format in (None, *limits.file_formats):
        return None
    if clip.file_format is FileFormat.MP4 and not limits.file_formats:
        return None  # what all of them make
    makes = either([each.upper() for each in limits.file_formats]) or "MP4 only"
    assert clip.file_format is not None
    return _wrong(clip, f"{where} makes {makes}, not {clip.file_format.upper()}.", file_format=None)


def _pictures(clip: Clip, offer: Offer) -> Misfit | None:
    title, most = offer.model.title, offer.limits.references_max
    if offer.limits.needs_image and clip.reference_image is None:
        return Misfit(f"{title} needs a picture to start from.", "reference_image", None)
    if len(clip.references) > most:
        takes = f"takes {most} guiding pictures at most" if most else "takes no guiding pictures"
        return _wrong(clip, f"{title} {takes}.", references=clip.references[:most])
    if clip.tail_image is None or clip.reference_image is not None:
        return None
    sentence = "A last frame needs a first one: add a reference image."
    return _wrong(clip, sentence, tail_image=None)


def _prompt(clip: Clip, offer: Offer) -> Misfit | None:
    """Too long is refused with both counts; what to leave out is not ours to say."""
    most = offer.limits.prompt_max_chars
    if len(clip.prompt) <= most:
        return None
    sentence = (
        f"{offer.model.title} takes {most:,} characters, this prompt has {len(clip.prompt):,}."
    )
    return Misfit(sentence, "prompt", None)


def _wrong(clip: Clip, sentence: str, **instead: Any) -> Misfit:
    return Misfit(sentence, next(iter(instead)), clip.model_copy(update=instead))


def shape_of(ratio: AspectRatio) -> float:
    """Width over height."""
    across, down = (int(side) for side in ratio.split(":"))
    return across / down


def nearest_ratio(shape: float, offered: Sequence[AspectRatio]) -> AspectRatio:
    """The offered ratio whose shape is nearest to `shape` (width over height)."""
    return min(
        offered,
        key=lambda ratio: max(shape, shape_of(ratio)) / min(shape, shape_of(ratio)),
    )


def either(values: Sequence[str]) -> str:
    """`16:9, 9:16 or 1:1`."""
    return " or ".join(filter(None, (", ".join(values[:-1]), *values[-1:])))
