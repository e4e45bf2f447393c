"""A road to HeyGen: one address for submits, one for checks, and what it does against paying twice.

v3 videos, translations and templates keep an `Idempotency-Key` for 24 hours and answer the first
answer again (developers.heygen.com changelog, May 2026; heygen-cli `gen/template.go`): asking what
became of a submit is sending it again. The workflow endpoint and v1 and v2 have nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote

from domain.errors import Failure, FailureClass
from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Finished,
    Intent,
    Progress,
    Remote,
    Rendering,
    Submission,
    Uncertain,
    Unknown,
    Unreadable,
    Waiting,
)
from gateways.heygen_calls import Calls
from gateways.heygen_progress import BURNED_IN, PREFERRED, decode_accepted, decode_progress

DELETED_REMEMBERED = 200
UNCAPTIONED_SINCE = "uncaptioned_since"  # in a handle: the film was there, its captions were not
CAPTIONED_WAIT_S = 600.0
_DELETED = Failure(kind=FailureClass.STOPPED, detail="deleted before it began", billed=False)


class Road(Protocol):
    """What `HeyGen` asks of each of its roads."""

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission: ...
    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission: ...
    async def check(self, remote: Remote) -> Progress: ...
    async def cancel(self, remote: Remote) -> Cancellation: ...


def no_handle(_: Intent) -> Mapping[str, str]:
    """A check needs the id alone."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The addresses and bodies of a road. `check_at` gets a quoted id. `can_delete`: what is
    checked there can be deleted there, which ends it. `says_billing`: HeyGen says that what fails
    there is not charged."""

    submit_at: Callable[[Intent], str]
    encode: Callable[[Intent], bytes]
    check_at: Callable[[str], str]
    handle: Callable[[Intent], Mapping[str, str]] = no_handle
    is_keyed: bool = False
    can_delete: bool = False
    says_billing: bool = True


class PlainRoad:
    """A road whose submit answers the id that checks ask for."""

    def __init__(self, calls: Calls, endpoint: Endpoint) -> None:
        self._calls = calls
        self._endpoint = endpoint
        self._deleted: dict[str, None] = {}

    async def submit(self, intent: Intent, *, timeout_s: float) -> Submission:
        """The paid POST, once."""
        endpoint = self._endpoint
        answer = await self._calls.submit(
            intent,
            endpoint.submit_at(intent),
            endpoint.encode(intent),
            accepted=decode_accepted,
            timeout_s=timeout_s,
        )
        if isinstance(answer, Accepted):
            return replace(answer, handle=dict(endpoint.handle(intent)))
        return answer

    async def look_up(self, intent: Intent, *, timeout_s: float) -> Submission:
        """The same body with the same key again; nothing where no key is kept."""
        if not self._endpoint.is_keyed:
            return Uncertain("HeyGen cannot be asked what became of it")
        if intent.is_unwanted:
            return Uncertain("it was cancelled, so its key is not sent again")
        return await self.submit(intent, timeout_s=timeout_s)

    async def check(self, remote: Remote) -> Progress:
        """How far it is."""
        answer = await self._calls.read(self._address(remote))
        if isinstance(answer, Unreadable):
            return answer
        captions = remote.handle.get("captions")
        burned_in = captions in (BURNED_IN, PREFERRED)
        progress = decode_progress(answer, self._calls.secrets, burned_in=burned_in)
        if isinstance(progress, Unknown) and remote.remote_id in self._deleted:
            return Ended(_DELETED)
        if isinstance(progress, Finished) and captions is not None:
            return _once_captioned(progress, remote, now=answer.at)
        return progress if self._endpoint.says_billing else _perhaps_billed(progress)

    async def cancel(self, remote: Remote) -> Cancellation:
        """Delete it if it has not begun: that is not charged. What has begun would be paid and
        lost."""
        if not self._endpoint.can_delete:
            return Cancellation.NOT_OFFERED
        progress = await self.check(remote)
        if isinstance(progress, Unreadable):
            return Cancellation.UNREADABLE
        if not isinstance(progress, Waiting):
            return Cancellation.TOO_LATE
        answer = await self._calls.read(self._address(remote), method="DELETE")
        if isinstance(answer, Unreadable) or answer.status >= 500 or answer.status == 429:
            return Cancellation.UNREADABLE
        if answer.status >= 300:
            return Cancellation.TOO_LATE
        self._remember(remote.remote_id)
        return Cancellation.REQUESTED

    def _remember(self, remote_id: str) -> None:
        """So that the next check need not wait until an unknown id is lost for good. A process
        that forgot it waits."""
        self._deleted[remote_id] = None
        if len(self._deleted) > DELETED_REMEMBERED:
            del self._deleted[next(iter(self._deleted))]

    def _address(self, remote: Remote) -> str:
        return self._endpoint.check_at(quote(remote.remote_id, safe=":"))


def _once_captioned(made: Finished, remote: Remote, *, now: float) -> Progress:
    """Captions are made in a pass of their own, with an event of its own, so what they are in may
    come after the film (heygen-cli: `captioned_video_url`, `subtitle_url`,
    `avatar_video_caption.success`). It is waited for, but not for ever."""
    captions = remote.handle["captions"]
    if captions == PREFERRED:
        return replace(made, is_plain=False)
    if not (made.is_plain if captions == BURNED_IN else made.subtitle_url is None):
        return made
    since = remote.handle.get(UNCAPTIONED_SINCE)
    if since is None:
        return Rendering(learned={UNCAPTIONED_SINCE: str(now)})
    return Rendering() if now < float(since) + CAPTIONED_WAIT_S else made


def _perhaps_billed(progress: Progress) -> Progress:
    """A failure on a road whose billing is published nowhere; without credit nothing is billed."""
    if not isinstance(progress, Ended) or progress.failure.kind is FailureClass.CREDITS:
        return progress
    return Ended(progress.failure.model_copy(update={"billed": None}))
