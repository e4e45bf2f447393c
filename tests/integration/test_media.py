"""An object is there whole or not at all, comes back byte for byte, and never leaves its store."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from obstore.store import MemoryStore

from domain.errors import StorageUnavailable
from domain.ports import MediaStore
from storage.media import ObstoreMedia, open_media

P = ParamSpec("P")
T = TypeVar("T")

MIB = 1024 * 1024


class Threads:
    """The port, as `bot/` has it."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(function, *args, **kwargs)


@pytest.fixture(params=["folder", "object store"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> ObstoreMedia:
    if request.param == "folder":
        return open_media(f"file://{tmp_path}/media", Threads())
    return ObstoreMedia(MemoryStore(), None, Threads())


@pytest.fixture
def folder(tmp_path: Path) -> ObstoreMedia:
    return open_media(f"file://{tmp_path}/media", Threads())


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


async def test_what_was_put_is_read_back_byte_for_byte(media: ObstoreMedia) -> None:
    port: MediaStore = media
    content = os.urandom(12 * MIB + 7)
    pieces = [content[start : start + 100_003] for start in range(0, len(content), 100_003)]

    assert await port.put("T1/ex_1/take.mp4", stream(*pieces)) == len(content)

    assert await port.size_bytes("T1/ex_1/take.mp4") == len(content)
    chunks = [chunk async for chunk in port.read("T1/ex_1/take.mp4")]
    assert b"".join(chunks) == content
    if await port.free_bytes() is not None:  # obstore's memory store has one piece only
        assert max(map(len, chunks)) <= MIB
    async with port.local_file("T1/ex_1/take.mp4") as path:
        assert path.name == "take.mp4"
        assert path.read_bytes() == content


async def test_a_put_replaces_and_an_empty_object_is_an_object(media: ObstoreMedia) -> None:
    await media.put("a/b", stream(b"first, and longer"))
    await media.put("a/b", stream(b"second"))
    assert await whole(media.read("a/b")) == b"second"

    assert await media.put("a/b", stream()) == 0
    assert await media.size_bytes("a/b") == 0
    assert await whole(media.read("a/b")) == b""
    async with media.local_file("a/b") as path:
        assert path.read_bytes() == b""


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 3, b"012"), (4, None, b"456789"), (8, 99, b"89"), (5, 5, b""), (10, None, b"")],
)
async def test_a_range_is_read(
    media: ObstoreMedia, start: int, end: int | None, expected: bytes
) -> None:
    await media.put("digits", stream(b"0123456789"))
    assert await whole(media.read("digits", start=start, end=end)) == expected


@pytest.mark.parametrize(("start", "end"), [(11, None), (5, 4), (-1, None)])
async def test_a_range_outside_the_object_is_refused(
    media: ObstoreMedia, start: int, end: int | None
) -> None:
    await media.put("digits", stream(b"0123456789"))
    with pytest.raises(ValueError, match="of 10"):
        await whole(media.read("digits", start=start, end=end))


async def test_a_stream_that_breaks_leaves_nothing_and_keeps_what_was_there(
    folder: ObstoreMedia, tmp_path: Path
) -> None:
    class Dropped(OSError):
        pass

    seen: list[str] = []

    async def breaking(error: Exception) -> AsyncIterator[bytes]:
        yield b"x" * (6 * MIB)
        yield b"x" * (6 * MIB)
        await asyncio.sleep(0.05)
        seen.extend(files(tmp_path / "media"))
        raise error

    await folder.put("T1/old", stream(b"old"))
    for error in (Dropped("gone"), ValueError("not a video")):
        for key in ("T1/new", "T1/old"):
            with pytest.raises(type(error)) as raised:
                await folder.put(key, breaking(error))
            assert raised.value is error

    assert any("#" in name for name in seen)  # or else the test saw no unfinished part at all
    assert files(tmp_path / "media") == ["T1/old"]
    assert await whole(folder.read("T1/old")) == b"old"
    with pytest.raises(FileNotFoundError):
        await folder.size_bytes("T1/new")


async def test_a_cancelled_put_leaves_nothing_whenever_it_was_cancelled(
    folder: ObstoreMedia, tmp_path: Path
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * MIB
            await asyncio.sleep(0.001)

    for n in range(8):
        putting = asyncio.create_task(folder.put(f"T1/{n}", endless()))
        await asyncio.sleep(0.004 * n)
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting

    await _until(lambda: files(tmp_path / "media") == [])


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 3
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_deleting_is_final_and_may_be_repeated(media: ObstoreMedia) -> None:
    await media.put("T1/video", stream(b"bytes"))
    await media.delete("T1/video")
    await media.delete("T1/video")

    with pytest.raises(FileNotFoundError):
        await media.size_bytes("T1/video")
    with pytest.raises(FileNotFoundError):
        await whole(media.read("T1/video"))
    with pytest.raises(FileNotFoundError):
        async with media.local_file("T1/video"):
            pass


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/abs",
        "../up",
        "a/../../up",
        "a//b",
        "a/",
        "./a",
        "a/.b",
        "a#1",
        "a b",
        "ä",
        "a" * 513,
        "a\n",
        "a\x00",
        "a\\b",
        "C:/a",
        "%2e%2e/a",
        "~/a",
    ],
)
async def test_a_key_that_could_lead_elsewhere_is_refused_by_every_verb(
    media: ObstoreMedia, key: str, tmp_path: Path
) -> None:
    before = files(tmp_path)
    with pytest.raises(ValueError, match="media key"):
        await media.put(key, stream(b"x"))
    with pytest.raises(ValueError, match="media key"):
        await whole(media.read(key))
    with pytest.raises(ValueError, match="media key"):
        await media.size_bytes(key)
    with pytest.raises(ValueError, match="media key"):
        await media.delete(key)
    with pytest.raises(ValueError, match="media key"):
        async with media.local_file(key):
            pass
    assert files(tmp_path) == before


