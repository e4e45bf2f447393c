"""The workspace: people, channels and messages, in memory, with Slack's shapes.

It knows nothing of HTTP. Whoever must tell the app or the page about a change subscribes to it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.slack.manifest import Manifest
from sandbox.slack.naming import Clock, Ids

Json = dict[str, Any]
ChannelKind = Literal["public", "private", "im"]
SLACKBOT = "USLACKBOT"
PEOPLE = {"ada": "Ada", "ben": "Ben", "cleo": "Cleo"}


@dataclass(frozen=True)
class User:
    """A person or the bot user. Ada is the workspace's primary owner."""

    id: str
    name: str
    real_name: str
    is_admin: bool = False
    is_bot: bool = False


@dataclass
class Channel:
    """A channel or DM; messages in order of `ts`, replies by their thread."""

    id: str
    name: str
    kind: ChannelKind
    members: set[str]
    creator: str
    created: int
    messages: dict[str, Json] = field(default_factory=dict)
    replies: dict[str, list[str]] = field(default_factory=dict)

    @property
    def type_word(self) -> str:
        """`channel_type` of events, /reference/events/message."""
        return {"public": "channel", "private": "group", "im": "im"}[self.kind]


@dataclass(frozen=True)
class Change:
    """Something that happened; `message` and `previous` are copies."""

    kind: Literal["posted", "changed", "deleted", "whispered", "unwhispered", "joined", "left"]
    channel: Channel
    message: Json
    previous: Json | None = None
    user: str | None = None
    silent: bool = False


