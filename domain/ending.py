"""How an execution ends: nothing is due any more, and what nobody bills is released."""

from __future__ import annotations

from dataclasses import replace

from domain.errors import Failure
from domain.states import Execution, Moment, State


def end(
    execution: Execution, state: State, at: Moment, *, failure: Failure | None = None
) -> Execution:
    """Ended in `state`. Where the failure says that it is not billed, nothing stays reserved."""
    unbilled = failure is not None and failure.billed is False
    return replace(
        execution,
        state=state,
        failure=failure,
        hold=None,
        held_since=None,
        due_at=None,
        lease_until=None,
        ended_at=at.now,
        reserved_micro_usd=0 if unbilled else execution.reserved_micro_usd,
        billed_micro_usd=0 if unbilled else execution.billed_micro_usd,
    )
