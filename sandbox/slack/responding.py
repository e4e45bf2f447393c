"""Answers through a response URL or an ack body: ephemeral, in channel, replace or delete.

Source: docs.slack.dev/interactivity/handling-user-interaction (#message_responses), slack.md 1.2.
"""

from __future__ import annotations

import json
import time
from typing import Any

from aiohttp import web

from sandbox.slack import blocks, wording
from sandbox.slack.errors import SlackError, invalid_blocks
from sandbox.slack.grants import ResponseUrl
from sandbox.slack.shapes import bot_author
from sandbox.slack.striking import AFTER, BEFORE, status_of, strike
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]
KNOWN = (
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "metadata",
    "mrkdwn",
    "unfurl_links",
    "unfurl_media",
    "link_names",
    "parse",
)


class ResponseUrls:
    """The handler of `/commands/…`, `/actions/…` and `/app/…`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One use of a response URL, with its fault and its line of traffic."""
        started = time.monotonic()
        fault = self._workspace.faults.take("slack:response_url", *BEFORE, *AFTER)
        notes = [f"FAULT {fault.kind}"] if fault else []

        async def answer() -> web.StreamResponse:
            return await self._answer(request, notes)

        response = await strike(fault, request, answer)
        self._workspace.traffic.record(
            "in",
            "bot",
            request.method,
            "/response_url",
            status=status_of(request, response),
            elapsed_ms=round((time.monotonic() - started) * 1000, 1),
            note="; ".join(notes),
        )
        return response

    async def _answer(self, request: web.Request, notes: list[str]) -> web.StreamResponse:
        key = f"{request.match_info['id']}/{request.match_info['secret']}"
        try:
            body = await _body(request)
            grant = self._workspace.grants.use_response_url(key)
            if refusal := respond(self._workspace, grant, body):
                raise refusal
        except SlackError as error:
            notes += [error.code, *error.messages]
            is_gone = error.code in ("used_url", "expired_url", "no_such_url")
            return web.json_response(error.as_json(), status=404 if is_gone else 400)
        return web.Response(text="ok")


async def _body(request: web.Request) -> Json:
    raw = await request.text()
    if request.content_type == "application/x-www-form-urlencoded":
        raw = str((await request.post()).get("payload", ""))
    try:
        body = json.loads(raw)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body


def respond(workspace: Workspace, grant: ResponseUrl, body: Json) -> SlackError | None:
    """Do what an app's answer says; returns why not, if not.

    It bypasses membership: it works where the bot may not post (slack.md section 1.2).
    """
    if unknown := set(body) - set(KNOWN):
        return SlackError("invalid_payload", [f"unknown fields: {sorted(unknown)}"])
    if body.get("delete_original"):
        return _change_original(workspace, grant, None)
    try:
        content = _content(workspace, body)
    except SlackError as error:
        return error
    if body.get("replace_original") and grant.ts:
        return _change_original(workspace, grant, content)
    _post(workspace, grant, body=body, content=content)
    return None


def _content(workspace: Workspace, body: Json) -> Json:
    text, given = str(body.get("text") or ""), body.get("blocks")
    if isinstance(given, str):
        given = json.loads(given)
    if given and (problems := blocks.inspect_message(given, workspace.look("message"))):
        raise invalid_blocks(problems)
    if not (text or given or body.get("attachments")):
        raise SlackError("no_text")
    return {
        "text": wording.posted(text),
        **({"blocks": blocks.completed(given, workspace.ids)} if given else {}),
    }


def _change_original(
    workspace: Workspace, grant: ResponseUrl, content: Json | None
) -> SlackError | None:
    """Only the app's own message that was acted on can be replaced, never what a person wrote."""
    world = workspace.world
    if grant.ts is None:
        return SlackError("no_original_message")  # a slash command has none (?)
    if grant.is_ephemeral:
        world.change_whisper(grant.user, grant.ts, content)
        return None
    channel = world.channels[grant.channel]
    message = channel.messages.get(grant.ts)
    if message is None or message.get("bot_id") != world.bot_id:
        return SlackError("message_not_found")
    if content is None:
        world.delete(channel, grant.ts)
    else:
        world.change(channel, grant.ts, {"blocks": None, **content})
    return None


def _post(workspace: Workspace, grant: ResponseUrl, *, body: Json, content: Json) -> None:
    world = workspace.world
    channel = world.channels[grant.channel]
    thread_ts = body.get("thread_ts")
    if thread_ts in channel.messages:
        content = {**content, "thread_ts": thread_ts}
    author = bot_author(world)
    if body.get("response_type") != "in_channel":
        world.whisper(channel, grant.user, {**author, **content})
        return
    # such posts carry a bot_id and no user: they are no chat.postMessage (?)
    author.pop("user")
    world.post(channel, {"subtype": "bot_message", **author, **content})
