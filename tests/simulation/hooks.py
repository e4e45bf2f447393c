"""Webhooks: the vendors tell that something has ended, at the address that came with the submit.

They tell once or twice, too early, not at all, or somebody else tells in their name (H2, H4, H6).
Each delivery goes through the product's own web routes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.simulation.facts import EPOCH
from tests.simulation.ledger import Accepted
from tests.simulation.vendor_fal import Fal

if TYPE_CHECKING:
    from tests.simulation.vendors import Vendors
    from tests.simulation.world import World

RETRIES_AFTER_S = (0.0, 5.0, 15.0, 45.0, 120.0, 300.0)
STRANGER, STRANGERS_TRIES = "0123456789abcdef", 4
EARLY_S = 4.0  # the submit's own answer takes so much longer
LATENCY_S = (0.02, 1.5)


class Hooks:
    """Delivers for all vendors."""

    def __init__(self, world: World, vendors: Vendors) -> None:
        self._world = world
        self._vendors = vendors
        self._early_s = 0.0

    def take_early_s(self) -> float:
        """How long the answer to this submit is overtaken by its webhook."""
        early_s, self._early_s = self._early_s, 0.0
        return early_s

    def begin(self, entry: Accepted) -> None:
        """An acceptance with an address: it is told when it has ended."""
        faults, about = self._world.faults, entry.execution_id
        if faults.strikes("hook.early", about=about):
            entry.done_at = self._world.loop.time()
            self._early_s = EARLY_S
        self._world.outside(self._stranger(entry))
        self._world.outside(self._tells(entry))

    async def _tells(self, entry: Accepted) -> None:
        wait_s = max(0.0, entry.done_at - self._world.loop.time())
        await asyncio.sleep(min(wait_s, 3_600.0))
        if not self._vendors.is_over(entry):
            return
        faults, about = self._world.faults, entry.execution_id
        if faults.strikes("hook.lost", about=about):
            return
        if faults.draws("hook.forged", about=about) and await self._forged(entry):
            faults.noted("hook.forged", about)
        doubled = faults.draws("hook.duplicate", about=about) is not None
        for pause_s in RETRIES_AFTER_S:
            await asyncio.sleep(pause_s + self._world.latency(*LATENCY_S))
            if await self._told(entry):
                break
        if doubled and self._is_heard():
            faults.noted("hook.duplicate", about)
            await asyncio.sleep(self._world.latency(*LATENCY_S))
            await self._told(entry)

    async def _stranger(self, entry: Accepted) -> None:
        """Whoever else is the vendor's customer has its webhooks sent to our address. At fal they
        are signed with the same keys as ours."""
        assert entry.order.callback_url is not None
        stranger = replace(entry, remote_id=f"fr-{STRANGER}")
        for pause_s in RETRIES_AFTER_S[:STRANGERS_TRIES]:
            await asyncio.sleep(pause_s + self._world.latency(*LATENCY_S))
            if not self._world.faults.draws("hook.stranger", about=entry.execution_id):
                continue
            headers, body = self._delivery(stranger, forged=False)
            if await self._post(entry.order.callback_url, headers, body) is not None:
                self._world.faults.noted("hook.stranger", entry.execution_id)

    async def _told(self, entry: Accepted) -> bool:
        headers, body = self._delivery(entry, forged=False)
        assert entry.order.callback_url is not None
        status = await self._post(entry.order.callback_url, headers, body)
        return status is not None and status < 400

    async def _forged(self, entry: Accepted) -> bool:
        """A token that is nobody's, and at fal, which signs, another's signature. Whether anybody
        was there to be told."""
        url = entry.order.callback_url
        assert url is not None
        kept = self._world.rows("SELECT COUNT(*) AS n FROM hint")
        guessed = url[:-4] + ("AAAA" if not url.endswith("AAAA") else "BBBB")
        addresses, was_heard = [guessed], False
        if isinstance(self._vendors.house(entry.vendor), Fal):
            addresses.append(url)
        for address in addresses:
            headers, body = self._delivery(entry, forged=True)
            status = await self._post(address, headers, body)
            was_heard |= status is not None
            if status is not None and status < 400:
                self._world.checker.breach("H1", f"a forged webhook was answered {status}")
        if self._grew(kept):
            self._world.checker.breach("H1", "a forged webhook left a hint")
        return was_heard

    def _grew(self, before: list[dict[str, int]]) -> bool:
        """Whether there are more hints than before, where nobody else tells anything."""
        alone = len(self._vendors.ledger) == 1 and not self._world.faults.struck["hook.stranger"]
        after = self._world.rows("SELECT COUNT(*) AS n FROM hint")
        return alone and bool(before) and bool(after) and after[0]["n"] > before[0]["n"]

    def _delivery(self, entry: Accepted, *, forged: bool) -> tuple[Mapping[str, str], bytes]:
        house = self._vendors.house(entry.vendor)
        if isinstance(house, Fal):
            now = EPOCH + self._world.loop.time()
            return house.hook(entry, at=now, forged=forged)
        return house.hook(entry)

    def _is_heard(self) -> bool:
        """Whether anybody listens at our address."""
        return self._world.process is not None and self._world.process.is_up

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """The status, None where nobody answered."""
        process = self._world.process
        if process is None or not self._is_heard():
            return None
        answered = process.told_by_vendor(urlsplit(url).path, headers, body)
        await asyncio.wait([answered], timeout=15.0)
        return answered.result() if answered.done() else None
