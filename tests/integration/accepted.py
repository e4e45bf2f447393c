"""Requests on a real database, brought as far as a test needs them."""

from __future__ import annotations

from typing import Any

from domain.effect import Answer, Told, judge
from domain.events import Hold, Intended, Prepared
from domain.execution import Execution, Moment, State, advance
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.request import Source
from domain.standing import Reach
from storage.database import SqliteDatabase
from storage.deliveries import Outcome, settle
from storage.edits import edited
from storage.executions import execution_of, find_execution
from storage.intents import Caps, intend
from storage.lanes import EditDue, EffectDue, claim_lane
from storage.messages import Effect
from storage.recording import record
from storage.requests import Arrival, Fresh, Started, start_shot
from tests.factories import NOW, clip

REACH = Reach(frozenset(GatewayName))
CAPS = Caps(budget_micro_usd=200_000_000)
MONTH = "2027-01"


def fresh(n: int = 1) -> Fresh:
    return Fresh(shot_id=f"shot_{n}", request_id=f"request_{n}", execution_id=f"execution_{n}")


def arrival(n: int = 1, **said: Any) -> Arrival:
    usual: dict[str, Any] = {
        "delivery_key": f"cmd:{n}",
        "team_id": "T1",
        "channel": "C1",
        "requester": "U1",
        "source": Source.COMMAND,
        "work": clip(prompt=f"fox number {n}", model="veo_3_1_fast"),
        "at": NOW,
    }
    return Arrival(**usual | said)


async def accept(database: SqliteDatabase, n: int = 1, **said: Any) -> Started:
    started = await database.run(start_shot, arrival(n, **said), fresh(n), reach=REACH)
    assert isinstance(started, Started)
    return started


async def answered(database: SqliteDatabase, due: EffectDue, answer: Answer, *, now: float) -> None:
    """Write down what Slack said to an effect."""
    ref = answer.ref if isinstance(answer, Told) else None
    verdict = judge(due.telling, answer, now=now, jitter=0.5)
    outcome = Outcome(verdict=verdict, ref=ref, reason=str(answer))
    await database.run(settle, due, outcome, now=now)


async def post_all(database: SqliteDatabase, *, now: float) -> list[Effect]:
    """Post whatever is due, as the notifier would, each second; the kinds in order."""
    told = []
    for second in range(60):
        due = await database.run(claim_lane, now=now + second * 1.01, owner="me")
        if isinstance(due, EffectDue):
            told.append(due.kind)
            ts = f"{now + second:.6f}"
            await answered(database, due, Told(ts), now=now + second * 1.01)
        elif isinstance(due, EditDue):
            await database.run(edited, due, "digest", now=now + second * 1.01, again_at=None)
    return told


async def ready(database: SqliteDatabase, n: int = 1, **said: Any) -> Execution:
    """Accepted, posted, prepared and past its undo window."""
    await accept(database, n, **said)
    await post_all(database, now=NOW + 1_000 * (n - 1))
    execution = await database.run(execution_of, f"request_{n}")
    assert execution is not None
    if execution.state is State.PREPARING:
        prepared = advance(execution, Prepared(), Moment(now=NOW))
        await database.run(record, execution, prepared, Moment(now=NOW))
        execution = prepared
    return execution


LATER = NOW + 100_000


async def send(
    database: SqliteDatabase, execution: Execution, *, at: float = LATER, **caps: Any
) -> Execution | None:
    intended = Intended(key=f"key_{execution.id}", lease_until=at + 130, month=MONTH)
    current = await database.run(find_execution, execution.id)
    assert current is not None
    limits = Caps(**{"budget_micro_usd": CAPS.budget_micro_usd} | caps)
    return await database.run(intend, current, intended, Moment(now=at), limits)


async def hold_of(database: SqliteDatabase, execution: Execution) -> Hold | None:
    current = await database.run(find_execution, execution.id)
    assert current is not None
    return current.hold


def count(db: Transaction, table: str) -> int:
    row = db.execute(f"SELECT COUNT(*) AS n FROM {table}").one()
    assert row is not None
    return int(row["n"])
