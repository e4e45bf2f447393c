"""What is made beside the takes, for some of the seeds: an avatar of a picture, a voice of a
recording, a sentence that a voice says. Most of them begin with the answer lost that would be paid
twice; the others suffer from whatever is drawn."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.simulation.plan import (
    ASIDE,
    ASKED_FOR,
    AVATAR,
    RECORDED,
    Ending,
    Plan,
    Plot,
    Story,
    random_plan,
)

PLOTS = (*ASIDE, *RECORDED, *ASKED_FOR)

FORCED = (
    (("submit.lost", 1),),
    (("submit.in_flight", 1),),
    (("submit.connect", 1),),
    (("submit.lost", 1), ("submit.connect", 2)),
    (("submit.lost", 1), ("submit.credits", 2)),
    (("check.timeout", 2),),
    (),
    (),
)
DOUBTED = FORCED[:5]
CALM_SHARE = 0.5
BROKEN_SHARE = 0.2
CARRYING_SHARE = 0.6
CARRIED = (Plot.VOICE, Plot.VOICES, *RECORDED)
SPEAKING = (38, 41)  # the boundaries at which a first sentence is spoken
SPOKEN = (40, 42)  # those at which it was spoken, and that is not written down
CARRYING = (28, 44)  # those at which a first recording is on its way
SECONDS_SHARE = 0.3
_HELD_UP = ("submit.lost", 1), ("submit.refused", 2)


def killed_while_it_speaks(plan: Plan, draw: random.Random) -> Plan:
    """The process dies while a sentence is on its way to be spoken, or when it was (B8)."""
    story = Story(number=0, plot=Plot.VOICES, model=AVATAR, pace=draw.choice((0.1, 1.0, 2.0)))
    return replace(plan, stories=(story,), crashes=(draw.randint(*SPOKEN),), lists_read=True)


def refused_after_it_was_taken(plan: Plan, draw: random.Random) -> Plan:
    """An own avatar's answer is lost; sent again under its key, its picture is refused (B3)."""
    story = Story(number=0, plot=Plot.FACE, model=AVATAR, pace=draw.choice((0.1, 1.0, 2.0)))
    return replace(plan, stories=(story,), forced=_HELD_UP, lists_read=True)


def not_sent_at_first(plan: Plan, draw: random.Random) -> Plan:
    """An own avatar never leaves at the first try, and is made at the second (B1)."""
    story = Story(number=0, plot=Plot.FACE, model=AVATAR, pace=draw.choice((0.1, 1.0, 2.0)))
    return replace(plan, stories=(story,), forced=(("submit.connect", 1),), lists_read=True)


OWN = (
    killed_while_it_speaks,
    refused_after_it_was_taken,
    killed_while_it_speaks,
    not_sent_at_first,
)


def aside(seed: int, turn: int, draw: random.Random) -> Plan:
    """The run of a seed, the `turn`-th of such seeds."""
    plan = random_plan(seed, draw)
    first = Story(
        number=0,
        plot=PLOTS[turn % len(PLOTS)],
        model=AVATAR,
        pace=draw.choice((0.1, 1.0, 2.0)),
        team=int(draw.random() < 0.25),
        person=draw.randint(0, 1),
    )
    plot = draw.choice((*PLOTS, Plot.PLAIN))
    second = replace(first, number=1, plot=plot, at=draw.uniform(0.0, 10.0))
    stories = (first, second) if draw.random() < SECONDS_SHARE else (first,)
    broken = draw.random() < BROKEN_SHARE
    calm = draw.random() < CALM_SHARE
    if draw.random() < CARRYING_SHARE and first.plot in CARRIED:
        plan = replace(
            plan, crashes=(draw.randint(*(SPEAKING if first.plot is Plot.VOICES else CARRYING)),)
        )
    return replace(
        plan,
        stories=stories,
        endings=(Ending.DONE, Ending.FAILED) if broken else (Ending.DONE,),
        forced=draw.choice(DOUBTED) if first.plot is Plot.FACE else draw.choice(FORCED),
        intensities={} if calm else plan.intensities,
        lists_read=True,
    )
