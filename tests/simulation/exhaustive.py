"""Every flow, struck at every boundary: killed there, cancelled there, or called off by a person
there; and killed again while it recovers. What the points of a flow have in common is run once."""

from __future__ import annotations

import functools
import gc
import itertools
import multiprocessing
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, assert_never

from domain.execution import State
from tests.simulation.forks import forked, last_blow_at
from tests.simulation.plan import AVATAR, Ending, Plan, Plot, Story
from tests.simulation.run import Report, run
from tests.simulation.talking import AGENT

ROOT = Path(__file__).resolve().parents[2]
FAL, HEYGEN, RUNWARE = "seedance_2_0", "ltx_distilled", "seedance_2_0_mini"
ELSEWHERE_TOO = "veo_3_1"  # at several gateways
SECOND_CRASHES = 40  # boundaries of a recovery that are struck again
FIRST_CRASHES_EVERY = 25
FORKS_FROM = 160  # boundaries; what comes before is run again sooner than a fork's pages are copied
FORKS_MIN = 20  # fewer are not worth the run that they are forked from
BATCH = 200  # points of a flow that one process runs; so long another one may have nothing to do
STRIPES = 160  # a stripe is run with every commit; `--all` runs them all
BEGINNING, END = 500, 400
OVERDUE = ((45.0, 1_260.0),)


def _flow(plot: Plot, model: str, *, results: int = 1, **more: Any) -> Plan:
    """One story; `more` is whatever of the plan is not as usual."""
    story = Story(number=0, plot=plot, model=model, results=results)
    asleep_s = sum(seconds for _, seconds in more.get("asleep", ()))
    plan = Plan(seed=7, stories=(story,), shuffle=False, heals_at=300.0 + asleep_s)
    return replace(plan, **{"lists_read": True, **more})


def _called_off(state: State, **more: Any) -> Plan:
    """Somebody presses Cancel as soon as an execution is in a state."""
    plot = Plot.PICTURE if state is State.PREPARING else Plot.PLAIN
    late = state is State.LATE
    flow = _flow(
        plot,
        HEYGEN if state is State.UNCERTAIN else FAL,
        endings=(Ending.LATE if late else Ending.DONE,),
        asleep=OVERDUE if late else (),
        **more,
    )
    return replace(flow, focus=("person.cancel", state))


