"""How long things take, by clocks that the bot cannot set: from the ack to the submit (L1), between
two looks while nothing happens (L3), in whose order (L4), from being told to stop to the end (L5).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation.concern import current_execution
from tests.simulation.disturbance import OTHERS_S, delay_s

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

STARTS_IN = re.compile(r"starts (?:now|in (\d+) s)")
SENT_WITHIN_S = 30.0  # after the undo window that the ack told of
EACH_LIFE_S = 20.0  # a restart, and whatever its claims were doing
FEW = 3  # requests of a workspace at once, which never wait for each other's slots
MINUTE_S = 60.0
IDLE_BOUNDARIES_MAX = 240  # a minute, while nothing is written and nothing leaves
OVERTAKEN_MAX = 12  # twice the room that pictures are fetched in
APART_S = 0.5
SHUT_OUT = ("slack.no_channel", "slack.not_in_channel", "slack.archived", "slack.restricted")
STOPS_WITHIN_S = 30.0


class Pace:
    """Measures one run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sent_at: dict[str, float] = {}
        self._began_at: dict[str, float] = {}  # the first look at a picture, or for one
        self._minute, self._idle_boundaries = 0, 0

    def crossed(self, kind: str) -> None:
        """A boundary. An idle minute is one with nothing but looks into the database."""
        minute = int(self._world.loop.time() // MINUTE_S)
        if minute != self._minute:
            self._minute, self._idle_boundaries = minute, 0
        if not kind.startswith("db:"):
            self.something_happened()
            self._began(kind)
            return
        self._idle_boundaries += 1
        if self._idle_boundaries == IDLE_BOUNDARIES_MAX:
            self._world.checker.breach("L3", f"{IDLE_BOUNDARIES_MAX} looks within an idle minute")

    def something_happened(self) -> None:
        """What is busy may look often."""
        self._idle_boundaries = 0

    def _began(self, kind: str) -> None:
        execution_id = current_execution()
        if execution_id is not None and kind == "slack.file:send":
            self._began_at.setdefault(execution_id, self._world.loop.time())
        if execution_id is not None and kind == "submit:send":
            self._sent_at.setdefault(execution_id, self._world.loop.time())

    def exited(self, process: Process) -> None:
        """L5: the process is gone."""
        if process.told_at is None:
            return
        took_s = self._world.loop.time() - process.told_at
        slept_s = self._world.slept_s - process.slept_before_s
        if took_s > STOPS_WITHIN_S + slept_s:
            self._world.checker.breach("L5", f"it ended {took_s:.0f} s after it was told to")

    def settle(self, acked: dict[str, tuple[float, str]]) -> None:
        """At the end; `acked` is when each delivery was acked, and what the ack said."""
        self._check_sent(acked)
        self._check_order(acked)

    def _check_sent(self, acked: dict[str, tuple[float, str]]) -> None:
        """L1: whoever was told that it starts in so many seconds sees it sent then."""
        world = self._world
        if world.restored_at is not None:
            return
        rows = self._first_executions()
        teams = Counter(row["team_id"] for row in rows)
        for row in rows:
            at, text = acked.get(row["key"], (0.0, ""))
            found = STARTS_IN.search(text)
            sent_at = self._sent_at.get(row["id"])
            if found is None or sent_at is None or teams[row["team_id"]] > FEW:
                continue
            waited_s = sent_at - at - float(found[1] or 0.0)
            if waited_s > SENT_WITHIN_S + self._disturbed_s():
                world.checker.breach("L1", f"{row['id']} was sent {waited_s:.0f} s late")

    def _disturbed_s(self) -> float:
        """How long all that struck can have held up a submit."""
        world = self._world
        vendors = ("submit.", "check.", "upload.", "hook.", "download.")
        struck = sum(n for kind, n in world.faults.struck.items() if kind.startswith(vendors))
        lives_s = (world.lives - 1) * (EACH_LIFE_S + world.plan.outage_s)
        shut_out = any(world.faults.struck[kind] for kind in SHUT_OUT)
        if shut_out or world.slack.was_refused:
            lives_s += world.healed_at  # nothing is sent that nobody can be told of
        stood_s = world.slept_s + world.set_back_s + abs(world.skew_s)
        return delay_s(world.faults.struck) + OTHERS_S * struck + lives_s + stood_s

    def _check_order(self, acked: dict[str, tuple[float, str]]) -> None:
        """L4: of those whose pictures are fetched, many are never served before one who came
        first."""
        came = sorted(
            (acked[row["key"]][0], self._began_at[row["id"]], row["id"])
            for row in self._first_executions()
            if row["key"] in acked and row["id"] in self._began_at
        )
        if self._world.lives > 1 or len(came) <= OVERTAKEN_MAX:
            return
        for at, began_at, execution_id in came:
            before = sum(began_at > other for later, other, _ in came if later > at + APART_S)
            if before > OVERTAKEN_MAX:
                self._world.checker.breach("L4", f"{execution_id} was overtaken by {before}")

    def _first_executions(self) -> list[dict[str, str]]:
        return self._world.rows(
            "SELECT delivery.key, execution.id, execution.team_id FROM delivery JOIN execution"
            " ON execution.request_id = delivery.request_id WHERE execution.id ="
            " (SELECT id FROM execution AS first WHERE first.request_id = delivery.request_id"
            " ORDER BY created_at LIMIT 1)"
        )
