"""How the process ends: in order when it is told to, at once when a loop dies."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Collection, Coroutine, Mapping
from typing import Any

import structlog

from bot.exits import Exit

STOP_LIMIT_S = 29  # whatever hangs, the process is gone after this

log = structlog.get_logger(__name__)

Loops = list[asyncio.Task[None]]


def told_to_stop() -> asyncio.Event:
    """Set by a signal, which also sets the alarm: whatever hangs, the process ends."""
    told = asyncio.Event()

    def tell() -> None:
        told.set()
        signal.alarm(STOP_LIMIT_S)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    return told


def start(loops: Mapping[str, Coroutine[Any, Any, None]]) -> Loops:
    """Every loop as a task with its name."""
    return [asyncio.create_task(loop, name=name) for name, loop in loops.items()]


async def told_first(told: asyncio.Event, loops: Loops) -> bool:
    """Wait until the process is told to stop, or until a loop ends by itself (False)."""
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait([stopping, *loops], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    return told.is_set()


async def finish(loops: Loops, *, endless: Collection[str]) -> None:
    """Let the loops that were stopped finish; the endless ones have nothing to."""
    for loop in loops:
        if loop.get_name() in endless:
            loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)


async def cut_off(loops: Loops) -> Exit:
    """Say which loop died of what; what is left is cut off, the database is enough to go on."""
    for loop in loops:
        if loop.done():
            log.error("a loop died", loop=loop.get_name(), exc_info=loop.exception())
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    return Exit.LOOP_DIED
