"""Replies that came before their card's `ts` was written down: kept a moment, then read again."""

from __future__ import annotations

from collections.abc import Sequence

from domain.ports import Transaction
from storage.instructions import Ignored, Reply, Why
from storage.messages import add_whisper

HELD_S = 30.0
SERVERS_APART_S = 5.0  # both times are Slack's, maybe by two of its servers


def hold_reply(db: Transaction, reply: Reply) -> Ignored:
    """Not a thread of ours, or one whose card is being posted right now: then look again."""
    being_posted = db.execute(
        "SELECT 1 AS yes FROM outbox WHERE team_id = :team AND channel = :channel"
        " AND kind = 'post_card' AND state IN ('sending', 'unknown')"
        " AND COALESCE(intent_at, 0) <= :thread_at LIMIT 1",
        {
            "team": reply.team_id,
            "channel": reply.channel,
            "thread_at": float(reply.thread_ts) + SERVERS_APART_S,
        },
    ).one()
    if being_posted is None:
        return Ignored(Why.NOT_OURS)
    db.execute(
        "INSERT INTO held_reply (key, team_id, channel, thread_ts, reply, held_at)"
        " VALUES (:key, :team, :channel, :thread, :reply, :at)"
        " ON CONFLICT (key) DO UPDATE SET reply = :reply",
        {
            "key": reply.delivery_key,
            "team": reply.team_id,
            "channel": reply.channel,
            "thread": reply.thread_ts,
            "reply": reply.model_dump_json(),
            "at": reply.at,
        },
    )
    return Ignored(Why.HELD)


def release_held(
    db: Transaction, team_id: str, channel: str, thread_ts: str, *, most: int
) -> Sequence[Reply]:
    """The replies that waited for this thread, oldest first."""
    rows = db.execute(
        "DELETE FROM held_reply WHERE key IN (SELECT key FROM held_reply WHERE team_id = :team"
        " AND channel = :channel AND thread_ts = :thread ORDER BY key LIMIT :most)"
        " RETURNING reply",
        {"team": team_id, "channel": channel, "thread": thread_ts, "most": most},
    ).all()
    return sorted((Reply.model_validate_json(row["reply"]) for row in rows), key=_said_at)


def forget_held(db: Transaction, *, now: float) -> int:
    """What waited too long was not for us; who mentioned us is told so."""
    rows = db.execute(
        "DELETE FROM held_reply WHERE held_at < :old RETURNING reply", {"old": now - HELD_S}
    ).all()
    for row in rows:
        reply = Reply.model_validate_json(row["reply"])
        if reply.mentions_bot:
            add_whisper(
                db,
                (f"forgotten:{reply.delivery_key}", 0),
                (reply.team_id, reply.channel),
                at=now,
                payload={
                    "user": reply.author,
                    "thread_ts": reply.thread_ts,
                    "sentence": "I could not tell what that was about. Nothing was started;"
                    " mention me once more.",
                },
            )
    return len(rows)


def take_back_held(db: Transaction, delivery_key: str) -> bool:
    """A held reply was deleted: it is not read any more. False where none was held."""
    return db.execute("DELETE FROM held_reply WHERE key = :key", {"key": delivery_key}).changed == 1


def _said_at(reply: Reply) -> float:
    return float(reply.ts)
