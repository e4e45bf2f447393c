"""Requests: a delivery of Slack's becomes a shot or a take, once, with all it needs to run.

Everything is one transaction: the delivery key, the offer selected for it, the shot's number, the
execution, and the messages that will be posted. Only then is the delivery acked.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import RequestError
from domain.execution import Execution, State, begins_in
from domain.measuring import goes_unasked
from domain.ports import Ids, Transaction
from domain.preferences import Preferences
from domain.request import Request, Source, Work
from domain.selector import Selection
from domain.shot import Page
from domain.standing import Reach
from storage.executions import durations_of, insert_execution
from storage.messages import (
    Effect,
    add_effect,
    add_message,
    card_id,
    take_message_id,
    touch_message,
)
from storage.preferences import read_preferences
from storage.rows import WORK, request_row
from storage.selecting import selected
from storage.shots import read_page
from storage.silence import is_silent
from storage.waiting import refuse_when_full

SAME_AGAIN = "You asked for the same a moment ago. Make it again?"
SAME_AGAIN_S = 60.0  # the same words by the same person in the same place ask before they pay


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One delivery that asks for a video. `price_seen`: the person accepted it with this click;
    `asks_first`: it may not have been meant, so a button with the price comes first."""

    delivery_key: str
    team_id: str
    channel: str
    requester: str
    source: Source
    work: Work
    at: float
    price_seen: bool = False
    by_admin: bool = False
    asks_first: bool = False
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Names drawn before the transaction, so that the verb itself draws none."""

    shot_id: str
    request_id: str
    execution_id: str


def fresh(ids: Ids) -> Fresh:
    """Names for a new shot, request and execution."""
    return Fresh(
        shot_id=ids.new("shot"), request_id=ids.new("request"), execution_id=ids.new("execution")
    )


@dataclass(frozen=True, slots=True)
class Started:
    """It is written down and will be told in the channel; not before Slack takes our token again
    where it is `unheard`."""

    page: Page
    request_id: str
    selection: Selection
    asks_first: bool
    unheard: bool


@dataclass(frozen=True, slots=True)
class Duplicate:
    """This delivery came before; nothing was written."""

    request_id: str | None


def start_shot(
    db: Transaction, arrival: Arrival, fresh: Fresh, *, reach: Reach
) -> Started | Duplicate:
    """A new shot with its first take. Raises `RequestError`, then nothing is written."""
    duplicate = deliver(db, arrival.delivery_key, arrival.team_id, arrival.at, fresh.request_id)
    if duplicate is not None:
        return duplicate
    number = _next_number(db, arrival.team_id)
    db.execute(
        "INSERT INTO shot (id, team_id, number, channel, requester, created_at)"
        " VALUES (:id, :team, :number, :channel, :requester, :at)",
        {
            "id": fresh.shot_id,
            "team": arrival.team_id,
            "number": number,
            "channel": arrival.channel,
            "requester": arrival.requester,
            "at": arrival.at,
        },
    )
    place = (arrival.team_id, arrival.channel)
    add_message(db, team_id=place[0], channel=place[1], shot_id=fresh.shot_id)
    add_effect(
        db,
        Effect.POST_CARD,
        subject=(card_id(fresh.shot_id), 0),
        place=place,
        shot_id=fresh.shot_id,
        at=arrival.at,
    )
    return start_take(db, arrival, fresh, parent_id=None, reach=reach)


def start_take(
    db: Transaction,
    arrival: Arrival,
    fresh: Fresh,
    *,
    parent_id: str | None,
    reach: Reach,
) -> Started:
    """The next take of `fresh.shot_id`. The caller has noted the delivery. Raises `RequestError`,
    also where as many wait as may."""
    preferences = read_preferences(db, arrival.team_id, arrival.channel)
    place = (arrival.team_id, arrival.channel)
    selection = selected(db, arrival.work, place, reach, now=arrival.at)
    _refuse_when_full(db, arrival, preferences, selection)
    again = parent_id is None and _asked_the_same(db, arrival)
    confirmed = _may_go(selection, preferences, arrival) and not again
    request = Request(
        id=fresh.request_id,
        team_id=arrival.team_id,
        channel=arrival.channel,
        shot_id=fresh.shot_id,
        take=_next_take(db, fresh.shot_id),
        requester=arrival.requester,
        source=arrival.source,
        work=arrival.work,
        parent_id=parent_id,
        changed=arrival.changed,
        created_at=arrival.at,
        undo_until=arrival.at + preferences.undo_s(arrival.source),
        confirmed=confirmed,
    )
    _insert_request(db, request, sentence=SAME_AGAIN if again else selection.sentence)
    insert_execution(db, _first_execution(request, selection, fresh.execution_id))
    _announce(db, request)
    return Started(
        read_page(db, fresh.shot_id),
        request.id,
        selection,
        asks_first=not confirmed,
        unheard=is_silent(db, arrival.team_id),
    )


def deliver(
    db: Transaction, key: str, team_id: str, at: float, request_id: str | None
) -> Duplicate | None:
    """Note a delivery; a `Duplicate` where it was noted before."""
    noted = db.execute(
        "INSERT INTO delivery (key, team_id, request_id, received_at)"
        " VALUES (:key, :team, :request, :at) ON CONFLICT (key) DO NOTHING",
        {"key": key, "team": team_id, "request": request_id, "at": at},
    )
    if noted.changed == 1:
        return None
    row = db.execute("SELECT request_id FROM delivery WHERE key = :key", {"key": key}).one()
    return Duplicate(row["request_id"] if row else None)


def _insert_request(db: Transaction, request: Request, *, sentence: str) -> None:
    db.execute(
        "INSERT INTO request (id, team_id, channel, shot_id, take, requester, source, work,"
        " parent_id, changed, created_at, undo_until, confirmed, sentence) VALUES (:id, :team_id,"
        " :channel, :shot_id, :take, :requester, :source, :work, :parent_id, :changed,"
        " :created_at, :undo_until, :confirmed, :sentence)",
        request_row(request) | {"sentence": sentence},
    )


def _next_number(db: Transaction, team_id: str) -> int:
    row = db.execute(
        "INSERT INTO workspace (team_id, next_shot) VALUES (:team, 2)"
        " ON CONFLICT (team_id) DO UPDATE SET next_shot = workspace.next_shot + 1"
        " RETURNING next_shot - 1 AS number",
        {"team": team_id},
    ).one()
    assert row is not None
    return int(row["number"])


def _next_take(db: Transaction, shot_id: str) -> int:
    row = db.execute(
        "UPDATE shot SET next_take = next_take + 1 WHERE id = :id RETURNING next_take - 1 AS take",
        {"id": shot_id},
    ).one()
    if row is None:
        raise RequestError("That shot is gone.")
    return int(row["take"])


def _refuse_when_full(
    db: Transaction, arrival: Arrival, preferences: Preferences, selection: Selection
) -> None:
    usual = durations_of(db, selection.offer.name)
    render_s = usual.p50_s if usual.samples else None
    person = arrival.requester
    refuse_when_full(db, arrival.team_id, person, preferences=preferences, render_s=render_s)


def _asked_the_same(db: Transaction, arrival: Arrival) -> bool:
    """The same person asked for the same here a moment ago: perhaps Slack lost our answer."""
    if arrival.price_seen:
        return False
    rows = db.execute(
        "SELECT work FROM request WHERE team_id = :team AND requester = :person"
        " AND created_at > :since AND channel = :channel AND parent_id IS NULL",
        {
            "team": arrival.team_id,
            "person": arrival.requester,
            "since": arrival.at - SAME_AGAIN_S,
            "channel": arrival.channel,
        },
    ).all()
    return any(WORK.validate_json(row["work"]) == arrival.work for row in rows)


def _may_go(selection: Selection, preferences: Preferences, arrival: Arrival) -> bool:
    price = selection.estimate.micro_usd
    if arrival.asks_first:
        return False
    limit = preferences.confirm_above_micro_usd
    if goes_unasked(selection.work, price, limit_micro_usd=limit):
        return True
    affordable = price <= preferences.approve_above_micro_usd
    return arrival.price_seen and (affordable or arrival.by_admin)


def _first_execution(request: Request, selection: Selection, execution_id: str) -> Execution:
    state = begins_in(selection.work)
    return Execution(
        id=execution_id,
        request_id=request.id,
        shot_id=request.shot_id,
        team_id=request.team_id,
        channel=request.channel,
        requester=request.requester,
        offer=selection.offer.name,
        work=selection.work,
        wished=selection.wished,
        state=state,
        due_at=request.created_at if state is State.PREPARING else request.undo_until,
        created_at=request.created_at,
        not_before=request.undo_until,
        confirmed=request.confirmed,
        estimate_micro_usd=selection.estimate.micro_usd,
        is_ceiling=selection.estimate.is_ceiling,
    )


def _announce(db: Transaction, request: Request) -> None:
    """The take's message is to be posted in the thread; the card shows it."""
    place = (request.team_id, request.channel)
    add_message(
        db,
        team_id=place[0],
        channel=place[1],
        shot_id=request.shot_id,
        request_id=request.id,
    )
    add_effect(
        db,
        Effect.POST_TAKE,
        subject=(take_message_id(request.id), 0),
        place=place,
        shot_id=request.shot_id,
        request_id=request.id,
        at=request.created_at,
    )
    if request.take > 1:
        touch_message(db, card_id(request.shot_id), request.created_at)
