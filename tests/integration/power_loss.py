"""A database as the product writes it, every commit remembered, and what a power loss makes of it.

No machine here can lose its power, so its effects are made by hand: a write-ahead log that ends
anywhere, sectors that never reached the disk, bits that turned, a checkpoint that is half there.
The log's format: https://www.sqlite.org/fileformat2.html#walformat.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.events import Fetched
from domain.execution import Execution, Moment, advance
from domain.gateway import Accepted, Finished, Rendering
from domain.ports import Transaction
from domain.shot import Video
from storage.answers import record_answer, record_transfer
from storage.batch import Call, Outcome
from storage.database import SqliteDatabase
from storage.executions import find_execution
from storage.recording import record, request_cancel
from storage.sqlite_file import SqliteFile
from tests.integration.accepted import LATER, accept, post_all, ready, send

WAL_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
SECTOR_BYTES = 512
TOGETHER = 6  # who ask at the same moment, and are committed together

Digest = str


@dataclass(frozen=True)
class Image:
    """The two files of a database, as bytes, and what was promised about them.

    `commits` maps where a commit ends in the log (bytes) to the content it made; the one at 0 is
    what the main file alone holds. `promised` are requests that were acked, each with where the
    log ended then.
    """

    database: bytes
    log: bytes
    commits: dict[int, Digest]
    promised: Sequence[tuple[int, str]]

    @property
    def page_bytes(self) -> int:
        """The size of a page."""
        return int(struct.unpack_from(">I", self.log, 8)[0])

    @property
    def ends(self) -> list[int]:
        """Where commits end, in order."""
        return sorted(self.commits)

    @property
    def last(self) -> Digest:
        """Everything that was committed."""
        return self.commits[self.ends[-1]]

    def kept_by(self, cut: int) -> Digest:
        """The content of the longest prefix of commits in the first `cut` bytes of the log."""
        return self.commits[max(end for end in self.commits if end <= cut)]


@dataclass
class Opened:
    """What our own opening makes of two files. `requests` are those it still knows."""

    content: Digest
    requests: set[str] = field(default_factory=set)


class Watched(SqliteDatabase):
    """The product's database, which tells what it holds after every commit, and remembers which
    requests it acked, each with where the log ended then."""

    log: Path
    commits: dict[int, Digest]
    promised: list[tuple[int, str]]
    _salt = b""

    async def watch(self, path: Path) -> None:
        """Begin to remember, with nothing in the log."""
        self.log = path.with_name(path.name + "-wal")
        await self.checkpoint()
        assert self.wal_bytes() == 0
        self.commits = {0: await self._thread.call(digest)}
        self.promised = []

    def promise(self, *requests: str) -> None:
        """These were acked by now."""
        self.promised += [(log_end(self.log.read_bytes()), request) for request in requests]

    def image(self) -> Image:
        """Everything as it is now."""
        return Image(
            database=self._file.path.read_bytes(),
            log=self.log.read_bytes(),
            commits=self.commits,
            promised=self.promised,
        )

    def _commit(self, calls: Sequence[Call], connection: sqlite3.Connection) -> list[Outcome]:
        outcomes = super()._commit(calls, connection)
        log = self.log.read_bytes()
        if self._salt not in (b"", log[16:24]):
            # The log was folded in and begun anew: what was before is the main file's now.
            self.commits = {0: self.commits[max(self.commits)]}
            self.promised = [(0, request) for _, request in self.promised]
        self._salt = log[16:24]
        self.commits[log_end(log)] = digest(connection)
        return outcomes


async def write_lives(path: Path, *, lives: int) -> Image:
    """Live `lives` requests on a new file, each as far as it goes; the two files as they are
    before anybody closes them. More than a thousand pages of them begin the log anew."""
    async with await Watched.open(path) as database:
        await database.watch(path)
        for n in range(1, lives + 1):
            await _live(database, n)
            database.promise(f"request_{n}")
        together = range(lives + 1, lives + 1 + TOGETHER)
        await asyncio.gather(*(accept(database, n) for n in together))
        database.promise(*(f"request_{n}" for n in together))
        return database.image()


async def fold_lives(path: Path, *, lives: int) -> tuple[Image, bytes]:
    """The files of `lives` requests before the log was folded into the main file, and that after
    it was."""
    async with await Watched.open(path) as database:
        await database.watch(path)
        for n in range(1, lives + 1):
            await _live(database, n)
            database.promise(f"request_{n}")
        before = database.image()
        await database._thread.call(_fold)
        assert database.log.read_bytes() == before.log, "the log was begun anew"
        return before, path.read_bytes()


def opened(folder: Path, database: bytes, log: bytes) -> Opened:
    """Open a copy as the bot does. Raises `DatabaseRefused`."""
    path = folder / "copy.sqlite3"
    for old in folder.glob("copy.sqlite3*"):
        old.unlink()
    path.write_bytes(database)
    path.with_name(path.name + "-wal").write_bytes(log)
    file = SqliteFile(path)
    connection = file.open()
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        known = {str(row[0]) for row in connection.execute("SELECT id FROM request")}
        return Opened(digest(connection), known)
    finally:
        # The copy is thrown away: nobody waits for its last checkpoint's sync.
        connection.execute("PRAGMA synchronous = OFF")
        connection.close()
        file.release()


def digest(connection: sqlite3.Connection) -> Digest:
    """One word for every row of every table."""
    words = hashlib.sha256()
    for (table,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).fetchall():
        rows = sorted(repr(row) for row in connection.execute(f"SELECT * FROM {table}"))
        words.update("\n".join((table, *rows)).encode())
    return words.hexdigest()


def frames(log: bytes) -> Iterator[tuple[int, bool]]:
    """Where each frame of the log's present generation ends, and whether it ends a commit."""
    if len(log) < WAL_HEADER_BYTES:
        return
    page_bytes, salt = struct.unpack_from(">I", log, 8)[0], log[16:24]
    frame_bytes = FRAME_HEADER_BYTES + page_bytes
    for at in range(WAL_HEADER_BYTES, len(log) - frame_bytes + 1, frame_bytes):
        _, pages_after_commit = struct.unpack_from(">II", log, at)
        if log[at + 8 : at + 16] != salt:
            return
        yield at + frame_bytes, pages_after_commit != 0


