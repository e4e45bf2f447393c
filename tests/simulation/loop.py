"""An event loop whose time jumps: the whole bot runs on it, and the same seed runs the same way.

Nothing sleeps: when nothing is ready, time goes to the next timer. Nothing scheduled at all is a
deadlock, and a hundred thousand steps in which no time passes is a livelock; both are errors.
Ready callbacks run in a seeded order, so that other interleavings are explored. Work on a real
thread (aiosqlite's) freezes time until it is answered, and is delivered in the order it was asked.
"""

from __future__ import annotations

import asyncio
import gc
import heapq
import queue
import random
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any

STEPS_WITHOUT_TIME_MAX = 100_000
COLLECT_EVERY_STEPS = 200_000  # at a step and not when Python likes, so that runs are alike
FOREIGN_PATIENCE_S = 30.0
SWEEP_MIN_TASKS = 256
CANCELLED_MIN_TIMERS = 100  # with more, and half of them cancelled, the heap is made anew


class Deadlock(Exception):
    """Nothing is ready and nothing is scheduled."""


class Livelock(Exception):
    """The loop turns and turns, and no time passes."""


class Mortal:
    """Something whose tasks can be dropped at once, as a killed process drops them."""

    def __init__(self) -> None:
        self.dead = False
        self._begun: list[asyncio.Task[Any]] = []
        self._swept_at = SWEEP_MIN_TASKS

    @property
    def tasks(self) -> list[asyncio.Task[Any]]:
        """Those that have not ended."""
        return [task for task in self._begun if not task.done()]

    def began(self, task: asyncio.Task[Any]) -> None:
        """Another one."""
        self._begun.append(task)
        if len(self._begun) > self._swept_at:
            self._begun = self.tasks
            self._swept_at = 2 * len(self._begun) + SWEEP_MIN_TASKS


LIFE: ContextVar[Mortal | None] = ContextVar("life", default=None)


class VirtualLoop(asyncio.BaseEventLoop):
    """asyncio on virtual seconds since its start. `shuffle` is what orders ready callbacks."""

    _ready: deque[Any]
    _scheduled: list[Any]
    _closed: bool
    _stopping: bool
    _timer_cancelled_count: int

    def __init__(self, shuffle: random.Random | None = None) -> None:
        super().__init__()
        self._clock_resolution = 1e-9
        self._virtual_s = 0.0
        self._shuffle = shuffle
        self._buried = False
        self._graves: list[object] = []
        self._steps = 0
        self._steps_at_time = 0
        self._thread = threading.get_ident()
        self._foreign: queue.SimpleQueue[asyncio.Handle] = queue.SimpleQueue()
        self._foreign_asked = 0

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual_s

    def ask_foreign(self) -> None:
        """A thread was given something that it will answer with one `call_soon_threadsafe`."""
        self._foreign_asked += 1

    def create_task(  # type: ignore[override]  # typeshed's is generic over the coroutine
        self, coro: Any, *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[Any]:
        """A task, noted with the life it belongs to."""
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        life = context.get(LIFE) if context else LIFE.get()
        if life is not None:
            life.began(task)
        return task

    def bury(self, life: Mortal, *remains: object) -> None:
        """Somebody died: what is scheduled for them never runs. Their tasks and `remains` are kept
        until `close`, so that no destructor of theirs runs before."""
        life.dead = self._buried = True
        unfinished = life.tasks
        self._graves += [*remains, *unfinished]
        for task in unfinished:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio's own
        for handle in (*self._scheduled, *self._ready):
            self._drop_if_dead(handle)

    def call_soon(  # type: ignore[override]  # typeshed's is generic over the callback
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As asyncio's, which looks at more."""
        if self._closed:
            raise RuntimeError("Event loop is closed")
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(  # type: ignore[override]  # typeshed's is generic over the callback
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """From the loop's own thread `call_soon`; from another one, kept until it is awaited."""
        if threading.get_ident() == self._thread:
            return self.call_soon(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        self._foreign.put(handle)
        return handle

    def close(self) -> None:
        """End it, and let the dead go."""
        super().close()
        self._graves.clear()
        self._ready.clear()
        self._scheduled.clear()

    def _run_once(self) -> None:
        """A step: what is ready, or else what is due next. In asyncio's place, where most of the
        time went into what only sockets need; the order of everything is the same."""
        ready, scheduled = self._ready, self._without_cancelled()
        self._shaken()
        if self._foreign_asked:
            self._await_foreign()
        if not ready and not self._stopping:
            self._jump()
        end_s = self._virtual_s + self._clock_resolution
        while scheduled and scheduled[0]._when < end_s:
            timer = heapq.heappop(scheduled)
            timer._scheduled = False
            ready.append(timer)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _shaken(self) -> None:
        """Raises `Livelock`. The dead are dropped, the living are shuffled."""
        self._steps += 1
        if self._steps - self._steps_at_time > STEPS_WITHOUT_TIME_MAX:
            raise Livelock(f"no time passes after {self._virtual_s:.3f} s")
        if self._steps % COLLECT_EVERY_STEPS == 0:
            gc.collect()
        if self._buried:
            for handle in tuple(self._ready):
                self._drop_if_dead(handle)
        if self._shuffle is not None and len(self._ready) > 1:
            self._shuffle.shuffle(self._ready)

    def _without_cancelled(self) -> list[Any]:
        """The timers, after asyncio's own tidying."""
        count = len(self._scheduled)
        if count > CANCELLED_MIN_TIMERS and self._timer_cancelled_count / count > 0.5:
            self._scheduled = [timer for timer in self._scheduled if not timer._cancelled]
            heapq.heapify(self._scheduled)
            self._timer_cancelled_count = 0
        while self._scheduled and self._scheduled[0]._cancelled:
            self._timer_cancelled_count -= 1
            heapq.heappop(self._scheduled)._scheduled = False
        return self._scheduled

    def _jump(self) -> None:
        """To the next timer. Raises `Deadlock`."""
        if not self._scheduled:
            raise Deadlock(f"nothing is scheduled after {self._virtual_s:.3f} s")
        if self._scheduled[0]._when > self._virtual_s:
            self._virtual_s = self._scheduled[0]._when
            self._steps_at_time = self._steps

    def _await_foreign(self) -> None:
        while self._foreign_asked:
            handle = self._foreign.get(timeout=FOREIGN_PATIENCE_S)
            self._foreign_asked -= 1
            self._ready.append(handle)

    def _write_to_self(self) -> None:
        """Nobody waits in a selector."""

    def _drop_if_dead(self, handle: Any) -> None:
        """What it would have called is kept as the other remains are."""
        life = handle._context.get(LIFE) if handle._context is not None else None
        if life is not None and life.dead:
            self._graves += [handle._callback, handle._args]
            handle.cancel()
