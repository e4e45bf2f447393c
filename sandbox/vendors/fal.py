"""fal's queue as its documents and its official client describe it.

Wire facts: docs.fal.ai (queue, errors, request errors, cancel), PyPI fal-client 1.0.3 (what its
parser demands: `queue_position`, `logs`, the three URLs). A failure is `COMPLETED` with an error,
follow-up URLs keep only owner/app, and no idempotency key exists: each POST is a paid job.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from sandbox.vendors.fal_files import FalFiles
from sandbox.vendors.fal_models import (
    DOCS_URL,
    ENDPOINTS,
    SeedanceInput,
    details_of,
    image_urls_of,
    seconds_of,
)
from sandbox.vendors.files import Seal, StoredFile
from sandbox.vendors.jobs import REFUSED, Account, Failure, Job, State, refusal
from sandbox.vendors.pictures import Picture, PictureRefusedError
from sandbox.vendors.render import Wish
from sandbox.vendors.wire import Wire

API_KEY = "11111111-aaaa-4bbb-8ccc-222222222222:0123456789abcdef0123456789abcdef"
NAMESPACES = ("workflows", "comfy")
STREAM_PAUSE_S = 0.1
IMAGE_MAX_BYTES = 30 * 1024 * 1024
# The documented error types and their HTTP status; `detail` is a list for model errors,
# a string for request errors (docs.fal.ai errors, request-errors).
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
RECORDED_HEADERS = ("x-fal-", "x-app-fal-")


@dataclass(frozen=True)
class Route:
    """A path of the queue host, taken apart. `request_id` None = a submission."""

    app: str
    endpoint: str
    request_id: str | None
    verb: str


def route_of(path: str) -> Route:
    """The parts of `/{owner}/{app}[/sub…][/requests/{id}[/verb]]`."""
    parts = [part for part in path.split("/") if part]
    kept = 3 if parts[:1] and parts[0] in NAMESPACES else 2
    if "requests" in parts[kept:]:
        place = parts.index("requests", kept)
        rest = [*parts[place + 1 :], "", ""]
        verb = "/".join(part for part in rest[1:] if part)
        endpoint = "/".join(parts[:place])
        return Route("/".join(parts[:kept]), endpoint, rest[0], verb)
    return Route("/".join(parts[:kept]), "/".join(parts), None, "")


def target_of(request: web.Request) -> str | None:
    """The fault target of a request to any of fal's three hosts."""
    path = request.path
    if path.startswith("/files/"):
        return {"GET": "fal:file", "POST": "fal:upload", "PUT": "fal:upload"}.get(request.method)
    if path.startswith("/storage/"):
        return None
    match request.method, route_of(path):
        case "POST", Route(request_id=None):
            return "fal:submit"
        case "GET", Route(verb="status"):
            return "fal:check"
        case "GET", Route(verb="" | "response"):
            return "fal:result"
        case "PUT", Route(verb="cancel"):
            return "fal:cancel"
        case _:
            return None


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


