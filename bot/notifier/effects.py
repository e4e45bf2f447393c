"""One-time effects: posts, words to a person, words to a channel.

A post has no key at Slack, so its intent is written down first and it carries a mark. Where its
fate is unknown it is looked for by that mark; only what is not there is posted again.
"""

from __future__ import annotations

from typing import assert_never

import structlog

from bot.notifier.edits import Edits
from bot.notifier.held import HeldReplies
from bot.notifier.notices import Notices
from domain.message import Message, SlackRefused, SlackUnanswered
from domain.ports import Clock, Database, Ids, Slack
from domain.schedule import backoff_s
from domain.shot import Page, Take
from handlers.views import announcements
from storage.deliveries import blocked, posted, postponed, said, undeliverable
from storage.lanes import EffectDue
from storage.messages import Effect
from storage.shots import read_page

LOOK_AGAIN_S = 2.0  # a post that was not answered may still appear
POST_TRIES_MAX = 12
_NOT_IN = frozenset({"not_in_channel", "channel_not_found"})
_TOO_MUCH = frozenset({"invalid_blocks", "msg_too_long", "msg_blocks_too_long"})
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "message_limit_exceeded", "team_access_not_granted"}
)

log = structlog.get_logger(__name__)


class Effects:
    """Performs what a lane has next."""

    def __init__(
        self,
        *,
        slack: Slack,
        database: Database,
        edits: Edits,
        notices: Notices,
        held: HeldReplies,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._slack = slack
        self._database = database
        self._edits = edits
        self._notices = notices
        self._held = held
        self._clock = clock
        self._ids = ids

    async def perform(self, due: EffectDue) -> None:
        """Do it once and write down what came of it."""
        match due.kind:
            case Effect.WHISPER | Effect.NOTICE:
                await self._notices.tell(due)
                await self._database.run(said, due, now=self._clock.now())
            case Effect.POST_CARD | Effect.POST_TAKE | Effect.PING | Effect.BROADCAST:
                await self._post(due)
            case Effect.FILE:
                raise AssertionError("files have a loop of their own")
            case _:
                assert_never(due.kind)

    async def _post(self, due: EffectDue) -> None:
        page = await self._database.run(read_page, due.shot_id)
        try:
            ts = await self._find(due, page) if due.doubtful else None
            if ts is None:
                ts = await self._send(due, page, await self._render(due, page))
        except SlackUnanswered as unanswered:
            log.info("post not answered", effect=due.mark, reason=unanswered.reason)
            await self._postpone(due, LOOK_AGAIN_S, in_doubt=True)
        except SlackRefused as refused:
            await self._refused(due, refused)
        else:
            await self._database.run(posted, due, ts, now=self._clock.now())
            if due.kind is Effect.POST_CARD:
                await self._held.release(due, ts)

    async def _find(self, due: EffectDue, page: Page) -> str | None:
        thread_ts = None if due.kind is Effect.POST_CARD else page.shot.card_ts
        return await self._slack.find(
            due.channel, thread_ts=thread_ts, mark=due.mark, oldest=due.intent_at
        )

    async def _send(self, due: EffectDue, page: Page, message: Message) -> str:
        thread_ts = None if due.kind is Effect.POST_CARD else page.shot.card_ts
        try:
            return await self._slack.post(
                due.channel,
                message,
                thread_ts=thread_ts,
                broadcast=due.kind is Effect.BROADCAST,
                mark=due.mark,
            )
        except SlackRefused as refused:
            if refused.code not in _TOO_MUCH or not message.blocks:
                raise
            log.error("blocks refused", effect=due.mark, code=refused.code)
            return await self._send(due, page, Message(message.text))

    async def _render(self, due: EffectDue, page: Page) -> Message:
        if due.kind is Effect.POST_CARD:
            return await self._edits.render(page, None)
        assert due.request_id is not None
        if due.kind is Effect.POST_TAKE:
            return await self._edits.render(page, due.request_id)
        take = page.take(due.request_id)
        if due.kind is Effect.BROADCAST:
            return announcements.broadcast(page, take, await self._link(take, due.channel))
        return announcements.ping(page, take, await self._edits.rules(page))

    async def _link(self, take: Take, channel: str) -> str | None:
        """Where the video is. Without it the words still stand in its thread."""
        if take.video is None or take.video.slack_file_ts is None:
            return None
        try:
            return await self._slack.permalink(channel, take.video.slack_file_ts)
        except (SlackRefused, SlackUnanswered) as unknown:
            log.info("no permalink", channel=channel, reason=str(unknown))
            return None

    async def _refused(self, due: EffectDue, refused: SlackRefused) -> None:
        now = self._clock.now()
        if refused.retry_after_s is not None or refused.code in _PASSING:
            wait_s = refused.retry_after_s or backoff_s(due.tries, self._ids.jitter())
            await self._postpone(due, wait_s, in_doubt=False, hold_lane=True)
        elif refused.code in _NOT_IN and _is_a_channel(due):
            await self._database.run(blocked, due, now=now, reason=refused.code)
        elif due.tries < 2:
            await self._postpone(due, LOOK_AGAIN_S, in_doubt=False)
        else:
            log.error("undeliverable", effect=due.mark, code=refused.code)
            await self._database.run(undeliverable, due, now=now, reason=refused.code)

    async def _postpone(
        self, due: EffectDue, wait_s: float, *, in_doubt: bool, hold_lane: bool = False
    ) -> None:
        now = self._clock.now()
        if due.tries >= POST_TRIES_MAX and not hold_lane:
            await self._database.run(undeliverable, due, now=now, reason="no answer from Slack")
            return
        await self._database.run(
            postponed, due, now=now, until=now + wait_s, in_doubt=in_doubt, hold_lane=hold_lane
        )


def _is_a_channel(due: EffectDue) -> bool:
    """A place that we can be invited to; a conversation between people is not one."""
    return due.kind is Effect.POST_CARD and not due.channel.startswith("D")
