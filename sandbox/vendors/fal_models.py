"""The endpoints of the sandbox's fal: what each takes, costs and answers.

Prices are those of fal's model pages, where they were captured; where not, the line says so. They
price the ledger, the pricing endpoint and the account's balance, never a person's bill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from sandbox.vendors import fal_kling as kling
from sandbox.vendors import fal_others as others
from sandbox.vendors import fal_seedance as seedance
from sandbox.vendors import fal_veo as veo
from sandbox.vendors.fal_input import FalInput

SEEDANCE_4K_FACTOR = 0.572
SEEDANCE_VIDEO_FACTOR = 0.6
TOKENS_PER_PX_S = 24 / 1024
AGENT_USD_S = 0.05  # not captured; the sandbox's own

Usd = Callable[[FalInput], float]


class Output(StrEnum):
    """What stands beside `video` in a result: nothing, or what the model's type adds."""

    PLAIN = "plain"
    SEEDED = "seeded"
    SIZED = "sized"
    WAN = "wan"
    SORA = "sora"


@dataclass(frozen=True)
class Endpoint:
    """One endpoint. `usd` prices a whole job; `unit` and `unit_usd` are fal's base rate."""

    takes: type[FalInput]
    usd: Usd
    unit_usd: float
    unit: str = "seconds"
    out: Output = Output.PLAIN

    def read(self, given: dict[str, Any], *, coerces: bool, drops: bool) -> FalInput:
        """The input by its schema. Errors: ValidationError.

        `coerces`: a duration may be text or number; `drops`: an unknown field is passed over.
        """
        if drops:
            given = {name: given[name] for name in given if name in self.takes.model_fields}
        try:
            return self.takes.model_validate(given)
        except ValidationError as invalid:
            wrong = any(error["loc"] == ("duration",) for error in invalid.errors())
            other = _other_form(given.get("duration")) if coerces and wrong else None
            if other is None:
                raise
            return self.takes.model_validate({**given, "duration": other})

    def units(self, duration_s: float) -> float:
        """What is billed for a film of this length, in `unit`."""
        return 1.0 if self.unit == "videos" else duration_s


def _other_form(duration: object) -> str | int | None:
    match duration:
        case bool():
            return None
        case int():
            return str(duration)
        case str() if duration.isdecimal():
            return int(duration)
        case _:
            return None


def _per_second(silent: float, loud: float | None = None) -> Usd:
    def usd(given: FalInput) -> float:
        rate = loud if loud is not None and given.has_sound() else silent
        return rate * given.seconds()

    return usd


def _by_size(rates: dict[str, float], *, else_: float) -> Usd:
    return lambda given: rates.get(given.size(), else_) * given.seconds()


def _a_clip(usd: float, long_usd: float | None = None) -> Usd:
    return lambda given: long_usd if long_usd is not None and given.seconds() > 6 else usd


def _seedance_usd(usd_1000_tokens: float) -> Usd:
    """Tokens are the pixels of the video that comes out times seconds times 24 / 1024
    (fal.ai/models/bytedance/seedance-2.0)."""

    def usd(given: FalInput) -> float:
        factor = SEEDANCE_4K_FACTOR if given.size() == "4k" else 1.0
        if getattr(given, "video_urls", None):
            factor *= SEEDANCE_VIDEO_FACTOR
        tokens = seedance.pixels(given.size(), given.ratio()) * given.seconds() * TOKENS_PER_PX_S
        return tokens / 1000 * usd_1000_tokens * factor

    return usd


def _veo_usd(silent: float, loud: float) -> Usd:
    def usd(given: FalInput) -> float:
        more = 0.2 if given.size() == "4k" else 0.0
        return (more + (loud if given.has_sound() else silent)) * given.seconds()

    return usd


def _seedance() -> dict[str, Endpoint]:
    app = "bytedance/seedance-2.0"
    full, fast, mini = _seedance_usd(0.014), _seedance_usd(0.0112), _seedance_usd(0.007)
    rows: tuple[tuple[str, type[FalInput], Usd, float], ...] = (
        ("text", seedance.SeedanceInput, full, 0.303),
        ("image", seedance.SeedanceImageInput, full, 0.303),
        ("reference", seedance.SeedanceReferenceInput, full, 0.303),
        ("fast/text", seedance.FastInput, fast, 0.242),
        ("fast/image", seedance.FastImageInput, fast, 0.242),
        ("fast/reference", seedance.FastReferenceInput, fast, 0.242),
        ("mini/text", seedance.FastInput, mini, 0.155),
        ("mini/image", seedance.FastImageInput, mini, 0.155),
        ("mini/reference", seedance.FastReferenceInput, mini, 0.155),
    )
    return {
        f"{app}/{name}-to-video": Endpoint(takes, usd, base, out=Output.SEEDED)
        for name, takes, usd, base in rows
    }


