"""What we say to a gateway and what it may answer: plain values, no wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import Failure
from domain.offer import Offer
from domain.request import REFERENCE_IMAGE, TAIL_IMAGE, Clip, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One submit, as it was written down before it is sent.

    `work` is resolved: model, aspect ratio and whatever the offer's wire can say are set. `links`
    has, for each place in `work.media`, what the gateway fetches there. `wished` is whether the
    person named the model, so that a vendor's own substitution is forbidden where that is possible.
    `callback_url` is where the vendor may tell us that it has ended, None without `PUBLIC_URL`.
    `continues` are the turns so far of the agent's conversation that goes on (`Agent.continues`),
    the first one first. `trace` comes with a look-up only.
    """

    execution_id: str
    attempt: int
    key: str
    offer: Offer
    work: Work
    links: Mapping[str, str] = field(default_factory=dict)
    wished: bool = False
    callback_url: str | None = None
    continues: tuple[Earlier, ...] = ()
    trace: Trace | None = None

    @property
    def is_unwanted(self) -> bool:
        """Whether it was cancelled while nobody knew what became of it."""
        return self.trace is not None and self.trace.cancelled

    @property
    def clip(self) -> Clip:
        """The work of an offer that makes clips. Raises TypeError for another kind."""
        if not isinstance(self.work, Clip):
            raise TypeError(f"{self.offer.name} makes clips, not a {self.work.kind}")
        return self.work

    @property
    def reference_image_url(self) -> str | None:
        """The picture that a clip starts from."""
        return self.links.get(REFERENCE_IMAGE)

    @property
    def tail_image_url(self) -> str | None:
        """The picture that a clip ends on."""
        return self.links.get(TAIL_IMAGE)


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of a submit whose answer was lost: when it was sent (Unix seconds), the id that
    a webhook named, which is never believed without asking, and the ids that other executions have.
    `twins`: how many others of the very same are on the wire, so that what is found by its input
    alone may be theirs in a moment. `cancelled`: nobody wants it any more, so asking must not be
    able to begin it.
    """

    sent_at: float
    hinted_id: str | None = None
    others: frozenset[str] = frozenset()
    twins: int = 0
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier execution at the same gateway: what it was accepted as, and the video it made."""

    remote_id: str
    handle: Mapping[str, str]
    remote_video_id: str | None = None


# What the handle of a spoken sample has: it is there at once.
AUDIO_URL, DURATION_S = "audio_url", "duration_s"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway took it. `handle` is what later calls need besides the id (fal's URLs)."""

    remote_id: str
    handle: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing reached the gateway: it may be sent again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The gateway refused it in its own words: nothing was accepted."""

    failure: Failure
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may have been accepted. Never sent again blindly."""

    reason: str


Submission = Accepted | NotSent | Rejected | Uncertain


@dataclass(frozen=True, slots=True)
class Remote:
    """An accepted execution, as later calls name it. `is_late`: its deadline has passed, so what
    has come is all that is waited for."""

    remote_id: str
    handle: Mapping[str, str]
    offer: Offer
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Accepted, not begun. `position` counts those ahead, where the gateway says."""

    position: int | None = None


@dataclass(frozen=True, slots=True)
class Rendering:
    """Being made. `fraction` (0–1) only where the gateway says. `learned` is what the handle did
    not have yet and later checks need (the video of a session)."""

    fraction: float | None = None
    learned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Further:
    """One more result of the same submit."""

    video_url: str
    remote_video_id: str | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """Made. `video_url` expires, as does `subtitle_url`, a file of captions where there is one.
    `billed_micro_usd` only where the gateway says what it cost. Where several were asked for,
    `further` has the others that came, and `failures` says why one did not. `served_from` is who
    made it, in the gateway's words, where it says so. `is_plain`: its captions belong into the
    picture, and are not there. `length_s` is how long it is, in seconds, where the gateway says so:
    what it bills by the second goes by that."""

    video_url: str
    asset_id: str | None = None
    remote_video_id: str | None = None
    seed: int | None = None
    billed_micro_usd: int | None = None
    subtitle_url: str | None = None
    served_from: str | None = None
    further: tuple[Further, ...] = ()
    failures: tuple[Failure, ...] = ()
    is_plain: bool = False
    length_s: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Ended without a video."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Unknown:
    """The gateway does not know this id (any more, or yet)."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The check itself failed: it says nothing about the render. `is_down`: nor did the gateway
    answer, or only that it is broken (5xx); any other answer says that it works."""

    reason: str
    retry_after_s: float | None = None
    is_down: bool = False


Progress = Waiting | Rendering | Finished | Ended | Unknown | Unreadable


class Cancellation(StrEnum):
    """What a gateway says to a cancel."""

    REQUESTED = "requested"
    TOO_LATE = "too_late"
    NOT_OFFERED = "not_offered"
    UNREADABLE = "unreadable"
