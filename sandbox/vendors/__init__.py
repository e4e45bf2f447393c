"""The vendors the bot pays, on loopback: HeyGen, fal and Runware.

`start` serves them; `Vendors` has their addresses and the ledger of every accepted submission.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors.fal_vendor import FalVendor
from sandbox.vendors.heygen import HeyGen
from sandbox.vendors.jobs import Studio, ledger_of
from sandbox.vendors.runware_vendor import RunwareVendor

QUICK_BELOW_S = 1.0  # renders paced faster than this are small and coarse


@dataclass(frozen=True)
class Vendors:
    """The vendors while they serve."""

    addresses: dict[str, str]
    heygen: HeyGen
    fal: FalVendor
    runware: RunwareVendor
    _studio: Studio

    def ledger(self) -> list[dict[str, Any]]:
        """Every accepted submission, oldest first (an entry: sandbox/README.md).

        Each also has `images`: `{field, url, sha256, bytes}` for every picture of the input that
        was uploaded to the vendor (`bytes` = their number), and `headers`: fal's own recorded.
        """
        paid = ledger_of([*self.heygen.jobs(), *self.fal.jobs()])
        return sorted([*paid, *self.runware.entries()], key=lambda entry: float(entry["at"]))

    def reset(self) -> None:
        """Forget jobs, files, links and upload rights. Faults and traffic are the caller's."""
        self.heygen.clear()
        self.fal.clear()
        self.runware.clear()

    async def close(self) -> None:
        """Stop serving and rendering."""
        await self.heygen.close()
        await self.fal.close()
        await self.runware.close()
        self._studio.close()


async def start(faults: Faults, traffic: Traffic, *, pace_s: float) -> Vendors:
    """Serve the vendors on loopback ports of their own. `pace_s`: how long a render takes."""
    studio, quick = Studio(), pace_s < QUICK_BELOW_S
    heygen = HeyGen(studio, faults, traffic, pace_s=pace_s, quick=quick)
    fal = FalVendor(studio, faults, traffic, pace_s=pace_s, quick=quick)
    runware = RunwareVendor(studio, faults, traffic, pace_s=pace_s, quick=quick)
    await heygen.serve()
    await fal.serve()
    await runware.serve()
    addresses = {**heygen.addresses, **fal.addresses, **runware.addresses}
    return Vendors(addresses, heygen, fal, runware, studio)
