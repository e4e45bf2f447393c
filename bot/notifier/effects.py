"""One-time effects: posts, words to a person, words to a channel.

A post has no key at Slack, so its intent is written down first and it carries a mark. Where its
fate is unknown it is looked for by that mark; only what is not there is posted again. What an
answer means is `domain/effect.py`; what follows from it is one verb (`storage/deliveries.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

import structlog

from bot.notifier.answers import answer_of
from bot.notifier.edits import Edits, digest_of
from bot.notifier.notices import Notices
from bot.silence import Silence
from domain.effect import Answer, Broken, Effect, Sending, Told, judge
from domain.message import Message, SlackRefused, SlackUnanswered
from domain.ports import Clock, Database, Ids, Slack
from domain.shot import Page, Take
from domain.standing import Reach
from handlers.views import announcements
from storage.deliveries import Outcome, settle
from storage.lanes import EffectDue
from storage.requests import fresh
from storage.shots import read_page

HELD_REPLIES_MAX = 16  # read with their card; more than that in one second is a flood
_TOO_MUCH = frozenset({"invalid_blocks", "msg_too_long", "msg_blocks_too_long"})

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
        clock: Clock,
        ids: Ids,
        reach: Callable[[], Reach],
        silence: Silence,
    ) -> None:
        self._slack = slack
        self._database = database
        self._edits = edits
        self._notices = notices
        self._clock = clock
        self._ids = ids
        self._reach = reach
        self._silence = silence

    async def perform(self, due: EffectDue) -> None:
        """Do it once and write down what came of it."""
        match due.kind:
            case Effect.WHISPER | Effect.NOTICE:
                await self._conclude(due, await self._notices.tell(due))
            case Effect.POST_CARD | Effect.POST_TAKE | Effect.PING | Effect.BROADCAST:
                await self._post(due)
            case Effect.FILE | Effect.PREVIEW | Effect.CAPTIONS:
                raise AssertionError("files have a loop of their own")
            case _:
                assert_never(due.kind)

    async def broke(self, due: EffectDue) -> None:
        """A bug of ours, or a turn that took too long: it may have happened."""
        await self._conclude(due, Broken())

    async def _post(self, due: EffectDue) -> None:
        page = await self._database.run(read_page, due.shot_id)
        digest: str | None = None
        in_doubt = due.doubtful
        try:
            ts = await self._find(due, page) if due.doubtful else None
            in_doubt = False  # looked: it is there, or it is not
            if ts is None:
                message = await self._render(due, page)
                digest = digest_of(message)
                ts = await self._send(due, page, message)
        except (SlackRefused, SlackUnanswered) as problem:
            await self._conclude(due, answer_of(problem), in_doubt=in_doubt)
        else:
            await self._conclude(due, Told(ts), digest=digest)

    async def _conclude(
        self, due: EffectDue, answer: Answer, *, digest: str | None = None, in_doubt: bool = False
    ) -> None:
        """The verdict on an answer, written down with what follows from it. `in_doubt`: Slack
        refused the look, so what was done before is as unknown as it was."""
        await self._silence.note(due.team_id, answer)
        now = self._clock.now()
        verdict = judge(due.telling, answer, now=now, jitter=self._ids.jitter())
        if in_doubt and verdict.state is Sending.TODO:
            verdict = replace(verdict, state=Sending.UNKNOWN)
        if verdict.state is not Sending.SENT:
            log.info("not told", effect=due.mark, answer=str(answer), becomes=verdict.state.value)
        outcome = Outcome(verdict=verdict, digest=digest, reason=str(answer))
        if isinstance(answer, Told):
            outcome = replace(outcome, ref=answer.ref)
            if due.kind is Effect.POST_CARD:
                names = [fresh(self._ids) for _ in range(HELD_REPLIES_MAX)]
                outcome = replace(outcome, fresh=names, reach=self._reach())
        await self._database.run(settle, due, outcome, now=now)

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
        seen_at = next((video.slack_file_ts for video in take.videos if video.slack_file_ts), None)
        if seen_at is None:
            return None
        try:
            return await self._slack.permalink(channel, seen_at)
        except (SlackRefused, SlackUnanswered) as unknown:
            log.info("no permalink", channel=channel, reason=str(unknown))
            return None
