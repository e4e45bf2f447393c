"""Runs plans: one after the other, with a report of each, and the smallest that still fails."""

from __future__ import annotations

import contextlib
import functools
import gc
import logging
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from domain.errors import StorageUnavailable
from tests.simulation import canaries
from tests.simulation.arguments import remembered_arguments
from tests.simulation.checker import Violation
from tests.simulation.disk import Memory, Rows, disk_of
from tests.simulation.loop import Deadlock, Livelock
from tests.simulation.plan import Plan
from tests.simulation.process import without_sockets
from tests.simulation.world import World

_current: list[World] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of one run."""

    plan: Plan
    digest: str
    violations: list[Violation]
    trace: list[str]
    boundaries: int
    crashes: int
    virtual_s: float
    kinds: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    paid: int = 0
    outcomes: int = 0
    tasks: int = 0  # of the last life, when all was quiet


def run(plan: Plan, at_boundary: Callable[[World], None] | None = None) -> Report:
    """One run of a plan, in a world of its own. `at_boundary` is called at each before anything
    else; the plan is the one that the world has in the end (`forks.py`)."""
    with _quiet_python():
        return _run(plan, at_boundary)


def _run(plan: Plan, at_boundary: Callable[[World], None] | None) -> Report:
    before = _lists() if plan.lists_read else {}
    world = World(plan, at_boundary)
    world.disk.fill(before)
    _current.append(world)
    try:
        with without_sockets(), remembered_arguments():
            world.run()
    except (Deadlock, Livelock) as stuck:
        world.checker.breach("L3", str(stuck))
    finally:
        _current.pop()
    return Report(
        plan=world.plan,
        digest=world.digest,
        violations=world.checker.violations,
        trace=list(world.trace),
        boundaries=world.boundaries,
        crashes=world.crashes,
        virtual_s=world.loop.time(),
        kinds=world.kinds,
        struck=world.faults.struck,
        pairs=world.pairs,
        paid=len(world.vendors.ledger) + len(world.vendors.own.ledger),
        outcomes=world.outcomes,
        tasks=world.tasks,
    )


@functools.cache
def _lists() -> Rows:
    """The vendors' lists, as a process in which nothing else happened has read them."""
    plan = Plan(seed=1, stories=(), shuffle=False)
    assert isinstance(disk_of(plan), Memory)
    assert not _run(plan, None).violations
    return Memory.left("casting", "casting_list")


def shrunk(report: Report) -> Report:
    """The smallest run found that fails alike: fewer crashes, stories, kinds of faults."""
    first = report.violations[0].invariant
    while True:
        for plan in _smaller(report.plan):
            tried = run(plan)
            if any(v.invariant == first for v in tried.violations):
                report = tried
                break
        else:
            return report


def _smaller(plan: Plan) -> Iterator[Plan]:
    for number in range(len(plan.stories)):
        stories = plan.stories[:number] + plan.stories[number + 1 :]
        if stories:
            yield replace(plan, stories=stories)
    for crash in plan.crashes:
        yield replace(plan, crashes=tuple(c for c in plan.crashes if c != crash))
    for calmer in (
        replace(plan, cancels=()),
        replace(plan, raises=()),
        replace(plan, asleep=()),
        replace(plan, forced=()),
        replace(plan, focus=None),
        replace(plan, backup_at=None),
        replace(plan, flood_at=None, user_cancel_at=None),
    ):
        if calmer != plan:
            yield calmer
    if plan.room or plan.outage_s or plan.hangs:
        yield replace(plan, room=0, outage_s=0.0, hangs="")
    if plan.intensities:
        yield replace(plan, intensities={})
    kinds = list(plan.intensities)
    for half in (kinds[::2], kinds[1::2]) if len(kinds) > 3 else ():
        yield replace(plan, intensities={kind: plan.intensities[kind] for kind in half})
    for kind in kinds:
        yield plan.without(kind)
    if plan.shuffle:
        yield replace(plan, shuffle=False)
    if plan.barrier:
        yield replace(plan, barrier=False)


@contextlib.contextmanager
def _quiet_python() -> Iterator[None]:
    """Logs go to the trace; garbage is collected between runs, not when Python likes."""
    config, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    structlog.configure(processors=[_to_trace], cache_logger_on_first_use=False)
    root.handlers[:] = [_ToTrace()]
    root.setLevel(logging.WARNING)
    _freeze()
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the dead never await
            yield
            gc.collect()
    finally:
        gc.enable()
        sys.unraisablehook = hook
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**config)


@functools.cache
def _freeze() -> None:
    """What is loaded is never looked at again."""
    gc.collect()
    gc.freeze()


def _to_trace(_: Any, level: str, event: MutableMapping[str, Any]) -> str:
    if _current:
        name, error = str(event.pop("event")), event.pop("exc_info", None)
        failure = sys.exc_info()[1] if error is True else error
        canaries.shown(_current[-1], "a log line", f"{name} {event} {failure!r}")
        if level in ("error", "exception", "critical", "warning"):
            details = " ".join(f"{key}={event[key]}" for key in sorted(event))
            _current[-1].logged(level, name, f"{details} {failure!r}" if failure else details)
    raise structlog.DropEvent


class _ToTrace(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if _current:
            failure = record.exc_info[1] if record.exc_info else None
            message = record.getMessage()
            canaries.shown(_current[-1], "a log line", f"{message} {failure!r}")
            words = message.splitlines()[0][:120]
            event = "broke" if failure is not None else "said"
            if not isinstance(failure, StorageUnavailable):
                _current[-1].logged(record.levelname.lower(), event, f"{words} {failure!r}")
