"""What is paid is not given up at the first bad sign, and nothing goes on untold for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import FailureClass
from domain.events import Fetched, Intended, Unfetched
from domain.execution import DEADLINE_S, LATE_WATCH_S, UNKNOWN_GRACE_S, Moment, State, advance
from domain.gateway import Accepted, Finished, Progress, Rendering, Unknown, Unreadable
from domain.request import Clip, Work
from domain.shape import Media
from domain.spoken import Agent, Avatar, Scene, Template, Translation
from domain.states import Execution
from domain.watching import (
    FETCHES_REFUSED_MAX,
    LIMITED_RECHECK_S,
    OVERDUE_LOOKS,
    UNKNOWN_RECHECK_S,
)
from tests.factories import NOW, execution

AT = Moment(now=NOW)
LINK = Finished("https://v/x.mp4")
DEAD = Unfetched("410", expired=True)
BROKE = Unfetched("short read", expired=False)
UNLISTED = Unfetched("cdn.example is not listed", expired=False, is_limit=True)
UNUSABLE = Unfetched("a page instead of a file", expired=False, final=True)


def running(**said: Any) -> Execution:
    intended = Intended(key="submit_1", lease_until=NOW + 130, month="2027-01")
    submitting = advance(execution(), intended, AT)
    return replace(advance(submitting, Accepted("remote_1"), AT), **said)


def fetching(**said: Any) -> Execution:
    return replace(advance(running(), LINK, AT), **said)


def lived(said: Callable[[Execution], Progress | Fetched | Unfetched]) -> list[tuple[float, State]]:
    """The moments and states of a life in which each look is answered by `said`."""
    life: list[tuple[float, State]] = []
    at, now = running(), NOW
    while at.due_at is not None and len(life) < 5_000:
        now = at.due_at
        at = advance(at, said(at), Moment(now=now))
        life.append((now - NOW, at.state))
    return life


def always(fetched: Unfetched) -> Callable[[Execution], Progress | Unfetched]:
    """A gateway that says finished whenever it is asked, and downloads that end like this."""
    return lambda at: fetched if at.state is State.FETCHING else LINK


# ── results that cannot be had ────────────────────────────────────────────────────────────────


def test_a_dead_link_asks_for_a_fresh_one_and_a_broken_download_tries_again() -> None:
    assert advance(fetching(), DEAD, AT).state is State.RUNNING
    assert advance(fetching(), UNUSABLE, AT).state is State.RUNNING
    again = advance(fetching(), BROKE, AT)
    assert again.state is State.FETCHING
    assert again.due_at is not None
    assert again.due_at > NOW


def test_fresh_links_that_are_dead_too_are_asked_for_ever_more_rarely() -> None:
    at, now, gaps = fetching(), NOW, []
    for _ in range(8):
        relinked = advance(at, DEAD, Moment(now=now))
        assert relinked.due_at is not None
        gaps.append(relinked.due_at - now)
        now = relinked.due_at
        at = advance(relinked, LINK, Moment(now=now))

    assert gaps == sorted(gaps)
    assert gaps[-1] >= 60


@pytest.mark.parametrize("fetched", [DEAD, BROKE], ids=["dead links", "broken downloads"])
def test_what_cannot_be_downloaded_is_late_then_expired_after_few_downloads(
    fetched: Unfetched,
) -> None:
    life = lived(always(fetched))
    late_s = next(at_s for at_s, state in life if state is State.LATE)
    downloads = Counter(state for _, state in life)[State.FETCHING]

    assert DEADLINE_S <= late_s <= DEADLINE_S + 300
    assert life[-1][1] is State.EXPIRED
    assert DEADLINE_S + LATE_WATCH_S <= life[-1][0] <= DEADLINE_S + 2 * LATE_WATCH_S
    assert downloads < 150


def test_what_is_no_video_is_told_after_a_few_whole_downloads() -> None:
    life = lived(always(UNUSABLE))

    assert [state for _, state in life].count(State.FETCHING) == FETCHES_REFUSED_MAX
    assert life[-1][1] is State.FAILED
    assert life[-1][0] < DEADLINE_S


def test_an_unusable_result_may_have_been_charged() -> None:
    ended = advance(fetching(fetches_refused=FETCHES_REFUSED_MAX - 1), UNUSABLE, AT)
    cancelled = fetching(fetches_refused=FETCHES_REFUSED_MAX - 1, cancel_requested_at=NOW)

    assert ended.failure is not None
    assert (ended.failure.kind, ended.failure.billed) == (FailureClass.UNFETCHED, None)
    assert ended.reserved_micro_usd == ended.estimate_micro_usd
    assert advance(cancelled, UNUSABLE, AT).state is State.CANCELLED


def test_a_result_that_cannot_be_fetched_for_a_day_expires_as_paid_for() -> None:
    a_day_later = Moment(now=NOW + DEADLINE_S + LATE_WATCH_S)
    last = fetching(overdue_looks=OVERDUE_LOOKS - 1)

    assert advance(fetching(), DEAD, a_day_later).state is State.LATE
    assert advance(last, BROKE, a_day_later).state is State.LATE
    expired = advance(last, DEAD, a_day_later)

    assert expired.state is State.EXPIRED
    assert expired.reserved_micro_usd == expired.estimate_micro_usd
    assert expired.failure is not None
    assert expired.failure.billed is True


def test_one_look_after_a_long_absence_decides_nothing() -> None:
    """The machine slept for two days, and its network is not back at once."""
    back = NOW + 2 * 86_400
    no_network = advance(running(), Unreadable("connection refused"), Moment(now=back))
    assert no_network.due_at is not None
    found = advance(no_network, LINK, Moment(now=no_network.due_at))

    assert (no_network.state, found.state) == (State.LATE, State.FETCHING)
    assert no_network.due_at - back <= DEADLINE_S


def test_a_clock_set_far_ahead_for_a_look_or_two_expires_nothing() -> None:
    ahead = NOW + 80 * 365 * 86_400
    at = advance(running(), Rendering(), Moment(now=ahead))
    at = advance(at, Rendering(), Moment(now=ahead + 60))
    assert at.overdue_looks == 2
    at = advance(at, Rendering(), Moment(now=NOW + 120))

    assert (at.state, at.overdue_looks) == (State.LATE, 0)


def test_it_expires_once_it_is_not_done_for_as_long_again() -> None:
    life = lived(lambda _: Rendering())
    overdue = [at_s for at_s, _ in life if at_s >= DEADLINE_S + LATE_WATCH_S]

    assert life[-1][1] is State.EXPIRED
    assert len(overdue) == OVERDUE_LOOKS
    assert overdue[-1] - overdue[0] >= DEADLINE_S


def test_nobody_is_asked_in_vain_for_ever() -> None:
    life = lived(lambda _: Unreadable("connection refused"))

    assert life[-1][1] is State.EXPIRED
    assert life[-1][0] >= DEADLINE_S + LATE_WATCH_S + 12 * 3_600
    assert len(life) < 500


def test_a_late_one_that_is_fetched_after_all_succeeds() -> None:
    late = advance(fetching(), BROKE, Moment(now=NOW + DEADLINE_S))
    adopted = advance(late, LINK, Moment(now=NOW + DEADLINE_S + 60))

    done = advance(adopted, Fetched(None), Moment(now=NOW + DEADLINE_S + 70))

    assert (late.state, adopted.state, done.state) == (
        State.LATE,
        State.FETCHING,
        State.SUCCEEDED,
    )


# ── results that a limit of ours forbids to fetch ─────────────────────────────────────────────


def test_a_limit_of_ours_never_gives_a_paid_result_up() -> None:
    life = lived(always(UNLISTED))
    looks = [at_s for at_s, state in life if state is State.FETCHING]

    assert State.FAILED not in {state for _, state in life}
    assert life[-1][1] is State.EXPIRED
    assert life[-1][0] >= DEADLINE_S + LATE_WATCH_S
    assert len(looks) < 80


def test_it_is_late_at_once_and_says_why_until_it_is_had() -> None:
    late = advance(fetching(), UNLISTED, AT)
    assert (late.state, late.due_at) == (State.LATE, NOW + LIMITED_RECHECK_S)
    assert late.failure is not None
    assert (late.failure.kind, late.failure.billed) == (FailureClass.UNFETCHED, None)
    assert late.reserved_micro_usd == late.estimate_micro_usd

    asked = advance(late, LINK, Moment(now=NOW + 300))
    broken = advance(asked, DEAD, Moment(now=NOW + 301))
    done = advance(asked, Fetched(None), Moment(now=NOW + 301))

    assert (asked.state, broken.state) == (State.FETCHING, State.LATE), "what was told stays so"
    assert (done.state, done.failure) == (State.SUCCEEDED, None)


# ── ids that the gateway does not know ────────────────────────────────────────────────────────


def test_one_not_found_long_after_the_submit_loses_nothing() -> None:
    now = NOW + 600
    missed = advance(running(), Unknown(), Moment(now=now))
    assert (missed.state, missed.due_at) == (State.RUNNING, now + UNKNOWN_RECHECK_S)

    found = advance(missed, Rendering(), Moment(now=now + 15))
    missed_again = advance(found, Unknown(), Moment(now=now + UNKNOWN_GRACE_S + 1))

    assert missed_again.state is State.RUNNING


def test_an_id_that_stays_unknown_is_lost_after_several_looks() -> None:
    life = lived(lambda _: Unknown())

    assert life[-1][1] is State.FAILED
    assert len(life) >= 5
    assert UNKNOWN_GRACE_S <= life[-1][0] <= 2 * UNKNOWN_GRACE_S


def test_a_check_that_breaks_between_does_not_make_it_known() -> None:
    missed = advance(running(), Unknown(), AT)
    unread = advance(missed, Unreadable("502"), Moment(now=NOW + 60))

    lost = advance(unread, Unknown(), Moment(now=NOW + UNKNOWN_GRACE_S))

    assert lost.state is State.FAILED
    assert lost.failure is not None
    assert lost.failure.billed is None
    assert lost.reserved_micro_usd == lost.estimate_micro_usd


def test_a_cancelled_one_that_the_gateway_has_forgotten_is_cancelled() -> None:
    missed = advance(running(cancel_requested_at=NOW), Unknown(), AT)

    gone = advance(missed, Unknown(), Moment(now=NOW + UNKNOWN_GRACE_S))

    assert gone.state is State.CANCELLED


# ── what differs by kind ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("work", "minutes"),
    [
        (Clip(prompt="a fox"), 20),
        (Avatar(scenes=(Scene(script="Hello."),)), 30),
        (Agent(prompt="a film about foxes"), 30),
        (Template(template="t-1"), 30),
        (Translation(language="German", source=Media(url="https://v.example/x.mp4")), 60),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_each_kind_is_late_in_its_own_time(work: Work, minutes: int) -> None:
    said = running(work=work)
    accepted = advance(
        replace(said, state=State.SUBMITTING, deadline_at=None), Accepted("remote_2"), AT
    )
    assert accepted.deadline_at == NOW + minutes * 60
    just_before = advance(accepted, Rendering(), Moment(now=NOW + minutes * 60 - 1))
    assert just_before.state is State.RUNNING
    assert advance(accepted, Rendering(), Moment(now=NOW + minutes * 60)).state is State.LATE


def test_what_a_check_learns_stays_in_the_handle() -> None:
    begun = advance(running(handle={"mode": "chat"}), Rendering(0.4, {"video_id": "v-1"}), AT)
    later = advance(begun, Rendering(0.6), AT)

    assert later.handle == {"mode": "chat", "video_id": "v-1"}
    assert later.fraction == 0.6
