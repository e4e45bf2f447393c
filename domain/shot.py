"""Shots and takes as people see them: a thread with a number, and its numbered takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.execution import Execution, State
from domain.request import Request, results_of


class OutcomeKind(StrEnum):
    """How a request ended. `late` and `uncertain` may change once."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LATE = "late"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The one outcome of a request; `revised_at` where it changed after being told."""

    kind: OutcomeKind
    at: float
    revised_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A finished result in our own store; `number` counts those of one execution from 1."""

    id: str
    team_id: str
    execution_id: str
    request_id: str
    media_key: str
    thumbnail_key: str
    sha256: str
    size_bytes: int
    duration_s: float
    width_px: int
    height_px: int
    has_sound: bool
    created_at: float
    number: int = 1
    slack_file_id: str | None = None
    slack_file_ts: str | None = None

    @property
    def extension(self) -> str:
        """How it is written: `mp4`, `webm`, `mov`."""
        return self.media_key.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A thread with a number people can say: V-142."""

    id: str
    team_id: str
    number: int
    channel: str
    requester: str
    created_at: float
    approved: str | None = None
    approved_by: str | None = None
    card_ts: str | None = None

    @property
    def label(self) -> str:
        """`V-142`."""
        return f"V-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One request of a shot, with what became of it so far. `execution` is its latest, `tried` the
    offers that failed it before, `sentence` the selector's, `videos` its results by number."""

    request: Request
    execution: Execution
    sentence: str = ""
    outcome: Outcome | None = None
    videos: tuple[Video, ...] = ()
    message_ts: str | None = None
    tried: tuple[str, ...] = ()

    @property
    def video(self) -> Video | None:
        """The first result, if there is one."""
        return next(iter(self.videos), None)

    @property
    def results(self) -> int:
        """How many results were asked for."""
        return results_of(self.execution.work)

    @property
    def is_unshared(self) -> bool:
        """Whether a result is kept but does not show in its thread (yet)."""
        return any(video.slack_file_ts is None for video in self.videos)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A shot with all its takes, oldest first: what a card is rendered from. `kept_out`: it waits
    for somebody to let us into its channel."""

    shot: Shot
    takes: tuple[Take, ...]
    kept_out: bool = False

    def take(self, request_id: str) -> Take:
        """The take of one request. Raises KeyError."""
        for take in self.takes:
            if take.request.id == request_id:
                return take
        raise KeyError(request_id)

    @property
    def latest(self) -> Take:
        """The newest take."""
        return self.takes[-1]

    @property
    def spent_micro_usd(self) -> int:
        """What the thread has cost so far: billed where known, else what stays reserved."""
        return sum(money_of(take.execution) for take in self.takes)


def money_of(execution: Execution) -> int:
    """What one execution counts for: billed where it is known, else what is reserved for it."""
    if execution.billed_micro_usd is not None:
        return execution.billed_micro_usd
    return execution.reserved_micro_usd


def outcome_kind(state: State) -> OutcomeKind | None:
    """The outcome that a state is, if it is one that people are told."""
    try:
        return OutcomeKind(state.value)
    except ValueError:
        return None
