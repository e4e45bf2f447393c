"""Lanes and recovery: what is told in which order, at which pace, and after a process died."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.effect import Busy, Silent, Told, TurnedAway, judge
from domain.execution import Moment, State
from domain.gateway import Accepted
from domain.offer import GatewayName
from domain.ports import Transaction
from storage.answers import record_answer
from storage.database import SqliteDatabase
from storage.deliveries import Outcome, settle
from storage.edits import OUTCOME_REFUSALS_MAX, edit_refused, edited, message_lost, unedited
from storage.edits import REFUSALS_MAX as EDIT_REFUSALS_MAX
from storage.executions import Errand, claim_due, execution_of, release_claims
from storage.fallbacks import expire_blocked, unblock
from storage.instructions import Ignored, Reply
from storage.lanes import LANE_LEASE_S, EditDue, EffectDue, claim_lane, next_lane_at, release_lanes
from storage.messages import Effect, touch_take
from storage.recording import request_cancel
from storage.replies import take_reply
from storage.shots import read_page
from tests.factories import NOW
from tests.integration.accepted import (
    LATER,
    REACH,
    accept,
    answered,
    count,
    fresh,
    post_all,
    ready,
    send,
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def test_a_post_is_looked_for_from_slacks_time_of_its_first_try(
    database: SqliteDatabase,
) -> None:
    await accept(database)
    first = await database.run(claim_lane, now=NOW + 9_999, owner="dead", slack_now=500.0)
    again = await database.run(claim_lane, now=NOW + 99_999, owner="new", slack_now=900.0)
    assert isinstance(first, EffectDue)
    assert isinstance(again, EffectDue)
    assert (first.intent_at, again.intent_at) == (500.0, 500.0)


async def test_a_first_try_at_an_unknown_time_is_not_dated_by_a_later_one(
    database: SqliteDatabase,
) -> None:
    await accept(database)
    await database.run(claim_lane, now=NOW, owner="dead")
    again = await database.run(claim_lane, now=NOW + 99_999, owner="new", slack_now=900.0)
    assert isinstance(again, EffectDue)
    assert again.intent_at is None


async def test_claims_of_a_dead_process_are_due_at_once(database: SqliteDatabase) -> None:
    sent = await send(database, await ready(database))
    assert sent is not None
    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))
    far = LATER + 10_000
    claimed = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=far, owner="dead", limit=5
    )
    assert len(claimed) == 1

    assert await database.run(release_claims, now=far, owner="new") == 1

    again = await database.run(
        claim_due, GatewayName.HEYGEN, Errand.CALL, now=far, owner="new", limit=5
    )
    assert [each.id for each in again] == [sent.id]


async def test_a_post_of_a_dead_process_is_in_doubt(database: SqliteDatabase) -> None:
    await accept(database)
    begun = await database.run(claim_lane, now=NOW, owner="dead")
    assert isinstance(begun, EffectDue)
    assert not begun.doubtful

    await database.run(release_lanes, now=NOW + 1, owner="new")

    doubt = await database.run(claim_lane, now=NOW + 1, owner="new")
    assert isinstance(doubt, EffectDue)
    assert doubt.doubtful
    assert (doubt.mark, doubt.intent_at) == (begun.mark, begun.intent_at)


async def test_a_lane_tells_one_thing_a_second_and_one_at_a_time(
    database: SqliteDatabase,
) -> None:
    await accept(database, 1)
    await accept(database, 2)
    first = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(first, EffectDue)
    assert await database.run(claim_lane, now=NOW, owner="me") is None

    await answered(database, first, Told("1.0"), now=NOW)

    assert await database.run(claim_lane, now=NOW + 0.9, owner="me") is None
    assert await database.run(claim_lane, now=NOW + 1.0, owner="me") is not None


async def test_outcomes_are_told_before_progress(database: SqliteDatabase) -> None:
    first, second = await ready(database, 1), await ready(database, 2)
    assert await send(database, first) is not None
    await database.run(request_cancel, second.request_id, Moment(now=LATER))

    due = await database.run(claim_lane, now=LATER + 60, owner="me")

    assert isinstance(due, EditDue)
    assert due.urgent
    assert due.shot_id == second.shot_id


async def test_progress_leaves_edits_for_outcomes(database: SqliteDatabase) -> None:
    await ready(database)
    await database.run(
        lambda db: db.execute(
            "UPDATE workspace SET edits = 40, edit_window_at = :now", {"now": LATER}
        )
    )
    await database.run(
        lambda db: db.execute(
            "UPDATE message SET dirty = 1, urgent = 0, edit_due_at = :now", {"now": LATER}
        )
    )
    await database.run(lambda db: db.execute("UPDATE lane SET due_at = 0, next_send_at = 0"))
    assert await database.run(claim_lane, now=LATER, owner="me") is None

    await database.run(request_cancel, "request_1", Moment(now=LATER))

    assert isinstance(await database.run(claim_lane, now=LATER + 2, owner="me"), EditDue)


async def test_where_we_may_not_post_nothing_is_paid_and_it_is_kept_a_day(
    database: SqliteDatabase,
) -> None:
    await accept(database)
    due = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(due, EffectDue)
    await answered(database, due, TurnedAway("not_in_channel"), now=NOW)
    notice = await database.run(claim_lane, now=NOW + 2, owner="me")
    assert isinstance(notice, EffectDue)
    assert notice.kind is Effect.NOTICE
    await answered(database, notice, Told(), now=NOW + 2)

    assert await database.run(unblock, "shot_1", now=NOW + 3)
    again = await database.run(claim_lane, now=NOW + 60, owner="me")
    assert isinstance(again, EffectDue)
    assert again.doubtful  # it was tried: perhaps it was the look for it that was refused

    await answered(database, again, TurnedAway("not_in_channel"), now=NOW + 60)
    assert await database.run(expire_blocked, now=NOW + 86_400 + 61) >= 1
    execution = await database.run(execution_of, "request_1")
    assert execution is not None
    assert (execution.state, execution.billed_micro_usd) == (State.FAILED, 0)


async def outbox(database: SqliteDatabase, kind: Effect) -> dict[str, Any]:
    row = await database.run(
        lambda db: db.execute(
            "SELECT * FROM outbox WHERE kind = :kind ORDER BY created_at DESC LIMIT 1",
            {"kind": kind.value},
        ).one()
    )
    assert row is not None
    return dict(row)


async def test_a_turn_that_was_never_written_down_is_in_doubt_when_its_lease_ends(
    database: SqliteDatabase,
) -> None:
    """Slack answered, the database did not: nothing is stuck, and nothing is posted blindly."""
    await accept(database)
    begun = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(begun, EffectDue)

    assert await database.run(claim_lane, now=NOW + LANE_LEASE_S - 1, owner="me") is None
    again = await database.run(claim_lane, now=NOW + LANE_LEASE_S + 1, owner="me")

    assert isinstance(again, EffectDue)
    assert again.doubtful
    assert await database.run(next_lane_at) is not None


async def test_an_outage_of_hours_loses_nothing(database: SqliteDatabase) -> None:
    """Slack does not answer for six hours: the card is still to be told, the take still waits."""
    await accept(database)
    now, turns = NOW, 0
    while now < NOW + 6 * 3_600:
        due = await database.run(claim_lane, now=now, owner="me")
        if isinstance(due, EffectDue):
            turns += 1
            await answered(database, due, Silent("no answer"), now=now)
        at = await database.run(next_lane_at)
        assert at is not None
        now = max(now + 1, at)

    assert turns < 120
    execution = await database.run(execution_of, "request_1")
    assert execution is not None
    assert execution.state in (State.PREPARING, State.QUEUED)
    assert await post_all(database, now=now + 400) == [Effect.POST_CARD, Effect.POST_TAKE]


async def test_a_day_without_a_place_ends_it_unpaid_and_says_so_directly(
    database: SqliteDatabase,
) -> None:
    await accept(database)
    due = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(due, EffectDue)

    await answered(database, due, Silent("no answer"), now=NOW + 25 * 3_600)

    execution = await database.run(execution_of, "request_1")
    assert execution is not None
    assert (execution.state, execution.billed_micro_usd) == (State.FAILED, 0)
    assert (await outbox(database, Effect.NOTICE))["state"] == "todo"


async def test_what_slack_refuses_three_times_is_told_elsewhere(database: SqliteDatabase) -> None:
    await accept(database)
    now = NOW
    for _ in range(3):
        due = await database.run(claim_lane, now=now, owner="me")
        assert isinstance(due, EffectDue)
        await answered(database, due, TurnedAway("is_archived"), now=now)
        now += 60

    assert (await outbox(database, Effect.POST_CARD))["state"] == "failed"
    assert (await outbox(database, Effect.POST_TAKE))["state"] == "failed"
    notice = await database.run(claim_lane, now=now, owner="me")
    assert isinstance(notice, EffectDue)
    assert notice.payload["notice"] == "undeliverable"


async def test_a_busy_slack_is_waited_for_without_a_count(database: SqliteDatabase) -> None:
    await accept(database)
    now = NOW
    for _ in range(20):
        due = await database.run(claim_lane, now=now, owner="me")
        assert isinstance(due, EffectDue)
        await answered(database, due, Busy(30.0), now=now)
        assert await database.run(claim_lane, now=now + 29, owner="me") is None
        now += 31

    assert (await outbox(database, Effect.POST_CARD))["refusals"] == 0


async def test_an_outcome_is_shown_however_long_slack_was_away(database: SqliteDatabase) -> None:
    await ready(database)
    await database.run(request_cancel, "request_1", Moment(now=LATER))
    now, shown = LATER, False
    while not shown:
        due = await database.run(claim_lane, now=now, owner="me")
        if isinstance(due, EditDue):
            shown = now > LATER + 5 * 3_600
            verb = (
                partial(edited, digest="shown", again_at=None)
                if shown
                else partial(unedited, until=now + 240)
            )
            await database.run(verb, due, now=now)
        now += 10

    page = await database.run(read_page, "shot_1")
    assert page.latest.outcome is not None


async def test_a_lane_that_may_not_send_yet_is_not_looked_at_meanwhile(
    database: SqliteDatabase,
) -> None:
    """A clock that was set back: its lease was brought forward, its pause (within what Slack may
    ask for) was not."""
    await ready(database)
    paused_until = LATER + 3_000.0
    await database.run(
        lambda db: db.execute(
            "UPDATE lane SET owner = 'me', lease_until = :lease, due_at = :due, next_send_at = :at",
            {"lease": LATER - 5.0, "due": LATER - 800.0, "at": paused_until},
        )
    )
    assert await database.run(claim_lane, now=LATER, owner="me") is None
    assert await database.run(next_lane_at) == paused_until


async def test_an_edit_that_slack_refuses_for_good_is_told_directly(
    database: SqliteDatabase,
) -> None:
    await ready(database)
    await database.run(request_cancel, "request_1", Moment(now=LATER))
    now, refused, told = LATER, 0, 0
    while (due := await database.run(claim_lane, now=now, owner="me")) is not None:
        if isinstance(due, EditDue):
            refused += 1
            await database.run(edit_refused, due, now=now, until=now + 5, reason="not_in_channel")
        else:
            assert due.payload["notice"] == "outcome"
            told += 1
            await answered(database, due, Told(), now=now)
        now += 10

    assert refused == 2 * OUTCOME_REFUSALS_MAX  # the take's message and the card
    assert told == 1


async def test_tries_without_an_answer_do_not_hide_that_slack_refuses(
    database: SqliteDatabase,
) -> None:
    await ready(database)
    await database.run(request_cancel, "request_1", Moment(now=LATER))
    now, tries, told = LATER, 0, 0
    while (due := await database.run(claim_lane, now=now, owner="me")) is not None:
        if isinstance(due, EditDue):
            tries += due.request_id is not None
            silent = partial(unedited, until=now + 5)
            no = partial(edit_refused, until=now + 5, reason="is_archived")
            await database.run(silent if tries <= EDIT_REFUSALS_MAX else no, due, now=now)
        else:
            told += 1
            await answered(database, due, Told(), now=now)
        now += 10

    assert told == 1


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed"])
async def test_a_message_that_cannot_be_edited_is_replaced_once_and_once_for_its_outcome(
    database: SqliteDatabase, code: str
) -> None:
    await ready(database)
    shown: list[str] = []
    for turn, urgent in enumerate((False, False, True, True, True)):
        at = LATER + 100 * turn
        await database.run(touch_take, "shot_1", "request_1", at, urgent=urgent)
        shown += await _refusing_edits(database, code, since=at)
        place = await database.run(_place, "request_1")
        assert place is not None, "it keeps its place, or has a new one"

    assert shown == ["post_take", "post_take", "notice"]


async def test_a_message_that_is_deleted_is_posted_as_often_as_that(
    database: SqliteDatabase,
) -> None:
    """Also where nothing but time had changed since it was posted."""
    await ready(database)
    for turn in range(3):
        at = LATER + 100 * turn
        await database.run(touch_take, "shot_1", "request_1", at)
        assert await _refusing_edits(database, "message_not_found", since=at) == ["post_take"]
        assert await database.run(_place, "request_1") is not None


@pytest.mark.parametrize("code", ["cant_update_message", "restricted_action"])
async def test_what_happens_while_an_edit_is_refused_is_shown_after_it(
    database: SqliteDatabase, code: str
) -> None:
    """An outcome may come between an edit and its last refusal, and is not forgotten with it."""
    await ready(database)
    await database.run(touch_take, "shot_1", "request_1", LATER)
    await _refusing_edits(database, "cant_update_message", since=LATER)  # so it was replaced once
    at = LATER + 100
    await database.run(touch_take, "shot_1", "request_1", at)
    due = await _edit_of_take(database, at)
    assert not due.urgent

    await database.run(touch_take, "shot_1", "request_1", at, urgent=True)
    if code == "restricted_action":
        last = replace(due, tries=EDIT_REFUSALS_MAX)
        await database.run(edit_refused, last, now=at, until=at, reason=code)
    else:
        await database.run(message_lost, due, now=at, reason=code)

    assert (await _edit_of_take(database, at + 60)).urgent


async def _edit_of_take(database: SqliteDatabase, since: float) -> EditDue:
    for second in range(0, 60, 2):
        due = await database.run(claim_lane, now=since + second, owner="me")
        if isinstance(due, EditDue) and due.request_id is not None:
            return due
        if isinstance(due, EditDue):
            await database.run(edited, due, "digest", now=since + second, again_at=None)
    raise AssertionError("its message is not edited")


async def _refusing_edits(database: SqliteDatabase, code: str, *, since: float) -> list[str]:
    """What is told in a minute in which the take's message cannot be edited."""
    told: list[str] = []
    refused = 0
    for second in range(0, 60, 2):
        now = since + second
        due = await database.run(claim_lane, now=now, owner="me")
        if isinstance(due, EditDue) and due.request_id is not None and refused == 0:
            refused += 1
            await database.run(message_lost, due, now=now, reason=code)
        elif isinstance(due, EditDue):
            await database.run(edited, due, "digest", now=now, again_at=None)
        elif due is not None:
            told.append(due.kind.value)
            await answered(database, due, Told(f"{now}.1"), now=now)
    return told


