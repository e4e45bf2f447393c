"""Months as people count them: in the workspace's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def month_of(now: float, timezone: str) -> str:
    """`2026-11`, for the month that `now` falls in."""
    return datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(timezone)).strftime("%Y-%m")


def next_month_at(now: float, timezone: str) -> float:
    """When the month after `now`'s begins, and with it a fresh budget."""
    here = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(timezone))
    first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    somewhere_next = first + timedelta(days=32)
    return somewhere_next.replace(day=1).timestamp()
