"""A local Slack for one test, in the test's own loop, with official clients to talk to it."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.running import Sandbox, start
from sandbox.slack.manifest import Manifest
from sandbox.slack.workspace import Options

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
MANIFEST: Json = yaml.safe_load((ROOT / "manifest.yml").read_text())


def manifest(
    *, without: str = "", also: tuple[str, ...] = (), events: tuple[str, ...] = ()
) -> Json:
    """The project's manifest, one scope less, or more scopes and events."""
    raw = copy.deepcopy(MANIFEST)
    scopes = raw["oauth_config"]["scopes"]
    scopes["bot"] = [scope for scope in scopes["bot"] if scope != without] + list(also)
    raw["settings"]["event_subscriptions"]["bot_events"] += list(events)
    return raw


@dataclass
class LocalSlack:
    """A running sandbox and clients for both sides of it."""

    sandbox: Sandbox
    session: aiohttp.ClientSession
    greeting: Json
    client: AsyncWebClient

    async def control(self, call: str, **body: Any) -> Json:
        """Do something as a person; it must succeed."""
        status, answer = await self.try_control(call, **body)
        assert status == 200, answer
        return answer

    async def try_control(self, call: str, **body: Any) -> tuple[int, Json]:
        """Do something that may be refused."""
        async with self.session.post(f"{self.greeting['control_url']}/{call}", json=body) as sent:
            return sent.status, await sent.json()

    async def look(self, what: str) -> Any:
        """A GET of the control API."""
        async with self.session.get(f"{self.greeting['control_url']}/{what}") as answer:
            return await answer.json()

    async def refusal(self, method: str, **args: Any) -> Json:
        """The error answer of a Web API call that must fail."""
        try:
            await self.client.api_call(method, json=args)
        except SlackApiError as error:
            answer: Json = error.response.data
            return answer
        raise AssertionError(f"{method} was accepted")

    def messages(self, channel: str) -> list[Json]:
        """What is in a channel now."""
        return list(self.sandbox.workspace.world.channel(channel).messages.values())

    def whispers(self, user: str) -> list[Json]:
        """A person's ephemerals."""
        return self.sandbox.workspace.world.whispers.get(self.user(user), [])

    def user(self, name: str) -> str:
        """A person's id."""
        return str(self.greeting["users"][name])

    def channel(self, name: str) -> str:
        """A channel's id."""
        return str(self.greeting["channels"][name])

    async def upload(self, user: str, name: str, content: bytes) -> Json:
        """A person's file."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("user", user)
        form.add_field("file", io.BytesIO(content), filename=name)
        url = f"{self.greeting['control_url']}/upload"
        async with self.session.post(url, data=form) as sent:
            answer = await sent.json()
        assert answer["ok"], answer
        file: Json = answer["file"]
        return file

    def notes(self) -> list[str]:
        """The traffic's notes."""
        return [entry["note"] for entry in self.sandbox.traffic.since(0) if entry["note"]]


@asynccontextmanager
async def local_slack(raw_manifest: Json = MANIFEST, **options: Any) -> AsyncIterator[LocalSlack]:
    """A sandbox without vendors and without the waits that real people notice."""
    fast = {"retry_scale": 1 / 6000, "share_delay_s": 0.03, **options}
    sandbox = await start(Manifest.parse(raw_manifest), Options(**fast))
    async with aiohttp.ClientSession() as session:
        greeting = sandbox.greeting()
        client = AsyncWebClient(
            token=greeting["slack_bot_token"],
            base_url=greeting["slack_api_url"],
            session=session,
            retry_handlers=[],
        )
        try:
            yield LocalSlack(sandbox, session, greeting, client)
        finally:
            await sandbox.close()


@dataclass
class Bot:
    """A Bolt app that takes part in a test; `heard` is every event it got, in order."""

    app: AsyncApp
    heard: list[Json] = field(default_factory=list)

    def events(self, kind: str) -> list[Json]:
        """The inner events of one type."""
        return [body["event"] for body in self.heard if body["event"]["type"] == kind]


def bolt(slack: LocalSlack) -> Bot:
    """A real Bolt app that hears messages and mentions, its own messages included."""
    app = AsyncApp(
        client=slack.client,
        signing_secret=slack.greeting["slack_signing_secret"],
        ignoring_self_events_enabled=False,
    )
    bot = Bot(app)

    async def hear(body: Json) -> None:
        bot.heard.append(body)

    for event in ("message", "app_mention"):
        app.event(event)(hear)
    return bot


@asynccontextmanager
async def over_sockets(slack: LocalSlack, bot: Bot) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app connected through Bolt's own Socket Mode handler."""
    handler = AsyncSocketModeHandler(
        bot.app,
        slack.greeting["slack_app_token"],
        web_client=AsyncWebClient(
            token=slack.greeting["slack_app_token"], base_url=slack.greeting["slack_api_url"]
        ),
    )
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # Bolt leaves it untyped


@asynccontextmanager
async def over_http(slack: LocalSlack, bot: Bot) -> AsyncIterator[str]:
    """The app behind Bolt's own HTTP server, which checks every signature."""
    async with serving(bot.app.web_app(path="/slack/events")) as base:
        slack.sandbox.workspace.http.url = f"{base}/slack/events"
        yield base


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """An aiohttp application on a free port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def until(true: Callable[[], Any], limit_s: float = 5.0) -> Any:
    """Wait until something holds, and return it."""
    give_up_at = time.monotonic() + limit_s
    while not (found := true()):
        assert time.monotonic() < give_up_at, "it never came true"
        await asyncio.sleep(0.005)
    return found


def compact(value: Any) -> str:
    """JSON as forms carry it."""
    return json.dumps(value)
