"""Which offer makes a clip: pure, and it says why.

Hard filters first (key present, not parked, the offer's wire can say what was asked), then the
person's wish, then the channel's default, then the house default for the keys there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from domain.catalog import CATALOG
from domain.errors import NoModelFits, NotOfferedYet
from domain.fitting import either, misfit, nearest_ratio
from domain.money import as_usd
from domain.offer import GATEWAY_TITLES, GatewayName, Offer, estimate
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.request import Clip, Work
from domain.rewriting import command_of
from domain.shape import AspectRatio, Resolution
from domain.spoken import Kind

DEFAULT_DURATION_S = 5
DEFAULT_MODEL_OF_ALL = "seedance_2_0"
DEFAULT_MODEL_AT = {GatewayName.HEYGEN: "veo_3_1", GatewayName.FAL: "seedance_2_0"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the gateways now: whose keys we have and which offers are parked."""

    gateways: frozenset[GatewayName]
    parked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The chosen offer, the clip with nothing left open, its price and a sentence why."""

    offer: Offer
    work: Work
    estimate: Estimate
    sentence: str
    wished: bool


def select(work: Work, standing: Standing, preferences: Preferences) -> Selection:
    """The offer for `work`. Raises `NoModelFits` or `NotOfferedYet` with a sentence."""
    if not isinstance(work, Clip):
        raise NotOfferedYet(_not_offered(work.kind), field="kind")
    wished = work.model is not None
    name = work.model or _default_model(standing, preferences)
    offers = [offer for offer in CATALOG if offer.model.name == name]
    here = [offer for offer in offers if offer.gateway in standing.gateways]
    open_here = [offer for offer in here if offer.name not in standing.parked]
    if not open_here:
        raise NoModelFits(_nowhere(name, here, standing), field="model")
    fitting = [offer for offer in open_here if misfit(work, offer) is None]
    if not fitting:
        raise _refusal(work, open_here[0])
    ranked = sorted(
        fitting, key=lambda offer: estimate(offer, resolve(work, offer, preferences)).micro_usd
    )
    offer = ranked[0]
    clip = resolve(work, offer, preferences)
    price = estimate(offer, clip)
    return Selection(
        offer=offer,
        work=clip,
        estimate=price,
        sentence=_why(offer, wished, price, preferences),
        wished=wished,
    )


def resolve(clip: Clip, offer: Offer, preferences: Preferences) -> Clip:
    """The clip with every value that the offer's wire can say set, and nothing else."""
    limits = offer.limits
    return clip.model_copy(
        update={
            "model": offer.model.name,
            "aspect_ratio": clip.aspect_ratio or _ratio(clip, limits.aspect_ratios, preferences),
            "duration_s": clip.duration_s or _duration_s(limits.durations_s, preferences),
            "resolution": clip.resolution or _resolution(limits.resolutions),
            "sound": clip.sound if clip.sound is not None else (True if limits.sound else None),
        }
    )


def _refusal(clip: Clip, offer: Offer) -> NoModelFits:
    """Why the offer cannot make it, and the command that it could make."""
    wrong = misfit(clip, offer)
    assert wrong is not None
    instead = command_of(wrong.mended) if wrong.mended else None
    return NoModelFits(wrong.sentence, field=wrong.field, suggestion=instead)


def _default_model(standing: Standing, preferences: Preferences) -> str:
    if preferences.model is not None:
        return preferences.model
    if len(standing.gateways) == 1:
        return DEFAULT_MODEL_AT[next(iter(standing.gateways))]
    return DEFAULT_MODEL_OF_ALL


def _ratio(
    clip: Clip, offered: Sequence[AspectRatio], preferences: Preferences
) -> AspectRatio | None:
    """The reference image's nearest, else the channel's, else 16:9."""
    image = clip.reference_image
    if image is not None and image.width_px and image.height_px and offered:
        return nearest_ratio(image.width_px / image.height_px, offered)
    if preferences.aspect_ratio in offered:
        return preferences.aspect_ratio
    return AspectRatio.WIDE if AspectRatio.WIDE in offered else next(iter(offered), None)


def _duration_s(offered: Sequence[int], preferences: Preferences) -> int | None:
    """The channel's length or five seconds, else the next longer one offered."""
    wanted = preferences.duration_s or DEFAULT_DURATION_S
    return next((s for s in offered if s >= wanted), max(offered, default=None))


def _resolution(offered: Sequence[Resolution]) -> Resolution | None:
    return Resolution.P720 if Resolution.P720 in offered else next(iter(offered), None)


def _why(offer: Offer, wished: bool, price: Estimate, preferences: Preferences) -> str:
    title, where = offer.model.title, GATEWAY_TITLES[offer.gateway]
    amount = f"{'up to' if price.is_ceiling else 'about'} {as_usd(price.micro_usd)}"
    if wished:
        return f"{title} at {where}, as you asked, {amount}."
    if preferences.model == offer.model.name:
        return f"{title} at {where}, this channel's default, {amount}."
    return f"{title} at {where}, the default for the keys that are set, {amount}."


def _nowhere(name: str, here: Sequence[Offer], standing: Standing) -> str:
    others = {
        offer.model.name: None
        for offer in CATALOG
        if offer.gateway in standing.gateways and offer.name not in standing.parked
    }
    near = get_close_matches(name, others, n=3, cutoff=0.5) or list(others)[:3]
    instead = f" Try --model {either(near)}." if near else ""
    if here:
        again = instead or " An admin can look with `/video unpark`."
        return f"{name} is not available any more: its gateway stopped offering it.{again}"
    return f"{name} needs a key that is not set here.{instead}"


def _not_offered(kind: Kind) -> str:
    what = {
        Kind.AVATAR: "Avatar videos",
        Kind.AGENT: "Agent videos",
        Kind.TRANSLATION: "Translations",
        Kind.TEMPLATE: "Template videos",
    }[kind]
    return f"{what} are not offered here yet. A clip is: leave --kind out, or use --kind clip."
