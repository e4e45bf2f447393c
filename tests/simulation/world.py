"""The world of one run: everything outside the bot, and the bot's lives one after the other.

It outlives every crash: what was said in Slack, what the vendors accepted, what was acked. It ends
healed and quiet, and then the invariants must hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import ClientError

from bot.exits import Exit
from domain.errors import StorageUnavailable
from domain.schedule import TELL_AHEAD_MAX_S
from tests.simulation.befalling import RAISED, Befalling
from tests.simulation.canaries import settings_of
from tests.simulation.checker import Checker, as_dicts
from tests.simulation.concern import about_whom, current_execution
from tests.simulation.disk import disk_of
from tests.simulation.facts import EPOCH
from tests.simulation.faults import About, Faults
from tests.simulation.loop import LIFE, VirtualLoop
from tests.simulation.own import OwnThings
from tests.simulation.people import Person, echoed
from tests.simulation.plan import Ending, Plan, Story
from tests.simulation.process import Killed, Process
from tests.simulation.silence import Silence, tell_of_removal
from tests.simulation.sitters import whoever
from tests.simulation.slack_world import Said, SlackWorld
from tests.simulation.spy import Change
from tests.simulation.vendors import Vendors
from tests.simulation.wall_clock import WallClock

TRACE_KEPT = 50
RESTART_S = (0.2, 4.0)
LOOK_S = 5.0
CALM_S = 10.0
QUIET_LIMIT_S = {None: 2_400.0, Ending.LATE: 3 * 3_600.0, Ending.NEVER: 30 * 3_600.0}
SKEWS_S = (1.0, 60.0, 600.0)
DAY_S = 86_400.0
SET_BACK_MAX_S = 2.2 * DAY_S
BROUGHT_FORWARD_IN_S = 60.0
FAR_SHARE, FAR_S = (
    0.04,
    (3_600.0, -3_600.0, DAY_S, -DAY_S, 2 * DAY_S, -EPOCH),
)  # the last is what a dead battery makes of a clock
OLD_AGE_SHARE = 0.25
OUTAGE_MIN_S = 1_800.0
OPEN = "('preparing', 'queued', 'submitting', 'running', 'late', 'fetching')"
# A doubt that the same key or our own id settles is settled once all works again. What was called
# off is not sent again for that: it stays told.
DOUBTED = (
    "state = 'uncertain' AND due_at IS NOT NULL AND cancel_requested_at IS NULL"
    " AND (gateway = 'runware' OR offer IN ('heygen_avatar@heygen', 'cinematic_avatar@heygen'))"
)
ASKED = "('confirmation', 'approval', 'budget')"


class World:
    """One run of a plan."""

    def __init__(self, plan: Plan, at_boundary: Callable[[World], None] | None = None) -> None:
        self.plan = plan
        self._at_boundary = at_boundary
        self.disk = disk_of(plan)
        self.loop = VirtualLoop(_stream(plan, "shuffle") if plan.shuffle else None)
        self.ids, self.people = _stream(plan, "ids"), _stream(plan, "people")
        self._latency, self._fate = _stream(plan, "latency"), _stream(plan, "fate")
        self.faults = Faults(
            _stream(plan, "faults"), plan.intensities, forced=plan.forced, focus=plan.focus
        )
        self.faults.when_struck, self.faults.states_of = self._struck, self._states_of
        self._befalling = Befalling(self, _stream(plan, "befalling"))
        self.checker = Checker(self)
        self.silence = Silence(self)
        self.own = OwnThings(self)
        self.slack = SlackWorld(self)
        self.vendors = Vendors(self, _stream(plan, "vendors"))
        self.media: dict[str, bytes] = {}
        self.settings = settings_of(plan)
        self.process: Process | None = None
        self.skew_s, self.clock = 0.0, WallClock()
        self.set_back_s = 0.0  # in all
        self.slept_s = 0.0
        self.last_struck_at = 0.0
        self.crowd: list[Story] = []
        self.began_at = 0  # the boundary at which this life began
        self.backup_made_at: float | None = None
        self.restored_at: float | None = None
        self.healed_at, self.outcomes, self.tasks = 0.0, 0, 0
        self.boundaries, self.crashes, self.lives = 0, 0, 0
        self.kinds: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.trace: deque[str] = deque(maxlen=TRACE_KEPT)
        self._hash = hashlib.blake2b(digest_size=16)
        self._connection: sqlite3.Connection | None = None
        self._kept: list[Any] = []
        self._names = 0
        self._over = False

    # What the ports ask of it.

    def living(self) -> Process | None:
        """The process this runs for. Raises `Killed` where it is dead."""
        life = LIFE.get()
        if life is not None and life.dead:
            raise Killed
        return life if isinstance(life, Process) else None

    async def cross(self, kind: str, detail: str = "", about: About = None) -> None:
        """A boundary: here the process may die, or be cancelled, or wait a moment. `about` names
        whom the work is for, where it is not the step's own execution."""
        process = self.living()
        self.boundaries += 1
        self.kinds[kind] += 1
        self.note(kind, detail)
        if self._at_boundary is not None:
            self._at_boundary(self)
        if process is not None and not self.healed_at:
            self._befalling.at_boundary(process, about)
        if self.boundaries == self.plan.user_cancel_at:
            self.outside(self.everybody_cancels())
        if not kind.startswith("db:"):
            self.checker.resuming.called()
        self.checker.pace.crossed(kind)
        await asyncio.sleep(0)

    def _struck(self, kind: str, about: About) -> None:
        """For the table of faults and states: where the executions it concerns were."""
        self.last_struck_at = self.loop.time()
        for state in self._states_of(kind, about):
            self.pairs[kind, state] += 1

    def _states_of(self, kind: str, about: About) -> set[str]:
        return about_whom(self, kind, about)

    def note(self, kind: str, detail: str = "") -> None:
        """A line of the trace."""
        line = f"{self.loop.time():.6f} {kind} {detail}"
        self.trace.append(line)
        self._hash.update(line.encode())

    def logged(self, level: str, event: str, details: str) -> None:
        """What the bot logs; what it calls broken is a bug."""
        self.note(f"log.{level}", f"{event} {details}")
        expected = "StorageUnavailable" in details or self._is_ours(details)
        if self.slept_s and "TimeoutError" in details:
            expected = True  # asleep in the middle of a turn
        if "broke" in event and not expected:
            self.checker.breach("BUG", f"{event}: {details}")

    def _is_ours(self, failure: str) -> bool:
        """Whether a failure is one that we brought about (A8)."""
        return self.faults.struck["raise"] > 0 and any(name in failure for name in RAISED)

    def is_blind(self) -> bool:
        """Whether nobody answers what became of a submit, for a while after the first doubt."""
        doubted_at = self.checker.doubts.first_at
        if not self.plan.blind_s or self.healed_at or doubted_at is None:
            return False
        if self.loop.time() > doubted_at + self.plan.blind_s:
            return False
        return current_execution() in self.checker.doubts.open

    def latency(self, low: float, high: float) -> float:
        """How long something takes, in seconds."""
        return self._latency.uniform(low, high)

    def name(self, prefix: str) -> str:
        """A name of Slack's, never the same twice."""
        self._names += 1
        return f"{prefix}.{self._names:04}"

    def jump_clock(self) -> None:
        """The wall clock is set, forwards or backwards."""
        if self.plan.clock_s is not None:
            skew_s = self.plan.clock_s
        elif self.faults.between(0, 1) < FAR_SHARE:
            skew_s = FAR_S[int(self.faults.between(0, len(FAR_S)))]
        else:
            most_s = SKEWS_S[int(self.faults.between(0, len(SKEWS_S)))]
            skew_s = self.faults.between(-most_s, most_s)
        self.set_clock(skew_s)

    def set_clock(self, skew_s: float) -> None:
        before_s, self.skew_s = self.skew_s, skew_s
        set_back_s = self.set_back_s + max(0.0, before_s - self.skew_s)
        self.set_back_s = min(set_back_s, SET_BACK_MAX_S)
        self.clock.jumped(self.loop.time(), skew_s - before_s)
        self.clock.was(before_s, self.loop.time())
        self.note("CLOCK", f"{self.skew_s:+.0f} s")

    def sleeps(self, seconds: float, about: About = None) -> None:
        """The machine is suspended; all clocks go on."""
        self.faults.noted("clock.suspend", about)
        self.note("ASLEEP", f"{seconds:.0f} s")
        self.slept_s += seconds
        self.clock.jumped(self.loop.time(), seconds)  # a lease may have lapsed meanwhile
        self.loop._virtual_s += seconds

    def forgot(self, at: float) -> bool:
        """Whether a restored backup knows nothing of what happened at that time (F9)."""
        if self.restored_at is None or self.backup_made_at is None:
            return False
        return self.backup_made_at <= at <= self.restored_at

    def keep_backup(self) -> None:
        """Somebody copies the database while it is at rest."""
        self.backup_made_at = self.loop.time()
        self.disk.back_up()
        self.note("BACKUP")

    def opened(self, connection: sqlite3.Connection | None) -> None:
        """A process has its database open."""
        self.living()
        if connection is None:
            connection = self.disk.look()
            self._kept.append(connection)
        self._connection = connection
        self.checker.opened()

    def closed(self) -> None:
        """A process has let its database go."""
        self._connection = None

    def committed(self, changes: list[Change]) -> None:
        """A batch is durable."""
        self.living()
        self.checker.committed(changes)
        self.silence.committed(changes)

    def keep_open(self, thread: Any) -> None:
        """A real thread, ended when the run is over."""
        self._kept.append(thread)

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """What is committed now."""
        if self._connection is None:
            return self._rows_at_rest(sql, parameters)
        return as_dicts(self._connection.execute(sql, parameters))

    def _rows_at_rest(self, sql: str, parameters: tuple[Any, ...]) -> list[dict[str, Any]]:
        """No process has the file open now."""
        with self.disk.at_rest() as connection:
            if connection is None:
                return []
            try:
                return as_dicts(connection.execute(sql, parameters))
            except sqlite3.OperationalError:
                return []  # not migrated yet

    def echo(self, said: Said) -> Coroutine[Any, Any, None]:
        """One of our own messages comes back to us."""
        return echoed(self, said)

    def tell_of_removal(self) -> Coroutine[Any, Any, None]:
        """Slack tells the bot that it was removed."""
        return tell_of_removal(self)

    # Lives and deaths.

    def died(self) -> None:
        """`kill -9`: the next life begins with the files as they are."""
        self.crashes += 1
        self.note("CRASH", f"at boundary {self.boundaries}")
        self._begin_later()

    def ended(self, process: Process) -> None:
        """It returned: told to stop, or one of its loops died."""
        self.checker.pace.exited(process)
        self.note("EXIT", str(process.exit))
        refused = process.exit == Exit.CONFIG and self.slack.was_refused
        robbed = self.faults.struck["raise"] or self.faults.struck["cancel"]
        died = process.exit == Exit.LOOP_DIED and robbed
        if process.exit not in (Exit.OK, Exit.NO_SLACK) and not refused and not died:
            self.checker.breach("BUG", f"the process ended with {process.exit}")
        self._gone(process)

    def ended_by(self, process: Process, error: BaseException) -> None:
        """It raised: at a start, or because it was cancelled."""
        self.checker.pace.exited(process)
        self.note("EXIT", repr(error))
        expected = isinstance(error, asyncio.CancelledError | StorageUnavailable | ClientError)
        if not expected and not self._is_ours(repr(error)):
            self.checker.breach("BUG", f"the process ended with {error!r}")
        process.exit = Exit.LOOP_DIED
        self._gone(process)

    def _gone(self, process: Process) -> None:
        """With the process go its locks and whatever it had not ended."""
        self.loop.bury(process, process)
        self._begin_later()

    def _begin_later(self) -> None:
        self.checker.doubts.died()
        if self.backup_made_at is not None and self.restored_at is None:
            self._restore()
        else:
            self.disk.pass_on()
        self.outside(self._begin(self._fate.uniform(*RESTART_S) + self.plan.outage_s))

    def _restore(self) -> None:
        self.faults.noted("db.restored")
        self.restored_at = self.loop.time()
        self.note("RESTORED")
        self.disk.restore()

    async def _begin(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        self.lives += 1
        self.began_at = self.boundaries
        self.note("START", f"life {self.lives}")
        if wait_s >= OUTAGE_MIN_S:
            self.faults.noted("outage")
        self.process = Process(self, self.settings)
        self.process.begin()

    def outside(self, work: Any) -> None:
        """A task of the world's, whatever process asked for it."""
        token = LIFE.set(None)
        try:
            self.loop.create_task(work)
        finally:
            LIFE.reset(token)

    # The run.

    def run(self) -> None:
        """From the first start to the last check."""
        self.loop.set_exception_handler(self._unhandled)
        try:
            self.loop.run_until_complete(self._run())
        finally:
            self._over = True
            if self.process is not None:
                self.loop.bury(self.process)
            self.loop.close()
            self._close()

    @property
    def digest(self) -> str:
        """The same for the same seed, on every machine."""
        return self._hash.hexdigest()

    async def _run(self) -> None:
        await self._begin(0.0)
        stories = [whoever(self, story).lives() for story in self.plan.stories]
        self.outside(self._falls_asleep())
        self.outside(self._clock_is_set())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.plan.heals_at):
                await asyncio.gather(*stories)
                await self._until(self.is_quiet, self.plan.heals_at)
        self._heal()
        endings = {None, *(entry.ending for entry in self.vendors.ledger)}
        limit_s = max(QUIET_LIMIT_S.get(ending, 0.0) for ending in endings)
        limit_s += self._set_back_costs_s(endings)
        # The old are looked at ever more rarely.
        limit_s += OLD_AGE_SHARE * (self.slept_s + abs(self.skew_s))
        limit_s += 2 * self.plan.outage_s + self.checker.talks.waits_s()
        if not await self._calms(limit_s):
            self.checker.breach("L1", f"not quiet: {self._open_things()}")
        self.checker.settle()
        told = ("outcome", "likeness", "voice_question")
        self.outcomes = sum(len(self.rows(f"SELECT 1 AS one FROM {table}")) for table in told)
        living = self.process.tasks if self.process is not None else ()
        self.tasks = sum(not task.done() for task in living)

    def _set_back_costs_s(self, endings: set[Ending | None]) -> float:
        """A deadline is a time of the clock, and comes so much later. What is only due is brought
        forward: it waits no longer than any row may."""
        if endings & {Ending.LATE, Ending.NEVER}:
            return self.set_back_s
        return min(self.set_back_s, TELL_AHEAD_MAX_S + BROUGHT_FORWARD_IN_S)

    async def _falls_asleep(self) -> None:
        for at, seconds in self.plan.asleep:
            await asyncio.sleep(at - self.loop.time())
            if not self.healed_at:
                self.sleeps(seconds)

    async def _clock_is_set(self) -> None:
        for at, skew_s in self.plan.clock_set:
            await asyncio.sleep(at - self.loop.time())
            self.faults.noted("clock.jump")
            self.set_clock(skew_s)

    def _heal(self) -> None:
        """Nothing strikes any more."""
        self.healed_at = self.loop.time()
        self.faults.healed = True
        self.slack.reopen()
        self.note("HEALED")
        if self.skew_s < -SET_BACK_MAX_S:
            self.set_clock(0.0)  # nobody leaves a clock like that

    async def _calms(self, limit_s: float) -> bool:
        """All is quiet within that time. What waits for a yes, or for money that does not come, is
        called off by its owner, who looks now and then."""
        up_s = 60.0 + 2 * self.plan.outage_s
        await self._until(lambda: self.process is not None and self.process.is_up, up_s)
        await self._let_in()
        until, every_s = self.loop.time() + limit_s, CALM_S
        while self.loop.time() < until:
            await self._call_off()
            if await self._until(self.is_quiet, every_s):
                return True
            every_s = min(every_s * 2, limit_s / 8)
        return False

    async def _call_off(self) -> None:
        rows = self.rows(
            "SELECT DISTINCT shot.number, shot.channel FROM shot JOIN execution"
            " ON execution.shot_id = shot.id WHERE execution.state = 'queued' AND"
            f" execution.hold IN {ASKED}"
        )
        for story in (*self.plan.stories, *self.crowd) if rows else ():
            person = Person(self, story)
            here = [row["number"] for row in rows if row["channel"] == person.channel]
            await person.calls_off(here)
            rows = [row for row in rows if row["channel"] != person.channel]

    async def _let_in(self) -> None:
        """Where the bot may not post, its people let it in once they can."""
        for row in self.rows(
            "SELECT DISTINCT request.id, outbox.channel FROM outbox JOIN request ON"
            " request.shot_id = outbox.shot_id WHERE outbox.state = 'blocked' AND request.take = 1"
        ):
            for story in self.plan.stories:
                person = Person(self, story)
                if person.channel == row["channel"]:
                    await person.lets_in(row["id"])
                    break

    def has_cancels(self) -> bool:
        """Whether there is a Cancel that somebody could press."""
        return any(Person(self, story).can_cancel() for story in self.plan.stories)

    async def everybody_cancels(self) -> None:
        """Every Cancel there is is pressed."""
        for story in self.plan.stories:
            await Person(self, story).cancels_everything()

    async def _until(self, holds: Callable[[], bool], limit_s: float) -> bool:
        until = self.loop.time() + limit_s
        while not holds():
            if self.loop.time() > until or self.checker.violations:
                return bool(self.checker.violations)
            await asyncio.sleep(LOOK_S)
        return True

    def is_quiet(self) -> bool:
        is_up = self.process is not None and self.process.is_up
        return is_up and not self._open_things() and self.checker.talks.are_found()

    def _open_things(self) -> list[dict[str, Any]]:
        """Whatever is still to be done or to be said."""
        return self.rows(
            f"SELECT id AS what, state FROM execution WHERE (state IN {OPEN} OR ({DOUBTED}))"
            f" AND (hold IS NULL OR hold NOT IN {ASKED} OR {int(self.healed_at > 0)})"
            " UNION ALL SELECT subject_id || ' ' || kind, state FROM outbox"
            " WHERE state IN ('todo', 'sending', 'unknown')"
            " UNION ALL SELECT id, 'dirty' FROM message WHERE dirty = 1 AND ts IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM outbox WHERE subject_id = 'unshown:' || message.id"
            " AND state = 'sent')"
            " UNION ALL SELECT id, state FROM likeness WHERE due_at IS NOT NULL"
            " UNION ALL SELECT id, state FROM voice_question WHERE due_at IS NOT NULL"
            " LIMIT 5"  # told directly; the edit is tried much longer
        )

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if self._over or isinstance(error, Killed | asyncio.CancelledError | StorageUnavailable):
            return
        if self._is_ours(repr(error)):
            return
        self.note("UNHANDLED", str(context.get("message")))
        self.checker.breach("BUG", f"{context.get('message')}: {error!r}")

    def _close(self) -> None:
        for kept in self._kept:
            if isinstance(kept, sqlite3.Connection):
                kept.close()
            else:
                kept.end()
        self._connection = None
        self.disk.remove()


def _stream(plan: Plan, name: str) -> random.Random:
    """A stream of chance for each purpose, so that one does not disturb another."""
    return random.Random(f"{name} {plan.seed}")
