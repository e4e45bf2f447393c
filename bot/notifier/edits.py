"""Edits: a card or a take message is rendered from state and put in place of what it showed.

An edit of a known `ts` may be repeated without harm, so nothing is written down before it. What
would not change anything is not sent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import structlog

from bot.measures import Measures
from bot.notifier.answers import answer_of
from bot.silence import Silence
from domain.calendar import next_month_at
from domain.effect import AWAY, DEAD, Busy, TurnedAway
from domain.execution import AT_GATEWAY
from domain.message import Message, SlackRefused, SlackUnanswered
from domain.ports import Clock, Database, Ids, Slack
from domain.schedule import backoff_s
from domain.shot import Page
from handlers.views.card import render_card
from handlers.views.state_words import HouseRules
from handlers.views.take_buttons import overdue_at
from handlers.views.take_message import render_take
from storage.edits import GONE, edit_refused, edited, message_lost, unedited
from storage.lanes import EditDue
from storage.preferences import read_preferences
from storage.shots import read_page

PROGRESS_EDIT_S = 10.0  # at least; two seconds more for every open take of the shot
PROGRESS_EDIT_PER_TAKE_S = 2.0
_LOST = frozenset({GONE, "cant_update_message", "edit_window_closed"})
_TOO_MUCH = frozenset({"invalid_blocks", "msg_too_long", "msg_blocks_too_long"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """What the operator allows, as far as a waiting take has to explain it."""

    budget_micro_usd: int
    timezone: str


class Edits:
    """Edits messages whose `ts` is known."""

    def __init__(
        self,
        *,
        slack: Slack,
        database: Database,
        measures: Measures,
        clock: Clock,
        ids: Ids,
        house: House,
        silence: Silence,
    ) -> None:
        self._slack = slack
        self._database = database
        self._measures = measures
        self._clock = clock
        self._ids = ids
        self._house = house
        self._silence = silence

    async def edit(self, due: EditDue) -> None:
        """One edit, or none where the message already shows the truth."""
        page = await self._database.run(read_page, due.shot_id)
        message = await self.render(page, due.request_id)
        digest = digest_of(message)
        try:
            if digest != due.digest:
                await self._send(due, message)
        except SlackRefused as refused:
            await self._refused(due, refused)
            return
        except SlackUnanswered as unanswered:
            log.info("edit not answered", message=due.message_id, reason=unanswered.reason)
            await self.broke(due)
            return
        now = self._clock.now()
        await self._database.run(edited, due, digest, now=now, again_at=_again_at(page, due, now))

    async def render(self, page: Page, request_id: str | None) -> Message:
        """The card, or the message of one take."""
        now = self._clock.now()
        if request_id is None:
            return render_card(page, now=now)
        take = page.take(request_id)
        durations = await self._measures.durations(take.execution.offer)
        rules = await self.rules(page)
        return render_take(page, take, now=now, durations=durations, rules=rules)

    async def rules(self, page: Page) -> HouseRules:
        """What holds where the shot is, for takes that have to explain a wait."""
        return HouseRules(
            preferences=await self._database.run(
                read_preferences, page.shot.team_id, page.shot.channel
            ),
            budget_micro_usd=self._house.budget_micro_usd,
            resets_at=next_month_at(self._clock.now(), self._house.timezone),
        )

    async def _send(self, due: EditDue, message: Message) -> None:
        try:
            await self._slack.edit(due.channel, due.ts, message)
        except SlackRefused as refused:
            if refused.code not in _TOO_MUCH:
                raise
            log.error("blocks refused", message=due.message_id, code=refused.code)
            await self._slack.edit(due.channel, due.ts, Message(message.text))

    async def broke(self, due: EditDue) -> None:
        """No clear answer, a bug of ours, or a token that Slack does not take for now: an edit may
        be repeated without harm."""
        now = self._clock.now()
        wait_s = backoff_s(due.tries, self._ids.jitter())
        await self._database.run(unedited, due, now=now, until=now + wait_s)

    async def _refused(self, due: EditDue, refused: SlackRefused) -> None:
        now, code = self._clock.now(), refused.code
        if code in _LOST:
            await self._database.run(message_lost, due, now=now, reason=code)
            return
        log.warning("edit refused", message=due.message_id, code=code)
        answer = answer_of(refused)
        await self._silence.note(due.team_id, answer)
        now = self._clock.now()
        match answer:
            case Busy(after_s):
                await self._database.run(
                    unedited, due, now=now, until=now + after_s, holds_lane=True
                )
            case TurnedAway() if code in DEAD:
                await self._database.run(unedited, due, now=now, until=now)
            case TurnedAway() if code in AWAY:
                await self.broke(due)
            case _:
                until = now + backoff_s(due.tries, self._ids.jitter())
                await self._database.run(edit_refused, due, now=now, until=until, reason=code)


def digest_of(message: Message) -> str:
    """What tells two renderings apart."""
    written = json.dumps([message.text, message.blocks], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _again_at(page: Page, due: EditDue, now: float) -> float | None:
    """When time alone changes what a take's message says; the card shows no time."""
    if due.request_id is None:
        return None
    take = page.take(due.request_id)
    if take.execution.state in AT_GATEWAY:
        open_takes = sum(take.execution.state in AT_GATEWAY for take in page.takes)
        return now + max(PROGRESS_EDIT_S, PROGRESS_EDIT_PER_TAKE_S * open_takes)
    missed_at = overdue_at(take)
    return missed_at if missed_at is not None and missed_at > now else None
