"""What people decide with a button: each once a press, and only by whoever may.

A refusal is a sentence for the person who pressed; everything else shows in the messages.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.catalog import GatewayName, offer_named
from domain.errors import NotAllowed, RequestError
from domain.events import Hold
from domain.execution import ENDED, UNPAID, Moment
from domain.money import as_usd
from domain.ports import Transaction
from domain.request import Clip, Request, Source
from domain.shot import Page, Take
from storage.drafts import find_draft
from storage.executions import confirm, execution_of, request_cancel
from storage.fallbacks import unblock
from storage.messages import (
    Effect,
    add_effect,
    add_whisper,
    card_id,
    touch_message,
    touch_take,
)
from storage.preferences import read_preferences
from storage.requests import Arrival, Fresh, deliver, revise, start_take
from storage.shots import read_page, read_take, shot_by_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button, as Slack delivered it."""

    delivery_key: str
    team_id: str
    channel: str
    user: str
    at: float
    by_admin: bool = False


class PressedBefore(Exception):
    """Slack delivered the same press again."""


def _take_of(db: Transaction, press: Press, request_id: str) -> tuple[Page, Take]:
    """The take a press is about. Its team and channel are the press's own, or it is refused."""
    if deliver(db, press.delivery_key, press.team_id, press.at, request_id) is not None:
        raise PressedBefore
    return take_in_place(db, press.team_id, press.channel, request_id)


def take_in_place(
    db: Transaction, team_id: str, channel: str, request_id: str
) -> tuple[Page, Take]:
    """A take of this team and channel. Raises `RequestError` where there is none."""
    try:
        take = read_take(db, request_id)
    except KeyError:
        raise RequestError("I don't know that take any more.") from None
    if (take.request.team_id, take.request.channel) != (team_id, channel):
        raise RequestError("That take belongs to another channel.")
    return read_page(db, take.request.shot_id), take


def may_steer(press: Press, page: Page, take: Take) -> bool:
    """The requester of the take, of its shot, or an admin."""
    return press.by_admin or press.user in (take.request.requester, page.shot.requester)


def cancel_take(db: Transaction, press: Press, request_id: str) -> Take:
    """Cancel what can still be cancelled."""
    page, take = _take_of(db, press, request_id)
    if not may_steer(press, page, take):
        raise NotAllowed("Only the requester or an admin can cancel this take.")
    request_cancel(db, request_id, Moment(now=press.at))
    return read_take(db, request_id)


def cancel_shot(
    db: Transaction, press: Press, shot_id: str | None, *, of_user: str | None = None
) -> list[Take]:
    """Cancel everything open in a shot, or without one a person's newest open take here."""
    if deliver(db, press.delivery_key, press.team_id, press.at, None) is not None:
        raise PressedBefore
    rows = db.execute(
        "SELECT request.id FROM request JOIN execution ON execution.request_id = request.id"
        " WHERE request.team_id = :team AND execution.state IN"
        " ('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')"
        " AND (:shot IS NULL OR request.shot_id = :shot)"
        " AND (:person IS NULL OR (request.requester = :person AND request.channel = :channel))"
        " ORDER BY request.created_at DESC",
        {
            "team": press.team_id,
            "shot": shot_id,
            "person": of_user,
            "channel": press.channel,
        },
    ).all()
    cancelled = []
    for row in rows if shot_id else rows[:1]:
        take = read_take(db, row["id"])
        if may_steer(press, read_page(db, take.request.shot_id), take):
            request_cancel(db, take.request.id, Moment(now=press.at))
            cancelled.append(read_take(db, take.request.id))
    if rows and not cancelled:
        raise NotAllowed("Only the requester or an admin can cancel that.")
    return cancelled


def cancel_thread(db: Transaction, press: Press, thread_ts: str) -> list[Take]:
    """Cancel everything open in the shot of a thread."""
    shot = shot_by_thread(db, press.team_id, press.channel, thread_ts)
    if shot is None:
        raise RequestError("There is nothing of mine to cancel in this thread.")
    return cancel_shot(db, press, shot.id)


def confirm_take(db: Transaction, press: Press, request_id: str) -> None:
    """The price is accepted; above the approval limit only by an admin."""
    page, take = _take_of(db, press, request_id)
    limit = read_preferences(db, press.team_id, press.channel).approve_above_micro_usd
    dear = take.execution.estimate_micro_usd > limit
    if dear and not press.by_admin:
        raise NotAllowed(f"Above {as_usd(limit)} an admin has to approve.")
    if not may_steer(press, page, take):
        raise NotAllowed("Only the requester or an admin can start this take.")
    if take.execution.hold in (Hold.CONFIRMATION, Hold.APPROVAL, None, Hold.UNDO, Hold.MESSAGE):
        confirm(db, request_id, now=press.at)
        touch_take(db, take.request.shot_id, request_id, press.at)


def approve_take(db: Transaction, press: Press, request_id: str) -> None:
    """This is the take that counts: the channel hears of it once. Anybody in it may say so: an
    approval costs nothing and can be changed."""
    _, take = _take_of(db, press, request_id)
    if take.video is None:
        raise RequestError("There is no video to approve yet.")
    approved = db.execute(
        "UPDATE shot SET approved = :request, approved_by = :user WHERE id = :shot"
        " AND (approved IS NULL OR approved <> :request)",
        {"request": request_id, "user": press.user, "shot": take.request.shot_id},
    )
    if approved.changed == 0:
        return
    for row in db.execute(
        "SELECT id FROM request WHERE shot_id = :shot", {"shot": take.request.shot_id}
    ).all():
        touch_take(db, take.request.shot_id, row["id"], press.at)
    if read_preferences(db, press.team_id, press.channel).channel_notice != "none":
        add_effect(
            db,
            Effect.BROADCAST,
            subject=(f"approved:{request_id}", 0),
            place=(press.team_id, press.channel),
            shot_id=take.request.shot_id,
            request_id=request_id,
            at=press.at,
        )


