"""How the process ends: told to, by a loop that dies, and by the limit where something hangs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest
from structlog.testing import capture_logs

from bot import supervision
from bot.exits import Exit

HANGING = """
import asyncio, os, signal, threading, time
from bot import supervision
supervision.STOP_LIMIT_S = 1

async def run():
    with supervision.stoppable() as told:
        os.kill(os.getpid(), signal.SIGTERM)
        await told.wait()
        await asyncio.sleep(0.1)

threading.Thread(target=time.sleep, args=(60,)).start()
asyncio.run(run())
"""


async def for_ever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise ValueError("a bug")


async def returns() -> None:
    return


@pytest.mark.parametrize("death", [broken, returns])
async def test_a_loop_that_ends_by_itself_ends_the_process(death: object) -> None:
    told = asyncio.Event()
    assert callable(death)
    loops = supervision.start({"engine": death(), "ears": for_ever()})
    with capture_logs() as lines:
        assert await supervision.until_over(told, loops) is Exit.LOOP_DIED
    assert told.is_set(), "the limit would not begin"
    assert [line["loop"] for line in lines if line["event"] == "a loop died"] == ["engine"]
    await supervision.finish(loops, endless={"ears"})
    assert all(loop.done() for loop in loops)


async def test_told_to_stop_no_loop_has_died() -> None:
    told = asyncio.Event()
    loops = supervision.start({"engine": for_ever()})
    told.set()
    assert await supervision.until_over(told, loops) is Exit.OK
    await supervision.finish(loops, endless={"engine"})


async def test_a_loop_that_does_not_finish_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FINISH_LIMIT_S", 0.05)
    loops = supervision.start({"notifier": for_ever(), "uploader": returns()})
    with capture_logs() as lines:
        await supervision.finish(loops, endless=set())
    assert loops[0].cancelled()
    assert [line["loop"] for line in lines] == ["notifier"]


async def test_a_loop_that_cannot_be_cancelled_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FINISH_LIMIT_S", 0.05)
    monkeypatch.setattr(supervision, "CUT_OFF_LIMIT_S", 0.05)
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    loops = supervision.start({"notifier": stubborn()})
    async with asyncio.timeout(2):
        await supervision.finish(loops, endless=set())
    assert not loops[0].done()
    let_go.set()
    await loops[0]


async def test_a_start_goes_on_unless_told_to_stop() -> None:
    told, was_cancelled = asyncio.Event(), False

    async def start() -> str:
        nonlocal was_cancelled
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            was_cancelled = True
            raise
        return "begun"

    asyncio.get_running_loop().call_later(0.01, told.set)
    assert await supervision.unless(told, start()) is None
    assert was_cancelled
    assert await supervision.unless(asyncio.Event(), asyncio.sleep(0, "begun")) == "begun"
    with pytest.raises(ValueError, match="a bug"):
        await supervision.unless(asyncio.Event(), broken())


@pytest.mark.process
def test_a_thread_that_hangs_does_not_keep_the_process() -> None:
    began_at = time.monotonic()
    ended = subprocess.run((sys.executable, "-c", HANGING), timeout=20)
    assert ended.returncode == Exit.LOOP_DIED
    assert time.monotonic() - began_at < 10
