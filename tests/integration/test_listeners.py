"""Every door of Slack's, through the real Bolt app: what a knock does, and what a refusal says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.execution import State
from tests.integration.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_a_shot_is_cancelled_by_number_only_where_it_was_made(house: House) -> None:
    await house.starts("ada", "/video a fox in snow", in_="secret-launch")

    told = await house.types("ada", "/video cancel V-1", in_="general")

    assert told.startswith("There is no V-1 in this channel.")
    page = await house.page(1)
    assert page.latest.execution.state in (State.PREPARING, State.QUEUED)
    assert "is cancelled" in await house.types("ada", "/video cancel V-1", in_="secret-launch")
