"""L2: what was due when a process came up is gone on with within seconds: from its start to the
first call or commit that is about one of the due, as `tests/kill` measures it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation.concern import current_subject
from tests.simulation.disturbance import delay_s
from tests.simulation.facts import EPOCH

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.simulation.world import World

LIMIT_S = 5.0
# What was claimed, or was being sent, is due at once after a start.
_DUE = """
SELECT id FROM execution WHERE due_at IS NOT NULL AND hold IS NULL
   AND state IN ('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')
   AND (due_at <= ? OR state = 'submitting' OR owner IS NOT NULL)
   AND team_id NOT IN (SELECT team_id FROM silence)
"""


class Resuming:
    """How long each life waits before it goes on with what it found."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: frozenset[str] = frozenset()
        self._struck_before: Counter[str] = Counter()
        self._slept_before_s = 0.0

    def opened(self) -> None:
        """A process has the database: what is due in it?"""
        now = EPOCH + self._world.loop.time() + self._world.skew_s
        rows = self._world.rows(_DUE, now)
        self._due = frozenset(row["id"] for row in rows)
        self._struck_before = Counter(self._world.faults.struck)
        self._slept_before_s = self._world.slept_s

    def called(self) -> None:
        """Something leaves for a vendor or for Slack."""
        if self._due and current_subject() in self._due:
            self._resumed()

    def committed(self, ids: Collection[str]) -> None:
        """These executions were moved."""
        if not self._due.isdisjoint(ids):
            self._resumed()

    def settle(self) -> None:
        """What was never gone on with."""
        if self._due:
            self._resumed()

    def _resumed(self) -> None:
        process = self._world.process
        self._due = frozenset()
        if process is None:
            return
        waited_s = self._world.loop.time() - process.started_at
        limit_s = LIMIT_S + delay_s(self._world.faults.struck, self._struck_before)
        limit_s += self._world.slept_s - self._slept_before_s
        if waited_s > limit_s:
            self._world.checker.breach("L2", f"work resumed {waited_s:.1f} s after the start")
