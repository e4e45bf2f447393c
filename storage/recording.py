"""How a step of an execution is written down, with everything that follows from it: its money, its
outcome, what is to be told, who waits for its slot. One transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from domain.effect import Effect
from domain.events import CancelRequested, Confirmed, Hold
from domain.execution import ENDED, IN_A_SLOT, UNPAID, Execution, Moment, State, advance
from domain.ports import Transaction
from domain.shot import OutcomeKind, Video, outcome_kind
from domain.watching import is_limited
from storage.accounts import tell_refused_account
from storage.budgets import settle
from storage.executions import compare_and_set, execution_of
from storage.messages import RESULT, add_effect, touch_take
from storage.records import note_ending
from storage.rerouting import reroute
from storage.rows import INSERT_VIDEO, video_row
from storage.waiting import wake_waiting

DAY_S = 24 * 3_600


def record(
    db: Transaction,
    before: Execution,
    after: Execution,
    at: Moment,
    *,
    videos: Sequence[Video] = (),
) -> bool:
    """Write a step down with all that follows from it; False where another writer was first.

    What failed at one gateway, unpaid, may go on at another: then nothing is told but that.
    """
    if not compare_and_set(db, before, after):
        return False
    for video in videos:
        db.execute(INSERT_VIDEO, video_row(video))
    settle(db, before, after)
    if after.state != before.state:
        note_ending(db, after, at)
        tell_refused_account(db, after, at)
    rerouted = after.state is State.FAILED and reroute(db, after, at)
    ended = not rerouted and after.state != before.state and outcome_kind(after.state) is not None
    told = ended and _write_outcome(db, after, at.now)  # or it was told before: in doubt once more
    if rerouted or ended or _shown(before) != _shown(after):
        touch_take(db, after.shot_id, after.request_id, at.now, urgent=ended or rerouted)
    if told:
        _tell(db, after, at.now, files=[video.number for video in videos])
    if is_limited(after) and after.state is State.LATE:
        _tell_operators(db, after, at.now)
    if before.state in IN_A_SLOT and after.state not in IN_A_SLOT:
        wake_waiting(db, before, after, at.now)
    return True


def _shown(execution: Execution) -> tuple[Any, ...]:
    """What people see change at once. How far a render is, they see at the pace of its edits."""
    is_quiet = execution.hold in (None, Hold.UNDO, Hold.MESSAGE)
    return (
        execution.state,
        None if is_quiet else execution.hold,
        execution.queue_position is None,
        execution.cancelling,
        execution.confirmed,
        execution.attempt,
        execution.not_before,
        (execution.offer, execution.work, execution.estimate_micro_usd, execution.is_ceiling),
        (execution.reserved_micro_usd, execution.billed_micro_usd),
        (execution.result is None, execution.failure),
        execution.state is State.UNCERTAIN and execution.due_at is None,  # nobody looks any more
    )


def _write_outcome(db: Transaction, after: Execution, now: float) -> bool:
    """The outcome row of a told state: inserted once, revised where it was revisable. What is
    late once more, after a try to fetch it, was told before."""
    kind = outcome_kind(after.state)
    if kind is None:
        return False
    written = db.execute(
        "INSERT INTO outcome (request_id, team_id, execution_id, kind, at)"
        " VALUES (:request, :team, :execution, :kind, :now)"
        " ON CONFLICT (request_id) DO UPDATE SET kind = :kind, revised_at = :now,"
        " execution_id = :execution WHERE outcome.kind IN (:late, :uncertain)"
        " AND outcome.kind <> :kind",
        {
            "request": after.request_id,
            "team": after.team_id,
            "execution": after.id,
            "kind": kind.value,
            "now": now,
            "late": OutcomeKind.LATE.value,
            "uncertain": OutcomeKind.UNCERTAIN.value,
        },
    )
    return written.changed == 1


def _tell(db: Transaction, after: Execution, now: float, *, files: Sequence[int]) -> None:
    """The one-time effects of a told state."""
    for effect, subject_id, more in _effects(after, files):
        add_effect(
            db,
            effect,
            subject=(subject_id, after.version),
            place=(after.team_id, after.channel),
            shot_id=after.shot_id,
            request_id=after.request_id,
            at=now,
            payload={"state": after.state.value, **more},
        )


def _effects(
    after: Execution, files: Sequence[int]
) -> Iterator[tuple[Effect, str, dict[str, int]]]:
    """The file of each result, each a subject of its own; or a word to the requester."""
    match after.state:
        case State.SUCCEEDED:
            for number in files:
                subject_id = after.id if number == 1 else f"{after.id}#{number}"
                yield Effect.FILE, subject_id, {RESULT: number}
        case State.FAILED | State.EXPIRED | State.LATE | State.UNCERTAIN:
            yield Effect.PING, after.id, {}
        case _:
            return


def _tell_operators(db: Transaction, after: Execution, now: float) -> None:
    """A limit of ours keeps us from what is paid: told once a day for each reason."""
    reason = after.failure.detail if after.failure else ""
    add_effect(
        db,
        Effect.NOTICE,
        subject=(f"limited:{after.offer}:{reason}", int(now // DAY_S)),
        place=(after.team_id, after.channel),
        shot_id=after.shot_id,
        request_id=after.request_id,
        at=now,
        payload={"notice": "limited", "reason": reason},
    )


def request_cancel(db: Transaction, request_id: str, at: Moment) -> Execution | None:
    """Write down that a request is cancelled; what became of it, None where there is none."""
    before = execution_of(db, request_id)
    if before is None or before.state in ENDED or before.cancelling:
        return before
    after = advance(before, CancelRequested(), at)
    record(db, before, after, at)
    return after


def confirm(db: Transaction, request_id: str, *, now: float) -> bool:
    """The person accepted the price: let it go. False where there was nothing to confirm."""
    before = execution_of(db, request_id)
    if before is None or before.state not in UNPAID or before.confirmed:
        return False
    at = Moment(now=now)
    return record(db, before, advance(before, Confirmed(), at), at)