async def test_a_folder_is_cleared_and_nothing_beside_it(media: ObstoreMedia) -> None:
    for key in ("inputs/T1/a.b", "inputs/T2/c", "inputs-2/T1/a", "videos/a"):
        await media.put(key, stream(b"mine"))
    assert await media.clear("inputs") == 2
    assert await media.clear("inputs") == 0
    assert await media.size_bytes("inputs-2/T1/a") == await media.size_bytes("videos/a") == 4
    with pytest.raises(FileNotFoundError):
        await media.size_bytes("inputs/T1/a.b")


async def test_free_bytes_is_the_disk_of_a_folder_and_unknown_of_an_object_store(
    folder: ObstoreMedia, tmp_path: Path
) -> None:
    seen = os.statvfs(tmp_path)
    free = await folder.free_bytes()
    assert free is not None
    assert abs(free - seen.f_bavail * seen.f_frsize) < 1024 * MIB
    assert await ObstoreMedia(MemoryStore(), None, Threads()).free_bytes() is None


async def test_the_copy_of_a_remote_object_goes_with_its_context() -> None:
    media = ObstoreMedia(MemoryStore(), None, Threads())
    await media.put("T1/video.mp4", stream(b"bytes"))
    seen: list[Path] = []

    async def look() -> None:
        async with media.local_file("T1/video.mp4") as path:
            seen.append(path)
            assert path.read_bytes() == b"bytes"
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await look()
    assert not seen[0].parent.exists()


def test_file_urls_are_folders_for_nobody_else_to_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_media("file:data/media", Threads())
    open_media(f"file://{tmp_path}/with%20space", Threads())
    open_media(f"file:{tmp_path}/one-slash", Threads())

    for name in ("data/media", "with space", "one-slash"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("url", ["file:", "file://host/media", "ftp://host/x", "media", ""])
def test_a_media_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="MEDIA_URL"):
        open_media(url, Threads())


def test_an_object_stores_url_is_obstores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert 'bucket="takes"' in repr(open_media("s3://takes/videos", Threads())._store)


async def test_what_was_put_outlives_the_power(
    folder: ObstoreMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """obstore syncs nothing by itself: the file and every folder on the way are synced first."""
    synced: list[int] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    await folder.put("T1/ex_1/take.mp4", stream(b"bytes"))

    places = ("T1/ex_1/take.mp4", "T1/ex_1", "T1", ".")
    assert synced == [(tmp_path / "media" / place).stat().st_ino for place in places]


KILLED_PUT = """
import asyncio, sys
sys.path.insert(0, {root!r})
from storage.media import open_media
class Threads:
    async def run(self, function, /, *args, **kwargs): return function(*args, **kwargs)
async def endless():
    for n in range(10**6):
        yield b"x" * 2**20
        if n == 8: print("writing", flush=True)
        await asyncio.sleep(0.001)
asyncio.run(open_media({url!r}, Threads()).put("T1/video", endless()))
"""


@pytest.mark.process
async def test_what_a_killed_process_left_unfinished_is_removed_at_the_next_start(
    folder: ObstoreMedia, tmp_path: Path
) -> None:
    await folder.put("T1/kept", stream(b"kept"))
    script = KILLED_PUT.format(root=str(Path.cwd()), url=f"file://{tmp_path}/media")
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"writing\n"
        child.send_signal(signal.SIGKILL)
    left = files(tmp_path / "media")
    assert "T1/video" not in left
    assert len(left) == 2

    assert await folder.remove_unfinished() == 1
    assert files(tmp_path / "media") == ["T1/kept"]


FULL_DISK_PUT = """
import asyncio, resource, sys
sys.path.insert(0, {root!r})
from domain.errors import StorageUnavailable
from storage.media import open_media
class Threads:
    async def run(self, function, /, *args, **kwargs): return function(*args, **kwargs)
async def large():
    for _ in range(20): yield b"x" * 2**20
async def main():
    media = open_media({url!r}, Threads())
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * 2**20, resource.RLIM_INFINITY))
    try: await media.put("T1/video", large())
    except StorageUnavailable as told: print(told.sentence)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(await media.put("T1/after", large()))
asyncio.run(main())
"""


@pytest.mark.process
def test_a_disk_that_takes_no_more_is_told_leaves_nothing_and_recovers(tmp_path: Path) -> None:
    script = FULL_DISK_PUT.format(root=str(Path.cwd()), url=f"file://{tmp_path}/media")
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )

    assert told.stdout.splitlines() == [
        "The media store does not work right now. Please try again in a minute.",
        str(20 * MIB),
    ]
    assert files(tmp_path / "media") == ["T1/after"]
    content = (tmp_path / "media/T1/after").read_bytes()
    assert hashlib.sha256(content).digest() == hashlib.sha256(b"x" * 20 * MIB).digest()


async def test_a_disk_that_cannot_sync_is_not_believed(
    folder: ObstoreMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(StorageUnavailable):
        await folder.put("T1/video", stream(b"bytes"))


async def test_a_store_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    media = open_media(f"file://{tmp_path}/media", Threads())
    (tmp_path / "media/T1").write_text("a file where a folder has to be")
    with pytest.raises(StorageUnavailable):
        await media.put("T1/video", stream(b"x"))
