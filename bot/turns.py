"""The one loop of the engine, the notifier and the uploader: claim what is due, begin it, and wait
until more is. Whoever writes a due row rings its bell; a turn that ends rings everybody's, because
it has made room and may have left something to tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

import structlog

from bot.wakeup import Wakeup
from domain.errors import StorageUnavailable
from domain.ports import Clock
from storage.turns import Claimed

STORAGE_PAUSE_S = 2.0

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Turns(Generic[T]):
    """Turns of one kind, several under way at once.

    `claim` takes no more than there is room for, so nothing that is claimed waits in memory until
    its lease lapses. `begin` makes a turn's task, none where it must not be begun.
    """

    def __init__(
        self,
        *,
        claim: Callable[[], Awaitable[Claimed[T]]],
        begin: Callable[[T], asyncio.Task[None] | None],
        clock: Clock,
        wakeup: Wakeup,
        wake: Callable[[], None],
    ) -> None:
        self._claim = claim
        self._begin = begin
        self._clock = clock
        self._wakeup = wakeup
        self._wake = wake
        self._under_way: dict[asyncio.Task[None], T] = {}
        self._stopping = False

    @property
    def under_way(self) -> Mapping[asyncio.Task[None], T]:
        """What was begun and has not ended."""
        return self._under_way

    async def run(self) -> None:
        """Claim and begin until `stop`; what was begun then is still under way."""
        while not self._stopping:
            try:
                claimed = await self._claim()
            except StorageUnavailable as unavailable:
                log.error("storage unavailable", reason=unavailable.sentence)
                claimed = Claimed(next_at=self._clock.now() + STORAGE_PAUSE_S)
            for turn in claimed.turns:
                self._start(turn)
            await self._wakeup.wait_until(claimed.next_at)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._wakeup.ring()

    def _start(self, turn: T) -> None:
        task = self._begin(turn)
        if task is not None:
            self._under_way[task] = turn
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake()
