"""fal's two families of errors, and its answer headers.

Model errors have a list in `detail`, request errors a string (docs.fal.ai errors and
request-errors). Which HTTP status belongs to which word is fal's own table.
"""

from __future__ import annotations

import uuid
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from sandbox.vendors.jobs import REFUSED, Failure, Job, State

DOCS_URL = "https://docs.fal.ai/errors/#"
MODEL_ERRORS = {
    REFUSED: 422,
    "no_media_generated": 422,
    "generation_timeout": 504,
    "internal_server_error": 500,
    "downstream_service_error": 500,
    "downstream_service_unavailable": 500,
}
REQUEST_ERRORS = {
    "request_timeout": 504,
    "startup_timeout": 504,
    "runner_scheduling_failure": 503,
    "runner_connection_timeout": 503,
    "runner_disconnected": 503,
    "runner_connection_refused": 503,
    "runner_connection_error": 503,
    "runner_incomplete_response": 502,
    "runner_server_error": 500,
    "client_disconnected": 499,
    "client_cancelled": 499,
    "bad_request": 400,
    "internal_error": 500,
}
DETAILS = {
    401: "Cannot access application. Authentication is required to access this application.",
    402: "Out of credits.",
    403: "User is locked. Reason: Exhausted balance. Top up at fal.ai/dashboard/billing.",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "This application is no longer available.",
    429: "Too many requests.",
    499: "Request cancelled by the client",
    504: "Request timed out",
}
ERROR_TYPES = {400: "bad_request", 500: "internal_error", 503: "runner_connection_error"}
ERROR_TYPES |= {502: "runner_incomplete_response", 504: "request_timeout"}


def envelope(status: int) -> web.Response:
    """fal's own answer for an error of the platform: `detail` is a string."""
    body = {"detail": DETAILS.get(status, "Internal Server Error")}
    headers = {}
    if status in ERROR_TYPES:
        body["error_type"] = headers["X-Fal-Error-Type"] = ERROR_TYPES[status]
    return answer(body, status, headers=headers)


def answer(body: Any, status: int = 200, *, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with `x-fal-request-id`, which every answer of fal's own servers carries."""
    request_id = {"x-fal-request-id": str(uuid.uuid4())}
    return web.json_response(body, status=status, headers={**request_id, **(headers or {})})


def failure_of(job: Job) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Body, status and headers of the result of a job that ended without a film."""
    fate = job.fate or Failure("client_cancelled", DETAILS[499])
    if job.state is State.CANCELLED:
        fate = Failure("client_cancelled", DETAILS[499])
    code = fate.code or "internal_server_error"
    if code in REQUEST_ERRORS:
        headers = {"X-Fal-Error-Type": code}
        if code == "request_timeout" and job.start_limit_s is not None:
            headers["X-Fal-Request-Timeout-Type"] = "user"
        return {"detail": fate.message, "error_type": code}, REQUEST_ERRORS[code], headers
    status = MODEL_ERRORS.get(code, 422)
    found = fate.detail or [detail(code, fate.message, loc=["body", "prompt"])]
    return {"detail": found}, status, {"X-Fal-Retryable": "true" if status >= 500 else "false"}


def detail(type_: str, message: str, *, loc: list[str]) -> dict[str, Any]:
    """One entry of a model error."""
    return {"loc": loc, "msg": message, "type": type_, "url": DOCS_URL + type_, "ctx": {}}


def details_of(invalid: ValidationError) -> list[dict[str, Any]]:
    """fal's list of what is wrong: `loc` begins with `body`, `type` is what to switch on."""
    return [
        {
            "loc": ["body", *wrong["loc"]],
            "msg": wrong["msg"],
            "type": wrong["type"],
            "url": DOCS_URL + wrong["type"],
            "ctx": {name: str(value) for name, value in wrong.get("ctx", {}).items()},
            "input": wrong["input"],
        }
        for wrong in invalid.errors(include_url=False)
    ]
