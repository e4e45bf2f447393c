"""Drafts: something unclear that becomes a take when its author presses the button."""

from __future__ import annotations

import json
from dataclasses import dataclass

from domain.ports import Transaction
from domain.request import Work
from storage.rows import WORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a reply might have meant, and what it would cost."""

    id: str
    team_id: str
    channel: str
    shot_id: str
    parent_id: str
    author: str
    work: Work
    changed: tuple[str, ...]
    created_at: float
    estimate_micro_usd: int
    is_ceiling: bool


def keep_draft(db: Transaction, draft: Draft) -> None:
    """Keep a draft for its author."""
    db.execute(
        "INSERT INTO draft (id, team_id, channel, shot_id, parent_id, author, work, changed,"
        " created_at, estimate_micro_usd, is_ceiling) VALUES (:id, :team, :channel, :shot,"
        " :parent, :author, :work, :changed, :at, :estimate, :ceiling)",
        {
            "id": draft.id,
            "team": draft.team_id,
            "channel": draft.channel,
            "shot": draft.shot_id,
            "parent": draft.parent_id,
            "author": draft.author,
            "work": draft.work.model_dump_json(),
            "changed": json.dumps(draft.changed),
            "at": draft.created_at,
            "estimate": draft.estimate_micro_usd,
            "ceiling": int(draft.is_ceiling),
        },
    )


def find_draft(db: Transaction, draft_id: str) -> Draft | None:
    """One draft."""
    row = db.execute("SELECT * FROM draft WHERE id = :id", {"id": draft_id}).one()
    if row is None:
        return None
    return Draft(
        id=row["id"],
        team_id=row["team_id"],
        channel=row["channel"],
        shot_id=row["shot_id"],
        parent_id=row["parent_id"],
        author=row["author"],
        work=WORK.validate_json(row["work"]),
        changed=tuple(json.loads(row["changed"])),
        created_at=row["created_at"],
        estimate_micro_usd=row["estimate_micro_usd"],
        is_ceiling=bool(row["is_ceiling"]),
    )
