"""What people decide, on a real database: once a wish, and only what was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.request import Source
from storage.database import SqliteDatabase
from storage.decisions import DOUBLE_TAP_S, again, submit_form
from storage.presses import Press, PressedBefore
from storage.shots import read_page
from tests.factories import NOW, clip
from tests.integration.accepted import REACH, accept, fresh


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


def press(n: int, *, at: float = NOW, user: str = "U1") -> Press:
    return Press(delivery_key=f"act:{n}", team_id="T1", channel="C1", user=user, at=at)


async def make_again(
    database: SqliteDatabase, n: int, *, at: float, user: str = "U1", seed: int | None = None
) -> None:
    made = press(n, at=at, user=user)
    await database.run(again, made, "request_1", fresh(n), reach=REACH, seed=seed)


async def takes(database: SqliteDatabase) -> int:
    return len((await database.run(read_page, "shot_1")).takes)


@pytest.mark.parametrize("seeds", [(None, None), (7, 8)], ids=["try again", "variation"])
async def test_a_double_tap_is_one_take(
    database: SqliteDatabase, seeds: tuple[int | None, int | None]
) -> None:
    await accept(database, work=clip(model="seedance_2_0"))
    await make_again(database, 2, at=NOW + 60, seed=seeds[0])

    with pytest.raises(PressedBefore):
        await make_again(database, 3, at=NOW + 60.4, seed=seeds[1])

    assert await takes(database) == 2


async def test_a_later_tap_and_somebody_elses_are_wishes_of_their_own(
    database: SqliteDatabase,
) -> None:
    await accept(database)
    await make_again(database, 2, at=NOW + 60)
    await make_again(database, 3, at=NOW + 61, user="U2")
    await make_again(database, 4, at=NOW + 60 + DOUBLE_TAP_S)

    assert await takes(database) == 4


async def test_a_form_with_other_words_just_before_is_no_double_tap(
    database: SqliteDatabase,
) -> None:
    await accept(database)
    await database.run(
        submit_form,
        press(2, at=NOW + 60),
        "request_1",
        fresh(2),
        reach=REACH,
        work=clip(prompt="a bear in rain", model="veo_3_1_fast"),
        replaces=False,
    )
    await make_again(database, 3, at=NOW + 61)

    page = await database.run(read_page, "shot_1")
    assert [take.request.source for take in page.takes[1:]] == [Source.FORM, Source.BUTTON]
