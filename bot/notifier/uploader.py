"""The uploader: streams a finished video from our store into its thread, and proves that it is
there. Slack sometimes says ok and never shares a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import structlog

from bot.notifier.answers import answer_of
from bot.silence import Silence
from bot.turns import Turns
from bot.wakeup import Wakeup
from domain.effect import Answer, Broken, Effect, Told, TurnedAway, judge
from domain.errors import MediaRefused, StorageUnavailable
from domain.message import SlackRefused, SlackUnanswered
from domain.ports import Clock, Database, Ids, MediaStore, Probe, Slack
from domain.shot import Page, Take, Video
from handlers.views.announcements import (
    captions_name,
    captions_title,
    file_comment,
    file_name,
    file_title,
    preview_comment,
    preview_name,
    preview_title,
)
from storage.deliveries import Outcome, file_reserved, settle
from storage.give_back import give_back_effect
from storage.lanes import EffectDue
from storage.shots import read_page
from storage.turns import Claimed, claim_files

UPLOADS_AT_ONCE = 4
PREVIEWS_AT_ONCE = 1  # each keeps a processor busy for seconds; the other turns are for files
SHARE_LOOKS = 12
SHARE_LOOK_S = 0.5  # the first look; each one waits a quarter longer
SHARE_LOOK_GROWTH = 1.25

log = structlog.get_logger(__name__)


class Uploader:
    """Runs until it is told to stop."""

    def __init__(
        self,
        *,
        slack: Slack,
        media: MediaStore,
        probe: Probe,
        database: Database,
        clock: Clock,
        ids: Ids,
        wakeup: Wakeup,
        wake: Callable[[], None],
        owner: str,
        silence: Silence,
    ) -> None:
        self._slack = slack
        self._media = media
        self._probe = probe
        self._database = database
        self._clock = clock
        self._ids = ids
        self._owner = owner
        self._silence = silence
        self._turns = Turns(
            claim=self._claim,
            begin=self._begin,
            give_back=self._give_back,
            clock=clock,
            wakeup=wakeup,
            wake=wake,
        )

    async def run(self) -> None:
        """Claim and upload until `stop`. An upload that is cut off is found and finished later."""
        await self._turns.run()
        for task in self._turns.under_way:
            task.cancel()
        await asyncio.gather(*self._turns.under_way, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more."""
        self._turns.stop()

    async def _claim(self) -> Claimed[EffectDue]:
        room = UPLOADS_AT_ONCE - len(self._turns.under_way)
        if room == 0:
            return Claimed()
        made = sum(due.kind is Effect.PREVIEW for due in self._turns.under_way.values())
        return await self._database.run(
            claim_files,
            room=room,
            previews=PREVIEWS_AT_ONCE - made,
            now=self._clock.now(),
            owner=self._owner,
        )

    def _begin(self, due: EffectDue) -> asyncio.Task[None] | None:
        if any(due.mark == turn.mark for turn in self._turns.under_way.values()):
            # The clock was set past its lease; the upload itself goes on.
            log.warning("upload claimed again", effect=due.mark)
            return None
        return asyncio.create_task(self._upload(due), name=f"upload {due.subject_id}")

    async def _upload(self, due: EffectDue) -> None:
        """One turn of one file, whatever comes of it."""
        try:
            await self._conclude(due, *await self._delivered(due))
        except StorageUnavailable as unavailable:
            await self._turns.unwritten(due, due.mark, unavailable)
        else:
            self._turns.written(due.mark)

    async def _give_back(self, due: EffectDue, until: float) -> bool:
        now = self._clock.now()
        return await self._database.run(give_back_effect, due, now=now, until=until)

    async def _delivered(self, due: EffectDue) -> tuple[Answer, str | None, str | None]:
        """(what came of it, Slack's id of the file, where it is seen)."""
        try:
            file_id, ts = await self._deliver(due)
        except (SlackRefused, SlackUnanswered) as problem:
            return answer_of(problem), None, None
        except MediaRefused as refused:
            return TurnedAway(refused.sentence), None, None
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("upload broke", effect=due.mark)
            return Broken(), None, None
        if ts is None:
            return TurnedAway("not shared"), file_id, None
        return Told(file_id), file_id, ts

    async def _conclude(
        self, due: EffectDue, answer: Answer, file_id: str | None, ts: str | None
    ) -> None:
        await self._silence.note(due.team_id, answer)
        now = self._clock.now()
        verdict = judge(due.telling, answer, now=now, jitter=self._ids.jitter())
        if ts is None:
            log.warning("file not shared", effect=due.mark, answer=str(answer))
        outcome = Outcome(verdict=verdict, ref=file_id, file_ts=ts, reason=str(answer))
        await self._database.run(settle, due, outcome, now=now)

    async def _deliver(self, due: EffectDue) -> tuple[str, str | None]:
        """Share the file unless an earlier turn of ours did. Done when Slack shows it."""
        page = await self._database.run(read_page, due.shot_id)
        assert due.request_id is not None
        if due.slack_ref is not None:
            ts = await self._seen(due.channel, due.slack_ref)
            if ts is not None:
                return due.slack_ref, ts
            await self._slack.discard_file(due.slack_ref)
        file_id = await self._send(due, page, page.take(due.request_id))
        return file_id, await self._seen(due.channel, file_id)

    async def _send(self, due: EffectDue, page: Page, take: Take) -> str:
        video = next(video for video in take.videos if video.number == due.result)
        assert page.shot.card_ts is not None
        sheet = await self._sheet(due, page, take, video)
        file_id, link = await self._slack.reserve_file(sheet.name, sheet.size_bytes)
        await self._slack.upload(link, sheet.chunks, sheet.size_bytes)
        # Only a share leaves a doubt: an upload that was cut off before it begins again at once.
        await self._database.run(file_reserved, due, file_id)
        await self._slack.share(
            file_id,
            title=sheet.title,
            channel=due.channel,
            thread_ts=page.shot.card_ts,
            comment=sheet.comment,
        )
        return file_id

    async def _sheet(self, due: EffectDue, page: Page, take: Take, video: Video) -> _Sheet:
        """The video as it is; of a preview what it shows over a plain colour, made when it is sent.
        Raises `MediaRefused` for a video that cannot be shown."""
        name = file_name(page, take, video)
        if due.kind is Effect.FILE:
            return _Sheet(
                name=name,
                title=file_title(page, take, video),
                comment=file_comment(page, take, video),
                chunks=self._media.read(video.media_key),
                size_bytes=video.size_bytes,
            )
        if due.kind is Effect.CAPTIONS:
            return await self._captions(page, take, name)
        async with self._media.local_file(video.media_key) as path:
            content = await self._probe.preview(path)
        return _Sheet(
            name=preview_name(name),
            title=preview_title(page, take),
            comment=preview_comment(page, take, video),
            chunks=_once(content),
            size_bytes=len(content),
        )

    async def _captions(self, page: Page, take: Take, film: str) -> _Sheet:
        key = take.execution.captions_key
        assert key
        content = b"".join([chunk async for chunk in self._media.read(key)])
        return _Sheet(
            name=captions_name(film, key),
            title=captions_title(page, take),
            comment=captions_title(page, take),
            chunks=_once(content),
            size_bytes=len(content),
        )

    async def _seen(self, channel: str, file_id: str) -> str | None:
        """The `ts` under which Slack shows the file; sharing happens after Slack says ok."""
        wait_s = SHARE_LOOK_S
        for _ in range(SHARE_LOOKS):
            ts = await self._slack.shared_at(file_id, channel)
            if ts is not None:
                return ts
            await self._clock.sleep(wait_s)
            wait_s *= SHARE_LOOK_GROWTH
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """A file as it goes to Slack: what it is called, what is said with it, its bytes."""

    name: str
    title: str
    comment: str
    chunks: AsyncIterator[bytes]
    size_bytes: int


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
