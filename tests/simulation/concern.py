"""Whom a fault concerns: the execution whose call, step, transaction or thread it strikes; or all
there are, where it is about the surroundings of them all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.execution import State

if TYPE_CHECKING:
    from tests.simulation.faults import About
    from tests.simulation.world import World

STEP_PREFIX, UPLOAD_PREFIX = "step ", "upload "
# What happens to everything at once, whatever is going on.
_OF_ALL = frozenset({"slack.uninstalled", "in.flood", "db.restored", "outage"})


@dataclass(frozen=True, slots=True)
class Named:
    """Requests, shots, executions, and messages by their `ts`."""

    names: frozenset[str]

    def ids(self) -> frozenset[str]:
        """All of them."""
        return self.names


def in_delivery(world: World, body: dict[str, Any], key: str) -> Named:
    """Whom something is about that Slack brings: what it made, the thread it was said in, or the
    message it was pressed on."""
    event = body.get("event", {})
    inner = event.get("message") or event.get("previous_message") or event
    names = {str(inner.get("thread_ts")), str(body.get("message", {}).get("ts"))}
    names |= {str(action.get("value")) for action in body.get("actions", ())}
    made = world.rows("SELECT request_id FROM delivery WHERE key = ?", key)
    return Named(frozenset(names | {str(row["request_id"]) for row in made}))


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
    if kind in _OF_ALL:
        return {State(state).value for state in world.checker.states.values()}
    if about is not None and not isinstance(about, str):
        return _states(world, about.ids())
    subject = about or current_subject()
    return _states(world, {subject}) if subject is not None else set()


def _states(world: World, subjects: Collection[str]) -> set[str]:
    rows = world.rows(
        "SELECT DISTINCT execution.state FROM json_each(?) AS named JOIN execution"
        " ON named.value IN (execution.id, execution.request_id, execution.shot_id)"
        " OR execution.shot_id IN (SELECT shot_id FROM message WHERE ts = named.value)",
        json.dumps(sorted(subjects)),
    )
    return {row["state"] for row in rows}


def _named(prefix: str) -> str | None:
    task = asyncio.current_task()
    name = task.get_name() if task is not None else ""
    return name.removeprefix(prefix) if name.startswith(prefix) else None
