"""Turns what happens in the workspace into events for the app, with Slack's retries.

Sources: docs.slack.dev/apis/events-api (subscriptions, scopes, retries), /reference/events/message,
slack.md sections 1.6 and 2.3.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from sandbox.slack import wording
from sandbox.slack.delivery import Ack, Retry
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import Change, Channel

Json = dict[str, Any]
RETRY_WAITS_S = (0.0, 60.0, 300.0)
MESSAGE_EVENTS = {"public": "message.channels", "private": "message.groups", "im": "message.im"}
HISTORY_SCOPES = {"public": "channels:history", "private": "groups:history", "im": "im:history"}


class Events:
    """Listens to the world and delivers what the manifest subscribes to."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        workspace.world.subscribe(self.hear)

    def hear(self, change: Change) -> None:
        """Deliver the events of one change, where the bot is a member."""
        world = self._workspace.world
        is_member = world.bot.id in change.channel.members
        match change.kind:
            case "joined" | "left":
                self._membership(change)
            case "posted" if is_member:
                self._posted(change)
            case "changed" if is_member and not change.silent:
                self._edited(change)
            case "deleted" if is_member:
                self._deleted(change)

    def _posted(self, change: Change) -> None:
        """`message`, in addition `app_mention`, and `file_shared` for each file."""
        event = {**self._outward(change.message), **self._place(change.channel)}
        event["event_ts"] = event["ts"]
        if event.get("files") and "subtype" not in event:
            event["subtype"] = "file_share"
        self._message(change.channel, event)
        if self._is_mention(change):
            self._app_mention(change)
        for file in event.get("files", []):
            self._file_shared(change, file)

    def _place(self, channel: Channel) -> Json:
        return {"channel": channel.id, "channel_type": channel.type_word}

    def _outward(self, message: Json) -> Json:
        """Metadata reaches an app only with `metadata.message:read`."""
        if "metadata.message:read" in self._workspace.manifest.scopes:
            return message
        return {key: value for key, value in message.items() if key != "metadata"}

    def _message(self, channel: Channel, event: Json) -> None:
        self._send_if(MESSAGE_EVENTS[channel.kind], HISTORY_SCOPES[channel.kind], event)

    def _is_mention(self, change: Change) -> bool:
        """Not in DMs and not by the bot itself, /reference/events/app_mention."""
        world, message = self._workspace.world, change.message
        return (
            change.channel.kind != "im"
            and message.get("user") != world.bot.id
            and message.get("subtype") in (None, "file_share", "thread_broadcast")
            and world.bot.id in wording.mentioned_users(message.get("text", ""))
        )

    def _app_mention(self, change: Change) -> None:
        keys = ("user", "text", "ts", "team", "blocks", "thread_ts", "parent_user_id", "files")
        event = {key: change.message[key] for key in keys if key in change.message}
        event |= {
            "type": "app_mention",
            "channel": change.channel.id,
            "event_ts": change.message["ts"],
        }
        if client_msg_id := change.message.get("client_msg_id"):
            event["client_msg_id"] = client_msg_id
        self._send_if("app_mention", "app_mentions:read", event)

    def _file_shared(self, change: Change, file: Json) -> None:
        event = {
            "type": "file_shared",
            "file_id": file["id"],
            "file": {"id": file["id"]},
            "user_id": change.message.get("user"),
            "channel_id": change.channel.id,
            "event_ts": change.message["ts"],
        }
        self._send_if("file_shared", "files:read", event)

    def _edited(self, change: Change) -> None:
        """Subtype `message_changed`; also for the app's own messages."""
        ts = self._workspace.world.clock.ts()
        event = {
            "type": "message",
            "subtype": "message_changed",
            "message": self._outward(change.message),
            "previous_message": self._outward(change.previous or {}),
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            **self._place(change.channel),
        }
        self._message(change.channel, event)

    def _deleted(self, change: Change) -> None:
        ts = self._workspace.world.clock.ts()
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": self._outward(change.previous or {}),
            "deleted_ts": change.message["ts"],
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            **self._place(change.channel),
        }
        self._message(change.channel, event)

    def _membership(self, change: Change) -> None:
        word = "joined" if change.kind == "joined" else "left"
        event = {
            "type": f"member_{word}_channel",
            "user": change.user,
            "channel": change.channel.id,
            "channel_type": "C" if change.channel.kind == "public" else "G",
            "team": self._workspace.world.team["id"],
            "event_ts": self._workspace.world.clock.ts(),
        }
        if word == "joined":
            self._send_if(event["type"], "channels:read", event)
        else:
            gone = {"type": "channel_left", "channel": change.channel.id, "actor_id": change.user}
            self._send_if("channel_left", "channels:read", {**gone, "event_ts": event["event_ts"]})

    def home_opened(self, user: str, tab: str) -> None:
        """`app_home_opened`, when a person opens the app's DM or Home."""
        dm = self._workspace.world.dm_with_bot(user)
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": dm.id if dm else "",
            "tab": tab,
            "event_ts": self._workspace.world.clock.ts(),
        }
        self._send_if("app_home_opened", "", event)

    def uninstalled(self) -> None:
        """A removal's two events; no order is promised, /reference/events/app_uninstalled."""
        revoked = {"oauth": [], "bot": [self._workspace.world.bot.id]}
        ts = self._workspace.world.clock.ts()
        event: Json = {"type": "tokens_revoked", "tokens": revoked, "event_ts": ts}
        self._send_if("tokens_revoked", "", event)
        self._send_if("app_uninstalled", "", {"type": "app_uninstalled", "event_ts": ts})

    def _send_if(self, subscription: str, scope: str, event: Json) -> None:
        """Only what the manifest subscribes to and has the scope for."""
        manifest = self._workspace.manifest
        if subscription in manifest.events and (not scope or scope in manifest.scopes):
            self._workspace.later(self._deliver(self._wrapped(event)))

    def _wrapped(self, event: Json) -> Json:
        """The `event_callback` wrapper, /apis/events-api (callback field overview)."""
        workspace = self._workspace
        team, app_id = workspace.world.team["id"], workspace.world.app_id
        authorization = {
            "enterprise_id": None,
            "team_id": team,
            "user_id": workspace.world.bot.id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": workspace.tokens.verification,
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": None,
            "api_app_id": app_id,
            "event": event,
            "type": "event_callback",
            "event_id": workspace.ids.fresh("Ev"),
            "event_time": int(time.time()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_urlsafe(48)}",
        }

    async def _deliver(self, wrapper: Json) -> None:
        """Once, then at once, after 1 and after 5 minutes (scaled), until it is acked."""
        ack = await self._workspace.delivery.send("events", wrapper)
        for number, wait_s in enumerate(RETRY_WAITS_S, start=1):
            if ack.ok or ack.no_retry:
                return
            await asyncio.sleep(wait_s * self._workspace.options.retry_scale)
            ack = await self._again(wrapper, number, ack)
        if not ack.ok:
            note = f"LOST after {len(RETRY_WAITS_S)} retries: {wrapper['event_id']}"
            self._workspace.traffic.record("out", "bot", "POST", "events", note=note)

    async def _again(self, wrapper: Json, number: int, failed: Ack) -> Ack:
        retry = Retry(number, failed.reason or "http_error")
        return await self._workspace.delivery.send("events", wrapper, retry)
