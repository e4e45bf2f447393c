"""An execution and the states it can be in. What leads from one to the next is `execution.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import Failure
from domain.events import Hold
from domain.gateway import Finished
from domain.offer import GatewayName
from domain.request import Work
from domain.schedule import NO_HISTORY, Durations
from domain.spoken import Translation
from domain.standing import Reach


class State(StrEnum):
    """Where an execution is."""

    PREPARING = "preparing"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    RUNNING = "running"
    FETCHING = "fetching"
    LATE = "late"
    UNCERTAIN = "uncertain"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


UNPAID = frozenset({State.PREPARING, State.QUEUED})
AT_GATEWAY = frozenset({State.SUBMITTING, State.RUNNING, State.FETCHING, State.LATE})
ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED})
TOLD = ENDED | {State.LATE, State.UNCERTAIN}
IN_A_SLOT = frozenset({State.SUBMITTING, State.RUNNING, State.FETCHING})  # a late one gave its back


def begins_in(work: Work) -> State:
    """Where work begins: only files have to be prepared, a take's video that goes on among them."""
    is_of_a_take = isinstance(work, Translation) and work.source_request_id is not None
    return State.PREPARING if work.media or is_of_a_take else State.QUEUED


CAPTIONS_KEPT = "captions_kept"  # in a handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One attempt to fulfil a request at one offer.

    `due_at` is when somebody must look again (None: never). `lease_until` bounds a submit on
    the wire. `held_since` is when its present hold began, `unknown_since` when its gateway began
    to say that it does not know it; `fetches_refused` counts results that cannot be what was
    asked for, `overdue_looks` the looks since it might have expired. Money is in micro-dollars;
    `reserved` counts against the budget until it is known what was billed.
    """

    id: str
    request_id: str
    shot_id: str
    team_id: str
    channel: str
    requester: str
    offer: str
    work: Work
    wished: bool = False
    state: State = State.PREPARING
    version: int = 0
    attempt: int = 0
    tries: int = 0
    due_at: float | None
    created_at: float
    not_before: float
    confirmed: bool = True
    hold: Hold | None = None
    held_since: float | None = None
    key: str | None = None
    lease_until: float | None = None
    submitted_at: float | None = None
    deadline_at: float | None = None
    ended_at: float | None = None
    cancel_requested_at: float | None = None
    cancel_sent: bool = False
    remote_id: str | None = None
    handle: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    queue_position: int | None = None
    fraction: float | None = None
    estimate_micro_usd: int
    is_ceiling: bool
    reserved_micro_usd: int = 0
    billed_micro_usd: int | None = None
    month: str | None = None
    unknown_since: float | None = None
    fetches_refused: int = 0
    overdue_looks: int = 0
    result: Finished | None = None
    failure: Failure | None = None

    @property
    def gateway(self) -> GatewayName:
        """Whom this execution pays."""
        return GatewayName(self.offer.partition("@")[2])

    @property
    def captions_key(self) -> str | None:
        """Where its file of captions is kept: empty where it could not be had, None where there is
        none to have."""
        return self.handle.get(CAPTIONS_KEPT)

    @property
    def cancelling(self) -> bool:
        """Somebody cancelled it while the gateway already had it."""
        return self.cancel_requested_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a step happens, how long such things take, and where else they could be made."""

    now: float
    jitter: float = 0.5
    durations: Durations = NO_HISTORY
    reach: Reach | None = None