def log_end(log: bytes) -> int:
    """Where the last commit of the log ends; 0 where it has none."""
    return max((end for end, is_commit in frames(log) if is_commit), default=0)


async def _live(database: SqliteDatabase, n: int) -> None:
    """Accepted, posted, submitted and accepted there; then every third is finished, every third
    cancelled, and the rest render."""
    # A workspace each: nobody waits for anybody's slots, lane or money.
    execution = await ready(database, n, team_id=f"T{n}")
    sent = await send(database, execution, at=LATER + n)
    assert sent is not None
    at = Moment(now=LATER + n + 1)
    assert await database.run(record_answer, sent, Accepted(f"remote_{n}"), at)
    if n % 3 == 1:
        await database.run(request_cancel, f"request_{n}", at)
    elif n % 3 == 2:
        await _finish(database, sent.id, n, at)
    await post_all(database, now=LATER + 1_000 * n)


async def _finish(database: SqliteDatabase, execution_id: str, n: int, at: Moment) -> None:
    for progress in (Rendering(0.5), Finished(f"https://v/{n}.mp4")):
        await database.run(_progressed, execution_id, progress, at)
    fetching = await database.run(find_execution, execution_id)
    assert fetching is not None
    video = Video(
        id=f"video_{n}",
        team_id=fetching.team_id,
        execution_id=execution_id,
        request_id=fetching.request_id,
        media_key=f"video/{n}.mp4",
        thumbnail_key=f"video/{n}.jpg",
        sha256="0" * 64,
        size_bytes=1_000_000,
        duration_s=8.0,
        width_px=1280,
        height_px=720,
        has_sound=True,
        created_at=at.now,
    )
    assert await database.run(record_transfer, fetching, Fetched(None), at, videos=[video])


def _progressed(
    db: Transaction, execution_id: str, event: Rendering | Finished, at: Moment
) -> None:
    before = find_execution(db, execution_id)
    assert before is not None
    after: Execution = advance(before, event, at)
    assert record(db, before, after, at)


def _fold(connection: sqlite3.Connection) -> None:
    folded = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    assert folded[0] == 0
    assert folded[1] == folded[2], "not all of it was folded in"
