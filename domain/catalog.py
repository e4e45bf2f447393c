"""The catalog: every offer there is, and how one is found by its name."""

from __future__ import annotations

from domain.offer import Dedupe, Offer
from domain.offers import fal, heygen, runware, workflows

CATALOG: tuple[Offer, ...] = (*workflows.OFFERS, *heygen.OFFERS, *fal.OFFERS, *runware.OFFERS)

MODEL_NAMES: tuple[str, ...] = tuple(dict.fromkeys(offer.model.name for offer in CATALOG))


def offer_named(name: str) -> Offer:
    """The offer written down as `veo_3_1@heygen`. Raises KeyError for one that is gone."""
    return _BY_NAME[name]


def on_the_road_of(name: str) -> tuple[str, ...]:
    """The offers that share the address of one, itself among them."""
    offer = _BY_NAME.get(name)
    if offer is None:
        return (name,)
    place = (offer.gateway, offer.road)
    return tuple(each.name for each in CATALOG if (each.gateway, each.road) == place)


def dedupe_of(name: str) -> Dedupe:
    """What protects the submits of an offer; nothing is known of one that is gone."""
    offer = _BY_NAME.get(name)
    return offer.dedupe if offer is not None else Dedupe.NONE


_BY_NAME = {offer.name: offer for offer in CATALOG}
