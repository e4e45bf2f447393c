"""What a moment without storage may cost (F1, F2, F5, C11): a video that its vendor has made is in
its thread soon after, not when the lease of a turn that could not be written down has lapsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.facts import VIDEO_MAGIC
from tests.simulation.ledger import ORDINAL

if TYPE_CHECKING:
    from tests.simulation.world import World

SHOWN_WITHIN_S = 120.0  # a check is a minute away at most; the shortest lease is a minute, too
_OF_STORAGE = ("db.", "media.")


def hold(world: World) -> None:
    """Hold a run to it that suffered from nothing else."""
    faults = world.faults
    if world.lives > 1 or world.slept_s or world.skewed or world.plan.hangs:
        return
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
