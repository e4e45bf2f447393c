"""What Slack's answer to a call means: it said no, or nobody knows.

The notifier repeats what was refused and looks before it repeats what was unanswered, so a
refusal must be certain. Error words: docs.slack.dev/reference/methods/chat.postMessage#errors
(`internal_error` and `fatal_error`: "some aspect of the operation may have succeeded").
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from domain.message import SlackRefused, SlackUnanswered

RATE_LIMITED = "ratelimited"
# Slack always says how long; where a proxy lost the header, one posting interval is right.
RETRY_AFTER_DEFAULT_S = 1.0
RETRY_AFTER_MAX_S = 3600.0

_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
# AttributeError: slack_sdk asks a text/plain answer for `.get` (its async_slack_response.py).
_UNCLEAR = (aiohttp.ClientError, SlackClientError, OSError, ValueError, AttributeError)


@asynccontextmanager
async def answered(timeout_s: float) -> AsyncIterator[None]:
    """One call within `timeout_s`. Raises only `SlackRefused` and `SlackUnanswered` for what
    Slack or the way to it does."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except SlackApiError as error:
        raise _meaning(error.response) from error
    except TimeoutError as error:
        raise SlackUnanswered(f"no answer within {timeout_s:g} s") from error
    except _UNCLEAR as error:
        raise SlackUnanswered(type(error).__name__) from error


class Unwelcome(Exception):
    """Slack refuses a token of ours: nothing helps but another one in `setting`."""

    def __init__(self, setting: str, code: str) -> None:
        super().__init__(f"{setting}: {code}")
        self.setting = setting
        self.code = code


@asynccontextmanager
async def welcomed(setting: str, timeout_s: float) -> AsyncIterator[None]:
    """The first call with the token in `setting`. Raises only `Unwelcome` and `SlackUnanswered`."""
    try:
        async with answered(timeout_s):
            yield
    except SlackRefused as error:
        if error.retry_after_s is not None:
            raise SlackUnanswered(error.code) from error
        raise Unwelcome(setting, error.code) from error


def refused(status: int, headers: Mapping[str, str], code: str) -> SlackRefused | SlackUnanswered:
    """What an HTTP status outside the Web API means (files, `response_url`)."""
    if status == 429:
        return SlackRefused(RATE_LIMITED, retry_after_s=_retry_after_s(headers))
    if status >= 500:
        return SlackUnanswered(f"HTTP {status}")
    return SlackRefused(code)


def _meaning(response: Any) -> SlackRefused | SlackUnanswered:
    """`response` is slack_sdk's, or aiohttp's where the body was no JSON."""
    status = getattr(response, "status_code", None)
    headers = getattr(response, "headers", None) or {}
    body = getattr(response, "data", None)
    word = body.get("error") if isinstance(body, dict) else None
    code = word if isinstance(word, str) else ""
    if status == 429 or code in {RATE_LIMITED, "rate_limited"}:
        return SlackRefused(RATE_LIMITED, retry_after_s=_retry_after_s(headers))
    if status is None or status >= 500 or not code:
        return SlackUnanswered(f"HTTP {status}, not readable" if status else "not readable")
    return SlackUnanswered(code) if code in _UNSURE else SlackRefused(code)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    word = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    if not (word.isascii() and word.isdigit()):
        return RETRY_AFTER_DEFAULT_S
    return min(float(word), RETRY_AFTER_MAX_S)
