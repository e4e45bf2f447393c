"""The way to Slack: its own client with another wire, and the session that streams bytes."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from types import TracebackType
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from tests.simulation import canaries, surfaces
from tests.simulation.facts import EPOCH
from tests.simulation.slack_world import NoSuch

if TYPE_CHECKING:
    from tests.simulation.world import World

LATENCY_S = (0.05, 0.3)
HANG_S = 40.0
SLOW_S = (1.0, 12.0)
CLOSED_SHARE = 0.4  # of the refusals of a channel: it stays so
_WRITES = ("chat.", "files.c", "views.")
_ANYWHERE = ("slack.lost_before", "slack.unsure_before", "slack.rate")
_IN_A_CHANNEL = ("slack.no_channel", "slack.not_in_channel", "slack.archived", "slack.restricted")
_WITH_BLOCKS = ("slack.blocks", "slack.too_long")
_OF_OUR_TOKEN = ("slack.revoked", "slack.inactive", "slack.bad_auth", "slack.no_scope")
# docs.slack.dev/reference/methods/chat.postMessage#errors
_WORDS = {
    "slack.unsure_before": "internal_error",
    "slack.blocks": "invalid_blocks",
    "slack.too_long": "msg_too_long",
    "slack.no_channel": "channel_not_found",
    "slack.not_in_channel": "not_in_channel",
    "slack.archived": "is_archived",
    "slack.restricted": "restricted_action",
    "slack.revoked": "token_revoked",
    "slack.inactive": "account_inactive",
    "slack.bad_auth": "invalid_auth",
    "slack.no_scope": "missing_scope",
}
_DISCONNECTED = "Server disconnected"
# It stands there and can't be edited any more, now or ever.
_STUCK = {"slack.cant_update": "cant_update_message", "slack.edit_window": "edit_window_closed"}


class SimSlackClient(AsyncWebClient):
    """slack_sdk's client down to the request that would leave."""

    def __init__(self, world: World, token: str, session: Any) -> None:
        super().__init__(token=token, session=session, retry_handlers=[])
        self._world = world

    async def _request(
        self, *, http_verb: str, api_url: str, req_args: dict[str, Any]
    ) -> dict[str, Any]:
        """One call. Raises what aiohttp raises when a wire breaks."""
        method = api_url.rsplit("/", 1)[1]
        arguments = dict(req_args.get("json") or req_args.get("params") or {})
        world = self._world
        about = world.slack.about(method, arguments)
        await world.cross(f"slack.{method}:send", str(arguments.get("channel", "")), about)
        surfaces.connected(world, api_url, surfaces.SLACKS_HOSTS)
        canaries.sent(world, api_url, req_args.get("headers") or {}, str(arguments))
        world.silence.called(method, arguments)
        struck = world.slack.refusal(arguments) or world.faults.strikes(
            *_kinds(method, arguments), about=about
        )
        await asyncio.sleep(world.latency(*LATENCY_S))
        if not struck and world.faults.strikes("slack.slow", about=about):
            await asyncio.sleep(world.faults.between(*SLOW_S))
        if struck:
            answer = self._refuse(struck, arguments)
        else:
            answer = self._carry_out(method, arguments, about)
            if method.startswith(_WRITES):
                answer = await self._spoil(answer, about)
        await world.cross(f"slack.{method}:answer", about=about)
        date = formatdate(EPOCH + world.loop.time(), usegmt=True)
        return {**answer, "headers": {"Date": date, **answer["headers"]}}

    def _carry_out(
        self, method: str, arguments: dict[str, Any], about: str | None
    ) -> dict[str, Any]:
        self._world.living()
        faults = self._world.faults
        try:
            shown = self._world.slack.messages.get(
                (arguments.get("channel", ""), arguments.get("ts", ""))
            )
            if method == "chat.update" and shown is not None and not shown.deleted:
                shown.deleted = faults.strikes("slack.deleted", about=about) is not None
                if stuck := faults.strikes(*_STUCK, about=about):
                    shown.stuck = _STUCK[stuck]
            return _ok(self._world.slack.call(method, arguments))
        except NoSuch as no_such:
            return _ok({"ok": False, "error": str(no_such)})

    def _refuse(self, kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if kind == "slack.rate":
            after_s = int(self._world.faults.between(1, 30))
            limited = {"ok": False, "error": "ratelimited"}
            return {"data": limited, "headers": {"Retry-After": str(after_s)}, "status_code": 429}
        if kind in _IN_A_CHANNEL and self._world.faults.between(0, 1) < CLOSED_SHARE:
            self._world.slack.close(arguments["channel"], kind)
        if kind in _OF_OUR_TOKEN:
            self._world.slack.was_refused = True
            if self._world.faults.between(0, 1) < CLOSED_SHARE:
                self._world.slack.uninstall()
        if kind in _WORDS:
            return _ok({"ok": False, "error": _WORDS[kind]})
        raise aiohttp.ServerDisconnectedError(_DISCONNECTED)

    async def _spoil(self, answer: dict[str, Any], about: str | None) -> dict[str, Any]:
        """Slack did it, and does not say so."""
        kinds = ("lost_after", "unsure_after", "broken_after", "timeout_after")
        match self._world.faults.strikes(*(f"slack.{kind}" for kind in kinds), about=about):
            case "slack.lost_after":
                raise aiohttp.ServerDisconnectedError(_DISCONNECTED)
            case "slack.unsure_after":
                return _ok({"ok": False, "error": "fatal_error"})
            case "slack.broken_after":
                return {"data": {}, "headers": {}, "status_code": 503}
            case "slack.timeout_after":
                await asyncio.sleep(HANG_S)
                raise TimeoutError
            case _:
                return answer


class SimSession:
    """What `bot.slack_transfers` and `SlackApi.respond` need of an aiohttp session."""

    def __init__(self, world: World) -> None:
        self._world = world

    def post(self, link: str, *, data: Any = None, json: Any = None, **more: Any) -> _Exchange:
        surfaces.connected(self._world, link, surfaces.SLACKS_HOSTS)
        canaries.sent(self._world, link, more.get("headers") or {}, str(json or ""))
        return _Exchange(self._posted(link, data, json))

    async def get(self, url: str, **more: Any) -> _Answer:
        world = self._world
        surfaces.connected(world, url, surfaces.SLACKS_HOSTS)
        canaries.sent(world, url, more.get("headers") or {})
        await world.cross("slack.file:send")
        await asyncio.sleep(world.latency(*LATENCY_S))
        if world.faults.strikes("slack.lost_before"):
            raise aiohttp.ServerDisconnectedError(_DISCONNECTED)
        content = world.slack.files[url.rsplit("/", 1)[1]].content or b""
        await world.cross("slack.file:answer")
        return _Answer(200, content, "image/png")

    async def _posted(self, link: str, data: Any, json: Any) -> _Answer:
        world = self._world
        await world.cross("slack.upload:send")
        content = b"".join([chunk async for chunk in data]) if data is not None else b""
        await asyncio.sleep(world.latency(*LATENCY_S))
        if world.faults.strikes("slack.lost_before"):
            raise aiohttp.ServerDisconnectedError(_DISCONNECTED)
        world.living()
        if json is None:
            world.slack.received(link, content)
        else:
            world.slack.responded(link, json)
        if world.faults.strikes("slack.lost_after"):
            raise aiohttp.ServerDisconnectedError(_DISCONNECTED)
        await world.cross("slack.upload:answer")
        return _Answer(200, b"ok", "text/plain")


class _Exchange:
    """`async with session.post(…) as response`."""

    def __init__(self, answering: Any) -> None:
        self._answering = answering

    async def __aenter__(self) -> _Answer:
        answer: _Answer = await self._answering
        return answer

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None


class _Answer:
    """As much of `aiohttp.ClientResponse` as is used."""

    def __init__(self, status: int, content: bytes, content_type: str) -> None:
        self.status = status
        self.content_type = content_type
        self.headers = {"Content-Length": str(len(content))}
        self.content = self
        self._left = content

    async def read(self, size: int = -1) -> bytes:
        chunk = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(chunk) :]
        return chunk

    async def text(self, errors: str = "strict") -> str:
        return self._left.decode(errors=errors)

    def close(self) -> None:
        """Nothing is open."""


def _kinds(method: str, arguments: dict[str, Any]) -> list[str]:
    """What can strike before a call is carried out."""
    kinds = [*_ANYWHERE, *_OF_OUR_TOKEN]
    if method.startswith("chat.") and str(arguments.get("channel", "")).startswith("C"):
        kinds += _IN_A_CHANNEL
    if "blocks" in arguments:
        kinds += _WITH_BLOCKS
    return kinds


def _ok(body: dict[str, Any]) -> dict[str, Any]:
    return {"data": body, "headers": {}, "status_code": 200}
