"""The ports of a simulated process: the same SQL, the same gateways, the same Slack client, on a
world in memory. Each effect crosses two boundaries, one before and one after it."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from aiosqlite.core import _STOP_RUNNING_SENTINEL

from bot.ports import Ports
from bot.settings import Settings
from bot.slack import SlackApi
from domain.errors import MediaRefused, StorageUnavailable
from domain.ports import MediaFacts
from gateways.http import Http
from storage.database import DatabaseThread, SqliteDatabase
from tests.simulation.disk_trouble import Batch, Doom
from tests.simulation.facts import (
    EPOCH,
    PICTURE_MAGIC,
    PREVIEW_MAGIC,
    SOUND_MAGIC,
    VIDEO_MAGIC,
    length_s,
)
from tests.simulation.slack_wire import SimSession, SimSlackClient
from tests.simulation.spy import Spied
from tests.simulation.vendor_wire import SimTransport

if TYPE_CHECKING:
    from tests.simulation.world import World

SLOW_S = 10.0
THREAD_PATIENCE_S = 10.0

P = ParamSpec("P")
T = TypeVar("T")


@asynccontextmanager
async def open_ports(world: World, settings: Settings) -> AsyncIterator[Ports]:
    """What `bot.ports.real_ports` opens, simulated."""
    thread = (BarrierThread if world.plan.barrier else InlineThread)(world)
    await thread.start()
    database = SqliteDatabase(world.disk.file, cast(DatabaseThread, thread))
    session = cast(Any, SimSession(world))
    client = SimSlackClient(world, settings.slack_bot_token.get_secret_value(), session)
    clock = SimClock(world)
    async with database:
        yield Ports(
            clock=clock,
            ids=SimIds(world.ids),
            threads=InlineThreads(),
            database=database,
            media=MemoryMedia(world),
            probe=FakeProbe(world),
            http=Http(
                clock,
                submit_transport=SimTransport(world, "submit"),
                read_transport=SimTransport(world, "check"),
                download_transport=SimTransport(world, "download"),
            ),
            slack=SlackApi(client, session, clock),
            slack_client=client,
            slack_session=session,
        )


class SimClock:
    """`domain.ports.Clock`: virtual, with the wall clock's errors."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> float:
        return EPOCH + self._world.loop.time() + self._world.skew_s

    def monotonic(self) -> float:
        return self._world.loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SimIds:
    """`domain.ports.Ids`, seeded."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def new(self, prefix: str) -> str:
        return f"{prefix}_{self._draw.getrandbits(128):032x}"

    def jitter(self) -> float:
        return self._draw.random()


class InlineThreads:
    """`domain.ports.Threads` without any."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)


class InlineThread:
    """In place of `storage.database.DatabaseThread`: whole batches on the loop's own thread,
    between two boundaries. The commit itself is atomic: SQLite's own tests crash inside it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.connection: sqlite3.Connection | None = None

    async def start(self) -> None:
        await self._world.cross("db:open")
        self.connection = self._world.disk.open()
        self._world.opened(self.connection)
        await self._world.cross("db:opened")

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        batch, doom = await _begun(self._world, function)
        connection = self.connection
        assert connection is not None
        spied = Spied(connection, batch, doom, partial(_left, self._world))
        answer = function(cast(sqlite3.Connection, spied))
        _came_to_pass(self._world, doom, batch)
        self._world.committed(spied.changes())
        await self._world.cross("db:answer", about=batch)
        return answer

    def interrupt(self) -> None:
        """Nothing runs that could be interrupted."""

    async def close(self) -> None:
        if self.connection is not None:
            _left(self._world, None)
            self._world.closed()
            self._world.disk.close(self.connection)
            self.connection = None


class BarrierThread(DatabaseThread):
    """aiosqlite's real thread; virtual time waits for it."""

    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__(world.disk.open)
        queue: Any = _Asked(self._connection._tx, world)
        self._connection._tx = queue
        world.keep_open(self)

    async def start(self) -> None:
        await self._world.cross("db:open")
        await super().start()
        self._world.opened(None)
        await self._world.cross("db:opened")

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        world = self._world
        batch, doom = await _begun(world, function)

        def hop(connection: sqlite3.Connection) -> tuple[T, list[Any]]:
            spied = Spied(connection, batch, doom, partial(_left, world))
            return function(cast(sqlite3.Connection, spied)), spied.changes()

        answer, changes = await super().call(hop)
        _came_to_pass(world, doom, batch)
        self._world.committed(changes)
        await self._world.cross("db:answer", about=batch)
        return answer

    async def close(self) -> None:
        _left(self._world, None)
        self._world.closed()
        await super().close()

    def end(self) -> None:
        """The run is over: let the thread end, whatever became of its process."""
        if self._connection._thread.ident is None:
            return  # killed before it began

        def close() -> object:
            if self._connection._connection is not None:
                self._connection._connection.close()
                self._connection._connection = None
            return _STOP_RUNNING_SENTINEL

        self._connection._tx.put_nowait((None, close))
        self._connection._thread.join(THREAD_PATIENCE_S)


