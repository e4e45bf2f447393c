"""Every promise comes after the sync of what it promises: A6 of the fault table that
ARCHITECTURE.md describes, seen at the system calls of a real process."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from storage.database import SqliteDatabase
from tests.integration.power_loss import frames
from tests.integration.sync_child import EACH, LONE, PROMPT, WRITERS

ROOT = Path(__file__).parents[2]
CHILD = (sys.executable, "-m", "tests.integration.sync_child")
STRACE = shutil.which("strace")
TIMEOUT_S = 60

_BEGUN = re.compile(r"(\w+)\((\d+)<([^>]*)>(.*)")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>.*\) += (-?\d+)")

pytestmark = pytest.mark.process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with its schema and nothing in its log."""
    path = tmp_path / "dailies.sqlite3"
    asyncio.run(_open_once(path))
    return path


def test_a_disk_that_does_not_sync_gets_no_more_promises(path: Path) -> None:
    """Whatever can be traced here: without its sync there is no promise, so there is one each."""
    said = subprocess.run(
        (*CHILD, str(path), "unsynced"),
        cwd=ROOT, check=True, timeout=TIMEOUT_S, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    half = LONE // 2
    assert said[:half] == [PROMPT.format(n) for n in range(half)]
    assert said[half:] == [f"refused {n}" for n in range(half, LONE)]


@pytest.mark.parametrize(("way", "promises"), [("alone", LONE), ("together", WRITERS * EACH)])
def test_every_promise_is_told_after_its_sync(path: Path, way: str, promises: int) -> None:
    if not _may_trace():
        return  # no ptrace here: then the test above is what shows it
    seen = list(_events(_trace(path, way)))
    syncs = [at for at, (kind, _) in enumerate(seen) if kind == "synced"]
    for n in range(promises):
        words = PROMPT.format(n)
        written = _first(seen, "written", words)
        told = _first(seen, "told", words)
        assert any(written < sync < told for sync in syncs), f"{words} was told before its sync"
    log = path.with_name(path.name + "-wal").read_bytes()
    commits = sum(is_commit for _, is_commit in frames(log))
    assert len(syncs) >= commits
    assert commits == promises if way == "alone" else 0 < commits < promises, commits


@cache
def _may_trace() -> bool:
    """Whether this machine lets a process watch its own child."""
    if STRACE is None:
        return False
    tried = subprocess.run((STRACE, "-o", "/dev/null", "true"), capture_output=True)
    return tried.returncode == 0


def _trace(path: Path, way: str) -> list[str]:
    trace = path.with_name("trace")
    subprocess.run(
        (
            *(str(STRACE), "-f", "-y", "-s", "4200", "-o", str(trace)),
            *("-e", "trace=write,pwrite64,fsync,fdatasync", "-e", "signal=none"),
            *(*CHILD, str(path), way),
        ),
        cwd=ROOT,
        check=True,
        timeout=TIMEOUT_S,
        stdout=subprocess.DEVNULL,
    )
    return trace.read_text().splitlines()


def _events(lines: list[str]) -> Iterator[tuple[str, str]]:
    """What happened, in order: (written | synced | told, bytes). A write counts from its
    beginning, a sync from its end."""
    syncing: set[str] = set()
    for line in lines:
        pid, _, rest = line.partition(" ")
        if begun := _BEGUN.match(rest.strip()):
            call, descriptor, name, more = begun.groups()
            if call == "write" and descriptor == "1":
                yield "told", more
            elif call == "pwrite64" and name.endswith("-wal"):
                yield "written", more
            elif call in ("fsync", "fdatasync") and name.endswith("-wal"):
                if "<unfinished" in more:
                    syncing.add(pid)
                elif more.endswith("= 0"):
                    yield "synced", ""
        elif (resumed := _RESUMED.match(rest.strip())) and pid in syncing:
            syncing.discard(pid)
            if resumed[2] == "0":
                yield "synced", ""


def _first(seen: list[tuple[str, str]], kind: str, words: str) -> int:
    return next(at for at, (had, said) in enumerate(seen) if had == kind and words in said)


async def _open_once(path: Path) -> None:
    async with await SqliteDatabase.open(path):
        pass
