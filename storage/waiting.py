"""Who waits for a slot: who may have one that was freed, and when nobody else may join the queue.

A slot that is freed wakes as many as it has room for, the oldest first, and only those whose own
slots are not taken; woken, all of them would look, and all but one would wait again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from domain.errors import RequestError
from domain.execution import Execution
from domain.ports import Transaction
from domain.preferences import Preferences
from storage.preferences import WORKSPACE, read_preferences

BUDGET_WOKEN = 3  # money may be enough for one and not for another; the rest look now and then
PEOPLE_WOKEN = 50
TYPICAL_RENDER_S = 120.0  # where nothing has been made here yet


def wake_waiting(db: Transaction, before: Execution, after: Execution, now: float) -> None:
    """A slot is free, and maybe money: those that can have it look again."""
    woken = [
        *_for_slots(db, after.team_id, now),
        *_in_conversations(db, after.team_id, now),
    ]
    if _held_micro_usd(after) < _held_micro_usd(before):
        woken += _for_money(db, after.team_id, now)
    for execution_id in woken:
        db.execute(
            "UPDATE execution SET due_at = :now WHERE id = :id", {"id": execution_id, "now": now}
        )


def refuse_when_full(
    db: Transaction,
    team_id: str,
    requester: str,
    *,
    preferences: Preferences,
    render_s: float | None,
) -> None:
    """Raises `RequestError` where as many wait as may. `render_s`: how long one usually takes."""
    row = db.execute(
        "SELECT COUNT(*) AS everybody,"
        " COALESCE(SUM(CASE WHEN requester = :person THEN 1 ELSE 0 END), 0) AS mine"
        " FROM execution WHERE team_id = :team AND state IN ('preparing', 'queued')",
        {"team": team_id, "person": requester},
    ).one()
    mine, everybody = (int(row["mine"]), int(row["everybody"])) if row is not None else (0, 0)
    if mine >= preferences.person_waiting:
        whose, waiting, slots = "You already have", mine, preferences.person_slots
    elif everybody >= preferences.workspace_waiting:
        whose, waiting, slots = "This workspace already has", everybody, preferences.workspace_slots
    else:
        return
    minutes = max(1, round(waiting * (render_s or TYPICAL_RENDER_S) / slots / 60))
    about = f"{minutes} min" if minutes < 60 else f"{minutes / 60:.1f} h"
    videos = "1 video" if waiting == 1 else f"{waiting} videos"
    raise RequestError(
        f"{whose} {videos} waiting, about {about} of rendering, so this one is not taken:"
        " nothing was started and nothing is charged. Ask again when some of them are done, or"
        " cancel some."
    )


def _for_slots(db: Transaction, team_id: str, now: float) -> list[str]:
    """The oldest that fit into what is free, of the workspace's slots and of each person's."""
    preferences = read_preferences(db, team_id, WORKSPACE)
    taken = Counter(
        {
            str(row["requester"]): int(row["taken"])
            for row in db.execute(
                "SELECT requester, COUNT(*) AS taken FROM execution WHERE team_id = :team"
                " AND state IN ('submitting', 'running', 'fetching') GROUP BY requester",
                {"team": team_id},
            ).all()
        }
    )
    free = preferences.workspace_slots - taken.total()
    if free <= 0:
        return []
    people = db.execute(
        "SELECT requester, MIN(created_at) AS since FROM execution WHERE team_id = :team"
        " AND state = 'queued' AND hold IN ('person_slots', 'workspace_slots') AND due_at > :now"
        " GROUP BY requester ORDER BY since",
        {"team": team_id, "now": now},
    ).all()
    found: list[tuple[float, str]] = []
    slots = preferences.person_slots
    with_room = [str(row["requester"]) for row in people if taken[row["requester"]] < slots]
    for person in with_room[:PEOPLE_WOKEN]:
        most = min(free, slots - taken[person])
        found += _oldest_of(db, team_id, person, now=now, most=most)
    return [execution_id for _, execution_id in sorted(found)[:free]]


def _oldest_of(
    db: Transaction, team_id: str, person: str, *, now: float, most: int
) -> Iterator[tuple[float, str]]:
    rows = db.execute(
        "SELECT id, created_at FROM execution WHERE team_id = :team AND requester = :person"
        " AND state = 'queued' AND hold IN ('person_slots', 'workspace_slots') AND due_at > :now"
        " ORDER BY created_at, id LIMIT :most",
        {"team": team_id, "person": person, "now": now, "most": most},
    ).all()
    for row in rows:
        yield float(row["created_at"]), str(row["id"])


def _in_conversations(db: Transaction, team_id: str, now: float) -> list[str]:
    """They wait for one turn of their own, so there are few of them."""
    rows = db.execute(
        "SELECT id FROM execution WHERE team_id = :team AND state = 'queued'"
        " AND hold = 'conversation' AND due_at > :now",
        {"team": team_id, "now": now},
    ).all()
    return [str(row["id"]) for row in rows]


def _for_money(db: Transaction, team_id: str, now: float) -> list[str]:
    rows = db.execute(
        "SELECT id FROM execution WHERE team_id = :team AND state = 'queued' AND hold = 'budget'"
        " AND due_at > :now ORDER BY created_at, id LIMIT :most",
        {"team": team_id, "now": now, "most": BUDGET_WOKEN},
    ).all()
    return [str(row["id"]) for row in rows]


def _held_micro_usd(execution: Execution) -> int:
    return execution.reserved_micro_usd + (execution.billed_micro_usd or 0)
