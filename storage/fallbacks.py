"""Whom to tell instead, when Slack will not take what was to be told.

A shot that has no place ends unpaid. A result that cannot be shown is kept here, and its requester
hears of it directly. Nothing is dropped in silence.
"""

from __future__ import annotations

from domain.effect import BLOCKED_KEPT_S, Effect
from domain.errors import Failure, FailureClass
from domain.events import Abandoned
from domain.execution import UNPAID, Moment, advance
from domain.ports import Transaction
from storage.executions import execution_of
from storage.lanes import EffectDue
from storage.messages import NO_SHOT, add_effect, touch_lane, touch_take
from storage.recording import record


def fall_back(db: Transaction, due: EffectDue, *, reason: str, now: float) -> None:
    """An effect has failed for good: what follows, and who hears of it."""
    match due.kind:
        case Effect.POST_CARD:
            abandon_shot(db, due.shot_id, reason=reason, now=now)
            _tell_directly(db, due, "undeliverable", reason, now)
        case Effect.POST_TAKE if due.request_id is not None:
            _abandon(db, due.request_id, reason, now)
            _tell_directly(db, due, "undeliverable", reason, now)
        case Effect.FILE | Effect.PING if due.request_id is not None:
            touch_take(db, due.shot_id, due.request_id, now, urgent=True)
            _tell_directly(db, due, "outcome", reason, now)
        case _:
            return  # words about something that is told elsewhere too


def keep_for_a_day(db: Transaction, due: EffectDue, *, reason: str, now: float) -> None:
    """We may not post there. Nothing is paid; it is kept a day for somebody to let us in."""
    db.execute(
        "UPDATE outbox SET state = 'blocked', owner = NULL, due_at = :until"
        " WHERE shot_id = :shot AND state = 'todo' AND kind <> 'notice'",
        {"shot": due.shot_id, "until": now + BLOCKED_KEPT_S},
    )
    _tell_directly(db, due, "blocked", reason, now)


def is_kept_out(db: Transaction, shot_id: str) -> bool:
    """Whether a shot waits for somebody to let us into its channel."""
    blocked = db.execute(
        "SELECT shot_id FROM outbox WHERE shot_id = :shot AND state = 'blocked' LIMIT 1",
        {"shot": shot_id},
    ).one()
    return blocked is not None


def unblock(db: Transaction, shot_id: str, *, now: float) -> bool:
    """Somebody let us in: post what was kept back. False where nothing was. What was tried is
    looked for first: it may have been the look for a post in doubt that found us outside."""
    rows = db.execute(
        "UPDATE outbox SET state = CASE WHEN tries > 0 THEN 'unknown' ELSE 'todo' END,"
        " due_at = :now WHERE shot_id = :shot AND state = 'blocked' RETURNING team_id, channel",
        {"shot": shot_id, "now": now},
    ).all()
    for row in rows:
        touch_lane(db, row["team_id"], row["channel"], now)
    return bool(rows)


def expire_blocked(db: Transaction, *, now: float) -> int:
    """A day has passed and nobody let us in: those shots end, unpaid, and their people hear it."""
    rows = db.execute(
        "UPDATE outbox SET state = 'failed' WHERE state = 'blocked' AND due_at <= :now"
        " RETURNING shot_id, team_id, channel, kind",
        {"now": now},
    ).all()
    cards = [row for row in rows if row["kind"] == Effect.POST_CARD]
    for row in cards:
        abandon_shot(db, row["shot_id"], reason="not_in_channel", now=now)
        _notice(
            db,
            ("expired:" + row["shot_id"], 0),
            (row["team_id"], row["channel"]),
            row["shot_id"],
            at=now,
            payload={"notice": "undeliverable", "reason": "not_in_channel"},
        )
    return len(cards)


def abandon_shot(db: Transaction, shot_id: str, *, reason: str, now: float) -> None:
    """End whatever of a shot has not been paid; what was to be said in its thread is not."""
    rows = db.execute("SELECT id FROM request WHERE shot_id = :shot", {"shot": shot_id}).all()
    for row in rows:
        _abandon(db, row["id"], reason, now)
    db.execute(
        "UPDATE outbox SET state = 'failed' WHERE shot_id = :shot AND in_thread = 1"
        " AND state IN ('todo', 'unknown', 'blocked')",
        {"shot": shot_id},
    )


def _abandon(db: Transaction, request_id: str, reason: str, now: float) -> None:
    before = execution_of(db, request_id)
    if before is not None and before.state in UNPAID:
        failure = Failure(kind=FailureClass.NO_PLACE, detail=f"Slack: {reason}")
        at = Moment(now=now)
        record(db, before, advance(before, Abandoned(failure), at), at)


def _tell_directly(db: Transaction, due: EffectDue, notice: str, reason: str, now: float) -> None:
    _notice(
        db,
        (f"{notice}:{due.subject_id}", due.version + due.tries),
        (due.team_id, due.channel),
        due.shot_id,
        at=now,
        request_id=due.request_id,
        payload={"notice": notice, "reason": reason},
    )


def _notice(
    db: Transaction,
    subject: tuple[str, int],
    place: tuple[str, str],
    shot_id: str,
    *,
    at: float,
    payload: dict[str, str],
    request_id: str | None = None,
) -> None:
    assert shot_id != NO_SHOT
    add_effect(
        db,
        Effect.NOTICE,
        subject=subject,
        place=place,
        shot_id=shot_id,
        request_id=request_id or _first_request(db, shot_id),
        at=at,
        payload=payload,
    )


def _first_request(db: Transaction, shot_id: str) -> str | None:
    row = db.execute(
        "SELECT id FROM request WHERE shot_id = :shot ORDER BY take LIMIT 1", {"shot": shot_id}
    ).one()
    return row["id"] if row else None
