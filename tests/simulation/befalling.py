"""What befalls the bot at a boundary: it is killed, told to stop, put to sleep, robbed of a task or
of memory; or a crowd comes. The numbers of boundaries are the plan's, or the focus finds them."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tests.simulation.people import Person
from tests.simulation.plan import Plot, Story
from tests.simulation.process import Killed, Process

if TYPE_CHECKING:
    from tests.simulation.faults import About
    from tests.simulation.world import World

FOCUS_SHARE = 0.3  # not always the first boundary in a state
UNSURE_SHARE = 0.15
RECOVERY_BOUNDARIES = 40
ASLEEP_S = (600.0, 8 * 3_600.0)
CROWD, CROWD_TEAM, CROWD_BEGINS = 6, 1, 100
_KILLS = frozenset({"crash", "crash.among_faults", "crash.again", "outage", "db.restored"})
RAISED = ("MemoryError", "RecursionError")


class Befalling:
    """Decides at every boundary of a life."""

    def __init__(self, world: World, draw: random.Random) -> None:
        self._world = world
        self._draw = draw
        self._crowd_came = self._found_it = False
        self._about: About = None

    def at_boundary(self, process: Process, about: About) -> None:
        """Raises `Killed` or the bug that strikes here, in work that is `about` somebody."""
        self._about = about
        plan, at = self._world.plan, self._world.boundaries
        if at == plan.backup_at:
            self._world.keep_backup()
        if at in plan.crashes or self._finds_the_unsure():
            self._kill(process)
        elif at in plan.cancels:
            self._cancel()
        elif at in plan.raises:
            self._raise()
        elif at == plan.flood_at:
            self._crowd()
        elif plan.focus is not None:
            self._aim(process, plan.focus[0])

    def _aim(self, process: Process, kind: str) -> None:
        if self._draw.random() > FOCUS_SHARE or not self._world.faults.focuses(kind, self._about):
            return
        match kind:
            case "crash.again":
                if self._recovers() or self._world.crashes == 0:
                    self._kill(process)
            case "crash" | "crash.among_faults" | "outage":
                self._kill(process)
            case "db.restored":
                if self._world.backup_made_at is not None:
                    self._kill(process)
            case "stop":
                self._stop(process)
            case "cancel":
                self._cancel()
            case "raise":
                self._raise()
            case "clock.suspend":
                self._world.sleeps(self._draw.uniform(*ASLEEP_S), self._about)
            case "slack.uninstalled":
                self._world.slack.uninstall()
            case "in.flood":
                self._crowd()
            case "person.cancel" if self._world.has_cancels():
                self._world.faults.noted(kind, self._about)
                self._world.outside(self._world.everybody_cancels())
            case _:
                return

    def _finds_the_unsure(self) -> bool:
        """Killed before anything overwrites what a failed COMMIT has left in the files, once."""
        if self._world.disk.written is None or self._found_it or self._draw.random() > UNSURE_SHARE:
            return False
        self._found_it = True
        return True

    def _recovers(self) -> bool:
        since = self._world.boundaries - self._world.began_at
        return self._world.lives > 1 and since <= RECOVERY_BOUNDARIES

    def _kill(self, process: Process) -> None:
        world = self._world
        if world.plan.stops and process.is_up and not process.told.is_set():
            self._stop(process)
            return
        world.faults.noted("crash", self._about)
        if world.plan.intensities:
            world.faults.noted("crash.among_faults", self._about)
        if self._recovers():
            world.faults.noted("crash.again", self._about)
        process.die()
        raise Killed

    def _stop(self, process: Process) -> None:
        """SIGTERM, once."""
        if process.is_up and not process.told.is_set():
            self._world.faults.noted("stop", self._about)
            self._world.note("SIGTERM")
            process.tell()

    def _cancel(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._world.faults.noted("cancel", self._about)
        task.cancel()

    def _raise(self) -> None:
        self._world.faults.noted("raise", self._about)
        raise MemoryError if self._draw.random() < 0.5 else RecursionError

    def _crowd(self) -> None:
        """Another workspace asks for as much as it can."""
        if self._crowd_came:
            return
        self._crowd_came = True
        self._world.faults.noted("in.flood")
        model = self._world.plan.stories[0].model
        for number in range(CROWD_BEGINS, CROWD_BEGINS + CROWD):
            story = Story(number=number, plot=Plot.PLAIN, model=model, team=CROWD_TEAM)
            self._world.crowd.append(story)
            self._world.outside(Person(self._world, story).lives())
