"""What people decide with a button: each once a press, and only by whoever may.

A refusal is a sentence for the person who pressed; everything else shows in the messages.
"""

from __future__ import annotations

from domain.catalog import offer_named
from domain.errors import NotAllowed, RequestError
from domain.events import Hold
from domain.execution import ENDED, UNPAID
from domain.money import as_usd
from domain.ports import Transaction
from domain.request import Clip, Request, Source, Work
from domain.shot import Take
from domain.spoken import Agent
from domain.standing import Reach
from storage.conversations import parent_of, retold
from storage.drafts import find_draft
from storage.fallbacks import unblock
from storage.messages import Effect, add_effect, card_id, touch_message, touch_take
from storage.preferences import read_preferences
from storage.presses import (
    Press,
    PressedBefore,
    known_take,
    may_steer,
    note_press,
    pressed_take,
    take_in_place,
)
from storage.recording import confirm
from storage.requests import Arrival, Fresh, deliver, start_take
from storage.revisions import revise
from storage.rows import WORK

DOUBLE_TAP_S = 5.0  # a second tap within this time is no second wish


def confirm_take(db: Transaction, press: Press, request_id: str) -> None:
    """The price is accepted; above the approval limit only by an admin."""
    page, take = pressed_take(db, press, request_id)
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
    _, take = pressed_take(db, press, request_id)
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
        touch_take(db, take.request.shot_id, row["id"], press.at, urgent=True)
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
    reach: Reach,
    seed: int | None,
) -> None:
    """The same once more as a new take: with another seed where the model has one.

    Raises `PressedBefore` for the second tap of a double tap: Slack tells the two apart, people
    do not, and each would be paid.
    """
    _, take = pressed_take(db, press, request_id)
    if _tapped_twice(db, press, take.request):
        raise PressedBefore
    work, changed = take.request.work, ("again",)
    if isinstance(work, Clip) and seed is not None and _seed(take) != seed:
        settable = _takes_a_seed(take)
        work = work.model_copy(update={"seed": seed if settable else None})
        changed = (f"new seed {seed}",) if settable else changed
    if isinstance(work, Agent) and seed is not None:
        work = work.otherwise or work  # the same message again would be another one
    _start(db, press, take.request, fresh, reach, (work, changed, Source.BUTTON))


def _tapped_twice(db: Transaction, press: Press, parent: Request) -> bool:
    """Whether this person made the same again from this take a moment ago."""
    rows = db.execute(
        "SELECT work FROM request WHERE team_id = :team AND requester = :person"
        " AND created_at > :since AND parent_id = :parent AND source = 'button'",
        {
            "team": press.team_id,
            "person": press.user,
            "since": press.at - DOUBLE_TAP_S,
            "parent": parent.id,
        },
    ).all()
    same = _but_for_its_seed(parent.work)
    return any(_but_for_its_seed(WORK.validate_json(row["work"])) == same for row in rows)


def _but_for_its_seed(work: Work) -> Work:
    return work.model_copy(update={"seed": None}) if isinstance(work, Clip) else work


def _seed(take: Take) -> int | None:
    work = take.execution.work
    return work.seed if isinstance(work, Clip) else None


def _takes_a_seed(take: Take) -> bool:
    return offer_named(take.execution.offer).limits.seed


def render_draft(
    db: Transaction,
    press: Press,
    draft_id: str,
    fresh: Fresh,
    *,
    reach: Reach,
    work: Work | None = None,
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
    meant = draft.work if work is None else retold(db, parent.request, draft.work, work)
    _start(db, press, parent.request, fresh, reach, (meant, draft.changed, Source.BUTTON))


class BegunAlready(RequestError):
    """A take cannot be changed any more: it was sent, or it has ended."""


def submit_form(
    db: Transaction,
    press: Press,
    parent_id: str,
    fresh: Fresh,
    *,
    reach: Reach,
    work: Work,
    replaces: bool,
) -> None:
    """A filled-in form: the next take of a thread, or the open take itself where it `replaces`.

    Raises `BegunAlready` where there is nothing to replace: another take is another payment, which
    nobody has asked for yet.
    """
    page, parent = pressed_take(db, press, parent_id)
    if not replaces:
        changed = differences(parent.request.work, work)
        _start(db, press, parent.request, fresh, reach, (work, changed, Source.FORM))
        return
    if not may_steer(press, page, parent):
        raise NotAllowed("Only the requester or an admin can edit this take.")
    if parent.execution.state not in UNPAID:
        raise BegunAlready("This take can't be changed any more.")
    came_from = parent_of(db, parent.request) or parent.request
    revised = parent.request.model_copy(
        update={
            "work": retold(db, came_from, parent.request.work, work),
            "undo_until": max(parent.request.undo_until, press.at),
            "confirmed": True,
        }
    )
    revise(db, revised, parent.execution, reach=reach, now=press.at)


def share_again(db: Transaction, press: Press, request_id: str) -> None:
    """Upload a kept video once more."""
    _, take = pressed_take(db, press, request_id)
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
    note_press(db, press, request_id)
    _, take = known_take(db, press.team_id, request_id)
    if take.execution.state in ENDED:
        raise RequestError("A day has passed and it ended, unpaid. Ask for it once more.")
    unblock(db, take.request.shot_id, now=press.at)
    touch_message(db, card_id(take.request.shot_id), press.at)


def differences(before: Work, after: Work) -> tuple[str, ...]:
    """What a form changed, in words."""
    if not isinstance(before, Clip) or not isinstance(after, Clip):
        return ("again",) if before == after else ("changed",)
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


def _start(
    db: Transaction,
    press: Press,
    parent: Request,
    fresh: Fresh,
    reach: Reach,
    made: tuple[Work, tuple[str, ...], Source],
) -> None:
    work, changed, source = made
    arrival = Arrival(
        delivery_key=press.delivery_key,
        team_id=press.team_id,
        channel=parent.channel,
        requester=press.user,
        source=source,
        work=work,
        at=press.at,
        price_seen=source is not Source.FORM or isinstance(work, Clip),
        by_admin=press.by_admin,
        changed=changed,
    )
    placed = Fresh(
        shot_id=parent.shot_id, request_id=fresh.request_id, execution_id=fresh.execution_id
    )
    start_take(db, arrival, placed, parent_id=parent.id, reach=reach)
