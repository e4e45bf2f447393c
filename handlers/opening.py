"""Opening a modal: the only call to Slack that a listener makes, and what is said where it fails.

A trigger lives three seconds and works once, so a failed opening is not tried again: the person is
told what to press.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import BotError
from domain.message import SlackRefused, SlackUnanswered
from handlers.dependencies import Dependencies
from handlers.payloads import Payload, label_of

# docs.slack.dev/reference/methods/views.open#errors: its three seconds are over, or it was used.
_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id"})


@dataclass(frozen=True, slots=True)
class Trigger:
    """Slack's leave to open one modal. `otherwise`: what a person does where that fails."""

    id: str
    otherwise: str


class NotOpened(BotError):
    """Slack did not open a modal, or nobody knows whether it did."""


def trigger_of(body: Payload) -> Trigger:
    """The trigger of a press; the button can be pressed again."""
    return Trigger(body["trigger_id"], f"Press *{label_of(body)}* once more.")


async def open_view(dependencies: Dependencies, trigger: Trigger, view: Mapping[str, Any]) -> None:
    """Open a modal. Raises `NotOpened`."""
    try:
        await dependencies.slack.open_view(trigger.id, view)
    except SlackRefused as refused:
        why = "in time" if refused.code in _TOO_LATE else f"({refused.code})"
        raise NotOpened(_not_opened(why, trigger)) from refused
    except SlackUnanswered as unanswered:
        raise NotOpened(_not_opened("in time", trigger)) from unanswered


def _not_opened(why: str, trigger: Trigger) -> str:
    return f"Slack did not open it {why}. Nothing was started. {trigger.otherwise}"
