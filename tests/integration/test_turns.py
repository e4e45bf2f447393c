"""Turns in a lane: one after the other, and none is lost because the last one is still ending."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, cast

from bot.clock import SystemClock
from bot.notifier.edits import Edits
from bot.notifier.effects import Effects
from bot.notifier.notifier import Notifier
from bot.turns import Turns
from bot.wakeup import Wakeup
from domain.effect import Effect, Told
from domain.ports import Slack, Transaction
from storage.database import SqliteDatabase
from storage.deliveries import POST_SPACING_S
from storage.edits import edited
from storage.hints import HINTS_KEPT_S
from storage.lanes import EditDue, EffectDue
from storage.turns import Claimed
from tests.integration.accepted import accept, answered

ENDING_S = POST_SPACING_S + 0.3  # longer than the lane's pace
PATIENCE_S = 10.0


class SlowEnding:
    """Effects and edits that are written down at once and then take a while to end."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.at_once = 0
        self.most_at_once = 0
        self.told: list[Effect] = []

    async def perform(self, due: EffectDue) -> None:
        self._begin()
        self.told.append(due.kind)
        now = time.time()
        await answered(self._database, due, Told(f"{now:.6f}"), now=now)
        await asyncio.sleep(ENDING_S)
        self.at_once -= 1

    async def edit(self, due: EditDue) -> None:
        self._begin()
        await self._database.run(edited, due, "digest", now=time.time(), again_at=None)
        self.at_once -= 1

    def now(self) -> float | None:
        return time.time()

    def _begin(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)


async def test_a_turn_that_is_still_ending_delays_the_next_and_does_not_lose_it(
    tmp_path: Path,
) -> None:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as database:
        told = SlowEnding(database)
        clock = SystemClock()
        bell = Wakeup(clock)
        notifier = Notifier(
            effects=cast(Effects, told),
            edits=cast(Edits, told),
            slack=cast(Slack, told),
            database=database,
            clock=clock,
            wakeup=bell,
            wake=bell.ring,
            owner="me",
        )
        running = asyncio.create_task(notifier.run())
        await accept(database, at=time.time())
        bell.ring()
        await _until_told(told, [Effect.POST_CARD, Effect.POST_TAKE])
        notifier.stop()
        await running
        assert told.most_at_once == 1, "two turns at once in one lane"


async def test_a_round_drops_the_hints_that_nothing_waits_for(tmp_path: Path) -> None:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as database:
        await accept(database, at=time.time())
        await database.run(_hint, "old", time.time() - HINTS_KEPT_S - 60)
        await database.run(_hint, "new", time.time() - HINTS_KEPT_S + 60)
        nobody, clock = SlowEnding(database), SystemClock()
        bell = Wakeup(clock)
        notifier = Notifier(
            effects=cast(Effects, nobody),
            edits=cast(Edits, nobody),
            slack=cast(Slack, nobody),
            database=database,
            clock=clock,
            wakeup=bell,
            wake=bell.ring,
            owner="me",
        )
        running = asyncio.create_task(notifier.run())
        await _until_told(nobody, [Effect.POST_CARD, Effect.POST_TAKE])
        notifier.stop()
        await running
        assert await database.run(_hints) == ["new"]


def _hint(db: Transaction, event: str, heard_at: float) -> None:
    db.execute(
        "INSERT INTO hint (execution_id, attempt, event, team_id, remote_id, heard_at, acted)"
        " SELECT id, 1, :event, team_id, NULL, :at, 1 FROM execution",
        {"event": event, "at": heard_at},
    )


def _hints(db: Transaction) -> list[str]:
    return [row["event"] for row in db.execute("SELECT event FROM hint").all()]


async def _until_told(told: SlowEnding, kinds: list[Any]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while told.told != kinds:
            await asyncio.sleep(0.05)


async def test_a_turn_that_is_cut_off_gives_its_claim_back() -> None:
    """Whoever cancelled it, its work is not left to its lease."""
    clock = SystemClock()
    bell, given_back = Wakeup(clock), asyncio.Event()
    begun: list[asyncio.Task[None]] = []

    async def claim() -> Claimed[str]:
        return Claimed(turns=("one",)) if not begun else Claimed()

    def begin(_: str) -> asyncio.Task[None]:
        begun.append(asyncio.create_task(asyncio.sleep(PATIENCE_S)))
        return begun[0]

    async def give_back(turn: str, until: float) -> bool:
        assert turn == "one"
        assert until >= clock.now()
        given_back.set()
        return True

    turns = Turns(
        claim=claim, begin=begin, give_back=give_back, clock=clock, wakeup=bell, wake=bell.ring
    )
    running = asyncio.create_task(turns.run())
    while not begun:
        await asyncio.sleep(0)
    begun[0].cancel()
    async with asyncio.timeout(PATIENCE_S):
        await given_back.wait()
    turns.stop()
    await running
