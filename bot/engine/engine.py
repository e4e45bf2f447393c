"""The engine's loop: claim what is due, at most as much as each gateway has room for, and step.

Every gateway has its own room (a bulkhead), so that one that hangs holds up nobody else. A claim is
never larger than the room, so nothing that was claimed waits in memory until its lease lapses.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog

from bot.engine.steps import Steps
from bot.wakeup import Wakeup
from domain.catalog import GatewayName
from domain.errors import StorageUnavailable
from domain.execution import Execution, State
from domain.ports import Clock, Database
from storage.executions import Errand, Rooms, claim_turns, next_due_at, release_claims

ROOM = {Errand.CALL: 64, Errand.PREPARE: 6, Errand.FETCH: 6}  # at once, a gateway
STORAGE_PAUSE_S = 2.0
SUBMIT_GRACE_S = 20.0  # at a stop, submits on the wire get this long to be answered

log = structlog.get_logger(__name__)


class Engine:
    """Runs until it is told to stop. Whoever writes a due row rings `wakeup`;
    a step that is done wakes everybody: it may have left something to tell."""

    def __init__(
        self,
        *,
        steps: Steps,
        database: Database,
        clock: Clock,
        wakeup: Wakeup,
        wake: Callable[[], None],
        owner: str,
    ) -> None:
        self._steps = steps
        self._database = database
        self._clock = clock
        self._wakeup = wakeup
        self._wake = wake
        self._owner = owner
        self._under_way: dict[asyncio.Task[None], tuple[Execution, Errand]] = {}
        self._stopping = False

    async def run(self) -> None:
        """Claim and step until `stop`. Returns only then; anything else it raises is a bug.
        Either way the submits on the wire are answered before, if they are in time."""
        await self._database.run(release_claims, now=self._clock.now(), owner=self._owner)
        try:
            while not self._stopping:
                await self._take_turns()
        except Exception:
            self.stop()
            await self._let_submits_finish()
            raise
        await self._let_submits_finish()

    def stop(self) -> None:
        """Claim and submit nothing more; `run` returns when the submits on the wire are
        answered."""
        self._stopping = True
        self._steps.stop()
        self._wakeup.ring()

    async def _take_turns(self) -> None:
        """Begin what is due and has room; where nothing is, wait until something is. A step that
        ends makes room and rings the bell."""
        rooms = self._rooms()
        try:
            found = await self._claim(rooms)
            due_at = None if found else await self._database.run(next_due_at, list(rooms))
        except StorageUnavailable as unavailable:
            log.error("storage unavailable", reason=unavailable.sentence)
            found, due_at = False, self._clock.now() + STORAGE_PAUSE_S
        if not found:
            await self._wakeup.wait_until(due_at)

    def _rooms(self) -> Rooms:
        """How many turns every gateway may take now, also one whose key is gone: its executions
        have to end."""
        taken = Counter((e.gateway, errand) for e, errand in self._under_way.values())
        left = {
            (gateway, errand): most - taken[gateway, errand]
            for gateway in GatewayName
            for errand, most in ROOM.items()
        }
        return {turn: room for turn, room in left.items() if room > 0}

    async def _claim(self, rooms: Rooms) -> bool:
        """Claim a batch for every gateway that has room; whether anything was due."""
        claimed = await self._database.run(
            claim_turns, rooms, now=self._clock.now(), owner=self._owner
        )
        for execution, errand in claimed:
            task = asyncio.create_task(self._step(execution), name=f"step {execution.id}")
            self._under_way[task] = (execution, errand)
            task.add_done_callback(self._done)
        return bool(claimed)

    async def _step(self, execution: Execution) -> None:
        try:
            await self._steps.step(execution)
        except StorageUnavailable as unavailable:
            log.error("step not written", execution=execution.id, reason=unavailable.sentence)
        except Exception as error:
            log.exception("step broke", execution=execution.id, state=execution.state)
            await self._write_down(execution, type(error).__name__)

    async def _write_down(self, execution: Execution, reason: str) -> None:
        """A bug that breaks one step must not break it for ever: its tries are counted."""
        try:
            await self._steps.broke(execution, reason)
        except StorageUnavailable as unavailable:
            log.error("step not written", execution=execution.id, reason=unavailable.sentence)
        except Exception:
            log.exception("a broken step cannot be written down", execution=execution.id)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake()

    async def _let_submits_finish(self) -> None:
        """Answers to submits are money; everything else can be asked again after a restart."""
        submits = {t for t, (e, _) in self._under_way.items() if e.state is State.QUEUED}
        rest = set(self._under_way) - submits
        for task in rest:
            task.cancel()
        if submits:
            _, unanswered = await asyncio.wait(submits, timeout=SUBMIT_GRACE_S)
            for task in unanswered:
                task.cancel()
        await asyncio.gather(*submits, *rest, return_exceptions=True)
