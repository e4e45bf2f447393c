"""The uploader: streams a finished video from our store into its thread, and proves that it is
there. Slack sometimes says ok and never shares a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.wakeup import Wakeup
from domain.errors import StorageUnavailable
from domain.message import SlackRefused, SlackUnanswered
from domain.ports import Clock, Database, Ids, MediaStore, Slack
from domain.schedule import backoff_s
from domain.shot import Page, Take
from handlers.views.announcements import file_comment, file_name, file_title
from storage.deliveries import file_reserved, file_shared, postponed, undeliverable
from storage.lanes import EffectDue, claim_file, next_file_at
from storage.shots import read_page

UPLOADS_AT_ONCE = 4
SHARE_LOOKS = 12
SHARE_LOOK_S = 0.5  # the first look; each one waits a quarter longer
SHARE_LOOK_GROWTH = 1.25
UPLOAD_TRIES_MAX = 5
STORAGE_PAUSE_S = 2.0

log = structlog.get_logger(__name__)


class Uploader:
    """Runs until it is told to stop."""

    def __init__(
        self,
        *,
        slack: Slack,
        media: MediaStore,
        database: Database,
        clock: Clock,
        ids: Ids,
        wakeup: Wakeup,
        wake: Callable[[], None],
        owner: str,
    ) -> None:
        self._slack = slack
        self._media = media
        self._database = database
        self._clock = clock
        self._ids = ids
        self._wakeup = wakeup
        self._wake = wake
        self._owner = owner
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def run(self) -> None:
        """Claim and upload until `stop`. An upload that is cut off is found and finished later."""
        while not self._stopping:
            due, next_at = None, None
            try:
                if len(self._under_way) < UPLOADS_AT_ONCE:
                    now = self._clock.now()
                    due = await self._database.run(claim_file, now=now, owner=self._owner)
                    next_at = None if due else await self._database.run(next_file_at)
            except StorageUnavailable as unavailable:
                log.error("storage unavailable", reason=unavailable.sentence)
                next_at = self._clock.now() + STORAGE_PAUSE_S
            if due is None:
                await self._wakeup.wait_until(next_at)
            else:
                self._begin(due)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._wakeup.ring()

    def _begin(self, due: EffectDue) -> None:
        task = asyncio.create_task(self._upload(due), name=f"upload {due.subject_id}")
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake()

    async def _upload(self, due: EffectDue) -> None:
        try:
            await self._deliver(due)
        except SlackRefused as refused:
            await self._later(due, refused.code, refused.retry_after_s)
        except SlackUnanswered as unanswered:
            await self._later(due, unanswered.reason, None)
        except StorageUnavailable as unavailable:
            log.error("upload not written", effect=due.mark, reason=unavailable.sentence)
        except Exception:
            log.exception("upload broke", effect=due.mark)
            await self._later(due, "broken", None)

    async def _deliver(self, due: EffectDue) -> None:
        """Share the file, unless an earlier try of ours did; done when Slack shows it."""
        page = await self._database.run(read_page, due.shot_id)
        assert due.request_id is not None
        take = page.take(due.request_id)
        ts = await self._slack.shared_at(due.slack_ref, due.channel) if due.slack_ref else None
        file_id = due.slack_ref
        if ts is None or file_id is None:
            file_id = await self._send(due, page, take)
            ts = await self._seen(due, page, take, file_id)
        if ts is None:
            await self._later(due, "Slack did not share the file", None)
            return
        await self._database.run(file_shared, due, file_id, ts, now=self._clock.now())

    async def _send(self, due: EffectDue, page: Page, take: Take) -> str:
        video = take.video
        assert video is not None
        file_id, link = await self._slack.reserve_file(file_name(page, take), video.size_bytes)
        await self._database.run(file_reserved, due, file_id)
        await self._slack.upload(link, self._media.read(video.media_key), video.size_bytes)
        await self._share(due, page, take, file_id)
        return file_id

    async def _share(self, due: EffectDue, page: Page, take: Take, file_id: str) -> None:
        assert page.shot.card_ts is not None
        await self._slack.share(
            file_id,
            title=file_title(page, take),
            channel=due.channel,
            thread_ts=page.shot.card_ts,
            comment=file_comment(page, take),
        )

    async def _seen(self, due: EffectDue, page: Page, take: Take, file_id: str) -> str | None:
        """The `ts` under which Slack shows the file; sharing happens after Slack says ok."""
        wait_s = SHARE_LOOK_S
        for _ in range(SHARE_LOOKS):
            ts = await self._slack.shared_at(file_id, due.channel)
            if ts is not None:
                return ts
            await self._clock.sleep(wait_s)
            wait_s *= SHARE_LOOK_GROWTH
        return None

    async def _later(self, due: EffectDue, reason: str, after_s: float | None) -> None:
        """Again later, by a fresh upload; after enough tries it is kept here and said so."""
        log.warning("file not shared", effect=due.mark, tries=due.tries, reason=reason)
        now = self._clock.now()
        if due.tries >= UPLOAD_TRIES_MAX:
            await self._database.run(undeliverable, due, now=now, reason=reason)
            return
        until = now + (after_s or backoff_s(due.tries, self._ids.jitter()))
        await self._database.run(
            postponed, due, now=now, until=until, in_doubt=False, hold_lane=False
        )
