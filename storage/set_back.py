"""A clock that was set back strands whatever is due: for as long as it was set back, nothing of it
would be looked at. So what lies further ahead than any schedule can put it is brought forward to
where its schedule can put it at most. That is never before its time: as long as the clock was not
set, no row is touched, and no lease ever ends earlier than it was given.
"""

from __future__ import annotations

from domain.ports import Transaction
from domain.schedule import (
    LATE_AHEAD_MAX_S,
    PERSON_AHEAD_MAX_S,
    START_AHEAD_MAX_S,
    TELL_AHEAD_MAX_S,
    WORK_AHEAD_MAX_S,
)


def bring_forward(db: Transaction, *, now: float) -> int:
    """Bring forward what a clock that was set back has stranded; how many rows that were."""
    limits = {
        "now": now,
        "start": now + START_AHEAD_MAX_S,
        "work": now + WORK_AHEAD_MAX_S,
        "late": now + LATE_AHEAD_MAX_S,
        "tell": now + TELL_AHEAD_MAX_S,
        "person": now + PERSON_AHEAD_MAX_S,
    }
    return sum(db.execute(statement, limits).changed for statement in _STATEMENTS)


_EXECUTIONS = (
    "UPDATE execution SET due_at = :start,"
    " not_before = CASE WHEN not_before > :start THEN :start ELSE not_before END"
    " WHERE due_at > :start AND state = 'queued'"
    " AND COALESCE(hold, 'undo') = 'undo'",
    # Its message is there, so it waits for that no more.
    "UPDATE execution SET due_at = :start WHERE due_at > :start AND state = 'queued'"
    " AND hold = 'message' AND EXISTS (SELECT 1 FROM message"
    " WHERE message.request_id = execution.request_id AND message.ts IS NOT NULL)",
    "UPDATE execution SET not_before = :start WHERE not_before > :start AND state = 'queued'"
    " AND hold = 'message' AND due_at IS NOT NULL",
    "UPDATE execution SET due_at = :tell WHERE due_at > :tell AND state = 'preparing'",
    "UPDATE execution SET due_at = :work WHERE due_at > :work AND (state IN ('submitting',"
    " 'running', 'fetching', 'uncertain') OR (state = 'queued'"
    " AND hold NOT IN ('undo', 'message', 'confirmation', 'approval')))",
    "UPDATE execution SET due_at = :late WHERE due_at > :late AND state = 'late'",
    "UPDATE execution SET due_at = :person WHERE due_at > :person AND state = 'queued'",
)
_TELLING = (
    "UPDATE outbox SET due_at = :tell WHERE due_at > :tell"
    " AND state IN ('todo', 'unknown', 'sending')",
    "UPDATE outbox SET due_at = :person WHERE due_at > :person AND state = 'blocked'",
    "UPDATE message SET edit_due_at = :tell WHERE dirty = 1 AND edit_due_at > :tell"
    " AND (team_id, channel) IN (SELECT team_id, channel FROM lane)",
    "UPDATE lane SET due_at = :tell WHERE due_at > :tell",
    "UPDATE lane SET next_send_at = :tell WHERE next_send_at > :tell",
    "UPDATE lane SET lease_until = :work WHERE lease_until > :work",
)
_ASIDE = (
    "UPDATE likeness SET due_at = :work WHERE due_at > :work",
    "UPDATE voice_question SET due_at = :work WHERE due_at > :work",
)
# What only ever says when something was, and so is never ahead.
_PAST = (
    "UPDATE workspace SET edit_window_at = :now WHERE edit_window_at > :now",
    "UPDATE held_reply SET held_at = :now WHERE held_at > :now",
    "UPDATE casting_list SET read_at = :now WHERE read_at > :now",
)
_STATEMENTS = (*_EXECUTIONS, *_TELLING, *_ASIDE, *_PAST)
