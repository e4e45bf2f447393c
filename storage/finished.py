"""Takes of a channel that have a video: what can be translated there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import RequestError
from domain.ports import Transaction
from storage.rows import WORK
from storage.shots import read_page, shot_by_number, shot_by_thread

LOOKED_THROUGH = 300  # the newest ones


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedTake:
    """A take with a video, and what was asked for."""

    request_id: str
    shot: int
    take: int
    said: str

    @property
    def label(self) -> str:
        """`V-142 take 2 · a fox in snow`."""
        return f"V-{self.shot} take {self.take} · {' '.join(self.said.split())}"


def finished_takes(db: Transaction, team_id: str, channel: str) -> Sequence[FinishedTake]:
    """The takes of one channel that have a video, the newest first. Never another channel's."""
    rows = db.execute(
        "SELECT request.id, request.take, request.work, shot.number FROM request"
        " JOIN shot ON shot.id = request.shot_id"
        " WHERE request.team_id = :team AND request.channel = :channel"
        " AND EXISTS (SELECT 1 FROM video WHERE video.request_id = request.id)"
        " ORDER BY request.created_at DESC LIMIT :limit",
        {"team": team_id, "channel": channel, "limit": LOOKED_THROUGH},
    ).all()
    return [
        FinishedTake(
            request_id=row["id"],
            shot=row["number"],
            take=row["take"],
            said=WORK.validate_json(row["work"]).said,
        )
        for row in rows
    ]


def finished_in_thread(db: Transaction, team_id: str, channel: str, thread_ts: str) -> str | None:
    """The newest take of a thread that has a video; None where it has none, or is not ours."""
    shot = shot_by_thread(db, team_id, channel, thread_ts)
    if shot is None:
        return None
    made = [take for take in read_page(db, shot.id).takes if take.video is not None]
    return made[-1].request.id if made else None


def finished_take(
    db: Transaction, team_id: str, channel: str, *, shot: int, take: int | None
) -> str:
    """The request of a take that people name, its latest where they say no number. Raises
    `RequestError` where it is not in this channel or has no video."""
    found = shot_by_number(db, team_id, shot)
    if found is None or found.channel != channel:
        raise RequestError(f"There is no V-{shot} in this channel.", field="source")
    made = [
        each.request.id
        for each in read_page(db, found.id).takes
        if each.video is not None and take in (None, each.request.take)
    ]
    if not made:
        which = f"V-{shot}" if take is None else f"V-{shot} take {take}"
        raise RequestError(f"{which} has no video to translate.", field="source")
    return made[-1]
