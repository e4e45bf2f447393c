"""The short-lived permissions of an interaction: trigger ids and response URLs.

Source: docs.slack.dev/interactivity/handling-user-interaction (3 s and one use; 30 min, five uses).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sandbox.slack.errors import SlackError
from sandbox.slack.naming import Clock, Ids

TRIGGER_LIFE_S = 3.0
RESPONSE_URL_LIFE_S = 30 * 60.0
RESPONSE_URL_USES = 5


@dataclass
class Trigger:
    """Permission to open one modal for one person."""

    user: str
    expires_at: float
    channel: str | None = None
    from_view: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an app may answer an interaction. `ts` names the message that was acted on."""

    user: str
    channel: str
    expires_at: float
    ts: str | None = None
    is_ephemeral: bool = False
    uses: int = 0


class Grants:
    """All triggers and response URLs."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids = clock, ids
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}

    def reset(self) -> None:
        """Forget all."""
        self._triggers.clear()
        self._response_urls.clear()

    def trigger(self, user: str, channel: str | None = None, from_view: str | None = None) -> str:
        """A new trigger id."""
        trigger_id = f"{secrets.randbits(40)}.{secrets.randbits(40)}.{secrets.token_hex(16)}"
        expires_at = self._clock.now() + TRIGGER_LIFE_S
        self._triggers[trigger_id] = Trigger(user, expires_at, channel, from_view)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger up. Errors: SlackError invalid_, expired_, exchanged_trigger_id."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if trigger.expires_at < self._clock.now():
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def response_path(self, kind: str, grant: ResponseUrl) -> str:
        """The path of a new response URL; `kind` is `commands`, `actions` or `app`."""
        key = f"{self._ids.fresh('', 12)}/{secrets.token_urlsafe(18)}"
        grant.expires_at = self._clock.now() + RESPONSE_URL_LIFE_S
        self._response_urls[key] = grant
        return f"/{kind}/{key}"

    def response_urls(self) -> list[str]:
        """The paths given out, oldest first; `kind` does not matter, the key does."""
        return [f"/commands/{key}" for key in self._response_urls]

    def use_response_url(self, key: str) -> ResponseUrl:
        """Count one use. Errors: SlackError no_such_url (?), expired_url, used_url."""
        grant = self._response_urls.get(key)
        if grant is None:
            raise SlackError("no_such_url")
        if grant.expires_at < self._clock.now():
            raise SlackError("expired_url")
        if grant.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        grant.uses += 1
        return grant
