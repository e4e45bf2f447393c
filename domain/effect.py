"""One-time effects in Slack and what becomes of them: a small state machine, pure.

    todo ──▶ sending ──▶ sent
     ▲          │  └───▶ unknown ──(look for its mark)──▶ sending
     │          ├──busy, away──▶ todo
     │          ├──not in the channel──▶ blocked ──let in──▶ todo
     └──────────┘                          └──a day──▶ failed

Slack being busy or away costs an effect nothing but time; only what Slack clearly refuses counts
against it. What has failed is told elsewhere (`storage/fallbacks.py`), never just dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

HOUR_S = 3_600.0
POST_KEPT_S = 24 * HOUR_S  # nothing is paid before its message is posted
WORDS_KEPT_S = 7 * 24 * HOUR_S
BLOCKED_KEPT_S = 24 * HOUR_S
LOOK_AGAIN_S = 2.0
AWAY_MAX_S = 300.0
REFUSALS_MAX = 3
BROKEN_RETRY_S = 60.0


class Effect(StrEnum):
    """One-time effects."""

    POST_CARD = "post_card"
    POST_TAKE = "post_take"
    FILE = "file"
    PREVIEW = "preview"  # of a file that Slack does not show as it is
    CAPTIONS = "captions"  # of a file, beside it
    BROADCAST = "broadcast"
    PING = "ping"
    NOTICE = "notice"
    WHISPER = "whisper"


POSTS = frozenset({Effect.POST_CARD, Effect.POST_TAKE})
FILES = frozenset({Effect.FILE, Effect.PREVIEW, Effect.CAPTIONS})  # streamed beside their lane
LEAVES_A_TS = POSTS | {Effect.BROADCAST, Effect.PING}


class Sending(StrEnum):
    """Where a one-time effect is."""

    TODO = "todo"
    SENDING = "sending"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An effect under way. `tries` counts turns, `refusals` what Slack clearly said no to."""

    kind: Effect
    in_channel: bool
    created_at: float
    tries: int
    refusals: int


@dataclass(frozen=True, slots=True)
class Told:
    """It happened. `ref` is what Slack calls it, where it has a name."""

    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """Slack asks to wait."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Silent:
    """No clear answer: it may have happened."""

    reason: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Slack said no, with its own word."""

    code: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A bug of ours: it may have happened."""


Answer = Told | Busy | Silent | TurnedAway | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an effect is now. `due_at` None: never again. `holds_lane`: its channel waits too."""

    state: Sending
    due_at: float | None = None
    refusals: int = 0
    holds_lane: bool = False


# The bot is not where it should post, and can be invited.
_NOT_IN = frozenset({"not_in_channel", "channel_not_found"})
# Our token or account: every call says so until an operator mends it.
AWAY = frozenset(
    {
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
# Of those, what is said of the token itself: no call works, and `auth.test` says when they do again
# (docs.slack.dev/reference/methods/auth.test#errors).
DEAD = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
    }
)


def judge(telling: Telling, answer: Answer, *, now: float, jitter: float) -> Verdict:
    """What an effect is after Slack's answer. Pure."""
    match answer:
        case Told():
            return Verdict(state=Sending.SENT, refusals=telling.refusals)
        case Busy(after_s):
            return _wait(telling, Sending.TODO, now, after_s, holds_lane=True)
        case Silent():
            return _wait(telling, Sending.UNKNOWN, now, _away_s(telling, jitter))
        case Broken():
            counted = _counted(telling, now + BROKEN_RETRY_S)
            return Verdict(
                state=Sending.UNKNOWN if counted.due_at else Sending.FAILED,
                due_at=counted.due_at,
                refusals=counted.refusals,
            )
        case TurnedAway(code) if code in DEAD:
            return _wait(telling, Sending.TODO, now, 0.0)  # as soon as the token works again
        case TurnedAway(code) if code in AWAY:
            return _wait(telling, Sending.TODO, now, _away_s(telling, jitter))
        case TurnedAway(code) if code in _NOT_IN and _can_be_invited(telling):
            return Verdict(state=Sending.BLOCKED, due_at=now + BLOCKED_KEPT_S)
        case TurnedAway():
            return _counted(telling, now + LOOK_AGAIN_S * 2**telling.refusals)
        case _:
            assert_never(answer)


def _can_be_invited(telling: Telling) -> bool:
    """A channel can let us in; a conversation between people cannot."""
    return telling.kind is Effect.POST_CARD and telling.in_channel


def _away_s(telling: Telling, jitter: float) -> float:
    """How long to stay away: doubling up to five minutes."""
    widest_s = min(AWAY_MAX_S, LOOK_AGAIN_S * 2.0 ** min(telling.tries - 1, 16))
    return widest_s * (0.75 + 0.5 * jitter)


def _wait(
    telling: Telling, state: Sending, now: float, after_s: float, *, holds_lane: bool = False
) -> Verdict:
    """Later, as long as it is worth it."""
    kept_s = POST_KEPT_S if telling.kind in POSTS else WORDS_KEPT_S
    if now - telling.created_at > kept_s:
        return Verdict(state=Sending.FAILED, refusals=telling.refusals)
    return Verdict(
        state=state, due_at=now + after_s, refusals=telling.refusals, holds_lane=holds_lane
    )


def _counted(telling: Telling, again_at: float) -> Verdict:
    """A clear no counts; enough of them are an end."""
    refusals = telling.refusals + 1
    if refusals >= REFUSALS_MAX:
        return Verdict(state=Sending.FAILED, refusals=refusals)
    return Verdict(state=Sending.TODO, due_at=again_at, refusals=refusals)
