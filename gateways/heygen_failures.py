"""HeyGen's errors as ours: which of its codes, numbers and words means what.

Sources: developers.heygen.com/docs/error-codes (v3 codes), docs.heygen.com/reference/errors (v1
numbers), heygen-cli `internal/errors` (what a bare HTTP status stands for), heygen-cli#321
(failures may come without code and message). "Failed jobs are not charged":
developers.heygen.com/docs/enterprise-pricing.

HeyGen hands on what its own vendors say, and most of its clips are Veo's, whose refusals have words
of their own ("violates Vertex AI's usage guidelines", "violate Google's Responsible AI practices":
cloud.google.com/vertex-ai/generative-ai/docs/video/responsible-ai-and-usage-guidelines). A refusal
that is not recognised must not be shopped around: what no code and no words explain is not called
unbilled, so nothing is made elsewhere of it.
"""

from __future__ import annotations

import re
from typing import assert_never

from domain.errors import Failure, FailureClass
from domain.gateway import Rejected
from domain.spoken import CONTINUES
from gateways.classify import Answer, retry_after_s
from gateways.lenient import Lenient, Maybe, read_json
from gateways.redact import detail

_CODES: dict[FailureClass, tuple[str | int, ...]] = {
    FailureClass.CONFIG: (
        *("unauthorized", "authentication_failed", "forbidden", "resource_access_denied"),
        *("phone_verification_required", "resource_limit_exceeded", "resource_limit_reached"),
        *(40009, 400112, 40102, 400631, 401003, 400685),
    ),
    FailureClass.CREDITS: (
        *("insufficient_credit", "subscription_required"),
        *(400664, 400599),
    ),
    FailureClass.RATE: ("rate_limit_exceeded", "quota_exceeded", 400123),
    FailureClass.REFUSED_CONTENT: (
        *("content_policy_violation", "voice_not_usable", "ai_vendor_access_restricted"),
        *(400105, 400168, 400625, 400680, 402007, 402008, 402009),
    ),
    FailureClass.BAD_INPUT: (
        *("invalid_parameter", "validation_error", "payload_too_large"),
        *("download_failed", "asset_not_available", "not_found", "video_not_found"),
        *("avatar_not_found", "voice_not_found", "resource_not_found"),
        *(40001, 40012, 400175, 40031, 40039, 400144, 400174, 400116, 400150, 40119),
    ),
    FailureClass.TRANSIENT: (
        *("internal_error", "voice_provider_error", "service_unavailable", "gateway_timeout"),
        *("resource_not_ready", "brand_kit_not_ready", "request_in_progress", "conflict"),
        *(400548, 400551, 400552, 400634),
    ),
    FailureClass.GONE: ("gone",),
}
_KIND_OF_CODE = {str(code): kind for kind, codes in _CODES.items() for code in codes}
_NOT_FOUND_CODES = frozenset({"not_found", "resource_not_found", "video_not_found", "40031"})
# A submit may name something that is not there: that is a wrong input and no endpoint that is gone.
_MISSING: dict[str, str | None] = {
    "avatar_not_found": "avatar",
    "voice_not_found": "voice",
    "look_not_found": "avatar",
    "style_not_found": "style",
    "template_not_found": "template",
    "asset_not_found": None,
    "resource_not_found": None,
    "video_not_found": "source",
}
_ANY_NOT_FOUND = frozenset({"not_found", "resource_not_found"})
_SAYS_MISSING = re.compile(
    r"\b(?:avatar|look|talking photo|voice|style|asset|template)\b.{0,60}"
    r"\b(?:not (?:be )?found|no longer available|deprecated)\b",
    re.IGNORECASE,
)
_SAYS_ROAD = re.compile(r"\b(?:endpoint|route|workflow|cannot (?:get|post))\b", re.I)
_NOT_READY_CODES = frozenset({"resource_not_ready", "brand_kit_not_ready"})
_IMAGE_CODES = frozenset({"download_failed", "asset_not_available"})

_KIND_OF_STATUS = {
    400: FailureClass.BAD_INPUT,
    401: FailureClass.CONFIG,
    402: FailureClass.CREDITS,
    403: FailureClass.CONFIG,
    413: FailureClass.BAD_INPUT,
    415: FailureClass.BAD_INPUT,
    422: FailureClass.BAD_INPUT,
    429: FailureClass.RATE,
}

