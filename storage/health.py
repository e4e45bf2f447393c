"""Whether the database can commit now."""

from __future__ import annotations

from domain.ports import Transaction


def touch(db: Transaction) -> None:
    """Take the write lock and change nothing. Raises `StorageUnavailable` where it cannot."""
    db.execute("UPDATE workspace SET paused = paused WHERE team_id = ''")
