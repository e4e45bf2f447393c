"""`executions`: what was asked of which gateway, and where it stands, as a plain table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.execution import Execution
from domain.money import as_usd
from storage.readonly import latest_executions, look
from storage.sqlite_file import sqlite_path

HEAD = ("shot", "execution", "state", "offer", "estimate", "reserved", "billed", "due", "created")


def executions(database_url: str, *, limit: int, only_open: bool) -> str:
    """The table. Raises `DatabaseRefused` where there is no database to read."""
    found = look(sqlite_path(database_url), latest_executions, limit, only_open)
    if not found:
        return "No open executions." if only_open else "No executions yet."
    return table(HEAD, [_row(number, execution) for number, execution in found])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, tuple("-" * width for width in widths), *rows)
    ]
    return "\n".join(lines)


def _row(number: int, execution: Execution) -> tuple[str, ...]:
    estimate = as_usd(execution.estimate_micro_usd)
    return (
        f"V-{number}",
        execution.id,
        execution.state.value,
        execution.offer,
        f"up to {estimate}" if execution.is_ceiling else estimate,
        as_usd(execution.reserved_micro_usd),
        "-" if execution.billed_micro_usd is None else as_usd(execution.billed_micro_usd),
        _moment(execution.due_at),
        _moment(execution.created_at),
    )


def _moment(seconds: float | None) -> str:
    return (
        "-" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%m-%d %H:%M:%SZ")
    )
