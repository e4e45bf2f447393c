"""The vendors the bot pays, on loopback: HeyGen, fal and Runware.

`start` serves them; `Vendors` has their addresses and the ledger of every accepted submission.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import heygen
from sandbox.vendors.fal_vendor import FalVendor
from sandbox.vendors.jobs import Account, Studio, ledger_of
from sandbox.vendors.runware_vendor import RunwareVendor
from sandbox.vendors.wire import Port, Wire

QUICK_BELOW_S = 1.0  # renders paced faster than this are small and coarse


@dataclass(frozen=True)
class Vendors:
    """The vendors while they serve."""

    addresses: dict[str, str]
    _heygen: tuple[heygen.HeyGen, Account]
    fal: FalVendor
    runware: RunwareVendor
    _studio: Studio
    _ports: tuple[Port, ...]

    def ledger(self) -> list[dict[str, Any]]:
        """Every accepted submission, oldest first (an entry: sandbox/README.md).

        Each also has `images`: `{field, url, sha256, bytes}` for every picture of the input that
        was uploaded to the vendor (`bytes` = their number), and `headers`: fal's own recorded.
        """
        paid = ledger_of([*self._heygen[1].jobs(), *self.fal.jobs()])
        return sorted([*paid, *self.runware.entries()], key=lambda entry: float(entry["at"]))

    def reset(self) -> None:
        """Forget jobs, files, links and upload rights. Faults and traffic are the caller's."""
        self._heygen[1].clear()
        self._heygen[0].files.clear()
        self.fal.clear()
        self.runware.clear()

    async def close(self) -> None:
        """Stop serving and rendering."""
        await self._heygen[1].close()
        await self.fal.close()
        await self.runware.close()
        for port in self._ports:
            await port.close()
        self._studio.close()


async def start(faults: Faults, traffic: Traffic, *, pace_s: float) -> Vendors:
    """Serve the vendors on loopback ports of their own. `pace_s`: how long a render takes."""
    studio, quick = Studio(), pace_s < QUICK_BELOW_S
    api, upload, cdn = Port(), Port(), Port()
    heygen_wire = Wire("heygen", heygen.target_of, heygen.envelope, faults, traffic)
    heygen_account = Account(studio, faults, pace_s=pace_s)
    gen = heygen.HeyGen(heygen_wire, heygen_account, cdn_url=cdn.url, quick=quick)
    fal = FalVendor(studio, faults, traffic, pace_s=pace_s, quick=quick)
    runware = RunwareVendor(studio, faults, traffic, pace_s=pace_s, quick=quick)
    await api.serve(gen.api_app())
    await upload.serve(gen.upload_app())
    await cdn.serve(gen.cdn_app())
    await fal.serve()
    await runware.serve()
    addresses = {
        "heygen_api_url": api.url,
        "heygen_upload_url": upload.url,
        "heygen_api_key": heygen.API_KEY,
        **fal.addresses,
        **runware.addresses,
    }
    return Vendors(
        addresses,
        (gen, heygen_account),
        fal,
        runware,
        studio,
        (api, upload, cdn),
    )
