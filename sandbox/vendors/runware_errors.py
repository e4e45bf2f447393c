"""Runware's errors: one envelope, codes in camel case, scoped to the task that failed.

runware.ai/docs/platform/errors (fields and HTTP codes) and the code groups of PyPI runware-sdk
1.8.0 (`errors.py`). The docs say that codes vary by model and provider, so nobody should build on
the exact word; the groups are what a client can rely on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

Json = dict[str, Any]
DOCS_URL = "https://runware.ai/docs"
STATUS_OF = {
    "invalidApiKey": 401,
    "missingApiKey": 401,
    "insufficientCredits": 402,
    "forbidden": 403,
    "taskFailedOrNotFound": 404,
    "rateLimitExceeded": 429,
    "internalServerError": 500,
    "serviceUnavailable": 503,
    "timeoutProvider": 504,
}
CODE_OF = {status: code for code, status in reversed(STATUS_OF.items())}
MESSAGES = {
    400: "The request could not be understood.",
    401: "Invalid API key. Get one at https://my.runware.ai/signup",
    402: "Insufficient credits. Add funds at https://my.runware.ai/wallet",
    403: "You have no access to this resource.",
    404: "Not found.",
    410: "This model is no longer available.",
    429: "Too many requests. Slow down.",
    503: "The service is at capacity. Try again.",
    504: "The provider did not answer in time.",
}


class TaskRefused(Exception):
    """A task that is not accepted, with its entries of `errors`."""

    def __init__(self, *errors: Json) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)


def error(
    code: str, message: str, task: Mapping[str, Any], *, parameter: str | list[str] | None = None
) -> Json:
    """One entry of `errors` about this task."""
    shown: Json = {"code": code, "message": message}
    if parameter is not None:
        shown["parameter"] = parameter
    shown["taskType"] = task.get("taskType")
    if "taskUUID" in task:
        shown["taskUUID"] = task["taskUUID"]
    model = task.get("model")
    page = f"models/{model}" if isinstance(model, str) else "platform/errors"
    return {**shown, "documentation": f"{DOCS_URL}/{page}"}


def status_of(errors: list[Json]) -> int:
    """The HTTP status of an answer that has errors only."""
    return STATUS_OF.get(str(errors[0]["code"]), 400)


def envelope(status: int) -> web.Response:
    """Runware's own answer for an error of the whole request."""
    code = "modelUnavailable" if status == 410 else CODE_OF.get(status)
    code = code or ("internalServerError" if status >= 500 else "invalidRequest")
    task = {"taskType": "authentication"} if status == 401 else {}
    message = MESSAGES.get(status, "An internal error occurred.")
    wrong = error(code, message, task, parameter="apiKey" if status == 401 else None)
    return web.json_response({"errors": [wrong]}, status=status)


def camel(prefix: str, parameter: str) -> str:
    """`invalid` and `inputs.image` make `invalidInputsImage`."""
    return prefix + "".join(part[:1].upper() + part[1:] for part in parameter.split("."))
