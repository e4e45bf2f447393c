"""What a moment without storage may cost (F1, F2, F5, C11): a video that its vendor has made is in
its thread soon after, not when the lease of a turn that could not be written down has lapsed. And
whoever waits for a slot has it as soon as one is free (L4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.facts import VIDEO_MAGIC
from tests.simulation.ledger import ORDINAL
from tests.simulation.plan import Plot

if TYPE_CHECKING:
    from tests.simulation.world import World

SHOWN_WITHIN_S = 120.0  # a check is a minute away at most; the shortest lease is a minute, too
SLOTS = 3  # of one person, where nobody chose otherwise
ROUND_S = 60.0  # of as many as a person may have at once: a render, its checks, its file
_OF_STORAGE = ("db.", "media.")


def hold(world: World) -> None:
    """Hold a run to it that suffered from nothing else."""
    faults = world.faults
    if world.lives > 1 or world.clock.jumps or world.plan.hangs:
        return
    _rounds(world)
    if not faults.struck or not all(kind.startswith(_OF_STORAGE) for kind in faults.struck):
        return
    for said in world.slack.messages.values():
        if said.file_id is None or said.deleted:
            continue
        content = world.slack.files[said.file_id].content or b""
        name = content.removeprefix(VIDEO_MAGIC).decode().strip()
        entry = world.vendors.by_id(name.partition(ORDINAL)[0])
        if entry is None:
            continue
        since = max(entry.done_at, world.last_struck_at)
        waited_s = said.texts[0][0] - since
        if waited_s > SHOWN_WITHIN_S:
            world.checker.breach("L2", f"{name} was shown {waited_s:.0f} s after it could be")


def _rounds(world: World) -> None:
    """One person asks for many at once, and nothing is wrong: round after round is sent."""
    stories = world.plan.stories
    people = {(story.team, story.person) for story in stories}
    plain = all(story.plot is Plot.PLAIN for story in stories)
    if world.faults.struck or len(stories) <= SLOTS or len(people) > 1 or not plain:
        return
    asked_at = max(story.at for story in stories)
    for number, entry in enumerate(sorted(world.vendors.ledger, key=lambda each: each.at)):
        most_s = ROUND_S * (1 + number // SLOTS)
        if entry.at > asked_at + most_s:
            waited_s = entry.at - asked_at
            world.checker.breach("L4", f"{entry.remote_id} waited {waited_s:.0f} s for a slot")
