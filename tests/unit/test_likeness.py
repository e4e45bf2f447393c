"""A face is paid for once and a voice is made once, whatever is lost on the way."""

from __future__ import annotations

from typing import Any

import pytest

from domain.casting import Look
from domain.errors import Failure, FailureClass
from domain.gateway import Accepted, NotSent, Rejected, Submission, Uncertain
from domain.likeness import (
    AVATAR_MICRO_USD,
    KEY_KEPT_S,
    MADE_WITHIN_S,
    TRIES_MAX,
    VOICE_LOOKED_FOR_S,
    Likeness,
    LikenessKind,
    LikenessState,
    answered,
    doubted,
    hindered,
    intended,
    looked_at,
)
from domain.shape import Media
from handlers.views.likenesses import outcome
from tests.factories import NOW


def asked(kind: LikenessKind = LikenessKind.FACE, **said: Any) -> Likeness:
    usual: dict[str, Any] = {
        "id": "likeness_1",
        "team_id": "T1",
        "channel": "C1",
        "requester": "U1",
        "kind": kind,
        "name": "Anna",
        "file": Media(slack_file_id="F1"),
        "consented_at": NOW,
        "due_at": NOW,
    }
    return Likeness(**usual | said)


def sent(kind: LikenessKind = LikenessKind.FACE, *, at: float = NOW) -> Likeness:
    return intended(asked(kind), key="key-1", month="2027-01", now=at)


def after(before: Likeness, answer: Submission, *, now: float = NOW) -> Likeness:
    return answered(before, answer, now=now, jitter=0.5)


def refusal(kind: FailureClass) -> Rejected:
    return Rejected(Failure(kind=kind, detail="said so"))


def test_what_is_accepted_is_looked_at_until_it_is_ready() -> None:
    making = after(sent(), Accepted("look-1"))
    assert (making.state, making.remote_id) == (LikenessState.MAKING, "look-1")

    waiting = looked_at(making, None, now=NOW + 30)
    assert waiting.state is LikenessState.MAKING
    assert waiting.due_at is not None
    assert NOW + 30 < waiting.due_at <= NOW + 40

    ready = looked_at(waiting, Look(id="look-1", name="Anna"), now=NOW + 60)
    assert ready.state is LikenessState.READY
    assert (ready.reserved_micro_usd, ready.billed_micro_usd) == (0, AVATAR_MICRO_USD)
    assert "Use it: `/video --avatar Anna --script" in outcome(ready).text


def test_what_was_not_sent_is_sent_later_with_another_key_and_its_money_free() -> None:
    again = after(sent(), NotSent("no route"))

    assert (again.state, again.key, again.reserved_micro_usd) == (LikenessState.ASKED, None, 0)
    tries = 1
    while again.state is LikenessState.ASKED:
        again = after(intended(again, key="k", month="2027-01", now=NOW), NotSent("no route"))
        tries += 1
    assert (again.state, tries) == (LikenessState.FAILED, TRIES_MAX)
    assert again.reserved_micro_usd == 0


@pytest.mark.parametrize(
    "answer",
    [
        *(Uncertain("lost"), NotSent("no route")),
        *map(refusal, (FailureClass.RATE, FailureClass.BAD_INPUT, FailureClass.REFUSED_CONTENT)),
    ],
)
def test_a_doubt_keeps_its_key_and_its_money_whatever_a_second_call_says(
    answer: Submission,
) -> None:
    lost = after(sent(), Uncertain("lost"))
    assert (lost.state, lost.reserved_micro_usd) == (LikenessState.SUBMITTING, AVATAR_MICRO_USD)

    resent = intended(lost, key="key-2", month="2027-02", now=NOW + 5)
    assert (resent.key, resent.month, resent.submitted_at) == ("key-1", "2027-01", NOW)
    still = after(resent, answer, now=NOW + 6)
    assert still.state is LikenessState.SUBMITTING
    assert still.reserved_micro_usd == AVATAR_MICRO_USD

    assert after(still, Accepted("look-1")).state is LikenessState.MAKING


def test_a_refusal_in_doubt_is_not_asked_for_all_day_and_may_be_charged() -> None:
    still, tries = after(sent(), Uncertain("lost")), 1
    while still.state is LikenessState.SUBMITTING:
        resent = intended(still, key="key-2", month="2027-01", now=NOW)
        still, tries = after(resent, refusal(FailureClass.BAD_INPUT)), tries + 1

    assert (still.state, tries) == (LikenessState.FAILED, TRIES_MAX)
    assert still.reserved_micro_usd == AVATAR_MICRO_USD
    assert "may have been charged" in outcome(still).text


def test_a_crash_on_the_wire_is_a_doubt() -> None:
    """Claimed while it says submitting: its process ended before the answer came."""
    resent = intended(sent(), key="key-2", month="2027-01", now=NOW + 500)

    assert resent.key == "key-1"
    assert after(resent, NotSent("no route")).state is LikenessState.SUBMITTING
    gone = Failure(kind=FailureClass.BAD_INPUT, detail="the file is gone")
    assert hindered(sent(), gone, final=True, now=NOW, jitter=0.5).reserved_micro_usd > 0


@pytest.mark.parametrize(
    ("kind", "window_s"),
    [(LikenessKind.FACE, KEY_KEPT_S), (LikenessKind.VOICE, VOICE_LOOKED_FOR_S)],
)
def test_a_doubt_is_given_up_told_and_never_begun_again(
    kind: LikenessKind, window_s: float
) -> None:
    doubt = doubted(sent(kind), NOW)

    assert after(doubt, NotSent("not there"), now=NOW + window_s - 1).state is not (
        LikenessState.FAILED
    )
    given_up = after(doubt, NotSent("not there"), now=NOW + window_s)
    assert given_up.state is LikenessState.FAILED
    assert given_up.reserved_micro_usd == given_up.price_micro_usd
    assert "I won't make another by myself" in outcome(given_up).text
    assert ("up to $1.00" in outcome(given_up).text) is (kind is LikenessKind.FACE)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FailureClass.BAD_INPUT, "another picture"),
        (FailureClass.REFUSED_CONTENT, "breaks its rules"),
        (FailureClass.CREDITS, "out of money"),
        (FailureClass.CONFIG, "admin"),
    ],
)
def test_a_refusal_is_told_with_what_can_be_done_and_costs_nothing(
    kind: FailureClass, words: str
) -> None:
    refused = after(sent(), refusal(kind))

    assert (refused.state, refused.reserved_micro_usd) == (LikenessState.FAILED, 0)
    assert words in outcome(refused).text
    assert "Nothing was charged" in outcome(refused).text


def test_what_is_never_ready_is_told_after_a_day() -> None:
    making = after(sent(), Accepted("look-1"))

    assert looked_at(making, None, now=NOW + MADE_WITHIN_S - 1).state is LikenessState.MAKING
    never = looked_at(making, None, now=NOW + MADE_WITHIN_S)
    assert never.state is LikenessState.FAILED
    assert "may have been charged" in outcome(never).text