def _place(db: Transaction, request_id: str) -> str | None:
    row = db.execute("SELECT ts FROM message WHERE request_id = :id", {"id": request_id}).one()
    assert row is not None
    return None if row["ts"] is None else str(row["ts"])


async def test_a_reply_before_its_card_is_known_is_read_with_it(database: SqliteDatabase) -> None:
    """In one transaction, so that a crash cannot fall between."""
    await accept(database)
    due = await database.run(claim_lane, now=NOW, owner="me")
    assert isinstance(due, EffectDue)
    reply = Reply(
        delivery_key="msg:1",
        team_id="T1",
        channel="C1",
        thread_ts=f"{NOW:.6f}",
        ts=f"{NOW + 1:.6f}",
        author="U1",
        words="make it night",
        image=None,
        mentions_bot=False,
        at=NOW + 1,
    )
    held = await database.run(take_reply, reply, fresh(2), reach=REACH)
    assert isinstance(held, Ignored)

    verdict = judge(due.telling, Told(), now=NOW + 2, jitter=0.5)
    outcome = Outcome(verdict=verdict, ref=f"{NOW:.6f}", fresh=[fresh(3)], reach=REACH)
    await database.run(settle, due, outcome, now=NOW + 2)

    page = await database.run(read_page, "shot_1")
    assert [take.request.take for take in page.takes] == [1, 2]
    assert await database.run(count, "held_reply") == 0


