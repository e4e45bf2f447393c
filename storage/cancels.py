"""Cancelling: one take, or what is open in a shot, by whoever may and where it was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import NotAllowed, RequestError
from domain.execution import Moment
from domain.ports import Transaction
from domain.shot import Page, Take
from storage.presses import Press, may_steer, note_press, pressed_take
from storage.recording import request_cancel
from storage.shots import read_page, read_take, shot_by_number, shot_by_thread

Cancelled = list[tuple[Page, Take]]


def cancel_take(db: Transaction, press: Press, request_id: str) -> Take:
    """Cancel what can still be cancelled."""
    page, take = pressed_take(db, press, request_id)
    if not may_steer(press, page, take):
        raise NotAllowed("Only the requester or an admin can cancel this take.")
    request_cancel(db, request_id, Moment(now=press.at))
    return read_take(db, request_id)


def cancel_numbered(db: Transaction, press: Press, number: int) -> Cancelled:
    """Cancel everything open in the shot people call `V-<number>`, where it was made."""
    shot = shot_by_number(db, press.team_id, number)
    if shot is None or shot.channel != press.channel:
        raise RequestError(f"There is no V-{number} in this channel.", field="number")
    return _cancel_shot(db, press, shot.id)


def cancel_thread(db: Transaction, press: Press, thread_ts: str) -> Cancelled:
    """Cancel everything open in the shot of a thread."""
    shot = shot_by_thread(db, press.team_id, press.channel, thread_ts)
    if shot is None:
        raise RequestError("There is nothing of mine to cancel in this thread.")
    return _cancel_shot(db, press, shot.id)


def cancel_latest(db: Transaction, press: Press) -> Cancelled:
    """Cancel the newest open take of the person who asks, in the channel where they ask."""
    note_press(db, press)
    row = db.execute(
        "SELECT request_id FROM execution WHERE team_id = :team AND channel = :channel"
        " AND requester = :person AND state IN"
        " ('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')"
        " ORDER BY created_at DESC LIMIT 1",
        {"team": press.team_id, "channel": press.channel, "person": press.user},
    ).one()
    return _cancel_each(db, press, [row["request_id"]] if row else [])


def open_requests(db: Transaction, shot_id: str) -> Sequence[str]:
    """The ids of what can still be cancelled in a shot, the newest take first."""
    rows = db.execute(
        "SELECT execution.request_id FROM execution"
        " JOIN request ON request.id = execution.request_id"
        " WHERE request.shot_id = :shot AND execution.state IN"
        " ('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')"
        " ORDER BY request.take DESC",
        {"shot": shot_id},
    ).all()
    return [str(row["request_id"]) for row in rows]


def _cancel_shot(db: Transaction, press: Press, shot_id: str) -> Cancelled:
    note_press(db, press)
    return _cancel_each(db, press, open_requests(db, shot_id))


def _cancel_each(db: Transaction, press: Press, request_ids: Sequence[str]) -> Cancelled:
    """Those that this person may cancel. Raises `NotAllowed` where there are only others."""
    cancelled: Cancelled = []
    for request_id in request_ids:
        take = read_take(db, request_id)
        if may_steer(press, read_page(db, take.request.shot_id), take):
            request_cancel(db, request_id, Moment(now=press.at))
            page = read_page(db, take.request.shot_id)
            cancelled.append((page, page.take(request_id)))
    if request_ids and not cancelled:
        raise NotAllowed("Only the requester or an admin can cancel that.")
    return cancelled
