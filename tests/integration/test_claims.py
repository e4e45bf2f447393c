"""What is claimed when, by whom, and what holds when two write at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.events import Fetched, Hold, Prepared, Unfetched
from domain.execution import DEADLINE_S, Execution, Moment, State, advance
from domain.gateway import Accepted, Finished, Rendering, Waiting
from domain.holding import HOLD_LIMIT_S
from domain.offer import GatewayName
from domain.ports import Transaction
from domain.shape import Image
from domain.shot import OutcomeKind, Video
from storage.answers import record_answer, record_broken, record_transfer
from storage.database import SqliteDatabase
from storage.executions import Errand, claim_turns, execution_of, find_execution, next_due_at
from storage.messages import Effect
from storage.recording import confirm, record, request_cancel
from storage.shots import read_page
from tests.factories import NOW, clip
from tests.integration.accepted import LATER, accept, post_all, ready, send

LINK = Finished("https://v/x.mp4")
PICTURED = clip(model="veo_3_1", reference_image=Image(slack_file_id="F1"))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def test_only_pictures_are_prepared(database: SqliteDatabase) -> None:
    await accept(database, 1)
    await accept(database, 2, work=PICTURED)

    words, image = await now(database, 1), await now(database, 2)

    assert (words.state, words.due_at) == (State.QUEUED, words.not_before)
    assert (image.state, image.due_at) == (State.PREPARING, NOW)


# ── what is due, and has room ─────────────────────────────────────────────────────────────────


async def test_what_has_no_room_is_neither_claimed_nor_waited_for(
    database: SqliteDatabase,
) -> None:
    await accept(database, 1, work=PICTURED)
    await accept(database, 2)
    calls = {(GatewayName.HEYGEN, Errand.CALL): 5}
    elsewhere = {(GatewayName.FAL, errand): 5 for errand in Errand}

    assert await database.run(next_due_at, elsewhere) is None
    assert await database.run(next_due_at, calls) == (await now(database, 2)).not_before
    assert await database.run(claim_turns, elsewhere, now=LATER, owner="me") == []
    claimed = await database.run(claim_turns, calls, now=LATER, owner="me")
    assert [(each.id, errand) for each, errand in claimed] == [("execution_2", Errand.CALL)]


async def test_pictures_do_not_wait_for_results(database: SqliteDatabase) -> None:
    await accept(database, 1, work=PICTURED)
    rooms = {(GatewayName.HEYGEN, Errand.PREPARE): 1}

    claimed = await database.run(claim_turns, rooms, now=LATER, owner="me")

    assert [errand for _, errand in claimed] == [Errand.PREPARE]


# ── what others wrote meanwhile ───────────────────────────────────────────────────────────────


async def test_a_cancel_while_its_result_is_fetched_keeps_the_result(
    database: SqliteDatabase,
) -> None:
    fetching = await to_fetching(database)
    await database.run(request_cancel, "request_1", Moment(now=LATER + 5))

    event, at = Fetched(1_000_000), Moment(now=LATER + 20)
    kept = await database.run(record_transfer, fetching, event, at, videos=[video(fetching)])

    assert kept
    page = await database.run(read_page, "shot_1")
    assert page.latest.execution.state is State.CANCELLED
    assert page.latest.execution.billed_micro_usd == 1_000_000
    assert page.latest.video is not None


async def test_a_result_that_somebody_else_wrote_down_is_not_written_twice(
    database: SqliteDatabase,
) -> None:
    fetching = await to_fetching(database)
    at, first = Moment(now=LATER + 20), video(fetching)
    assert await database.run(record_transfer, fetching, Fetched(None), at, videos=[first])

    second = replace(first, id="video_2")
    assert not await database.run(record_transfer, fetching, Fetched(None), at, videos=[second])


async def test_a_yes_while_its_pictures_are_brought_keeps_the_pictures(
    database: SqliteDatabase,
) -> None:
    await accept(
        database, 1, work=clip(model="sora_v2_pro", reference_image=Image(url="https://i"))
    )
    preparing = await now(database, 1)
    assert (preparing.state, preparing.confirmed) == (State.PREPARING, False)
    assert await database.run(confirm, "request_1", now=LATER)

    brought = Prepared({"reference_image": "https://i"})
    assert await database.run(record_transfer, preparing, brought, Moment(now=LATER + 5))

    after = await now(database, 1)
    assert (after.state, after.confirmed) == (State.QUEUED, True)
    assert after.links == {"reference_image": "https://i"}


async def test_a_yes_is_a_step_like_any_other(database: SqliteDatabase) -> None:
    before = await ready(database, work=clip(model="sora_v2_pro"))
    assert await send(database, before) is None
    asked = await now(database, 1)

    assert await database.run(confirm, "request_1", now=LATER + 60)
    assert not await database.run(confirm, "request_1", now=LATER + 61)

    after = await now(database, 1)
    assert (after.version, after.confirmed, after.hold) == (asked.version + 1, True, None)
    assert after.due_at == LATER + 60


async def test_a_step_that_breaks_is_counted_and_an_ended_one_is_left(
    database: SqliteDatabase,
) -> None:
    execution = await ready(database)

    assert await database.run(record_broken, execution.id, "KeyError", Moment(now=LATER))
    assert (await now(database, 1)).tries == 1
    await database.run(request_cancel, "request_1", Moment(now=LATER))
    assert not await database.run(record_broken, execution.id, "KeyError", Moment(now=LATER))


# ── waits that end ────────────────────────────────────────────────────────────────────────────


async def test_what_nobody_says_yes_to_is_told_a_day_later(database: SqliteDatabase) -> None:
    execution = await ready(database, work=clip(model="sora_v2_pro"))
    assert await send(database, execution) is None
    asked = await now(database, 1)
    assert (asked.hold, asked.due_at) == (Hold.CONFIRMATION, LATER + HOLD_LIMIT_S)

    assert await send(database, execution, at=LATER + HOLD_LIMIT_S) is None

    page = await database.run(read_page, "shot_1")
    assert page.latest.outcome is not None
    assert page.latest.outcome.kind is OutcomeKind.FAILED
    assert await post_all(database, now=LATER + HOLD_LIMIT_S) == [Effect.PING]


async def test_late_ones_give_their_slots_back(database: SqliteDatabase) -> None:
    sent = [await send(database, await ready(database, n)) for n in range(1, 5)]
    fourth = await now(database, 4)
    assert fourth.hold is Hold.PERSON_SLOTS
    assert sent[0] is not None

    await database.run(record_answer, sent[0], Accepted("remote_1"), Moment(now=LATER))
    assert await send(database, fourth, at=LATER + DEADLINE_S - 1) is None
    await step(database, Rendering(), at=LATER + DEADLINE_S)

    assert (await now(database, 1)).state is State.LATE
    assert (await now(database, 4)).due_at == LATER + DEADLINE_S
    assert await send(database, fourth) is not None


async def test_late_is_told_once_however_often_it_is_fetched_in_vain(
    database: SqliteDatabase,
) -> None:
    fetching = await to_fetching(database)
    broken = Unfetched("short read", expired=False)
    for n in range(3):
        await step(database, broken, at=LATER + DEADLINE_S + n)
        await step(database, LINK, at=LATER + DEADLINE_S + n)

    assert fetching.state is (await now(database, 1)).state is State.FETCHING
    assert await post_all(database, now=LATER + DEADLINE_S + 60) == [Effect.PING]


# ── what is shown ─────────────────────────────────────────────────────────────────────────────


async def test_a_check_without_news_leaves_the_messages_alone(database: SqliteDatabase) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))
    await step(database, Waiting(7), at=LATER + 5)
    seen = await database.run(revisions)

    await step(database, Waiting(6), at=LATER + 10)
    assert await database.run(revisions) == seen
    await step(database, Rendering(0.1), at=LATER + 20)
    began = await database.run(revisions)
    assert began != seen
    await step(database, Rendering(0.2), at=LATER + 30)
    assert await database.run(revisions) == began
    await step(database, LINK, at=LATER + 40)
    assert await database.run(revisions) != began


async def test_no_look_at_a_shot_reads_a_whole_table(database: SqliteDatabase) -> None:
    """Every index that a verb counts on is there, and SQLite takes it."""
    plans = [
        "SELECT ts FROM message WHERE shot_id = 's' AND kind = 'card'",
        "SELECT ts FROM message WHERE request_id = 'r'",
        "SELECT * FROM video WHERE request_id = 'r'",
        "UPDATE outbox SET state = 'failed' WHERE shot_id = 's' AND state = 'todo'",
        "SELECT state, COUNT(*) FROM outbox WHERE state IN ('todo', 'failed') GROUP BY state",
        "SELECT COUNT(*) FROM execution WHERE team_id = 't' AND requester = 'u' AND month = 'm'",
        "SELECT MIN(due_at) FROM execution WHERE gateway = 'fal' AND state IN ('queued', 'late')",
    ]
    for sql in plans:
        steps = await database.run(
            lambda db, sql=sql: db.execute(f"EXPLAIN QUERY PLAN {sql}").all()
        )
        assert all(step["detail"].startswith("SEARCH") for step in steps), (sql, steps)


# ── what the tests do ─────────────────────────────────────────────────────────────────────────


async def now(database: SqliteDatabase, n: int) -> Execution:
    execution = await database.run(execution_of, f"request_{n}")
    assert execution is not None
    return execution


async def step(
    database: SqliteDatabase, event: Waiting | Rendering | Finished | Unfetched, *, at: float
) -> None:
    before = await database.run(find_execution, "execution_1")
    assert before is not None
    moment = Moment(now=at)
    assert await database.run(record, before, advance(before, event, moment), moment)


async def to_fetching(database: SqliteDatabase) -> Execution:
    """The first request, made and on its way here."""
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))
    await step(database, LINK, at=LATER + 1)
    return await now(database, 1)


def video(execution: Execution) -> Video:
    return Video(
        id="video_1",
        team_id=execution.team_id,
        execution_id=execution.id,
        request_id=execution.request_id,
        media_key="videos/T1/execution_1.mp4",
        thumbnail_key="thumbnails/T1/execution_1.jpg",
        sha256="0" * 64,
        size_bytes=1_000,
        duration_s=5.0,
        width_px=1_280,
        height_px=720,
        has_sound=True,
        created_at=LATER,
    )


def revisions(db: Transaction) -> dict[str, int]:
    return {row["id"]: row["revision"] for row in db.execute("SELECT * FROM message").all()}
