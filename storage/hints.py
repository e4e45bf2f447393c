"""Hints: what a vendor's webhook is about. A hint makes the next look due now and nothing else.

Where the submit's own answer was lost, the id that a webhook named is kept, so that the look-up
can ask the gateway about it. The same delivery counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.execution import ENDED, Execution, State
from domain.gateway import Trace
from domain.offer import GatewayName
from domain.ports import Transaction
from storage.executions import find_execution

HINTS_MAX = 16  # of one attempt: who has the token cannot fill the table
HINTS_KEPT_S = 3 * 24 * 3_600.0  # nothing is looked for that long: its deadline, then a day
OTHERS_S = 3_600.0  # how far apart submits may be whose ids could be mixed up


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One delivery about one attempt. `remote_ids` are the vendor's ids in it, the likeliest
    first; `is_signed` says that they are the vendor's own; `event` tells a repetition."""

    execution_id: str
    attempt: int
    event: str
    remote_ids: tuple[str, ...]
    is_signed: bool


class Heard(StrEnum):
    """What became of a delivery."""

    DUE = "due"  # it is looked at now
    REPEATED = "repeated"  # it was heard before, or there is nothing left to look at
    EARLY = "early"  # kept, but the submit is still on the wire: to be delivered again
    UNKNOWN = "unknown"  # not about this attempt, or about none that there is


def hear(db: Transaction, hint: Hint, *, gateway: GatewayName, now: float) -> Heard:
    """Take a delivery in."""
    execution = find_execution(db, hint.execution_id)
    if execution is None or execution.gateway is not gateway or not _is_about(execution, hint):
        return Heard.UNKNOWN
    if execution.state in ENDED or execution.state is State.FETCHING:
        return Heard.REPEATED
    is_early = execution.state is State.SUBMITTING and execution.lease_until is not None
    if not _keep(db, execution, hint, now, acted=not is_early):
        return Heard.REPEATED
    if is_early:
        return Heard.EARLY
    db.execute(
        "UPDATE execution SET due_at = :now WHERE id = :id AND (due_at IS NULL OR due_at > :now)",
        {"now": now, "id": execution.id},
    )
    return Heard.DUE


def hear_of(
    db: Transaction,
    gateway: GatewayName,
    remote_ids: Sequence[str],
    *,
    event: str,
    now: float,
) -> Heard:
    """Take in a delivery that names the vendor's ids only, at an address for all events."""
    for remote_id in remote_ids:
        row = db.execute(
            "SELECT id, attempt FROM execution WHERE gateway = :gateway AND remote_id = :remote",
            {"gateway": gateway.value, "remote": remote_id},
        ).one()
        if row is not None:
            hint = Hint(
                execution_id=row["id"],
                attempt=row["attempt"],
                event=event,
                remote_ids=(remote_id,),
                is_signed=True,
            )
            return hear(db, hint, gateway=gateway, now=now)
    return Heard.UNKNOWN


def read_trace(db: Transaction, execution: Execution) -> Trace:
    """What is known of a submit whose answer was lost."""
    hinted = db.execute(
        "SELECT remote_id FROM hint WHERE execution_id = :id AND attempt = :attempt"
        " AND remote_id IS NOT NULL ORDER BY heard_at DESC LIMIT 1",
        {"id": execution.id, "attempt": execution.attempt},
    ).one()
    sent_at = execution.submitted_at or execution.created_at
    around = {
        "gateway": execution.gateway.value,
        "id": execution.id,
        "first": sent_at - OTHERS_S,
        "last": sent_at + OTHERS_S,
    }
    others = db.execute(
        "SELECT remote_id FROM execution WHERE gateway = :gateway AND remote_id IS NOT NULL"
        " AND id <> :id AND submitted_at BETWEEN :first AND :last",
        around,
    ).all()
    twins = db.execute(
        "SELECT COUNT(*) AS n FROM execution JOIN execution AS mine ON mine.id = :id"
        " WHERE execution.gateway = :gateway AND execution.id <> :id"
        " AND execution.offer = mine.offer AND execution.work = mine.work"
        " AND execution.state = 'submitting' AND execution.unknown_since IS NULL"
        " AND execution.submitted_at BETWEEN :first AND :last",
        around,
    ).one()
    return Trace(
        sent_at=sent_at,
        hinted_id=None if hinted is None else hinted["remote_id"],
        others=frozenset(row["remote_id"] for row in others),
        twins=0 if twins is None else twins["n"],
        cancelled=execution.cancelling,
    )


def forget_hints(db: Transaction, *, now: float) -> int:
    """Drop what was heard so long ago that its execution has ended; how many there were."""
    return db.execute("DELETE FROM hint WHERE heard_at < :old", {"old": now - HINTS_KEPT_S}).changed


def _is_about(execution: Execution, hint: Hint) -> bool:
    """Whether the token's attempt is the present one, and a signed id is that attempt's."""
    if execution.attempt != hint.attempt or execution.key is None:
        return False
    if not hint.is_signed or execution.remote_id is None:
        return True
    known = {execution.remote_id, *execution.handle.values()}
    return not known.isdisjoint(hint.remote_ids)


def _keep(db: Transaction, execution: Execution, hint: Hint, now: float, *, acted: bool) -> bool:
    """Write a delivery down; False where it was acted on before, or there are too many."""
    of_attempt: dict[str, Any] = {"execution": execution.id, "attempt": hint.attempt}
    count = db.execute(
        "SELECT COUNT(*) AS n FROM hint WHERE execution_id = :execution AND attempt = :attempt"
        " AND event <> :event",
        of_attempt | {"event": hint.event},
    ).one()
    if count is not None and count["n"] >= HINTS_MAX:
        return False
    written = db.execute(
        "INSERT INTO hint (execution_id, attempt, event, team_id, remote_id, heard_at, acted)"
        " VALUES (:execution, :attempt, :event, :team, :remote, :now, :acted)"
        " ON CONFLICT (execution_id, attempt, event) DO UPDATE SET acted = :acted"
        " WHERE hint.acted = 0",
        of_attempt
        | {
            "event": hint.event,
            "team": execution.team_id,
            "remote": next(iter(hint.remote_ids), None),
            "now": now,
            "acted": int(acted),
        },
    )
    return written.changed == 1
