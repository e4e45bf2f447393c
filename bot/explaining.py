"""`explain`: which offers could make what a line asks for, in order, and why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.clock import SystemClock
from bot.listing import table
from bot.settings import BadSettings, Settings, load
from domain.money import as_usd
from domain.offer import GatewayName
from domain.offers.heygen import ONLY_V2, ONLY_V3
from domain.offers.workflows import WORKFLOW_ROAD
from domain.places import gathered, places
from domain.preferences import Preferences
from domain.ranking import Candidate, Ranking
from domain.record import PRIORS, UNKNOWN
from domain.request import Work
from domain.selector import ranked
from domain.standing import Reach, Standing
from storage.errors import DatabaseRefused
from storage.readonly import look
from storage.sqlite_file import sqlite_path
from storage.standings import standing

HEAD = ("", "offer", "price", "wait", "works", "in all", "why there")
IN_ALL = (
    "In all: the price and the wait ($3.60 an hour), over how often it works; the least comes first"
    " among the gateways of one model."
)
CEILING = "HeyGen publishes no price for its workflow endpoint: 'up to' is the most it can cost."


@dataclass(frozen=True, slots=True)
class Explained:
    """What was asked, the ranking, and what is to be known of it."""

    work: Work
    ranking: Ranking
    standing: Standing
    note: str


def explain_offers(work: Work) -> Explained:
    """Rank every offer with the settings and the database of this folder, as far as they are
    there: without settings every gateway counts, without a database nothing is measured."""
    try:
        settings = load()
    except BadSettings:
        everybody = Standing(frozenset(GatewayName), roads_off=ONLY_V2, now=SystemClock().now())
        note = "There are no settings here: every gateway counts as one whose key is set."
        return Explained(work, ranked(work, everybody, Preferences()), everybody, note)
    known, note = _known(settings)
    return Explained(work, ranked(work, known, Preferences()), known, note)


def written(explained: Explained) -> str:
    """As a table: the candidates in order, each with why it is there; then what is ruled out."""
    ranking, known = explained.ranking, explained.standing
    reasons = places(ranking, explained.work, known, Preferences())
    rows = [
        (f"{number}.", *_row(candidate, known), reason)
        for number, (candidate, reason) in enumerate(
            zip(ranking.candidates, reasons, strict=True), start=1
        )
    ]
    rows += [
        ("", names, "", "", "", "", f"no: {why}") for names, why in gathered(ranking.ruled_out)
    ]
    by_workflow = any(each.offer.road == WORKFLOW_ROAD for each in ranking.candidates)
    notes = (IN_ALL, CEILING if by_workflow else "", explained.note)
    return f"{table(HEAD, rows)}\n\n" + "\n".join(filter(None, notes))


def _known(settings: Settings) -> tuple[Standing, str]:
    keys: Mapping[GatewayName, object] = {
        GatewayName.HEYGEN: settings.heygen_api_key,
        GatewayName.FAL: settings.fal_key,
        GatewayName.RUNWARE: settings.runware_api_key,
    }
    reach = Reach(
        gateways=frozenset(name for name, key in keys.items() if key is not None),
        roads_off=ONLY_V2 if settings.heygen_api_version == "v3" else ONLY_V3,
        heygen_plan=settings.heygen_plan,
    )
    try:
        path = sqlite_path(settings.database_url)
        return look(path, standing, reach, "", SystemClock().now()), ""
    except DatabaseRefused:
        nothing = Standing(
            reach.gateways,
            roads_off=reach.roads_off,
            heygen_plan=reach.heygen_plan,
            now=SystemClock().now(),
        )
        return nothing, "There is no database here yet: nothing is measured."


def _row(candidate: Candidate, known: Standing) -> tuple[str, ...]:
    prior = PRIORS.get(candidate.offer.model.name, UNKNOWN)
    record = known.record(candidate.name)
    price = candidate.estimate
    return (
        candidate.name,
        f"{'up to ' if price.is_ceiling else ''}{as_usd(price.micro_usd)}",
        f"{record.seconds(prior):.0f} s",
        f"{record.success(prior, known.now):.0%}",
        as_usd(round(candidate.loss_micro_usd)),
    )
