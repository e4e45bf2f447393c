"""Several results of one prompt: fetched and kept, each with a file of its own in the thread."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.clock import RandomIds, SystemClock, WorkerThreads
from bot.engine.courier import Courier
from domain.effect import Effect, Told, TurnedAway, judge
from domain.errors import MediaRefused
from domain.events import Fetched, Unfetched
from domain.execution import Execution, Moment, State, advance
from domain.gateway import Accepted, Finished, Further, Unreadable
from domain.offer import GatewayName
from domain.ports import MediaFacts, Transaction
from domain.request import Work
from domain.shape import Media
from domain.shot import Take, Video
from domain.spoken import Agent, Avatar, Scene, Translation
from domain.watching import FETCHES_REFUSED_MAX
from gateways.download import Downloading, LinkExpired, Refused
from storage.answers import record_answer, record_transfer
from storage.database import SqliteDatabase
from storage.deliveries import Outcome, settle
from storage.executions import find_execution
from storage.lanes import EffectDue, claim_file
from storage.media import ObstoreMedia, open_media
from storage.recording import record
from storage.shots import read_page
from tests.factories import clip, execution
from tests.integration.accepted import LATER, ready, send

SEEDANCE = "seedance_2_0@runware"
THREE = Finished(
    "https://v/1.mp4",
    seed=1,
    further=(Further("https://v/2.mp4", seed=2), Further("https://v/3.mp4", seed=3)),
)
FACTS = MediaFacts(
    duration_s=5.0,
    width_px=1_280,
    height_px=720,
    has_sound=True,
    codec="h264",
    thumbnail_jpeg=b"jpeg",
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


@pytest.fixture
def media(tmp_path: Path) -> Iterator[ObstoreMedia]:
    threads = WorkerThreads()
    yield open_media((tmp_path / "media").as_uri(), threads)
    threads.close()


class Links:
    """What each link comes to, bytes or an outcome, by its last letters."""

    def __init__(self, **outcomes: Any) -> None:
        self._outcomes = outcomes

    @asynccontextmanager
    async def fetch(self, url: str, **_: Any) -> AsyncIterator[Any]:
        name = f"v{url.rpartition('/')[2][0]}"
        outcome = self._outcomes.get(name, name.encode())
        if isinstance(outcome, bytes):
            yield Downloading(None, "video/mp4", _chunk(outcome))
        else:
            yield outcome


class Anything:
    """Takes all bytes for a video but those that say otherwise."""

    async def video(self, path: Path) -> MediaFacts:
        if path.read_bytes() == b"no video":
            raise MediaRefused("That is not a video.")
        return FACTS


async def _chunk(content: bytes) -> AsyncIterator[bytes]:
    yield content


def asked(**said: Any) -> Execution:
    usual: dict[str, Any] = {
        "offer": SEEDANCE,
        "work": clip(model="seedance_2_0", results=3, duration_s=4),
        "result": THREE,
    }
    return execution(**usual | said)


def courier(media: ObstoreMedia, probe: object = None, **outcomes: Any) -> Courier:
    return Courier(
        cast(Any, Links(**outcomes)),
        media=media,
        probe=cast(Any, probe or Anything()),
        clock=SystemClock(),
        ids=RandomIds(),
        hosts=dict.fromkeys(GatewayName, ()),
    )


async def test_each_result_is_kept_under_a_name_of_its_own(media: ObstoreMedia) -> None:
    came = await courier(media).fetch(asked())

    assert not isinstance(came, Unfetched)
    event, videos = came
    assert event == Fetched(None)
    assert [video.number for video in videos] == [1, 2, 3]
    assert [video.media_key for video in videos] == [
        "videos/T1/execution_1.mp4",
        "videos/T1/execution_1_2.mp4",
        "videos/T1/execution_1_3.mp4",
    ]
    assert len({video.thumbnail_key for video in videos}) == 3
    assert len({video.sha256 for video in videos}) == 3


@pytest.mark.parametrize("file_format", ["webm", "mov"])
async def test_a_result_keeps_its_container(media: ObstoreMedia, file_format: str) -> None:
    work = clip(model="seedance_2_0", file_format=file_format)
    came = await courier(media).fetch(asked(work=work, result=Finished("https://v/1.webm")))
    assert not isinstance(came, Unfetched)
    assert came[1][0].extension == file_format


@pytest.mark.parametrize(
    ("outcomes", "expired", "final"),
    [
        ({"v2": Unreadable("reset")}, False, False),
        ({"v2": LinkExpired(403)}, True, False),
        ({"v2": LinkExpired(403), "v3": Unreadable("reset")}, True, False),
        ({"v1": Refused("not listed"), "v2": LinkExpired(403)}, True, False),
        ({"v3": b"no video"}, True, True),
    ],
)
async def test_all_are_fetched_again_while_one_may_still_come(
    media: ObstoreMedia, outcomes: dict[str, Any], expired: bool, final: bool
) -> None:
    came = await courier(media, **outcomes).fetch(asked())
    assert isinstance(came, Unfetched)
    assert (came.expired, came.final) == (expired, final)


async def test_one_that_never_is_a_video_does_not_cost_the_others(media: ObstoreMedia) -> None:
    last = asked(fetches_refused=FETCHES_REFUSED_MAX - 1)

    came = await courier(media, v2=b"no video").fetch(last)
    none = await courier(media, v1=b"no video", v2=b"no video", v3=b"no video").fetch(last)

    assert not isinstance(came, Unfetched)
    assert [video.number for video in came[1]] == [1, 3]
    assert isinstance(none, Unfetched)


@pytest.mark.parametrize(
    ("result", "is_ceiling", "billed"),
    [
        (THREE, False, 3_000_000),
        (replace(THREE, further=THREE.further[:1]), False, 2_000_000),
        (replace(THREE, further=()), False, 1_000_000),
        (replace(THREE, billed_micro_usd=123_456), False, 123_456),
        (replace(THREE, billed_micro_usd=123_456), True, 123_456),
        (THREE, True, None),
    ],
)
async def test_what_is_paid_is_told_or_calculated_for_what_came(
    media: ObstoreMedia, result: Finished, is_ceiling: bool, billed: int | None
) -> None:
    came = await courier(media).fetch(
        asked(result=result, is_ceiling=is_ceiling, estimate_micro_usd=3_000_000)
    )
    assert not isinstance(came, Unfetched)
    assert came[0] == Fetched(billed)


# ── written down ──────────────────────────────────────────────────────────────────────────────


async def made(database: SqliteDatabase, media: ObstoreMedia, **outcomes: Any) -> Take:
    """The first request with three results, fetched and written down."""
    work = clip(model="seedance_2_0", results=3, duration_s=4)
    sent = await send(database, await ready(database, work=work))
    assert sent is not None
    await database.run(record_answer, sent, Accepted("remote_1"), Moment(now=LATER))
    running = await database.run(find_execution, sent.id)
    assert running is not None
    moment = Moment(now=LATER + 1)
    fetching = advance(running, THREE, moment)
    assert await database.run(record, running, fetching, moment)
    came = await courier(media, **outcomes).fetch(fetching)
    assert not isinstance(came, Unfetched)
    event, videos = came
    at = Moment(now=LATER + 2)
    assert await database.run(record_transfer, fetching, event, at, videos=videos)
    return await taken(database)


async def taken(database: SqliteDatabase) -> Take:
    return (await database.run(read_page, "shot_1")).latest


async def files(database: SqliteDatabase, *, now: float = LATER + 3) -> list[EffectDue]:
    """The files that are due, each claimed."""
    found = []
    while (due := await database.run(claim_file, now=now, owner="me")) is not None:
        found.append(due)
    return found


async def shown(database: SqliteDatabase, due: EffectDue, answer: Any) -> None:
    verdict = judge(due.telling, answer, now=LATER + 4, jitter=0.5)
    is_told = isinstance(answer, Told)
    outcome = Outcome(
        verdict=verdict,
        ref=f"F{due.result}",
        file_ts=f"{due.result}.0" if is_told else None,
        reason=str(answer),
    )
    await database.run(settle, due, outcome, now=LATER + 4)


async def test_each_result_has_a_file_to_post_once(
    database: SqliteDatabase, media: ObstoreMedia
) -> None:
    take = await made(database, media)

    due = await files(database)

    assert take.execution.state is State.SUCCEEDED
    assert sorted(each.result for each in due) == [1, 2, 3]
    assert len({each.mark for each in due}) == 3
    assert await files(database) == []


async def test_a_file_that_shows_is_its_own_results(
    database: SqliteDatabase, media: ObstoreMedia
) -> None:
    await made(database, media)
    due = {each.result: each for each in await files(database)}

    await shown(database, due[2], Told("F2"))
    after_one = await taken(database)
    await shown(database, due[1], Told("F1"))
    await shown(database, due[3], Told("F3"))
    after_all = await taken(database)

    assert [video.slack_file_id for video in after_one.videos] == [None, "F2", None]
    assert after_one.is_unshared
    assert not after_all.is_unshared
    assert [video.slack_file_ts for video in after_all.videos] == ["1.0", "2.0", "3.0"]


async def test_the_channel_hears_once_of_all_results(
    database: SqliteDatabase, media: ObstoreMedia
) -> None:
    await made(database, media)
    for due in await files(database):
        await shown(database, due, Told(f"F{due.result}"))
    assert await database.run(broadcasts) == 1


async def test_one_that_slack_refuses_for_good_leaves_the_others_shown(
    database: SqliteDatabase, media: ObstoreMedia
) -> None:
    await made(database, media)
    due = {each.result: each for each in await files(database)}
    await shown(database, due[1], Told("F1"))
    await shown(database, due[2], Told("F2"))
    worn_out = replace(due[3], refusals=2)

    await shown(database, worn_out, TurnedAway("not shared"))

    take = await taken(database)
    assert [bool(video.slack_file_ts) for video in take.videos] == [True, True, False]
    assert take.is_unshared


async def test_a_take_shows_the_results_that_came(
    database: SqliteDatabase, media: ObstoreMedia
) -> None:
    take = await made(database, media)
    assert (take.results, len(take.videos)) == (3, 3)
    assert take.video == take.videos[0]
    assert isinstance(take.video, Video)


def broadcasts(db: Transaction) -> int:
    rows = db.execute(
        "SELECT 1 FROM outbox WHERE kind = :kind", {"kind": Effect.BROADCAST.value}
    ).all()
    return len(rows)


LONG = MediaFacts(**{**asdict(FACTS), "duration_s": 1_080.0})  # eighteen minutes
SPOKEN = Avatar(scenes=(Scene(script="今天我们发布新产品"),))
TRANSLATED = Translation(language="German", source=Media(url="https://a.example/v.mp4"))


class EighteenMinutes:
    """Takes all bytes for a long video."""

    async def video(self, path: Path) -> MediaFacts:
        return LONG


@pytest.mark.parametrize(
    ("offer", "work", "is_ceiling", "billed"),
    [
        ("heygen_avatar@heygen", SPOKEN, False, 72_040_000),
        ("heygen_avatar@heygen", SPOKEN, True, 72_040_000),
        ("heygen_avatar@heygen", SPOKEN.model_copy(update={"test": True}), False, 0),
        ("heygen_translation@heygen", TRANSLATED, True, 35_970_000),
        ("heygen_agent@heygen", Agent(prompt="a launch"), True, None),
        ("gone@heygen", SPOKEN, False, 70_000),
    ],
    ids=["script", "recording", "trial", "translation", "agent", "offer gone"],
)
async def test_what_was_spoken_is_booked_by_the_length_it_came_to(
    media: ObstoreMedia, offer: str, work: Work, is_ceiling: bool, billed: int | None
) -> None:
    ended = execution(
        offer=offer,
        work=work,
        result=Finished("https://v/1.mp4"),
        estimate_micro_usd=70_000,
        is_ceiling=is_ceiling,
    )

    came = await courier(media, probe=EighteenMinutes()).fetch(ended)

    assert not isinstance(came, Unfetched)
    assert came[0] == Fetched(billed)
