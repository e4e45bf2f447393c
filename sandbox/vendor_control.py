"""The part of the control API that is about the vendors: switches and replayed webhooks."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.control import posting
from sandbox.vendors import Vendors
from sandbox.vendors.callbacks import Callbacks
from sandbox.vendors.switches import Switches

Json = dict[str, Any]


class VendorControl:
    """`/control/heygen/…`, `/control/fal/…` and `/control/runware/…`."""

    def __init__(self, vendors: Vendors) -> None:
        self._parts: dict[str, tuple[Switches, Callbacks]] = {
            "heygen": (vendors.heygen.switches, vendors.heygen.callbacks),
            "fal": (vendors.fal.switches, vendors.fal.callbacks),
            "runware": (vendors.runware.switches, vendors.runware.callbacks),
        }

    def add_routes(self, app: web.Application) -> None:
        """Register them."""
        for name, (switches, callbacks) in self._parts.items():
            path = f"/control/{name}"
            app.router.add_get(f"{path}/switches", _shown(switches))
            app.router.add_post(f"{path}/switches", posting(_turned(switches)))
            app.router.add_post(f"{path}/webhook_again", posting(_again(callbacks)))


def _shown(switches: Switches) -> Any:
    async def show(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "switches": switches.as_json()})

    return show


def _turned(switches: Switches) -> Any:
    async def turn(body: Json) -> Json:
        for name, value in body.items():
            switches.set(name, value)
        return {"switches": {name: switches[name] for name in body}}

    return turn


def _again(callbacks: Callbacks) -> Any:
    async def again(body: Json) -> Json:
        return {"status": await callbacks.again(int(body.get("index", -1)))}

    return again
