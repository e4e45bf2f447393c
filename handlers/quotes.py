"""What videos in which somebody speaks would cost, for the line below their form. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from domain.cast import resolve_spoken
from domain.catalog import CATALOG
from domain.errors import RequestError
from domain.offer import GATEWAY_TITLES, Offer, estimate
from domain.pacing import length_s
from domain.ports import Transaction
from domain.pricing import Estimate, why_up_to
from domain.request import Work
from domain.resolving import resolve
from domain.shape import Media
from domain.spoken import Agent, Avatar, Kind, Scene, Template, Translation
from domain.standing import Reach
from handlers.views.text import counted, elapsed_words, money
from storage.castings import read_castings
from storage.preferences import read_preferences
from storage.standings import parked_offers

MINUTE_S = 60
_MINUTE_OF_WORDS = "word " * 150


def offers_of(db: Transaction, reach: Reach, kind: Kind) -> Sequence[Offer]:
    """The offers that make this kind now."""
    parked = parked_offers(db)
    return [
        offer
        for offer in CATALOG
        if offer.kind is kind
        and offer.gateway in reach.gateways
        and offer.road not in reach.roads_off
        and offer.name not in parked
    ]


def total(
    db: Transaction, team_id: str, channel: str, works: Sequence[Work], reach: Reach
) -> Estimate | None:
    """What these cost together, each at its cheapest offer; None where nobody makes one."""
    prices = [_cheapest(db, team_id, channel, work, reach) for work in works]
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices):
        return None
    return Estimate(
        sum(price.micro_usd for price in known), any(price.is_ceiling for price in known)
    )


def note(
    db: Transaction, team_id: str, channel: str, kind: Kind, works: Sequence[Work], reach: Reach
) -> str:
    """The price of what is filled in, or of a usual one while too little is."""
    offers = offers_of(db, reach, kind)
    if not offers:
        return f"No {kind} can be made now: no gateway that is set up offers it."
    where = GATEWAY_TITLES[offers[0].gateway]
    filled = total(db, team_id, channel, works, reach) if works else None
    if filled is None:
        usual = total(db, team_id, channel, (_usual(kind),), reach)
        price = money(usual) if usual is not None else "an amount that is shown then"
        return f"{_USUAL_WORDS[kind]} {price} at {where}.{_why(offers[0], _usual(kind), usual)}"
    if len(works) > 1:
        in_all = f"{counted(len(works), 'language')}, {money(filled)} in all at {where}."
        return in_all + _why(offers[0], works[0], filled)
    seconds = length_s(works[0]) if isinstance(works[0], Avatar) else None
    length = f"About {elapsed_words(seconds)} of speech, " if seconds else "As it is now, "
    return f"{length}{money(filled)} at {where}.{_why(offers[0], works[0], filled)}"


def _why(offer: Offer, work: Work, price: Estimate | None) -> str:
    """Why it may be that much, where nobody knows the length before."""
    why = why_up_to(offer.price, work) if price is not None and price.is_ceiling else ""
    return f" {why[0].upper()}{why[1:]}." if why else ""


_USUAL_WORDS = {
    Kind.CLIP: "A clip costs",
    Kind.AVATAR: "150 words take about a minute and cost",
    Kind.AGENT: "30 seconds cost",
    Kind.TRANSLATION: "A minute in one language costs",
    Kind.TEMPLATE: "A video costs",
}


def _usual(kind: Kind) -> Work:
    match kind:
        case Kind.AGENT:
            return Agent(prompt="any", duration_s=30)
        case Kind.TRANSLATION:
            minute = Media(url="https://example.com/any.mp4", duration_s=MINUTE_S)
            return Translation(language="English", source=minute)
        case Kind.TEMPLATE:
            return Template(template="any")
        case _:
            return Avatar(scenes=(Scene(script=_MINUTE_OF_WORDS),))


def _cheapest(
    db: Transaction, team_id: str, channel: str, work: Work, reach: Reach
) -> Estimate | None:
    preferences = read_preferences(db, team_id, channel)
    castings = read_castings(db, team_id, channel, work)
    prices: list[Estimate] = []
    for offer in offers_of(db, reach, work.kind):
        try:
            cast = resolve_spoken(work, offer, castings)
        except RequestError:
            cast = work  # a name that is wrong is told when it is asked for, not by its price
        prices.append(estimate(offer, resolve(cast, offer, preferences)))
    return min(prices, key=lambda price: price.micro_usd, default=None)
