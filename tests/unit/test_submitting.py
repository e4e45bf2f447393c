"""A doubt is looked up where the gateway can tell, quietly first, and never paid again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import Failure, FailureClass
from domain.events import LeaseLapsed, LookedUp
from domain.execution import Execution, Moment, State, advance
from domain.gateway import Accepted, NotSent, Rejected, Submission, Uncertain
from domain.offer import Dedupe
from domain.submitting import DOUBT_WINDOW_S, LOOK_MAX_S, QUIET_S, REFUSED_LOOKS_MAX
from tests.factories import execution

NOW = 1_790_000_000.0
UNKEYED, BOUND, KEYED = "veo_3_1@heygen", "seedance_2_0@fal", "seedance_2_0@runware"


def sent(offer: str) -> Execution:
    """On the wire since `NOW`, its money reserved."""
    return execution(
        offer=offer,
        state=State.SUBMITTING,
        attempt=1,
        key="k",
        submitted_at=NOW,
        lease_until=NOW + 130,
        reserved_micro_usd=1_520_000,
        estimate_micro_usd=1_520_000,
    )


def at(seconds: float) -> Moment:
    return Moment(now=NOW + seconds)


def test_an_unkeyed_doubt_is_told_at_once_and_never_looked_at_again() -> None:
    doubted = advance(sent(UNKEYED), Uncertain("reset"), at(5))

    assert (doubted.state, doubted.due_at) == (State.UNCERTAIN, None)
    assert doubted.reserved_micro_usd == 1_520_000


@pytest.mark.parametrize("offer", [BOUND, KEYED])
@pytest.mark.parametrize("event", [Uncertain("reset"), LeaseLapsed()])
def test_a_doubt_that_can_be_looked_up_is_quiet_first(
    offer: str, event: Uncertain | LeaseLapsed
) -> None:
    doubted = advance(sent(offer), event, at(5))

    assert (doubted.state, doubted.lease_until, doubted.key) == (State.SUBMITTING, None, "k")
    assert doubted.due_at is not None
    assert doubted.due_at <= NOW + 5 + QUIET_S


@pytest.mark.parametrize("offer", [BOUND, KEYED])
def test_then_it_is_told_and_looked_up_until_its_window_has_passed(offer: str) -> None:
    doubted, now_s, looks = advance(sent(offer), Uncertain("reset"), at(5)), 5.0, 0
    told_at = None
    while doubted.due_at is not None:
        now_s = doubted.due_at - NOW
        doubted, looks = advance(doubted, LookedUp(Uncertain("still")), at(now_s)), looks + 1
        if doubted.state is State.UNCERTAIN and told_at is None:
            told_at = now_s
        assert doubted.reserved_micro_usd == 1_520_000

    dedupe = Dedupe.LATE_BIND if offer == BOUND else Dedupe.CLIENT_ID
    assert told_at is not None
    assert told_at <= 5 + 2 * QUIET_S, "within a minute, a look's own time included"
    assert DOUBT_WINDOW_S[dedupe] <= now_s <= DOUBT_WINDOW_S[dedupe] + LOOK_MAX_S
    assert looks < 1_000


@pytest.mark.parametrize("told", [False, True])
def test_what_is_found_goes_on_as_if_it_had_been_answered(told: bool) -> None:
    doubted = advance(sent(KEYED), Uncertain("reset"), at(5))
    if told:
        doubted = advance(doubted, LookedUp(Uncertain("still")), at(60))
    found = advance(doubted, LookedUp(Accepted("remote_1")), at(61))

    assert (found.state, found.remote_id) == (State.RUNNING, "remote_1")
    assert (found.failure, found.ended_at, found.unknown_since) == (None, None, None)


@pytest.mark.parametrize(
    "answer",
    [
        NotSent("refused"),
        Rejected(Failure(kind=FailureClass.RATE), retry_after_s=3),
        Rejected(Failure(kind=FailureClass.CREDITS)),
        Rejected(Failure(kind=FailureClass.CONFIG)),
        Rejected(Failure(kind=FailureClass.GONE)),
        Uncertain("reset again"),
    ],
)
def test_what_says_nothing_of_the_first_submit_leaves_the_doubt(answer: Submission) -> None:
    doubted = advance(sent(KEYED), Uncertain("reset"), at(5))
    after = advance(doubted, LookedUp(answer), at(7))

    assert after.state in (State.SUBMITTING, State.UNCERTAIN)
    assert (after.key, after.reserved_micro_usd) == ("k", 1_520_000)


@pytest.mark.parametrize("kind", [FailureClass.BAD_INPUT, FailureClass.REFUSED_CONTENT])
def test_a_refusal_of_what_is_sent_again_proves_nothing_and_is_not_asked_for_all_day(
    kind: FailureClass,
) -> None:
    refused = LookedUp(Rejected(Failure(kind=kind, detail="no dragons")))
    doubted = advance(sent(KEYED), Uncertain("reset"), at(5))
    looks = 0
    while doubted.due_at is not None:
        doubted, looks = advance(doubted, refused, Moment(now=doubted.due_at)), looks + 1
        assert doubted.reserved_micro_usd == 1_520_000

    assert (doubted.state, looks) == (State.UNCERTAIN, REFUSED_LOOKS_MAX)
    assert doubted.failure is not None
    assert (doubted.failure.billed, doubted.failure.detail) == (None, "no dragons")


@pytest.mark.parametrize("offer", [KEYED, "heygen_avatar@heygen"])
@pytest.mark.parametrize(
    "late",
    [
        NotSent("no handshake"),
        Rejected(Failure(kind=FailureClass.RATE), retry_after_s=3),
        Rejected(Failure(kind=FailureClass.BAD_INPUT)),
    ],
)
def test_once_it_was_sent_again_the_late_no_of_the_first_call_is_one_of_two_answers(
    offer: str, late: Submission
) -> None:
    doubted = advance(sent(offer), LeaseLapsed(), at(131))
    after = advance(doubted, late, at(140))
    found = advance(after, LookedUp(Accepted("remote_1")), at(141))

    assert (after.key, after.reserved_micro_usd, after.lease_until) == ("k", 1_520_000, None)
    assert after.due_at is not None
    assert (found.state, found.remote_id) == (State.RUNNING, "remote_1")


def test_the_late_answer_of_the_submit_itself_still_counts() -> None:
    doubted = advance(sent(UNKEYED), LeaseLapsed(), at(131))
    assert doubted.state is State.UNCERTAIN

    after = advance(doubted, NotSent("refused"), at(140))
    assert (after.state, after.reserved_micro_usd) == (State.QUEUED, 0)
    assert (after.key, after.unknown_since) == (None, None)


def test_a_cancelled_doubt_is_cancelled_once_it_is_found() -> None:
    doubted = replace(advance(sent(KEYED), Uncertain("reset"), at(5)), cancel_requested_at=NOW + 6)
    found = advance(doubted, LookedUp(Accepted("remote_1")), at(7))

    assert (found.state, found.due_at) == (State.RUNNING, NOW + 7)