_LOST = (("submit.lost", 1),)
_DOUBTS: Mapping[str, Plan] = {
    "answer lost, our own id": _flow(Plot.PLAIN, RUNWARE, forced=_LOST),
    "answer lost, our own id, long": _flow(Plot.PLAIN, RUNWARE, forced=_LOST, blind_s=70.0),
    "not arrived, our own id": _flow(Plot.PLAIN, RUNWARE, forced=(("submit.broken_before", 1),)),
    "answer lost, a key": _flow(Plot.PLAIN, AVATAR, forced=_LOST),
    "answer lost, a key in flight": _flow(Plot.PLAIN, AVATAR, forced=(("submit.in_flight", 1),)),
    "answer lost, a key, long": _flow(Plot.PLAIN, AVATAR, forced=_LOST, blind_s=70.0),
    "answer lost, found in the history": _flow(Plot.PLAIN, FAL, forced=_LOST),
    "answer lost, found by webhook": _flow(
        Plot.PLAIN, FAL, forced=_LOST, webhooks=True, no_history=True
    ),
    "answer lost, not found": _flow(Plot.PLAIN, FAL, forced=_LOST, no_history=True),
    "not arrived, not found": _flow(Plot.PLAIN, FAL, forced=(("submit.broken_before", 1),)),
}
_ASIDE: Mapping[str, Plan] = {
    "own avatar": _flow(Plot.FACE, AVATAR),
    "own avatar, answer lost": _flow(Plot.FACE, AVATAR, forced=_LOST),
    "own avatar, a key in flight": _flow(Plot.FACE, AVATAR, forced=(("submit.in_flight", 1),)),
    "own avatar, of no face": _flow(Plot.FACE, AVATAR, endings=(Ending.FAILED,)),
    "own voice": _flow(Plot.VOICE, AVATAR),
    "own voice, answer lost": _flow(Plot.VOICE, AVATAR, forced=_LOST),
    "own voice, not arrived": _flow(Plot.VOICE, AVATAR, forced=(("submit.connect", 1),)),
    "transparent": _flow(Plot.TRANSPARENT, AVATAR),
    "recording": _flow(Plot.RECORDING, AVATAR),
    "recording, dear": _flow(Plot.LONG_RECORDING, AVATAR),
    "recording, upload broken": _flow(Plot.RECORDING, AVATAR, forced=(("upload.broken", 1),)),
    "recording, cancelled": replace(
        _flow(Plot.RECORDING, AVATAR), focus=("person.cancel", State.PREPARING)
    ),
    "sentence spoken": _flow(Plot.VOICES, AVATAR),
    "sentence spoken, answer lost": _flow(Plot.VOICES, AVATAR, forced=_LOST),
}
_ASKS_FIRST = (Ending.ASKS, Ending.DONE)
_TALKS: Mapping[str, Plan] = {
    "agent, and one more word": _flow(Plot.AGENT, AGENT),
    "agent asks and is answered": _flow(
        Plot.CONVERSATION, AGENT, endings=_ASKS_FIRST, in_turn=True
    ),
    "agent's answer lost": _flow(Plot.CONVERSATION, AGENT, forced=_LOST),
    "message's answer lost": _flow(Plot.CONVERSATION, AGENT, forced=(("submit.lost", 2),)),
}
FLOWS: Mapping[str, Plan] = {
    "command to video, fal": _flow(Plot.PLAIN, FAL),
    "command to video, fal, the first start": _flow(Plot.PLAIN, FAL, lists_read=False),
    "command to video, HeyGen": _flow(Plot.PLAIN, HEYGEN),
    "mention": _flow(Plot.MENTION, HEYGEN),
    "reply to take": _flow(Plot.REPLY, FAL),
    "two replies, one take": _flow(Plot.BURST, FAL),
    "reply edited": _flow(Plot.EDIT, HEYGEN),
    "reply deleted": _flow(Plot.DELETE, HEYGEN),
    "replies in disorder": _flow(Plot.DISORDER, HEYGEN),
    "image reference, fal": _flow(Plot.PICTURE, FAL),
    "image reference, HeyGen": _flow(Plot.PICTURE, "veo_3_1"),
    "image upload broken": _flow(Plot.PICTURE, FAL, forced=(("upload.broken", 1),)),
    "price confirmed": _flow(Plot.CONFIRM, HEYGEN),
    "cancelled by its button": _flow(Plot.CANCEL, FAL),
    "cancelled by command": _flow(Plot.CANCEL_COMMAND, HEYGEN),
    "cancelled while preparing": _called_off(State.PREPARING, forced=(("upload.broken", 1),)),
    "cancelled while queued": _called_off(State.QUEUED),
    "cancelled while submitting": _called_off(State.SUBMITTING, forced=(("submit.slow", 1),)),
    "cancelled while running": _called_off(State.RUNNING),
    "cancelled while fetching": _called_off(State.FETCHING, forced=(("download.slow", 1),)),
    "cancelled while late": _called_off(State.LATE),
    "cancelled while uncertain": _called_off(State.UNCERTAIN, forced=(("submit.lost", 1),)),
    "variation": _flow(Plot.VARIATION, FAL),
    "approved": _flow(Plot.APPROVE, FAL),
    "the same again": _flow(Plot.SAME_AGAIN, FAL),
    "failed and tried again": _flow(Plot.RETRY, FAL, endings=(Ending.FAILED,)),
    "late result": _flow(Plot.PLAIN, HEYGEN, endings=(Ending.LATE,), asleep=OVERDUE),
    "expired link": _flow(Plot.PLAIN, FAL, forced=(("download.expired", 1),)),
    "not a video": _flow(Plot.PLAIN, HEYGEN, forced=(("download.not_a_video", 1),)),
    "answer lost": _flow(Plot.PLAIN, HEYGEN, forced=(("submit.lost", 1),)),
    "answer lost and tried again": _flow(Plot.RETRY, FAL, forced=(("submit.lost", 1),)),
    "not sent": _flow(Plot.PLAIN, FAL, forced=(("submit.connect", 1),)),
    "refused for now": _flow(Plot.PLAIN, FAL, forced=(("submit.rate", 1),)),
    "refused for good": _flow(Plot.PLAIN, FAL, forced=(("submit.refused", 1),)),
    **_DOUBTS,
    **_ASIDE,
    **_TALKS,
    "refused content goes nowhere else": _flow(
        Plot.PLAIN, ELSEWHERE_TOO, forced=(("submit.refused", 1),)
    ),
    "gone, goes on elsewhere": _flow(Plot.AGREE, ELSEWHERE_TOO, forced=(("submit.gone", 1),)),
    "out of credit, goes on elsewhere": _flow(
        Plot.AGREE, "seedance_2_0", forced=(("submit.credits", 1),)
    ),
    "gone, another model asks first": _flow(Plot.AGREE, HEYGEN, forced=(("submit.gone", 1),)),
    "gone, nobody says yes": _flow(Plot.PLAIN, HEYGEN, forced=(("submit.gone", 1),)),
    "broke, goes on elsewhere": _flow(
        Plot.AGREE, ELSEWHERE_TOO, endings=(Ending.FAILED, Ending.DONE), in_turn=True
    ),
    "webhook, fal": _flow(Plot.PLAIN, "kling_v3", webhooks=True),
    "webhook before the answer": _flow(
        Plot.PLAIN, "kling_v3", forced=(("hook.early", 1),), webhooks=True
    ),
    "webhook twice and forged": _flow(
        Plot.PLAIN, RUNWARE, forced=(("hook.duplicate", 1), ("hook.forged", 1)), webhooks=True
    ),
    "several results": _flow(Plot.PLAIN, RUNWARE, results=3),
    "several results, one broken": _flow(Plot.PLAIN, RUNWARE, results=3, endings=(Ending.PARTIAL,)),
    "avatar": _flow(Plot.PLAIN, AVATAR),
    "avatar, the first start": _flow(Plot.PLAIN, AVATAR, lists_read=False),
    "card in doubt": _flow(Plot.PLAIN, FAL, forced=(("slack.lost_after", 1),)),
    "not in the channel": _flow(Plot.PLAIN, FAL, forced=(("slack.not_in_channel", 1),)),
    "message deleted": _flow(Plot.PLAIN, FAL, forced=(("slack.deleted", 2),)),
    "file not shared": _flow(Plot.PLAIN, FAL, forced=(("slack.not_shared", 1),)),
}


