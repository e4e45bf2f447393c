"""Everything one local Slack is made of, passed to whoever answers a request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.faults import Faults
from sandbox.slack.block_checks import Inspection
from sandbox.slack.delivery import ACK_LIMIT_S, Delivery, HttpTransport
from sandbox.slack.files import Files
from sandbox.slack.grants import Grants
from sandbox.slack.limits import Limits
from sandbox.slack.manifest import Manifest
from sandbox.slack.modals import Modals
from sandbox.slack.naming import Clock, Ids
from sandbox.slack.sockets import SocketTransport
from sandbox.slack.world import Change, Channel, World
from sandbox.traffic import Traffic

Json = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """How this Slack behaves. `retry_scale` shortens the 1 and 5 minutes between retries."""

    transport: Literal["socket", "http"] = "socket"
    request_url: str | None = None
    seed: str | None = None
    strict_rates: bool = True
    retry_scale: float = 1 / 20
    share_delay_s: float = 0.15
    ack_limit_s: float = ACK_LIMIT_S


@dataclass(frozen=True)
class Tokens:
    """The app's credentials."""

    bot: str
    app: str
    signing_secret: str
    verification: str


@dataclass
class Workspace:
    """One team, one app, one page."""

    options: Options
    manifest: Manifest
    faults: Faults
    traffic: Traffic
    tell: Callable[[Json], None]
    base_url: str = ""
    refusal: str = ""  # the word for the bot's token where it is worth nothing
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ids = Ids(self.options.seed)
        self.clock = Clock()
        self.world = World(self.manifest, self.ids, self.clock)
        self.tokens = _tokens(self.ids)
        self.files = Files(self.world, self.ids)
        self.modals = Modals(self.world, self.ids, self.tell)
        self.grants = Grants(self.clock, self.ids)
        self.limits = Limits(self.clock, strict=self.options.strict_rates)
        limit_s = self.options.ack_limit_s
        self.sockets = SocketTransport(
            self.world.app_id, self.clock, self.traffic, ack_limit_s=limit_s
        )
        self.http = HttpTransport(self.tokens.signing_secret, self.options.request_url, limit_s)
        transport = self.sockets if self.options.transport == "socket" else self.http
        self.delivery = Delivery(transport, self.faults, self.traffic)
        self.world.subscribe(self._tell_page)

    def serve_at(self, base_url: str) -> None:
        """Say where this Slack is reached; URLs in its answers begin with it."""
        self.base_url = self.files.base_url = base_url

    def look(self, surface: str) -> Inspection:
        """An inspection of blocks that knows this app's files and scopes."""
        return Inspection(surface, self._is_image_file, self.manifest.scopes)

    def _is_image_file(self, named: Json) -> bool:
        file = self.files.get(named.get("id") or _file_id_in(str(named.get("url", ""))))
        return bool(file and file.complete and file.is_image and self.files.app_may_see(file))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background, held until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel_background(self) -> None:
        """Drop shares and retries that are still to come."""
        for task in list(self._tasks):
            task.cancel()

    def reset(self) -> None:
        """Back to an empty workspace with the same people, channels and credentials."""
        self.cancel_background()
        self.refusal = ""
        self.world.reset()
        self.files.reset()
        self.modals.reset()
        self.grants.reset()
        self.limits.reset()
        self.delivery.reset()

    def permalink(self, channel: Channel, message: Json) -> str:
        """Where the page shows a message; Slack's own form of path."""
        link = f"{self.base_url}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
        thread_ts = message.get("thread_ts")
        return f"{link}?thread_ts={thread_ts}&cid={channel.id}" if thread_ts else link

    def _tell_page(self, change: Change) -> None:
        channel, message = change.channel.id, change.message
        match change.kind:
            case "posted" | "changed":
                self.tell({"type": "message", "channel": channel, "message": message})
            case "deleted" | "unwhispered":
                self.tell({"type": "message_deleted", "channel": channel, "ts": message["ts"]})
            case "joined" | "left":
                self.tell({"type": "reset"})
            case "whispered":
                told = {"channel": channel, "user": change.user, "message": message}
                self.tell({"type": "ephemeral", **told})


def _file_id_in(url: str) -> str:
    """The file id of a `url_private` or permalink."""
    found = re.search(r"[-/](F[A-Z0-9]+)/", url)
    return found[1] if found else ""


def _tokens(ids: Ids) -> Tokens:
    return Tokens(
        bot=f"xoxb-1-{ids.secret('bot-token', 24)}",
        app=f"xapp-1-{ids.named('A', 'app')}-{ids.secret('app-token', 40)}",
        signing_secret=ids.secret("signing-secret", 32),
        verification=ids.secret("verification-token", 24),
    )
