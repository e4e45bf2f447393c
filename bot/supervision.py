"""How the process ends: in order, whether it is told to or a loop dies, and within a limit.

A stop begins nothing more, lets the submits on the wire be answered (they are money), and cuts off
the rest: the database is enough to go on.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Collection, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import structlog

from bot.exits import Exit
from storage.errors import EXCHANGED, DatabaseExchanged

STOP_LIMIT_S = 29  # whatever hangs, the process is gone after this
FINISH_LIMIT_S = 23.0  # a part of it: what the loops may take; then everything is closed
CUT_OFF_LIMIT_S = 1.0

log = structlog.get_logger(__name__)

T = TypeVar("T")
Loops = list[asyncio.Task[None]]


@contextmanager
def stoppable() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set. Once it is set, by whomever, the process ends within
    `STOP_LIMIT_S`, and asking again makes it neither sooner nor later."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    limiting = asyncio.create_task(_limit(told), name="stop limit")
    try:
        yield told
    finally:
        limiting.cancel()


async def _limit(told: asyncio.Event) -> None:
    await told.wait()
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(STOP_LIMIT_S)


def _give_up(*_: object) -> NoReturn:
    """Something hangs that cannot be cancelled, a thread or a pipe: end without asking it."""
    os._exit(Exit.LOOP_DIED)


async def unless(told: asyncio.Event, start: Coroutine[Any, Any, T]) -> T | None:
    """What `start` comes to; None where the process is told to stop before. Raises what it
    raises."""
    starting, stopping = asyncio.create_task(start), asyncio.create_task(told.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if starting.done():
        return starting.result()
    starting.cancel()
    await asyncio.wait({starting}, timeout=CUT_OFF_LIMIT_S)
    return None


def start(loops: Mapping[str, Coroutine[Any, Any, None]]) -> Loops:
    """Every loop as a task with its name."""
    return [asyncio.create_task(loop, name=name) for name, loop in loops.items()]


async def until_over(told: asyncio.Event, loops: Loops) -> Exit:
    """Wait until the process is told to stop or a loop ends by itself, which also tells it to."""
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({stopping, *loops}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    dead = [loop for loop in loops if loop.done()]
    statuses = [_told_of(loop) for loop in dead]
    log.info("stopping")
    told.set()
    return max(statuses, default=Exit.OK)


def _told_of(dead: asyncio.Task[None]) -> Exit:
    """Say why a loop died; the status it ends the process with."""
    cause = None if dead.cancelled() else dead.exception()
    if isinstance(cause, DatabaseExchanged):
        log.error(f"{EXCHANGED} Look at DATABASE_URL, then start again.")
        return Exit.CONFIG
    log.error("a loop died", loop=dead.get_name(), exc_info=cause)
    return Exit.LOOP_DIED


async def finish(loops: Loops, *, endless: Collection[str]) -> None:
    """Let the loops that were stopped finish; the endless ones have nothing to."""
    for loop in loops:
        if loop.get_name() in endless:
            loop.cancel()
    _, left = await asyncio.wait(loops, timeout=FINISH_LIMIT_S)
    for loop in left:
        log.warning("a loop is cut off", loop=loop.get_name())
        loop.cancel()
    if left:
        await asyncio.wait(left, timeout=CUT_OFF_LIMIT_S)
    for loop in loops:
        if loop.done() and not loop.cancelled() and (broken := loop.exception()):
            log.warning("a loop broke off", loop=loop.get_name(), reason=type(broken).__name__)
