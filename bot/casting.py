"""The loop that keeps an account's lists: avatars, voices, languages, templates, styles.

Each is read whole every few hours, and again soon after somebody named one that is not in it.
Nobody ever waits for it: forms and requests use the lists as they were last read, and a vendor that
is away leaves them as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import structlog

import gateways
from bot.parts import Parts
from bot.wakeup import Wakeup
from domain.errors import StorageUnavailable
from domain.offer import GatewayName
from domain.ports import Casting, CastingUnread, Clock, Database
from storage.castings import CastingList, Entry, entry_row, lists_read_at, replace_list
from storage.errors import DatabaseExchanged

REFRESH_S = 4 * 3_600.0
ASKED_AGAIN_S = 60.0  # so often at most, however many ask
RETRY_S = 10 * 60.0
READ_LIMIT_S = 180.0  # one list, all its pages
# An account may have no templates; a vendor without avatars, voices or languages is one that broke.
MAY_BE_EMPTY = frozenset({CastingList.TEMPLATES, CastingList.STYLES})

log = structlog.get_logger(__name__)


def lists_of(parts: Parts) -> CastingLists | None:
    """The lists of the account that has any; None where no such key is set."""
    for gateway, source in gateways.castings(parts.ports.http, *parts.keys).items():
        return CastingLists(
            source,
            gateway=gateway,
            team_id=parts.identity.team_id,
            database=parts.ports.database,
            clock=parts.ports.clock,
        )
    return None


class CastingLists:
    """Keeps the lists of one account at one gateway, for one workspace."""

    def __init__(
        self,
        source: Casting,
        *,
        gateway: GatewayName,
        team_id: str,
        database: Database,
        clock: Clock,
    ) -> None:
        self._reads: dict[CastingList, Callable[[], AsyncIterator[Entry]]] = {
            CastingList.LOOKS: source.looks,
            CastingList.VOICES: source.voices,
            CastingList.LANGUAGES: source.languages,
            CastingList.TEMPLATES: source.templates,
            CastingList.STYLES: source.styles,
        }
        self._gateway = gateway
        self._team_id = team_id
        self._database = database
        self._clock = clock
        self._wakeup = Wakeup(clock)
        self._asked = False
        self._tried_at: float | None = None

    def ask(self) -> None:
        """Somebody missed something: read again soon."""
        self._asked = True
        self._wakeup.ring()

    async def run(self) -> None:
        """Refresh for ever. A database that cannot be used leaves the lists as they were.

        Raises `DatabaseExchanged`.
        """
        while True:
            try:
                await self.refresh()
            except StorageUnavailable as unavailable:
                if isinstance(unavailable, DatabaseExchanged):
                    raise
            await self._wait()

    async def refresh(self) -> None:
        """Read what is due: everything where somebody asked, else what has become old."""
        now, asked = self._clock.now(), self._asked
        self._asked, self._tried_at = False, now
        read_at = await self._database.run(lists_read_at, self._team_id)
        for name in CastingList:
            if asked or read_at.get(name, 0.0) + REFRESH_S <= now:
                await self._read(name)

    async def _wait(self) -> None:
        """Until something can be due: an old list after `RETRY_S`, an asked one sooner."""
        assert self._tried_at is not None
        while True:
            pause_s = ASKED_AGAIN_S if self._asked else RETRY_S
            since_s = self._clock.now() - self._tried_at
            if not 0 <= since_s < pause_s:  # over, or the clock was set back
                return
            await self._wakeup.wait_until(self._tried_at + pause_s)

    async def _read(self, name: CastingList) -> None:
        """One list, whole or not at all."""
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                rows = [entry_row(entry) async for entry in self._reads[name]()]
        except (CastingUnread, TimeoutError) as unread:
            log.warning("a list cannot be read now", list=name.value, reason=str(unread))
            return
        if not rows and name not in MAY_BE_EMPTY:
            log.warning("a list came back empty, the one before stays", list=name.value)
            return
        await self._database.run(
            replace_list,
            self._team_id,
            name,
            rows,
            gateway=self._gateway,
            now=self._clock.now(),
        )