class Strike(StrEnum):
    """What happens at a boundary."""

    CRASH = "crash"
    CANCEL = "cancel"  # of the task that crosses it
    RAISE = "raise"  # it is out of memory
    CALLED_OFF = "called_off"  # somebody presses every Cancel there is


class Point(NamedTuple):
    """One run of a flow, struck."""

    flow: str
    name: str
    plan: Plan


@functools.cache
def all_points() -> tuple[Point, ...]:
    """Every flow at every boundary, and every second crash."""
    return tuple(point for name in FLOWS for point in points_of(name))


def points_of(name: str) -> Iterator[Point]:
    """Those of one flow."""
    yield from _points(name)
    yield from _recoveries(name)


def reports(points: Iterable[Point], processes: int) -> Iterator[Report]:
    """The points, run on so many cores, in whatever order they end."""
    batches = [
        (flow, batch)
        for flow, of_flow in itertools.groupby(points, lambda point: point.flow)
        for batch in _batches([point.plan for point in of_flow])
    ]
    gc.freeze()  # else each run, when it collects its garbage, looks at every point there is
    if processes == 1:
        yield from itertools.chain.from_iterable(map(_run_batch, batches))
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        yield from itertools.chain.from_iterable(pool.map(_run_batch, batches))


def stripe_of_commit() -> int:
    """A number that another commit changes, so that other points run each time; 0 without git."""
    git = shutil.which("git")
    if git is None:
        return 0
    said = subprocess.run((git, "rev-parse", "HEAD"), cwd=ROOT, capture_output=True, text=True)
    return int(said.stdout[:8], 16) if said.returncode == 0 else 0


def _batches(plans: list[Plan]) -> Iterator[list[Plan]]:
    for first in range(0, len(plans), BATCH):
        yield plans[first : first + BATCH]


def _run_batch(batch: tuple[str, list[Plan]]) -> list[Report]:
    flow, plans = batch
    late = [plan for plan in plans if last_blow_at(plan) >= FORKS_FROM]
    if len(late) < FORKS_MIN:
        return [*map(run, plans)]
    early = [plan for plan in plans if last_blow_at(plan) < FORKS_FROM]
    return [*map(run, early), *forked(FLOWS[flow], late)]


def _points(name: str) -> Iterator[Point]:
    flow = FLOWS[name]
    for strike in Strike:
        for at in _eventful(_boundaries(name)):
            yield Point(name, f"{name}: {strike} at {at}", _struck(flow, strike, at))


def _recoveries(name: str) -> Iterator[Point]:
    """A second crash at each of the first boundaries after one."""
    for at in _eventful(_boundaries(name))[::FIRST_CRASHES_EVERY]:
        for later in range(1, SECOND_CRASHES + 1):
            plan = replace(FLOWS[name], crashes=(at, at + later))
            yield Point(name, f"{name}: crash at {at} and {at + later}", plan)


@functools.cache
def _boundaries(name: str) -> int:
    return run(FLOWS[name]).boundaries


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
        case Strike.RAISE:
            return replace(flow, raises=(at,))
        case Strike.CALLED_OFF:
            return replace(flow, user_cancel_at=at)
        case _:
            assert_never(strike)