# Failures of the render itself come with a message and often no code (seed 000).
_KIND_OF_WORDS = (
    (
        FailureClass.CREDITS,
        re.compile(r"(?:insufficient|not enough|out of) (?:\w+ )?(?:credit|balance|fund)", re.I),
    ),
    (
        FailureClass.REFUSED_CONTENT,
        re.compile(
            r"polic(?:y|ies)|moderat|nsfw|inappropriate|prohibited|sensitive (?:content|words)"
            r"|safety|celebrit|copyright|blocked word|disallowed|responsible ai|risk.control"
            r"|guardrail|usage guideline",
            re.I,
        ),
    ),
)
# Said of a render they refuse its content; said with a 401 or a 403 they may be about our account.
_REFUSES_A_RENDER = re.compile(
    r"violat|guideline|sensitive|flagged|forbidden|infring|third.party content|harmful|unsafe", re.I
)
_ACCOUNT_STATUSES = frozenset({401, 402, 403, 429})

# What HeyGen's wire calls an input, and what we call it (`domain.request`, `domain.spoken`).
_FIELDS = {
    "script": "script",
    "input_text": "script",
    "avatar_id": "avatar",
    "talking_photo_id": "avatar",
    "voice_id": "voice",
    "speed": "speed",
    "pitch": "pitch",
    "volume": "volume",
    "locale": "locale",
    "engine_settings": "voice_engine",
    "engine": "engine",
    "motion_prompt": "motion",
    "expressiveness": "expressiveness",
    "background": "background",
    "caption": "captions",
    "output_format": "transparent",
    "avatar_style": "style",
    "style_id": "style",
    "image": "photo",
    "source": "photo",
    "audio_url": "recording",
    "audio_asset_id": "recording",
    "files": "files",
    "references": "references",
    "duration": "duration_s",
    "duration_sec": "duration_s",
    "resolution": "resolution",
    "output_language": "language",
    "output_languages": "language",
    "video": "source",
    "video_url": "source",
    "speaker_num": "speakers",
    "variables": "variables",
    "title": "title",
    "prompt": "prompt",
    "provider": "model",
    "aspect_ratio": "aspect_ratio",
    "reference_image_url": "reference_image",
    "tail_image_url": "tail_image",
    "config": "config",
}
FIELD_MAX_CHARS = 40


class Stated(Lenient):
    """An error object of any version: v3 `{code, message, param}`, v1 `{code, message, detail}`."""

    code: Maybe[str | int] = None
    message: Maybe[str] = None
    msg: Maybe[str] = None
    detail: Maybe[str] = None
    param: Maybe[str] = None

    @property
    def code_text(self) -> str:
        """The code as text, empty without one."""
        return "" if self.code is None else str(self.code).strip()

    @property
    def text(self) -> str:
        """Code and message, as *Details* show them."""
        words = self.message or self.msg or self.detail or ""
        return ": ".join(part for part in (self.code_text, words) if part)


class _Envelope(Stated):
    """Where the error stands: in `error` (v2, v3; object or text) or at the top (v1)."""

    error: Maybe[Stated | str] = None


def stated_error(answer: Answer) -> Stated | None:
    """HeyGen's own error in an answer of any status; None where the body is not its envelope."""
    envelope = read_json(_Envelope, answer.body)
    if envelope is None:
        return None
    match envelope.error:
        case Stated() as stated if stated.text:
            return stated
        case str(words) if words.strip():
            return Stated(message=words)
        case Stated() | str() | None:
            return envelope if _is_v1_error(envelope) else None
        case _:
            assert_never(envelope.error)


def refused(answer: Answer, secrets: tuple[str, ...] = ()) -> Failure | None:
    """The failure in an answer that carries HeyGen's error envelope."""
    stated = stated_error(answer)
    if stated is None:
        return None
    request_id = answer.headers.get("x-request-id", "")
    return failure_of(stated, status=answer.status, request_id=request_id, secrets=secrets)


def failure_of(
    stated: Stated,
    *,
    status: int | None = None,
    request_id: str = "",
    secrets: tuple[str, ...] = (),
) -> Failure:
    """An error object as a failure; `status` where it came with an HTTP answer of its own: then
    nothing was begun. A render that failed for a reason we do not know may be billed."""
    said_kind = _said_kind(stated, status)
    kind = said_kind or FailureClass.TRANSIENT
    said = stated.text or (f"HTTP {status}" if status else "no reason given")
    return Failure(
        kind=kind,
        detail=detail(f"{said} (request {request_id})" if request_id else said, secrets),
        field=_field(stated, kind),
        billed=None if status is None and said_kind is None else False,
    )


