"""Months as people count them: in the workspace's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def month_of(now: float, timezone: str) -> str:
    """`2026-11`, for the month that `now` falls in."""
    return datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(timezone)).strftime("%Y-%m")
