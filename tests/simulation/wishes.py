"""What people wished: every command, reply and press, with when it was delivered and acked. It is
what was asked of the bot, whatever the bot wrote down of it, and it bounds what may be paid (S4).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from handlers import ids
from tests.simulation.presses import Presses
from tests.simulation.replies import UNDO_S, Replies

if TYPE_CHECKING:
    from tests.simulation.world import World

TOKEN = re.compile(r"\bk\d+x(\d)\b")  # a word of one story's prompts, and of no other's
DOUBLE_TAP_S = 5.0  # a second tap within this time is no second wish
TWICE_AT_ONCE_S = 0.5  # what Slack delivers twice comes at the same moment
ARRIVES_WITHIN_S = 1.0  # from Slack's delivery to the product's look at the clock
_MAKES_AGAIN = frozenset({ids.VARIATION, ids.TRY_AGAIN, ids.RENDER_DRAFT})


class Wishes:
    """Everything that was asked for, by the keys of its deliveries."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.typed: dict[str, str] = {}  # the key of a command or mention → its story's token
        self.replied: dict[str, str] = {}  # the key of a reply that asks for a take → the same
        self.replies = Replies(world)
        self.presses = Presses(world)
        self._delivered: dict[str, float] = {}  # key → the clock when it was delivered first
        self._once: dict[str, float] = {}  # the same of what was delivered at one time only

    def delivered(self, key: str) -> None:
        """Slack hands it to the process."""
        now = self._world.loop.time() + self._world.skew_s
        if abs(self._delivered.setdefault(key, now) - now) > TWICE_AT_ONCE_S:
            self._once.pop(key, None)  # nobody knows which of its deliveries was taken
        else:
            self._once[key] = now
        self.replies.delivered(key)
        self.presses.delivered(key)

    def acked(self, key: str) -> None:
        """Slack hears that it was taken: from now on it is the bot's to do."""
        self.replies.acked(key)
        self.presses.acked(key)

    def hold(self) -> None:
        """S4: nothing is made or paid that nobody wished for, however often it was delivered."""
        wished = self._wished()
        made: Counter[str] = Counter()
        for row in self._world.rows("SELECT work FROM request"):
            made[_token(row["work"])] += 1
        self._bound("S2", "takes", made, wished)
        billed: Counter[str] = Counter()
        for entry in self._world.vendors.ledger:
            if not entry.is_unbilled and not self._world.forgot(entry.at):
                billed[_token(entry.prompt)] += 1
        self._bound("S4", "payments", billed, wished - self._joined())
        self.replies.hold()
        self.presses.hold()

    def _joined(self) -> Counter[str]:
        """How many replies were said within the undo window of one before them: together they are
        one payment. (Together they may be two takes, where the first was called off unpaid.)"""
        times: defaultdict[tuple[str, str, str, str], list[float]] = defaultdict(list)
        for reply in self.replies.of.values():
            once = self._once.get(reply.key)
            if once is not None and reply.acked_at is not None:
                where = reply.channel, reply.thread_ts, reply.user
                times[self.replied[reply.key], *where].append(once)
        joined: Counter[str] = Counter()
        for (token, *_), said in times.items():
            joined[token] += len(said) - _apart(sorted(said), UNDO_S)
        return joined

    def _wished(self) -> Counter[str]:
        """How many takes were asked for at most, by token."""
        wished = Counter(token for key, token in self.typed.items() if key in self._delivered)
        wished.update(token for key, token in self.replied.items() if key in self._delivered)
        taps: defaultdict[tuple[str, str, str, str], list[float]] = defaultdict(list)
        for press in self.presses.of.values():
            if press.action in _MAKES_AGAIN and press.key in self._delivered:
                same = press.token, press.user, press.action, press.value
                taps[same].append(self._delivered[press.key])
        for (token, *_), times in taps.items():
            wished[token] += _apart(sorted(times), DOUBLE_TAP_S)
        return wished

    def _bound(self, invariant: str, what: str, made: Counter[str], wished: Counter[str]) -> None:
        for token, times in made.items():
            if times > wished[token]:
                said = f"{token!r}: {times} {what} for {wished[token]} wishes"
                self._world.checker.breach(invariant, said)


def _token(text: str) -> str:
    found = TOKEN.search(text)
    return found[0] if found else ""


def _apart(times: list[float], together_s: float) -> int:
    """How many of these begin a wish of their own; what follows one so soon belongs to it."""
    count, last = 0, float("-inf")
    for at in times:
        if at - last >= together_s - ARRIVES_WITHIN_S:
            count, last = count + 1, at
    return count