def missing_input(
    answer: Answer, secrets: tuple[str, ...] = (), *, named: bool = True
) -> Failure | None:
    """The failure in an answer that says in v3's own words that an avatar, a voice, a template or
    another input is not there (404) or not ready (409; developers.heygen.com/docs/error-codes);
    None for any other answer. `named`: the submit names something that can be missing at all; a
    bare `not_found` about one that does not is about the endpoint."""
    stated = stated_error(answer)
    if stated is None or answer.status not in (404, 409):
        return None
    code = stated.code_text.lower()
    if answer.status == 409:
        return refused(answer, secrets) if named and code in _NOT_READY_CODES else None
    if _SAYS_ROAD.search(f"{code.replace('_', ' ')} {stated.text}"):
        return None
    # v2's error may be a bare sentence, without a code.
    says_which = bool(stated.param or _SAYS_MISSING.search(stated.text))
    says_which |= code.endswith("_not_found") and code not in _ANY_NOT_FOUND
    return refused(answer, secrets) if says_which or (named and code in _ANY_NOT_FOUND) else None


def conversation_refused(answer: Answer, secrets: tuple[str, ...] = ()) -> Rejected | None:
    """What an answer to a message says of its session, in v3's own words: that it is gone or takes
    no messages, or (409, `conflict`) that it is still at work and is to be asked again; None for
    any other answer. `request_in_progress` is about our own key, and so leaves a doubt.

    heygen-cli `gen/video-agent.go`: only sessions in chat mode take messages; codes:
    developers.heygen.com/docs/error-codes.
    """
    stated = stated_error(answer)
    if stated is None:
        return None
    said = detail(stated.text, secrets)
    if answer.status == 409 and stated.code_text.lower() == "conflict":
        return Rejected(Failure(kind=FailureClass.RATE, detail=said), retry_after_s(answer))
    is_lost = answer.status == 404 and says_not_found(stated)
    is_closed = answer.status in (400, 422) and stated.param == "session_id"
    return Rejected(no_conversation(said)) if is_lost or is_closed else None


def no_conversation(said: str) -> Failure:
    """A message was not taken because there is no session for it: nothing was begun."""
    return Failure(kind=FailureClass.BAD_INPUT, field=CONTINUES, detail=said, billed=False)


def says_not_found(stated: Stated) -> bool:
    """Whether the error says that HeyGen does not know the id that was asked for."""
    return stated.code_text.lower() in _NOT_FOUND_CODES


def _is_v1_error(envelope: Stated) -> bool:
    """v1 puts a number at the top, 100 for success (docs.heygen.com/reference/errors)."""
    words = envelope.message or envelope.msg
    return isinstance(envelope.code, int) and envelope.code != 100 and bool(words)


def _said_kind(stated: Stated, status: int | None) -> FailureClass | None:
    """What its code and its words say; None where they say nothing that we know."""
    code = stated.code_text.lower()
    kind = _KIND_OF_CODE.get(code)
    if code.startswith("movio_payment"):
        return FailureClass.CREDITS
    if code.endswith("_limit_reached") and kind is None:
        return FailureClass.BAD_INPUT  # AVATAR_IV_VIDEO_GENERATION_DURATION_LIMIT_REACHED
    if _is_about_an_input(stated, kind, status):
        return FailureClass.BAD_INPUT
    if kind is not None and kind is not FailureClass.TRANSIENT:
        return kind
    by_words = next((one for one, words in _KIND_OF_WORDS if words.search(stated.text)), None)
    if by_words is None and status not in _ACCOUNT_STATUSES:
        by_words = FailureClass.REFUSED_CONTENT if _REFUSES_A_RENDER.search(stated.text) else None
    # HTTP 400 with `internal_error` says that this input will never do (postiz-app#1838).
    return by_words or _KIND_OF_STATUS.get(status or 0) or kind


def _is_about_an_input(stated: Stated, kind: FailureClass | None, status: int | None) -> bool:
    """Whether a refused submit names something that is not there, or not ours, any more."""
    if status not in (403, 404) or kind is FailureClass.CREDITS:
        return False
    is_missing = kind is None and stated.code_text.lower().endswith("_not_found")
    is_named = status == 404 and bool(stated.param)
    return is_missing or is_named or _SAYS_MISSING.search(stated.text) is not None


def _field(stated: Stated, kind: FailureClass) -> str | None:
    if stated.param:
        steps = reversed(stated.param.split("."))  # the innermost name that is one of ours
        known = next((_FIELDS[step] for step in steps if step in _FIELDS), None)
        return known or stated.param.removeprefix("input.")[:FIELD_MAX_CHARS]
    if (missing := _MISSING.get(stated.code_text.lower())) is not None:
        return missing
    if stated.code_text.lower() in _IMAGE_CODES:
        return "reference_image"
    if kind is FailureClass.REFUSED_CONTENT:
        said = stated.text.lower()
        return "reference_image" if "image" in said else "prompt" if "prompt" in said else None
    return None
