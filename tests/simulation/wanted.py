"""Predicaments in which it shows whether people get what they wished for, and hear of what they do
not get: what is called off while it runs, a file that Slack never shows, a render that breaks.
"""

from __future__ import annotations

import random
from dataclasses import replace

from tests.simulation.plan import AVATAR, Ending, Plan, Plot, Story

_FAL, _RUNWARE = "seedance_2_0", "seedance_2_0_mini"
_ALWAYS = 1_000
_CLOSED_UNTIL_S = 2_400.0
_CLOSED_FOR_LONG_S = 3 * 3_600.0


def called_off_while_it_runs(plan: Plan, draw: random.Random) -> Plan:
    """Somebody presses Cancel on what a vendor works at for long, and could be told to stop."""
    story = Story(number=0, plot=Plot.CANCEL, model=_FAL, pace=draw.uniform(1.2, 1.5))
    return replace(plan, stories=(story,), endings=(Ending.LATE,), crashes=())


def never_shared(plan: Plan, draw: random.Random) -> Plan:
    """Slack takes each upload, says ok, and shows none (E7)."""
    plot = draw.choice((Plot.PLAIN, Plot.REPLY))
    story = Story(number=0, plot=plot, model=draw.choice((_FAL, _RUNWARE)))
    shares = {"slack.not_shared": _ALWAYS}
    return replace(plan, stories=(story,), intensities=shares, heals_at=2_400.0)


def tapped_twice(plan: Plan, draw: random.Random) -> Plan:
    """Somebody taps everything twice, and Slack delivers a tap twice (D1)."""
    plot = draw.choice((Plot.VARIATION, Plot.RETRY))
    story = Story(number=0, plot=plot, model=draw.choice((_FAL, _RUNWARE)), person=1)
    endings = (Ending.FAILED, Ending.DONE) if plot is Plot.RETRY else (Ending.DONE,)
    return replace(
        plan, stories=(story,), endings=endings, in_turn=True, forced=(("in.duplicate", 2),)
    )


def no_place(plan: Plan, draw: random.Random) -> Plan:
    """A channel is closed to everybody before its card is there, and stays so for long (E3)."""
    story = Story(number=0, plot=Plot.PLAIN, model=draw.choice((_FAL, _RUNWARE)))
    kind = draw.choice(("slack.archived", "slack.restricted"))
    return replace(plan, stories=(story,), intensities={kind: _ALWAYS}, heals_at=_CLOSED_UNTIL_S)


def closed_at_the_outcome(plan: Plan, draw: random.Random) -> Plan:
    """A channel is closed while a render breaks, or is called off, for longer than its edit is
    refused before that is told directly, or than it is tried at all (E3)."""
    plot, model = draw.choice((Plot.PLAIN, Plot.CANCEL)), draw.choice((_FAL, _RUNWARE))
    story = Story(number=0, plot=plot, model=model)
    state = draw.choice(("running", "submitting"))
    return replace(
        plan,
        stories=(story,),
        focus=("slack.archived", state),
        endings=(Ending.FAILED,),
        heals_at=draw.choice((_CLOSED_UNTIL_S, _CLOSED_FOR_LONG_S)),
    )


def late_and_told(plan: Plan, draw: random.Random) -> Plan:
    """A render takes longer than anybody waits; nothing else is wrong (C7)."""
    story = Story(number=0, plot=Plot.PLAIN, model=draw.choice((_FAL, _RUNWARE)))
    return replace(plan, stories=(story,), endings=(Ending.LATE,), crashes=())


def two_workspaces(plan: Plan, draw: random.Random) -> Plan:
    """Both ask for something, and one of them looks at what there is (S11)."""
    stories = tuple(
        Story(number=n, plot=plot, model=draw.choice((_FAL, _RUNWARE)), team=n, at=2.0 * n)
        for n, plot in enumerate((Plot.PLAIN, Plot.CHATTER))
    )
    return replace(plan, stories=stories)


def led_astray(plan: Plan, draw: random.Random) -> Plan:
    """A vendor's links lead where no file of ours is, and its file hosts lead on there (C3)."""
    story = Story(number=0, plot=Plot.PLAIN, model=draw.choice((_FAL, _RUNWARE, AVATAR)))
    kinds = {"check.evil_link": 12, "download.redirect": 6}
    return replace(plan, stories=(story,), intensities=kinds)


WANTED = (
    called_off_while_it_runs,
    never_shared,
    tapped_twice,
    no_place,
    closed_at_the_outcome,
    late_and_told,
    two_workspaces,
    led_astray,
)
