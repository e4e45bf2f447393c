"""The notifier's loop: claim a lane, do the one thing that is next in it, write down what came of
it. One Slack channel is never told two things at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import structlog

from bot.notifier.edits import Edits
from bot.notifier.effects import Effects
from bot.wakeup import Wakeup
from domain.errors import StorageUnavailable
from domain.ports import Clock, Database
from storage.fallbacks import expire_blocked
from storage.held_replies import forget_held
from storage.lanes import (
    TELL_TIMEOUT_S,
    EditDue,
    EffectDue,
    claim_lane,
    next_lane_at,
    release_lanes,
)

LANES_AT_ONCE = 16
STORAGE_PAUSE_S = 2.0
EXPIRY_EVERY_S = 15.0

log = structlog.get_logger(__name__)


class Notifier:
    """Runs until it is told to stop. Whoever writes something to tell rings `wakeup`."""

    def __init__(
        self,
        *,
        effects: Effects,
        edits: Edits,
        database: Database,
        clock: Clock,
        wakeup: Wakeup,
        wake: Callable[[], None],
        owner: str,
    ) -> None:
        self._effects = effects
        self._edits = edits
        self._database = database
        self._clock = clock
        self._wakeup = wakeup
        self._wake = wake
        self._owner = owner
        self._under_way: dict[asyncio.Task[None], EffectDue | EditDue] = {}
        self._stopping = False
        self._expired_at = 0.0

    async def run(self) -> None:
        """Claim and tell until `stop`."""
        await self._database.run(release_lanes, now=self._clock.now(), owner=self._owner)
        while not self._stopping:
            try:
                has_room = len(self._under_way) < LANES_AT_ONCE
                due = await self._claim() if has_room else None
                idle = has_room and due is None
                next_at = await self._database.run(next_lane_at) if idle else None
            except StorageUnavailable as unavailable:
                log.error("storage unavailable", reason=unavailable.sentence)
                due, next_at = None, self._clock.now() + STORAGE_PAUSE_S
            if due is None:
                await self._wakeup.wait_until(next_at)
            else:
                self._begin(due)
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what was begun is done."""
        self._stopping = True
        self._wakeup.ring()

    async def _claim(self) -> EffectDue | EditDue | None:
        now = self._clock.now()
        if now - self._expired_at >= EXPIRY_EVERY_S:
            self._expired_at = now
            await self._database.run(expire_blocked, now=now)
            await self._database.run(forget_held, now=now)
        return await self._database.run(claim_lane, now=now, owner=self._owner)

    def _begin(self, due: EffectDue | EditDue) -> None:
        """A turn in a lane begins when the one before it has ended, to the last of its steps."""
        before = [task for task, turn in self._under_way.items() if _lane(turn) == _lane(due)]
        if any(_is_same_effect(self._under_way[task], due) for task in before):
            # The clock was set past its lease; the turn itself goes on, and two would say it twice.
            log.warning("effect claimed again", channel=due.channel)
            return
        task = asyncio.create_task(self._tell(due, before), name=f"tell {due.channel}")
        self._under_way[task] = due
        task.add_done_callback(self._done)

    async def _tell(self, due: EffectDue | EditDue, before: Collection[asyncio.Task[None]]) -> None:
        """One turn in a lane, shorter than the lane's lease."""
        if before:
            await asyncio.wait(before)
        try:
            async with asyncio.timeout(TELL_TIMEOUT_S):
                await self._say(due)
        except StorageUnavailable as unavailable:
            log.error("telling not written", channel=due.channel, reason=unavailable.sentence)
        except Exception:
            log.exception("telling broke", channel=due.channel)
            await self._broke(due)

    async def _say(self, due: EffectDue | EditDue) -> None:
        if isinstance(due, EditDue):
            await self._edits.edit(due)
        else:
            await self._effects.perform(due)

    async def _broke(self, due: EffectDue | EditDue) -> None:
        """Written down, or left to its lease: then it is looked for."""
        try:
            if isinstance(due, EditDue):
                await self._edits.broke(due)
            else:
                await self._effects.broke(due)
        except StorageUnavailable as unavailable:
            log.error("telling not written", channel=due.channel, reason=unavailable.sentence)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake()


def _lane(due: EffectDue | EditDue) -> tuple[str, str]:
    return due.team_id, due.channel


def _is_same_effect(one: EffectDue | EditDue, other: EffectDue | EditDue) -> bool:
    """An edit may be repeated without harm; an effect may not."""
    return isinstance(one, EffectDue) and isinstance(other, EffectDue) and one.mark == other.mark
