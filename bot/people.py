"""Who we are in a workspace, and who owns it."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_answers import welcomed

HELLO_TIMEOUT_S = 15.0
PEOPLE_PAGE = 200
PEOPLE_PAGES_MAX = 50

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What `auth.test` says of our token."""

    team_id: str
    enterprise_id: str | None
    bot_id: str
    bot_user_id: str
    bot_name: str


async def identify(client: AsyncWebClient) -> Identity:
    """Who this token is. Raises `Unwelcome` and `SlackUnanswered`."""
    async with welcomed("SLACK_BOT_TOKEN", HELLO_TIMEOUT_S):
        answer = await client.auth_test()
        if not isinstance(answer.data, dict):
            raise ValueError("not a JSON object")
    return Identity(
        team_id=str(answer["team_id"]),
        enterprise_id=answer.get("enterprise_id"),
        bot_id=str(answer["bot_id"]),
        bot_user_id=str(answer["user_id"]),
        bot_name=str(answer["user"]),
    )


async def owners(client: AsyncWebClient) -> frozenset[str]:
    """The workspace's owners: who may do everything where nobody is listed."""
    found: set[str] = set()
    cursor: str | None = None
    try:
        for _ in range(PEOPLE_PAGES_MAX):
            answer = await client.users_list(limit=PEOPLE_PAGE, cursor=cursor)
            found |= {person["id"] for person in answer["members"] if person.get("is_owner")}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                break
    except (SlackApiError, ClientError, TimeoutError) as error:
        log.warning("owners unknown: set DAILIES_ADMINS", reason=type(error).__name__)
    return frozenset(found)
