"""What can happen to an execution, besides what a gateway answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import Failure
from domain.gateway import Progress, Submission
from domain.request import Work


class Hold(StrEnum):
    """Why a queued execution does not go yet."""

    UNDO = "undo"
    MESSAGE = "message"  # its take message is not posted yet
    CONFIRMATION = "confirmation"
    APPROVAL = "approval"
    PERSON_SLOTS = "person_slots"
    WORKSPACE_SLOTS = "workspace_slots"
    BUDGET = "budget"
    PAUSED = "paused"
    GATEWAY_BUSY = "gateway_busy"
    GATEWAY_DOWN = "gateway_down"
    DISK = "disk"
    SLACK = "slack"  # Slack refuses our token: nobody could be told of it
    CONVERSATION = "conversation"  # an earlier turn of it is still under way


@dataclass(frozen=True, slots=True)
class Prepared:
    """Its files are where the gateway can fetch them: a link for each place in `work.media`.
    `lengths_s` are the lengths of recordings and films that were looked into, by place; what they
    make dearer than `confirm_above_micro_usd` is asked about."""

    links: Mapping[str, str] = field(default_factory=dict)
    lengths_s: Mapping[str, float] = field(default_factory=dict)
    confirm_above_micro_usd: int = 0


@dataclass(frozen=True, slots=True)
class Unprepared:
    """Its pictures could not be brought to the gateway. `final`: trying again is pointless.
    `retry_after_s`: the other side said when to come back."""

    failure: Failure
    final: bool
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """It may not go yet; look again at `until`."""

    hold: Hold
    until: float | None


@dataclass(frozen=True, slots=True)
class Intended:
    """The submit is written down, its money reserved in `month`; sent before `lease_until`."""

    key: str
    lease_until: float
    month: str


@dataclass(frozen=True, slots=True)
class LeaseLapsed:
    """The submit was on the wire when its process ended: its fate is unknown."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The gateway was asked what became of a submit whose answer was lost."""

    answer: Submission


@dataclass(frozen=True, slots=True)
class Fetched:
    """The result is in our own store. `billed_micro_usd` is told or calculated, else None.
    `captions` is where its file of captions is kept: empty where it was asked for and could not be
    had, None where none was asked for."""

    billed_micro_usd: int | None
    captions: str | None = None


@dataclass(frozen=True, slots=True)
class Unfetched:
    """The result could not be fetched. `expired`: its link is dead, ask for a fresh one. `final`:
    it is not what was asked for; a fresh link is its last chance. `is_limit`: a limit of ours
    forbids it (its host, its size), which an operator may mend."""

    reason: str
    expired: bool
    final: bool = False
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A step of ours broke on a bug. `reason` is for *Details* and logs."""

    reason: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Somebody who may do so accepted the price."""


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Somebody who may do so cancelled it."""


@dataclass(frozen=True, slots=True)
class CancelSent:
    """The gateway was told to stop; whether it does, a check will say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """Its request changed inside the undo window: another work, another offer and price."""

    offer: str
    work: Work
    wished: bool
    estimate_micro_usd: int
    is_ceiling: bool
    not_before: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Abandoned:
    """It can never be sent: its message has no place, or its offer is gone. Nothing was paid."""

    failure: Failure


Event = (
    Prepared
    | Unprepared
    | Held
    | Intended
    | LeaseLapsed
    | LookedUp
    | Submission
    | Progress
    | Fetched
    | Unfetched
    | Broken
    | Confirmed
    | CancelRequested
    | CancelSent
    | Abandoned
    | Revised
)