async def test_a_reply_in_another_thread_is_not_held(database: SqliteDatabase) -> None:
    await accept(database)
    await database.run(claim_lane, now=NOW, owner="me", slack_now=NOW)
    reply = Reply(
        delivery_key="msg:1",
        team_id="T1",
        channel="C1",
        thread_ts=f"{NOW - 3_600:.6f}",
        ts=f"{NOW + 1:.6f}",
        author="U1",
        words="a fox in rain",
        image=None,
        mentions_bot=True,
        at=NOW + 1,
    )

    await database.run(take_reply, reply, fresh(2), reach=REACH)

    assert await database.run(count, "held_reply") == 0


async def test_an_edit_that_changes_nothing_costs_no_edit(database: SqliteDatabase) -> None:
    await ready(database)
    spent = []
    for digest in ("as it is", "as it is", "changed"):
        await database.run(touch_take, "shot_1", "request_1", LATER)
        while (due := await database.run(claim_lane, now=LATER, owner="me")) is not None:
            assert isinstance(due, EditDue)
            await database.run(edited, due, digest, now=LATER, again_at=None)
        row = await database.run(lambda db: db.execute("SELECT edits FROM workspace").one())
        assert row is not None
        spent.append(row["edits"])

    assert spent == [2, 2, 4]  # the take's message and the card
