"""What is said in Slack: a text for notifications and screen readers, and blocks for eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """`text` says everything that matters without the blocks. `blocks` is Block Kit."""

    text: str
    blocks: tuple[dict[str, Any], ...] = ()


class SlackRefused(Exception):
    """Slack said no: nothing happened. `code` is Slack's own error word."""

    def __init__(self, code: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s


class SlackUnanswered(Exception):
    """Slack did not answer, or not clearly: the effect may have happened."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFile:
    """A file that somebody posted. `url` needs our token."""

    id: str
    name: str
    media_type: str
    size_bytes: int
    url: str
    width_px: int | None = None
    height_px: int | None = None
