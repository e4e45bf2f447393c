"""Somebody's own face or voice, made into an avatar or a voice at a vendor: all that can happen.

    asked ──▶ submitting ──▶ making ──▶ ready
      │ ▲         │ ▲ │         └─────▶ failed
      │ └not sent─┘ └─┴─ doubt: a face is sent again with its key, a voice is looked for by its name
      └──▶ failed

It is written down before it is sent, as a render is: HeyGen takes a key for avatars
(developers.heygen.com/changelog, May 2026), so a lost answer is asked for again and paid once. A
cloned voice costs nothing and has no key; it is found again in the account's list, or given up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from domain.errors import Failure, FailureClass
from domain.gateway import Accepted, NotSent, Rejected, Submission, Uncertain
from domain.money import as_usd
from domain.schedule import backoff_s
from domain.shape import Media

AVATAR_MICRO_USD = 1_000_000  # developers.heygen.com/docs/pricing: avatar creation
NAME_MAX_CHARS = 60
SUBMIT_LEASE_S = 420.0  # longer than an upload and the submit may take together
TRIES_MAX = 10
KEY_KEPT_S = 23 * 3_600.0  # HeyGen keeps a key for 24 h
VOICE_LOOKED_FOR_S = 15 * 60.0
MADE_WITHIN_S = 24 * 3_600.0
# HeyGen's own skill: 30 to 90 seconds a face.
CHECK_MIN_S, CHECK_MAX_S = 3.0, 300.0
NO_BUDGET = "budget"  # the field of a failure that is the month's budget


class LikenessKind(StrEnum):
    """What is made of a person."""

    FACE = "face"
    VOICE = "voice"


class LikenessState(StrEnum):
    """Where it is."""

    ASKED = "asked"
    SUBMITTING = "submitting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


LIKENESS_ENDED = frozenset({LikenessState.READY, LikenessState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """One wish to make an avatar of a picture, or a voice of a recording. `consented_at`: when the
    requester confirmed that it is theirs, or that they may use it. `due_at` is schedule and lease.
    Money is in micro-dollars."""

    id: str
    team_id: str
    channel: str
    requester: str
    kind: LikenessKind
    name: str
    file: Media
    consented_at: float
    state: LikenessState = LikenessState.ASKED
    version: int = 0
    due_at: float | None
    tries: int = 0
    key: str | None = None
    submitted_at: float | None = None
    doubted_at: float | None = None
    remote_id: str | None = None
    month: str | None = None
    reserved_micro_usd: int = 0
    billed_micro_usd: int | None = None
    failure: Failure | None = None

    @property
    def price_micro_usd(self) -> int:
        """What it costs: a cloned voice nothing."""
        return price_of(self.kind)


def price_of(kind: LikenessKind) -> int:
    """Micro-dollars of one."""
    return AVATAR_MICRO_USD if kind is LikenessKind.FACE else 0


def price_words(kind: LikenessKind) -> str:
    """As it is told before."""
    price = price_of(kind)
    return as_usd(price) if price else "nothing"


def intended(before: Likeness, *, key: str, month: str, now: float) -> Likeness:
    """About to be sent. What was on the wire before is in doubt: it keeps the key, the moment and
    the money of its first submit."""
    was_sent = before.state is LikenessState.SUBMITTING
    return replace(
        _next(before),
        doubted_at=before.doubted_at or (now if was_sent else None),
        state=LikenessState.SUBMITTING,
        key=before.key or key,
        month=before.month or month,
        submitted_at=before.submitted_at or now,
        reserved_micro_usd=before.price_micro_usd,
        due_at=now + SUBMIT_LEASE_S,
    )


def doubted(before: Likeness, now: float) -> Likeness:
    """It was on the wire, and nobody knows what became of it."""
    return replace(before, doubted_at=before.doubted_at or now)


def answered(before: Likeness, answer: Submission, *, now: float, jitter: float) -> Likeness:
    """After a submit, or a second one with the same key, or a look for it."""
    is_first = before.doubted_at is None
    match answer:
        case Accepted(remote_id):
            making = LikenessState.MAKING
            return replace(
                _next(before), state=making, tries=0, remote_id=remote_id, due_at=now + CHECK_MIN_S
            )
        case NotSent(reason) if is_first:
            return postponed(before, reason, now=now, jitter=jitter)
        case Rejected(failure, retry_after_s) if is_first and failure.kind is FailureClass.RATE:
            return postponed(before, failure.detail, now=now, jitter=jitter, after_s=retry_after_s)
        case Rejected(failure) if is_first:
            return failed(before, failure)
        case NotSent(reason) | Uncertain(reason):
            return _doubted(before, reason, now=now, jitter=jitter)
        case Rejected(failure):
            return _refused_in_doubt(before, failure, now=now, jitter=jitter)
        case _:
            assert_never(answer)


def _refused_in_doubt(before: Likeness, failure: Failure, *, now: float, jitter: float) -> Likeness:
    """A vendor may look at the work before it looks at the key: what it refuses now it may have
    taken before. That is said again each time, so it is not asked for all day."""
    if failure.kind in _ABOUT_THE_WORK and before.tries + 1 >= TRIES_MAX:
        doubt = Failure(kind=FailureClass.UNCERTAIN, detail=failure.detail, billed=None)
        return failed(before, doubt)
    return _doubted(before, failure.detail, now=now, jitter=jitter)


_ABOUT_THE_WORK = frozenset({FailureClass.BAD_INPUT, FailureClass.REFUSED_CONTENT})


def postponed(
    before: Likeness, reason: str, *, now: float, jitter: float, after_s: float | None = None
) -> Likeness:
    """Nothing was sent: later once more, with its money free, or given up."""
    if before.tries + 1 >= TRIES_MAX:
        return failed(before, Failure(kind=FailureClass.TRANSIENT, detail=reason))
    delay_s = after_s if after_s is not None else backoff_s(before.tries, jitter)
    return replace(
        _next(before),
        state=LikenessState.ASKED,
        tries=before.tries + 1,
        key=None,
        submitted_at=None,
        reserved_micro_usd=0,
        month=None,
        due_at=now + delay_s,
    )


def hindered(
    before: Likeness, failure: Failure, *, final: bool, now: float, jitter: float
) -> Likeness:
    """It could not be sent now, or ever. What was sent before stays in doubt."""
    if before.state is LikenessState.SUBMITTING:
        return _doubted(before, failure.detail, now=now, jitter=jitter)
    if final:
        return failed(before, failure)
    return postponed(before, failure.detail, now=now, jitter=jitter)


def failed(before: Likeness, failure: Failure) -> Likeness:
    """It will not be. Only a doubt keeps its money reserved: the vendor may have taken it."""
    kept = before.reserved_micro_usd if failure.billed is None else 0
    return replace(
        _next(before),
        state=LikenessState.FAILED,
        failure=failure,
        reserved_micro_usd=kept,
        due_at=None,
    )


def looked_at(before: Likeness, said: object, *, now: float) -> Likeness:
    """While it is made. `said`: a `Failure` of the vendor, None for not yet, else it is ready."""
    match said:
        case None if now >= (before.submitted_at or now) + MADE_WITHIN_S:
            never = "it was not ready within a day"
            return failed(before, Failure(kind=FailureClass.DRIFT, detail=never, billed=None))
        case None:
            waited_s = now - (before.submitted_at or now)
            pause_s = min(CHECK_MAX_S, max(CHECK_MIN_S, waited_s / 6))
            return replace(_next(before), due_at=now + pause_s)
        case Failure() as failure:
            return failed(before, failure)
        case _:
            return replace(
                _next(before),
                state=LikenessState.READY,
                reserved_micro_usd=0,
                billed_micro_usd=before.price_micro_usd,
                due_at=None,
            )


def _doubted(before: Likeness, reason: str, *, now: float, jitter: float) -> Likeness:
    """It may have been made. It is asked about, never begun a second time."""
    kept_s = KEY_KEPT_S if before.kind is LikenessKind.FACE else VOICE_LOOKED_FOR_S
    if now >= (before.submitted_at or now) + kept_s:
        return failed(before, Failure(kind=FailureClass.UNCERTAIN, detail=reason, billed=None))
    delay_s = backoff_s(before.tries, jitter)
    return replace(
        _next(before),
        doubted_at=before.doubted_at or now,
        tries=before.tries + 1,
        due_at=now + delay_s,
    )


def _next(before: Likeness) -> Likeness:
    return replace(before, version=before.version + 1)
