"""The one loop of the engine, the notifier and the uploader: claim what is due, begin it, and wait
until more is. Whoever writes a due row rings its bell; a turn that ends rings everybody's, because
it has made room and may have left something to tell. One that was cut off, or that storage did not
let write down what it came to, gives its claim back, as soon as storage takes that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

import structlog

from bot.wakeup import Wakeup
from domain.errors import StorageUnavailable
from domain.ports import Clock
from domain.schedule import backoff_s
from storage.turns import Claimed

STORAGE_PAUSE_S = 2.0
GIVE_BACK_RETRY_S = 1.0
BACKOFF_JITTER = 0.5
UNWRITTEN_KEPT = 1_000  # of how many turns it is known how often they were not written

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Turns(Generic[T]):
    """Turns of one kind, several under way at once.

    `claim` takes no more than there is room for, so nothing that is claimed waits in memory until
    its lease lapses. `begin` makes a turn's task, none where it must not be begun. `give_back`
    makes a turn due again at a time; False where it is not ours any more.
    """

    def __init__(
        self,
        *,
        claim: Callable[[], Awaitable[Claimed[T]]],
        begin: Callable[[T], asyncio.Task[None] | None],
        give_back: Callable[[T, float], Awaitable[bool]],
        clock: Clock,
        wakeup: Wakeup,
        wake: Callable[[], None],
    ) -> None:
        self._claim = claim
        self._begin = begin
        self._give_back = give_back
        self._clock = clock
        self._wakeup = wakeup
        self._wake = wake
        self._under_way: dict[asyncio.Task[None], T] = {}
        self._unwritten: dict[str, int] = {}
        self._returning: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def under_way(self) -> Mapping[asyncio.Task[None], T]:
        """What was begun and has not ended."""
        return self._under_way

    async def run(self, first: Callable[[], Awaitable[object]] | None = None) -> None:
        """Claim and begin until `stop`; what was begun then is still under way. Nothing is claimed
        until storage has taken what comes `first`."""
        try:
            await self._claim_and_begin(first)
        finally:
            self._stopping = True  # whoever was cut off, too, leaves its claims to the next start

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._wakeup.ring()

    async def cut_off(self) -> None:
        """End what is still under way, wherever it is."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def unwritten(self, turn: T, name: str, reason: StorageUnavailable) -> None:
        """A turn ended and could not be written down. It is due again soon, later each time that
        happens to it (a disk may take some things and not others). A stop leaves it to its lease,
        which the next start ends."""
        tries = self._unwritten.pop(name, 0)
        self._unwritten[name] = tries + 1
        while len(self._unwritten) > UNWRITTEN_KEPT:
            del self._unwritten[next(iter(self._unwritten))]
        log.error("turn not written", turn=name, reason=reason.sentence)
        await self._return(turn, tries)

    def written(self, name: str) -> None:
        """A turn was written down."""
        self._unwritten.pop(name, None)

    async def _return(self, turn: T, tries: int) -> None:
        while not self._stopping:
            await self._clock.sleep(GIVE_BACK_RETRY_S)
            try:
                await self._give_back(turn, self._clock.now() + backoff_s(tries, BACKOFF_JITTER))
            except StorageUnavailable:
                continue
            return

    async def _recover(self, turn: T, name: str) -> None:
        """It was cut off, and we go on."""
        await self._return(turn, 0)
        if not self._stopping:
            log.error("turn cut off", turn=name)

    async def _claim_and_begin(self, first: Callable[[], Awaitable[object]] | None) -> None:
        while not self._stopping:
            try:
                if first is not None:
                    await first()
                    first = None
                claimed = await self._claim()
            except StorageUnavailable as unavailable:
                log.error("storage unavailable", reason=unavailable.sentence)
                claimed = Claimed(next_at=self._clock.now() + STORAGE_PAUSE_S)
            for turn in claimed.turns:
                self._start(turn)
            await self._wakeup.wait_until(claimed.next_at)

    def _start(self, turn: T) -> None:
        task = self._begin(turn)
        if task is not None:
            self._under_way[task] = turn
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        turn = self._under_way.pop(task)
        if task.cancelled() and not self._stopping:
            returning = asyncio.create_task(self._recover(turn, task.get_name()))
            self._returning.add(returning)
            returning.add_done_callback(self._returning.discard)
        self._wake()
