"""What became of an edit: it shows the truth, it is tried again, or its message is gone."""

from __future__ import annotations

from domain.effect import Effect
from domain.ports import Transaction
from storage.lanes import EditDue, release_lane
from storage.messages import add_effect

REFUSALS_MAX = 5  # clear refusals; Slack being busy or away is waited for
OUTCOME_REFUSALS_MAX = 30  # of an outcome: about an hour and a half
GONE = "message_not_found"  # somebody deleted it


def edited(
    db: Transaction, due: EditDue, digest: str, *, now: float, again_at: float | None
) -> None:
    """A message shows what it was rendered from. `again_at`: when its progress is shown next."""
    if digest == due.digest:
        _give_back_edit(db, due.team_id)
    db.execute(
        "UPDATE message SET digest = :digest, edited_at = :now, edit_tries = 0,"
        " dirty = CASE WHEN revision <> :revision OR :again IS NOT NULL THEN 1 ELSE 0 END,"
        " urgent = CASE WHEN revision <> :revision THEN urgent ELSE 0 END,"
        " edit_due_at = CASE WHEN revision <> :revision THEN COALESCE(edit_due_at, :now)"
        " ELSE :again END WHERE id = :id",
        {
            "digest": digest,
            "now": now,
            "revision": due.revision,
            "again": again_at,
            "id": due.message_id,
        },
    )
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def _give_back_edit(db: Transaction, team_id: str) -> None:
    """Nothing had changed, so Slack was not called: the workspace keeps that edit."""
    db.execute(
        "UPDATE workspace SET edits = edits - 1 WHERE team_id = :team AND edits > 0",
        {"team": team_id},
    )


def unedited(
    db: Transaction, due: EditDue, *, now: float, until: float, holds_lane: bool = False
) -> None:
    """Slack was busy or away: again at `until`, for as long as it takes."""
    db.execute(
        "UPDATE message SET edit_tries = edit_tries + 1, edit_due_at = :until WHERE id = :id",
        {"until": until, "id": due.message_id},
    )
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=until if holds_lane else now)


def edit_refused(db: Transaction, due: EditDue, *, now: float, until: float, reason: str) -> None:
    """Slack said no. After enough of that the message stays as it is; an outcome that it should
    show is told to its requester directly, and tried again for much longer, on the card too: it is
    what people wait for, and whoever took something away may give it back."""
    tries = due.tries + 1
    is_take = due.request_id is not None
    if due.urgent and is_take and tries >= REFUSALS_MAX and not _is_told_directly(db, due):
        _tell_directly(db, due, due.revision, now=now, reason=reason)
    if tries < (OUTCOME_REFUSALS_MAX if due.urgent else REFUSALS_MAX):
        unedited(db, due, now=now, until=until)
        return
    _leave(db, due, now=now)
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def _leave(db: Transaction, due: EditDue, *, now: float) -> None:
    """It stays as it is, but for what there is to show since this edit was begun."""
    db.execute(
        "UPDATE message SET digest = NULL, edit_tries = 0,"
        " dirty = CASE WHEN revision <> :revision THEN 1 ELSE 0 END,"
        " urgent = CASE WHEN revision <> :revision THEN urgent ELSE 0 END,"
        " edit_due_at = CASE WHEN revision <> :revision THEN COALESCE(edit_due_at, :now) END"
        " WHERE id = :id",
        {"revision": due.revision, "now": now, "id": due.message_id},
    )


def _is_told_directly(db: Transaction, due: EditDue) -> bool:
    """Whether its requester has heard of this outcome. (Tries alone do not tell: those that Slack
    did not answer, and those of before the outcome, count too.)"""
    told = db.execute(
        "SELECT 1 AS yes FROM outbox JOIN outcome ON outcome.request_id = outbox.request_id"
        " WHERE outbox.subject_id = :subject AND outbox.kind = 'notice'"
        " AND outbox.created_at >= COALESCE(outcome.revised_at, outcome.at) LIMIT 1",
        {"subject": f"unshown:{due.message_id}"},
    ).one()
    return told is not None


def _tell_directly(db: Transaction, due: EditDue, version: int, *, now: float, reason: str) -> None:
    add_effect(
        db,
        Effect.NOTICE,
        subject=(f"unshown:{due.message_id}", version),
        place=(due.team_id, due.channel),
        shot_id=due.shot_id,
        request_id=due.request_id,
        at=now,
        payload={"notice": "outcome", "reason": reason},
    )


def message_lost(db: Transaction, due: EditDue, *, now: float, reason: str) -> None:
    """The message is gone, or can't be edited any more: a take's is posted once more.

    One that somebody deleted is posted as often as that. One that merely can't be edited stays to
    be seen, so it is replaced once while it renders and once for each thing it has to tell; what
    it cannot show after that its requester is told directly, and it keeps its place.
    """
    if due.request_id is None or not _is_replaced(db, due, now=now, reason=reason):
        _leave(db, due, now=now)
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=now)


def _is_replaced(db: Transaction, due: EditDue, *, now: float, reason: str) -> bool:
    """Whether the message of a take is posted once more; else what it had to tell is told."""
    version = _replacement(db, due, is_gone=reason == GONE)
    is_posted = add_effect(
        db,
        Effect.POST_TAKE,
        subject=(due.message_id, version),
        place=(due.team_id, due.channel),
        shot_id=due.shot_id,
        request_id=due.request_id,
        at=now,
    )
    if is_posted:
        db.execute(
            "UPDATE message SET dirty = 0, urgent = 0, digest = NULL, edit_due_at = NULL, ts = NULL"
            " WHERE id = :id",
            {"id": due.message_id},
        )
    elif due.urgent:
        _tell_directly(db, due, version, now=now, reason=reason)
    return is_posted


def _replacement(db: Transaction, due: EditDue, *, is_gone: bool) -> int:
    """The version of the post that replaces a message. Those of a message that can't be edited are
    negative: -1 for what it shows meanwhile, then one for each of its executions, its outcome and
    the revision of that."""
    if is_gone:
        bumped = db.execute(
            "UPDATE message SET revision = revision + 1 WHERE id = :id RETURNING revision",
            {"id": due.message_id},
        ).one()
        return int(bumped["revision"]) if bumped is not None else due.revision
    if not due.urgent:
        return -1
    row = db.execute(
        "SELECT (SELECT COUNT(*) FROM execution WHERE request_id = :request)"
        " + (SELECT COUNT(*) + COUNT(revised_at) FROM outcome WHERE request_id = :request) AS told",
        {"request": due.request_id},
    ).one()
    return -1 - (int(row["told"]) if row is not None else 0)
