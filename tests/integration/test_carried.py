"""Recordings and films on their way from Slack to a gateway: in pieces, measured, as it takes them.
Our own copy goes when the gateway has its own."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.clock import SystemClock, WorkerThreads
from bot.engine.prepare import Preparation
from bot.probe import MediaProbe
from bot.silence import Silence
from domain.errors import FailureClass, MediaRefused
from domain.events import Prepared, Unprepared
from domain.file_limits import MB, UNFIT_FILE
from domain.message import SlackFile
from domain.offer import GatewayName
from domain.shape import Media
from domain.spoken import Avatar, Scene, Translation
from domain.states import Execution, State
from domain.stored import Content, Stored, size_of, whole
from storage.database import SqliteDatabase
from storage.media import ObstoreMedia, open_media
from storage.pictures import find_video
from tests.factories import execution
from tests.scenarios.sounds import phone_recording, recording

VOICE = SlackFile(
    id="F1", name="voice.wav", media_type="audio/x-wav", size_bytes=1, url="https://files/f"
)
SPOKEN = execution(
    offer="heygen_avatar@heygen",
    state=State.PREPARING,
    work=Avatar(scenes=(Scene(recording=Media(slack_file_id="F1"), avatar="anna"),)),
)


class Slack:
    """Hands out one file, in pieces."""

    def __init__(self, file: SlackFile, content: bytes) -> None:
        self.read_times = 0
        self._file, self._content = file, content

    async def file(self, file_id: str) -> SlackFile:
        return self._file

    async def download(self, file: SlackFile) -> AsyncIterator[bytes]:
        self.read_times += 1
        for start in range(0, len(self._content), MB):
            yield self._content[start : start + MB]


class Vendor:
    """Keeps what it was given."""

    name = GatewayName.HEYGEN

    def __init__(self) -> None:
        self.given: list[tuple[Content, bytes, str]] = []
        self.names: list[str] = []

    async def upload(self, content: Content, media_type: str, filename: str) -> str:
        self.given.append((content, await whole(content), media_type))
        self.names.append(filename)
        return "https://vendor/voice"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


@pytest.fixture
def threads() -> Any:
    workers = WorkerThreads()
    yield workers
    workers.close()


@pytest.fixture
def media(tmp_path: Path, threads: WorkerThreads) -> ObstoreMedia:
    return open_media(f"file:{tmp_path}/media", threads)


async def prepared(
    slack: Slack,
    database: SqliteDatabase,
    media: ObstoreMedia,
    threads: WorkerThreads,
    asked: Execution = SPOKEN,
) -> tuple[Prepared | Unprepared, Vendor]:
    preparation = Preparation(
        slack=slack,  # type: ignore[arg-type]  # as far as a file needs it
        media=media,
        probe=MediaProbe(threads),
        database=database,
        clock=SystemClock(),
        silence=Silence(cast(Any, None), database=database, clock=SystemClock(), wake=lambda: None),
    )
    vendor: Any = Vendor()
    return await preparation.prepare(asked, vendor), vendor


async def test_a_large_recording_goes_in_pieces_and_is_measured(
    database: SqliteDatabase, media: ObstoreMedia, threads: WorkerThreads, tmp_path: Path
) -> None:
    said = recording(590.0)
    assert len(said) > 9 * MB
    slack = Slack(VOICE, said)

    came, vendor = await prepared(slack, database, media, threads)

    assert isinstance(came, Prepared)
    assert came.links == {"scenes.0.recording": "https://vendor/voice"}
    assert came.lengths_s["scenes.0.recording"] == pytest.approx(590.0)
    ((content, sent, media_type),) = vendor.given
    assert isinstance(content, Stored), "never whole in memory"
    assert (content.size_bytes, content.sha256) == (len(said), hashlib.sha256(said).hexdigest())
    assert (sent, media_type) == (said, "audio/wav")
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]

    again, vendor = await prepared(slack, database, media, threads)
    assert again == came, "its link and its length are kept"
    assert (slack.read_times, vendor.given) == (1, [])


async def test_what_a_phone_records_is_made_what_every_vendor_takes(
    database: SqliteDatabase, media: ObstoreMedia, threads: WorkerThreads
) -> None:
    file = replace(VOICE, name="voice.m4a", media_type="audio/mp4")

    came, vendor = await prepared(Slack(file, phone_recording(3.0)), database, media, threads)

    assert isinstance(came, Prepared)
    assert came.lengths_s["scenes.0.recording"] == pytest.approx(3.0, abs=0.2)
    ((content, sent, media_type),) = vendor.given
    assert media_type == "audio/mpeg"
    assert sent[:3] == b"ID3" or sent[0] == 0xFF
    assert size_of(content) == len(sent) > 10_000


async def test_what_is_longer_than_anybody_takes_is_told_with_both_numbers(
    database: SqliteDatabase, media: ObstoreMedia, threads: WorkerThreads, tmp_path: Path
) -> None:
    came, vendor = await prepared(Slack(VOICE, recording(660.0)), database, media, threads)

    assert isinstance(came, Unprepared)
    assert came.final
    assert (came.failure.kind, came.failure.field) == (FailureClass.BAD_INPUT, UNFIT_FILE)
    assert came.failure.detail == "voice.wav lasts 11.0 minutes. A recording may last 10."
    assert vendor.given == []
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


async def test_a_file_that_is_no_sound_is_refused_unpaid(
    database: SqliteDatabase, media: ObstoreMedia, threads: WorkerThreads
) -> None:
    came, vendor = await prepared(Slack(VOICE, b"not a sound" * 100), database, media, threads)

    assert isinstance(came, Unprepared)
    assert came.final
    assert vendor.given == []


@pytest.mark.parametrize("content", [b"", b"ID3", b"\x00" * 4_000])
async def test_a_probe_refuses_whatever_cannot_be_played(
    content: bytes, threads: WorkerThreads, tmp_path: Path
) -> None:
    path = tmp_path / "sound"
    path.write_bytes(content)

    for look in (MediaProbe(threads).length_s, MediaProbe(threads).as_mp3):
        with pytest.raises(MediaRefused):
            await look(path)


class TakeOnly:
    """A database that knows one take's video, and nothing of uploads."""

    def __init__(self, key: str, content: bytes) -> None:
        self._video = (key, len(content), hashlib.sha256(content).hexdigest())

    async def run(self, asked: object, *_: object, **__: object) -> object:
        return self._video if asked is find_video else None


@pytest.mark.parametrize(
    ("container", "media_type"),
    [("mp4", "video/mp4"), ("webm", "video/webm"), ("mov", "video/quicktime")],
)
async def test_a_take_is_uploaded_as_what_it_is(
    media: ObstoreMedia, threads: WorkerThreads, container: str, media_type: str
) -> None:
    key, film = f"videos/T1/execution_1.{container}", b"a film"
    await media.put(key, _once(film))
    translated = execution(
        offer="heygen_translation@heygen",
        state=State.PREPARING,
        work=Translation(language="German", source_request_id="request_1"),
    )
    slack, database = Slack(VOICE, b""), cast(Any, TakeOnly(key, film))

    came, vendor = await prepared(slack, database, media, threads, translated)

    assert isinstance(came, Prepared)
    ((_, sent, told),) = vendor.given
    assert (sent, told, vendor.names) == (film, media_type, [f"take.{container}"])


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
