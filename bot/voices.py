"""The loop that asks the vendor about voices: which fit a description, how one says a sentence."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

import gateways
from bot.parts import Parts
from bot.turns import Turns
from domain.calendar import month_of
from domain.casting import VoiceOffer
from domain.castings import by_description
from domain.errors import StorageUnavailable
from domain.gateway import DURATION_S, Accepted, NotSent, Rejected, Submission, Uncertain
from domain.ports import CastingUnread, LikenessVendor
from domain.submitting import submit_key
from domain.voice_question import QuestionState, Unspoken, VoiceQuestion, answered, speaking
from storage.give_back import give_back_question
from storage.turns import AlreadyTaken, Claimed
from storage.voice_questions import (
    VOICES_SHOWN,
    answer_question,
    answer_search,
    claim_questions,
    intend_speech,
)

AT_ONCE = 4
ABLE_KEPT_S = 4 * 3_600.0

log = structlog.get_logger(__name__)


class Voices:
    """Runs until it is told to stop."""

    def __init__(self, vendor: LikenessVendor, *, parts: Parts) -> None:
        ports, settings = parts.ports, parts.settings
        self._vendor = vendor
        self._database = ports.database
        self._clock = ports.clock
        self._ids = ports.ids
        self._budget_micro_usd = settings.monthly_budget_micro_usd
        self._timezone = settings.dailies_timezone
        self._able: dict[str, VoiceOffer] | None = None
        self._able_until = 0.0
        self._turns = Turns(
            claim=self._claim,
            begin=self._begin,
            give_back=self._give_back,
            clock=ports.clock,
            wakeup=parts.bells.voices,
            wake=parts.bells.ring,
        )

    async def run(self) -> None:
        """Claim and answer until `stop`."""
        await self._turns.run()
        await self._turns.cut_off()

    def stop(self) -> None:
        """Claim nothing more."""
        self._turns.stop()

    async def _claim(self) -> Claimed[VoiceQuestion]:
        room = AT_ONCE - len(self._turns.under_way)
        if room <= 0:
            return Claimed()
        return await self._database.run(claim_questions, room=room, now=self._clock.now())

    def _begin(self, due: VoiceQuestion) -> asyncio.Task[None] | None:
        if any(due.id == one.id for one in self._turns.under_way.values()):
            return None
        return asyncio.create_task(self._answer(due), name=f"voices {due.id}")

    async def _answer(self, due: VoiceQuestion) -> None:
        try:
            if due.is_search:
                await self._search(due)
            elif due.state is QuestionState.SPEAKING:
                lost = Uncertain("stopped before the answer came")
                await self._tell(due, lost)  # never sent again by itself
            else:
                await self._speak(due)
        except StorageUnavailable as unavailable:
            await self._turns.unwritten(due, due.id, unavailable)
        except Exception:
            log.exception("question broke", question=due.id)
        else:
            self._turns.written(due.id)

    async def _give_back(self, due: VoiceQuestion, until: float) -> bool:
        return await self._database.run(give_back_question, due, until=until)

    async def _search(self, due: VoiceQuestion) -> None:
        hits: list[VoiceOffer] | None
        try:
            hits = list(await self._vendor.voice_search(due.wanted))
            if due.say:
                hits = await self._able_to_speak(hits, due.wanted)
        except CastingUnread as unread:
            log.warning("voices cannot be searched now", reason=str(unread))
            hits = None
        now = self._clock.now()
        await self._database.run(answer_search, due, answered(due), hits, now=now)

    async def _able_to_speak(self, hits: list[VoiceOffer], wanted: str) -> list[VoiceOffer]:
        """The hits that can say a sentence at once, then others that can. Their list is kept for
        some hours. Raises `CastingUnread`."""
        if self._able is None or self._able_until <= self._clock.now():
            self._able = {voice.id: voice async for voice in self._vendor.speaking_voices()}
            self._able_until = self._clock.now() + ABLE_KEPT_S
        first = [hit for hit in hits if hit.id in self._able]
        return [*first, *by_description(wanted, list(self._able.values()))][:VOICES_SHOWN]

    async def _speak(self, due: VoiceQuestion) -> None:
        """Write it down with its money, send it once, tell what came of it."""
        assert due.voice_id is not None
        now = self._clock.now()
        key, month = submit_key(self._ids.new("submit")), month_of(now, self._timezone)
        sent = speaking(due, key=key, month=month, now=now)
        budget = self._budget_micro_usd
        try:
            unspoken = await self._database.run(intend_speech, due, sent, budget_micro_usd=budget)
        except AlreadyTaken:
            return
        if unspoken is not None:
            said = {"sentence": _UNSPOKEN[unspoken]}
            await self._database.run(answer_question, due, answered(due), said, now=now)
            return
        await self._tell(sent, await self._vendor.speak(sent.say or "", due.voice_id, key=key))

    async def _tell(self, sent: VoiceQuestion, answer: Submission) -> None:
        """What it is heard at; or why it is not, and whether it costs anything."""
        after = answered(sent)
        said: dict[str, Any] = {"voice": sent.voice_name, "say": sent.say}
        match answer:
            case Accepted(handle=handle):
                length_s = float(handle.get(DURATION_S, 0.0))
                after, said = answered(sent, spoke_s=length_s), said | dict(handle)
            case Uncertain():
                after = answered(sent, is_lost=True)
                said = said | {"lost_micro_usd": sent.reserved_micro_usd}
            case Rejected(failure):
                said = said | {"refused": failure.kind.value}
            case NotSent():
                said = said | {"refused": "transient"}
        said = said | {"billed_micro_usd": after.billed_micro_usd}
        await self._database.run(answer_question, sent, after, said, now=self._clock.now())


_UNSPOKEN = {
    Unspoken.PAUSED: "Everything is paused, so nothing was spoken. Press Say it after"
    " `/video resume`.",
    Unspoken.SILENT: "Slack did not let me answer, so nothing was spoken or charged. Press Say it"
    " once more.",
    Unspoken.BUDGET: "The month's budget is used up, so nothing was spoken.",
}


def voices_of(parts: Parts) -> Voices | None:
    """The loop of the account that can be asked; None where there is none."""
    vendor = gateways.likeness_vendor(parts.ports.http, *parts.keys)
    return Voices(vendor, parts=parts) if vendor is not None else None
