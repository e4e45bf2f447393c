"""Pictures on their way to a gateway and results on their way here: whose fault it is when they do
not arrive, and whether it is worth trying again."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image as Pillow

from bot.clock import RandomIds, SystemClock, WorkerThreads
from bot.decode import clean_picture, look_into_video
from bot.engine.courier import Courier
from bot.engine.prepare import Preparation
from bot.probe import MediaProbe
from bot.silence import Silence
from domain.errors import FailureClass, MediaRefused
from domain.events import Fetched, Unfetched, Unprepared
from domain.file_limits import UNFIT_FILE
from domain.gateway import Finished, Unreadable
from domain.message import SlackFile, SlackRefused
from domain.offer import GatewayName
from domain.shape import Image
from domain.spoken import Avatar, Captions, Scene
from gateways.download import DownloadBroken, Downloading, LinkExpired, Refused
from sandbox.vendors.render import Wish, render
from storage.database import SqliteDatabase
from storage.media import ObstoreMedia, open_media
from tests.factories import clip, execution

FILE = SlackFile(
    id="F1", name="fox.png", media_type="image/png", size_bytes=1, url="https://files.slack.com/f"
)
PICTURED = execution(work=clip(reference_image=Image(slack_file_id="F1")))


@pytest.fixture
def threads() -> Any:
    workers = WorkerThreads()
    yield workers
    workers.close()


@pytest.fixture
def media(tmp_path: Path, threads: WorkerThreads) -> ObstoreMedia:
    return open_media(f"file:{tmp_path}/media", threads)


# ── pictures ──────────────────────────────────────────────────────────────────────────────────


class Slack:
    """Slack, as far as a picture needs it."""

    def __init__(self, *, refused: SlackRefused | None = None, content: bytes = b"") -> None:
        self._refused = refused
        self._content = content

    async def file(self, file_id: str) -> SlackFile:
        if self._refused is not None:
            raise self._refused
        return FILE

    async def download(self, file: SlackFile) -> AsyncIterator[bytes]:
        yield self._content


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "dailies.sqlite3") as opened:
        yield opened


async def unprepared(
    slack: Slack, database: SqliteDatabase, media: ObstoreMedia, threads: WorkerThreads
) -> Unprepared:
    preparation = Preparation(
        slack=cast(Any, slack),
        media=media,
        probe=MediaProbe(threads),
        database=database,
        clock=SystemClock(),
        silence=Silence(cast(Any, None), database=database, clock=SystemClock(), wake=lambda: None),
    )
    gateway: Any = type("Gateway", (), {"name": GatewayName.HEYGEN})()
    came = await preparation.prepare(PICTURED, gateway)
    assert isinstance(came, Unprepared)
    return came


@pytest.mark.parametrize(
    ("refused", "is_final", "kind"),
    [
        (SlackRefused("ratelimited", retry_after_s=30.0), False, FailureClass.TRANSIENT),
        (SlackRefused("missing_scope"), False, FailureClass.OURS),
        (SlackRefused("file_not_found"), True, FailureClass.BAD_INPUT),
        (SlackRefused("file_http_404"), True, FailureClass.BAD_INPUT),
    ],
)
async def test_only_what_slack_says_of_the_file_is_the_persons_fault(
    refused: SlackRefused,
    is_final: bool,
    kind: FailureClass,
    database: SqliteDatabase,
    media: ObstoreMedia,
    threads: WorkerThreads,
) -> None:
    came = await unprepared(Slack(refused=refused), database, media, threads)

    assert (came.final, came.failure.kind) == (is_final, kind)
    assert came.retry_after_s == refused.retry_after_s


async def test_a_picture_that_cannot_be_read_is_told_at_once(
    database: SqliteDatabase, media: ObstoreMedia, threads: WorkerThreads
) -> None:
    came = await unprepared(Slack(content=broken_png()), database, media, threads)

    assert came.final
    assert came.failure.field == UNFIT_FILE  # told in our own words


def broken_png() -> bytes:
    """A PNG that ends in a colour profile of an unknown kind: Pillow raises SyntaxError."""
    whole, profile = drawn("PNG"), b"iCCPx\0\x01zzz"
    at = whole.rindex(b"IEND") - 4
    chunk = struct.pack(">I", len(profile) - 4) + profile + struct.pack(">I", zlib.crc32(profile))
    return whole[:at] + chunk + whole[at:]


def drawn(kind: str) -> bytes:
    canvas = io.BytesIO()
    Pillow.effect_noise((64, 48), 40).convert("RGB").save(canvas, kind)
    return canvas.getvalue()


def test_whatever_a_decoder_raises_is_a_picture_refused() -> None:
    with pytest.raises(MediaRefused) as refused:
        clean_picture(broken_png())
    assert isinstance(refused.value.__cause__, SyntaxError)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_damaged_bytes_are_a_picture_or_are_refused(kind: str, tmp_path: Path) -> None:
    """Nothing else comes out of a decoder, whatever goes in."""
    whole, draw = drawn(kind), random.Random(kind)
    for _ in range(150):
        damaged = bytearray(whole[: draw.randrange(1, len(whole) + 1)])
        for _ in range(draw.randrange(4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        with suppress(MediaRefused):
            clean_picture(bytes(damaged))
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(damaged))
    with suppress(MediaRefused):
        look_into_video(film)


# ── results ───────────────────────────────────────────────────────────────────────────────────


class Link:
    """What a download comes to."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    @asynccontextmanager
    async def fetch(self, url: str, **_: Any) -> AsyncIterator[Any]:
        yield self._outcome


