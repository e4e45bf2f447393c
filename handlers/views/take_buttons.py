"""What can be pressed on a take, by its phase: at most three buttons and a ⋯ menu.

Every value is the request's id, so a button works after a restart and a month later; who may
press it is checked where it is pressed.
"""

from __future__ import annotations

from typing import assert_never

from domain.errors import FailureClass
from domain.events import Hold
from domain.execution import Execution
from domain.file_limits import UNFIT_FILE
from domain.money import as_usd
from domain.request import Clip, is_transparent
from domain.shot import Page, Take
from domain.states import State
from handlers import ids
from handlers.views.blocks import Block, button, confirmation, menu
from handlers.views.failure_words import PICTURE_FIELDS, may_be_charged
from handlers.views.state_words import UNPAID_PHASES, Phase, phase_of
from handlers.views.take_words import (
    at_most,
    estimate_of,
    gateway_title,
    prompt_is_long,
    take_label,
)
from handlers.views.text import price

VISIBLE_MAX = 3
SHARE_PATIENCE_S = 60.0  # a finished file usually shows in its thread long before this

# One rule: the very same thing can be tried again, unless what was asked for has to change first.
# What somebody else has to mend (a key, an empty account) is asked for again once it is mended.
_NOT_BY_RETRYING = frozenset(
    {FailureClass.REFUSED_CONTENT, FailureClass.BAD_INPUT, FailureClass.GONE}
)


def take_buttons(page: Page, take: Take) -> list[Block]:
    """The row of one take."""
    return _arranged(_visible(page, take), _options(take), take.request.id)


def is_overdue(take: Take, now: float) -> bool:
    """Whether the file should have shown in its thread by now."""
    missed_at = overdue_at(take)
    return missed_at is not None and now >= missed_at


def overdue_at(take: Take) -> float | None:
    """When a file that does not show yet should have shown; None where none is missing."""
    execution = take.execution
    if not take.is_unshared or execution.state is not State.SUCCEEDED:
        return None
    return (execution.ended_at or execution.created_at) + SHARE_PATIENCE_S


def _options(take: Take) -> list[tuple[str, str]]:
    """What else there is, as (action id, label)."""
    execution = take.execution
    phase = phase_of(execution)
    options: list[tuple[str, str]] = []
    if phase is Phase.DONE:
        options.append((ids.VARIATION, f"Variation · {price(estimate_of(execution))}"))
        if take.is_unshared:
            options.append((ids.SHARE_AGAIN, "Upload again"))
    if phase not in UNPAID_PHASES:
        options.append((ids.DETAILS, "Details"))
    if prompt_is_long(take):
        options.append((ids.FULL_PROMPT, "Full prompt"))
    return options


def _arranged(visible: list[Block], options: list[tuple[str, str]], request_id: str) -> list[Block]:
    """The whole prompt is a button where there is room, and so is a menu's only option."""
    row, rest = list(visible), list(options)
    for option in options:
        is_prompt, is_only = option[0] == ids.FULL_PROMPT, len(rest) == 1
        if len(row) < VISIBLE_MAX and (is_prompt or is_only):
            row.append(button(option[0], option[1], request_id))
            rest.remove(option)
    if len(rest) == 1 and len(row) < VISIBLE_MAX:
        row.append(button(rest[0][0], rest[0][1], request_id))
        rest.clear()
    return [*row, menu(rest, request_id)] if rest else row


def _visible(page: Page, take: Take) -> list[Block]:
    request_id, execution = take.request.id, take.execution
    edit = button(ids.EDIT, "Edit", request_id)
    match phase_of(execution):
        case Phase.STARTING | Phase.WAITING:
            return [button(ids.CANCEL, "Cancel: free", request_id), edit]
        case Phase.ASKING:
            return _asking(execution, request_id)
        case Phase.SENDING | Phase.QUEUED_THERE | Phase.RENDERING:
            return [_cancel(page, take)]
        case Phase.LATE:
            return [] if execution.cancelling else [_cancel(page, take)]
        case Phase.DONE:
            return _done(page, take)
        case Phase.NOT_MADE:
            return _not_made(execution, request_id)
        case Phase.CANCELLED | Phase.EXPIRED | Phase.CHECKING:
            return [_again(execution, request_id)]
        case Phase.CANCELLING | Phase.SAVING:
            return []
        case _:
            assert_never(phase_of(execution))


def _asking(execution: Execution, request_id: str) -> list[Block]:
    label = "Approve" if execution.hold is Hold.APPROVAL else "Render"
    yes = f"{label} · {price(estimate_of(execution))}"
    return [
        button(ids.CONFIRM, yes, request_id, style="primary"),
        button(ids.EDIT, "Edit", request_id),
        button(ids.CANCEL, "Cancel", request_id),
    ]


def _cancel(page: Page, take: Take) -> Block:
    where = gateway_title(take.execution)
    asks = confirmation(
        f"Cancel {take_label(page, take)}?",
        f"{where} already has it and may still charge, {at_most(take.execution)}."
        " The result is kept, not posted.",
        yes="Cancel it",
        no="Let it finish",
    )
    return button(ids.CANCEL, "Cancel", take.request.id, asks=asks)


def _done(page: Page, take: Take) -> list[Block]:
    request_id = take.request.id
    row = [button(ids.NEW_TAKE, "New take", request_id)]
    if page.shot.approved != request_id:
        row.append(button(ids.APPROVE, "Approve", request_id, style="primary"))
    if is_transparent(take.execution.work):
        row.append(button(ids.REMOTION, "Remotion snippet", request_id))
    return row


def _not_made(execution: Execution, request_id: str) -> list[Block]:
    """A new take with the form filled in mends what an ended one cannot change any more."""
    kind = execution.failure.kind if execution.failure else FailureClass.DRIFT
    field = execution.failure.field if execution.failure else None
    is_picture = field in PICTURE_FIELDS or (
        field == UNFIT_FILE and isinstance(execution.work, Clip)
    )
    label = "Replace image" if is_picture else "Edit"
    edit = button(ids.NEW_TAKE, label, request_id)
    return [edit] if kind in _NOT_BY_RETRYING else [_again(execution, request_id), edit]


def _again(execution: Execution, request_id: str) -> Block:
    amount = price(estimate_of(execution))
    if not may_be_charged(execution):
        return button(ids.TRY_AGAIN, f"Try again · {amount}", request_id)
    asks = confirmation(
        "Pay twice?",
        f"{gateway_title(execution)} may have charged the first one, {at_most(execution)}."
        f" This starts another for {as_usd(execution.estimate_micro_usd)}.",
        yes="Start another",
        no="Leave it",
    )
    return button(ids.TRY_AGAIN, "Try again · may pay twice", request_id, asks=asks)