def again(
    db: Transaction,
    press: Press,
    request_id: str,
    fresh: Fresh,
    *,
    gateways: frozenset[GatewayName],
    seed: int | None,
) -> None:
    """The same once more as a new take: with another seed where the model has one."""
    _, take = _take_of(db, press, request_id)
    work, changed = take.request.work, ("again",)
    if isinstance(work, Clip) and seed is not None and take.execution.clip.seed != seed:
        settable = _takes_a_seed(take)
        work = work.model_copy(update={"seed": seed if settable else None})
        changed = (f"new seed {seed}",) if settable else changed
    _start(db, press, take.request, fresh, gateways, (work, changed, Source.BUTTON))


def _takes_a_seed(take: Take) -> bool:
    return offer_named(take.execution.offer).limits.seed


def render_draft(
    db: Transaction,
    press: Press,
    draft_id: str,
    fresh: Fresh,
    *,
    gateways: frozenset[GatewayName],
    work: Clip | None = None,
) -> None:
    """An unclear reply was meant after all; `work` where its author edited it first."""
    draft = find_draft(db, draft_id)
    if draft is None:
        raise RequestError("That suggestion is gone. Reply in the thread once more.")
    if deliver(db, f"draft:{draft_id}", press.team_id, press.at, fresh.request_id) is not None:
        raise PressedBefore
    if press.user != draft.author and not press.by_admin:
        raise NotAllowed("Only the person who wrote that reply can start it.")
    _, parent = take_in_place(db, press.team_id, draft.channel, draft.parent_id)
    _start(
        db,
        press,
        parent.request,
        fresh,
        gateways,
        (work or draft.work, draft.changed, Source.BUTTON),
    )


def submit_form(
    db: Transaction,
    press: Press,
    parent_id: str,
    fresh: Fresh,
    *,
    gateways: frozenset[GatewayName],
    work: Clip,
    replaces: bool,
) -> None:
    """A filled-in form: the next take of a thread, or the open take itself where it `replaces`."""
    page, parent = _take_of(db, press, parent_id)
    changed = differences(parent.request.work, work)
    execution = execution_of(db, parent_id)
    if replaces and execution is not None and execution.state in UNPAID:
        if not may_steer(press, page, parent):
            raise NotAllowed("Only the requester or an admin can edit this take.")
        revised = parent.request.model_copy(
            update={"work": work, "undo_until": max(parent.request.undo_until, press.at)}
        )
        revise(db, revised, execution, gateways=gateways, now=press.at)
        return
    _start(db, press, parent.request, fresh, gateways, (work, changed, Source.FORM))


def share_again(db: Transaction, press: Press, request_id: str) -> None:
    """Upload a kept video once more."""
    _, take = _take_of(db, press, request_id)
    if take.video is None:
        raise RequestError("There is no video to upload.")
    db.execute(
        "UPDATE outbox SET state = 'todo', due_at = :now, created_at = :now, tries = 0,"
        " refusals = 0 WHERE request_id = :request"
        " AND kind = 'file' AND state = 'failed'",
        {"request": request_id, "now": press.at},
    )
    touch_take(db, take.request.shot_id, request_id, press.at)


def start_now(db: Transaction, press: Press, request_id: str) -> None:
    """Somebody let us into the channel: post what was kept back."""
    if deliver(db, press.delivery_key, press.team_id, press.at, request_id) is not None:
        raise PressedBefore
    take = read_take(db, request_id)
    if take.request.team_id != press.team_id:
        raise RequestError("I don't know that take.")
    if take.execution.state in ENDED:
        raise RequestError("A day has passed and it ended, unpaid. Ask for it once more.")
    unblock(db, take.request.shot_id, now=press.at)
    touch_message(db, card_id(take.request.shot_id), press.at)


def differences(before: object, after: Clip) -> tuple[str, ...]:
    """What a form changed, in words."""
    if not isinstance(before, Clip):
        return ("new form",)
    words = []
    if before.prompt != after.prompt:
        words.append("new prompt")
    for name in ("model", "aspect_ratio", "duration_s", "resolution"):
        was, is_now = getattr(before, name), getattr(after, name)
        if was != is_now and is_now is not None:
            words.append(f"{was} → {is_now}" if was is not None else f"{is_now}")
    if before.reference_image != after.reference_image and after.reference_image is not None:
        words.append("new image")
    return tuple(words) or ("again",)


def whisper(db: Transaction, press: Press, sentence: str, *, thread_ts: str | None = None) -> None:
    """Tell the person who pressed, for them alone."""
    add_whisper(
        db,
        (f"refused:{press.delivery_key}", 0),
        (press.team_id, press.channel),
        at=press.at,
        payload={"user": press.user, "sentence": sentence, "thread_ts": thread_ts},
    )


def _start(
    db: Transaction,
    press: Press,
    parent: Request,
    fresh: Fresh,
    gateways: frozenset[GatewayName],
    made: tuple[object, tuple[str, ...], Source],
) -> None:
    work, changed, source = made
    assert isinstance(work, Clip)
    arrival = Arrival(
        delivery_key=press.delivery_key,
        team_id=press.team_id,
        channel=parent.channel,
        requester=press.user,
        source=source,
        work=work,
        at=press.at,
        price_seen=True,
        by_admin=press.by_admin,
        changed=changed,
    )
    placed = Fresh(
        shot_id=parent.shot_id, request_id=fresh.request_id, execution_id=fresh.execution_id
    )
    start_take(db, arrival, placed, parent_id=parent.id, gateways=gateways)
