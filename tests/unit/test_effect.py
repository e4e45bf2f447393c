"""What becomes of a one-time effect: busy and away cost time, refusals count, doubts are looked
for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.effect import (
    AWAY_MAX_S,
    BLOCKED_KEPT_S,
    POST_KEPT_S,
    REFUSALS_MAX,
    WORDS_KEPT_S,
    Answer,
    Broken,
    Busy,
    Effect,
    Sending,
    Silent,
    Telling,
    Told,
    TurnedAway,
    Verdict,
    judge,
)
from tests.factories import NOW


def telling(**said: Any) -> Telling:
    usual: dict[str, Any] = {
        "kind": Effect.POST_CARD,
        "in_channel": True,
        "created_at": NOW,
        "tries": 1,
        "refusals": 0,
    }
    return Telling(**usual | said)


def judged(one: Telling, answer: Answer, *, now: float = NOW, jitter: float = 0.5) -> Verdict:
    return judge(one, answer, now=now, jitter=jitter)


def test_told_is_the_end() -> None:
    assert judged(telling(), Told("1.0")) == Verdict(state=Sending.SENT)


def test_busy_holds_the_lane_as_long_as_slack_says() -> None:
    verdict = judged(telling(refusals=2), Busy(30.0))

    assert verdict == Verdict(state=Sending.TODO, due_at=NOW + 30.0, refusals=2, holds_lane=True)


def test_no_answer_is_a_doubt_that_is_looked_for_ever_more_rarely() -> None:
    waits = [
        (judged(telling(tries=tries), Silent("reset")).due_at or 0) - NOW for tries in range(1, 20)
    ]

    assert waits == sorted(waits)
    assert waits[0] == 2.0
    assert waits[-1] == AWAY_MAX_S
    assert judged(telling(), Silent("reset")).state is Sending.UNKNOWN


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "missing_scope"])
def test_a_token_that_slack_refuses_is_waited_for(code: str) -> None:
    verdict = judged(telling(tries=40, refusals=2), TurnedAway(code))

    assert (verdict.state, verdict.refusals) == (Sending.TODO, 2)


@pytest.mark.parametrize(
    ("kind", "kept_s"), [(Effect.POST_CARD, POST_KEPT_S), (Effect.FILE, WORDS_KEPT_S)]
)
def test_waiting_has_an_end(kind: Effect, kept_s: float) -> None:
    one = telling(kind=kind)

    assert judged(one, Silent("x"), now=NOW + kept_s - 1).state is Sending.UNKNOWN
    assert judged(one, Silent("x"), now=NOW + kept_s + 1).state is Sending.FAILED


def test_a_clear_no_counts() -> None:
    refused = TurnedAway("is_archived")

    assert judged(telling(), refused).refusals == 1
    assert judged(telling(refusals=REFUSALS_MAX - 1), refused).state is Sending.FAILED


def test_only_a_card_in_a_channel_waits_for_an_invitation() -> None:
    not_in = TurnedAway("not_in_channel")
    blocked = judged(telling(), not_in)

    assert (blocked.state, blocked.due_at) == (Sending.BLOCKED, NOW + BLOCKED_KEPT_S)
    assert judged(telling(in_channel=False), not_in).state is Sending.TODO
    assert judged(telling(kind=Effect.PING), not_in).state is Sending.TODO


def test_a_bug_of_ours_is_a_doubt_that_counts() -> None:
    assert judged(telling(), Broken()).state is Sending.UNKNOWN
    assert judged(telling(refusals=REFUSALS_MAX - 1), Broken()).state is Sending.FAILED


@given(
    st.builds(
        telling,
        kind=st.sampled_from(Effect),
        in_channel=st.booleans(),
        tries=st.integers(1, 10_000),
        refusals=st.integers(0, REFUSALS_MAX - 1),
    ),
    st.one_of(
        st.builds(Told),
        st.builds(Busy, st.floats(0, 3_600)),
        st.builds(Silent, st.text()),
        st.builds(TurnedAway, st.sampled_from(["not_in_channel", "token_revoked", "x", ""])),
        st.builds(Broken),
    ),
    st.floats(0, 30 * 86_400),
)
def test_whatever_slack_says_it_is_due_again_or_ended(
    one: Telling, answer: Answer, age_s: float
) -> None:
    verdict = judged(one, answer, now=NOW + age_s)

    ended = verdict.state in (Sending.SENT, Sending.FAILED)
    assert ended == (verdict.due_at is None)
    assert verdict.state is not Sending.SENDING
    if verdict.due_at is not None:
        assert NOW + age_s <= verdict.due_at <= NOW + age_s + BLOCKED_KEPT_S
