"""Replies that came before their card's `ts` was written down: kept a moment, then read again."""

from __future__ import annotations

from collections.abc import Sequence

from domain.ports import Transaction
from storage.instructions import Ignored, Reply

HELD_S = 30.0


def hold_reply(db: Transaction, reply: Reply) -> Ignored:
    """Not a thread of ours, or one whose card is being posted right now: then look again."""
    being_posted = db.execute(
        "SELECT 1 AS yes FROM outbox WHERE team_id = :team AND channel = :channel"
        " AND kind = 'post_card' AND state IN ('sending', 'unknown') LIMIT 1",
        {"team": reply.team_id, "channel": reply.channel},
    ).one()
    if being_posted is None:
        return Ignored("not our thread")
    db.execute(
        "INSERT INTO held_reply (key, team_id, channel, thread_ts, reply, held_at)"
        " VALUES (:key, :team, :channel, :thread, :reply, :at) ON CONFLICT (key) DO NOTHING",
        {
            "key": reply.delivery_key,
            "team": reply.team_id,
            "channel": reply.channel,
            "thread": reply.thread_ts,
            "reply": reply.model_dump_json(),
            "at": reply.at,
        },
    )
    return Ignored("held until its card is known")


def release_held(
    db: Transaction, team_id: str, channel: str, thread_ts: str, *, now: float
) -> Sequence[Reply]:
    """The replies that waited for this thread; those that waited too long are forgotten."""
    db.execute("DELETE FROM held_reply WHERE held_at < :old", {"old": now - HELD_S})
    rows = db.execute(
        "DELETE FROM held_reply WHERE team_id = :team AND channel = :channel"
        " AND thread_ts = :thread RETURNING reply",
        {"team": team_id, "channel": channel, "thread": thread_ts},
    ).all()
    return [Reply.model_validate_json(row["reply"]) for row in rows]