class FalQueue:
    """queue.fal.run around one account."""

    def __init__(self, wire: Wire, account: Account, files: FalFiles, *, queue_url: str) -> None:
        self._wire = wire
        self._account = account
        self._files = files
        self._queue_url = queue_url
        self._links: dict[str, tuple[Seal, str]] = {}

    def app(self) -> web.Application:
        """The one handler behind every path: fal routes by the parts of the path."""
        app = self._wire.app()
        app.router.add_route("*", "/{path:.*}", self._dispatch)
        return app

    def clear(self) -> None:
        """Forget the links handed out and all files."""
        self._links.clear()
        self._files.clear()

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization", "") != f"Key {API_KEY}":
            return envelope(401)
        route = route_of(request.path)
        if route.request_id is None:
            return await self._submit(request, route) if request.method == "POST" else envelope(405)
        job = self._account.find(route.request_id)
        if job is None or not job.endpoint.startswith(f"{route.app}/"):
            return answer({"status": "NOT_FOUND"}, 404)
        match request.method, route.verb:
            case "GET", "status":
                return self._check(request, job)
            case "GET", "status/stream":
                return await self._stream(request, job)
            case "GET", "" | "response":
                return self._result(job)
            case "PUT", "cancel":
                return self._cancel(job)
            case _:
                return envelope(405)

    async def _submit(self, request: web.Request, route: Route) -> web.Response:
        if route.endpoint not in ENDPOINTS:
            return answer({"detail": f"Application '{route.endpoint}' not found"}, 404)
        try:
            given = json.loads(await request.read())
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return envelope(400)
        if self._too_long(request):
            detail = {"detail": "Queue is too long", "error_type": "concurrent_requests_limit"}
            return answer(detail, 429, headers={"X-Fal-needs-retry": "1"})
        job = self._job(request, route, given)
        self._account.accept(job)
        status = self._unknown_word("fal:submit") or "IN_QUEUE"
        queue = {"status": status, "queue_position": self._account.position(job)}
        return answer({"request_id": job.id, **queue, **self._urls(job)})

    def _too_long(self, request: web.Request) -> bool:
        limit = request.query.get("fal_max_queue_length", "")
        queued = sum(job.state is State.QUEUED for job in self._account.jobs())
        return limit.isdecimal() and queued > int(limit)

    def _job(self, request: web.Request, route: Route, given: dict[str, Any]) -> Job:
        """The accepted job. Its input is looked at when it runs: an invalid one fails late."""
        wish, pictures, fate = self._read(route.endpoint, given)
        headers = {
            name.lower(): value
            for name, value in request.headers.items()
            if name.lower().startswith(RECORDED_HEADERS)
        }
        if webhook := request.query.get("fal_webhook"):
            headers["fal_webhook"] = webhook
        return Job(
            gateway="fal",
            id=str(uuid.uuid4()),
            endpoint=route.endpoint,
            input=given,
            wish=wish,
            images=[picture.entry() for picture in pictures if picture.file],
            headers=headers,
            start_limit_s=_seconds(headers.get("x-fal-request-timeout")),
            fate=fate,
        )

    def _read(
        self, endpoint: str, given: dict[str, Any]
    ) -> tuple[Wish, list[Picture], Failure | None]:
        """What to render, or why the runner will refuse it."""
        try:
            wanted = ENDPOINTS[endpoint].model_validate(given)
        except ValidationError as invalid:
            failure = Failure("value_error", "Validation error", details_of(invalid))
            return Wish(str(given.get("prompt", "")), endpoint), [], failure
        try:
            pictures = [
                Picture.at(url, name, files=self._files.store, data_uris=True)
                for name, url in image_urls_of(wanted).items()
            ]
            _check_sizes(pictures)
        except PictureRefusedError as refused:
            loc = ["body", *refused.field.split(".")]
            detail = _detail(refused.fal_type, str(refused), loc=loc)
            return Wish(wanted.prompt, endpoint), [], Failure(refused.fal_type, "", [detail])
        fate = refusal() if "[refuse]" in wanted.prompt.lower() else None
        return self._wish(endpoint, wanted, pictures), pictures, fate

    def _wish(self, endpoint: str, wanted: SeedanceInput, pictures: list[Picture]) -> Wish:
        seed = wanted.seed if wanted.seed is not None else secrets.randbelow(2**31)
        bodies = [picture.body for picture in pictures]
        notes = [wanted.resolution, *(picture.note for picture in pictures)]
        return Wish(
            prompt=wanted.prompt,
            model=endpoint.removeprefix("bytedance/"),
            aspect_ratio=wanted.aspect_ratio,
            duration_s=seconds_of(wanted),
            seed=seed,
            sound=wanted.generate_audio,
            image=bodies[0] if bodies else None,
            tail_image=next((p.body for p in pictures if p.field == "end_image_url"), None),
            note=" · ".join(filter(None, notes)),
            quick=self._files.quick,
        )

    def _urls(self, job: Job) -> dict[str, str]:
        base = f"{self._queue_url}/{route_of(job.endpoint).app}/requests/{job.id}"
        return {
            "response_url": base,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
        }

    def _check(self, request: web.Request, job: Job) -> web.Response:
        self._account.strike(job, "fal:check")
        status = self._status(job, logs=request.query.get("logs") in ("true", "1"))
        if (word := self._unknown_word("fal:check")) is not None:
            status["status"] = word
        return answer(status, 200 if job.over else 202)

    def _status(self, job: Job, *, logs: bool) -> dict[str, Any]:
        """One status object. Pending ones travel with 202; both clients take 200 and 202."""
        shown: dict[str, Any] = {"request_id": job.id, **self._urls(job)}
        if job.state is State.QUEUED:
            return {"status": "IN_QUEUE", "queue_position": self._account.position(job), **shown}
        shown["logs"] = self._logs(job) if logs else None
        if not job.over:
            return {"status": "IN_PROGRESS", **shown}
        ran_s = (job.ended_at or job.at) - (job.started_at or job.ended_at or job.at)
        shown |= {"status": "COMPLETED", "metrics": {"inference_time": round(ran_s, 3)}}
        if job.state is not State.COMPLETED:
            body, _, headers = _failure(job)
            detail = body["detail"]
            shown["error"] = detail if isinstance(detail, str) else detail[0]["msg"]
            kind = detail[0]["type"] if isinstance(detail, list) else body.get("error_type")
            shown["error_type"] = headers.get("X-Fal-Error-Type", kind)
        return shown

    def _logs(self, job: Job) -> list[dict[str, str]]:
        lines = ["Loading the sandbox's projector", "Drawing frames", "Encoding"]
        until = 1 + int(self._account.progress(job) * (len(lines) - 1))
        stamp = f"{job.started_at or job.at:.3f}"
        words = {"level": "INFO", "source": "USER", "timestamp": stamp}
        return [{"message": line, **words} for line in lines[:until]]

    async def _stream(self, request: web.Request, job: Job) -> web.StreamResponse:
        """Server-sent events, one a change, ending with COMPLETED."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        logs = request.query.get("logs") in ("true", "1")
        told = ""
        while True:
            status = json.dumps(self._status(job, logs=logs))
            if status != told:
                await stream.write(f"data: {status}\n\n".encode())
                told = status
            if job.over:
                return stream
            await asyncio.sleep(STREAM_PAUSE_S)

    def _result(self, job: Job) -> web.Response:
        if not job.over:
            return answer({"detail": "Request is still in progress"}, 400)
        if job.state is not State.COMPLETED:
            body, status, headers = _failure(job)
            return answer(body, status, headers=headers)
        film = self._film(job)
        video = {
            "url": self._link(job, film),
            "content_type": film.content_type,
            "file_name": film.name,
            "file_size": len(film.body),
        }
        units = {"x-fal-billable-units": f"{job.wish.duration_s:g}"}
        return answer({"video": video, "seed": job.wish.seed}, headers=units)

    def _film(self, job: Job) -> StoredFile:
        return self._files.keep_film(job.id, job.film or b"", headers=job.headers)

    def _link(self, job: Job, film: StoredFile) -> str:
        """The same link every time, until `expired_link` ended it."""
        known = self._links.get(job.id)
        if known is None or not self._files.store.holds(known[0], film.id):
            known = self._links[job.id] = self._files.seal(film)
        return known[1]

    def _cancel(self, job: Job) -> web.Response:
        if job.over:
            return answer({"status": "ALREADY_COMPLETED"}, 400)
        self._account.cancel(job)
        return answer({"status": "CANCELLATION_REQUESTED"}, 202)

    def _unknown_word(self, target: str) -> str | None:
        fault = self._wire.faults.take(target, "unknown_status")
        return None if fault is None else str(fault.params.get("word", "HIBERNATING"))


def _check_sizes(pictures: list[Picture]) -> None:
    for picture in pictures:
        if len(picture.body or b"") > IMAGE_MAX_BYTES:
            raise PictureRefusedError(
                picture.field, "The file is too large.", fal_type="file_too_large"
            )


def _failure(job: Job) -> tuple[dict[str, Any], int, dict[str, str]]:
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
    detail = fate.detail or [_detail(code, fate.message, loc=["body", "prompt"])]
    return {"detail": detail}, status, {"X-Fal-Retryable": "true" if status >= 500 else "false"}


def _detail(type_: str, message: str, *, loc: list[str]) -> dict[str, Any]:
    return {"loc": loc, "msg": message, "type": type_, "url": DOCS_URL + type_, "ctx": {}}


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
