"""The verbs on a real database: what is accepted, reserved, recorded and told, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Failure, FailureClass, NoModelFits, NotAllowed
from domain.events import Hold, Intended, Prepared
from domain.execution import Moment, State, advance
from domain.gateway import Accepted, Ended, Finished, NotSent, Rejected, Uncertain
from domain.offer import GatewayName
from domain.shot import OutcomeKind
from storage.answers import record_answer
from storage.budgets import read_budget
from storage.cancels import cancel_take
from storage.database import SqliteDatabase
from storage.decisions import approve_take, confirm_take
from storage.executions import Errand, claim_due, execution_of, find_execution
from storage.intents import Outrun, intend
from storage.messages import Effect
from storage.preferences import write_preference
from storage.presses import Press, PressedBefore
from storage.recording import record, request_cancel
from storage.requests import Duplicate, start_shot
from storage.shots import read_page
from tests.factories import NOW, clip
from tests.integration.accepted import (
    CAPS,
    LATER,
    MONTH,
    REACH,
    accept,
    arrival,
    count,
    fresh,
    hold_of,
    post_all,
    ready,
    send,
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def test_one_delivery_makes_one_shot_however_often_it_comes(
    database: SqliteDatabase,
) -> None:
    await accept(database, 1)
    again = await asyncio.gather(
        *(database.run(start_shot, arrival(1), fresh(n), reach=REACH) for n in range(2, 6))
    )

    assert again == [Duplicate("request_1")] * 4
    assert await database.run(count, "shot") == 1
    assert await database.run(count, "execution") == 1


async def test_what_no_offer_fits_leaves_nothing_behind(database: SqliteDatabase) -> None:
    with pytest.raises(NoModelFits):
        await accept(database, 1, work=clip(model="veo_3_1", aspect_ratio="21:9"))

    assert [await database.run(count, table) for table in ("shot", "delivery", "outbox")] == [0] * 3
    assert (await accept(database, 2)).page.shot.number == 1


async def test_shots_are_numbered_by_workspace(database: SqliteDatabase) -> None:
    numbers = [(await accept(database, n)).page.shot.number for n in (1, 2)]
    other = await accept(database, 3, team_id="T2")

    assert numbers == [1, 2]
    assert other.page.shot.number == 1


async def test_a_card_is_posted_before_the_take_in_its_thread(database: SqliteDatabase) -> None:
    await accept(database)

    assert await post_all(database, now=NOW) == [Effect.POST_CARD, Effect.POST_TAKE]


async def test_nothing_is_sent_before_its_message_is_posted(database: SqliteDatabase) -> None:
    await accept(database)
    execution = await database.run(execution_of, "request_1")
    assert execution is not None

    assert await send(database, execution) is None
    assert await hold_of(database, execution) is Hold.MESSAGE

    await post_all(database, now=LATER)
    woken = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=LATER + 60, owner="me", limit=10
    )
    assert [each.id for each in woken] == ["execution_1"]


async def test_nothing_is_sent_while_it_can_be_taken_back(database: SqliteDatabase) -> None:
    execution = await ready(database)
    intended = Intended(key="k", lease_until=NOW + 130, month=MONTH)

    early = await database.run(intend, execution, intended, Moment(now=NOW + 4.9), CAPS)

    assert early is None
    assert await send(database, execution) is not None


async def test_a_cancel_before_the_submit_wins_over_it(database: SqliteDatabase) -> None:
    execution = await ready(database)
    claimed = await database.run(find_execution, execution.id)
    await database.run(request_cancel, "request_1", Moment(now=LATER))

    intended = Intended(key="k", lease_until=LATER + 130, month=MONTH)
    with pytest.raises(Outrun):
        await database.run(intend, claimed, intended, Moment(now=LATER), CAPS)

    money = await database.run(read_budget, "T1", MONTH)
    assert money.total_micro_usd == 0
    page = await database.run(read_page, "shot_1")
    assert page.latest.outcome is not None
    assert page.latest.outcome.kind is OutcomeKind.CANCELLED


async def test_the_intent_reserves_in_its_own_transaction(database: SqliteDatabase) -> None:
    sent = await send(database, await ready(database))

    assert sent is not None
    money = await database.run(read_budget, "T1", MONTH)
    assert money.reserved_micro_usd == sent.estimate_micro_usd == 2_000_000


async def test_the_last_dollars_go_to_one_of_two(database: SqliteDatabase) -> None:
    first, second = await ready(database, 1), await ready(database, 2)

    sent = await asyncio.gather(
        send(database, first, budget_micro_usd=3_000_000),
        send(database, second, budget_micro_usd=3_000_000),
    )

    assert [each is None for each in sent] == [False, True]
    assert await hold_of(database, second) is Hold.BUDGET
    money = await database.run(read_budget, "T1", MONTH)
    assert money.total_micro_usd == 2_000_000


async def test_a_fourth_waits_for_one_of_three_and_is_woken(database: SqliteDatabase) -> None:
    executions = [await ready(database, n) for n in range(1, 5)]
    sent = [await send(database, each) for each in executions]

    assert sent[3] is None
    assert await hold_of(database, executions[3]) is Hold.PERSON_SLOTS

    first = sent[0]
    assert first is not None
    refused = Rejected(Failure(kind=FailureClass.BAD_INPUT))
    await database.run(record_answer, first, refused, Moment(now=LATER))
    due = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=LATER, owner="me", limit=10
    )
    assert [each.id for each in due] == ["execution_4"]


async def test_what_is_dear_waits_for_a_yes(database: SqliteDatabase) -> None:
    execution = await ready(database, work=clip(model="sora_v2_pro"))

    assert await send(database, execution) is None
    assert await hold_of(database, execution) is Hold.CONFIRMATION

    press = Press(delivery_key="act:1", team_id="T1", channel="C1", user="U1", at=LATER)
    await database.run(confirm_take, press, "request_1")
    assert await send(database, execution) is not None
    with pytest.raises(PressedBefore):
        await database.run(confirm_take, press, "request_1")


async def test_only_who_may_can_cancel(database: SqliteDatabase) -> None:
    await ready(database)
    stranger = Press(delivery_key="act:1", team_id="T1", channel="C1", user="U9", at=LATER)

    with pytest.raises(NotAllowed):
        await database.run(cancel_take, stranger, "request_1")

    execution = await database.run(execution_of, "request_1")
    assert execution is not None
    assert execution.state is State.QUEUED


async def test_an_answer_is_recorded_though_a_cancel_came_between(
    database: SqliteDatabase,
) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(request_cancel, "request_1", Moment(now=LATER))

    assert await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))

    current = await database.run(find_execution, sent.id)
    assert current is not None
    assert (current.state, current.remote_id) == (State.RUNNING, "remote_1")
    assert current.cancelling


async def test_an_answer_of_an_older_attempt_changes_nothing(database: SqliteDatabase) -> None:
    first = await send(database, await ready(database))
    assert first is not None
    await database.run(record_answer, first, NotSent("refused"), Moment(now=LATER))

    assert not await database.run(record_answer, first, Accepted("x"), Moment(now=LATER))


async def test_an_uncertain_submit_is_told_and_may_be_bound_once(
    database: SqliteDatabase,
) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(record_answer, sent, Uncertain("reset"), Moment(now=LATER))
    page = await database.run(read_page, "shot_1")
    assert page.latest.outcome is not None
    assert page.latest.outcome.kind is OutcomeKind.UNCERTAIN
    money = await database.run(read_budget, "T1", MONTH)
    assert money.reserved_micro_usd == sent.estimate_micro_usd

    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER + 1))

    bound = await database.run(find_execution, sent.id)
    assert bound is not None
    assert bound.state is State.RUNNING


async def test_two_executions_never_share_a_remote_id(database: SqliteDatabase) -> None:
    for n in (1, 2):
        sent = await send(database, await ready(database, n))
        assert sent is not None
        await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))

    states = [await database.run(find_execution, f"execution_{n}") for n in (1, 2)]
    assert [each.state for each in states if each] == [State.RUNNING, State.UNCERTAIN]


async def test_money_of_a_month_is_the_sum_over_its_executions(database: SqliteDatabase) -> None:
    """Whatever happened to them: made, failed, refused, uncertain, cancelled."""
    ends: list[Any] = [
        Rejected(Failure(kind=FailureClass.REFUSED_CONTENT)),
        Uncertain("reset"),
        Accepted("remote_3"),
        Accepted("remote_4"),
    ]
    await database.run(write_preference, "T1", "", "person_slots", 10)
    for n, answer in enumerate(ends, start=1):
        sent = await send(database, await ready(database, n))
        assert sent is not None
        await database.run(record_answer, sent, answer, Moment(now=LATER))
    running = await database.run(find_execution, "execution_3")
    assert running is not None
    ended = advance(running, Ended(Failure(kind=FailureClass.TRANSIENT)), Moment(now=LATER))
    await database.run(record, running, ended, Moment(now=LATER))
    fetching = await database.run(find_execution, "execution_4")
    assert fetching is not None
    done = advance(fetching, Finished("https://v/x.mp4"), Moment(now=LATER))
    await database.run(record, fetching, done, Moment(now=LATER))

    row = await database.run(
        lambda db: db.execute(
            "SELECT SUM(reserved_micro_usd) AS reserved,"
            " SUM(COALESCE(billed_micro_usd, 0)) AS spent FROM execution WHERE month = :m",
            {"m": MONTH},
        ).one()
    )
    money = await database.run(read_budget, "T1", MONTH)
    assert row is not None
    assert (money.reserved_micro_usd, money.spent_micro_usd) == (row["reserved"], row["spent"])
    assert money.reserved_micro_usd == 4_000_000


async def test_a_stale_writer_loses(database: SqliteDatabase) -> None:
    execution = await ready(database)
    assert await send(database, execution) is not None

    late = (
        advance(execution, Prepared(), Moment(now=NOW))
        if execution.state is (State.PREPARING)
        else execution
    )
    assert not await database.run(record, execution, late, Moment(now=LATER))


async def test_an_approval_is_told_once(database: SqliteDatabase) -> None:
    await ready(database)
    await database.run(
        lambda db: db.execute(
            "INSERT INTO video (id, team_id, execution_id, request_id, number, media_key,"
            " thumbnail_key, sha256, size_bytes, duration_s, width_px, height_px, has_sound,"
            " created_at)"
            " VALUES ('v', 'T1', 'execution_1', 'request_1', 1, 'k', 't', 'x', 1, 1, 1, 1, 0, 0)"
        )
    )
    for n in (1, 2):
        press = Press(delivery_key=f"act:{n}", team_id="T1", channel="C1", user="U2", at=LATER)
        await database.run(approve_take, press, "request_1")

    broadcasts = await database.run(
        lambda db: db.execute("SELECT * FROM outbox WHERE kind = 'broadcast'").all()
    )
    assert len(broadcasts) == 1


async def test_the_same_words_within_a_minute_ask_first(database: SqliteDatabase) -> None:
    work = clip(prompt="the same fox", model="veo_3_1_fast")
    await accept(database, 1, work=work)

    again = await accept(database, 2, work=work, at=NOW + 20)
    later = await accept(database, 3, work=work, at=NOW + 200)

    assert (again.asks_first, later.asks_first) == (True, False)
