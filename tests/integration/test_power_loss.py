"""What a power loss leaves is a committed prefix with everything that was promised, every time.

A6 and F4 of the fault table that ARCHITECTURE.md describes, on the product's own rows, opened by
the product's own `SqliteFile`. That every promise waits for its sync is `test_syncs.py`.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.errors import StorageUnavailable
from storage.database import SqliteDatabase
from storage.errors import DatabaseRefused
from tests.conftest import SEED
from tests.integration.accepted import accept
from tests.integration.power_loss import (
    SECTOR_BYTES,
    WAL_HEADER_BYTES,
    Image,
    fold_lives,
    frames,
    opened,
    write_lives,
)

LIVES = 3
LIVES_OF_TWO_LOGS = 9  # more pages than a log holds before it is folded in and begun anew
CUTS = 1_000
BITS = 1_000
BYTES = 1_000
TORN_COMMITS = 300
TORN_FOLDS = 200
ADVICE = ("start again", "restore a backup", "set DATABASE_URL to another file")

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Scene:
    """An image, and a folder for its copies."""

    image: Image
    folder: Path

    def must_keep(self, cut: int, log: bytes | None = None) -> None:
        """What is left of a log that ends at `cut` is the commits before it, and every promise."""
        found = opened(self.folder, self.image.database, log or self.image.log[:cut])
        assert found.content == self.image.kept_by(cut), f"cut at {cut}"
        promised = {request for end, request in self.image.promised if end <= cut}
        assert promised <= found.requests, f"cut at {cut}"


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder in memory where the machine has one: thousands of copies need no real disk."""
    shm = Path("/dev/shm")
    place = shm if os.access(shm, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="dailies-power-", dir=place) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, memory: Path) -> Scene:
    """Some lives, all of them in the log."""
    folder = tmp_path_factory.mktemp("lives")
    image = asyncio.run(write_lives(folder / "dailies.sqlite3", lives=LIVES))
    assert len(image.promised) == len({request for _, request in image.promised}) > LIVES
    assert len([end for end, is_commit in frames(image.log) if is_commit]) > 10 * LIVES
    return Scene(image, memory)


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory, memory: Path) -> Scene:
    """A log that was begun anew, with what is left of the old one behind it."""
    folder = tmp_path_factory.mktemp("renewed")
    image = asyncio.run(write_lives(folder / "dailies.sqlite3", lives=LIVES_OF_TWO_LOGS))
    assert image.ends[-1] < len(image.log) - WAL_HEADER_BYTES
    assert any(end == 0 for end, _ in image.promised)
    return Scene(image, memory)


def test_a6_the_log_cut_at_every_edge_of_a_frame(scene: Scene) -> None:
    edges = [0, WAL_HEADER_BYTES, *(end for end, _ in frames(scene.image.log))]
    assert edges[-1] == scene.image.ends[-1] == len(scene.image.log)
    for edge in edges:
        scene.must_keep(edge)


def test_a6_the_log_cut_anywhere(scene: Scene) -> None:
    chance = random.Random(SEED)
    for _ in range(CUTS):
        scene.must_keep(chance.randrange(len(scene.image.log)))


