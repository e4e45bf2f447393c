"""One kill run: the real bot is killed and started again, many times, while people go on typing."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.ports import Transaction
from storage.database import SqliteDatabase
from storage.preferences import WORKSPACE, write_preference
from storage.readonly import look
from tests.kill.count import World, count, paid_prompt, prompt_of, read_rows
from tests.kill.people import People, Wire
from tests.kill.stage import Bot, Stage, stage
from tests.kill.starts import bare_python_s, parts_of

KILL_MIN_S, KILL_MAX_S = 0.002, 1.5  # after it is ready
START_KILL_SHARE = 0.25  # kills while it is still starting
START_KILL_MAX_S = 1.4
QUIET_S = 1.5
QUIET_POLL_S = 0.25
QUIET_LIMIT_S = 300.0
NEVER = float("inf")

# Short windows and room for everybody, as an admin may choose them: the run shall be quick.
PREFERENCES: dict[str, Any] = {
    "undo_command_s": 0.4,
    "undo_reply_s": 0.4,
    "confirm_above_micro_usd": 1_000_000_000,
    "approve_above_micro_usd": 1_000_000_000,
    "person_slots": 100,
    "workspace_slots": 100,
    "person_waiting": 10_000,
    "workspace_waiting": 100_000,
}


@dataclass(frozen=True)
class Life:
    """One life of the bot, in Unix seconds. `due_at`: when the work it found was due."""

    started_at: float
    ended_at: float
    due_at: float
    ready_at: float | None
    start: dict[str, float]


@dataclass
class Report:
    """What a run came to."""

    transport: str
    seed: int
    kills: int
    kills_in_start: int = 0
    elapsed_s: float = 0.0
    figures: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    resumed_s: list[float] = field(default_factory=list)
    python_s: float = 0.0
    starts: list[dict[str, float]] = field(default_factory=list)
    world: World | None = None
    kept_at: str | None = None


async def kill_run(*, times: int, transport: str, seed: int) -> Report:
    """Kill `times` times, wait until all is quiet, count. On a violation its folder stays."""
    began_at = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="dailies-kill-"))
    report = Report(transport, seed, times, python_s=bare_python_s())
    async with stage(folder, transport=transport) as on:
        await prefer(on, PREFERENCES)
        await _play(on, report)
    report.elapsed_s = time.monotonic() - began_at
    if report.violations:
        report.kept_at = str(folder)
    else:
        shutil.rmtree(folder)
    return report


async def prefer(on: Stage, preferences: dict[str, Any]) -> None:
    """Write workspace settings before the first start."""
    async with await SqliteDatabase.open(on.database) as database:
        for name, value in preferences.items():
            await database.run(write_preference, on.team_id, WORKSPACE, name, value)


async def _play(on: Stage, report: Report) -> None:
    rng = random.Random(report.seed)
    people, wire = People(on, random.Random(rng.random())), Wire(on)
    following = asyncio.create_task(wire.run())
    try:
        lives = [await _live_and_die(on, people, rng) for _ in range(report.kills)]
        lives.append(await _live_until_quiet(on, people, wire, report))
    finally:
        people.stop()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    await wire.catch_up()
    await _count(on, people, wire, report)
    report.kills_in_start = sum(life.ready_at is None for life in lives)
    report.ready_s = sorted(life.ready_at - life.started_at for life in lives if life.ready_at)
    report.starts = [life.start for life in lives if life.ready_at]
    report.resumed_s = _resumed_s(lives, wire)


async def _live_until_quiet(on: Stage, people: People, wire: Wire, report: Report) -> Life:
    """The last life: it has all the time it needs, and ends in order."""
    due_at = _due_at(on)
    bot = await on.start_bot()
    try:
        await bot.until_ready(on.session)
        ready_at = time.time()
        people.act_within(KILL_MAX_S)
        await people.finish()
        report.violations += await _until_quiet(on, people, wire)
        bot.signal(signal.SIGTERM)
        status = await bot.ended()
        if status != 0:
            report.violations.append(f"the last stop ended with {status}")
    finally:
        await bot.kill()
    return Life(bot.started_at, time.time(), due_at, ready_at, parts_of(bot))


async def _live_and_die(on: Stage, people: People, rng: random.Random) -> Life:
    """One life, ended at a random moment of its start or of its work."""
    due_at = _due_at(on)
    in_start = rng.random() < START_KILL_SHARE
    after_s = rng.uniform(0, START_KILL_MAX_S) if in_start else rng.uniform(KILL_MIN_S, KILL_MAX_S)
    bot, ready_at = await on.start_bot(), None
    try:
        if not in_start:
            await bot.until_ready(on.session)
            ready_at = time.time()
        people.act_within(after_s)
        await asyncio.sleep(after_s)
        _must_live(bot)
    finally:
        await bot.kill()
    return Life(bot.started_at, time.time(), due_at, ready_at, parts_of(bot))


def _must_live(bot: Bot) -> None:
    assert bot.process.returncode is None, f"it ended by itself: {bot.said()}"


def _due_at(on: Stage) -> float:
    """When the earliest work is due that a dead bot has left; `NEVER` where there is none.

    Read from a copy: the file itself is left as the kill left it.
    """
    if not on.database.exists():
        return NEVER
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / on.database.name
        for suffix in ("", "-wal"):
            original = on.database.with_name(on.database.name + suffix)
            if original.exists():
                shutil.copy(original, copy.with_name(copy.name + suffix))
        connection = sqlite3.connect(copy)
        try:
            found = connection.execute(_WORK_LEFT).fetchone()[0]
        finally:
            connection.close()
    return NEVER if found is None else float(found)


# What was claimed or begun is due at once after a start; the rest when it says.
_WORK_LEFT = """
SELECT MIN(at) FROM (
  SELECT CASE WHEN owner IS NULL AND state <> 'submitting' THEN MAX(due_at, not_before) ELSE 0 END
      AS at FROM execution
   WHERE state IN ('queued', 'submitting', 'running', 'late', 'fetching') AND due_at IS NOT NULL
  UNION ALL
  SELECT CASE outbox.state WHEN 'sending' THEN lane.next_send_at
         ELSE MAX(outbox.due_at, lane.next_send_at) END
    FROM outbox JOIN lane ON lane.team_id = outbox.team_id AND lane.channel = outbox.channel
   WHERE outbox.state IN ('todo', 'unknown', 'sending') AND outbox.phase = 'beginning')
