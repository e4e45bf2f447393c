"""A slot that is freed wakes whom it has room for, oldest first; and a queue has an end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import Failure, FailureClass, RequestError
from domain.execution import Execution, Moment
from domain.gateway import Accepted, Rejected
from domain.offer import GatewayName
from domain.ports import Transaction
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.executions import Errand, claim_due
from storage.messages import Effect, add_effect
from storage.preferences import write_preference
from storage.turns import claim_files
from tests.integration.accepted import LATER, accept, count, ready, send

REFUSED = Rejected(Failure(kind=FailureClass.BAD_INPUT, detail="no"))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def prefers(database: SqliteDatabase, **chosen: int) -> None:
    for name, value in chosen.items():
        await database.run(write_preference, "T1", "", name, value)


async def ask(
    database: SqliteDatabase, n: int, requester: str = "U1"
) -> tuple[Execution, Execution | None]:
    """One that is ready, and what was sent of it."""
    execution = await ready(database, n, requester=requester)
    return execution, await send(database, execution)


async def woken(database: SqliteDatabase) -> list[str]:
    due = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=LATER, owner="me", limit=100
    )
    return [each.id for each in due]


async def test_one_slot_wakes_the_oldest_that_waits_and_no_other(
    database: SqliteDatabase,
) -> None:
    asked = [await ask(database, n) for n in range(1, 9)]
    first = asked[0][1]
    assert first is not None
    assert [sent is None for _, sent in asked] == [False] * 3 + [True] * 5

    await database.run(record_answer, first, REFUSED, Moment(now=LATER))

    assert await woken(database) == ["execution_4"]


async def test_a_slot_of_the_workspace_goes_past_whose_own_are_taken(
    database: SqliteDatabase,
) -> None:
    await prefers(database, person_slots=2, workspace_slots=3)
    asked = [await ask(database, n) for n in (1, 2, 3)]
    others = await ask(database, 4, "U2"), await ask(database, 5, "U2")
    assert asked[2][1] is None, "a third of U1's waits"
    sent, waiting = others[0][1], others[1][1]
    assert sent is not None
    assert waiting is None

    await database.run(record_answer, sent, REFUSED, Moment(now=LATER))

    assert await woken(database) == ["execution_5"], "U1's is older, and its person has two"


async def test_what_stays_at_its_gateway_frees_nothing(database: SqliteDatabase) -> None:
    asked = [await ask(database, n) for n in range(1, 5)]
    first = asked[0][1]
    assert first is not None
    await database.run(record_answer, first, Accepted("remote_1"), Moment(now=LATER))
    assert "execution_4" not in await woken(database)


async def test_a_person_who_has_as_many_waiting_as_may_is_refused_and_nothing_is_written(
    database: SqliteDatabase,
) -> None:
    await prefers(database, person_waiting=2)
    for n in (1, 2):
        await accept(database, n)
    with pytest.raises(RequestError) as refused:
        await accept(database, 3)
    assert refused.value.sentence == (
        "You already have 2 videos waiting, about 1 min of rendering, so this one is not taken:"
        " nothing was started and nothing is charged. Ask again when some of them are done, or"
        " cancel some."
    )
    await accept(database, 4, requester="U2")
    assert await database.run(_counts) == (3, 3, 3)


async def test_a_workspace_has_an_end_too(database: SqliteDatabase) -> None:
    await prefers(database, workspace_waiting=1)
    await accept(database, 1)
    with pytest.raises(RequestError, match="This workspace already has 1 video waiting"):
        await accept(database, 2, requester="U2")


def _counts(db: Transaction) -> tuple[int, int, int]:
    return count(db, "delivery"), count(db, "shot"), count(db, "execution")


async def test_a_file_whose_card_is_not_posted_hides_no_other(database: SqliteDatabase) -> None:
    waiting = await accept(database, 1)
    shown = await ready(database, 2)
    for shot_id, request_id, at in (
        (waiting.page.shot.id, waiting.request_id, LATER),
        (shown.shot_id, shown.request_id, LATER + 5),
    ):
        await database.run(_file, shot_id, request_id, at)
    await database.run(_unpost, waiting.page.shot.id)

    claimed = await database.run(claim_files, room=4, previews=1, now=LATER, owner="me")

    assert (list(claimed.turns), claimed.next_at) == ([], LATER + 5)


def _file(db: Transaction, shot_id: str, request_id: str, at: float) -> None:
    add_effect(
        db,
        Effect.FILE,
        subject=(f"file_of_{request_id}", 1),
        place=("T1", "C1"),
        shot_id=shot_id,
        request_id=request_id,
        at=at,
    )


def _unpost(db: Transaction, shot_id: str) -> None:
    """As after a restore: the result is there and the card is posted once more."""
    db.execute("UPDATE message SET ts = NULL WHERE shot_id = :id", {"id": shot_id})
