"""A process that makes promises on a real file: `python -m tests.integration.sync_child FILE WAY`.

Each promise is one line on standard output, written when `run` has answered. It ends without
closing anything, so that the log stays as it is.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import platform
import sqlite3
import struct
import sys
from pathlib import Path

from domain.errors import StorageUnavailable
from storage.database import SqliteDatabase
from tests.factories import clip
from tests.integration.accepted import accept

LONE = 20  # fewer pages than the log may hold: it is counted afterwards
WRITERS, EACH = 8, 10
PROMPT = "promise {:04}."

# prctl(2), seccomp(2): a filter of one thread that answers two system calls with EIO.
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000
BPF_LOAD, BPF_JUMP_EQUAL, BPF_RETURN = 0x20, 0x15, 0x06
FSYNC_FDATASYNC = {"x86_64": (74, 75), "aarch64": (82, 83)}


async def alone(database: SqliteDatabase) -> None:
    """One promise after the other."""
    for n in range(LONE):
        await _promise(database, n)


async def together(database: SqliteDatabase) -> None:
    """Promises that wait for the same commits."""

    async def write(writer: int) -> None:
        for n in range(EACH):
            await _promise(database, writer * EACH + n)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))


async def unsynced(database: SqliteDatabase) -> None:
    """Some promises; then the disk syncs no more."""
    for n in range(LONE):
        if n == LONE // 2:
            await database._thread.call(_forbid_syncs)
        await _promise(database, n)


async def _promise(database: SqliteDatabase, n: int) -> None:
    words = PROMPT.format(n)
    try:
        await accept(database, n, team_id=f"T{n}", work=clip(prompt=words, model="veo_3_1_fast"))
    except StorageUnavailable:
        _say(f"refused {n}")
    else:
        _say(words)


def _forbid_syncs(_: sqlite3.Connection) -> None:
    """On the database's thread, and for it alone: every sync fails from now on."""
    fsync, fdatasync = FSYNC_FDATASYNC[platform.machine()]
    program = b"".join(
        struct.pack("HBBI", code, if_true, if_false, value)
        for code, if_true, if_false, value in (
            (BPF_LOAD, 0, 0, 0),  # the number of the system call
            (BPF_JUMP_EQUAL, 2, 0, fsync),
            (BPF_JUMP_EQUAL, 1, 0, fdatasync),
            (BPF_RETURN, 0, 0, SECCOMP_RET_ALLOW),
            (BPF_RETURN, 0, 0, SECCOMP_RET_ERRNO | errno.EIO),
        )
    )
    instructions = ctypes.create_string_buffer(program, len(program))
    fprog = _Fprog(len(program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(fprog), 0, 0),
    ):
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "the filter was not taken")


class _Fprog(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _say(words: str) -> None:
    os.write(sys.stdout.fileno(), f"{words}\n".encode())


async def _main(path: str, way: str) -> None:
    database = await SqliteDatabase.open(Path(path))
    await {"alone": alone, "together": together, "unsynced": unsynced}[way](database)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