"""


async def _until_quiet(on: Stage, people: People, wire: Wire) -> Sequence[str]:
    """Wait until nothing is left to do and no reply is on its way; what is left at the limit."""
    give_up_at = time.monotonic() + QUIET_LIMIT_S
    quiet_since: float | None = None
    while time.monotonic() < give_up_at:
        await wire.catch_up()
        left = [*look(on.database, _left), *await _unfound(on), *_undelivered(people, wire)]
        if left:
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since >= QUIET_S:
            return ()
        await asyncio.sleep(QUIET_POLL_S)
    return [f"not quiet after {QUIET_LIMIT_S:.0f} s: {thing}" for thing in left]


def _left(db: Transaction) -> list[str]:
    """What the bot still has to do."""
    rows = db.execute(
        "SELECT id || ' is ' || state AS thing FROM execution"
        " WHERE (due_at IS NOT NULL AND (state <> 'uncertain' OR offer NOT LIKE '%@fal'))"
        " OR state NOT IN ('succeeded', 'failed', 'cancelled', 'expired', 'uncertain')"
        " UNION ALL SELECT kind || ' of ' || subject_id || ' is ' || state FROM outbox"
        " WHERE state NOT IN ('sent', 'failed')"
        " UNION ALL SELECT id || ' is out of date' FROM message WHERE dirty = 1"
        " UNION ALL SELECT 'reply ' || key || ' is held' FROM held_reply"
    ).all()
    return [str(row["thing"]) for row in rows]


async def _unfound(on: Stage) -> list[str]:
    """Doubts at fal that its history ends: a submit that never got there stays one for hours."""
    paid = {paid_prompt(entry["input"]) for entry in await on.look("ledger")}
    doubts = look(on.database, _doubts_at_fal)
    return [f"{id_} is paid and not found" for id_, work in doubts if prompt_of(work) in paid]


def _doubts_at_fal(db: Transaction) -> list[tuple[str, str]]:
    rows = db.execute(
        "SELECT execution.id, request.work FROM execution"
        " JOIN request ON request.id = execution.request_id"
        " WHERE execution.state = 'uncertain' AND execution.offer LIKE '%@fal'"
    ).all()
    return [(str(row["id"]), str(row["work"])) for row in rows]


def _undelivered(people: People, wire: Wire) -> list[str]:
    """Replies that Slack still tries to deliver: the first try and three more."""
    tries = {reply.ts: wire.event_acks(reply.ts) for reply in people.replies}
    return [ts for ts, acks in tries.items() if not any(acks) and len(acks) < 4]


async def _count(on: Stage, people: People, wire: Wire, report: Report) -> None:
    world = World(
        commands=people.commands,
        replies=people.replies,
        wire=wire,
        rows=read_rows(on.database),
        messages=(await on.state())["messages"],
        ledger=await on.look("ledger"),
    )
    report.world = world
    counted = count(world)
    report.figures = counted.figures
    report.violations += counted.violations


def _resumed_s(lives: Sequence[Life], wire: Wire) -> list[float]:
    """For each life that found work: from its start, or from when that was due, to the first call.

    A life that ended before is not counted: how long it would have taken nobody knows.
    """
    found = []
    for life in lives:
        began_at = max(life.started_at, life.due_at)
        worked_at = wire.first_work(life.started_at, life.ended_at)
        if life.due_at < life.ended_at and worked_at is not None:
            found.append(max(0.0, worked_at - began_at))
    return sorted(found)
