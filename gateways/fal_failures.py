"""fal's errors as ours.

Two families (docs.fal.ai, errors and request-errors): of the model, where `detail` is a list of
`{loc, msg, type}`, and of the platform, where `detail` is text beside `error_type` and the header
`X-Fal-Error-Type`. Switch on the type, never on the message. 5xx is never billed; a 422 may be,
where the runner had already worked (docs.fal.ai, faq).
"""

from __future__ import annotations

import re

from domain.errors import Failure, FailureClass
from gateways.classify import Answer
from gateways.lenient import Lenient, Maybe, read_json
from gateways.redact import detail

_TYPES: dict[FailureClass, tuple[str, ...]] = {
    FailureClass.REFUSED_CONTENT: ("content_policy_violation", "no_media_generated"),
    FailureClass.TRANSIENT: (
        *("generation_timeout", "internal_server_error", "internal_error"),
        *("downstream_service_error", "downstream_service_unavailable"),
        *("request_timeout", "startup_timeout", "runner_scheduling_failure"),
        *("runner_connection_timeout", "runner_disconnected", "runner_connection_refused"),
        *("runner_connection_error", "runner_incomplete_response", "runner_server_error"),
    ),
    FailureClass.STOPPED: ("client_cancelled", "client_disconnected"),
    FailureClass.RATE: ("concurrent_requests_limit",),
    FailureClass.BAD_INPUT: ("bad_request",),
}
_KIND_OF_TYPE = {type_: kind for kind, types in _TYPES.items() for type_ in types}
_KIND_OF_STATUS = {
    400: FailureClass.BAD_INPUT,
    401: FailureClass.CONFIG,
    402: FailureClass.CREDITS,
    403: FailureClass.CONFIG,
    413: FailureClass.BAD_INPUT,
    415: FailureClass.BAD_INPUT,
    422: FailureClass.BAD_INPUT,
    429: FailureClass.RATE,
    499: FailureClass.STOPPED,
}
# fal locks an account that ran out of money, and says 403.
_SAYS_UNPAID = re.compile(r"balance|credit|top up|billing", re.IGNORECASE)

# What fal's wire calls an input, and what we call it (`domain.request.Clip`).
_FIELDS = {
    "prompt": "prompt",
    "image_url": "reference_image",
    "end_image_url": "tail_image",
    "duration": "duration_s",
    "resolution": "resolution",
    "aspect_ratio": "aspect_ratio",
    "generate_audio": "sound",
    "seed": "seed",
}
FIELD_MAX_CHARS = 40


class ModelError(Lenient):
    """One entry of a model error's `detail`."""

    loc: Maybe[list[str | int]] = None
    msg: Maybe[str] = None
    type: Maybe[str] = None


class Stated(Lenient):
    """The body of an error answer."""

    detail: Maybe[list[Maybe[ModelError]] | str] = None
    error_type: Maybe[str] = None

    @property
    def model_errors(self) -> list[ModelError]:
        """The entries of a model error, empty for one of the platform."""
        return [error for error in self.detail if error] if isinstance(self.detail, list) else []


def stated_error(answer: Answer) -> Stated | None:
    """fal's own error in an answer; None where the body is not its envelope."""
    stated = read_json(Stated, answer.body)
    return stated if stated is not None and stated.detail else None


def refused(answer: Answer, secrets: tuple[str, ...] = ()) -> Failure | None:
    """The failure in an answer that carries fal's error envelope. Nothing was begun."""
    stated = stated_error(answer)
    if stated is None:
        return None
    return failure_of(answer, stated, secrets=secrets).model_copy(update={"billed": False})


def failure_of(answer: Answer, stated: Stated, *, secrets: tuple[str, ...] = ()) -> Failure:
    """The failure of a render, as its result tells it."""
    errors = stated.model_errors
    types = [error.type or "" for error in errors] or [
        stated.error_type or answer.headers.get("x-fal-error-type", "")
    ]
    kind = _kind(types, answer.status, str(stated.detail))
    worst = next((error for error in errors if _KIND_OF_TYPE.get(error.type or "") is kind), None)
    named = worst or (errors[0] if errors else None)
    words = (named.msg if named else stated.detail) or f"HTTP {answer.status}"
    request_id = answer.headers.get("x-fal-request-id", "")
    said = ": ".join(part for part in ((named.type if named else types[0]), str(words)) if part)
    return Failure(
        kind=kind,
        detail=detail(f"{said} (request {request_id})" if request_id else said, secrets),
        field=_field(named.loc if named else None),
        billed=False if answer.status >= 500 else None,
    )


def _kind(types: list[str], status: int, said: str) -> FailureClass:
    known = {_KIND_OF_TYPE[type_] for type_ in types if type_ in _KIND_OF_TYPE}
    if FailureClass.REFUSED_CONTENT in known:
        return FailureClass.REFUSED_CONTENT
    if known:
        return next(kind for kind in _TYPES if kind in known)
    if status == 403 and _SAYS_UNPAID.search(said):
        return FailureClass.CREDITS
    return _KIND_OF_STATUS.get(status, FailureClass.TRANSIENT)


def _field(loc: list[str | int] | None) -> str | None:
    names = [part for part in loc or [] if isinstance(part, str) and part != "body"]
    return _FIELDS.get(names[0], names[0][:FIELD_MAX_CHARS]) if names else None
