"""The Web API endpoint: token, scope, rate limit, fault, method, in Slack's order.

Sources: docs.slack.dev/apis/web-api, /apis/web-api/rate-limits, slack.md section 2.4 (tiers).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from sandbox.slack import chat, conversations, file_methods, people, view_methods
from sandbox.slack.calls import Call, missing_scope, read_arguments
from sandbox.slack.errors import SlackError
from sandbox.slack.striking import AFTER, BEFORE, rate_limited, status_of, strike
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]
# Calls a minute. `apps.connections.open` is tier 1 or 3, sources disagree (slack.md 2.4): 3 here.
TIER_2, TIER_3, TIER_4 = 20, 50, 100


@dataclass(frozen=True)
class Method:
    """How one method is called. `scope` may be empty where it depends on the conversation."""

    run: Callable[[Call], Awaitable[Json]]
    scope: str = ""
    per_minute: int | None = None
    takes_json: bool = True
    caller: Literal["bot", "app", "anyone"] = "bot"


METHODS: dict[str, Method] = {
    "api.test": Method(people.api_test, caller="anyone"),
    "auth.test": Method(people.auth_test),
    "apps.connections.open": Method(people.open_socket, "", TIER_3, caller="app"),
    "bots.info": Method(people.bot_info, "users:read", TIER_3, takes_json=False),
    "chat.delete": Method(chat.delete, "chat:write", TIER_3),
    "chat.getPermalink": Method(chat.get_permalink, takes_json=False),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write", TIER_4),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.update": Method(chat.update, "chat:write", TIER_3),
    "conversations.history": Method(conversations.history, "", TIER_3, takes_json=False),
    "conversations.info": Method(conversations.describe, "", TIER_3, takes_json=False),
    "conversations.list": Method(conversations.list_channels, "", TIER_2, takes_json=False),
    "conversations.members": Method(conversations.members, "", TIER_4, takes_json=False),
    "conversations.open": Method(conversations.open_dm, "im:write", TIER_3),
    "conversations.replies": Method(conversations.replies, "", TIER_3, takes_json=False),
    "files.completeUploadExternal": Method(file_methods.complete_upload, "files:write", TIER_4),
    "files.delete": Method(file_methods.delete, "files:write", TIER_3),
    "files.getUploadURLExternal": Method(
        file_methods.get_upload_url, "files:write", TIER_4, takes_json=False
    ),
    "files.info": Method(file_methods.describe, "files:read", TIER_4, takes_json=False),
    "reactions.add": Method(chat.add_reaction, "reactions:write", TIER_3),
    "team.info": Method(people.team_info, "team:read", TIER_3, takes_json=False),
    "users.info": Method(people.user_info, "users:read", TIER_4, takes_json=False),
    "users.list": Method(people.user_list, "users:read", TIER_2, takes_json=False),
    "views.open": Method(view_methods.open_view, "", TIER_4),
    "views.publish": Method(view_methods.publish_view, "", TIER_4),
    "views.push": Method(view_methods.push_view, "", TIER_4),
    "views.update": Method(view_methods.update_view, "", TIER_4),
}


class WebApi:
    """The handler of `/api/{method}`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One call, with its fault and its line of traffic."""
        name = request.match_info["method"]
        started = time.monotonic()
        notes: list[str] = []
        fault = self._workspace.faults.take(f"slack:{name}", *BEFORE, *AFTER)
        if fault:
            notes.append(f"FAULT {fault.kind}")

        async def answer() -> web.StreamResponse:
            return await self._answer(request, name, notes)

        response = await strike(fault, request, answer)
        self._workspace.traffic.record(
            "in",
            "bot",
            request.method,
            f"/api/{name}",
            status=status_of(request, response),
            elapsed_ms=round((time.monotonic() - started) * 1000, 1),
            note="; ".join(notes),
        )
        return response

    async def _answer(
        self, request: web.Request, name: str, notes: list[str]
    ) -> web.StreamResponse:
        try:
            method = METHODS.get(name)
            if method is None:
                notes.append("NOT BUILT HERE")
                raise SlackError("unknown_method", req_method=name)
            args = await read_arguments(request, takes_json=method.takes_json)
            self._authorize(request, method, args)
            channel = str(args.get("channel") or "")
            if wait_s := self._workspace.limits.wait_s(name, method.per_minute, channel):
                notes.append(f"ratelimited {wait_s} s")
                return rate_limited(wait_s)
            body = {"ok": True, **await method.run(Call(self._workspace, name, args))}
        except SlackError as error:
            body = error.as_json()
            notes += [error.code, *error.messages, *self._scope_notes(error)]
        return web.json_response(body, headers=self._headers(method))

    def _authorize(self, request: web.Request, method: Method, args: Json) -> None:
        """Errors: SlackError not_authed, invalid_auth, not_allowed_token_type, missing_scope, and
        what an app that was removed is told."""
        if method.caller == "anyone":
            return
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or str(args.get("token") or "")
        tokens = self._workspace.tokens
        if not token:
            raise SlackError("not_authed")
        if token not in (tokens.bot, tokens.app):
            raise SlackError("invalid_auth")
        if token != (tokens.app if method.caller == "app" else tokens.bot):
            raise SlackError("not_allowed_token_type")
        if method.caller == "bot" and self._workspace.refusal:
            raise SlackError(self._workspace.refusal)
        if method.scope and method.scope not in self._workspace.manifest.scopes:
            raise missing_scope(self._workspace, method.scope)

    def _scope_notes(self, error: SlackError) -> list[str]:
        return [f"needs {error.more['needed']}"] if "needed" in error.more else []

    def _headers(self, method: Method | None) -> dict[str, str]:
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._workspace.manifest.scopes))}
        if method and method.scope:
            headers["X-Accepted-OAuth-Scopes"] = method.scope
        return headers