class World:
    """All state of the workspace but files and views."""

    def __init__(self, manifest: Manifest, ids: Ids, clock: Clock) -> None:
        self.ids, self.clock = ids, clock
        self.team: Json = {"id": ids.named("T", "team"), "name": "Sandbox", "domain": "sandbox"}
        self.app_id = ids.named("A", "app")
        self.bot_id = ids.named("B", "bot")
        self.app_name = manifest.app_name
        self.bot = User(
            ids.named("U", "bot-user"), manifest.bot_name, manifest.app_name, is_bot=True
        )
        slackbot = User(SLACKBOT, "slackbot", "Slackbot")
        self.users = {user.id: user for user in [*self._people(), self.bot, slackbot]}
        self.channels: dict[str, Channel] = {}
        self.whispers: dict[str, list[Json]] = {}
        self._names = {user.name.lower(): user for user in self.users.values()}
        self._hearers: list[Callable[[Change], None]] = []
        self.reset()

    def _people(self) -> Iterator[User]:
        for name, real_name in PEOPLE.items():
            yield User(self.ids.named("U", name), name, real_name, is_admin=name == "ada")

    def reset(self) -> None:
        """Empty channels with their first members."""
        self.channels.clear()
        self.whispers.clear()
        people = [self.user(name).id for name in PEOPLE]
        for name, kind, members in (
            ("general", "public", [*people, self.bot.id]),
            ("launch-film", "public", [*people, self.bot.id]),
            ("not-a-member", "public", people),
            ("secret-launch", "private", [people[0], people[1], self.bot.id]),
        ):
            self._add_channel(name, kind, members)  # type: ignore[arg-type] # kinds from the table
        for name in PEOPLE:
            self._add_channel(f"dm-{name}", "im", [self.user(name).id, self.bot.id])
        self._add_channel("dm-ada-ben", "im", [people[0], people[1]])

    def _add_channel(self, name: str, kind: ChannelKind, members: list[str]) -> Channel:
        prefix = "D" if kind == "im" else "C"
        channel = Channel(
            id=self.ids.named(prefix, name),
            name=name,
            kind=kind,
            members=set(members),
            creator=members[0],
            created=int(self.clock.now()),
        )
        self.channels[channel.id] = channel
        return channel

    def subscribe(self, hear: Callable[[Change], None]) -> None:
        """Call `hear` with every further change."""
        self._hearers.append(hear)

    def _tell(self, change: Change) -> None:
        for hear in self._hearers:
            hear(change)

    def user(self, name_or_id: str) -> User:
        """Find a user. Errors: KeyError."""
        return self.users.get(name_or_id) or self._names[name_or_id.lower().lstrip("@")]

    def channel(self, name_or_id: str) -> Channel:
        """Find a channel by id or by name, with or without `#`. Errors: KeyError."""
        if found := self.channels.get(name_or_id):
            return found
        wanted = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if channel.name == wanted:
                return channel
        raise KeyError(name_or_id)

    def dm_with_bot(self, user_id: str) -> Channel | None:
        """The bot's DM with a person."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {user_id, self.bot.id}:
                return channel
        return None

    def resolve_name(self, sigil: str, name: str) -> str | None:
        """The control sequence for a typed `@name` or `#name`, or None."""
        if sigil == "@":
            if name in {"here", "channel", "everyone"}:
                return f"<!{name}>"
            user = self._names.get(name.lower())
            return f"<@{user.id}>" if user else None
        try:
            channel = self.channel(name)
        except KeyError:
            return None
        return f"<#{channel.id}|{channel.name}>" if channel.kind != "im" else None

    def post(self, channel: Channel, message: Json) -> Json:
        """Add a message (with `thread_ts` for a reply, checked by the caller) and return it."""
        message = {"type": "message", "ts": self.clock.ts(), "team": self.team["id"], **message}
        channel.messages[message["ts"]] = message
        thread_ts = message.get("thread_ts")
        if thread_ts:
            self._join_thread(channel, message)
        self._tell(Change("posted", channel, copy.deepcopy(message)))
        if thread_ts:
            self._tell_silently(channel, channel.messages[thread_ts])
        return message

    def _join_thread(self, channel: Channel, message: Json) -> None:
        parent = channel.messages[message["thread_ts"]]
        message["parent_user_id"] = parent.get("user", SLACKBOT)
        if message.get("subtype") == "thread_broadcast":
            message["root"] = copy.deepcopy(parent)
        channel.replies.setdefault(parent["ts"], []).append(message["ts"])
        self._count_replies(channel, parent)

    def _count_replies(self, channel: Channel, parent: Json) -> None:
        replies = channel.replies.get(parent["ts"], [])
        people: dict[str, None] = {}
        for ts in replies:
            people[channel.messages[ts].get("user") or channel.messages[ts]["bot_id"]] = None
        if not replies:
            for key in ("thread_ts", "reply_count", "reply_users", "reply_users_count"):
                parent.pop(key, None)
            parent.pop("latest_reply", None)
            return
        parent.update(
            thread_ts=parent["ts"],
            reply_count=len(replies),
            reply_users=list(people)[:5],
            reply_users_count=len(people),
            latest_reply=replies[-1],
            is_locked=False,
            subscribed=False,
        )

    def _tell_silently(self, channel: Channel, message: Json) -> None:
        """The page wants the new reply count; the Events API has no event for it."""
        self._tell(Change("changed", channel, copy.deepcopy(message), silent=True))

    def change(self, channel: Channel, ts: str, new: Json, *, silent: bool = False) -> Json:
        """Replace fields of a message; None removes one. `silent` changes are no edit events."""
        message = channel.messages[ts]
        previous = copy.deepcopy(message)
        for key, value in new.items():
            if value is None:
                message.pop(key, None)
            else:
                message[key] = value
        told = Change("changed", channel, copy.deepcopy(message), previous, silent=silent)
        self._tell(told)
        return message

    def delete(self, channel: Channel, ts: str) -> None:
        """Remove a message. A parent with replies stays as a tombstone, as Slack keeps it."""
        message = channel.messages[ts]
        if channel.replies.get(ts):
            self.change(
                channel,
                ts,
                {
                    "subtype": "tombstone",
                    "user": SLACKBOT,
                    "hidden": True,
                    "text": "This message was deleted.",
                    **dict.fromkeys(
                        ("blocks", "files", "bot_id", "app_id", "bot_profile", "metadata")
                    ),
                },
            )
            return
        del channel.messages[ts]
        self._leave_thread(channel, message)
        self._tell(Change("deleted", channel, {"ts": ts}, copy.deepcopy(message)))

    def _leave_thread(self, channel: Channel, message: Json) -> None:
        parent = channel.messages.get(message.get("thread_ts", ""))
        if parent is None or parent is message:
            return
        channel.replies[parent["ts"]].remove(message["ts"])
        self._count_replies(channel, parent)
        self._tell_silently(channel, parent)

    def whisper(self, channel: Channel, user_id: str, message: Json) -> Json:
        """Show an ephemeral message to one person."""
        message = {
            "type": "message",
            "ts": self.clock.ts(),
            "team": self.team["id"],
            "channel": channel.id,
            "is_ephemeral": True,
            **message,
        }
        self.whispers.setdefault(user_id, []).append(message)
        self._tell(Change("whispered", channel, copy.deepcopy(message), user=user_id))
        return message

    def find_whisper(self, user_id: str, ts: str) -> Json | None:
        """A person's ephemeral message, newest first."""
        return next((m for m in reversed(self.whispers.get(user_id, [])) if m["ts"] == ts), None)

    def change_whisper(self, user_id: str, ts: str, new: Json | None) -> None:
        """Replace an ephemeral message's content, or remove it with None."""
        message = self.find_whisper(user_id, ts)
        if message is None:
            return
        channel = self.channels[message["channel"]]
        if new is None:
            self.whispers[user_id].remove(message)
            self._tell(Change("unwhispered", channel, {"ts": ts}, user=user_id))
            return
        message.pop("blocks", None)
        message.update(new)
        self._tell(Change("whispered", channel, copy.deepcopy(message), user=user_id))

    def join(self, channel: Channel, inviter: str) -> None:
        """Bring the bot into a channel, with the message Slack posts."""
        if self.bot.id in channel.members:
            return
        channel.members.add(self.bot.id)
        self._tell(Change("joined", channel, {}, user=self.bot.id))
        text = f"<@{self.bot.id}> has joined the channel"
        joined = {"subtype": "channel_join", "user": self.bot.id, "text": text, "inviter": inviter}
        self.post(channel, joined)

    def leave(self, channel: Channel) -> None:
        """Take the bot out of a channel."""
        if self.bot.id not in channel.members:
            return
        channel.members.discard(self.bot.id)
        self._tell(Change("left", channel, {}, user=self.bot.id))
        text = f"<@{self.bot.id}> was removed from the channel"
        self.post(channel, {"subtype": "channel_leave", "user": self.bot.id, "text": text})
