"""What became of a one-time effect: its verdict and what follows from it, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.effect import FILES, LEAVES_A_TS, Effect, Sending, Verdict
from domain.ports import Transaction
from domain.request import is_transparent
from domain.standing import Reach
from storage.executions import execution_of, wake_for_message
from storage.fallbacks import fall_back, keep_for_a_day
from storage.held_replies import release_held
from storage.lanes import EffectDue, release_lane
from storage.messages import (
    RESULT,
    add_effect,
    card_id,
    take_message_id,
    touch_lane,
    touch_take,
)
from storage.preferences import read_preferences
from storage.replies import take_reply
from storage.requests import Fresh

POST_SPACING_S = 1.0  # chat.postMessage: one a second a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A verdict with what belongs to it.

    `ref` is Slack's name for what was said (a `ts`, or a file's id), `digest` tells what a post
    showed, `file_ts` where a file is seen, `reason` why something failed. `fresh` and `reach`
    serve replies that waited for a card.
    """

    verdict: Verdict
    ref: str | None = None
    digest: str | None = None
    file_ts: str | None = None
    reason: str = ""
    fresh: Sequence[Fresh] = ()
    reach: Reach | None = None


def settle(db: Transaction, due: EffectDue, outcome: Outcome, *, now: float) -> None:
    """Write down what an effect came to."""
    verdict = outcome.verdict
    db.execute(
        "UPDATE outbox SET state = :state, owner = NULL, refusals = :refusals,"
        " due_at = COALESCE(:due, due_at), slack_ref = COALESCE(:ref, slack_ref)"
        " WHERE subject_id = :subject AND version = :version AND kind = :kind",
        _key(due)
        | {
            "state": verdict.state.value,
            "refusals": verdict.refusals,
            "due": verdict.due_at,
            "ref": outcome.ref,
        },
    )
    match verdict.state:
        case Sending.SENT:
            _done(db, due, outcome, now)
        case Sending.FAILED:
            fall_back(db, due, reason=outcome.reason, now=now)
        case Sending.BLOCKED:
            keep_for_a_day(db, due, reason=outcome.reason, now=now)
        case _:
            touch_lane(db, due.team_id, due.channel, verdict.due_at or now)
    if due.kind not in FILES:
        _release(db, due, verdict, now)


def _release(db: Transaction, due: EffectDue, verdict: Verdict, now: float) -> None:
    """The lane goes on: at once, after a post in a second, or when Slack wants to hear again."""
    next_send_at = now
    if verdict.state is Sending.SENT and due.kind in LEAVES_A_TS:
        next_send_at = now + POST_SPACING_S
    elif verdict.holds_lane and verdict.due_at is not None:
        next_send_at = verdict.due_at
    release_lane(db, due.team_id, due.channel, now=now, next_send_at=next_send_at)


def _done(db: Transaction, due: EffectDue, outcome: Outcome, now: float) -> None:
    match due.kind:
        case Effect.POST_CARD:
            _keep_ts(db, card_id(due.shot_id), outcome)
            _read_held(db, due, outcome, now)
        case Effect.POST_TAKE if due.request_id is not None:
            _keep_ts(db, take_message_id(due.request_id), outcome)
            wake_for_message(db, due.request_id, now=now)
        case Effect.FILE if due.request_id is not None:
            _keep_file(db, due, outcome)
            touch_take(db, due.shot_id, due.request_id, now, urgent=True)
            _broadcast(db, due, now)
            _preview(db, due, due.request_id, now)
            _captions(db, due, due.request_id, now)
        case _:
            return


def _keep_ts(db: Transaction, message_id: str, outcome: Outcome) -> None:
    """A message is in Slack. What changed while it was posted has marked it dirty already."""
    db.execute(
        "UPDATE message SET ts = :ts, digest = :digest WHERE id = :id",
        {"ts": outcome.ref, "digest": outcome.digest, "id": message_id},
    )


def _read_held(db: Transaction, due: EffectDue, outcome: Outcome, now: float) -> None:
    """Replies that came before this card was known are read now."""
    held = release_held(db, due.team_id, due.channel, outcome.ref or "", most=len(outcome.fresh))
    for reply, fresh in zip(held, outcome.fresh, strict=False):
        take_reply(db, reply, fresh, reach=outcome.reach or Reach(frozenset()))


def file_reserved(db: Transaction, due: EffectDue, file_id: str | None) -> None:
    """Slack's name for the file, kept before it is shared; None forgets it."""
    db.execute(
        "UPDATE outbox SET slack_ref = :ref WHERE subject_id = :subject"
        " AND version = :version AND kind = :kind",
        _key(due) | {"ref": file_id},
    )


def _keep_file(db: Transaction, due: EffectDue, outcome: Outcome) -> None:
    """The video is in the thread, proven."""
    db.execute(
        "UPDATE video SET slack_file_id = :file, slack_file_ts = :ts"
        " WHERE request_id = :request AND number = :number",
        {
            "file": outcome.ref,
            "ts": outcome.file_ts,
            "request": due.request_id,
            "number": due.result,
        },
    )


def _broadcast(db: Transaction, due: EffectDue, now: float) -> None:
    """The channel hears of a shot's first video, or of each take's, or of none: once for all the
    results of one take."""
    notice = read_preferences(db, due.team_id, due.channel).channel_notice
    told = db.execute(
        "UPDATE shot SET broadcast = broadcast + 1 WHERE id = :id AND"
        " (broadcast = 0 OR :notice = 'every') AND :notice <> 'none'",
        {"id": due.shot_id, "notice": notice.value},
    )
    if told.changed == 1:
        add_effect(
            db,
            Effect.BROADCAST,
            subject=(due.subject_id.partition("#")[0], due.version),
            place=(due.team_id, due.channel),
            shot_id=due.shot_id,
            request_id=due.request_id,
            at=now,
        )


def _preview(db: Transaction, due: EffectDue, request_id: str, now: float) -> None:
    """What Slack cannot show as it is, it shows beside it; only once the file itself is there, so
    that nothing waits for a preview."""
    execution = execution_of(db, request_id)
    if execution is None or not is_transparent(execution.work):
        return
    add_effect(
        db,
        Effect.PREVIEW,
        subject=(due.subject_id, due.version),
        place=(due.team_id, due.channel),
        shot_id=due.shot_id,
        request_id=request_id,
        at=now,
        payload={RESULT: due.result},
    )


def _captions(db: Transaction, due: EffectDue, request_id: str, now: float) -> None:
    """Its file of captions follows the film, once."""
    execution = execution_of(db, request_id)
    if execution is None or not execution.captions_key or due.result != 1:
        return
    add_effect(
        db,
        Effect.CAPTIONS,
        subject=(execution.id, 0),
        place=(due.team_id, due.channel),
        shot_id=due.shot_id,
        request_id=request_id,
        at=now,
    )


def _key(due: EffectDue) -> dict[str, str | int | float | None]:
    return {"subject": due.subject_id, "version": due.version, "kind": due.kind.value}
