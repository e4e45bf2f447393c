"""The loop that has people's own faces and voices made: one due row, one step, written down.

A creation is written down before it is sent (`domain/likeness.py`). One whose answer was lost is
asked about with its key or looked for by its name, never begun a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import assert_never

import structlog

import gateways
from bot.engine.carrying import COPIES, Carrier, check_length
from bot.engine.prepare import Preparation, is_about_the_file
from bot.parts import Parts
from bot.turns import Turns
from domain.calendar import month_of
from domain.casting import Look, VoiceOffer
from domain.effect import TurnedAway
from domain.errors import (
    FAILURE_DETAIL_MAX_CHARS,
    Failure,
    FailureClass,
    MediaRefused,
    StorageUnavailable,
)
from domain.file_limits import UNFIT_FILE
from domain.gateway import Accepted, NotSent, Rejected, Submission
from domain.likeness import (
    Likeness,
    LikenessKind,
    LikenessState,
    answered,
    doubted,
    hindered,
    intended,
    looked_at,
)
from domain.message import SlackRefused, SlackUnanswered
from domain.ports import CastingUnread, LikenessVendor, UploadFailed
from domain.stored import Content
from domain.submitting import submit_key
from storage.give_back import give_back_likeness
from storage.likenesses import (
    claim_likenesses,
    intend_likeness,
    record_likeness,
    waits_for_slack,
)
from storage.turns import AlreadyTaken, Claimed

AT_ONCE = 2
FILE_GONE = "Slack does not have that file any more. Post it again."

log = structlog.get_logger(__name__)


class Likenesses:
    """Runs until it is told to stop."""

    def __init__(
        self,
        vendor: LikenessVendor,
        *,
        parts: Parts,
        preparation: Preparation,
        recast: Callable[[], None],
    ) -> None:
        ports, settings = parts.ports, parts.settings
        self._vendor = vendor
        self._preparation = preparation
        self._carrier = Carrier(slack=ports.slack, media=ports.media, probe=ports.probe)
        self._slack = ports.slack
        self._media = ports.media
        self._database = ports.database
        self._clock = ports.clock
        self._ids = ports.ids
        self._silence = parts.silence
        self._recast = recast
        self._budget_micro_usd = settings.monthly_budget_micro_usd
        self._timezone = settings.dailies_timezone
        self._turns = Turns(
            claim=self._claim,
            begin=self._begin,
            give_back=self._give_back,
            clock=ports.clock,
            wakeup=parts.bells.likenesses,
            wake=parts.bells.ring,
        )

    async def run(self) -> None:
        """Claim and step until `stop`. What is cut off then is asked about after the next start."""
        await self._turns.run()
        await self._turns.cut_off()

    def stop(self) -> None:
        """Claim nothing more."""
        self._turns.stop()

    async def _claim(self) -> Claimed[Likeness]:
        room = AT_ONCE - len(self._turns.under_way)
        if room <= 0:
            return Claimed()
        return await self._database.run(claim_likenesses, room=room, now=self._clock.now())

    def _begin(self, due: Likeness) -> asyncio.Task[None] | None:
        if any(due.id == one.id for one in self._turns.under_way.values()):
            log.warning("likeness claimed again", likeness=due.id)
            return None
        return asyncio.create_task(self._step(due), name=f"likeness {due.id}")

    async def _step(self, due: Likeness) -> None:
        """One step, whatever comes of it."""
        try:
            await self._act(due)
        except AlreadyTaken:
            log.info("likeness outrun", likeness=due.id)
        except StorageUnavailable as unavailable:
            await self._turns.unwritten(due, due.id, unavailable)
        except Exception as error:
            log.exception("likeness broke", likeness=due.id, state=due.state)
            await self._count_break(due, type(error).__name__)
        else:
            self._turns.written(due.id)

    async def _give_back(self, due: Likeness, until: float) -> bool:
        return await self._database.run(give_back_likeness, due, until=until)

    async def _count_break(self, due: Likeness, reason: str) -> None:
        """A bug that breaks one step must not break it for ever. What is being made is paid: it is
        looked at again."""
        if due.state is LikenessState.MAKING:
            return
        try:
            await self._hinder(due, FailureClass.OURS, reason)
        except StorageUnavailable as unavailable:
            await self._turns.unwritten(due, due.id, unavailable)

    async def _act(self, due: Likeness) -> None:
        if await self._database.run(waits_for_slack, due, now=self._clock.now()):
            return
        match due.state:
            case LikenessState.ASKED:
                await self._submit(due)
            case LikenessState.SUBMITTING if due.kind is LikenessKind.FACE:
                await self._submit(due)  # its answer was lost: the same again, with its key
            case LikenessState.SUBMITTING:
                found = await self._voice_called(due.name)
                await self._write(due, self._after(doubted(due, self._clock.now()), found))
            case LikenessState.MAKING:
                await self._look(due)
            case LikenessState.READY | LikenessState.FAILED:
                raise AssertionError("what has ended is never due")
            case _:
                assert_never(due.state)

    async def _submit(self, due: Likeness) -> None:
        """Fetch the file, write the intent down, send it, write down what came of it."""
        try:
            if due.kind is LikenessKind.FACE:
                await self._send_face(due)
            else:
                await self._send_voice(due)
        except MediaRefused as refused:
            await self._hinder(due, FailureClass.BAD_INPUT, refused.sentence, final=True)
        except SlackRefused as refused:
            await self._silence.note(due.team_id, TurnedAway(refused.code))
            gone = is_about_the_file(refused)
            said = FILE_GONE if gone else f"Slack: {refused.code}"
            kind = FailureClass.BAD_INPUT if gone else FailureClass.TRANSIENT
            await self._hinder(due, kind, said, final=gone)
        except SlackUnanswered as away:
            await self._hinder(due, FailureClass.TRANSIENT, f"Slack: {away}")

    async def _send_face(self, due: Likeness) -> None:
        picture = await self._preparation.picture(due.team_id, _file_id(due))
        chunks = [chunk async for chunk in self._media.read(picture.media_key)]
        await self._send(due, b"".join(chunks), picture.media_type)

    async def _send_voice(self, due: Likeness) -> None:
        file = await self._slack.file(_file_id(due))
        key = f"{COPIES}/{due.team_id}/{due.id}"
        async with self._carrier.carried(key, file, is_timed=True) as carried:
            if not carried.is_sound:
                raise MediaRefused(f"{file.name} is no recording.")
            check_length(file.name, carried.length_s)
            await self._send(due, carried.content, carried.media_type)

    async def _send(self, due: Likeness, content: Content, media_type: str) -> None:
        now = self._clock.now()
        key, month = submit_key(self._ids.new("submit")), month_of(now, self._timezone)
        sent = intended(due, key=key, month=month, now=now)
        budget = self._budget_micro_usd
        if not await self._database.run(
            intend_likeness, due, sent, budget_micro_usd=budget, now=now
        ):
            return
        answer = await self._create(sent, content, media_type)
        log.info("likeness submitted", likeness=sent.id, answer=type(answer).__name__)
        await self._write(sent, self._after(sent, answer))

    async def _create(self, sent: Likeness, content: Content, media_type: str) -> Submission:
        """The one paid call. An upload that failed before it sent nothing."""
        is_face = sent.kind is LikenessKind.FACE
        create = self._vendor.create_photo_avatar if is_face else self._vendor.clone_voice
        try:
            return await create(content, media_type, name=sent.name, key=sent.key or "")
        except UploadFailed as failed:
            if failed.final and sent.doubted_at is None:
                return Rejected(failed.failure)
            return NotSent(failed.failure.detail)

    async def _voice_called(self, name: str) -> Submission:
        """The account's own voice of this name; its own ones come first in its list."""
        try:
            async for voice in self._vendor.voices():
                if not voice.is_own:
                    break
                if voice.name == name:
                    return Accepted(voice.id)
        except CastingUnread as unread:
            return NotSent(str(unread))
        return NotSent("no voice of that name is there")

    async def _look(self, due: Likeness) -> None:
        assert due.remote_id is not None
        try:
            said: Look | VoiceOffer | Failure | None
            if due.kind is LikenessKind.FACE:
                said = await self._vendor.own_look(due.remote_id)
            else:
                said = await self._vendor.own_voice(due.remote_id)
        except CastingUnread as unread:
            log.info("likeness unread", likeness=due.id, reason=str(unread))
            said = None
        after = looked_at(due, said, now=self._clock.now())
        entry = said if isinstance(said, Look | VoiceOffer) else None
        await self._write(due, after, entry=entry)
        if entry is not None:
            self._recast()

    async def _hinder(
        self, due: Likeness, kind: FailureClass, reason: str, *, final: bool = False
    ) -> None:
        now, jitter = self._clock.now(), self._ids.jitter()
        field = UNFIT_FILE if final else None
        failure = Failure(kind=kind, detail=reason[:FAILURE_DETAIL_MAX_CHARS], field=field)
        await self._write(due, hindered(due, failure, final=final, now=now, jitter=jitter))

    def _after(self, sent: Likeness, answer: Submission) -> Likeness:
        return answered(sent, answer, now=self._clock.now(), jitter=self._ids.jitter())

    async def _write(
        self, before: Likeness, after: Likeness, *, entry: Look | VoiceOffer | None = None
    ) -> None:
        now = self._clock.now()
        await self._database.run(record_likeness, before, after, entry=entry, now=now)


def likenesses_of(
    parts: Parts, preparation: Preparation, recast: Callable[[], None]
) -> Likenesses | None:
    """The loop of the account that can make any; None where there is none."""
    vendor = gateways.likeness_vendor(parts.ports.http, *parts.keys)
    if vendor is None:
        return None
    return Likenesses(vendor, parts=parts, preparation=preparation, recast=recast)


def _file_id(due: Likeness) -> str:
    assert due.file.slack_file_id is not None
    return due.file.slack_file_id
