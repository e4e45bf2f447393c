"""Money of a workspace in a month. `reserved + spent <= budget` holds at every commit.

The row of a month is the one that is locked when money moves, so two reservations cannot both
see the last dollar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.ports import Transaction
from domain.states import State


@dataclass(frozen=True, slots=True)
class MonthlyMoney:
    """What a workspace has reserved and spent in a month, in micro-dollars."""

    reserved_micro_usd: int
    spent_micro_usd: int

    @property
    def total_micro_usd(self) -> int:
        """What counts against the budget."""
        return self.reserved_micro_usd + self.spent_micro_usd


@dataclass(frozen=True, slots=True)
class PersonalMoney:
    """One person's part of a month, in micro-dollars."""

    takes: int
    reserved_micro_usd: int
    spent_micro_usd: int


def read_part(db: Transaction, team_id: str, user: str, month: str) -> PersonalMoney:
    """What one person has reserved and spent in a month, with own avatars and spoken samples."""
    row = db.execute(
        "SELECT COALESCE(SUM(takes), 0) AS takes, COALESCE(SUM(billed_micro_usd), 0) AS spent,"
        " COALESCE(SUM(CASE WHEN billed_micro_usd IS NULL THEN reserved_micro_usd ELSE 0 END), 0)"
        " AS reserved FROM (SELECT 1 AS takes, billed_micro_usd, reserved_micro_usd"
        " FROM execution WHERE team_id = :team AND requester = :user AND month = :month"
        " UNION ALL SELECT 0 AS takes, billed_micro_usd, reserved_micro_usd FROM likeness"
        " WHERE team_id = :team AND requester = :user AND month = :month"
        " UNION ALL SELECT 0 AS takes, billed_micro_usd, reserved_micro_usd FROM voice_question"
        " WHERE team_id = :team AND requester = :user AND month = :month) AS paid",
        {"team": team_id, "user": user, "month": month},
    ).one()
    assert row is not None
    return PersonalMoney(int(row["takes"]), int(row["reserved"]), int(row["spent"]))


def read_untold(db: Transaction, team_id: str, month: str) -> int:
    """Micro-dollars that stay reserved for finished videos whose price their vendor never tells."""
    row = db.execute(
        "SELECT COALESCE(SUM(reserved_micro_usd), 0) AS untold FROM execution WHERE"
        " team_id = :team AND month = :month AND state = :done AND billed_micro_usd IS NULL",
        {"team": team_id, "month": month, "done": State.SUCCEEDED.value},
    ).one()
    return int(row["untold"]) if row else 0


def read_budget(db: Transaction, team_id: str, month: str) -> MonthlyMoney:
    """Money of one month, `YYYY-MM`."""
    row = db.execute(
        "SELECT reserved_micro_usd, spent_micro_usd FROM budget"
        " WHERE team_id = :team AND month = :month",
        {"team": team_id, "month": month},
    ).one()
    if row is None:
        return MonthlyMoney(0, 0)
    return MonthlyMoney(row["reserved_micro_usd"], row["spent_micro_usd"])


def reserve(
    db: Transaction, team_id: str, month: str, *, amount_micro_usd: int, budget_micro_usd: int
) -> bool:
    """Reserve money for a submit; False where it would break the month's budget."""
    where = {"team": team_id, "month": month}
    db.execute(
        "INSERT INTO budget (team_id, month) VALUES (:team, :month)"
        " ON CONFLICT (team_id, month) DO NOTHING",
        where,
    )
    return (
        db.execute(
            "UPDATE budget SET reserved_micro_usd = reserved_micro_usd + :amount"
            " WHERE team_id = :team AND month = :month"
            " AND reserved_micro_usd + spent_micro_usd + :amount <= :budget",
            where | {"amount": amount_micro_usd, "budget": budget_micro_usd},
        ).changed
        == 1
    )


class Paid(Protocol):
    """Whatever is paid for out of a month's budget."""

    @property
    def team_id(self) -> str: ...
    @property
    def month(self) -> str | None: ...
    @property
    def reserved_micro_usd(self) -> int: ...
    @property
    def billed_micro_usd(self) -> int | None: ...


def settle(db: Transaction, before: Paid, after: Paid) -> None:
    """Move what one step released or billed. The month is the one it was reserved in."""
    reserved = after.reserved_micro_usd - before.reserved_micro_usd
    spent = (after.billed_micro_usd or 0) - (before.billed_micro_usd or 0)
    if reserved == 0 and spent == 0:
        return
    db.execute(
        "UPDATE budget SET reserved_micro_usd = reserved_micro_usd + :reserved,"
        " spent_micro_usd = spent_micro_usd + :spent"
        " WHERE team_id = :team AND month = :month",
        {
            "team": after.team_id,
            "month": before.month or after.month,
            "reserved": reserved,
            "spent": spent,
        },
    )
