"""All of Runware's hosts around one account: REST, socket and CDN."""

from __future__ import annotations

from typing import Any

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import runware
from sandbox.vendors.callbacks import Callbacks
from sandbox.vendors.house import House
from sandbox.vendors.jobs import Account, Studio
from sandbox.vendors.runware_errors import envelope
from sandbox.vendors.runware_files import RunwareFiles
from sandbox.vendors.runware_socket import RunwareSocket
from sandbox.vendors.runware_switches import runware_switches
from sandbox.vendors.runware_tasks import RunwareTasks
from sandbox.vendors.wire import Port, Wire


class RunwareVendor:
    """Runware while it serves."""

    def __init__(
        self, studio: Studio, faults: Faults, traffic: Traffic, *, pace_s: float, quick: bool
    ) -> None:
        wire = Wire("runware", runware.target_of, envelope, faults, traffic)
        self.switches = runware_switches()
        self.account = Account(studio, faults, pace_s=pace_s)
        self.callbacks = Callbacks(
            "runware", faults, traffic, origin=lambda: str(self.switches["webhook_origin"])
        )
        self._rest, self._socket_port, self._media = Port(), Port(), Port()
        self._files = RunwareFiles(wire, cdn_url=self._media.url)
        house = House(wire, self.account, self.switches)
        self._tasks = RunwareTasks(house, self._files, callbacks=self.callbacks, quick=quick)
        self._api = runware.RunwareApi(house, self._tasks, files=self._files)
        self._socket = RunwareSocket(house, self._api)

    @property
    def addresses(self) -> dict[str, str]:
        """Where everything is, and the key."""
        return {
            "runware_api_url": f"{self._rest.url}/v1",
            "runware_ws_url": f"{self._socket_port.url.replace('http', 'ws', 1)}/v1",
            "runware_cdn_url": self._media.url,
            "runware_api_key": runware.API_KEY,
        }

    def entries(self) -> list[dict[str, Any]]:
        """The ledger: every accepted task."""
        return self._tasks.entries()

    async def serve(self) -> None:
        """Begin to answer."""
        await self._rest.serve(self._api.rest_app())
        await self._socket_port.serve(self._socket.app())
        await self._media.serve(self._files.cdn_app())

    def clear(self) -> None:
        """Forget tasks, files, links, sessions, deliveries and what the switches were turned to."""
        self._tasks.clear()
        self._files.clear()
        self._socket.clear()
        self.callbacks.clear()
        self.switches.reset()

    async def close(self) -> None:
        """Stop."""
        await self._socket.close()
        await self.account.close()
        await self.callbacks.close()
        for port in (self._rest, self._socket_port, self._media):
            await port.close()
