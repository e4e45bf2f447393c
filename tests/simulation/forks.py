"""Runs that are alike until something strikes, as a tree: what they have in common is run once.

At each boundary where one of them is struck the process forks. The child is struck there and runs
to its end, and forks again where it is struck a second time; its parent waits, then goes on
unharmed. Nothing of a child is its parent's: the database is in memory (`disk.Memory`), as all
else is. A report is the one that the same plan has when it is run from its beginning; the plan is
what a failure prints, and what runs it again.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import pickle
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from tests.simulation.disk import Memory, disk_of
from tests.simulation.plan import Plan
from tests.simulation.run import Report, run

if TYPE_CHECKING:
    from tests.simulation.world import World

Blow = tuple[int, str]  # at which boundary, and the field of the plan that says so


def forked(trunk: Plan, plans: Sequence[Plan]) -> Iterator[Report]:
    """The reports of `plans`, each of which is `trunk` and some blows more.

    Raises `RuntimeError` where a process of the tree broke, which is the harness's fault.
    """
    assert isinstance(disk_of(trunk), Memory), "files would be shared by all processes of the tree"
    reading, writing = os.pipe()
    root = os.fork()
    if root == 0:
        os.close(reading)
        _grow(trunk, plans, writing)
    os.close(writing)
    count = 0
    with os.fdopen(reading, "rb") as pipe:
        while (came := _next(pipe)) is not None:
            if isinstance(came, str):
                raise RuntimeError(f"a forked run broke\n{came}")
            count += 1
            yield came
    _, status = os.waitpid(root, 0)
    if status or count != len(plans):
        raise RuntimeError(f"{count} of {len(plans)} forked runs were reported, status {status}")


def _next(pipe: object) -> Report | str | None:
    try:
        came: Report | str = pickle.load(pipe)  # type: ignore[arg-type]
    except EOFError:
        return None
    return came


def _grow(trunk: Plan, plans: Sequence[Plan], pipe: int) -> NoReturn:
    """Run the trunk. Whatever is forked in the middle of it ends here too."""
    forks = Forks(trunk, plans, pipe)
    try:
        forks.end(run(trunk, forks.at_boundary))
    except BaseException:  # noqa: BLE001 -- it must never go on as its parent's parent
        forks.tell(traceback.format_exc())
    finally:
        os._exit(0)


def last_blow_at(plan: Plan) -> int:
    """At which boundary it is struck for the last time; 0 where it never is."""
    return max((at for at, _ in _blows(plan)), default=0)


class Forks:
    """What is still to be forked from one process of the tree, by the boundary it is struck at."""

    def __init__(self, plan: Plan, plans: Sequence[Plan], pipe: int) -> None:
        self._pipe = pipe
        self._become(plan, plans)

    def _become(self, plan: Plan, plans: Sequence[Plan]) -> None:
        self._plan, self._depth = plan, len(_blows(plan))
        self._wanted = [other for other in plans if other == plan]
        self._branches: dict[int, dict[Blow, list[Plan]]] = {}
        for other in plans:
            if other != plan:
                blow = _blows(other)[self._depth]
                self._branches.setdefault(blow[0], {}).setdefault(blow, []).append(other)

    def at_boundary(self, world: World) -> None:
        """Fork whatever is struck here; returns in the children, and in the parent after them."""
        for plans in self._branches.pop(world.boundaries, {}).values():
            child = os.fork()
            if child == 0:
                self._become(_struck(plans[0], self._depth + 1), plans)
                world.plan = self._plan
                asyncio._set_running_loop(world.loop)  # asyncio notes by which process a loop runs
                return
            _, status = os.waitpid(child, 0)
            if status:
                self.tell(f"status {status} of {plans[0].as_json()} or of what it came to")
        if not self._branches and not self._wanted:
            os._exit(0)

    def end(self, report: Report) -> None:
        """The run is over. What would have been struck later never was: it is the same run."""
        left = (plans for there in self._branches.values() for plans in there.values())
        for plan in itertools.chain(self._wanted, *left):
            self.tell(replace(report, plan=plan))

    def tell(self, what: Report | str) -> None:
        """To whoever asked for the tree. No two processes of it run at the same time."""
        left = memoryview(pickle.dumps(what))
        while left:
            left = left[os.write(self._pipe, left) :]


def _blows(plan: Plan) -> list[Blow]:
    """What strikes by number of boundary, in order."""
    called_off = () if plan.user_cancel_at is None else (plan.user_cancel_at,)
    return sorted(
        [
            *((at, "crashes") for at in plan.crashes),
            *((at, "cancels") for at in plan.cancels),
            *((at, "raises") for at in plan.raises),
            *((at, "user_cancel_at") for at in called_off),
        ]
    )


def _struck(plan: Plan, times: int) -> Plan:
    """The same, struck only so many times."""
    kept = _blows(plan)[:times]
    at = {field: tuple(n for n, other in kept if other == field) for _, field in kept}
    return replace(
        plan,
        crashes=at.get("crashes", ()),
        cancels=at.get("cancels", ()),
        raises=at.get("raises", ()),
        user_cancel_at=next(iter(at.get("user_cancel_at", ())), None),
    )