def _kling() -> dict[str, Endpoint]:
    app = "fal-ai/kling-video"
    turbo, standard = _per_second(0.07), _per_second(0.05)
    v26 = _per_second(0.07, 0.14)  # not captured
    found = {
        f"{app}/v2.1/master/text-to-video": Endpoint(kling.V2TextInput, _per_second(0.28), 0.28),
        f"{app}/v2.1/master/image-to-video": Endpoint(kling.V2ImageInput, _per_second(0.28), 0.28),
        f"{app}/v2.1/standard/image-to-video": Endpoint(kling.V2ImageInput, standard, 0.05),
        f"{app}/v2.1/pro/image-to-video": Endpoint(kling.V2TailInput, _per_second(0.09), 0.09),
        f"{app}/v2.5-turbo/pro/text-to-video": Endpoint(kling.V2TextInput, turbo, 0.07),
        f"{app}/v2.5-turbo/pro/image-to-video": Endpoint(kling.V2TailInput, turbo, 0.07),
        f"{app}/v2.5-turbo/standard/image-to-video": Endpoint(kling.V2ImageInput, standard, 0.05),
        f"{app}/v2.6/pro/text-to-video": Endpoint(kling.V26TextInput, v26, 0.07),
        f"{app}/v2.6/pro/image-to-video": Endpoint(kling.V26ImageInput, v26, 0.07),
    }
    for tier, silent, loud in (("standard", 0.084, 0.126), ("pro", 0.112, 0.168)):
        usd = _per_second(silent, loud)
        found[f"{app}/v3/{tier}/text-to-video"] = Endpoint(kling.V3TextInput, usd, silent)
        found[f"{app}/v3/{tier}/image-to-video"] = Endpoint(kling.V3ImageInput, usd, silent)
    return found


def _hailuo() -> dict[str, Endpoint]:
    app = "fal-ai/minimax/hailuo"
    rows: tuple[tuple[str, type[FalInput], Usd, float], ...] = (
        ("-02/standard/text", others.HailuoTextInput, _per_second(0.045), 0.27),
        ("-02/standard/image", others.Hailuo02ImageInput, _per_second(0.045), 0.27),
        ("-02/pro/text", others.HailuoProTextInput, _per_second(0.08), 0.48),
        ("-02/pro/image", others.Hailuo02ProImageInput, _per_second(0.08), 0.48),
        ("-02-fast/image", others.HailuoImageInput, _per_second(0.017), 0.1),  # not captured
        ("-2.3/standard/text", others.HailuoTextInput, _a_clip(0.28, 0.56), 0.28),
        ("-2.3/standard/image", others.HailuoImageInput, _a_clip(0.28, 0.56), 0.28),
        ("-2.3/pro/text", others.HailuoProTextInput, _a_clip(0.49), 0.49),
        ("-2.3/pro/image", others.HailuoProImageInput, _a_clip(0.49), 0.49),
        ("-2.3-fast/standard/image", others.HailuoImageInput, _a_clip(0.19, 0.32), 0.19),
        ("-2.3-fast/pro/image", others.HailuoProImageInput, _a_clip(0.33), 0.33),
    )
    return {
        f"{app}{name}-to-video": Endpoint(takes, usd, base, unit="videos")
        for name, takes, usd, base in rows
    }


def _veo() -> dict[str, Endpoint]:
    v3, v3_fast = _veo_usd(0.2, 0.4), _veo_usd(0.1, 0.15)
    v31, v31_fast, lite = _veo_usd(0.2, 0.4), _veo_usd(0.1, 0.15), _veo_usd(0.03, 0.05)
    return {
        "fal-ai/veo3": Endpoint(veo.VeoTextInput, v3, 0.2),
        "fal-ai/veo3/fast": Endpoint(veo.VeoTextInput, v3_fast, 0.1),
        "fal-ai/veo3/image-to-video": Endpoint(veo.VeoImageInput, v3, 0.2),
        "fal-ai/veo3/fast/image-to-video": Endpoint(veo.VeoImageInput, v3_fast, 0.1),
        "fal-ai/veo3.1": Endpoint(veo.Veo31TextInput, v31, 0.2),
        "fal-ai/veo3.1/fast": Endpoint(veo.Veo31TextInput, v31_fast, 0.1),
        "fal-ai/veo3.1/lite": Endpoint(veo.VeoTextInput, lite, 0.03),
        "fal-ai/veo3.1/image-to-video": Endpoint(veo.Veo31ImageInput, v31, 0.2),
        "fal-ai/veo3.1/fast/image-to-video": Endpoint(veo.Veo31ImageInput, v31_fast, 0.1),
        "fal-ai/veo3.1/lite/image-to-video": Endpoint(veo.VeoImageInput, lite, 0.03),
        "fal-ai/veo3.1/first-last-frame-to-video": Endpoint(veo.Veo31FramesInput, v31, 0.2),
        "fal-ai/veo3.1/fast/first-last-frame-to-video": Endpoint(
            veo.Veo31FramesInput, v31_fast, 0.1
        ),
        "fal-ai/veo3.1/lite/first-last-frame-to-video": Endpoint(veo.VeoFramesInput, lite, 0.03),
        "fal-ai/veo3.1/reference-to-video": Endpoint(veo.VeoReferenceInput, v31, 0.2),
        "fal-ai/veo3.1/extend-video": Endpoint(veo.VeoExtendInput, v31, 0.2),
        "fal-ai/veo3.1/fast/extend-video": Endpoint(veo.VeoExtendInput, v31_fast, 0.1),
    }


