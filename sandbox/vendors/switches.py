"""What is not known of a vendor, as a switch: the tests run both readings.

A fact that sources disagree about, or that only third parties report, is never built in. It is a
named switch with its choices; the first choice is how the sandbox begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Value = str | int | float | bool


@dataclass(frozen=True)
class Switch:
    """One open question: the answers it may have, the first being the default.

    A single choice stands for any value of its type.
    """

    why: str
    choices: tuple[Value, ...]


class Switches:
    """The switches of one vendor and how they stand."""

    def __init__(self, known: Mapping[str, Switch]) -> None:
        self._known = dict(known)
        self._set: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Any:
        return self._set.get(name, self._known[name].choices[0])

    def set(self, name: str, value: Value) -> None:
        """Turn one. Errors: KeyError for an unknown name, ValueError for what it cannot be."""
        choices = self._known[name].choices
        if len(choices) > 1 and not any(_same(value, choice) for choice in choices):
            raise ValueError(f"{name} is one of {list(choices)}")
        if len(choices) == 1 and not _alike(value, choices[0]):
            raise ValueError(f"{name} is a {type(choices[0]).__name__}")
        self._set[name] = value

    def reset(self) -> None:
        """All as they began."""
        self._set.clear()

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Every switch: how it stands, what it may be, and why it is one."""
        return {
            name: {"value": self[name], "choices": list(switch.choices), "why": switch.why}
            for name, switch in self._known.items()
        }


def _same(value: Value, choice: Value) -> bool:
    """Equal, and not 1 for true."""
    return type(value) is type(choice) and value == choice


def _alike(value: Value, sample: Value) -> bool:
    if isinstance(sample, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(sample)
