"""What became of a one-time effect or an edit: written down with all that follows."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import Failure, FailureClass
from domain.events import Abandoned
from domain.execution import UNPAID, Moment, advance
from domain.ports import Transaction
from storage.executions import execution_of, record, wake_for_message
from storage.lanes import BLOCKED_KEPT_S, EditDue, EffectDue, Sending, release_lane
from storage.messages import (
    Effect,
    add_effect,
    card_id,
    take_message_id,
    touch_lane,
    touch_message,
    touch_take,
)
from storage.preferences import read_preferences

POST_SPACING_S = 1.0  # chat.postMessage: one a second a channel
EDIT_TRIES_MAX = 20


def posted(db: Transaction, due: EffectDue, ts: str, *, now: float) -> None:
    """A message is in Slack under `ts`."""
    if due.kind is Effect.POST_CARD:
        db.execute(
            "UPDATE message SET ts = :ts WHERE id = :id", {"ts": ts, "id": card_id(due.shot_id)}
        )
    elif due.kind is Effect.POST_TAKE and due.request_id is not None:
        message_id = take_message_id(due.request_id)
        db.execute("UPDATE message SET ts = :ts WHERE id = :id", {"ts": ts, "id": message_id})
        wake_for_message(db, due.request_id, now=now)
        touch_message(db, message_id, now)
    _settle(db, due, Sending.SENT, ts)
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now + POST_SPACING_S)


def said(db: Transaction, due: EffectDue, *, now: float) -> None:
    """Something that leaves no `ts` behind was said, or is better not said twice."""
    _settle(db, due, Sending.SENT, None)
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def postponed(
    db: Transaction, due: EffectDue, *, now: float, until: float, in_doubt: bool, hold_lane: bool
) -> None:
    """It did not happen, or nobody knows (`in_doubt`): look again at `until`."""
    db.execute(
        "UPDATE outbox SET state = :state, owner = NULL, due_at = :until"
        " WHERE subject_id = :subject AND version = :version AND kind = :kind",
        _key(due) | {"state": (Sending.UNKNOWN if in_doubt else Sending.TODO), "until": until},
    )
    touch_lane(db, due.team_id, due.channel, until)
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=until if hold_lane else now)


def blocked(db: Transaction, due: EffectDue, *, now: float, reason: str) -> None:
    """We may not post there. Nothing is paid; it is kept a day for somebody to let us in."""
    db.execute(
        "UPDATE outbox SET state = 'blocked', owner = NULL, due_at = :until"
        " WHERE shot_id = :shot AND state IN ('todo', 'sending') AND kind <> 'notice'",
        {"shot": due.shot_id, "until": now + BLOCKED_KEPT_S},
    )
    add_effect(
        db,
        Effect.NOTICE,
        subject=(f"blocked:{due.shot_id}", due.tries),
        place=(due.team_id, due.channel),
        shot_id=due.shot_id,
        request_id=due.request_id or _first_request(db, due.shot_id),
        at=now,
        payload={"notice": "blocked", "reason": reason},
    )
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def unblock(db: Transaction, shot_id: str, *, now: float) -> bool:
    """Somebody let us in: post what was kept back. False where nothing was."""
    rows = db.execute(
        "UPDATE outbox SET state = 'todo', due_at = :now WHERE shot_id = :shot"
        " AND state = 'blocked' RETURNING team_id, channel",
        {"shot": shot_id, "now": now},
    ).all()
    for row in rows:
        touch_lane(db, row["team_id"], row["channel"], now)
    return bool(rows)


def expire_blocked(db: Transaction, *, now: float) -> int:
    """A day has passed and nobody let us in: those shots end, unpaid. How many ended."""
    rows = db.execute(
        "SELECT DISTINCT shot_id, team_id, channel FROM outbox"
        " WHERE state = 'blocked' AND due_at <= :now",
        {"now": now},
    ).all()
    for row in rows:
        _give_up(db, _Place(**row), now=now, reason="not_in_channel")
    return len(rows)


def undeliverable(db: Transaction, due: EffectDue, *, now: float, reason: str) -> None:
    """Slack will never take it: the shot ends unpaid, or its result is kept here."""
    _settle(db, due, Sending.FAILED, reason)
    if due.kind in (Effect.POST_CARD, Effect.POST_TAKE):
        place = _Place(due.team_id, due.channel, due.shot_id, due.request_id)
        _give_up(db, place, now=now, reason=reason)
    elif due.kind is Effect.FILE and due.request_id is not None:
        touch_take(db, due.shot_id, due.request_id, now, urgent=True)
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a shot, or one request of it, was to be told."""

    team_id: str
    channel: str
    shot_id: str
    request_id: str | None = None


