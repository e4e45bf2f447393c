"""Faults on a switch: what the next calls to one target do wrong.

A fault waits for its target, lets `after` calls pass, then strikes `times` calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Fault:
    """One armed fault. `target` and `kind` are the words of sandbox/README.md."""

    target: str
    kind: str
    times: int = 1
    after: int = 0
    params: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The fault as the control API and the page show it."""
        return asdict(self)


class Faults:
    """All armed faults of this sandbox."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._subscribers: list[Callable[[list[dict[str, Any]]], None]] = []

    def subscribe(self, hear: Callable[[list[dict[str, Any]]], None]) -> None:
        """Call `hear` with what is armed, whenever that changes."""
        self._subscribers.append(hear)

    def _tell(self) -> None:
        for hear in self._subscribers:
            hear(self.as_json())

    def arm(self, fault: Fault) -> None:
        """Add a fault; earlier ones for the same target strike first."""
        self._armed.append(fault)
        self._tell()

    def take(self, target: str, *kinds: str) -> Fault | None:
        """The fault that strikes this call, used up by one; only of these kinds, if any."""
        for fault in self._armed:
            if fault.target != target or (kinds and fault.kind not in kinds):
                continue
            if fault.after > 0:
                fault.after -= 1
                return None
            fault.times -= 1
            if fault.times <= 0:
                self._armed.remove(fault)
            self._tell()
            return fault
        return None

    def disarm(
        self,
        target: str | None = None,
        kind: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> int:
        """Take back what is armed: all, or what has this target, kind and these parameters,
        where they are named; returns how many."""
        kept = [
            fault
            for fault in self._armed
            if target not in (None, fault.target)
            or kind not in (None, fault.kind)
            or params not in (None, fault.params)
        ]
        gone, self._armed = len(self._armed) - len(kept), kept
        if gone:
            self._tell()
        return gone

    def clear(self) -> None:
        """Disarm everything."""
        self.disarm()

    def as_json(self) -> list[dict[str, Any]]:
        """What is armed now."""
        return [fault.as_json() for fault in self._armed]
