"""The state machine: every step there is, every step there must not be, and what holds always."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Failure, FailureClass
from domain.events import (
    Abandoned,
    Broken,
    CancelRequested,
    CancelSent,
    Confirmed,
    Event,
    Fetched,
    Held,
    Hold,
    Intended,
    LeaseLapsed,
    Prepared,
    Revised,
    Unfetched,
    Unprepared,
)
from domain.execution import (
    AT_GATEWAY,
    BROKEN_STEPS_MAX,
    DEADLINE_S,
    ENDED,
    LATE_WATCH_S,
    PREPARE_ATTEMPTS_MAX,
    UNPAID,
    Execution,
    ImpossibleStep,
    Moment,
    State,
    advance,
)
from domain.gateway import (
    Accepted,
    Ended,
    Finished,
    NotSent,
    Rejected,
    Rendering,
    Uncertain,
    Unknown,
    Unreadable,
    Waiting,
)
from domain.holding import HOLD_LIMIT_S
from domain.schedule import Durations
from domain.shape import Image
from domain.submitting import SUBMIT_ATTEMPTS_MAX
from domain.watching import OVERDUE_LOOKS
from tests.factories import NOW, clip, execution

AT = Moment(now=NOW)
INTENDED = Intended(key="submit_1", lease_until=NOW + 130, month="2027-01")


def failure(kind: FailureClass, *, billed: bool | None = False) -> Failure:
    return Failure(kind=kind, detail="their words", billed=billed)


def submitting(**said: Any) -> Execution:
    return replace(advance(execution(), INTENDED, AT), **said)


def running(**said: Any) -> Execution:
    return replace(advance(submitting(), Accepted("remote_1", {"status": "u"}), AT), **said)


def fetching(**said: Any) -> Execution:
    return replace(advance(running(), Finished("https://v/x.mp4"), AT), **said)


def late(**said: Any) -> Execution:
    return replace(running(), state=State.LATE, **said)


def test_the_whole_way() -> None:
    """Prepared, intended, accepted, rendering, finished, fetched: one version a step."""
    way: list[Event] = [
        Prepared(),
        INTENDED,
        Accepted("remote_1"),
        Waiting(3),
        Rendering(0.5),
        Finished("https://v/x.mp4"),
        Fetched(billed_micro_usd=1_510_000),
    ]
    at = execution(state=State.PREPARING)
    for event in way:
        at = advance(at, event, AT)

    assert at.state is State.SUCCEEDED
    assert at.version == len(way)
    assert (at.reserved_micro_usd, at.billed_micro_usd) == (0, 1_510_000)
    assert at.due_at is None


def test_the_intent_reserves_the_whole_estimate_and_names_its_month() -> None:
    intended = submitting()

    assert intended.state is State.SUBMITTING
    assert intended.attempt == 1
    assert intended.reserved_micro_usd == intended.estimate_micro_usd
    assert (intended.key, intended.month) == ("submit_1", "2027-01")
    assert intended.due_at == intended.lease_until == NOW + 130


def test_not_sent_goes_back_to_the_queue_with_its_money_until_it_is_enough() -> None:
    again = advance(submitting(), NotSent("refused"), AT)

    assert again.state is State.QUEUED
    assert again.hold is Hold.GATEWAY_DOWN
    assert again.reserved_micro_usd == 0
    assert again.key is None
    assert again.due_at is not None
    assert again.due_at > NOW

    given_up = advance(submitting(attempt=SUBMIT_ATTEMPTS_MAX), NotSent("refused"), AT)

    assert given_up.state is State.FAILED
    assert given_up.billed_micro_usd == 0


def test_too_many_at_once_waits_as_long_as_the_vendor_says() -> None:
    rejected = Rejected(failure(FailureClass.RATE), retry_after_s=42.0)

    waiting = advance(submitting(), rejected, AT)

    assert (waiting.state, waiting.hold) == (State.QUEUED, Hold.GATEWAY_BUSY)
    assert waiting.due_at == NOW + 42.0
    assert waiting.reserved_micro_usd == 0


@pytest.mark.parametrize("kind", sorted(set(FailureClass) - {FailureClass.RATE}))
def test_every_other_rejection_ends_it_unpaid(kind: FailureClass) -> None:
    ended = advance(submitting(), Rejected(failure(kind)), AT)

    assert ended.state is State.FAILED
    assert (ended.reserved_micro_usd, ended.billed_micro_usd) == (0, 0)


@pytest.mark.parametrize("event", [Uncertain("reset"), LeaseLapsed()])
def test_a_doubt_is_told_keeps_its_money_and_is_never_due_again(event: Any) -> None:
    doubt = advance(submitting(), event, AT)

    assert doubt.state is State.UNCERTAIN
    assert doubt.reserved_micro_usd == doubt.estimate_micro_usd
    assert doubt.due_at is None
    assert doubt.failure is not None
    assert doubt.failure.billed is None


def test_a_doubt_can_be_bound_later() -> None:
    bound = advance(advance(submitting(), Uncertain("reset"), AT), Accepted("remote_1"), AT)

    assert bound.state is State.RUNNING


def test_past_its_deadline_it_is_late_and_a_day_later_expired() -> None:
    at_deadline = Moment(now=NOW + DEADLINE_S)
    is_late = advance(running(), Rendering(), at_deadline)
    last = replace(is_late, overdue_looks=OVERDUE_LOOKS - 1)
    expired = advance(last, Rendering(), Moment(now=NOW + DEADLINE_S + LATE_WATCH_S))

    assert is_late.state is State.LATE
    assert is_late.due_at is not None
    assert expired.state is State.EXPIRED
    assert expired.reserved_micro_usd == expired.estimate_micro_usd


def test_a_late_result_is_adopted() -> None:
    adopted = advance(late(), Finished("https://v/x.mp4"), Moment(now=NOW + 2 * DEADLINE_S))

    assert adopted.state is State.FETCHING


def test_a_check_that_breaks_says_nothing_about_the_render() -> None:
    unreadable = advance(running(), Unreadable("502", retry_after_s=30.0), AT)

    assert unreadable.state is State.RUNNING
    assert unreadable.due_at is not None
    assert unreadable.due_at >= NOW + 30.0


@pytest.mark.parametrize("state", sorted(UNPAID))
def test_a_cancel_before_the_submit_costs_nothing(state: State) -> None:
    cancelled = advance(execution(state=state), CancelRequested(), AT)

    assert cancelled.state is State.CANCELLED
    assert cancelled.billed_micro_usd == 0
    assert cancelled.due_at is None


def test_a_cancel_at_the_gateway_is_asked_for_and_the_result_is_kept() -> None:
    asked = advance(running(), CancelRequested(), AT)
    kept = advance(advance(asked, Finished("https://v/x.mp4"), AT), Fetched(None), AT)

    assert asked.state is State.RUNNING
    assert asked.due_at == NOW
    assert kept.state is State.CANCELLED
    assert kept.reserved_micro_usd == kept.estimate_micro_usd


def test_a_cancel_while_submitting_holds_whatever_the_answer_is() -> None:
    asked = advance(submitting(), CancelRequested(), AT)

    assert asked.state is State.SUBMITTING
    assert advance(asked, NotSent("refused"), AT).state is State.CANCELLED
    accepted = advance(asked, Accepted("remote_1"), AT)
    assert accepted.state is State.RUNNING
    assert accepted.due_at == NOW


def test_preparing_is_tried_again_a_few_times() -> None:
    passing = Unprepared(failure(FailureClass.TRANSIENT), final=False)
    once = advance(execution(state=State.PREPARING), passing, AT)
    last = execution(state=State.PREPARING, tries=PREPARE_ATTEMPTS_MAX - 1)

    assert once.state is State.PREPARING
    assert once.due_at is not None
    assert once.due_at > NOW
    assert advance(last, passing, AT).state is State.FAILED


def test_a_revision_begins_again_from_the_new_words() -> None:
    revised = Revised(
        offer="ltx_distilled@heygen",
        work=clip(prompt="a fox at night"),
        wished=True,
        estimate_micro_usd=200_000,
        is_ceiling=True,
        not_before=NOW + 10,
        confirmed=True,
    )

    after = advance(execution(links={"reference_image": "https://old"}), revised, AT)
    pictured = replace(revised, work=clip(reference_image=Image(slack_file_id="F1")))

    assert (after.state, after.due_at) == (State.QUEUED, NOW + 10)
    assert advance(execution(), pictured, AT).state is State.PREPARING
    assert after.links == {}
    assert (after.offer, after.estimate_micro_usd) == ("ltx_distilled@heygen", 200_000)


def test_slack_says_when_to_come_back_for_a_picture() -> None:
    limited = Unprepared(failure(FailureClass.TRANSIENT), final=False, retry_after_s=90.0)

    assert advance(execution(state=State.PREPARING), limited, AT).due_at == NOW + 90.0


@pytest.mark.parametrize("hold", [Hold.CONFIRMATION, Hold.APPROVAL])
def test_what_nobody_says_yes_to_ends_unpaid_after_a_day(hold: Hold) -> None:
    asked = advance(execution(), Held(hold, None), AT)
    assert asked.due_at == NOW + HOLD_LIMIT_S

    ended = advance(asked, Held(hold, None), Moment(now=NOW + HOLD_LIMIT_S))

    assert ended.state is State.FAILED
    assert ended.failure == Failure(
        kind=FailureClass.UNCONFIRMED, detail="nobody said yes for a day"
    )
    assert (ended.reserved_micro_usd, ended.billed_micro_usd) == (0, 0)


def test_what_waits_for_a_message_that_nobody_posts_ends_unpaid() -> None:
    at, now = execution(), NOW
    while at.state is State.QUEUED:
        at = advance(at, Held(Hold.MESSAGE, None), Moment(now=now))
        now = at.due_at or now

    assert at.failure is not None
    assert (at.state, at.failure.kind) == (State.FAILED, FailureClass.NO_PLACE)
    assert HOLD_LIMIT_S < now - NOW <= HOLD_LIMIT_S + 3_600, "after the post itself was given up"


def test_a_gateway_that_is_busy_for_a_day_is_told() -> None:
    at, now, busy = execution(), NOW, Rejected(failure(FailureClass.RATE), retry_after_s=600.0)
    while at.state is State.QUEUED:
        intended = Intended(key="k", lease_until=now + 130, month="2027-01")
        at = advance(advance(at, intended, Moment(now=now)), busy, Moment(now=now + 1))
        now = at.due_at or now
    assert at.state is State.FAILED
    assert HOLD_LIMIT_S <= now - NOW <= HOLD_LIMIT_S + 1_200


def test_a_wait_for_money_or_a_slot_has_no_end_of_its_own() -> None:
    waiting = advance(execution(), Held(Hold.BUDGET, NOW + 300), AT)
    a_month_later = Moment(now=NOW + 30 * 86_400)

    assert advance(waiting, Held(Hold.BUDGET, None), a_month_later).state is State.QUEUED


def test_a_new_reason_to_wait_begins_a_new_wait() -> None:
    asked = advance(execution(), Held(Hold.CONFIRMATION, None), AT)
    later = Moment(now=NOW + HOLD_LIMIT_S - 1)

    busy = advance(asked, Held(Hold.GATEWAY_BUSY, later.now + 60), later)

    assert (busy.held_since, busy.due_at) == (later.now, later.now + 60)


def test_a_yes_makes_it_due_and_keeps_pictures_that_are_on_their_way() -> None:
    asked = advance(execution(confirmed=False), Held(Hold.CONFIRMATION, None), AT)
    yes = Moment(now=NOW + 60)

    going = advance(asked, Confirmed(), yes)
    pictured = advance(execution(state=State.PREPARING, due_at=NOW + 660), Confirmed(), yes)

    assert (going.confirmed, going.hold, going.due_at) == (True, None, NOW + 60)
    assert (pictured.confirmed, pictured.due_at) == (True, NOW + 660)


@pytest.mark.parametrize("state", sorted(UNPAID))
def test_a_step_that_always_breaks_ends_unpaid(state: State) -> None:
    at, now = execution(state=state), NOW
    for _ in range(BROKEN_STEPS_MAX):
        at = advance(at, Broken("SyntaxError"), Moment(now=now))
        now = at.due_at or now

    assert at.state is State.FAILED
    assert at.failure is not None
    assert at.failure.kind is FailureClass.OURS
    assert at.billed_micro_usd == 0


def test_a_broken_step_of_a_paid_one_is_late_in_time_and_a_broken_submit_is_a_doubt() -> None:
    past = Moment(now=NOW + DEADLINE_S)

    assert advance(submitting(), Broken("KeyError"), AT).state is State.UNCERTAIN
    assert advance(running(), Broken("KeyError"), AT).state is State.RUNNING
    assert advance(running(), Broken("KeyError"), past).state is State.LATE
    assert advance(fetching(), Broken("OSError"), AT).state is State.FETCHING
    assert advance(fetching(), Broken("OSError"), past).state is State.LATE


@pytest.mark.parametrize("state", sorted(ENDED))
def test_nothing_happens_to_what_has_ended(state: State) -> None:
    ended = execution(state=state)

    assert advance(ended, CancelRequested(), AT).state is state
    impossible: list[Event] = [INTENDED, Accepted("x"), Rendering(), Fetched(None), Prepared()]
    for event in impossible:
        with pytest.raises(ImpossibleStep):
            advance(ended, event, AT)


EVENTS = st.one_of(
    st.builds(Prepared),
    st.builds(Unprepared, st.just(failure(FailureClass.TRANSIENT)), st.booleans()),
    st.builds(Held, st.sampled_from(Hold), st.just(NOW + 5)),
    st.just(INTENDED),
    st.just(LeaseLapsed()),
    st.builds(Accepted, st.just("remote_1")),
    st.just(NotSent("refused")),
    st.builds(
        Rejected,
        st.builds(Failure, kind=st.sampled_from(FailureClass)),
        st.sampled_from([None, 1.0]),
    ),
    st.just(Uncertain("reset")),
    st.builds(Waiting, st.integers(0, 9)),
    st.builds(Rendering, st.floats(0, 1)),
    st.just(Finished("https://v/x.mp4")),
    st.builds(Ended, st.builds(Failure, kind=st.sampled_from(FailureClass), billed=st.none())),
    st.just(Unknown()),
    st.just(Unreadable("502")),
    st.builds(Fetched, st.sampled_from([None, 0, 1_000_000])),
    st.builds(Unfetched, st.just("403"), st.booleans(), st.booleans()),
    st.just(Broken("KeyError")),
    st.just(Confirmed()),
    st.just(CancelRequested()),
    st.just(CancelSent()),
    st.just(Abandoned(failure(FailureClass.CONFIG))),
)
STEPS = st.lists(
    st.tuples(EVENTS, st.sampled_from([0.0, 1.0, 600.0, 3_600.0, 86_400.0])), max_size=40
)


@given(STEPS)
@settings(max_examples=600)
def test_whatever_happens_money_and_states_stay_true(steps: list[tuple[Any, float]]) -> None:
    """Any order of events at any time: states absorb, money is never invented, nothing is
    forgotten."""
    at, now = execution(state=State.PREPARING), NOW
    for event, passed_s in steps:
        now += passed_s
        try:
            after = advance(at, event, Moment(now=now, durations=Durations(5, 100.0, 180.0)))
        except ImpossibleStep:
            continue
        assert after.version == at.version + 1
        assert at.state not in ENDED or after.state is at.state
        assert after.attempt - at.attempt == (1 if event is INTENDED else 0)
        _holds_always(after)
        at = after


def _holds_always(at: Execution) -> None:
    assert 0 <= at.reserved_micro_usd <= at.estimate_micro_usd
    if at.state in UNPAID:
        assert at.reserved_micro_usd == 0
        assert at.billed_micro_usd is None
    if at.state in AT_GATEWAY:
        assert at.reserved_micro_usd == at.estimate_micro_usd
        assert at.due_at is not None, "somebody must look again"
    if at.state in ENDED:
        assert at.due_at is None
    if at.billed_micro_usd is not None:
        assert at.reserved_micro_usd == 0, "billed money is not reserved any more"
