"""Runware's video models, and whether a task fits one.

The catalogue is `runware_catalog.txt`; what all models share is seed 003 and PyPI runware-sdk
1.8.0. Whatever a schema does not have is refused by name, as Runware does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.vendors.runware_errors import Json, TaskRefused, camel, error
from sandbox.vendors.switches import Switches

CATALOG = Path(__file__).with_name("runware_catalog.txt")
AGENT = "heygen:video-agent@0"
AGENT_SIZES = ("1280x720", "720x1280", "1920x1080", "1080x1920")
PROMPT_MAX = 10_000
SIDE_MIN_PX, SIDE_MAX_PX = 128, 4096
TTL_MIN_S = 60
RESULTS_MAX = 4
FORMATS = ("MP4", "WEBM", "MOV")
SAFETY_MODES = ("none", "fast", "full")
INPUTS = frozenset(
    {
        *("image", "images", "frameImages", "referenceImages", "referenceVideos"),
        *("referenceAudios", "video", "audio", "elements", "mask"),
    }
)
AGENT_INPUTS = frozenset({"image", "avatar"})
AVATAR = re.compile(r"[A-Za-z0-9_\- ]{3,120}")
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)


@dataclass(frozen=True)
class Range:
    """The values of a parameter: the listed ones, and numbers from `low` to `high`."""

    listed: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    whole: bool = True

    def has(self, value: object) -> bool:
        """Whether this is one of them; text and numbers are told apart."""
        if isinstance(value, bool):
            return False
        if isinstance(value, int | float):
            if self.whole and not isinstance(value, int):
                return False
            inside = self.low is not None and self.low <= value <= (self.high or self.low)
            return inside or f"{value:g}" in self.listed
        return isinstance(value, str) and value in self.listed and not value.isdecimal()


@dataclass(frozen=True)
class Model:
    """One model: its own parameters (None = any value of the usual kind) and which it needs."""

    air: str
    usd_s: float
    parameters: Mapping[str, Range | None]
    required: frozenset[str]
    sizes: tuple[str, ...] = ()

    def seconds(self, task: Mapping[str, Any]) -> float:
        """The length that is rendered and billed."""
        asked = task.get("duration")
        if isinstance(asked, int | float):
            return float(asked)
        lengths = self.parameters.get("duration")
        return lengths.low if lengths is not None and lengths.low and lengths.low >= 5 else 5.0

    def usd(self, task: Mapping[str, Any]) -> float:
        """The price of one result."""
        return round(self.usd_s * self.seconds(task), 6)


@cache
def catalog() -> dict[str, Model]:
    """Every model by its AIR."""
    lines = CATALOG.read_text("utf-8").splitlines()
    models = (_model(line.split()) for line in lines if not line.startswith("#"))
    return {model.air: model for model in models}


def _model(words: list[str]) -> Model:
    air, usd_s, *fields = words
    parameters: dict[str, Range | None] = {}
    required: set[str] = set()
    sizes: tuple[str, ...] = ()
    for field in fields:
        name, _, values = field.partition("=")
        if name == "sizes":
            sizes = tuple(values.split("|"))
            continue
        if name.endswith("*"):
            name = name[:-1]
            required.add(name)
        parameters[name] = _range(values) if values else None
    return Model(air, float(usd_s), parameters, frozenset(required), sizes)


def _range(values: str) -> Range:
    low = high = None
    whole, listed = True, []
    for value in values.split("|"):
        if span := re.fullmatch(r"([\d.]+)-([\d.]+)", value):
            low, high, whole = float(span[1]), float(span[2]), "." not in value
        else:
            listed.append(value)
    return Range(tuple(listed), low, high, whole)


def fitting(task: Json, switches: Switches) -> Model:
    """The model of a task that it accepts. Errors: TaskRefused with everything that is wrong."""
    air = task.get("model")
    model = catalog().get(air) if isinstance(air, str) else None
    if air is None:
        raise TaskRefused(error("missingModel", "model is required", task, parameter="model"))
    if model is None:
        words = f"Invalid model: {air} is not a video model."
        raise TaskRefused(error("invalidModel", words, task, parameter="model"))
    if wrong := list(_wrong(task, model, switches)):
        raise TaskRefused(*wrong)
    return model


def _wrong(task: Json, model: Model, switches: Switches) -> Iterator[Json]:
    for name in sorted(model.required - task.keys()):
        yield error(camel("missing", name), f"{name} is required", task, parameter=name)
    for name, value in task.items():
        if name in COMMON:
            if not COMMON[name](value):
                yield _invalid(name, value, task)
        elif name not in model.parameters:
            if switches["unknown_parameters"] == "refuse":
                words = f"Unsupported parameter '{name}' for {model.air}."
                yield error("unknownParameter", words, task, parameter=name)
        else:
            yield from _wrong_value(name, value, task, model=model)
    yield from _wrong_size(task, model, switches)
    yield from _wrong_inputs(task, model)


def _wrong_value(name: str, value: object, task: Json, *, model: Model) -> Iterator[Json]:
    values = model.parameters[name]
    if values is None:
        if not KINDS.get(name, _is_object)(value):
            yield _invalid(name, value, task)
    elif not values.has(value):
        code = camel("unsupported" if values.listed and values.low is None else "invalid", name)
        yield error(code, f"Invalid value for '{name}': {value!r}.", task, parameter=name)


def _wrong_size(task: Json, model: Model, switches: Switches) -> Iterator[Json]:
    """Either width and height, or a resolution; some models have a list of sizes."""
    sides = [name for name in ("width", "height") if name in task]
    if len(sides) == 1:
        missing = "height" if sides == ["width"] else "width"
        if missing not in model.required:
            words = "width and height go together"
            yield error(camel("missing", missing), words, task, parameter=missing)
    if sides and "resolution" in task:
        words = "Give width and height, or resolution, not both."
        both = [*sides, "resolution"]
        yield error("incompatibleParameters", words, task, parameter=both)
    sizes = model.sizes
    if model.air == AGENT and switches["agent_sizes"] == "listed":
        sizes = AGENT_SIZES
    size = f"{task.get('width')}x{task.get('height')}"
    if len(sides) == 2 and sizes and size not in sizes:
        words = f"Invalid dimensions {size}: one of {', '.join(sizes)}."
        yield error("unsupportedDimensions", words, task, parameter=["width", "height"])


def _wrong_inputs(task: Json, model: Model) -> Iterator[Json]:
    inputs = task.get("inputs")
    if not isinstance(inputs, dict):
        return
    known = AGENT_INPUTS if model.air == AGENT else INPUTS
    for name in sorted(inputs.keys() - known):
        words = f"Unsupported parameter 'inputs.{name}' for {model.air}."
        yield error("unknownParameter", words, task, parameter=f"inputs.{name}")
    if model.air == AGENT and inputs.keys() >= AGENT_INPUTS:
        both = ["inputs.image", "inputs.avatar"]
        yield error("incompatibleParameters", "Give an image or an avatar.", task, parameter=both)
    avatar = inputs.get("avatar")
    if avatar is not None and not (isinstance(avatar, str) and AVATAR.fullmatch(avatar)):
        yield _invalid("inputs.avatar", avatar, task)
    frames = inputs.get("frameImages")
    if frames is not None and not _are_frames(frames):
        yield _invalid("inputs.frameImages", frames, task)
    sides = [name for name in ("width", "height") if name in task]
    if frames and sides and "width" not in model.required:
        words = "The size follows inputs.frameImages: give no width and height beside it."
        both = [*sides, "inputs.frameImages"]
        yield error("incompatibleParameters", words, task, parameter=both)


def _are_frames(frames: object) -> bool:
    return isinstance(frames, list) and all(
        isinstance(frame, str)
        or (
            isinstance(frame, dict)
            and frame.keys() <= {"image", "frame"}
            and isinstance(frame.get("image"), str)
            and frame.get("frame", "first") in ("first", "last")
        )
        for frame in frames
    )


def _invalid(name: str, value: object, task: Json) -> Json:
    words = f"Invalid value for '{name}': {value!r}."
    return error(camel("invalid", name), words[:300], task, parameter=name)


def is_uuid4(value: object) -> bool:
    """Whether this is a UUID of version 4."""
    return isinstance(value, str) and UUID4.fullmatch(value) is not None


def _is_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _one_of(*words: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in words


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= PROMPT_MAX


def _is_safety(value: object) -> bool:
    if not isinstance(value, dict) or not value.keys() <= {"checkContent", "mode"}:
        return False
    mode = value.get("mode", "none")
    return type(value.get("checkContent", False)) is bool and mode in SAFETY_MODES


COMMON: Mapping[str, Callable[[object], bool]] = {
    "taskType": _one_of("videoInference"),
    "taskUUID": is_uuid4,
    "model": lambda value: isinstance(value, str),
    "webhookURL": _is_url,
    "includeCost": lambda value: type(value) is bool,
    "numberResults": _whole(1, RESULTS_MAX),
    "uploadEndpoint": _is_url,
    "ttl": lambda value: type(value) is int and value >= TTL_MIN_S,
    "outputType": _one_of("URL"),
    "outputFormat": _one_of(*FORMATS),
    "outputQuality": _whole(20, 99),
    "deliveryMethod": _one_of("async"),
    "safety": _is_safety,
    "routing": _is_object,
}
KINDS: Mapping[str, Callable[[object], bool]] = {
    "positivePrompt": _is_text,
    "negativePrompt": _is_text,
    "width": _whole(SIDE_MIN_PX, SIDE_MAX_PX),
    "height": _whole(SIDE_MIN_PX, SIDE_MAX_PX),
    "seed": _whole(0, 2**63 - 1),
    "fps": _whole(1, 60),
    "steps": _whole(1, 100),
    "CFGScale": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "lora": lambda value: isinstance(value, list),
}