def _give_up(db: Transaction, place: _Place, *, now: float, reason: str) -> None:
    """There is no such place: what is unpaid of it ends, nothing more is said in its thread, and
    its requester hears of it privately."""
    failure = Failure(kind=FailureClass.CONFIG, detail=f"Slack: {reason}")
    of = {"shot": place.shot_id, "request": place.request_id}
    rows = db.execute(
        "SELECT id FROM request WHERE shot_id = :shot AND (:request IS NULL OR id = :request)", of
    ).all()
    for row in rows:
        before = execution_of(db, row["id"])
        if before is not None and before.state in UNPAID:
            record(db, before, advance(before, Abandoned(failure), Moment(now=now)), now=now)
    db.execute(
        "UPDATE outbox SET state = 'failed' WHERE shot_id = :shot AND kind <> 'notice'"
        " AND state IN ('todo', 'blocked') AND (:request IS NULL OR request_id = :request)",
        of,
    )
    add_effect(
        db,
        Effect.NOTICE,
        subject=(f"undeliverable:{place.request_id or place.shot_id}", 0),
        place=(place.team_id, place.channel),
        shot_id=place.shot_id,
        request_id=place.request_id or _first_request(db, place.shot_id),
        at=now,
        payload={"notice": "undeliverable", "reason": reason},
    )


def edited(
    db: Transaction, due: EditDue, digest: str, *, now: float, again_at: float | None
) -> None:
    """A message shows what it was rendered from. `again_at`: when its progress is shown next."""
    db.execute(
        "UPDATE message SET digest = :digest, edited_at = :now, edit_tries = 0,"
        " dirty = CASE WHEN revision <> :revision OR :again IS NOT NULL THEN 1 ELSE 0 END,"
        " urgent = CASE WHEN revision <> :revision THEN urgent ELSE 0 END,"
        " edit_due_at = CASE WHEN revision <> :revision THEN edit_due_at ELSE :again END"
        " WHERE id = :id",
        {
            "digest": digest,
            "now": now,
            "revision": due.revision,
            "again": again_at,
            "id": due.message_id,
        },
    )
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def unedited(db: Transaction, due: EditDue, *, now: float, until: float) -> None:
    """An edit did not go through: again at `until`, until it is given up."""
    db.execute(
        "UPDATE message SET edit_tries = edit_tries + 1, edit_due_at = :until,"
        " dirty = CASE WHEN edit_tries >= :most THEN 0 ELSE 1 END WHERE id = :id",
        {"until": until, "id": due.message_id, "most": EDIT_TRIES_MAX},
    )
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def message_lost(db: Transaction, due: EditDue, *, now: float) -> None:
    """Somebody deleted the message: a take's is posted once more, a card's is let go."""
    db.execute(
        "UPDATE message SET dirty = 0, digest = NULL,"
        " ts = CASE WHEN kind = 'take' THEN NULL ELSE ts END WHERE id = :id",
        {"id": due.message_id},
    )
    if due.request_id is not None:
        add_effect(
            db,
            Effect.POST_TAKE,
            subject=(due.message_id, due.revision),
            place=(due.team_id, due.channel),
            shot_id=due.shot_id,
            request_id=due.request_id,
            at=now,
        )
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def file_reserved(db: Transaction, due: EffectDue, file_id: str) -> None:
    """Slack's name for the upload, kept before a byte is sent."""
    db.execute(
        "UPDATE outbox SET slack_ref = :ref WHERE subject_id = :subject"
        " AND version = :version AND kind = :kind",
        _key(due) | {"ref": file_id},
    )


def file_shared(db: Transaction, due: EffectDue, file_id: str, ts: str, *, now: float) -> None:
    """The video is in the thread, proven. The channel hears of a shot's first one."""
    _settle(db, due, Sending.SENT, file_id)
    db.execute(
        "UPDATE video SET slack_file_id = :file, slack_file_ts = :ts WHERE request_id = :request",
        {"file": file_id, "ts": ts, "request": due.request_id},
    )
    if due.request_id is not None:
        touch_take(db, due.shot_id, due.request_id, now, urgent=True)
        _broadcast(db, due, now)


def _broadcast(db: Transaction, due: EffectDue, now: float) -> None:
    notice = read_preferences(db, due.team_id, due.channel).channel_notice
    first = (
        db.execute(
            "UPDATE shot SET broadcast = broadcast + 1 WHERE id = :id AND"
            " (broadcast = 0 OR :notice = 'every') AND :notice <> 'none'",
            {"id": due.shot_id, "notice": notice.value},
        ).changed
        == 1
    )
    if first:
        add_effect(
            db,
            Effect.BROADCAST,
            subject=(due.subject_id, due.version),
            place=(due.team_id, due.channel),
            shot_id=due.shot_id,
            request_id=due.request_id,
            at=now,
        )


def _settle(db: Transaction, due: EffectDue, state: Sending, ref: str | None) -> None:
    db.execute(
        "UPDATE outbox SET state = :state, owner = NULL, slack_ref = COALESCE(:ref, slack_ref)"
        " WHERE subject_id = :subject AND version = :version AND kind = :kind",
        _key(due) | {"state": state.value, "ref": ref},
    )


def _key(due: EffectDue) -> dict[str, str | int]:
    return {"subject": due.subject_id, "version": due.version, "kind": due.kind.value}


def _first_request(db: Transaction, shot_id: str) -> str | None:
    row = db.execute(
        "SELECT id FROM request WHERE shot_id = :shot ORDER BY take LIMIT 1", {"shot": shot_id}
    ).one()
    return row["id"] if row else None
