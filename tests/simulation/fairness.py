"""What one vendor or one workspace does holds up nobody else (I2, I3; L4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.facts import EPOCH
from tests.simulation.slack_world import TEAMS

if TYPE_CHECKING:
    from tests.simulation.world import World

MADE_WITHIN_S = 180.0  # from the command to the end, where nothing is wrong
SENT_WITHIN_S = 20.0  # from the end of the undo window, whoever else asks for what
_BOT_USER = "UBOT"


def hold(world: World) -> None:
    """Check it, in runs in which nothing else went wrong."""
    if set(world.faults.struck) <= {"vendor.hangs"} and world.plan.hangs:
        _bulkheads(world)
    if set(world.faults.struck) <= {"in.flood"} and world.faults.struck:
        _turns(world)
    for row in world.rows("SELECT id FROM request WHERE requester = ?", _BOT_USER):
        world.checker.breach("D5", f"{row['id']} was asked for by ourselves")


def _bulkheads(world: World) -> None:
    """Renders of the vendor that answers are made as if there were no other."""
    hangs = world.plan.hangs.split(".")[0]
    for row in world.rows(
        "SELECT id, ended_at - created_at AS took_s FROM execution WHERE gateway <> ?"
        " AND confirmed = 1 AND state = 'succeeded'",
        hangs,
    ):
        if row["took_s"] > MADE_WITHIN_S:
            world.checker.breach("I2", f"{row['id']} took {row['took_s']:.0f} s; {hangs} hangs")


def _turns(world: World) -> None:
    """Whoever is not in the crowd is sent as soon as their undo window has passed."""
    for row in world.rows(
        "SELECT id, submitted_at - MAX(not_before, created_at) AS waited_s FROM execution"
        " WHERE team_id = ?"
        " AND submitted_at IS NOT NULL AND submitted_at < ?",
        TEAMS[0],
        EPOCH + world.healed_at,
    ):
        if row["waited_s"] > SENT_WITHIN_S:
            world.checker.breach("L4", f"{row['id']} waited {row['waited_s']:.0f} s in a crowd")
