"""The notifier's loop: claim a lane, do the one thing that is next in it, write down what came of
it. One Slack channel is never told two things at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import structlog

from bot.notifier.edits import Edits
from bot.notifier.effects import Effects
from bot.turns import Turns
from bot.wakeup import Wakeup
from domain.errors import StorageUnavailable
from domain.ports import Clock, Database, Slack
from storage.give_back import give_back_edit, give_back_effect
from storage.lanes import TELL_TIMEOUT_S, EditDue, EffectDue, release_lanes
from storage.sweeping import sweep
from storage.turns import Claimed, claim_lanes

LANES_AT_ONCE = 16
SWEEP_EVERY_S = 15.0

Due = EffectDue | EditDue

log = structlog.get_logger(__name__)


class Notifier:
    """Runs until it is told to stop. Whoever writes something to tell rings `wakeup`."""

    def __init__(
        self,
        *,
        effects: Effects,
        edits: Edits,
        slack: Slack,
        database: Database,
        clock: Clock,
        wakeup: Wakeup,
        wake: Callable[[], None],
        owner: str,
    ) -> None:
        self._effects = effects
        self._edits = edits
        self._slack = slack
        self._database = database
        self._clock = clock
        self._owner = owner
        self._swept_at: float | None = None  # by the clock that is never set
        self._turns = Turns(
            claim=self._claim,
            begin=self._begin,
            give_back=self._give_back,
            clock=clock,
            wakeup=wakeup,
            wake=wake,
        )

    async def run(self) -> None:
        """Claim and tell until `stop`."""
        await self._turns.run(self._release)
        await asyncio.gather(*self._turns.under_way, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what was begun is done."""
        self._turns.stop()

    async def _release(self) -> None:
        """What the processes before had claimed. Raises `StorageUnavailable`."""
        await self._database.run(release_lanes, now=self._clock.now(), owner=self._owner)

    async def _claim(self) -> Claimed[Due]:
        room = LANES_AT_ONCE - len(self._turns.under_way)
        if room == 0:
            return Claimed()
        now, elapsed_s = self._clock.now(), self._clock.monotonic()
        if self._swept_at is None or elapsed_s - self._swept_at >= SWEEP_EVERY_S:
            self._swept_at = elapsed_s
            await self._database.run(sweep, now=now)
        return await self._database.run(
            claim_lanes, room=room, now=now, owner=self._owner, slack_now=self._slack.now()
        )

    def _begin(self, due: Due) -> asyncio.Task[None] | None:
        """A turn in a lane begins when the one before it has ended, to the last of its steps."""
        under_way = self._turns.under_way
        before = [task for task, turn in under_way.items() if _lane(turn) == _lane(due)]
        if any(_is_same_effect(under_way[task], due) for task in before):
            # The clock was set past its lease; the turn itself goes on, and two would say it twice.
            log.warning("effect claimed again", channel=due.channel)
            return None
        return asyncio.create_task(self._tell(due, before), name=f"tell {due.channel}")

    async def _tell(self, due: Due, before: Collection[asyncio.Task[None]]) -> None:
        """One turn in a lane, shorter than the lane's lease."""
        if before:
            await asyncio.wait(before)
        name = _name(due)
        try:
            await self._told(due)
        except StorageUnavailable as unavailable:
            await self._turns.unwritten(due, name, unavailable)
        else:
            self._turns.written(name)

    async def _give_back(self, due: Due, until: float) -> bool:
        now = self._clock.now()
        if isinstance(due, EffectDue):
            return await self._database.run(give_back_effect, due, now=now, until=until)
        return await self._database.run(
            give_back_edit, due, owner=self._owner, now=now, until=until
        )

    async def _told(self, due: Due) -> None:
        """Raises `StorageUnavailable` where nothing could be written."""
        try:
            async with asyncio.timeout(TELL_TIMEOUT_S):
                await self._say(due)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("telling broke", channel=due.channel)
            await self._broke(due)

    async def _say(self, due: Due) -> None:
        if isinstance(due, EditDue):
            await self._edits.edit(due)
        else:
            await self._effects.perform(due)

    async def _broke(self, due: Due) -> None:
        """Written down; then it is looked for."""
        if isinstance(due, EditDue):
            await self._edits.broke(due)
        else:
            await self._effects.broke(due)


def _name(due: Due) -> str:
    return due.mark if isinstance(due, EffectDue) else due.message_id


def _lane(due: Due) -> tuple[str, str]:
    return due.team_id, due.channel


def _is_same_effect(one: Due, other: Due) -> bool:
    """An edit may be repeated without harm; an effect may not."""
    return isinstance(one, EffectDue) and isinstance(other, EffectDue) and one.mark == other.mark
