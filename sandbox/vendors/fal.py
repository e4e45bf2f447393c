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

from sandbox.vendors.fal_errors import answer, detail, details_of, envelope, failure_of
from sandbox.vendors.fal_files import FalFiles
from sandbox.vendors.fal_hooks import FalHooks
from sandbox.vendors.fal_input import FalInput
from sandbox.vendors.fal_models import ENDPOINTS, Output
from sandbox.vendors.fal_platform import lock_of
from sandbox.vendors.files import Seal, StoredFile
from sandbox.vendors.house import House
from sandbox.vendors.jobs import Failure, Job, State, refusal
from sandbox.vendors.pictures import NOT_FOUND, Picture, PictureRefusedError
from sandbox.vendors.render import Wish, duration_of, size_of

API_KEY = "11111111-aaaa-4bbb-8ccc-222222222222:0123456789abcdef0123456789abcdef"
NAMESPACES = ("workflows", "comfy")
STREAM_PAUSE_S = 0.1
IMAGE_MAX_BYTES = 30 * 1024 * 1024
RECORDED_HEADERS = ("x-fal-", "x-app-fal-")
NO_FALLBACK = "x-app-fal-disable-fallback"
LIFE = "x-fal-object-lifecycle-preference"
PLATFORM = {
    "/v1/models/pricing": "fal:pricing",
    "/v1/models/requests/by-endpoint": "fal:history",
    "/v1/account/billing": "fal:billing",
    "/v1/meta": "fal:meta",
    "/.well-known/jwks.json": "fal:jwks",
}


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
    """The fault target of a request to any of fal's hosts."""
    path = request.path
    if path in PLATFORM:
        return PLATFORM[path]
    if path.startswith("/files/"):
        return {"GET": "fal:file", "POST": "fal:upload", "PUT": "fal:upload"}.get(request.method)
    if path.startswith("/storage/"):
        return "fal:storage"
    if path.startswith("/v1/"):
        return "fal:delete" if request.method == "DELETE" else None
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