async def _begun(
    world: World, function: Callable[[sqlite3.Connection], Any]
) -> tuple[Batch, Doom | None]:
    """A batch is on its way: what it is, and what befalls it. Time may pass before it runs."""
    batch = Batch.of(function)
    await world.cross("db:call", about=batch)
    match world.faults.strikes("db.slow", "clock.jump", about=batch):
        case "db.slow":
            await asyncio.sleep(world.faults.between(0.0, SLOW_S))
        case "clock.jump":
            world.jump_clock()
    return batch, Doom.drawn(world.faults, batch)


def _came_to_pass(world: World, doom: Doom | None, batch: Batch) -> None:
    if doom is not None and doom.struck:
        world.faults.noted(doom.kind, batch)


def _left(world: World, image: bytes | None) -> None:
    """What the files hold although its COMMIT failed, until something else is written."""
    world.disk.written = image


class _Asked:
    """The thread's queue: whatever is put into it, virtual time waits for its answer."""

    def __init__(self, queue: Any, world: World) -> None:
        self._queue = queue
        self._world = world

    def put_nowait(self, work: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        if work[0] is not None:
            self._world.loop.ask_foreign()
        self._queue.put_nowait(work)


class MemoryMedia:
    """`domain.ports.MediaStore` that outlives the process: whole objects or none."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        await self._world.cross("media:put")
        if self._world.faults.strikes("media.io"):
            raise StorageUnavailable("The disk of the videos does not work right now.")
        content = b"".join([chunk async for chunk in chunks])
        self._world.living()
        self._world.media[key] = content
        await self._world.cross("media:kept")
        return len(content)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        content = self._world.media[key]
        half = len(content) // 2
        yield content[:half]
        await self._world.cross("media:read")
        yield content[half:]

    @asynccontextmanager
    async def local_file(self, key: str) -> AsyncIterator[Path]:
        yield Path(PurePosixPath("/simulated") / key)

    async def size_bytes(self, key: str) -> int:
        return len(self._world.media[key])

    async def delete(self, key: str) -> None:
        await self._world.cross("media:delete")
        self._world.media.pop(key, None)

    async def clear(self, folder: str) -> int:
        self._world.living()  # no boundary: a start has nothing to lose here
        found = [key for key in self._world.media if key.startswith(f"{folder}/")]
        for key in found:
            del self._world.media[key]
        return len(found)

    async def free_bytes(self) -> int | None:
        return None


class FakeProbe:
    """`domain.ports.Probe` for contents that say themselves what they are."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def video(self, path: Path) -> MediaFacts:
        content = self._world.media[str(path.relative_to("/simulated"))]
        await self._world.cross("probe:video")
        if not content.startswith(VIDEO_MAGIC):
            raise MediaRefused("That is not a video.")
        return MediaFacts(
            duration_s=self._world.vendors.length_s(content),
            width_px=1_280,
            height_px=720,
            has_sound=True,
            codec="h264",
            thumbnail_jpeg=b"JPEG of " + content,
        )

    async def length_s(self, path: Path) -> float:
        content = self._world.media[str(path.relative_to("/simulated"))]
        await self._world.cross("probe:length")
        if content.startswith(SOUND_MAGIC):
            return length_s(content)
        if not content.startswith(VIDEO_MAGIC):
            raise MediaRefused("That has no length.")
        return self._world.vendors.length_s(content)

    async def as_mp3(self, path: Path) -> bytes:
        await self._world.cross("probe:sound")
        return self._world.media[str(path.relative_to("/simulated"))]

    async def image(self, content: bytes) -> tuple[str, bytes, int, int]:
        await self._world.cross("probe:image")
        if not content.startswith(PICTURE_MAGIC):
            raise MediaRefused("That is not a picture.")
        return "image/png", content, 640, 360

    async def preview(self, path: Path) -> bytes:
        await self._world.cross("probe:preview")
        return PREVIEW_MAGIC + self._world.media[str(path.relative_to("/simulated"))]
