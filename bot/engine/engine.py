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
from bot.turns import Turns
from bot.wakeup import Wakeup
from domain.errors import StorageUnavailable
from domain.execution import Execution, State
from domain.offer import GatewayName
from domain.ports import Clock, Database
from storage.executions import Errand, Rooms, release_claims
from storage.give_back import give_back_execution
from storage.records import forget_refused_keys
from storage.turns import Claimed, claim_executions

ROOM = {Errand.CALL: 64, Errand.PREPARE: 6, Errand.FETCH: 6}  # at once, a gateway
SUBMIT_GRACE_S = 20.0  # at a stop, submits on the wire get this long to be answered

Turn = tuple[Execution, Errand]

log = structlog.get_logger(__name__)


class Engine:
    """Runs until it is told to stop. Whoever writes a due row rings `wakeup`."""

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
        self._owner = owner
        self._turns = Turns(
            claim=self._claim,
            begin=self._begin,
            give_back=self._give_back,
            clock=clock,
            wakeup=wakeup,
            wake=wake,
        )

    async def run(self) -> None:
        """Claim and step until `stop`. Returns only then; anything else it raises is a bug.
        Either way the submits on the wire are answered before, if they are in time."""
        try:
            await self._turns.run(self._release)
        except Exception:
            self.stop()
            await self._let_submits_finish()
            raise
        await self._let_submits_finish()

    def stop(self) -> None:
        """Claim and submit nothing more; `run` returns when the submits on the wire are
        answered."""
        self._steps.stop()
        self._turns.stop()

    async def _release(self) -> None:
        """What the processes before had claimed, and which keys were refused to them. Raises
        `StorageUnavailable`."""
        await self._database.run(release_claims, now=self._clock.now(), owner=self._owner)
        await self._database.run(forget_refused_keys)

    async def _claim(self) -> Claimed[Turn]:
        """A batch for every gateway that has room."""
        now = self._clock.now()
        return await self._database.run(claim_executions, self._rooms(), now=now, owner=self._owner)

    def _rooms(self) -> Rooms:
        """How many turns every gateway may take now, also one whose key is gone: its executions
        have to end."""
        taken = Counter((e.gateway, errand) for e, errand in self._turns.under_way.values())
        left = {
            (gateway, errand): most - taken[gateway, errand]
            for gateway in GatewayName
            for errand, most in ROOM.items()
        }
        return {turn: room for turn, room in left.items() if room > 0}

    def _begin(self, turn: Turn) -> asyncio.Task[None]:
        return asyncio.create_task(self._take(turn), name=f"step {turn[0].id}")

    async def _take(self, turn: Turn) -> None:
        execution, _ = turn
        try:
            await self._step(execution)
        except StorageUnavailable as unavailable:
            await self._turns.unwritten(turn, execution.id, unavailable)
        else:
            self._turns.written(execution.id)

    async def _give_back(self, turn: Turn, until: float) -> bool:
        execution, _ = turn
        return await self._database.run(
            give_back_execution, execution, owner=self._owner, until=until
        )

    async def _step(self, execution: Execution) -> None:
        try:
            await self._steps.step(execution)
        except StorageUnavailable:
            raise
        except Exception as error:
            log.exception("step broke", execution=execution.id, state=execution.state)
            await self._write_down(execution, type(error).__name__)

    async def _write_down(self, execution: Execution, reason: str) -> None:
        """A bug that breaks one step must not break it for ever: its tries are counted."""
        try:
            await self._steps.broke(execution, reason)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("a broken step cannot be written down", execution=execution.id)

    async def _let_submits_finish(self) -> None:
        """Answers to submits are money; everything else can be asked again after a restart."""
        under_way = self._turns.under_way
        submits = {task for task, (e, _) in under_way.items() if e.state is State.QUEUED}
        rest = set(under_way) - submits
        for task in rest:
            task.cancel()
        if submits:
            _, unanswered = await asyncio.wait(submits, timeout=SUBMIT_GRACE_S)
            for task in unanswered:
                task.cancel()
        await asyncio.gather(*submits, *rest, return_exceptions=True)