def test_a6_a_log_begun_anew_ends_where_it_ends_whatever_is_behind(renewed: Scene) -> None:
    """A cut in the new part, in the old part, and the old bytes showing through from a frame on."""
    chance = random.Random(SEED)
    log, edges = renewed.image.log, [end for end, _ in frames(renewed.image.log)]
    older = log[len(log) // 2 :] + log[: len(log) // 2]  # frames of the old log, at other places
    for edge in chance.sample(edges, 50):
        renewed.must_keep(edge)
        renewed.must_keep(edge, log[:edge] + older[edge:])
    for _ in range(50):
        renewed.must_keep(chance.randrange(len(log)))


def test_a6_sectors_of_the_last_commit_that_never_reached_the_disk(scene: Scene) -> None:
    """Before its sync a commit may be there in any part: it counts when all of it is there."""
    chance = random.Random(SEED)
    log, ends = scene.image.log, scene.image.ends
    for _ in range(TORN_COMMITS):
        nth = chance.randrange(1, len(ends))
        begin, end = ends[nth - 1] or WAL_HEADER_BYTES, ends[nth]
        torn = bytearray(log[:end])
        sectors = list(range(begin, end, SECTOR_BYTES))
        for at in chance.sample(sectors, chance.randrange(len(sectors) + 1)):
            size = min(SECTOR_BYTES, end - at)
            torn[at : at + size] = bytes(size)
        scene.must_keep(end if torn == log[:end] else ends[nth - 1], bytes(torn))


def test_a6_a_log_that_is_half_folded_in(tmp_path: Path, memory: Path) -> None:
    """The main file holds some sectors of before and some of after: the log makes it whole."""
    chance = random.Random(SEED)
    before, after = asyncio.run(fold_lives(tmp_path / "dailies.sqlite3", lives=LIVES))
    assert before.database != after
    longest = before.database.ljust(len(after), b"\0")
    for _ in range(TORN_FOLDS):
        share, torn = chance.random(), bytearray(longest)
        for at in range(0, len(after), SECTOR_BYTES):
            if chance.random() < share:
                torn[at : at + SECTOR_BYTES] = after[at : at + SECTOR_BYTES]
        assert opened(memory, bytes(torn), before.log).content == before.last


def test_a6_a_bit_of_the_log_that_turned(scene: Scene) -> None:
    """The commits before it, or a refusal; never a part of one and never rows that were not."""
    chance = random.Random(SEED)
    for _ in range(BITS):
        turned = bytearray(scene.image.log)
        at = chance.randrange(len(turned))
        turned[at] ^= 1 << chance.randrange(8)
        try:
            found = opened(scene.folder, scene.image.database, bytes(turned))
        except DatabaseRefused:
            continue
        assert found.content in scene.image.commits.values(), f"byte {at}"
        assert found.content != scene.image.last, f"byte {at} was not noticed"


async def test_f4_a_byte_of_the_main_file_that_turned(tmp_path: Path, memory: Path) -> None:
    """The start says so and touches nothing, or the bot works on what it has found sound."""
    _, whole = await fold_lives(tmp_path / "dailies.sqlite3", lives=LIVES)
    chance = random.Random(SEED)
    pages = range(0, len(whole), 4_096)
    refused = 0
    for trial in range(BYTES):
        turned = bytearray(whole)
        at = chance.randrange(100) if trial % 4 == 0 else chance.choice(pages) + _near(chance)
        turned[at] ^= chance.randrange(1, 256)
        path = memory / f"turned-{trial}.sqlite3"
        path.write_bytes(turned)
        if refusal := await _refusal(path):
            refused += 1
            assert any(advice in refusal for advice in ADVICE), f"byte {at}: {refusal}"
            assert path.read_bytes() == turned, f"byte {at}: refused and changed"
            log = path.with_name(path.name + "-wal")
            assert not log.exists() or log.stat().st_size == 0, f"byte {at}: refused and written"
        for left in memory.glob(f"turned-{trial}.*"):
            left.unlink()
    assert BYTES / 4 < refused < BYTES


async def _refusal(path: Path) -> str:
    """Why the start refuses a file, which ends the process with 78; empty where it works on it."""
    try:
        async with await SqliteDatabase.open(path) as database:
            await _works(database)
    except DatabaseRefused as refusal:
        return refusal.sentence
    return ""


def _near(chance: random.Random) -> int:
    """A place in a page: half of them where its structure is."""
    return chance.randrange(12) if chance.random() < 0.5 else chance.randrange(4_096)


async def _works(database: SqliteDatabase) -> None:
    """A command is taken whole or not at all. A byte of the schema's own words, or of a row's,
    that SQLite does not miss is noticed here at the earliest."""
    before = database.wal_bytes()
    try:
        await accept(database, 1_001)
    except (StorageUnavailable, sqlite3.Error, UnicodeDecodeError):
        assert database.wal_bytes() == before, "a part of it was written"
