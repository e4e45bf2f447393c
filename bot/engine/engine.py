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
from storage.executions import Errand, claim_due, next_due_at, release_claims

ROOM = {Errand.CALL: 64, Errand.TRANSFER: 6}  # at once, a gateway
STORAGE_PAUSE_S = 2.0
NO_ROOM_RECHECK_S = 0.05
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
        """Claim and step until `stop`. Returns only then; anything else it raises is a bug."""
        await self._database.run(release_claims, now=self._clock.now(), owner=self._owner)
        while not self._stopping:
            try:
                found = await self._claim()
                due_at = None if found else await self._database.run(next_due_at)
            except StorageUnavailable as unavailable:
                log.error("storage unavailable", reason=unavailable.sentence)
                found, due_at = False, self._clock.now() + STORAGE_PAUSE_S
            if not found:
                await self._wakeup.wait_until(self._not_at_once(due_at))
        await self._let_submits_finish()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the submits on the wire are answered."""
        self._stopping = True
        self._wakeup.ring()

    def _not_at_once(self, due_at: float | None) -> float | None:
        """What is due and was not claimed waits for room: a step that ends rings the bell."""
        return None if due_at is None else max(due_at, self._clock.now() + NO_ROOM_RECHECK_S)

    async def _claim(self) -> bool:
        """Claim a batch for every gateway that has room; whether anything was due."""
        found = False
        taken = Counter((e.gateway, errand) for e, errand in self._under_way.values())
        for gateway in self._steps.breakers:
            for errand, most in ROOM.items():
                room = most - taken[gateway, errand]
                if room > 0:
                    found |= await self._claim_some(gateway, errand, room)
        return found

    async def _claim_some(self, gateway: GatewayName, errand: Errand, room: int) -> bool:
        claimed = await self._database.run(
            claim_due, gateway, errand, now=self._clock.now(), owner=self._owner, limit=room
        )
        for execution in claimed:
            task = asyncio.create_task(self._step(execution), name=f"step {execution.id}")
            self._under_way[task] = (execution, errand)
            task.add_done_callback(self._done)
        return bool(claimed)

    async def _step(self, execution: Execution) -> None:
        try:
            await self._steps.step(execution)
        except StorageUnavailable as unavailable:
            log.error("step not written", execution=execution.id, reason=unavailable.sentence)
        except Exception:
            log.exception("step broke", execution=execution.id, state=execution.state)

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
