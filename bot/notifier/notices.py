"""Words to one person: through the `response_url` of their command, in the thread for them alone,
or in their own conversation with us. Where Slack was busy or silent they are said again: hearing a
thing twice harms nobody."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bot.notifier.answers import answer_of
from bot.notifier.response_urls import ResponseUrls
from domain.effect import Answer, Effect, Told
from domain.errors import FailureClass
from domain.message import Message, SlackRefused, SlackUnanswered
from domain.offer import GatewayName
from domain.ports import Database, Slack
from domain.pricing import Estimate
from domain.shot import Page
from handlers.views import likenesses, notices, voices
from storage.drafts import find_draft
from storage.lanes import EffectDue
from storage.likenesses import find_likeness
from storage.preferences import read_preferences
from storage.shots import read_page
from storage.voice_questions import VOICES

# docs.slack.dev/reference/methods/chat.postEphemeral#errors
_UNHEARD_THERE = frozenset(
    {"channel_not_found", "is_archived", "not_in_channel", "user_not_in_channel"}
)

log = structlog.get_logger(__name__)


class Notices:
    """Tells people one thing, privately."""

    def __init__(
        self,
        *,
        slack: Slack,
        database: Database,
        response_urls: ResponseUrls,
        admins: Sequence[str],
        bot_name: str,
    ) -> None:
        self._slack = slack
        self._database = database
        self._response_urls = response_urls
        self._admins = tuple(admins)
        self._bot_name = bot_name

    async def tell(self, due: EffectDue) -> Answer:
        """Say it; what Slack answered."""
        try:
            if due.kind is Effect.WHISPER:
                await self._whisper(due)
            elif "likeness" in due.payload:
                await self._likeness(str(due.payload["likeness"]))
            else:
                await self._notice(due, await self._database.run(read_page, due.shot_id))
        except (SlackRefused, SlackUnanswered) as problem:
            return answer_of(problem)
        return Told()

    async def _whisper(self, due: EffectDue) -> None:
        """Where it happened, for one person alone; directly, where we may not speak there."""
        message = await self._whispered(due)
        if message is None or await self._responded(due, message):
            return
        user, thread_ts = str(due.payload["user"]), due.payload.get("thread_ts")
        try:
            await self._slack.whisper(due.channel, user, message, thread_ts=thread_ts)
        except SlackRefused as refused:
            if refused.code not in _UNHEARD_THERE:
                raise
            await self._slack.direct(user, message)

    async def _responded(self, due: EffectDue, message: Message) -> bool:
        """Whether it was said through the command's `response_url`, which works everywhere."""
        url = self._response_urls.take(str(due.payload.get("question", "")))
        if url is None:
            return False
        try:
            await self._slack.respond(url, message)
        except (SlackRefused, SlackUnanswered) as unsaid:
            log.info("response_url failed", reason=str(unsaid))
            return False
        return True

    async def _whispered(self, due: EffectDue) -> Message | None:
        if "voices" in due.payload:
            found = VOICES.validate_python(due.payload["voices"])
            return voices.found(
                found,
                wanted=str(due.payload["wanted"]),
                say=due.payload.get("say"),
                by_name=bool(due.payload.get("by_name")),
            )
        if "voice" in due.payload:
            return voices.spoken(due.payload)
        draft_id = due.payload.get("draft")
        if draft_id is None:
            return notices.refusal(str(due.payload["sentence"]), due.payload.get("suggestion"))
        draft = await self._database.run(find_draft, str(draft_id))
        if draft is None:
            return None
        price = Estimate(draft.estimate_micro_usd, draft.is_ceiling)
        preferences = await self._database.run(read_preferences, draft.team_id, draft.channel)
        return notices.suggestion(
            draft.work,
            price,
            draft_id=draft.id,
            changed=draft.changed,
            preferences=preferences,
        )

    async def _likeness(self, likeness_id: str) -> None:
        """What became of somebody's own face or voice."""
        likeness = await self._database.run(find_likeness, likeness_id)
        if likeness is not None:
            await self._slack.direct(likeness.requester, likenesses.outcome(likeness))

    async def _notice(self, due: EffectDue, page: Page) -> None:
        match due.payload["notice"]:
            case "parked":
                await self._to_admins(page, notices.parked(str(due.payload["offer"])))
            case "account":
                gateway = GatewayName(due.payload["gateway"])
                cause = FailureClass(due.payload["cause"])
                await self._to_admins(page, notices.account(gateway, cause))
            case "limited" if due.request_id is not None:
                take, why = page.take(due.request_id), str(due.payload["reason"])
                await self._to_admins(page, notices.limited(page, take, why))
            case "blocked":
                await self._to_requester(due, page, notices.blocked(page, bot_name=self._bot_name))
            case "outcome" if due.request_id is not None:
                take = page.take(due.request_id)
                await self._slack.direct(take.request.requester, notices.outcome(page, take))
            case _:
                reason = str(due.payload.get("reason", ""))
                await self._to_requester(due, page, notices.undeliverable(page, reason))

    async def _to_admins(self, page: Page, message: Message) -> None:
        """Each of them; one who cannot be written to keeps nobody from hearing it."""
        problem: SlackRefused | SlackUnanswered | None = None
        told = 0
        for admin in self._admins or (page.shot.requester,):
            try:
                await self._slack.direct(admin, message)
                told += 1
            except (SlackRefused, SlackUnanswered) as unsaid:
                log.warning("an admin was not told", reason=str(unsaid))
                problem = unsaid
        if told == 0 and problem is not None:
            raise problem

    async def _to_requester(self, due: EffectDue, page: Page, message: Message) -> None:
        """Through their command's `response_url`, which works where we may not post; else a DM."""
        url = self._response_urls.take(due.request_id) if due.request_id else None
        if url is not None:
            try:
                await self._slack.respond(url, message)
            except (SlackRefused, SlackUnanswered) as unsaid:
                log.info("response_url failed", reason=str(unsaid))
            else:
                return
        await self._slack.direct(page.shot.requester, message)
