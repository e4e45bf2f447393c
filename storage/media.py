"""Bytes that are ours: finished videos, their thumbnails and the pictures people gave us.

One implementation over obstore for a folder on this machine and for any object store that it
knows (`s3://`, `gs://`, `az://`). An object is there whole or not at all: it is written beside its
place and moved there when its stream has ended well.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from domain.errors import StorageUnavailable
from domain.ports import Threads

READ_CHUNK_BYTES = 256 * 1024
# S3's smallest part; with the number in flight it bounds what one put keeps in memory
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
PART_BYTES = 5 * 1024 * 1024
PARTS_IN_FLIGHT = 4
KEY_MAX_CHARS = 512
PRIVATE_FOLDER_MODE = 0o700

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
# How obstore names what it has not finished writing in a folder.
_UNFINISHED = re.compile(r".+#\d+")


def open_media(url: str, threads: Threads) -> ObstoreMedia:
    """The media store of a `MEDIA_URL`: `file:data/media` (a folder, relative to where the bot
    was started), `file:///abs/folder`, or an object store's URL with its credentials in the
    environment. Raises `ValueError` for a URL that is none of them."""
    if not url.startswith("file:"):
        try:
            return ObstoreMedia(from_url(url), None, threads)
        except (BaseError, ValueError) as error:
            raise ValueError(f"MEDIA_URL={url!r}: {error}") from error
    # obstore reads `file:data/media` as /data/media, so the path is ours to find.
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise ValueError(f"MEDIA_URL={url!r} is not file:FOLDER or file:///FOLDER")
    root = Path(unquote(parts.path)).absolute()
    root.parent.mkdir(parents=True, exist_ok=True)
    root.mkdir(mode=PRIVATE_FOLDER_MODE, exist_ok=True)
    return ObstoreMedia(LocalStore(root, mkdir=True), root, threads)


class ObstoreMedia:
    """`domain.ports.MediaStore`. `root` is the folder where the store is one, else None.

    A key is names of letters, digits, `_`, `-` and `.` with `/` between them; another one is a
    `ValueError`. Raises `FileNotFoundError` for an object that is not there, and
    `StorageUnavailable` where the store itself does not work.
    """

    def __init__(self, store: ObjectStore, root: Path | None, threads: Threads) -> None:
        self._store = store
        self._root = root
        self._threads = threads

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store whole or not at all, replacing what was there; the number of bytes.

        What the stream raises is raised here, and then nothing is left, not even a part.
        """
        counted = _Counted(chunks)
        try:
            await obstore.put_async(
                self._store,
                _checked(key),
                counted,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_IN_FLIGHT,
            )
            if self._root is not None:
                await self._threads.run(_flush, self._root, key)
        except (BaseError, OSError) as error:
            if counted.failure is not None:
                raise counted.failure from None
            raise _unavailable(error) from error
        return counted.size_bytes

    async def read(
        self, key: str, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end` (the whole object without them), in chunks."""
        size_bytes = await self.size_bytes(key)
        end = size_bytes if end is None else min(end, size_bytes)
        if not 0 <= start <= end:
            raise ValueError(f"bytes {start}-{end} of {size_bytes}")
        if start == end:
            return
        try:
            options: obstore.GetOptions = {"range": (start, end)}
            answer = await obstore.get_async(self._store, key, options=options)
            async for chunk in answer.stream(min_chunk_size=READ_CHUNK_BYTES):
                yield bytes(chunk)
        except BaseError as error:
            raise _unavailable(error) from error

    @asynccontextmanager
    async def local_file(self, key: str) -> AsyncIterator[Path]:
        """The object as a file on this machine: itself in a folder store, else a copy that is
        removed with the context. Only to be read."""
        if self._root is not None:
            await self.size_bytes(key)
            yield self._root / key
            return
        folder = Path(await self._threads.run(tempfile.mkdtemp, prefix="dailies-"))
        try:
            copy = folder / Path(key).name
            async for chunk in self.read(key):
                await self._threads.run(_append, copy, chunk)
            await self._threads.run(copy.touch)
            yield copy
        finally:
            await self._threads.run(shutil.rmtree, folder)

    async def size_bytes(self, key: str) -> int:
        """The length of an object. Raises `FileNotFoundError` where there is none."""
        try:
            return (await obstore.head_async(self._store, _checked(key)))["size"]
        except BaseError as error:
            raise _unavailable(error) from error

    async def delete(self, key: str) -> None:
        """Remove an object. One that is not there is removed already."""
        try:
            await obstore.delete_async(self._store, _checked(key))
        except FileNotFoundError:
            return
        except BaseError as error:
            raise _unavailable(error) from error

    async def clear(self, folder: str) -> int:
        """Remove all objects whose keys begin with `folder` and a slash; how many there were."""
        count = 0
        try:
            async for found in obstore.list(self._store, f"{_checked(folder)}/"):
                for object_ in found:
                    await self.delete(object_["path"])
                    count += 1
        except BaseError as error:
            raise _unavailable(error) from error
        return count

    async def free_bytes(self) -> int | None:
        """Bytes left on the disk of the folder, None for an object store."""
        if self._root is None:
            return None
        return (await self._threads.run(shutil.disk_usage, self._root)).free

    async def remove_unfinished(self) -> int:
        """Remove the parts that a killed process left in the folder; how many there were.

        For the start of the only process that writes there: a part of a running put looks alike.
        """
        if self._root is None:
            return 0
        return await self._threads.run(_remove_unfinished, self._root)


class _Counted:
    """A stream that remembers how much went through it and what broke it."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.size_bytes = 0
        self.failure: BaseException | None = None

    def __aiter__(self) -> _Counted:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await anext(self._chunks)
        except StopAsyncIteration:
            raise
        except BaseException as failure:
            self.failure = failure
            raise
        self.size_bytes += len(chunk)
        return chunk


def _checked(key: str) -> str:
    if len(key) > KEY_MAX_CHARS or _KEY.fullmatch(key) is None:
        raise ValueError(f"{key[:80]!r} is not a media key")
    return key


def _unavailable(error: Exception) -> StorageUnavailable:
    unavailable = StorageUnavailable(
        "The media store does not work right now. Please try again in a minute."
    )
    unavailable.__cause__ = error
    return unavailable


def _flush(root: Path, key: str) -> None:
    """obstore does not sync what it writes; a video that was paid for must outlive the power."""
    path = root / key
    for place in (path, *(parent for parent in path.parents if parent.is_relative_to(root))):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _append(path: Path, chunk: bytes) -> None:
    with path.open("ab") as file:
        file.write(chunk)


def _remove_unfinished(root: Path) -> int:
    unfinished = [path for path in root.rglob("*#*") if _UNFINISHED.fullmatch(path.name)]
    for path in unfinished:
        path.unlink(missing_ok=True)
    return len(unfinished)
