"""One call of a Web API method: its arguments, wherever slack_sdk put them, and who calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack import blocks
from sandbox.slack.errors import SlackError, invalid_blocks, missing_field
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import Channel, User

Json = dict[str, Any]
TRUE_WORDS = ("1", "true", "True")
SCOPE_WORDS = {"public": "channels", "private": "groups", "im": "im"}


@dataclass(frozen=True)
class Call:
    """A call that is authenticated; methods read their arguments from it."""

    workspace: Workspace
    method: str
    args: Json

    def text(self, name: str, default: str = "") -> str:
        """A string argument."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        """A string that must be there. Errors: SlackError invalid_arguments."""
        value = self.text(name)
        if not value:
            raise missing_field(name)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean, which forms write as `1` or `true`."""
        value = self.args.get(name, default)
        return value if isinstance(value, bool) else str(value) in TRUE_WORDS

    def number(self, name: str, default: int) -> int:
        """An integer. Errors: SlackError invalid_arguments."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise SlackError("invalid_arguments", [f"must be an integer: {name}"]) from None

    def structure(self, name: str, error: str) -> Any:
        """An object or list, itself or as JSON text; None when absent. Errors: that code."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def user(self, name: str = "user") -> User:
        """A user by id. Errors: SlackError user_not_found."""
        user = self.workspace.world.users.get(self.need(name))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def channel(self, name: str = "channel") -> Channel:
        """A conversation the bot may know of; a user id means the bot's DM with that person.

        Errors: SlackError channel_not_found, also for private ones the bot is not in.
        """
        world, wanted = self.workspace.world, self.need(name)
        channel = world.dm_with_bot(wanted) if wanted in world.users else None
        if channel is None:
            try:
                channel = world.channel(wanted)
            except KeyError:
                raise SlackError("channel_not_found") from None
        if channel.kind != "public" and world.bot.id not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def own_channel(self, name: str = "channel") -> Channel:
        """A conversation the bot is in. Errors: SlackError channel_not_found, not_in_channel."""
        channel = self.channel(name)
        if self.workspace.world.bot.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def need_scope(self, channel: Channel, action: str) -> None:
        """A scope by kind of conversation, e.g. `channels:history`. Errors: missing_scope."""
        needed = f"{SCOPE_WORDS[channel.kind]}:{action}"
        if needed not in self.workspace.manifest.scopes:
            raise missing_scope(self.workspace, needed)

    def blocks(self) -> list[Json] | None:
        """Checked and completed blocks. Errors: invalid_blocks_format, invalid_blocks."""
        given = self.structure("blocks", "invalid_blocks_format")
        if given is None:
            return None
        if not isinstance(given, list):
            raise SlackError("invalid_blocks_format")
        problems = blocks.inspect_message(given, self.workspace.look("message"))
        if problems:
            raise invalid_blocks(problems)
        return blocks.completed(given, self.workspace.ids)


def missing_scope(workspace: Workspace, needed: str) -> SlackError:
    """The refusal that names both scopes, docs.slack.dev/authentication/installing-with-oauth."""
    provided = ",".join(sorted(workspace.manifest.scopes))
    return SlackError("missing_scope", needed=needed, provided=provided)


async def read_arguments(request: web.Request, *, takes_json: bool) -> Json:
    """Arguments from query, form and JSON body, docs.slack.dev/apis/web-api (/#basics).

    JSON bodies are ignored by methods that do not list `application/json` as a content type.
    Errors: SlackError invalid_json, json_not_object.
    """
    args: Json = dict(request.query)
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.post()
        args.update({name: value for name, value in form.items() if isinstance(value, str)})
    elif request.content_type == "application/json" and takes_json:
        raw = await request.read()
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        args.update(body)
    return args
