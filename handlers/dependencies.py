"""What a listener may use, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.errors import NotAllowed
from domain.ports import Clock, Database, Ids
from domain.standing import Reach
from storage.requests import Fresh, fresh


class ResponseUrls(Protocol):
    """Remembers how to answer the person behind a request, in memory only."""

    def keep(self, request_id: str, url: str) -> None: ...


class Views(Protocol):
    """Opens modals: the only calls to Slack that a listener makes."""

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None: ...
    async def update_view(self, view_id: str, hash_: str, view: Mapping[str, Any]) -> None: ...


class Admins(Protocol):
    """Who may pause, and cancel anything."""

    def __contains__(self, user: object, /) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The few things a listener may use. `wake` says that something is due now, `recast` that a
    name was missing from the lists, `silenced` that our token is worth nothing in a workspace (its
    id, and why). `makes_likenesses`: people's own faces and voices can be made into avatars and
    voices here."""

    database: Database
    clock: Clock
    ids: Ids
    reach: Callable[[], Reach]
    admins: Admins
    channels: Collection[str]
    budget_micro_usd: int
    timezone: str
    response_urls: ResponseUrls
    slack: Views
    wake: Callable[[], None]
    recast: Callable[[], None]
    silenced: Callable[[str, str], Awaitable[None]]
    makes_likenesses: bool
    bot_user_id: str
    bot_name: str

    def fresh(self) -> Fresh:
        """Names for a new shot, request and execution, drawn outside of any transaction."""
        return fresh(self.ids)

    def allows(self, channel: str) -> bool:
        """Whether the operator allows a channel; none listed means all."""
        return not self.channels or channel in self.channels

    def require_allowed(self, channel: str) -> None:
        """Raises `NotAllowed` for a channel that the operator does not allow."""
        if not self.allows(channel):
            raise NotAllowed("Dailies is not switched on in this channel.")
