"""A gone endpoint on a real database: one refusal, one notice, nothing more is sent there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import Failure, FailureClass, NoModelFits
from domain.execution import Execution, Moment, State
from domain.gateway import Accepted, Rejected
from domain.offers import workflows
from domain.ports import Transaction
from storage.answers import record_answer
from storage.budgets import read_budget
from storage.database import SqliteDatabase
from storage.executions import find_execution
from storage.parking import unpark
from storage.standings import parked_offers
from tests.factories import clip
from tests.integration.accepted import LATER, MONTH, accept, ready, send

WORKFLOW = {offer.name for offer in workflows.OFFERS}
GONE = Rejected(Failure(kind=FailureClass.GONE, detail="410"))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def refuse(database: SqliteDatabase, n: int, *, model: str = "veo_3_1_fast") -> None:
    """One more take that its gateway answers with 410."""
    sent = await send(database, await ready(database, n, work=clip(model=model)))
    assert sent is not None
    await database.run(record_answer, sent, GONE, Moment(now=LATER))


async def state_of(database: SqliteDatabase, n: int) -> Execution:
    found = await database.run(find_execution, f"execution_{n}")
    assert found is not None
    return found


async def test_a_refusal_parks_all_that_share_its_address(database: SqliteDatabase) -> None:
    assert len(WORKFLOW) == 13
    await refuse(database, 1)

    assert await database.run(parked_offers) == WORKFLOW
    with pytest.raises(NoModelFits):
        await accept(database, 2, work=clip(model="sora_v2"))


async def test_another_gateways_endpoint_is_its_own(database: SqliteDatabase) -> None:
    await refuse(database, 1, model="seedance_2_0")

    assert await database.run(parked_offers) == {"seedance_2_0@fal"}


async def test_what_waits_for_it_ends_unpaid_and_what_runs_goes_on(
    database: SqliteDatabase,
) -> None:
    refused = await send(database, await ready(database, 1))
    running = await send(database, await ready(database, 2, work=clip(model="veo2")))
    assert refused is not None
    assert running is not None
    await database.run(record_answer, running, Accepted("remote_2"), Moment(now=LATER))
    await ready(database, 3, work=clip(model="kling_pro"))
    await accept(database, 4, work=clip(model="sora_v2_pro"))  # asks for a yes
    await ready(database, 5, work=clip(model="seedance_2_0"))

    await database.run(record_answer, refused, GONE, Moment(now=LATER))

    states = [(await state_of(database, n)).state for n in range(1, 6)]
    assert states == [State.FAILED, State.RUNNING, State.FAILED, State.FAILED, State.QUEUED]
    for n in (1, 3, 4):
        ended = await state_of(database, n)
        assert ended.failure is not None
        assert (ended.failure.kind, ended.failure.billed) == (FailureClass.GONE, False)
        assert ended.reserved_micro_usd == 0
    money = await database.run(read_budget, "T1", MONTH)
    assert money.total_micro_usd == running.estimate_micro_usd


async def test_the_operators_are_told_once_each_time(database: SqliteDatabase) -> None:
    first = await send(database, await ready(database, 1))
    second = await send(database, await ready(database, 2))
    assert first is not None
    assert second is not None
    for sent in (first, second):
        await database.run(record_answer, sent, GONE, Moment(now=LATER))
    assert await database.run(notices) == [{"notice": "parked", "offer": "veo_3_1_fast@heygen"}]

    assert set(await database.run(unpark, "all")) == WORKFLOW
    await refuse(database, 3)

    assert len(await database.run(notices)) == 2


async def test_one_model_is_offered_again_by_its_name(database: SqliteDatabase) -> None:
    await refuse(database, 1)

    assert await database.run(unpark, "sora_v2") == ["sora_v2@heygen"]
    assert await database.run(unpark, "sora_v2") == []

    assert await database.run(parked_offers) == WORKFLOW - {"sora_v2@heygen"}
    await accept(database, 2, work=clip(model="sora_v2"))


def notices(db: Transaction) -> list[object]:
    rows = db.execute("SELECT payload FROM outbox WHERE kind = 'notice' ORDER BY created_at").all()
    return [json.loads(row["payload"]) for row in rows]
