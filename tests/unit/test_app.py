"""In which order the process ends."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any, cast

import pytest

from bot import app, supervision
from bot.exits import Exit


class Stopped:
    """Stands for the whole bot: notes when it is told to begin nothing more."""

    def __init__(self, order: list[str]) -> None:
        self._order = order
        self.told = asyncio.Event()

    def stop(self) -> None:
        self._order.append("stopped")
        self.told.set()

    async def engine(self) -> None:
        await self.told.wait()
        self._order.append("submits answered")


async def test_nothing_is_begun_while_the_ears_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow goodbye to Slack neither lets work begin nor takes time from submits on the wire."""
    order: list[str] = []
    dailies = Stopped(order)

    async def begin(_: Any, __: Any, listening: AsyncExitStack) -> Any:
        async def goodbye() -> None:
            await asyncio.sleep(0.05)
            order.append("ears closed")

        listening.push_async_callback(goodbye)
        return dailies, supervision.start({"engine": dailies.engine()})

    monkeypatch.setattr(app, "_begin", begin)
    told = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, told.set)

    assert await app.serve(cast(Any, None), cast(Any, None), told) is Exit.OK
    assert order == ["stopped", "submits answered", "ears closed"]
