"""What a listener shows: small read-only verbs over the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.castings import known_look
from domain.catalog import CATALOG
from domain.errors import RequestError
from domain.offer import Offer
from domain.ports import Transaction
from domain.preferences import Preferences
from domain.pricing import Estimate
from domain.request import Clip, Work
from domain.shot import Page
from domain.spoken import Agent, Kind
from domain.standing import Reach, Standing
from domain.trying import with_line_that_works
from handlers.views.lists import Usage
from storage.budgets import read_budget, read_part, read_untold
from storage.castings import read_castings
from storage.drafts import find_draft
from storage.executions import open_executions
from storage.fallbacks import is_kept_out
from storage.preferences import read_preferences
from storage.selecting import selected
from storage.shots import read_page, read_take, shot_by_number
from storage.standings import parked_offers, standing


def page_of_request(db: Transaction, request_id: str) -> Page:
    """The shot of a request."""
    return read_page(db, read_take(db, request_id).request.shot_id)


def page_by_number(db: Transaction, team_id: str, channel: str, number: int) -> Page:
    """The shot people call `V-<number>`, where it was made. Raises `RequestError`."""
    shot = shot_by_number(db, team_id, number)
    if shot is None or shot.channel != channel:
        raise RequestError(f"There is no V-{number} in this channel.", field="number")
    return _as_it_waits(db, shot.id)


def open_pages(db: Transaction, team_id: str, channel: str) -> Sequence[Page]:
    """The shots of a channel in which something is under way."""
    shots = {execution.shot_id: None for execution in open_executions(db, team_id, channel)}
    return [_as_it_waits(db, shot_id) for shot_id in shots]


def _as_it_waits(db: Transaction, shot_id: str) -> Page:
    return replace(read_page(db, shot_id), kept_out=is_kept_out(db, shot_id))


def usage(db: Transaction, team_id: str, user: str, month: str, budget_micro_usd: int) -> Usage:
    """Money of one month: the workspace's, and one person's part of it."""
    mine = read_part(db, team_id, user, month)
    everybody = read_budget(db, team_id, month)
    return Usage(
        month=month,
        budget_micro_usd=budget_micro_usd,
        reserved_micro_usd=everybody.reserved_micro_usd,
        spent_micro_usd=everybody.spent_micro_usd,
        untold_micro_usd=read_untold(db, team_id, month),
        my_reserved_micro_usd=mine.reserved_micro_usd,
        my_spent_micro_usd=mine.spent_micro_usd,
        my_takes=mine.takes,
    )


def preferences(db: Transaction, team_id: str, channel: str) -> Preferences:
    """What holds in a channel."""
    return read_preferences(db, team_id, channel)


def standing_of(db: Transaction, reach: Reach, team_id: str, now: float) -> Standing:
    """Which offers there are now."""
    return standing(db, reach, team_id, now)


def offers(db: Transaction, reach: Reach) -> Sequence[Offer]:
    """The offers that can be chosen now."""
    parked = parked_offers(db)
    return [
        offer
        for offer in CATALOG
        if offer.kind is Kind.CLIP
        and offer.gateway in reach.gateways
        and offer.road not in reach.roads_off
        and offer.name not in parked
    ]


def price(
    db: Transaction, work: Work, place: tuple[str, str], reach: Reach, *, now: float
) -> Estimate:
    """What `work` would cost in a (team, channel). Raises `RequestError` where none makes it."""
    return selected(db, work, place, reach, now=now).estimate


def mended(
    db: Transaction, refused: RequestError, place: tuple[str, str], reach: Reach, *, now: float
) -> RequestError:
    """The refusal of a line in a (team, channel), with one to try that works there now."""
    return with_line_that_works(refused, lambda work: selected(db, work, place, reach, now=now))


def avatar_named(db: Transaction, team_id: str, channel: str, typed: str) -> str:
    """The avatar that a person named, as the list spells it; its id where several share a name.
    Raises `RequestError`."""
    somebody = Agent(prompt="any", avatar=typed)
    look = known_look(typed, read_castings(db, team_id, channel, somebody))
    if look is None or look.id == typed:
        return typed
    return look.name


def base_of_form(db: Transaction, state: Mapping[str, Any]) -> Clip | None:
    """The clip that a form was filled from: a take's, a suggestion's, or none."""
    work: Work | None = None
    if state.get("draft"):
        draft = find_draft(db, state["draft"])
        work = draft.work if draft else None
    elif state.get("parent"):
        work = read_take(db, state["parent"]).request.work
    return work if isinstance(work, Clip) else None
