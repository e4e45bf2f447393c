"""Workspaces in which Slack refuses our token: nothing is sent there and nothing new is paid,
because nobody could be told of it. Everything that was to be said is kept, and goes on by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.effect import POST_KEPT_S, WORDS_KEPT_S, Sending
from domain.errors import Failure, FailureClass
from domain.events import Abandoned
from domain.execution import Execution, Moment, advance
from domain.ports import Transaction
from storage.fallbacks import fall_back
from storage.lanes import effect_due
from storage.recording import record
from storage.rows import execution_from

SILENCE_RECHECK_S = 60.0  # the end of a silence makes its waiters due at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """`reason` is Slack's word, or the event's name; `since` Unix seconds."""

    team_id: str
    reason: str
    since: float


def fall_silent(db: Transaction, team_id: str, *, reason: str, now: float) -> bool:
    """Nobody can be told anything in this workspace; False where that was known."""
    return (
        db.execute(
            "INSERT INTO silence (team_id, reason, since) VALUES (:team, :reason, :now)"
            " ON CONFLICT (team_id) DO NOTHING",
            {"team": team_id, "reason": reason, "now": now},
        ).changed
        == 1
    )


def speak_again(db: Transaction, team_id: str, *, now: float) -> None:
    """The token works: what waited is due, but for what was not worth waiting for so long."""
    gone = db.execute("DELETE FROM silence WHERE team_id = :team RETURNING *", {"team": team_id})
    ended = gone.one()
    if ended is None:
        return
    _give_up_old(db, team_id, reason=ended["reason"], now=now)
    _give_up_unprepared(db, team_id, reason=ended["reason"], now=now)
    db.execute(
        "UPDATE execution SET due_at = :now, owner = NULL WHERE team_id = :team"
        " AND (state = 'preparing' OR (state = 'queued' AND hold = 'slack'))",
        {"team": team_id, "now": now},
    )


def silences(db: Transaction) -> Sequence[Silence]:
    """Every workspace in which nobody can be told anything, the longest silence first."""
    rows = db.execute("SELECT team_id, reason, since FROM silence ORDER BY since").all()
    return [Silence(team_id=r["team_id"], reason=r["reason"], since=r["since"]) for r in rows]


def is_silent(db: Transaction, team_id: str) -> bool:
    """Whether nobody can be told anything in this workspace now."""
    asked = db.execute("SELECT 1 AS yes FROM silence WHERE team_id = :team", {"team": team_id})
    return asked.one() is not None


def waits_for_slack(db: Transaction, execution: Execution, *, now: float) -> bool:
    """Whether an execution whose files are in Slack has to wait for the end of a silence. That is
    no failed try: it is only looked at again later."""
    if not is_silent(db, execution.team_id):
        return False
    db.execute(
        "UPDATE execution SET due_at = :until, owner = NULL WHERE id = :id AND version = :fence",
        {"until": now + SILENCE_RECHECK_S, "id": execution.id, "fence": execution.version},
    )
    return True


def _give_up_old(db: Transaction, team_id: str, *, reason: str, now: float) -> None:
    """A post that is a day old would surprise, and so would its price: its shot ends unpaid, and
    its person hears of it. Words are kept longer. Cards first: with a card goes its thread."""
    rows = db.execute(
        "SELECT * FROM outbox WHERE team_id = :team AND state IN ('todo', 'unknown')"
        " AND created_at <= CASE WHEN kind IN ('post_card', 'post_take') THEN :posts_before"
        " ELSE :words_before END ORDER BY CASE WHEN kind = 'post_card' THEN 0 ELSE 1 END",
        {"team": team_id, "posts_before": now - POST_KEPT_S, "words_before": now - WORDS_KEPT_S},
    ).all()
    for row in rows:
        given_up = db.execute(
            "UPDATE outbox SET state = 'failed', owner = NULL WHERE subject_id = :subject"
            " AND version = :version AND kind = :kind AND state IN ('todo', 'unknown')",
            {"subject": row["subject_id"], "version": row["version"], "kind": row["kind"]},
        )
        if given_up.changed == 1:
            fall_back(db, effect_due(row, before=Sending(row["state"])), reason=reason, now=now)


def _give_up_unprepared(db: Transaction, team_id: str, *, reason: str, now: float) -> None:
    """What was posted, and waited a day for its files to be had, is not started either."""
    rows = db.execute(
        "SELECT * FROM execution WHERE team_id = :team AND state = 'preparing'"
        " AND created_at <= :before",
        {"team": team_id, "before": now - POST_KEPT_S},
    ).all()
    late = Abandoned(Failure(kind=FailureClass.NO_PLACE, detail=f"Slack: {reason}, for a day"))
    for before in map(execution_from, rows):
        record(db, before, advance(before, late, Moment(now=now)), Moment(now=now))
