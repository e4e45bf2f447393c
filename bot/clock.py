"""Real time, real randomness, real threads: what a simulation replaces.

Together with `bot.logs` (whose writer is a thread, so that a full pipe never stops the loop) this
is the only module that may touch them; `tests/test_architecture.py` holds it to that.
"""

from __future__ import annotations

import asyncio
import contextvars
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

THREADS_MAX = 8
ID_BYTES = 16

P = ParamSpec("P")
T = TypeVar("T")

_random = secrets.SystemRandom()


class SystemClock:
    """`domain.ports.Clock` of the machine."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class RandomIds:
    """`domain.ports.Ids` from the system's randomness: 128 bits, so nothing has to be checked."""

    def new(self, prefix: str) -> str:
        """`prefix_` and 32 hex digits."""
        return f"{prefix}_{secrets.token_hex(ID_BYTES)}"

    def jitter(self) -> float:
        return _random.random()


class WorkerThreads:
    """`domain.ports.Threads`: a pool of its own, so that slow work never delays a name lookup."""

    def __init__(self, *, threads_max: int = THREADS_MAX) -> None:
        self._pool = ThreadPoolExecutor(threads_max, thread_name_prefix="dailies")

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it on a thread with the caller's context. Cancelling only stops waiting."""
        context = contextvars.copy_context()
        call = partial(context.run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        """Take no more work and forget what has not begun; what runs is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
