"""HeyGen's envelopes in all three dialects, its refusals, and how strictly a body is read.

Sources: developers.heygen.com/docs/error-codes (v3), docs.heygen.com (v1 and v2 envelopes),
heygen-cli's embedded OpenAPI (`additionalProperties: false`, paging beside `data`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

API_KEY = "sk_V2_sandbox_heygen_key"
CODES = {
    400: ("invalid_parameter", "The request is not valid."),
    401: ("unauthorized", "Unauthorized"),
    402: ("insufficient_credit", "Insufficient credit. Please add funds to your API wallet."),
    403: ("forbidden", "You do not have access to this resource."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "Method not allowed."),
    409: ("conflict", "Conflict."),
    410: ("gone", "This endpoint is Legacy and was removed on 2026-10-31."),
    413: ("payload_too_large", "The file is larger than 32 MB."),
    422: ("validation_error", "The request is not valid."),
    429: ("rate_limit_exceeded", "Rate limit exceeded."),
    503: ("service_unavailable", "Service unavailable."),
    504: ("gateway_timeout", "Gateway timeout."),
}
# The v1 numbers of docs.heygen.com/reference/errors for what the sandbox refuses.
V1_NUMBERS = {400: 40001, 401: 400112, 402: 400664, 404: 40031, 413: 40001, 429: 400123}
V1_PLAIN = ("/v1/video.webm", "/v1/video_agent/", "/v1/workflows/")  # v1 paths that answer as v2
SHAPES_V3 = ("/v3/", "/v1/workflows/")
PAGE_LIMIT = 20
TAGGED = ("character", "voice", "background")
TAGS = ("avatar", "talking_photo", "text", "audio", "silence", "color", "image", "video")

Json = dict[str, Any]
B = TypeVar("B", bound="Body")


class Body(BaseModel):
    """A JSON body HeyGen reads: unknown fields are refused, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RefusedError(Exception):
    """A request HeyGen answers with an error of its own."""

    def __init__(
        self, status: int, message: str = "", *, param: str | None = None, code: str = ""
    ) -> None:
        usual_code, usual_message = CODES.get(status, ("internal_error", "Internal error."))
        super().__init__(message or usual_message)
        self.status, self.param = status, param
        self.code, self.message = code or usual_code, message or usual_message

    def answer(self, path: str = "/v3/", *, listed: bool = False) -> web.Response:
        """The error as the dialect of this path writes it; `listed` adds `errors: […]`."""
        if path.startswith(SHAPES_V3):
            error: Json = {"code": self.code, "message": self.message}
            if self.param is not None:
                error["param"] = self.param
            error["doc_url"] = f"https://developers.heygen.com/docs/error-codes#{self.code}"
            more = {"errors": [{"loc": self.param, "msg": self.message}]} if listed else {}
            return answer({"error": error, **more}, self.status)
        error = {"code": self.code, "message": self.message}
        if path.startswith("/v2/") or path.startswith(V1_PLAIN):
            return answer({"data": None, "error": error}, self.status)
        number = int(self.code) if self.code.isdecimal() else V1_NUMBERS.get(self.status, 40001)
        return answer({"code": number, "message": self.message, "data": None}, self.status)


def envelope(status: int) -> web.Response:
    """HeyGen's error answer: `{"error": {"code", "message", "param"?, "doc_url"}}`."""
    return RefusedError(status).answer()


def answer(body: Json, status: int = 200) -> web.Response:
    """JSON with `X-Request-Id`, as every answer of HeyGen's servers (heygen-cli)."""
    return web.json_response(body, status=status, headers={"X-Request-Id": secrets.token_hex(16)})


def answered(data: Any, **beside: Any) -> web.Response:
    """A v3 success: `{"data": …}`, paging beside it."""
    return answer({"data": data, **beside})


def answered_v2(data: Any) -> web.Response:
    """A v2 success: `{"error": null, "data": …}`."""
    return answer({"error": None, "data": data})


def answered_v1(data: Any) -> web.Response:
    """A v1 success: `{"code": 100, "message": "Success", "data": …}`."""
    return answer({"code": 100, "message": "Success", "data": data})


def paged(request: web.Request, rows: Sequence[Json], *, limit_max: int) -> web.Response:
    """One page of rows: query `limit` and `token`, answer `has_more` and `next_token`."""
    limit = number_in(request, "limit", default=min(PAGE_LIMIT, limit_max), high=limit_max)
    token = request.query.get("token", "")
    if token and not (token.startswith("p") and token[1:].isdecimal()):
        raise RefusedError(400, "token is not a cursor of this list.", param="token")
    start = int(token[1:]) if token else 0
    end = start + limit
    more = end < len(rows)
    page = list(rows[start:end])
    return answered(page, has_more=more, next_token=f"p{end}" if more else None)


def number_in(
    request: web.Request, name: str, *, default: int, low: int = 1, high: int = 100
) -> int:
    """A whole number of the query between `low` and `high`."""
    text = request.query.get(name, str(default))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise RefusedError(400, f"{name} must be {low} to {high}.", param=name)
    return int(text)


def word_in(request: web.Request, name: str, *, words: Sequence[str], default: str = "") -> str:
    """A word of the query that must be one of these."""
    word = request.query.get(name, default)
    if word and word not in words:
        raise RefusedError(400, f"{name} must be one of {', '.join(words)}.", param=name)
    return word


def only_query(request: web.Request, *names: str) -> None:
    """Refuse a query field nobody documents."""
    if unknown := sorted(request.query.keys() - set(names)):
        raise RefusedError(400, f"Unknown field {unknown[0]}.", param=unknown[0])


async def body_of(request: web.Request) -> Json:
    """The JSON object of a request; an empty body is an empty object where it is allowed."""
    try:
        given = json.loads(await request.read() or b"null")
    except ValueError as broken:
        raise RefusedError(400, "The body is not JSON.") from broken
    if not isinstance(given, dict):
        raise RefusedError(400, "The body must be a JSON object.")
    return given


def read(model: type[B], given: Mapping[str, Any], *, at: str = "") -> B:
    """The body as its schema; the first thing wrong with it is named in `param`."""
    try:
        return model.model_validate(given)
    except ValidationError as broken:
        first = broken.errors(include_url=False)[0]
        place = ".".join(filter(None, [at, *_steps(first["loc"], first["type"])]))
        message = f"{place or 'body'} is invalid: {first['msg'].removeprefix('Value error, ')}"
        if first["type"] == "extra_forbidden":
            message = f"Unknown field {place}."
        raise RefusedError(400, message, param=place or None) from broken


def _steps(place: tuple[int | str, ...], kind: str) -> list[str]:
    """A place in the body as the person wrote it: without the tags of told-apart unions.

    A tag is followed by a field, or is where a whole object is wrong.
    """
    steps = [str(step) for step in place]
    tagged = len(steps) if kind == "value_error" else len(steps) - 1
    return [
        step
        for number, step in enumerate(steps)
        if not (0 < number < tagged and steps[number - 1] in TAGGED and step in TAGS)
    ]


def has_key(request: web.Request) -> bool:
    """Whether the request carries this account's key. A missing and a wrong one look alike."""
    return secrets.compare_digest(request.headers.get("X-Api-Key", "").encode(), API_KEY.encode())
