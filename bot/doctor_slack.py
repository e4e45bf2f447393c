"""What the doctor learns from Slack: who we are, what we may do, and whether a socket opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.findings import Finding, mend, note, ok
from bot.manifest import bot_scopes, over_http, read_manifest
from bot.settings import Settings
from bot.slack import CALL_TIMEOUT_S, web_client
from bot.slack_answers import answered
from domain.message import SlackRefused, SlackUnanswered

REINSTALL = "paste manifest.yml into the app's *App Manifest* page, then *Reinstall to Workspace*"
_FIXES = {
    "invalid_auth": "copy the token again: bot tokens are on *OAuth & Permissions*, "
    "app-level tokens on *Basic Information*",
    "account_inactive": "install the app again: it was removed from the workspace",
    "token_revoked": "install the app again and copy the new token",
    "not_allowed_token_type": "this is a token of another kind: copy it again",
    "missing_scope": "generate an app-level token with the scope connections:write",
}


async def look_at_slack(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    """The bot token and its scopes, then the way Slack reaches us, which has a token of its own:
    both are looked at, so that one run tells everything."""
    token = settings.slack_bot_token.get_secret_value()
    client = web_client(token, settings.slack_api_url, session)
    try:
        headers, me = await _call(client, "auth.test")
    except (SlackRefused, SlackUnanswered) as error:
        way = [await _transport(settings, session)]
        return [_failed("bot token", error, settings.slack_api_url), *way]
    who = f"{me.get('user', '?')} in {me.get('team', '?')} ({me.get('team_id', '?')})"
    return [
        ok("bot token", who),
        *_scopes(headers),
        await _transport(settings, session),
    ]


def _scopes(headers: Mapping[str, str]) -> Iterator[Finding]:
    """Slack says with every answer what the token may do (docs.slack.dev/authentication)."""
    given = frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(","))
    wanted = bot_scopes(read_manifest())
    missing, extra = sorted(wanted - given), sorted(given - wanted - {""})
    if given == {""}:
        yield note("scopes", "Slack did not say which scopes the token has")
    elif missing:
        yield mend("scopes", f"missing: {', '.join(missing)}", REINSTALL)
    elif extra:
        yield note("scopes", f"all of manifest.yml, and more than needed: {', '.join(extra)}")
    else:
        yield ok("scopes", f"all {len(wanted)} of manifest.yml")


async def _transport(settings: Settings, session: aiohttp.ClientSession) -> Finding:
    if settings.slack_app_token is None:
        return _http(settings)
    token = settings.slack_app_token.get_secret_value()
    try:
        await _call(web_client(token, settings.slack_api_url, session), "apps.connections.open")
    except (SlackRefused, SlackUnanswered) as error:
        return _failed("socket mode", error, settings.slack_api_url)
    return ok("socket mode", "Slack gives out an address for our socket")


def _http(settings: Settings) -> Finding:
    path = over_http(read_manifest(), "https://YOUR-HOST")["settings"]["interactivity"]
    where = path["request_url"]
    fix = f"the app's manifest needs {where}: `bin/run manifest --http https://YOUR-HOST`"
    return note("http mode", f"signed requests at {settings.host}:{settings.port}", fix)


async def _call(client: AsyncWebClient, method: str) -> tuple[Mapping[str, str], dict[str, Any]]:
    """Raises `SlackRefused` and `SlackUnanswered`."""
    async with answered(CALL_TIMEOUT_S):
        answer = await client.api_call(method)
    headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
    return headers, answer.data if isinstance(answer.data, dict) else {}


def _failed(name: str, error: SlackRefused | SlackUnanswered, api_url: str) -> Finding:
    if isinstance(error, SlackRefused):
        fix = _FIXES.get(error.code, "Slack's page of the method explains this word")
        return mend(name, f"Slack says {error.code}", fix)
    return mend(name, f"no clear answer ({error.reason})", f"check the way to {api_url}")
