"""fal's queue in and out: pure functions between our words and its bytes.

Wire: docs.fal.ai/model-endpoints/queue and PyPI fal-client 1.0.3. The body of a submit is the bare
input object, each family of models with names of its own: `fal_inputs.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from domain.gateway import (
    Accepted,
    Cancellation,
    Ended,
    Finished,
    Progress,
    Rendering,
    Unknown,
    Unreadable,
    Waiting,
)
from gateways.classify import Answer, retry_after_s
from gateways.fal_failures import Stated, failure_of, stated_error
from gateways.lenient import URL_MAX_CHARS, Lenient, Maybe, link_of, read_json
from gateways.redact import detail

SERVED_FROM_MAX_CHARS = 200
HANDLE_URLS = ("status_url", "response_url", "cancel_url")

# Follow-up addresses keep owner and app only; these namespaces add one segment (fal-client).
_NAMESPACES = frozenset({"workflows", "comfy"})
_STILL_RUNNING = "in progress"


class _Queued(Lenient):
    request_id: Maybe[str] = None
    status_url: Maybe[str] = None
    response_url: Maybe[str] = None
    cancel_url: Maybe[str] = None


class _Status(Lenient):
    status: Maybe[str] = None
    queue_position: Maybe[int] = None
    error: Maybe[str] = None
    error_type: Maybe[str] = None

    @property
    def says_failed(self) -> bool:
        return bool(self.error or self.error_type)


class _File(Lenient):
    url: Maybe[str] = None


class _Result(Lenient):
    video: Maybe[_File] = None
    seed: Maybe[int] = None


class _Token(Lenient):
    token: Maybe[str] = None
    token_type: Maybe[str] = None


class _Stored(Lenient):
    access_url: Maybe[str] = None


class _InitiatedBody(Lenient):
    upload_url: Maybe[str] = None
    file_url: Maybe[str] = None


@dataclass(frozen=True, slots=True)
class Initiated:
    """Where to put a file, and where it is then."""

    upload_url: str
    file_url: str


def encode_lifecycle(life_s: int) -> str:
    """The value of `X-Fal-Object-Lifecycle-Preference`: how long fal keeps a file."""
    return json.dumps({"expiration_duration_seconds": life_s})


def encode_initiation(filename: str, media_type: str) -> bytes:
    """The JSON body of `storage/upload/initiate`."""
    return json.dumps({"file_name": filename, "content_type": media_type}).encode()


def submit_path(endpoint: str, callback_url: str | None) -> str:
    """Where a submit goes; fal tells at `fal_webhook` how it ended (docs.fal.ai, webhooks)."""
    query = f"?{urlencode({'fal_webhook': callback_url})}" if callback_url else ""
    return f"/{endpoint}{query}"


def decode_accepted(answer: Answer) -> Accepted | None:
    """The acceptance in a 2xx answer. The handle has the addresses that fal gave, unchecked."""
    body = read_json(_Queued, answer.body)
    if body is None or body.request_id is None:
        return None
    given = {name: getattr(body, name) for name in HANDLE_URLS}
    handle = {name: url for name, url in given.items() if url and len(url) <= URL_MAX_CHARS}
    return Accepted(body.request_id, handle)


def request_path(endpoint: str, request_id: str) -> str:
    """The path of a request where fal gave no address that can be used, as fal-js builds it."""
    parts = endpoint.split("/")
    kept = 3 if parts[0] in _NAMESPACES else 2
    return "/".join(("", *parts[:kept], "requests", request_id))


def decode_status(answer: Answer, secrets: tuple[str, ...] = ()) -> Progress | None:
    """What a status says; None for COMPLETED, which may be a failure: read the result.

    A pending status travels with 200 or 202, sources disagree.
    """
    body = read_json(_Status, answer.body)
    if answer.status == 404 and body is not None and body.status == "NOT_FOUND":
        return Unknown()
    if not 200 <= answer.status < 300 or body is None or body.status is None:
        return _unreadable(answer, secrets)
    match body.status.strip().upper():
        case "IN_QUEUE":
            return Waiting(body.queue_position)
        case "COMPLETED":
            return None
        case _:
            return Rendering()


def is_known(answer: Answer | Unreadable) -> bool:
    """Whether a status proves that the account has this request."""
    if isinstance(answer, Unreadable) or not 200 <= answer.status < 300:
        return False
    body = read_json(_Status, answer.body)
    return body is not None and body.status is not None


def unfamiliar_word(answer: Answer) -> str | None:
    """The status word of a check, if fal's documents do not have it."""
    body = read_json(_Status, answer.body)
    word = body.status if body else None
    known = {"IN_QUEUE", "IN_PROGRESS", "COMPLETED", "NOT_FOUND"}
    return None if word is None or word.strip().upper() in known else word


