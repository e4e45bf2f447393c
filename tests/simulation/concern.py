"""Whom a fault concerns: the execution whose call it strikes, or all there are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from typing import TYPE_CHECKING

from domain.execution import State

if TYPE_CHECKING:
    from tests.simulation.faults import About
    from tests.simulation.world import World

STEP_PREFIX, UPLOAD_PREFIX = "step ", "upload "
# Faults of one call for one execution, or for the messages of one request.
_OF_ONE = frozenset(
    {"submit", "check", "download", "upload", "media", "vendor", "slack", "render", "hook"}
)
_OF_ALL = frozenset({"slack.uninstalled"})


def current_execution() -> str | None:
    """Whose step this is: the engine names its tasks."""
    return _named(STEP_PREFIX)


def current_subject() -> str | None:
    """Whose step or upload this is."""
    return _named(STEP_PREFIX) or _named(UPLOAD_PREFIX)


def subject_of(mark: str | None) -> str | None:
    """The request, shot or execution that a message is about, from the mark it carries."""
    if mark is None:
        return None
    return mark.partition("/")[0].rpartition(":")[2]


def about_whom(world: World, kind: str, about: About) -> set[str]:
    """The states of the executions that a fault concerns."""
    if about is None and (kind.partition(".")[0] not in _OF_ONE or kind in _OF_ALL):
        return {State(state).value for state in world.checker.states.values()}
    if about is not None and not isinstance(about, str):
        return _states(world, about.ids())
    subject = about or current_subject()
    return _states(world, {subject}) if subject is not None else set()


def _states(world: World, subjects: Collection[str]) -> set[str]:
    rows = world.rows(
        "SELECT DISTINCT execution.state FROM json_each(?) AS named JOIN execution"
        " ON named.value IN (execution.id, execution.request_id, execution.shot_id)",
        json.dumps(sorted(subjects)),
    )
    return {row["state"] for row in rows}


def _named(prefix: str) -> str | None:
    task = asyncio.current_task()
    name = task.get_name() if task is not None else ""
    return name.removeprefix(prefix) if name.startswith(prefix) else None
