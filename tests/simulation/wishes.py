"""What people wished: every command, reply and press, with when it was delivered and acked. It is
what was asked of the bot, whatever the bot wrote down of it, and it bounds what may be paid (S4).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers import ids

if TYPE_CHECKING:
    from tests.simulation.world import World

TOKEN = re.compile(r"\bk\d+x(\d)\b")  # a word of one story's prompts, and of no other's
DOUBLE_TAP_S = 5.0  # a second tap within this time is no second wish
ARRIVES_WITHIN_S = 1.0  # from Slack's delivery to the product's look at the clock
_MAKES_AGAIN = frozenset({ids.VARIATION, ids.TRY_AGAIN, ids.RENDER_DRAFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button, in the story of this token. `value` is what the button is about."""

    key: str
    token: str
    user: str
    action: str
    value: str


class Wishes:
    """Everything that was asked for, by the keys of its deliveries."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.typed: dict[str, str] = {}  # the key of a command or mention → its story's token
        self.replied: dict[str, str] = {}  # the key of a reply that asks for a take → the same
        self.presses: dict[str, Press] = {}
        self._delivered: dict[str, float] = {}  # key → the clock when it was delivered first

    def delivered(self, key: str) -> None:
        """Slack hands it to the process."""
        self._delivered.setdefault(key, self._world.loop.time() + self._world.skew_s)

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
        self._bound("S4", "payments", billed, wished)

    def _wished(self) -> Counter[str]:
        """How many takes were asked for at most, by token."""
        wished = Counter(token for key, token in self.typed.items() if key in self._delivered)
        wished.update(token for key, token in self.replied.items() if key in self._delivered)
        taps: defaultdict[tuple[str, str, str, str], list[float]] = defaultdict(list)
        for press in self.presses.values():
            if press.action in _MAKES_AGAIN and press.key in self._delivered:
                same = press.token, press.user, press.action, press.value
                taps[same].append(self._delivered[press.key])
        for (token, *_), times in taps.items():
            wished[token] += _apart(sorted(times))
        return wished

    def _bound(self, invariant: str, what: str, made: Counter[str], wished: Counter[str]) -> None:
        for token, times in made.items():
            if times > wished[token]:
                said = f"{token!r}: {times} {what} for {wished[token]} wishes"
                self._world.checker.breach(invariant, said)


def _token(text: str) -> str:
    found = TOKEN.search(text)
    return found[0] if found else ""


def _apart(times: list[float]) -> int:
    """How many of these taps are wishes of their own."""
    count, last = 0, float("-inf")
    for at in times:
        if at - last >= DOUBLE_TAP_S - ARRIVES_WITHIN_S:
            count, last = count + 1, at
    return count
