"""An unpaid take that changes while it can: other words, another offer and price, or a doubt.

Whatever changes it, it is prepared and held anew; what it was before leaves no trace but its
instructions.
"""

from __future__ import annotations

from domain.events import Revised
from domain.execution import Execution, Moment, advance
from domain.measuring import goes_unasked
from domain.ports import Transaction
from domain.preferences import Preferences
from domain.request import Request
from domain.standing import Reach
from storage.preferences import read_preferences
from storage.recording import record
from storage.rows import request_row
from storage.selecting import selected


def revise(
    db: Transaction,
    request: Request,
    execution: Execution,
    *,
    reach: Reach,
    now: float,
) -> None:
    """Replace an unpaid request by a changed one. `request.confirmed`: it may go by itself where
    its price allows that, else it waits for a yes.

    Raises `RequestError`, then nothing is written.
    """
    preferences = read_preferences(db, request.team_id, request.channel)
    place = (request.team_id, request.channel)
    selection = selected(db, request.work, place, reach, now=now)
    price = selection.estimate
    limit = preferences.confirm_above_micro_usd
    is_low = goes_unasked(selection.work, price.micro_usd, limit_micro_usd=limit)
    revised = Revised(
        offer=selection.offer.name,
        work=selection.work,
        wished=selection.wished,
        estimate_micro_usd=price.micro_usd,
        is_ceiling=price.is_ceiling,
        not_before=request.undo_until,
        confirmed=request.confirmed and is_low,
    )
    _write(db, request, execution, revised, sentence=selection.sentence, now=now)


def hold_back(
    db: Transaction, request: Request, execution: Execution, *, sentence: str, now: float
) -> None:
    """It stays as it was and waits for a yes: `sentence` says why, in its message."""
    unchanged = Revised(
        offer=execution.offer,
        work=execution.work,
        wished=execution.wished,
        estimate_micro_usd=execution.estimate_micro_usd,
        is_ceiling=execution.is_ceiling,
        not_before=execution.not_before,
        confirmed=False,
    )
    _write(db, request, execution, unchanged, sentence=sentence, now=now)


def is_in_doubt(execution: Execution, preferences: Preferences) -> bool:
    """Whether it waits for a yes for another reason than its price."""
    limit = preferences.confirm_above_micro_usd
    price = execution.estimate_micro_usd
    return not execution.confirmed and goes_unasked(execution.work, price, limit_micro_usd=limit)


def _write(
    db: Transaction,
    request: Request,
    execution: Execution,
    revised: Revised,
    *,
    sentence: str,
    now: float,
) -> None:
    db.execute(
        "UPDATE request SET work = :work, changed = :changed, undo_until = :undo_until,"
        " confirmed = :confirmed, sentence = :sentence WHERE id = :id",
        request_row(request) | {"confirmed": int(revised.confirmed), "sentence": sentence},
    )
    at = Moment(now=now)
    record(db, execution, advance(execution, revised, at), at)
