"""When Slack refuses our token, nobody can be told anything: nothing is sent to that workspace and
nothing new is paid there, until the token works again. Slack is asked about that by one call at an
interval, and is left alone otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.people import identify
from bot.slack_answers import Unwelcome
from domain.effect import DEAD, Answer, TurnedAway
from domain.errors import StorageUnavailable
from domain.message import SlackUnanswered
from domain.ports import Clock, Database
from storage.silence import fall_silent, silences, speak_again

PROBE_EVERY_S = 60.0

log = structlog.get_logger(__name__)


class Silence:
    """Watches our one token. `wake` is called when all may go on."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        database: Database,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._wake = wake

    async def note(self, team_id: str, answer: Answer) -> None:
        """Slack's answer to any call. Raises `StorageUnavailable`."""
        if isinstance(answer, TurnedAway) and answer.code in DEAD:
            await self.fell(team_id, answer.code)

    async def fell(self, team_id: str, reason: str) -> None:
        """Our token is worth nothing there. Said once, loudly. Raises `StorageUnavailable`."""
        if await self._database.run(fall_silent, team_id, reason=reason, now=self._clock.now()):
            log.error(
                "Slack refuses our token, so nothing is sent there and nothing new is paid",
                team=team_id,
                reason=reason,
                mend="install the app again, or set SLACK_BOT_TOKEN anew and start again",
            )

    async def is_over(self) -> bool:
        """Whether people can be told things. Raises `StorageUnavailable`."""
        return not await self._database.run(silences)

    async def run(self) -> None:
        """For ever. The token worked when this process began, so a silence of before is over; in
        one that began since, Slack is asked whether it is."""
        is_welcome = True
        while True:
            try:
                if not await self.is_over() and (is_welcome or await self._is_welcome()):
                    await self._end()
                is_welcome = False
            except StorageUnavailable as unavailable:
                log.error("silence not looked at", reason=unavailable.sentence)
            # On the beat of the idle loops: what all of them ask is one transaction.
            await self._clock.sleep(PROBE_EVERY_S - self._clock.monotonic() % PROBE_EVERY_S)

    async def _is_welcome(self) -> bool:
        """The probe: `auth.test`, which needs no scope and changes nothing."""
        try:
            await identify(self._client)
        except (Unwelcome, SlackUnanswered) as refused:
            log.info("Slack still refuses our token", reason=str(refused))
            return False
        return True

    async def _end(self) -> None:
        """Slack took our token just now: all goes on."""
        for ended in await self._database.run(silences):
            await self._database.run(speak_again, ended.team_id, now=self._clock.now())
            log.warning("Slack takes our token again", team=ended.team_id, reason=ended.reason)
        self._wake()
