"""Doubts: submits of which nobody knows what became, from when to when, and what is done meanwhile
(S6, S7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.catalog import dedupe_of
from domain.execution import State
from domain.offer import Dedupe

if TYPE_CHECKING:
    from tests.simulation.ledger import Order
    from tests.simulation.spy import Change
    from tests.simulation.world import World

_HONOURED = frozenset({Dedupe.KEY, Dedupe.CLIENT_ID})


class Doubts:
    """Since when each execution is, or was, in doubt."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.first_at: float | None = None
        self.open: dict[str, float] = {}
        self._past: dict[str, list[tuple[float, float]]] = {}

    def moved(self, change: Change, new: State) -> None:
        """A step was committed."""
        doubtful = new is State.UNCERTAIN or (
            new is State.SUBMITTING
            and change.new["lease_until"] is None
            and change.new["unknown_since"] is not None
        )
        now = self._world.loop.time()
        if doubtful:
            self.open.setdefault(change.id, now)
            self.first_at = now if self.first_at is None else self.first_at
        elif change.id in self.open and new is not State.SUBMITTING:
            self._past.setdefault(change.id, []).append((self.open.pop(change.id), now))

    def lost(self, execution_id: str | None) -> None:
        """A vendor accepted a submit, and its answer did not come, or nothing could be read out of
        it: from now on nobody but the vendor knows."""
        if execution_id is not None:
            self.open.setdefault(execution_id, self._world.loop.time())

    def died(self) -> None:
        """The process is gone, and with it the answers to what was accepted meanwhile."""
        for row in self._world.rows("SELECT id FROM execution WHERE state = 'submitting'"):
            if self._world.vendors.paid_for(row["id"]):
                self.lost(row["id"])

    def told_of(self, request_id: str) -> list[tuple[float, float]]:
        """From when to when the executions of a request were in doubt."""
        rows = self._world.rows("SELECT id FROM execution WHERE request_id = ?", request_id)
        spans: list[tuple[float, float]] = []
        for row in rows:
            spans += self._past.get(row["id"], [])
            if row["id"] in self.open:
                spans.append((self.open[row["id"]], self._world.loop.time()))
        return spans


def is_honoured(row: dict[str, Any]) -> bool:
    """Whether the vendor keeps what is sent twice under one key from being paid twice."""
    return dedupe_of(row["offer"]) in _HONOURED


def sent_again(world: World, order: Order, row: dict[str, Any]) -> None:
    """S6: a look-up sends again what the vendor keeps from being paid twice, and only under the
    key that was written down."""
    if not is_honoured(row):
        world.checker.breach("S6", f"{row['id']} is sent again; its vendor honours no key")
    elif order.key != row["key"]:
        world.checker.breach("S6", f"{row['id']} is looked up under {order.key}, not {row['key']}")
    if row["remote_id"] is not None:
        return  # the answer came after all while it was asked; the vendor knows the key
    if row["state"] not in (State.SUBMITTING, State.UNCERTAIN):
        world.checker.breach("S6", f"{row['id']} is looked up while it is {row['state']}")
