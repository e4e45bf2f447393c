"""What a form says of the price while nothing is filled in: that of a usual one."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.offer import GatewayName
from domain.offers.heygen import ONLY_V2
from domain.spoken import Kind
from domain.standing import Reach
from handlers.quotes import note
from storage.database import SqliteDatabase


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.TRANSLATION, "A minute in one language costs about $2.00 at HeyGen."),
        (Kind.AVATAR, "150 words take about a minute and cost about $4.01 at HeyGen."),
        (Kind.AGENT, "30 seconds cost up to $3.00 at HeyGen."),
        (Kind.TEMPLATE, "A video costs up to $20.01 at HeyGen. Its length is not known before; "),
    ],
)
async def test_a_usual_one_has_the_price_of_its_usual_length(
    tmp_path: Path, kind: Kind, words: str
) -> None:
    reach = Reach(frozenset(GatewayName), roads_off=ONLY_V2)
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as database:
        assert (await database.run(note, "T1", "C1", kind, (), reach)).startswith(words)
