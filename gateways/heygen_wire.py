"""HeyGen's workflow endpoint in and out: pure functions between our words and its bytes.

Wire: seed 000 (`POST|GET /v1/workflows/executions`, node `GenerateVideoNode`), and for pictures
heygen-cli's embedded OpenAPI (`POST /v3/assets`) and docs.heygen.com (`POST /v1/asset`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue

from domain.errors import FailureClass
from domain.gateway import (
    Accepted,
    Ended,
    Finished,
    Intent,
    Progress,
    Rendering,
    Unknown,
    Unreadable,
    Waiting,
)
from gateways.classify import Answer, retry_after_s
from gateways.heygen_failures import Stated, failure_of, says_not_found, stated_error
from gateways.http import Body
from gateways.lenient import Lenient, Maybe, read_json
from gateways.redact import detail

URL_MAX_CHARS = 8_192

# Seed 000 names submitted, completed, failed and not_found; the rest are the words of HeyGen's
# other endpoints (heygen-cli's schemas). Compared without case.
WAITING_WORDS = frozenset({"submitted", "pending", "waiting", "queued"})
RENDERING_WORDS = frozenset({"processing", "running", "generating", "in_progress"})
FINISHED_WORDS = frozenset({"completed", "complete", "success"})
FAILED_WORDS = frozenset({"failed", "fail", "error"})
NOT_FOUND_WORD = "not_found"


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Input(_Request):
    prompt: str
    provider: str
    aspect_ratio: str | None
    reference_image_url: str | None
    tail_image_url: str | None
    config: dict[str, JsonValue] | None


class _Submission(_Request):
    workflow_type: Literal["GenerateVideoNode"] = "GenerateVideoNode"
    input: _Input


class _AcceptedExecution(Lenient):
    execution_id: Maybe[str] = None


class _AcceptedBody(Lenient):
    data: Maybe[_AcceptedExecution] = None


class _Video(Lenient):
    video_url: Maybe[str] = None
    video_id: Maybe[str] = None


class _Output(_Video):
    """`video_url` stands in `video`; another node (FaceswapNode) has it here."""

    video: Maybe[_Video] = None
    asset_id: Maybe[str] = None


class _Execution(Lenient):
    status: Maybe[str] = None
    output: Maybe[_Output] = None
    error: Maybe[Stated | str] = None
    failure_code: Maybe[str | int] = None
    failure_message: Maybe[str] = None
    message: Maybe[str] = None


class _CheckBody(Lenient):
    data: Maybe[_Execution] = None


class _Asset(Lenient):
    url: Maybe[str] = None


class _AssetBody(Lenient):
    data: Maybe[_Asset] = None


def encode_submission(intent: Intent) -> bytes:
    """The JSON body of a submit: every field of seed 000, and only those that were set."""
    clip = intent.clip
    submission = _Submission(
        input=_Input(
            prompt=clip.prompt,
            provider=intent.offer.endpoint,
            aspect_ratio=None if clip.aspect_ratio is None else clip.aspect_ratio.value,
            reference_image_url=intent.reference_image_url,
            tail_image_url=intent.tail_image_url,
            config=clip.config or None,
        )
    )
    return submission.model_dump_json(exclude_none=True).encode()


def decode_accepted(answer: Answer) -> Accepted | None:
    """The acceptance in a 2xx answer: it has an id, whatever else it says."""
    body = read_json(_AcceptedBody, answer.body)
    if body is None or body.data is None or body.data.execution_id is None:
        return None
    return Accepted(body.data.execution_id)


def decode_progress(answer: Answer, secrets: tuple[str, ...] = ()) -> Progress:
    """What a check says of the render. Only words of the render end it, never a failed check."""
    stated = stated_error(answer)
    if answer.status == 404 and stated is not None and says_not_found(stated):
        return Unknown()
    if not 200 <= answer.status < 300:
        said = f"HTTP {answer.status}" + (f": {stated.text}" if stated else "")
        return Unreadable(detail(said, secrets), retry_after_s(answer))
    body = read_json(_CheckBody, answer.body)
    if body is not None and body.data is not None and body.data.status is not None:
        return _decode_execution(body.data, secrets)
    if stated is None:
        return Unreadable("an answer without a status")
    return _decode_error(stated, secrets)


def unfamiliar_word(answer: Answer) -> str | None:
    """The status word of a check, if HeyGen's documents do not have it."""
    body = read_json(_CheckBody, answer.body)
    word = body.data.status if body and body.data else None
    known = WAITING_WORDS | RENDERING_WORDS | FINISHED_WORDS | FAILED_WORDS | {NOT_FOUND_WORD}
    return None if word is None or word.strip().lower() in known else word


def encode_asset(content: bytes, media_type: str, filename: str) -> Body:
    """The multipart body of `POST /v3/assets`: one field `file`.

    The boundary is made of the content, so the same picture gives the same bytes.
    """
    boundary = sha256(content).hexdigest()[:32]
    form_type = f"multipart/form-data; boundary={boundary}"
    form = httpx.Request(
        "POST",
        "https://form.invalid",
        headers={"content-type": form_type},
        files={"file": (filename, content, media_type)},
    )
    return Body(form.read(), {"content-type": form_type})


def decode_asset(answer: Answer) -> str | None:
    """The link of an uploaded picture, from either version's answer."""
    body = read_json(_AssetBody, answer.body)
    return _link(body.data.url if body and body.data else None)


def _decode_execution(execution: _Execution, secrets: tuple[str, ...]) -> Progress:
    word = (execution.status or "").strip().lower()
    if word in WAITING_WORDS:
        return Waiting()
    if word in FINISHED_WORDS:
        return _finished(execution)
    if word in FAILED_WORDS:
        return Ended(failure_of(_reason(execution), secrets=secrets))
    if word == NOT_FOUND_WORD:
        return Unknown()
    return Rendering()


def _decode_error(stated: Stated, secrets: tuple[str, ...]) -> Progress:
    """An error with HTTP 200 and no status beside it: of the render, or of the check?"""
    if says_not_found(stated):
        return Unknown()
    failure = failure_of(stated, secrets=secrets)
    if failure.kind in {FailureClass.REFUSED_CONTENT, FailureClass.CREDITS}:
        return Ended(failure)  # nothing that a read could be refused for
    return Unreadable(failure.detail)


def _finished(execution: _Execution) -> Progress:
    output = execution.output or _Output()
    video = output.video or _Video()
    url = _link(video.video_url) or _link(output.video_url)
    if url is None:
        # `completed` can precede a working link by a moment (heygen-cli `asset_not_available`).
        return Unreadable("completed without a link")
    return Finished(
        url, asset_id=output.asset_id, remote_video_id=video.video_id or output.video_id
    )


def _reason(execution: _Execution) -> Stated:
    """Why it failed: the error object, else the codes of the other endpoints, else nothing."""
    if isinstance(execution.error, Stated) and execution.error.text:
        return execution.error
    said = execution.error if isinstance(execution.error, str) else None
    return Stated(
        code=execution.failure_code,
        message=said or execution.failure_message or execution.message,
    )


def _link(url: str | None) -> str | None:
    if url is None or len(url) > URL_MAX_CHARS:
        return None
    return url if url.lower().startswith(("https://", "http://")) else None