def decode_result(answer: Answer, status: Answer, secrets: tuple[str, ...] = ()) -> Progress:
    """How a COMPLETED request ended: its result answers with the render's own HTTP error.

    A 5xx may also be fal failing to hand the result out. It ends the render only where the
    status said that it failed or the model says so; to call a paid video failed would buy another.
    """
    if 200 <= answer.status < 300:
        return _decode_video(answer)
    stated = stated_error(answer)
    if stated is None:
        return _unreadable(answer, secrets)
    if answer.status == 400 and _STILL_RUNNING in str(stated.detail).lower():
        return Rendering()
    if _tells_of_render(answer, stated, status):
        return Ended(failure_of(answer, stated, secrets=secrets))
    return _unreadable(answer, secrets)


def decode_cancel(answer: Answer) -> Cancellation:
    """docs.fal.ai, cancel: 202 signalled, 400 ALREADY_COMPLETED, 404 NOT_FOUND. A signal only:
    the render may still finish and be billed."""
    body = read_json(_Status, answer.body)
    said = (answer.status, body.status if body else None)
    match said:
        case (200 | 202, "CANCELLATION_REQUESTED" | "OK"):
            return Cancellation.REQUESTED
        case (400, "ALREADY_COMPLETED") | (404, "NOT_FOUND"):
            return Cancellation.TOO_LATE
        case _:
            return Cancellation.UNREADABLE


def decode_token(answer: Answer) -> str | None:
    """The value of the `Authorization` header for the CDN."""
    body = read_json(_Token, answer.body)
    if body is None or not body.token:
        return None
    return f"{body.token_type or 'Bearer'} {body.token}"


def decode_stored(answer: Answer) -> str | None:
    """The link of a file that the CDN took."""
    body = read_json(_Stored, answer.body)
    return link_of(body.access_url if body else None)


def decode_initiated(answer: Answer) -> Initiated | None:
    """Where a file may be put without our key."""
    body = read_json(_InitiatedBody, answer.body)
    upload_url, file_url = (
        (link_of(body.upload_url), link_of(body.file_url)) if body else (None, None)
    )
    return Initiated(upload_url, file_url) if upload_url and file_url else None


def _decode_video(answer: Answer) -> Progress:
    body = read_json(_Result, answer.body)
    url = link_of(body.video.url if body and body.video else None)
    if body is None or url is None:
        return Unreadable("completed without a link")
    # docs.fal.ai: which endpoint made it, where fal's own fallback was not forbidden.
    served_from = answer.headers.get("x-fal-served-from", "")[:SERVED_FROM_MAX_CHARS]
    return Finished(url, seed=body.seed, served_from=served_from or None)


def _tells_of_render(answer: Answer, stated: Stated, status: Answer) -> bool:
    if answer.status in {401, 403, 404, 408, 409, 425, 429}:
        return False
    if answer.status in {422, 499} or stated.model_errors:
        return True
    said = read_json(_Status, status.body)
    return said is not None and said.says_failed


def _unreadable(answer: Answer, secrets: tuple[str, ...]) -> Unreadable:
    stated = stated_error(answer)
    said = f"HTTP {answer.status}" + (f": {stated.detail}" if stated else "")
    is_down = answer.status >= 500
    return Unreadable(detail(said, secrets), retry_after_s(answer), is_down)