async def page() -> AsyncIterator[bytes]:
    yield b"<html>not found</html>" * 100


async def too_much() -> AsyncIterator[bytes]:
    yield b"x"
    raise DownloadBroken(Refused("more than 1000 MB", is_limit=True))


@pytest.mark.parametrize(
    ("outcome", "expired", "final"),
    [
        (LinkExpired(403), True, False),
        (Unreadable("reset"), False, False),
        (Refused("that host is not listed", is_limit=True), False, False),
        (Refused("a page instead of a file"), False, True),
        (Downloading(None, "video/mp4", page()), True, True),
        (Downloading(None, "video/mp4", too_much()), False, False),
    ],
    ids=["dead link", "broken", "not listed", "a page", "no video", "too large"],
)
async def test_what_is_worth_fetching_again(
    outcome: Any, expired: bool, final: bool, media: ObstoreMedia, threads: WorkerThreads
) -> None:
    courier = Courier(
        cast(Any, Link(outcome)),
        media=media,
        probe=MediaProbe(threads),
        clock=SystemClock(),
        ids=RandomIds(),
        hosts={GatewayName.HEYGEN: ()},
    )

    came = await courier.fetch(execution(result=Finished("https://v/x.mp4")))

    assert isinstance(came, Unfetched)
    assert (came.expired, came.final) == (expired, final)
    assert came.is_limit == ("than 1000 MB" in came.reason or "not listed" in came.reason)


# ── captions ──────────────────────────────────────────────────────────────────────────────────

FILM, WORDS = "https://v/film.mp4", "https://v/words.VTT?sig=1"
CAPTIONED = Avatar(scenes=(Scene(script="Hello."),), captions=Captions.FILE)


class Links:
    """Downloads by address."""

    def __init__(self, **outcomes: Any) -> None:
        self.outcomes = outcomes
        self.asked: list[str] = []

    @asynccontextmanager
    async def fetch(self, url: str, **_: Any) -> AsyncIterator[Any]:
        name = "words" if url == WORDS else "film"
        self.asked.append(name)
        yield self.outcomes[name]


async def _of(content: bytes) -> AsyncIterator[bytes]:
    yield content


def film() -> Downloading:
    return Downloading(None, "video/mp4", _of(render(Wish(prompt="x", model="m", quick=True))))


async def brought(
    links: Links, media: ObstoreMedia, threads: WorkerThreads, **said: Any
) -> Fetched | Unfetched:
    courier = Courier(
        cast(Any, links),
        media=media,
        probe=MediaProbe(threads),
        clock=SystemClock(),
        ids=RandomIds(),
        hosts={GatewayName.HEYGEN: ()},
    )
    result = Finished(FILM, subtitle_url=said.pop("subtitle_url", WORDS))
    fetched = await courier.fetch(execution(**{"work": CAPTIONED, "result": result} | said))
    return fetched if isinstance(fetched, Unfetched) else fetched[0]


async def test_a_file_of_captions_is_kept_beside_the_film(
    media: ObstoreMedia, threads: WorkerThreads
) -> None:
    links = Links(words=Downloading(None, "text/vtt", _of(b"WEBVTT")), film=film())
    came = await brought(links, media, threads)

    assert isinstance(came, Fetched)
    assert came.captions is not None
    assert came.captions.endswith(".vtt")
    assert b"".join([chunk async for chunk in media.read(came.captions)]) == b"WEBVTT"


async def test_captions_nobody_asked_for_are_not_fetched(
    media: ObstoreMedia, threads: WorkerThreads
) -> None:
    links = Links(film=film())
    plain = CAPTIONED.model_copy(update={"captions": None})
    came = await brought(links, media, threads, work=plain)

    assert isinstance(came, Fetched)
    assert (came.captions, links.asked) == (None, ["film"])


@pytest.mark.parametrize(
    ("outcome", "tries", "waits"),
    [
        (Unreadable("reset"), 0, True),
        (LinkExpired(403), 2, True),
        (Unreadable("reset"), 3, False),
        (Refused("not listed", is_limit=True), 0, False),
        (Refused("a page instead of a file"), 0, False),
    ],
)
async def test_a_paid_film_waits_for_its_captions_a_few_times_and_no_more(
    outcome: Any, tries: int, waits: bool, media: ObstoreMedia, threads: WorkerThreads
) -> None:
    came = await brought(Links(words=outcome, film=film()), media, threads, tries=tries)

    assert isinstance(came, Unfetched) is waits
    assert waits or (isinstance(came, Fetched) and came.captions == "")


async def test_captions_that_the_vendor_does_not_give_are_said_to_be_missing(
    media: ObstoreMedia, threads: WorkerThreads
) -> None:
    came = await brought(Links(film=film()), media, threads, subtitle_url=None)

    assert isinstance(came, Fetched)
    assert came.captions == ""