class FalQueue:
    """queue.fal.run around one account."""

    def __init__(self, house: House, files: FalFiles, *, hooks: FalHooks, queue_url: str) -> None:
        self._wire = house.wire
        self._account = house.account
        self._switches = house.switches
        self._files = files
        self._hooks = hooks
        self._queue_url = queue_url
        self._links: dict[str, tuple[Seal, str]] = {}
        self._account.subscribe(self._tell)

    def app(self) -> web.Application:
        """The one handler behind every path: fal routes by the parts of the path."""
        app = self._wire.app()
        app.router.add_route("*", "/{path:.*}", self._dispatch)
        return app

    def clear(self) -> None:
        """Forget the links handed out and all files."""
        self._links.clear()
        self._files.clear()
        self._hooks.callbacks.clear()

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization", "") != f"Key {API_KEY}":
            return envelope(401)
        route = route_of(request.path)
        if route.request_id is None:
            return await self._submit(request, route) if request.method == "POST" else envelope(405)
        job = self._account.find(route.request_id)
        if job is None or route_of(job.endpoint).app != route.app:
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
        if (locked := lock_of(self._account, self._switches)) is not None:
            return locked
        try:
            given = json.loads(await request.read())
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return envelope(400)
        if self._too_long(request):
            too_long = {"detail": "Queue is too long", "error_type": "concurrent_requests_limit"}
            return answer(too_long, 429, headers={"X-Fal-needs-retry": "1"})
        job = self._job(request, route, given)
        if self._switches["validation"] == "submit" and job.fate and job.fate.detail:
            return answer({"detail": job.fate.detail}, 422)
        self._account.accept(job)
        await self._hooks.overtakes(job)
        status = self._unknown_word("fal:submit") or "IN_QUEUE"
        queue = {"status": status, "queue_position": self._account.position(job)}
        return answer({"request_id": job.id, **queue, **self._urls(job)})

    def _too_long(self, request: web.Request) -> bool:
        limit = request.query.get("fal_max_queue_length", "")
        queued = sum(job.state is State.QUEUED for job in self._account.jobs())
        return limit.isdecimal() and queued > int(limit)

    def _job(self, request: web.Request, route: Route, given: dict[str, Any]) -> Job:
        """The accepted job. Its input is looked at when it runs: an invalid one fails late."""
        headers = {
            name.lower(): value
            for name, value in request.headers.items()
            if name.lower().startswith(RECORDED_HEADERS)
        }
        if webhook := request.query.get("fal_webhook"):
            headers["fal_webhook"] = webhook
        wish, pictures, fate = self._read(route.endpoint, given, headers)
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
            usd=self._usd(route.endpoint, given),
        )

    def _understood(self, endpoint: str, given: dict[str, Any]) -> FalInput:
        """The input by its schema. Errors: ValidationError."""
        coerces = self._switches["durations"] == "lax"
        drops = self._switches["unknown_fields"] == "ignore"
        return ENDPOINTS[endpoint].read(given, coerces=coerces, drops=drops)

    def _usd(self, endpoint: str, given: dict[str, Any]) -> float:
        """What it costs; nothing if it is refused before a runner worked."""
        try:
            return ENDPOINTS[endpoint].usd(self._understood(endpoint, given))
        except ValidationError:
            return 0.0

    def _read(
        self, endpoint: str, given: dict[str, Any], headers: dict[str, str]
    ) -> tuple[Wish, list[Picture], Failure | None]:
        """What to render, or why the runner will refuse it."""
        try:
            wanted = self._understood(endpoint, given)
        except ValidationError as invalid:
            failure = Failure("value_error", "Validation error", details_of(invalid))
            return Wish(str(given.get("prompt", "")), endpoint), [], failure
        try:
            pictures = [
                Picture.at(url, name, files=self._files.store, data_uris=True)
                for name, url in wanted.pictures().items()
            ]
            self._check_files(wanted, pictures)
        except PictureRefusedError as refused:
            loc = ["body", *refused.field.split(".")]
            wrong = detail(refused.fal_type, str(refused), loc=loc)
            return Wish(wanted.words(), endpoint), [], Failure(refused.fal_type, "", [wrong])
        fate = refusal() if "[refuse]" in wanted.words().lower() else None
        served = self._served_from(endpoint, headers)
        return self._wish(served, wanted, pictures), pictures, fate

    def _check_files(self, wanted: FalInput, pictures: list[Picture]) -> None:
        """Sizes, and that every recording was uploaded here or is at a public address."""
        for picture in pictures:
            if len(picture.body or b"") > IMAGE_MAX_BYTES:
                raise PictureRefusedError(
                    picture.field, "The file is too large.", fal_type="file_too_large"
                )
        for name, url in wanted.recordings().items():
            if not url.startswith("https://") and self._files.store.at_url(url) is None:
                raise PictureRefusedError(name, NOT_FOUND, fal_type="file_download_error")

    def _served_from(self, endpoint: str, headers: dict[str, str]) -> str:
        """The endpoint that really runs: fal's own fallback, unless it was forbidden."""
        other = str(self._switches["served_from"])
        return endpoint if not other or NO_FALLBACK in headers else other

    def _wish(self, endpoint: str, wanted: FalInput, pictures: list[Picture]) -> Wish:
        seed = getattr(wanted, "seed", None)
        last = next((p.body for p in pictures if p.field == wanted.last_frame), None)
        notes = [wanted.size(), *(picture.note for picture in pictures)]
        return Wish(
            prompt=wanted.words(),
            model=endpoint.removeprefix("bytedance/").removeprefix("fal-ai/"),
            aspect_ratio=wanted.ratio(),
            duration_s=wanted.seconds(),
            seed=seed if seed is not None else secrets.randbelow(2**31),
            sound=wanted.has_sound(),
            image=next((p.body for p in pictures if p.field != wanted.last_frame), None),
            tail_image=last,
            note=" · ".join(filter(None, notes)),
            quick=self._files.quick,
        )

    def _urls(self, job: Job) -> dict[str, str]:
        base = f"{self._queue_url}/{route_of(job.endpoint).app}/requests/{job.id}"
        suffix = "/response" if self._switches["follow_ups"] == "docs" else ""
        return {
            "response_url": base + suffix,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
        }

    def _check(self, request: web.Request, job: Job) -> web.Response:
        self._account.strike(job, "fal:check")
        status = self._status(job, logs=request.query.get("logs") in ("true", "1"))
        if (word := self._unknown_word("fal:check")) is not None:
            status["status"] = word
        return answer(status, 200 if job.over else int(self._switches["pending_status"]))

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
            body, _, headers = failure_of(job)
            found = body["detail"]
            shown["error"] = found if isinstance(found, str) else found[0]["msg"]
            kind = found[0]["type"] if isinstance(found, list) else body.get("error_type")
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
            early = {"detail": "Request is still in progress"}
            return answer(early, int(self._switches["early_result"]))
        if job.state is not State.COMPLETED:
            body, status, headers = failure_of(job)
            if "X-Fal-Retryable" in headers:
                headers[self._switches["retryable_header"]] = headers.pop("X-Fal-Retryable")
            return answer(body, status, headers=headers)
        units = ENDPOINTS[job.endpoint].units(job.wish.duration_s)
        headers = {"x-fal-billable-units": f"{units:g}"}
        headers["X-Fal-Served-From"] = self._served_from(job.endpoint, job.headers)
        return answer(self.output(job), headers=headers)

    def output(self, job: Job) -> dict[str, Any]:
        """The result of a completed job, in its model's shape."""
        film = self._film(job)
        video: dict[str, Any] = {
            "url": self._link(job, film),
            "content_type": film.content_type,
            "file_name": film.name,
            "file_size": len(film.body),
        }
        width, height = size_of(job.wish)
        sized = {"width": width, "height": height, "duration": duration_of(job.wish)}
        match ENDPOINTS[job.endpoint].out:
            case Output.PLAIN:
                return {"video": video}
            case Output.SEEDED:
                return {"video": video, "seed": job.wish.seed}
            case Output.SIZED:
                return {"video": {**video, **sized}}
            case Output.WAN:
                prompt = {"seed": job.wish.seed, "actual_prompt": job.wish.prompt}
                return {"video": {**video, **sized}, **prompt}
            case Output.SORA:
                return {"video": {**video, **sized}, "video_id": f"video_{job.id}"}

    def _film(self, job: Job) -> StoredFile:
        life = {LIFE: json.dumps({"expiration_duration_seconds": self._switches["file_life_s"]})}
        asked = {**life, **job.headers} if LIFE not in job.headers else job.headers
        return self._files.keep_film(job.id, job.film or b"", headers=asked)

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

    def _tell(self, job: Job) -> None:
        job.changed.set()
        self._hooks.tell(job, self.output(job) if job.state is State.COMPLETED else None)

    def _unknown_word(self, target: str) -> str | None:
        fault = self._wire.faults.take(target, "unknown_status")
        return None if fault is None else str(fault.params.get("word", "HIBERNATING"))


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
