"""What only several gateways bring about, each made to happen soon: a doubt that is looked up in
each way there is, a webhook in time and before it, going on elsewhere, several results.

Chance alone comes to each of them rarely; so some of the seeds begin in one, and suffer from there.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.simulation.plan import (
    AVATAR,
    SHOWS_SOMEBODY,
    Ending,
    Plan,
    Plot,
    Story,
    random_plan,
)

CALM_SHARE = 0.75  # suffers from nothing else but its crashes
FAL, WORKFLOWS, RUNWARE, ELSEWHERE_TOO = (
    "seedance_2_0",
    "ltx_distilled",
    "seedance_2_0_mini",
    "veo3",
)
LOST, NEVER_CAME = (("submit.lost", 1),), (("submit.broken_before", 1),)

Situation = tuple[str, Mapping[str, Any]]
SITUATIONS: tuple[Situation, ...] = (
    (AVATAR, {"forced": LOST}),
    (RUNWARE, {"forced": LOST}),
    (FAL, {"forced": LOST, "webhooks": True, "no_history": True}),
    (ELSEWHERE_TOO, {"forced": (("submit.gone", 1),)}),
    (RUNWARE, {"results": 3, "endings": (Ending.DONE, Ending.PARTIAL)}),
    (AVATAR, {"forced": (("submit.in_flight", 1), ("submit.connect", 2))}),
    (RUNWARE, {"forced": (*LOST, ("submit.connect", 2), ("check.not_found", 1))}),
    (FAL, {"forced": (*LOST, ("hook.stranger", 1)), "webhooks": True, "no_history": True}),
    (WORKFLOWS, {"forced": (("submit.gone", 1),), "plot": Plot.AGREE}),
    (ELSEWHERE_TOO, {"forced": (("submit.refused", 1),)}),
    (RUNWARE, {"endings": (Ending.FAILED,)}),
    (FAL, {"forced": NEVER_CAME}),
    (SHOWS_SOMEBODY, {"forced": (*LOST, ("submit.credits", 2)), "plot": Plot.AGREE}),
    (RUNWARE, {"forced": (("submit.timeout", 1),), "webhooks": True, "blind_s": 40.0}),
    ("kling_v3", {"forced": (("hook.early", 1), ("hook.forged", 1)), "webhooks": True}),
    (ELSEWHERE_TOO, {"endings": (Ending.FAILED, Ending.DONE), "in_turn": True}),
    (WORKFLOWS, {"forced": (("submit.gone", 1),)}),
    (FAL, {"forced": (("submit.credits", 1),)}),
    (AVATAR, {"forced": LOST, "blind_s": 70.0}),
    (RUNWARE, {"forced": (("hook.duplicate", 1), ("hook.forged", 1)), "webhooks": True}),
)


def situated(seed: int, turn: int, draw: random.Random) -> Plan:
    """The run of a seed that begins in a situation, the `turn`-th of such seeds."""
    model, more = SITUATIONS[turn % len(SITUATIONS)]
    plan = random_plan(seed, draw)
    story = Story(
        number=0,
        plot=more.get("plot", Plot.PLAIN),
        model=model,
        results=more.get("results", 1),
    )
    changes = {name: value for name, value in more.items() if name not in ("plot", "results")}
    calm = {"intensities": {}, "hangs": "", "room": 0} if draw.random() < CALM_SHARE else {}
    usual: dict[str, Any] = {"endings": (Ending.DONE,), "budget_usd": 1_000}
    return replace(plan, stories=(story,), **(usual | calm | changes))