def _ltx() -> dict[str, Endpoint]:
    sizes = {"1080p": 0.08, "1440p": 0.16, "2160p": 0.32}
    pro = _by_size(sizes, else_=0.08)
    image = _by_size({"1080p": 0.06, "1440p": 0.12, "2160p": 0.24}, else_=0.06)
    fast = _by_size({name: usd / 2 for name, usd in sizes.items()}, else_=0.04)
    rows: tuple[tuple[str, type[FalInput], Usd, float], ...] = (
        ("ltx-2.3/text-to-video", others.LtxTextInput, pro, 0.08),
        ("ltx-2.3/image-to-video", others.LtxImageInput, image, 0.06),
        ("ltx-2.3/text-to-video/fast", others.LtxFastTextInput, fast, 0.04),
        ("ltx-2.3/image-to-video/fast", others.LtxFastImageInput, fast, 0.04),
        ("ltx-2/text-to-video", others.Ltx2TextInput, pro, 0.08),
        ("ltx-2/image-to-video", others.Ltx2ImageInput, pro, 0.08),
        ("ltx-2/text-to-video/fast", others.Ltx2TextInput, fast, 0.04),
        ("ltx-2/image-to-video/fast", others.Ltx2ImageInput, fast, 0.04),
    )
    return {
        f"fal-ai/{name}": Endpoint(takes, usd, base, out=Output.SIZED)
        for name, takes, usd, base in rows
    }


def _wan() -> dict[str, Endpoint]:
    v27, v26 = _by_size({"720p": 0.10, "1080p": 0.15}, else_=0.15), _per_second(0.10)
    v25 = _by_size({"480p": 0.05, "720p": 0.10, "1080p": 0.15}, else_=0.15)
    rows: tuple[tuple[str, type[FalInput], Usd, float], ...] = (
        ("fal-ai/wan/v2.7/text-to-video", others.Wan27TextInput, v27, 0.10),
        ("fal-ai/wan/v2.7/image-to-video", others.Wan27ImageInput, v27, 0.10),
        ("wan/v2.6/text-to-video", others.Wan26TextInput, v26, 0.10),  # not captured
        ("wan/v2.6/image-to-video", others.Wan26ImageInput, v26, 0.10),  # not captured
        ("fal-ai/wan-25-preview/text-to-video", others.Wan25TextInput, v25, 0.05),
        ("fal-ai/wan-25-preview/image-to-video", others.Wan25ImageInput, v25, 0.05),
    )
    return {name: Endpoint(takes, usd, base, out=Output.WAN) for name, takes, usd, base in rows}


def _sora() -> dict[str, Endpoint]:
    pro = _by_size({"720p": 0.3, "1080p": 0.5, "true_1080p": 0.5}, else_=0.3)
    rows: tuple[tuple[str, type[FalInput], Usd, float], ...] = (
        ("text-to-video", others.SoraTextInput, _per_second(0.10), 0.10),
        ("image-to-video", others.SoraImageInput, _per_second(0.10), 0.10),
        ("text-to-video/pro", others.SoraProTextInput, pro, 0.3),
        ("image-to-video/pro", others.SoraProImageInput, pro, 0.3),
    )
    return {
        f"fal-ai/sora-2/{name}": Endpoint(takes, usd, base, out=Output.SORA)
        for name, takes, usd, base in rows
    }


def _heygen() -> dict[str, Endpoint]:
    usd = _per_second(AGENT_USD_S)
    return {
        "fal-ai/heygen/v2/video-agent": Endpoint(others.HeyGenAgentInput, usd, AGENT_USD_S),
        "fal-ai/heygen/avatar4/image-to-video": Endpoint(
            others.HeyGenAvatarInput, usd, AGENT_USD_S
        ),
        "fal-ai/heygen/avatar4/digital-twin": Endpoint(others.HeyGenTwinInput, usd, AGENT_USD_S),
        "fal-ai/heygen/avatar3/digital-twin": Endpoint(others.HeyGenTwinInput, usd, AGENT_USD_S),
    }


ENDPOINTS: dict[str, Endpoint] = {
    **_seedance(),
    **_kling(),
    **_hailuo(),
    **_veo(),
    **_ltx(),
    **_wan(),
    **_sora(),
    **_heygen(),
}
