"""What a submit came to: the one decision that decides whether somebody pays twice.

Four answers (`reference/reliability.md` 2.4): NOT_SENT only where not one byte of the request can
have reached the vendor, REJECTED only in the vendor's own words, ACCEPTED only with an id, and
UNCERTAIN for everything else. The error that costs money is to call an accepted submission
NOT_SENT or REJECTED, so whatever is not listed here is UNCERTAIN. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

from domain.errors import Failure, FailureClass
from domain.gateway import Accepted, NotSent, Rejected, Submission, Uncertain
from gateways.redact import detail

RETRY_AFTER_MIN_S = 1.0
RETRY_AFTER_MAX_S = 900.0

# Raised by httpx's own transport before a request byte is written, as long as every submit has a
# connection of its own: on a reused one a stale peer looks like an accepted request.
NOT_SENT_ERRORS: tuple[type[Exception], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)

_GONE_STATUSES = frozenset({404, 405, 410})
_REFUSAL_STATUSES = frozenset({400, 401, 402, 403, 413, 415, 422, 429})
# Classes that a vendor's error in a 2xx answer can be believed in: nothing was begun.
_REFUSAL_CLASSES = frozenset(FailureClass) - {
    FailureClass.TRANSIENT,
    FailureClass.UNCERTAIN,
    FailureClass.DRIFT,
}
_REMOTE_ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.:-]{1,200}")
# An avatar, a plan or a credit can be "no longer available" too: only what is said of the road
# itself takes it away from everybody.
_ROAD = r"\b(?:endpoint|route|api(?!.?key)(?! access)|v[0-9])\b"
_NO_MORE = (
    r"\b(?:sunset|deprecated|discontinued|retired|decommissioned|no longer (?:available|supported)"
    r"|(?:has|have) been removed|shut down)\b"
)
_SAYS_GONE = re.compile(f"{_ROAD}.{{0,80}}{_NO_MORE}|{_NO_MORE}.{{0,80}}{_ROAD}", re.I | re.DOTALL)
_SAYS_UNPAID = re.compile(r"credit|top up|billing|balance|\bplan\b|subscription|upgrade", re.I)
_GONE_SEARCH_BYTES = 4_096
_SECONDS = re.compile(r"[+-]?[0-9]{1,300}(?:\.[0-9]{1,300})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back whole: status, headers and raw body, and when (Unix seconds)."""

    status: int
    headers: httpx.Headers
    body: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one vendor speaks: what it says when it takes a submission, and when it refuses one.

    `accepted` returns None where the body does not prove an acceptance; `refused` returns None
    where the answer is not the vendor's own error envelope. Neither raises. `misses_inputs`: its
    404 may be about an input, and then its own words make that a wrong input.
    """

    accepted: Callable[[Answer], Accepted | None]
    refused: Callable[[Answer], Failure | None]
    misses_inputs: bool = False


def classify_error(error: Exception, secrets: Iterable[str] = ()) -> NotSent | Uncertain:
    """What an exception during a submit means for the submission."""
    reason = worded(error, secrets)
    if isinstance(error, NOT_SENT_ERRORS):
        return NotSent(reason)
    return Uncertain(reason)


def worded(error: Exception, secrets: Iterable[str] = ()) -> str:
    """An exception as it may be kept: its class and its redacted text."""
    return detail(f"{type(error).__name__}: {error}".rstrip(": "), secrets)


def classify_answer(answer: Answer, dialect: Dialect) -> Submission:
    """What an answer to a submit means."""
    if 200 <= answer.status < 300:
        return _classify_success(answer, dialect)
    failure = dialect.refused(answer)
    if failure is not None and _misses_input(answer, failure, dialect):
        return Rejected(failure)
    if _is_gone(answer, failure):
        said = failure.detail if failure else f"HTTP {answer.status}"
        return Rejected(Failure(kind=FailureClass.GONE, detail=said))
    if answer.status == 429 and failure is None and "retry-after" in answer.headers:
        # Edges in front of the vendors refuse before the vendor sees anything, and say when.
        failure = Failure(kind=FailureClass.RATE, detail="HTTP 429")
    if answer.status not in _REFUSAL_STATUSES or failure is None:
        return Uncertain(f"HTTP {answer.status}" + (f": {failure.detail}" if failure else ""))
    return Rejected(failure, retry_after_s(answer))


def is_remote_id(text: str) -> bool:
    """Whether `text` can be a vendor's id: what we would put into a path and a row."""
    return _REMOTE_ID.fullmatch(text) is not None


def retry_after_s(answer: Answer) -> float | None:
    """Seconds to wait by Retry-After (seconds or a date, RFC 9110 10.2.3), between
    `RETRY_AFTER_MIN_S` and `RETRY_AFTER_MAX_S`; None without one that can be read."""
    said = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(said):
        wait_s = float(said)
    else:
        try:
            moment = parsedate_to_datetime(said)
        except (ValueError, OverflowError):
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wait_s = aware.timestamp() - answer.at
    return min(max(wait_s, RETRY_AFTER_MIN_S), RETRY_AFTER_MAX_S)


def _classify_success(answer: Answer, dialect: Dialect) -> Submission:
    accepted = dialect.accepted(answer)
    if accepted is not None and is_remote_id(accepted.remote_id):
        return accepted
    failure = dialect.refused(answer)
    if failure is not None and failure.kind in _REFUSAL_CLASSES:
        return Rejected(failure)
    return Uncertain(f"HTTP {answer.status} without an id that can be used")


def _misses_input(answer: Answer, failure: Failure, dialect: Dialect) -> bool:
    is_input = failure.kind is FailureClass.BAD_INPUT
    return answer.status == 404 and dialect.misses_inputs and is_input


def _is_gone(answer: Answer, failure: Failure | None) -> bool:
    """Whether the road itself is not there any more. In the vendor's own envelope a 403 must say
    so of the road; what an edge says is about nothing else."""
    if answer.status in _GONE_STATUSES:
        return True
    if answer.status != 403:
        return False
    said = answer.body[:_GONE_SEARCH_BYTES].decode("utf-8", "replace")
    if failure is None:
        return re.search(_NO_MORE, said, re.IGNORECASE) is not None
    return _SAYS_GONE.search(said) is not None and _SAYS_UNPAID.search(said) is None
