"""What is claimed when, by whom, and what holds when two write at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.execution import State
from domain.request import Image
from storage.database import SqliteDatabase
from storage.executions import execution_of
from tests.factories import NOW, clip
from tests.integration.accepted import accept


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def test_only_pictures_are_prepared(database: SqliteDatabase) -> None:
    await accept(database, 1)
    pictured = clip(model="veo_3_1", reference_image=Image(slack_file_id="F1"))
    await accept(database, 2, work=pictured)

    words = await database.run(execution_of, "request_1")
    image = await database.run(execution_of, "request_2")

    assert words is not None
    assert image is not None
    assert (words.state, words.due_at) == (State.QUEUED, words.not_before)
    assert (image.state, image.due_at) == (State.PREPARING, NOW)
