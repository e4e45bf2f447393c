"""Bringing a submit at fal into a doubt that nothing ends by itself."""

from __future__ import annotations

from domain.ports import Transaction
from tests.scenarios.stage import Stage

QUIET_S = 25.0  # a doubt that can be looked up is told after twenty seconds


async def history_is_closed(stage: Stage) -> None:
    """Our key may not read fal's request history, so a lost submit is not found there."""
    await stage.control.do("fal/switches", history="forbidden")


async def in_doubt(stage: Stage) -> None:
    """Once the answer of a submit is lost."""

    async def look() -> bool:
        return bool(await stage.read(_doubts))

    await stage.until(look, "a submit is in doubt")


async def told_of_doubt(stage: Stage) -> None:
    """The quiet time passes."""
    await in_doubt(stage)
    await stage.skips(QUIET_S)


def _doubts(db: Transaction) -> int:
    return len(db.execute("SELECT id FROM execution WHERE unknown_since IS NOT NULL").all())
