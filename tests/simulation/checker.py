"""The invariants, held against what really happened: at every commit, at every call on the wire,
at every message, and when all is quiet again. The letters are those of the reliability programme.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.response import BoltResponse

from domain.execution import LATE_WATCH_S, State
from domain.watching import deadline_s
from storage.rows import WORK
from tests.simulation import (
    canaries,
    doubts,
    fairness,
    heard,
    liveness,
    money,
    pace,
    promptness,
    results,
    surfaces,
    talks,
    threads,
)
from tests.simulation.disturbance import delay_s
from tests.simulation.facts import EPOCH
from tests.simulation.plan import Ending
from tests.simulation.spy import Change
from tests.simulation.wishes import TOKEN, Wishes

if TYPE_CHECKING:
    import httpx

    from tests.simulation.ledger import Accepted, Order
    from tests.simulation.world import World

S = State
GRAPH: dict[State, set[State]] = {
    S.PREPARING: {S.QUEUED, S.FAILED, S.CANCELLED},
    S.QUEUED: {S.PREPARING, S.SUBMITTING, S.FAILED, S.CANCELLED},
    S.SUBMITTING: {S.RUNNING, S.QUEUED, S.FAILED, S.UNCERTAIN, S.CANCELLED},
    S.UNCERTAIN: {S.RUNNING, S.QUEUED, S.FAILED, S.CANCELLED},  # as its look-up says
    S.RUNNING: {S.FETCHING, S.LATE, S.FAILED, S.CANCELLED, S.EXPIRED},
    S.LATE: {S.FETCHING, S.FAILED, S.CANCELLED, S.EXPIRED},
    S.FETCHING: {S.RUNNING, S.LATE, S.SUCCEEDED, S.FAILED, S.CANCELLED, S.EXPIRED},
    S.SUCCEEDED: set(),
    S.FAILED: set(),
    S.CANCELLED: set(),
    S.EXPIRED: set(),
}
WORDS = {
    "succeeded": ("Done",),
    "failed": ("Not made", "Needs an answer"),
    "cancelled": ("Cancelled",),
    "expired": ("Expired",),
    "late": ("Late",),
    "uncertain": ("Uncertain", "Checking"),
}
TOLD_DIRECTLY = {
    "succeeded": ("done",),
    "failed": ("not made", "needs an answer"),
    "cancelled": ("cancelled",),
    "expired": ("expired",),
    "late": ("is late",),
    "uncertain": ("may have been charged",),
}
POSTED_AGAIN_MAX = 7
REVISIONS = {"late": {"succeeded", "failed", "cancelled", "expired"}}
REVISIONS["uncertain"] = REVISIONS["late"] | {"late"}
STARTED = re.compile(r"V-\d+ take \d+\*? (starts|waits)|is V-\d+ take|That is V-\d+")
PLAINLY_STARTED = re.compile(r"V-\d+ take \d+\*? starts")
NOT_STARTED = "nothing was started and nothing is charged"
NEVER_A_VIDEO = (
    *("download.page", "download.not_a_video", "download.redirect"),
    *("check.no_link", "check.evil_link"),
)
REFUSED_AT_LEAST = 3  # what never is a video may be given up after so many looks
L1_GRACE_S = 60.0
OLD_AGE_SHARE = 0.25
S7_LIMIT_S = 60.0
EACH_LIFE_S = 20.0  # a restart, and what it finds
LEASED_S = 200.0  # longer than a submit is leased for
# What keeps a delivery from being written down, or its ack from being made.
MAY_REFUSE = ("db.", "raise", "cancel", "stop", "clock.")
SAME_AGAIN_S, SAME_AGAIN_SLACK_S = 60.0, 15.0


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that did not hold."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


class Checker:
    """Holds the world to its invariants. What it finds stands in `violations`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.violations: list[Violation] = []
        self.wishes = Wishes(world)
        self._words: dict[str, str] = {}
        self._started: dict[str, tuple[float, str]] = {}  # words → when they started, by which key
        self._acked: dict[str, str] = {}  # delivery key → what the ack said
        self._acked_at: dict[str, float] = {}
        self._refused: set[str] = set()
        self.said_yes: set[str] = set()  # what the pressed *Confirm* buttons were about
        self._threads: dict[str, tuple[str, str]] = {}  # delivery key of a reply → its thread
        self._acked_replies: set[str] = set()
        self.states: dict[str, State] = {}
        self._revised: Counter[str] = Counter()
        self.doubts = doubts.Doubts(world)
        self.resuming = liveness.Resuming(world)
        self.pace = pace.Pace(world)
        self.talks = talks.Talks(world)

    def breach(self, invariant: str, what: str) -> None:
        """Note a violation, once."""
        violation = Violation(invariant, what)
        if violation not in self.violations:
            self.violations.append(violation)
            self._world.note("VIOLATION", str(violation))

    # What comes in.

    def typed(self, key: str, token: str, text: str) -> None:
        """Somebody asks for a video whose prompt has this word."""
        self.wishes.typed[key] = token
        self._words[key] = text

    def replied(self, key: str, channel: str, thread_ts: str) -> None:
        """Somebody replies in a thread."""
        self._threads[key] = (channel, thread_ts)

    def acked(self, key: str, response: BoltResponse) -> None:
        """An ack left the process: from now on what it says must be true for ever (S1)."""
        text = str(response.body or "")
        self._world.note("ack", f"{key} {response.status} {text[:90]}")
        surfaces.acked(self._world, key, text)
        if response.status == 200 and NOT_STARTED not in text:
            self.wishes.acked(key)
        self._acked_at[key] = self._world.loop.time()
        if response.status != 200:
            struck = self._world.faults.struck
            if not any(kind.startswith(MAY_REFUSE) for kind in struck):
                self.breach("BUG", f"{key} was answered {response.status}")
            return
        self._world.own.acked(key, text)
        self.talks.acked(key)
        if key in self._threads:
            self._acked_reply(key)
        elif key in self.wishes.typed and not text:
            self._acked[key] = "mention"
        elif STARTED.search(text):
            self._asked_again(key, text)
            self._acked[key] = text
        elif NOT_STARTED in text:
            self._refused.add(key)

    def _asked_again(self, key: str, text: str) -> None:
        """D4: the same words within a minute are not started without a question."""
        words, now = self._words.get(key, ""), self._world.loop.time()
        at, before = self._started.setdefault(words, (now, key))
        passed_s = now - at + self._world.clock.moved_s(at)
        again = before != key and passed_s < SAME_AGAIN_S - SAME_AGAIN_SLACK_S
        restored = self._world.restored_at is not None
        if again and PLAINLY_STARTED.search(text) and not restored:
            self.breach("D4", f"{key} starts what {before} had started")

    def _acked_reply(self, key: str) -> None:
        """A reply in a thread that the bot knows is noted before it is acked."""
        channel, ts = self._threads[key]
        known = "SELECT 1 FROM message WHERE channel = ? AND ts = ? AND kind = 'card'"
        if self._world.rows(known, channel, ts):
            self._acked_replies.add(key)

    # What goes out.

    def submit_on_wire(
        self, order: Order, request: httpx.Request, execution_id: str | None
    ) -> None:
        """S6: while it is on the wire, a durable row says so, under the same key."""
        rows = self._world.rows("SELECT * FROM execution WHERE id = ?", execution_id)
        if not rows:
            self.breach("S6", f"a submit of {execution_id} without a row")
            return
        row = rows[0]
        key = order.key if order.key is not None else request.headers.get("idempotency-key")
        overtaken = row["remote_id"] is not None and key == row["key"]
        jumped = self._world.clock.moved_s(self._world.loop.time() - LEASED_S) > 0
        first = not doubts.is_honoured(row) and not self._world.vendors.paid_for(row["id"])
        if jumped and first and row["state"] in (S.SUBMITTING, S.UNCERTAIN):
            return  # time jumped past its lease: it is said to be in doubt, and it is
        if row["lease_until"] is None and (row["unknown_since"] is not None or overtaken):
            doubts.sent_again(self._world, order, row)
            return
        if jumped and row["state"] == S.UNCERTAIN:
            return
        if row["state"] != S.SUBMITTING or (key is not None and key != row["key"]):
            self.breach("S6", f"{execution_id} is {row['state']} under {row['key']} while sent")
        if row["lease_until"] is None or row["lease_until"] <= row["submitted_at"]:
            self.breach("S6", f"{execution_id} is sent without a lease")
        self._check_may_go(row)

    def _check_may_go(self, row: dict[str, Any]) -> None:
        """What a person was promised: their undo window, their yes, and a message to see it in."""
        at, clock = self._world.loop.time(), self._world.clock
        now = EPOCH + at + clock.most_ahead_s(self._world.skew_s, at - LEASED_S)
        if now < row["not_before"] - 0.001:
            self.breach("UNDO", f"{row['id']} is sent {row['not_before'] - now:.1f} s too early")
        if not row["confirmed"]:
            self.breach("ASK", f"{row['id']} is sent without a yes")
        self._world.own.may_speak(row)
        if not self._world.slack.of(f"take:{row['request_id']}"):
            self.breach("S3", f"{row['id']} is sent before its message is in Slack")

    # What is committed.

    def committed(self, changes: list[Change]) -> None:
        """S9, S10 and the single revision of S3, of every row that a commit changed."""
        self.resuming.committed({change.id for change in changes if change.what == "execution"})
        if changes:
            self.pace.something_happened()
        for change in changes:
            if change.what == "execution":
                self._moved(change)
            elif change.what == "outcome":
                self._told(change)
            elif int(change.new["state"]) > self._world.settings.monthly_budget_micro_usd:
                self.breach("S10", f"{change.id} has {change.new['state']} of its budget in use")

    def opened(self) -> None:
        """A process has the database: S1, of everything that was acked before."""
        rows = self._world.rows("SELECT id, state FROM execution")
        self.states = {row["id"]: State(row["state"]) for row in rows}
        self._check_acked()
        self.resuming.opened()

    def _moved(self, change: Change) -> None:
        new = State(change.new["state"])
        if not change.old:
            self.states[change.id] = new
            return
        old = State(change.old["state"])
        if new is not old and new in (S.LATE, S.EXPIRED):
            self._world.faults.noted("render.overdue", change.id)
        if new is not old and new not in GRAPH[old]:
            self.breach("S9", f"{change.id} went from {old} to {new}")
        if int(change.new["version"]) <= int(change.old["version"]):
            self.breach("S9", f"{change.id} changed without a new version")
        self.doubts.moved(change, new)
        self.wishes.presses.moved(change)
        if change.new["remote_id"] != change.old["remote_id"]:
            results.bound(self._world, change)
        moved_money = change.new["reserved_micro_usd"] != change.old["reserved_micro_usd"]
        if new is S.UNCERTAIN and old is not new and moved_money:
            self.breach("S10", f"{change.id} is uncertain and its money was moved")
        if old in (S.SUBMITTING, S.UNCERTAIN) and new in (S.QUEUED, S.FAILED, S.CANCELLED):
            self._released(change)
        self.states[change.id] = new

    def _released(self, change: Change) -> None:
        """S5: what a vendor accepted is never taken for not sent or refused."""
        for paid in self._known(self._world.vendors.paid_for(change.id)):
            self.breach("S5", f"{change.id} is {change.new['state']} but {paid.remote_id} is paid")

    def _known(self, paid: list[Accepted]) -> list[Accepted]:
        """Payments that the database can know of. What a vendor without keys accepted after a
        backup was made is forgotten with its restore; it may be paid once more."""
        return [entry for entry in paid if not self._world.forgot(entry.at)]

    def _told(self, change: Change) -> None:
        if not change.old:
            return
        old, new = change.old["state"], change.new["state"]
        self._revised[change.id] += old != new
        if new not in REVISIONS.get(old, ()) and new != old:
            self.breach("S3", f"the outcome of {change.id} went from {old} to {new}")
        if self._revised[change.id] > 2 or (self._revised[change.id] > 1 and old != "late"):
            self.breach("S3", f"the outcome of {change.id} changed again to {new}")

    # When all is quiet.

    def settle(self) -> None:
        """Everything that must hold at quiescence."""
        self._world.slack.settle()
        self.resuming.settle()
        self.pace.settle(
            {key: (at, self._acked.get(key, "")) for key, at in self._acked_at.items()}
        )
        self._check_acked()
        self._check_requests()
        self._check_payments()
        self._check_messages()
        self._check_marks()
        threads.hold(self._world)
        heard.videos(self._world)
        heard.words(self._world)
        results.hold(self._world)
        self._world.own.hold()
        self.talks.hold()
        money.hold(self._world)
        canaries.kept(self._world)
        fairness.hold(self._world)
        promptness.hold(self._world)

    def _check_acked(self) -> None:
        kept = {row["key"] for row in self._world.rows("SELECT key FROM delivery")}
        for key, text in self._acked.items():
            if key not in kept and not self._world.forgot(self._acked_at[key]):
                self.breach("S1", f"{key} was acked ({text[:60]!r}) and is lost")
        for key in sorted(self._acked_replies - kept):
            if not self._world.forgot(self._acked_at[key]):
                self.breach("S1", f"the reply {key} was acked and is lost")

    def _check_requests(self) -> None:
        """S2: one request for one delivery; and none after "nothing was started"."""
        rows = self._world.rows(
            "SELECT delivery.key, request.id, request.work, request.take FROM delivery"
            " JOIN request ON request.id = delivery.request_id"
            " WHERE delivery.key LIKE 'cmd:%' OR delivery.key LIKE 'msg:%'"
        )
        found = Counter(row["key"] for row in rows)
        for key in self._acked:
            if found[key] != 1 and not self._world.forgot(self._acked_at[key]):
                self.breach("S2", f"{key} has {found[key]} requests")
        for key in (self._refused & found.keys()) - self._acked.keys():
            self.breach("S2", f"{key} was refused and has a request")
        firsts = self._world.rows("SELECT work FROM request WHERE parent_id IS NULL")
        asked, made = Counter(self.wishes.typed.values()), Counter[str]()
        for row in firsts:
            found_token = TOKEN.search(row["work"])
            made[found_token[0] if found_token else ""] += 1
        for token, times in made.items():
            if times > asked[token]:
                self.breach("S2", f"{token!r} was asked for {asked[token]} times, made {times}")

    def _check_payments(self) -> None:
        """S4, and S5 at the end: what was accepted is accounted for."""
        executions = {row["id"]: row for row in self._world.rows("SELECT * FROM execution")}
        paid = Counter(entry.execution_id for entry in self._known(self._world.vendors.ledger))
        for execution_id, times in paid.items():
            row = executions.get(execution_id)
            if row is None:
                self.breach("S4", f"{execution_id} is paid and has no row")
                continue
            if times > 1:
                self.breach("S4", f"{execution_id} is paid {times} times")
            if row["submitted_at"] is None or row["month"] is None:
                self.breach("S4", f"{execution_id} is paid and says that it was not sent")
        results.paid_once(self._world, list(executions.values()))
        self.wishes.hold()

    def _check_messages(self) -> None:
        """S3 and S7: one outcome, one message, and it says so; L1: within its own deadline."""
        for row in self._world.rows(
            "SELECT request.id, request.requester, request.take, shot.number,"
            " execution.id AS execution_id, execution.state,"
            " execution.work,"
            " execution.submitted_at, execution.ended_at, execution.remote_id,"
            " execution.cancel_requested_at, outcome.kind, message.ts,"
            " message.channel FROM request JOIN shot ON shot.id = request.shot_id"
            " JOIN execution ON execution.request_id = request.id"
            " LEFT JOIN outcome ON outcome.request_id = request.id"
            " LEFT JOIN message ON message.request_id = request.id"
            f" WHERE execution.id = {results.LATEST}"
        ):
            if row["kind"] is None or row["kind"] != row["state"]:
                self.breach("S3", f"{row['id']} is {row['state']}, its outcome {row['kind']}")
                continue
            self._check_message(row)
            self._check_deadline(row)
            self._check_result(row)

    def _check_message(self, row: dict[str, Any]) -> None:
        mine = [m for m in self._world.slack.of(f"take:{row['id']}") if not m.deleted]
        if len(mine) > POSTED_AGAIN_MAX:
            self.breach("S3", f"{row['id']} was posted {len(mine)} times")
        if self._may_be_said_twice():
            mine = [m for m in mine if m.ts == row["ts"]]
        mine = [m for m in mine if m.stuck is None or m.ts == row["ts"]]  # the others were replaced
        if row["ts"] is None:
            if not heard.directly(self._world, row):
                self.breach("S3", f"{row['id']} is {row['kind']} and nobody was told of it")
            return
        if len(mine) != 1 or mine[0].ts != row["ts"]:
            self.breach("S3", f"{row['id']} has {len(mine)} messages")
            return
        if mine[0].stuck is not None and self._reads_directly(row):
            return
        if not mine[0].text.startswith(WORDS[row["kind"]]) and not self._told_directly(row):
            said = mine[0].text[:60]
            self.breach("S3", f"{row['id']} is {row['kind']} and its message says {said!r}")
        silent = row["kind"] == "uncertain" and "may have been charged" not in mine[0].text
        if silent and not self._told_directly(row):
            self.breach("S7", f"{row['id']} is uncertain and does not say so")
        limit_s = S7_LIMIT_S + self._disturbed_s()
        said_at = [at for at, text in mine[0].texts if "may have been charged" in text]
        for since, until in self.doubts.told_of(row["id"]):
            told = any(since <= at <= since + limit_s for at in said_at)
            if until - since > limit_s and not told and not self._told_directly(row):
                self.breach("S7", f"{row['id']} was in doubt for {limit_s:.0f} s in silence")

    def _reads_directly(self, row: dict[str, Any]) -> bool:
        """E6: what a message that can't be edited does not say, its requester has read."""
        said = self._world.slack.said_directly(row["requester"])
        return any(word in text for text in said for word in TOLD_DIRECTLY[row["kind"]])

    def _check_marks(self) -> None:
        """S3: a card, a take, a ping, a word to the channel: each is said once."""
        if self._may_be_said_twice():
            return
        messages = self._world.slack.messages.values()
        said = Counter(m.mark for m in messages if m.mark is not None and not m.deleted)
        for mark in (mark for mark, times in said.items() if times > 1):
            self.breach("S3", f"{mark} was said {said[mark]} times")

    def _may_be_said_twice(self) -> bool:
        """What was posted is forgotten with a restore (F9)."""
        return self._world.restored_at is not None

    def is_undisturbed(self) -> bool:
        """Whether nothing but the vendors kept the bot from showing what there is."""
        struck = self._world.faults.struck
        return all(kind.startswith(("submit.", "check.", "download.", "hook.")) for kind in struck)

    def _disturbed_s(self) -> float:
        """How long anything but the vendors can have kept the bot from saying things in time."""
        world = self._world
        away_s = world.healed_at if world.slack.was_closed or world.slack.was_refused else 0.0
        lives_s = (world.lives - 1) * (EACH_LIFE_S + world.plan.outage_s)
        return delay_s(world.faults.struck) + lives_s + world.clock.moved_s() + away_s

    def _told_directly(self, row: dict[str, Any]) -> bool:
        """E3: where the message could not be changed for good, its requester was written to.
        A token that is not taken for a while (E4) is not for good."""
        struck = self._world.faults.struck
        return any(struck[k] for k in heard.FOR_GOOD) and heard.directly(self._world, row)

    def _check_result(self, row: dict[str, Any]) -> None:
        """A render that the vendor finished and that we know of is never thrown away."""
        entry = self._world.vendors.by_id(row["remote_id"]) if row["remote_id"] else None
        if entry is None or entry.is_unbilled or entry.ending is Ending.NEVER:
            return
        spoiled = sum(self._world.faults.struck[kind] for kind in NEVER_A_VIDEO)
        if row["state"] not in (S.SUCCEEDED, S.CANCELLED) and spoiled < REFUSED_AT_LEAST:
            self.breach("LATE", f"{entry.remote_id} was made; {row['execution_id']} {row['state']}")
        if row["state"] == S.CANCELLED and row["cancel_requested_at"] is None:
            self.breach("LATE", f"{row['execution_id']} is cancelled and nobody asked for it")

    def _check_deadline(self, row: dict[str, Any]) -> None:
        if row["submitted_at"] is None or row["ended_at"] is None:
            return
        paid = self._world.vendors.paid_for(row["execution_id"])
        limit_s = (
            deadline_s(WORK.validate_json(row["work"])) + (1 + OLD_AGE_SHARE) * self._world.slept_s
        )
        limit_s += 2 * (self._world.plan.outage_s + self._world.clock.moved_s())
        if any(entry.ending in (Ending.LATE, Ending.NEVER) for entry in paid):
            limit_s += LATE_WATCH_S * 1.2
        since = max(row["submitted_at"] - EPOCH, self._world.healed_at)
        if row["ended_at"] - EPOCH > since + limit_s + L1_GRACE_S:
            self.breach("L1", f"{row['id']} ended {row['ended_at'] - EPOCH - since:.0f} s later")


def as_dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    """Rows by column name."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
