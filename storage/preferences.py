"""What workspaces and channels have chosen."""

from __future__ import annotations

import json
from typing import Any

from domain.ports import Transaction
from domain.preferences import Preferences

WORKSPACE = ""  # the channel under which a workspace's own settings stand


def read_preferences(db: Transaction, team_id: str, channel: str) -> Preferences:
    """The workspace's settings with the channel's own laid over them."""
    rows = db.execute(
        "SELECT name, value FROM setting WHERE team_id = :team"
        " AND channel IN (:workspace, :channel) ORDER BY channel",
        {"team": team_id, "channel": channel, "workspace": WORKSPACE},
    ).all()
    return Preferences.model_validate({row["name"]: json.loads(row["value"]) for row in rows})


def write_preference(
    db: Transaction, team_id: str, channel: str, name: str, value: Any
) -> Preferences:
    """Choose one value, or with None go back to what holds otherwise; the result, validated."""
    where = {"team": team_id, "channel": channel, "name": name}
    if value is None:
        db.execute(
            "DELETE FROM setting WHERE team_id = :team AND channel = :channel AND name = :name",
            where,
        )
    else:
        db.execute(
            "INSERT INTO setting (team_id, channel, name, value)"
            " VALUES (:team, :channel, :name, :value)"
            " ON CONFLICT (team_id, channel, name) DO UPDATE SET value = :value",
            where | {"value": json.dumps(value)},
        )
    return read_preferences(db, team_id, channel)


def set_paused(db: Transaction, team_id: str, *, paused: bool) -> None:
    """Stop or allow new submits in a workspace; what waited for that looks again."""
    db.execute(
        "INSERT INTO workspace (team_id, paused) VALUES (:team, :paused)"
        " ON CONFLICT (team_id) DO UPDATE SET paused = :paused",
        {"team": team_id, "paused": int(paused)},
    )
    db.execute(
        "UPDATE execution SET due_at = not_before"
        " WHERE team_id = :team AND state = 'queued' AND hold = 'paused'",
        {"team": team_id},
    )


def is_paused(db: Transaction, team_id: str) -> bool:
    """Whether a workspace is paused."""
    row = db.execute("SELECT paused FROM workspace WHERE team_id = :team", {"team": team_id}).one()
    return row is not None and bool(row["paused"])
