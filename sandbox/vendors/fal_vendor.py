"""All of fal's hosts around one account: queue, REST, CDN and the platform API."""

from __future__ import annotations

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import fal
from sandbox.vendors.callbacks import Callbacks
from sandbox.vendors.fal_errors import envelope
from sandbox.vendors.fal_files import FalFiles
from sandbox.vendors.fal_hooks import USER_ID, FalHooks
from sandbox.vendors.fal_platform import FalPlatform
from sandbox.vendors.fal_switches import fal_switches
from sandbox.vendors.house import House
from sandbox.vendors.jobs import Account, Job, Studio
from sandbox.vendors.wire import Port, Wire

SLOTS = 2  # "2 running" is what a new fal account has (docs.fal.ai concurrency-limits)


class FalVendor:
    """fal while it serves."""

    def __init__(
        self, studio: Studio, faults: Faults, traffic: Traffic, *, pace_s: float, quick: bool
    ) -> None:
        wire = Wire("fal", fal.target_of, envelope, faults, traffic)
        self.switches = fal_switches()
        self.account = Account(studio, faults, pace_s=pace_s, slots=SLOTS)
        self.callbacks = Callbacks(
            "fal", faults, traffic, origin=lambda: str(self.switches["webhook_origin"])
        )
        self._queue_port, self._rest, self._media, self._api = Port(), Port(), Port(), Port()
        self.hooks = FalHooks(self.callbacks, faults)
        house = House(wire, self.account, self.switches)
        self._files = FalFiles(
            house, cdn_url=self._media.url, api_key=fal.API_KEY, quick=quick, jwks=self.hooks.jwks
        )
        self._queue = fal.FalQueue(
            house, self._files, hooks=self.hooks, queue_url=self._queue_port.url
        )
        self._platform = FalPlatform(
            house,
            api_key=fal.API_KEY,
            output=self._queue.output,
            forget=self._files.forget,
        )

    @property
    def addresses(self) -> dict[str, str]:
        """Where everything is, and the key."""
        return {
            "fal_queue_url": self._queue_port.url,
            "fal_rest_url": self._rest.url,
            "fal_cdn_url": self._media.url,
            "fal_api_url": f"{self._api.url}/v1",
            "fal_jwks_url": f"{self._rest.url}/.well-known/jwks.json",
            "fal_webhook_user_id": USER_ID,
            "fal_key": fal.API_KEY,
        }

    def jobs(self) -> list[Job]:
        """Every accepted submission."""
        return self.account.jobs()

    async def serve(self) -> None:
        """Begin to answer."""
        await self._queue_port.serve(self._queue.app())
        await self._rest.serve(self._files.rest_app())
        await self._media.serve(self._files.cdn_app())
        await self._api.serve(self._platform.app())

    def clear(self) -> None:
        """Forget jobs, files, links, deliveries and what the switches were turned to."""
        self.account.clear()
        self._queue.clear()
        self.switches.reset()

    async def close(self) -> None:
        """Stop."""
        await self.account.close()
        await self.callbacks.close()
        for port in (self._queue_port, self._rest, self._media, self._api):
            await port.close()
