"""Every flow, struck at every boundary: killed there, cancelled there, or called off by a person
there; and killed again while it recovers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from tests.simulation.plan import Ending, Plan, Plot, Story
from tests.simulation.run import run

FAL, HEYGEN = "seedance_2_0", "ltx_distilled"
SECOND_CRASHES = 40  # boundaries of a recovery that are struck again
FIRST_CRASHES_EVERY = 25
BEGINNING, END = 500, 400


def _flow(
    plot: Plot,
    model: str,
    *,
    endings: tuple[Ending, ...] = (Ending.DONE,),
    forced: tuple[tuple[str, int], ...] = (),
) -> Plan:
    story = Story(number=0, plot=plot, model=model)
    return Plan(seed=7, stories=(story,), endings=endings, forced=forced, shuffle=False)


FLOWS: Mapping[str, Plan] = {
    "command to video, fal": _flow(Plot.PLAIN, FAL),
    "command to video, HeyGen": _flow(Plot.PLAIN, HEYGEN),
    "mention": _flow(Plot.MENTION, HEYGEN),
    "reply to take": _flow(Plot.REPLY, FAL),
    "two replies, one take": _flow(Plot.BURST, FAL),
    "reply edited": _flow(Plot.EDIT, HEYGEN),
    "reply deleted": _flow(Plot.DELETE, HEYGEN),
    "image reference": _flow(Plot.PICTURE, FAL),
    "price confirmed": _flow(Plot.CONFIRM, HEYGEN),
    "cancelled": _flow(Plot.CANCEL, FAL),
    "variation": _flow(Plot.VARIATION, FAL),
    "failed and tried again": _flow(Plot.RETRY, FAL, endings=(Ending.FAILED,)),
    "late result": _flow(Plot.PLAIN, HEYGEN, endings=(Ending.LATE,)),
    "expired link": _flow(Plot.PLAIN, FAL, forced=(("download.expired", 1),)),
    "answer lost": _flow(Plot.PLAIN, HEYGEN, forced=(("submit.lost", 1),)),
    "not sent": _flow(Plot.PLAIN, FAL, forced=(("submit.connect", 1),)),
    "refused for now": _flow(Plot.PLAIN, FAL, forced=(("submit.rate", 1),)),
    "card in doubt": _flow(Plot.PLAIN, FAL, forced=(("slack.lost_after", 1),)),
    "file not shared": _flow(Plot.PLAIN, FAL, forced=(("slack.not_shared", 1),)),
}


class Strike(StrEnum):
    """What happens at a boundary."""

    CRASH = "crash"
    CANCEL = "cancel"  # of the task that crosses it
    CALLED_OFF = "called_off"  # somebody presses every Cancel there is


def points(*, every: int = 1, first: int = 0) -> Iterator[tuple[str, Plan]]:
    """Every flow at every boundary, or at each `every`-th beginning with `first`."""
    number = 0
    for name, flow in FLOWS.items():
        boundaries = run(flow).boundaries
        for strike in Strike:
            for at in _eventful(boundaries):
                number += 1
                if number % every == first % every:
                    yield f"{name}: {strike} at {at}", _struck(flow, strike, at)


def recoveries(*, every: int = 1, first: int = 0) -> Iterator[tuple[str, Plan]]:
    """A second crash at each of the first boundaries after one."""
    number = 0
    for name, flow in FLOWS.items():
        for at in _eventful(run(flow).boundaries)[::FIRST_CRASHES_EVERY]:
            for later in range(1, SECOND_CRASHES + 1):
                number += 1
                if number % every == first % every:
                    plan = replace(flow, crashes=(at, at + later))
                    yield f"{name}: crash at {at} and {at + later}", plan


def _eventful(boundaries: int) -> list[int]:
    """Every boundary of a run; of a long one its beginning and its end, between which it waits."""
    if boundaries <= BEGINNING + END:
        return list(range(1, boundaries + 1))
    return [*range(1, BEGINNING + 1), *range(boundaries - END, boundaries + 1)]


def _struck(flow: Plan, strike: Strike, at: int) -> Plan:
    match strike:
        case Strike.CRASH:
            return replace(flow, crashes=(at,))
        case Strike.CANCEL:
            return replace(flow, cancels=(at,))
        case Strike.CALLED_OFF:
            return replace(flow, user_cancel_at=at)
