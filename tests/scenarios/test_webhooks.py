"""What vendors tell us by themselves: lost submits are bound, and nothing is believed unasked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from domain.ports import Transaction
from tests.scenarios.bot import free_port
from tests.scenarios.conftest import OpenStage
from tests.scenarios.doubts import history_is_closed, told_of_doubt
from tests.scenarios.stage import Stage

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
ALL = ("heygen", "fal", "runware")
# A line that each vendor makes, and a webhook comes of.
LINES = {
    "heygen": "/video --kind agent a film about coffee --duration 10",
    "fal": "/video a fox in snow --model seedance_2_0",
    "runware": "/video a fox in snow --model seedance_2_0_mini",
}
SETTLED_S = 2.0
SLOW_CHECKS = {"dailies_check_interval_s": 30.0}
each = pytest.mark.parametrize("vendor", list(LINES))

Called = Callable[..., Any]


@pytest.fixture
def called(open_stage: OpenStage) -> Called:
    """A stage whose bot vendors can call, and which by itself looks every half minute only."""

    @asynccontextmanager
    async def opened(**said: Any) -> AsyncIterator[Stage]:
        port = free_port()
        public = {"public_url": f"http://127.0.0.1:{port}", "encryption_key": KEY}
        usual = {"gateways": ALL, "port": port, **public, **SLOW_CHECKS}
        async with open_stage(**usual | said) as stage:
            yield stage

    return opened


async def test_fal_lost_answer_bound_by_webhook(called: Called) -> None:
    async with called() as stage:
        await history_is_closed(stage)
        await stage.breaks("fal:submit", "reset_after")
        await stage.ada.types(LINES["fal"])
        await stage.take(1).is_done()
        assert await stage.paid() == 1
        assert await _never_told_in_doubt(stage)


async def test_fal_lost_answer_without_webhook_found_in_history(called: Called) -> None:
    async with called() as stage:
        await stage.breaks("fal:webhook", "lost", times=10)
        await stage.breaks("fal:submit", "reset_after")
        await stage.ada.types(LINES["fal"])
        await stage.take(1).is_done()
        assert await stage.paid() == 1
        assert await _never_told_in_doubt(stage)


async def test_fal_lost_answer_that_nothing_finds_is_told_and_never_sent_again(
    called: Called,
) -> None:
    async with called() as stage:
        await history_is_closed(stage)
        await stage.breaks("fal:webhook", "lost", times=10)
        await stage.breaks("fal:submit", "reset_after")
        await stage.ada.types(LINES["fal"])
        await told_of_doubt(stage)
        message = await stage.take(1).reads("Checking")
        assert "may have been charged" in message["text"]
        assert "I won't start another" in message["text"]
        assert "I keep looking until" in message["text"]
        assert "V-1 take 1* · Checking" in await stage.ada.types("/video status")
        assert await stage.paid() == 1
        assert await _submits(stage) == 1
        await stage.skips(2 * 3_600)
        await stage.take(1).reads("Uncertain")
        assert "Nothing is running" in await stage.ada.types("/video status")


async def test_what_was_told_as_uncertain_is_adopted_when_fal_tells_of_it(called: Called) -> None:
    async with called() as stage:
        await history_is_closed(stage)
        await stage.breaks("fal:webhook", "slow", seconds=6)
        await stage.breaks("fal:submit", "reset_after")
        await stage.ada.types(LINES["fal"])
        await told_of_doubt(stage)
        await stage.take(1).reads("Checking")
        await stage.take(1).is_done()
        assert await stage.paid() == 1


@each
@pytest.mark.parametrize("kind", ["duplicate", "slow", "early"])
async def test_webhooks_end_the_wait(called: Called, vendor: str, kind: str) -> None:
    """Nobody looks for half a minute: it is done because the vendor told that it is."""
    async with called() as stage:
        await stage.breaks(f"{vendor}:webhook", kind)
        await stage.ada.types(LINES[vendor])
        await stage.take(1).is_done(within_s=15)
        assert await stage.paid() == 1
        await stage.has_posted("broadcast", 1)


@pytest.mark.parametrize("kind", ["forged", "stale"])
async def test_what_is_not_fals_is_refused_and_the_real_one_heard(
    called: Called, kind: str
) -> None:
    async with called() as stage:
        await stage.breaks("fal:webhook", kind)
        await stage.ada.types(LINES["fal"])
        await stage.take(1).is_done(within_s=15)
        assert await _statuses(stage) == [401, 200]


@each
async def test_a_replayed_webhook_changes_nothing(called: Called, vendor: str) -> None:
    async with called() as stage:
        await stage.ada.types(LINES[vendor])
        await stage.take(1).is_done(within_s=15)
        before = await _settled(stage)
        for _ in range(3):
            again = await stage.control.do(f"{vendor}/webhook_again")
            assert again["status"] == 200
        assert await _settled(stage) == before
        assert await stage.paid() == 1


async def test_nobody_learns_a_token_from_the_log(called: Called) -> None:
    async with called() as stage:
        await stage.breaks("fal:webhook", "forged")
        await stage.ada.types(LINES["fal"])
        await stage.take(1).is_done(within_s=15)
        (entry,) = await stage.ledger()
        token = entry["headers"]["fal_webhook"].rpartition("/")[2]
        mark = token.rpartition(".")[2]
        assert len(mark) == 43
        assert mark not in stage.bot.log
        assert KEY not in stage.bot.log


async def _settled(stage: Stage) -> list[tuple[str, str]]:
    """What everybody reads, once nothing more is said: the channel hears of it a moment later."""
    said: list[tuple[str, str]] = []
    while True:
        now = [(one["ts"], one["text"]) for one in await stage.messages("general")]
        if now == said:
            return said
        said = now
        await asyncio.sleep(SETTLED_S)


async def _submits(stage: Stage) -> int:
    """How often something was posted to fal's queue."""
    calls = await stage.calls("")
    return len([c for c in calls if c["method"] == "POST" and "/text-to-video" in c["path"]])


async def _never_told_in_doubt(stage: Stage) -> bool:
    kinds = await stage.read(_outcomes)
    return kinds == ["succeeded"] and not await stage.posts("ping")


async def _statuses(stage: Stage) -> list[int | None]:
    """How we answered the vendors' deliveries."""
    traffic = (await stage.control.look("traffic"))["traffic"]
    return [entry["status"] for entry in traffic if entry["path"].startswith("/webhooks/")]


def _outcomes(db: Transaction) -> list[str]:
    return [row["kind"] for row in db.execute("SELECT kind FROM outcome").all()]
