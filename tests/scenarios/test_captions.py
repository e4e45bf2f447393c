"""Stories of captions: their file lies beside the film in its thread."""

from __future__ import annotations

from domain.ports import Transaction
from tests.scenarios.sandbox import Json
from tests.scenarios.stage import Stage

LINE = '/video --avatar "Josh Lite Front" --captions on --script Hello and welcome to our tea'


async def test_captions_as_a_file_come_after_the_film(stage: Stage) -> None:
    await stage.until(lambda: stage.read(_lists_are_read), "the lists are read")
    await stage.ada.types(LINE)
    await stage.take(1).is_done()

    async def look() -> list[Json] | None:
        files = await stage.take(1).files()
        return files if len(files) == 2 else None

    film, captions = await stage.until(look, "the film and its captions")
    assert film["name"].endswith(".mp4")
    assert captions["name"] == film["name"].replace(".mp4", ".srt")
    assert captions["size"] > 20
    assert len(await stage.posts("broadcast")) == 1
    assert await stage.paid() == 1


def _lists_are_read(db: Transaction) -> bool:
    return len(db.execute("SELECT list FROM casting_list").all()) == 5
