"""Shots and their takes, read whole."""

from __future__ import annotations

from domain.ports import Transaction
from domain.shot import Page, Shot, Take
from storage.messages import take_message_id
from storage.rows import execution_from, outcome_from, request_from, shot_from, video_from

_SHOT = (
    "SELECT shot.*, message.ts AS card_ts FROM shot"
    " LEFT JOIN message ON message.shot_id = shot.id AND message.kind = 'card'"
)


def shot_by_id(db: Transaction, shot_id: str) -> Shot | None:
    """One shot."""
    row = db.execute(f"{_SHOT} WHERE shot.id = :id", {"id": shot_id}).one()
    return shot_from(row) if row else None


def shot_by_number(db: Transaction, team_id: str, number: int) -> Shot | None:
    """The shot that a workspace calls `V-<number>`."""
    row = db.execute(
        f"{_SHOT} WHERE shot.team_id = :team AND shot.number = :number",
        {"team": team_id, "number": number},
    ).one()
    return shot_from(row) if row else None


def shot_by_thread(db: Transaction, team_id: str, channel: str, thread_ts: str) -> Shot | None:
    """The shot whose card opened this thread."""
    row = db.execute(
        f"{_SHOT} WHERE message.team_id = :team AND message.channel = :channel"
        " AND message.ts = :ts",
        {"team": team_id, "channel": channel, "ts": thread_ts},
    ).one()
    return shot_from(row) if row else None


def read_page(db: Transaction, shot_id: str) -> Page:
    """A shot with all its takes. Raises KeyError for one that is not there."""
    shot = shot_by_id(db, shot_id)
    if shot is None:
        raise KeyError(shot_id)
    rows = db.execute(
        "SELECT id, sentence FROM request WHERE shot_id = :shot ORDER BY take", {"shot": shot_id}
    ).all()
    return Page(shot=shot, takes=tuple(read_take(db, row["id"]) for row in rows))


def read_take(db: Transaction, request_id: str) -> Take:
    """One take with its latest execution. Raises KeyError for one that is not there."""
    one = {"id": request_id}
    request = db.execute("SELECT * FROM request WHERE id = :id", one).one()
    executions = db.execute(
        "SELECT * FROM execution WHERE request_id = :id ORDER BY created_at, id", one
    ).all()
    if request is None or not executions:
        raise KeyError(request_id)
    outcome = db.execute("SELECT * FROM outcome WHERE request_id = :id", one).one()
    videos = db.execute("SELECT * FROM video WHERE request_id = :id ORDER BY number", one).all()
    message = db.execute(
        "SELECT ts FROM message WHERE id = :id", {"id": take_message_id(request_id)}
    ).one()
    return Take(
        request=request_from(request),
        execution=execution_from(executions[-1]),
        tried=tuple(row["offer"] for row in executions[:-1]),
        sentence=request["sentence"],
        outcome=outcome_from(outcome) if outcome else None,
        videos=tuple(map(video_from, videos)),
        message_ts=message["ts"] if message else None,
    )
