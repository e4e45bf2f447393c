"""The state of a take in words: one word first, then one line of what goes on and why it waits.

Elapsed time is rounded, so that the same state gives the same message until there is news.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from domain.events import Hold
from domain.execution import LATE_WATCH_S, Execution, State
from domain.money import as_usd
from domain.preferences import Preferences
from domain.request import Clip
from domain.schedule import Durations
from domain.shot import Page, Take
from domain.spoken import QUESTION
from domain.submitting import SUBMIT_ATTEMPTS_MAX
from domain.watching import is_limited
from handlers.views.take_words import elapsed_s, estimated, gateway_title
from handlers.views.text import (
    channel_link,
    coarse_s,
    dotted,
    elapsed_words,
    local_day,
    local_moment,
    local_time,
    usual_words,
)

COUNTDOWN_STEP_S = 5


class Phase(StrEnum):
    """A state as people care about it."""

    STARTING = "starting"
    ASKING = "asking"
    WAITING = "waiting"  # with us: held
    SENDING = "sending"
    QUEUED_THERE = "queued_there"  # at the gateway
    RENDERING = "rendering"
    CANCELLING = "cancelling"
    SAVING = "saving"
    LATE = "late"
    CHECKING = "checking"
    DONE = "done"
    NOT_MADE = "not_made"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


UNPAID_PHASES = frozenset({Phase.STARTING, Phase.ASKING, Phase.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRules:
    """What the workspace allows, as far as a waiting take has to explain it.

    `budget_micro_usd` is the month's; `resets_at` is when the next month begins.
    """

    preferences: Preferences = field(default_factory=Preferences)
    budget_micro_usd: int | None = None
    resets_at: float | None = None


USUAL_RULES = HouseRules()


def phase_of(execution: Execution) -> Phase:
    """The phase of an execution. Its told outcomes (late, uncertain) stay what was told."""
    match execution.state:
        case State.PREPARING | State.QUEUED:
            return _unpaid(execution)
        case State.SUBMITTING:
            return Phase.CANCELLING if execution.cancelling else Phase.SENDING
        case State.RUNNING:
            if execution.cancelling:
                return Phase.CANCELLING
            waits = execution.queue_position is not None
            return Phase.QUEUED_THERE if waits else Phase.RENDERING
        case State.FETCHING:
            return Phase.CANCELLING if execution.cancelling else Phase.SAVING
        case State.LATE:
            return Phase.LATE
        case State.UNCERTAIN:
            return Phase.CHECKING
        case State.SUCCEEDED:
            return Phase.DONE
        case State.FAILED:
            return Phase.NOT_MADE
        case State.CANCELLED:
            return Phase.CANCELLED
        case State.EXPIRED:
            return Phase.EXPIRED
        case _:
            assert_never(execution.state)


def state_word(execution: Execution, now: float | None = None) -> str:
    """`Rendering`. With `now`, a start that is still ahead is counted down in steps of 5 s."""
    phase = phase_of(execution)
    if phase is Phase.STARTING and now is not None and execution.not_before > now:
        steps = -(-(execution.not_before - now) // COUNTDOWN_STEP_S)
        return f"Starting in {elapsed_words(steps * COUNTDOWN_STEP_S)}"
    if phase is Phase.CHECKING and execution.due_at is None:
        return "Uncertain"  # nothing is looked up any more, so nothing is promised
    if phase is Phase.ASKING and execution.hold is Hold.APPROVAL:
        return "Needs an admin's yes"
    if phase is Phase.NOT_MADE and is_asked(execution):
        return "Needs an answer"
    return _WORDS[phase]


def kept_out_word(page: Page, take: Take) -> str:
    """Why it does not start in a channel that we may not post in; empty where it is no matter."""
    if not page.kept_out or phase_of(take.execution) not in UNPAID_PHASES:
        return ""
    return f"Waits: I am not in {channel_link(page.shot.channel)}"


def is_asked(execution: Execution) -> bool:
    """Whether its agent made nothing yet, because it asks something."""
    return execution.failure is not None and execution.failure.field == QUESTION


def progress_line(
    take: Take, *, now: float, durations: Durations, rules: HouseRules = USUAL_RULES
) -> str:
    """What goes on before the end, in one line; empty where the state word says it all."""
    execution = take.execution
    match phase_of(execution):
        case Phase.STARTING:
            return _starting(execution, now)
        case Phase.ASKING | Phase.WAITING:
            return held_words(execution, rules)
        case Phase.SENDING:
            return f"Sending it to {gateway_title(execution)}"
        case Phase.QUEUED_THERE | Phase.RENDERING:
            return _rendering(take, now, durations)
        case Phase.CANCELLING:
            return (
                f"{gateway_title(execution)} may still charge, up to"
                f" {as_usd(execution.estimate_micro_usd)}; the result is kept, not posted."
            )
        case Phase.SAVING:
            return f"Made; saving the file · {elapsed_words(coarse_s(elapsed_s(take, now)))}"
        case Phase.LATE:
            return late_words(execution)
        case _:
            return ""


def held_words(execution: Execution, rules: HouseRules = USUAL_RULES) -> str:
    """Why it does not go yet, and what makes it go. Nothing is charged meanwhile."""
    mine, ours = rules.preferences.person_slots, rules.preferences.workspace_slots
    where = gateway_title(execution)
    if phase_of(execution) is Phase.ASKING:
        return _asking(execution, rules)
    match execution.hold:
        case None | Hold.UNDO | Hold.MESSAGE | Hold.CONFIRMATION | Hold.APPROVAL:
            return ""
        case Hold.PERSON_SLOTS:
            return f"Starts when one of yours finishes ({mine} of {mine} are running)."
        case Hold.WORKSPACE_SLOTS:
            return f"Starts when one of the team's finishes ({ours} of {ours} are running)."
        case Hold.BUDGET:
            return _over_budget(execution, rules)
        case Hold.PAUSED:
            return "An admin has paused new renders. It starts when they go on; nothing is charged."
        case Hold.GATEWAY_BUSY:
            return f"{where} is busy. I'll ask again{_when(execution)}; nothing is charged."
        case Hold.GATEWAY_DOWN:
            tried = f"try {execution.attempt} of {SUBMIT_ATTEMPTS_MAX}"
            return f"{where} can't be reached. I'll go on trying ({tried}); nothing is charged."
        case Hold.CONVERSATION:
            return (
                f"The agent at {where} hears it when it is done with what was said before;"
                " nothing is charged yet."
            )
        case Hold.DISK:
            return "The bot's disk is full. It starts when an admin makes room; nothing is charged."
        case Hold.SLACK:
            return (
                "Slack does not let me post here now. It starts when it does; nothing is charged."
            )
        case _:
            assert_never(execution.hold)


def late_words(execution: Execution) -> str:
    """What is done about one that is past its deadline."""
    where = gateway_title(execution)
    if execution.cancelling:
        return f"Cancelled, but {where} may still charge; the result is kept, not posted."
    looking = "I keep looking"
    if execution.deadline_at:
        looking += f" until {local_moment(execution.deadline_at + LATE_WATCH_S)}"
    if is_limited(execution):
        return (
            f"{where} made it, but I may not fetch its file: it is too large, or lies at an address"
            f" that is not on my list. An admin is told. {looking} and start no other."
        )
    return f"{where} has not finished. {looking}, and start no other; nothing is charged again."


_WORDS = {
    Phase.STARTING: "Starting",
    Phase.ASKING: "Needs your yes",
    Phase.WAITING: "Waiting",
    Phase.SENDING: "Starting",
    Phase.QUEUED_THERE: "Waiting",
    Phase.RENDERING: "Rendering",
    Phase.CANCELLING: "Cancelling",
    Phase.SAVING: "Saving",
    Phase.LATE: "Late",
    Phase.CHECKING: "Checking",
    Phase.DONE: "Done",
    Phase.NOT_MADE: "Not made",
    Phase.CANCELLED: "Cancelled",
    Phase.EXPIRED: "Expired",
}


def _unpaid(execution: Execution) -> Phase:
    if execution.hold in (Hold.CONFIRMATION, Hold.APPROVAL) or not execution.confirmed:
        return Phase.ASKING
    if execution.hold in (None, Hold.UNDO, Hold.MESSAGE):
        return Phase.STARTING
    return Phase.WAITING


def _starting(execution: Execution, now: float) -> str:
    """Silent through the undo window; a picture on its way may take longer than that."""
    if execution.state is State.PREPARING and now >= execution.not_before:
        what = "picture" if isinstance(execution.work, Clip) else "files"
        return f"Bringing the {what} to {gateway_title(execution)}"
    return ""


def _asking(execution: Execution, rules: HouseRules) -> str:
    if execution.hold is Hold.APPROVAL:
        above = as_usd(rules.preferences.approve_above_micro_usd)
        return f"More than {above} needs an admin's yes. Nothing is charged before it."
    above_micro_usd = rules.preferences.confirm_above_micro_usd
    if execution.estimate_micro_usd > above_micro_usd:
        return f"More than {as_usd(above_micro_usd)} is asked first. Nothing is charged before it."
    return "Nothing is charged before you say yes."


def _over_budget(execution: Execution, rules: HouseRules) -> str:
    of = f" of {as_usd(rules.budget_micro_usd)}" if rules.budget_micro_usd is not None else ""
    on = f"on {local_day(rules.resets_at)}" if rules.resets_at else "with the next month"
    return (
        f"The month's budget{of} has no room for {estimated(execution)}. It starts {on},"
        " or when an admin raises the budget; nothing is charged."
    )


def _rendering(take: Take, now: float, durations: Durations) -> str:
    execution, elapsed = take.execution, coarse_s(elapsed_s(take, now))
    position = execution.queue_position
    ahead = ""
    if position is not None:
        ahead = f"{position} ahead at {gateway_title(execution)}" if position else "next in line"
    part = f"{int(execution.fraction * 10) * 10} %" if execution.fraction else ""
    is_slow = durations.samples > 0 and elapsed > durations.p90_s
    slow = "longer than usual" if is_slow else ""
    return dotted(
        ahead,
        part,
        elapsed_words(elapsed) if elapsed else "",
        slow,
        usual_words(durations),
        "you may leave",
    )


def _when(execution: Execution) -> str:
    return f" at {local_time(execution.due_at)}" if execution.due_at else " soon"
