"""Puts the sandbox together and serves it on one loopback port."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.page import Hub, Page
from sandbox.slack.manifest import Manifest
from sandbox.slack.server import SlackServer
from sandbox.slack.workspace import Options, Workspace
from sandbox.slack.world import PEOPLE
from sandbox.traffic import Traffic
from sandbox.vendor_control import VendorControl
from sandbox.vendors import Vendors
from sandbox.vendors import start as start_vendors

Json = dict[str, Any]
HOST = "127.0.0.1"
BODY_BYTES = 1024**3
SHUTDOWN_S = 1.0
GUARDED = ("/control", "/page")
NAMED_CHANNELS = ("general", "launch-film", "not-a-member", "secret-launch")
Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Sandbox:
    """A running sandbox. `close` it when done."""

    workspace: Workspace
    slack: SlackServer
    vendors: Vendors | None
    faults: Faults
    traffic: Traffic
    hub: Hub
    runner: web.AppRunner
    record: Path | None = None

    @property
    def url(self) -> str:
        """The page's address without a trailing slash."""
        return self.workspace.base_url

    def greeting(self) -> Json:
        """The one line of sandbox/README.md."""
        world, tokens = self.workspace.world, self.workspace.tokens
        names = [*NAMED_CHANNELS, *(f"dm-{name}" for name in PEOPLE), "dm-ada-ben"]
        return {
            "page_url": f"{self.url}/",
            "control_url": f"{self.url}/control",
            "transport": self.workspace.options.transport,
            "slack_api_url": f"{self.url}/api/",
            "slack_bot_token": tokens.bot,
            "slack_app_token": tokens.app,
            "slack_signing_secret": tokens.signing_secret,
            "team_id": world.team["id"],
            "users": {name: world.user(name).id for name in PEOPLE},
            "bot_user": world.bot.id,
            "channels": {name: world.channel(name).id for name in names},
            **(self.vendors.addresses if self.vendors else {}),
        }

    def ledger(self) -> list[Json]:
        """Every submission the vendors accepted."""
        return self.vendors.ledger() if self.vendors else []

    def reset(self) -> None:
        """Empty everything but people, channels and credentials."""
        self.workspace.reset()
        self.faults.clear()
        self.traffic.clear()
        if self.vendors:
            self.vendors.reset()
        self.hub.tell({"type": "reset"})

    async def close(self) -> None:
        """Stop serving at once and write the record."""
        self.hub.close()
        self.workspace.cancel_background()
        await self.workspace.sockets.close()
        await self.workspace.http.close()
        await self.runner.cleanup()
        if self.record:
            self._write_record(self.record)
        if self.vendors:
            await self.vendors.close()

    def _write_record(self, folder: Path) -> None:
        channels = self.workspace.world.channels.values()
        messages = {channel.name: list(channel.messages.values()) for channel in channels}
        (folder / "messages.json").write_text(json.dumps(messages, indent=1))
        (folder / "ledger.json").write_text(json.dumps(self.ledger(), indent=1))


async def start(
    manifest: Manifest,
    options: Options,
    *,
    port: int = 0,
    pace_s: float | None = None,
    record: Path | None = None,
) -> Sandbox:
    """Serve on 127.0.0.1. `pace_s` is how long a vendor takes to render; None: no vendors at all.

    Errors: OSError when the port is taken.
    """
    faults, traffic, hub = Faults(), Traffic(), Hub()
    traffic.subscribe(lambda entry: hub.tell({"type": "traffic", "entry": entry}))
    faults.subscribe(lambda armed: hub.tell({"type": "fault", "faults": armed}))
    if record:
        _record_traffic(traffic, record)
    workspace = Workspace(options, manifest, faults, traffic, hub.tell)
    slack = SlackServer(workspace)
    vendors = None if pace_s is None else await start_vendors(faults, traffic, pace_s=pace_s)
    app = web.Application(client_max_size=BODY_BYTES, middlewares=[_guard])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    sandbox = Sandbox(workspace, slack, vendors, faults, traffic, hub, runner, record)
    slack.add_routes(app)
    Control(slack, sandbox.ledger, sandbox.reset).add_routes(app)
    Page(workspace, hub).add_routes(app)
    if vendors:
        VendorControl(vendors).add_routes(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    workspace.serve_at(f"http://{HOST}:{runner.addresses[0][1]}")
    return sandbox


def _record_traffic(traffic: Traffic, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "traffic.jsonl"

    def write(entry: Json) -> None:
        with path.open("a") as lines:
            lines.write(json.dumps(entry) + "\n")

    traffic.subscribe(write)


@web.middleware
async def _guard(request: web.Request, handler: Serve) -> web.StreamResponse:
    """Only this page and local programs may act as people: no foreign Host, no foreign Origin.

    The Host check stops DNS rebinding, the Origin check stops forms on other pages.
    """
    if not request.path.startswith(GUARDED):
        return await handler(request)
    port = request.get_extra_info("sockname")[1]
    own = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    origin = request.headers.get("Origin")
    local = request.remote in ("127.0.0.1", "::1")
    foreign = origin is not None and origin != f"http://{request.host}"
    if not local or request.host not in own or foreign:
        answer = {"ok": False, "error": "only this sandbox's own page may do that"}
        return web.json_response(answer, status=403)
    return await handler(request)
