"""The vendors the bot pays, on loopback: HeyGen's workflows and fal's queue.

`start` serves them; `Vendors` has their addresses and the ledger of every accepted submission.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.faults import Faults
from sandbox.traffic import Traffic
from sandbox.vendors import fal, heygen
from sandbox.vendors.fal_files import FalFiles
from sandbox.vendors.jobs import Account, Studio, ledger_of
from sandbox.vendors.wire import Port, Wire

QUICK_BELOW_S = 1.0  # renders paced faster than this are small and coarse
FAL_SLOTS = 2  # "2 running" is what a new fal account has (docs.fal.ai concurrency-limits)


@dataclass(frozen=True)
class Vendors:
    """The vendors while they serve."""

    addresses: dict[str, str]
    _heygen: tuple[heygen.HeyGen, Account]
    _fal: tuple[fal.FalQueue, Account]
    _studio: Studio
    _ports: tuple[Port, ...]

    def ledger(self) -> list[dict[str, Any]]:
        """Every accepted submission, oldest first (an entry: sandbox/README.md).

        Each also has `images`: `{field, url, sha256, bytes}` for every picture of the input that
        was uploaded to the vendor (`bytes` = their number), and `headers`: fal's own recorded.
        """
        return ledger_of([*self._heygen[1].jobs(), *self._fal[1].jobs()])

    def reset(self) -> None:
        """Forget jobs, files, links and upload rights. Faults and traffic are the caller's."""
        for account in (self._heygen[1], self._fal[1]):
            account.clear()
        self._heygen[0].files.clear()
        self._fal[0].clear()

    async def close(self) -> None:
        """Stop serving and rendering."""
        for account in (self._heygen[1], self._fal[1]):
            await account.close()
        for port in self._ports:
            await port.close()
        self._studio.close()


async def start(faults: Faults, traffic: Traffic, *, pace_s: float) -> Vendors:
    """Serve both vendors on loopback ports of their own. `pace_s`: how long a render takes."""
    studio, quick = Studio(), pace_s < QUICK_BELOW_S
    api, upload, cdn = Port(), Port(), Port()
    heygen_wire = Wire("heygen", heygen.target_of, heygen.envelope, faults, traffic)
    heygen_account = Account(studio, faults, pace_s=pace_s)
    gen = heygen.HeyGen(heygen_wire, heygen_account, cdn_url=cdn.url, quick=quick)
    queue, rest, media = Port(), Port(), Port()
    fal_wire = Wire("fal", fal.target_of, fal.envelope, faults, traffic)
    fal_account = Account(studio, faults, pace_s=pace_s, slots=FAL_SLOTS)
    files = FalFiles(fal_wire, cdn_url=media.url, api_key=fal.API_KEY, quick=quick)
    fal_queue = fal.FalQueue(fal_wire, fal_account, files, queue_url=queue.url)
    await api.serve(gen.api_app())
    await upload.serve(gen.upload_app())
    await cdn.serve(gen.cdn_app())
    await queue.serve(fal_queue.app())
    await rest.serve(files.rest_app())
    await media.serve(files.cdn_app())
    addresses = {
        "heygen_api_url": api.url,
        "heygen_upload_url": upload.url,
        "heygen_api_key": heygen.API_KEY,
        "fal_queue_url": queue.url,
        "fal_rest_url": rest.url,
        "fal_cdn_url": media.url,
        "fal_key": fal.API_KEY,
    }
    return Vendors(
        addresses,
        (gen, heygen_account),
        (fal_queue, fal_account),
        studio,
        (api, upload, cdn, queue, rest, media),
    )
