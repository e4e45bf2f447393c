"""Replies that came before their card's `ts` was written down: read once it is."""

from __future__ import annotations

from domain.catalog import GatewayName
from domain.ports import Clock, Database, Ids
from storage.held_replies import release_held
from storage.lanes import EffectDue
from storage.replies import take_reply
from storage.requests import fresh


class HeldReplies:
    """Lets the replies of one thread go on."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        *,
        gateways: frozenset[GatewayName],
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._gateways = gateways

    async def release(self, due: EffectDue, card_ts: str) -> None:
        """The card of `due` is in Slack under `card_ts`."""
        waiting = await self._database.run(
            release_held, due.team_id, due.channel, card_ts, now=self._clock.now()
        )
        for reply in waiting:
            await self._database.run(take_reply, reply, fresh(self._ids), gateways=self._gateways)
