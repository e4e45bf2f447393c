"""What a listener shows: small read-only verbs over the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.catalog import GatewayName
from domain.errors import RequestError
from domain.ports import Transaction
from domain.preferences import Preferences
from domain.selector import Standing
from domain.shot import Page, Take
from storage.budgets import MonthlyMoney, read_budget
from storage.executions import open_executions
from storage.preferences import read_preferences
from storage.requests import standing
from storage.shots import read_page, read_take, shot_by_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Money of a month: the workspace's and one person's."""

    month: str
    everybody: MonthlyMoney
    mine_micro_usd: int


def page_of_request(db: Transaction, request_id: str) -> Page:
    """The shot of a request."""
    return read_page(db, read_take(db, request_id).request.shot_id)


def page_by_number(db: Transaction, team_id: str, channel: str, number: int) -> Page:
    """The shot people call `V-<number>`, where it was made. Raises `RequestError`."""
    shot = shot_by_number(db, team_id, number)
    if shot is None or shot.channel != channel:
        raise RequestError(f"There is no V-{number} in this channel.", field="number")
    return read_page(db, shot.id)


def open_takes(db: Transaction, team_id: str, channel: str) -> Sequence[tuple[Page, Take]]:
    """What is under way in a channel, oldest first."""
    found = []
    for execution in open_executions(db, team_id, channel):
        page = read_page(db, execution.shot_id)
        found.append((page, page.take(execution.request_id)))
    return found


def usage(db: Transaction, team_id: str, user: str, month: str) -> Usage:
    """Money of one month."""
    row = db.execute(
        "SELECT COALESCE(SUM(COALESCE(billed_micro_usd, reserved_micro_usd)), 0) AS mine"
        " FROM execution WHERE team_id = :team AND requester = :user AND month = :month",
        {"team": team_id, "user": user, "month": month},
    ).one()
    return Usage(
        month=month,
        everybody=read_budget(db, team_id, month),
        mine_micro_usd=row["mine"] if row else 0,
    )


def preferences(db: Transaction, team_id: str, channel: str) -> Preferences:
    """What holds in a channel."""
    return read_preferences(db, team_id, channel)


def standing_of(db: Transaction, gateways: frozenset[GatewayName]) -> Standing:
    """Which offers there are now."""
    return standing(db, gateways)
