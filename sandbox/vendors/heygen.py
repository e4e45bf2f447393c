"""HeyGen as its documents describe it: the workflow endpoint, uploads, the account, its CDN.

Wire facts: seed 000 (`/v1/workflows/executions`, its 13 providers and statuses), heygen-cli's
embedded OpenAPI (`/v3/assets`, `/v3/users/me`), docs.heygen.com (`upload.heygen.com/v1/asset`).
No idempotency on this endpoint: each accepted POST is a new, paid job.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import replace
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.vendors.files import FileStore, Seal, StoredFile, serve, sniff
from sandbox.vendors.jobs import Account, Failure, Job, State, refusal
from sandbox.vendors.pictures import Picture, PictureRefusedError, is_picture
from sandbox.vendors.render import Wish
from sandbox.vendors.wire import Wire

API_KEY = "sk_V2_sandbox_heygen_key"
PRICE_USD = 0.50  # the sandbox's own invention: HeyGen publishes no price for workflows
WALLET_USD = 100.0
ASSET_MAX_BYTES = 32 * 1024 * 1024
UPLOAD_MAX_BYTES = 50 * 1024 * 1024
PROMPT_MAX_CHARS = 10_000
DURATION_S = 5.0
SUBMITTED_UNTIL, PENDING_UNTIL = 0.1, 0.3  # of a render, while `submitted`, then `pending`
PROVIDERS = (
    "veo_3_1",
    "veo_3_1_fast",
    "veo3",
    "veo3_fast",
    "veo2",
    "kling_pro",
    "kling_v2",
    "sora_v2",
    "sora_v2_pro",
    "runway_gen4",
    "seedance_lite",
    "seedance_pro",
    "ltx_distilled",
)
WITH_SOUND = ("veo_3_1", "veo_3_1_fast", "veo3", "veo3_fast", "sora_v2", "sora_v2_pro")
ASPECT_RATIOS = ("16:9", "9:16", "1:1")
IMAGE_FIELDS = ("reference_image_url", "tail_image_url")
INPUT_FIELDS = {"prompt", "provider", "aspect_ratio", "config", *IMAGE_FIELDS}
ASSET_TYPES = {
    "image/png": "image",
    "image/jpeg": "image",
    "video/mp4": "video",
    "video/webm": "video",
    "audio/mpeg": "audio",
    "audio/wav": "audio",
    "application/pdf": "pdf",
}
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
EXECUTIONS = "/v1/workflows/executions"
ACCESS_DENIED = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


class RefusedError(Exception):
    """A request HeyGen answers with an error of its own."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str = ""
    ) -> None:
        super().__init__(message)
        self.answer = envelope(status, message, param=param, code=code)


def envelope(
    status: int, message: str = "", *, param: str | None = None, code: str = ""
) -> web.Response:
    """HeyGen's error answer: `{"error": {"code", "message", "param"?, "doc_url"}}`."""
    usual_code, usual_message = CODES.get(status, ("internal_error", "Internal error."))
    error = {"code": code or usual_code, "message": message or usual_message}
    if param is not None:
        error["param"] = param
    error["doc_url"] = f"https://developers.heygen.com/docs/error-codes#{error['code']}"
    return _answer({"error": error}, status)


def target_of(request: web.Request) -> str | None:
    """The fault target of a request to any of HeyGen's three hosts."""
    match request.method, request.path:
        case "POST", path if path == EXECUTIONS:
            return "heygen:submit"
        case "GET", path if path.startswith(f"{EXECUTIONS}/"):
            return "heygen:check"
        case "POST", "/v3/assets" | "/v1/asset":
            return "heygen:upload"
        case "GET", path if path.startswith("/video/"):
            return "heygen:file"
        case _:
            return None


class HeyGen:
    """HeyGen's three hosts around one account. `cdn_url` is where its links lead."""

    def __init__(self, wire: Wire, account: Account, *, cdn_url: str, quick: bool) -> None:
        self.files = FileStore()
        self._wire = wire
        self._account = account
        self._cdn_url = cdn_url
        self._quick = quick

    def api_app(self) -> web.Application:
        """api.heygen.com."""
        app = self._wire.app()
        app.middlewares.append(self._guard)
        app.router.add_post(EXECUTIONS, self._submit)
        app.router.add_get(EXECUTIONS + "/{execution_id}", self._check)
        app.router.add_post("/v3/assets", self._upload_asset)
        app.router.add_get("/v3/users/me", self._show_account)
        return app

    def upload_app(self) -> web.Application:
        """upload.heygen.com."""
        app = self._wire.app()
        app.router.add_post("/v1/asset", self._upload_raw)
        return app

    def cdn_app(self) -> web.Application:
        """files.heygen.ai: films behind signed links that end, uploaded pictures in the open."""
        app = self._wire.app()
        app.router.add_get("/video/{name}", self._serve_film)
        app.router.add_get("/image/{asset_id}/original", self._serve_asset)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """The key first, then the answer, errors in HeyGen's envelope."""
        if not _has_key(request):
            return envelope(401)
        try:
            answer: web.StreamResponse = await handler(request)
        except RefusedError as refused:
            return refused.answer
        return answer

    async def _submit(self, request: web.Request) -> web.Response:
        given = await _body_of(request)
        wish, images = self._read(given)
        job = Job(
            gateway="heygen",
            id=f"node-gw-{secrets.token_hex(8)}",
            endpoint=EXECUTIONS,
            input=given,
            wish=wish,
            key=request.headers.get("Idempotency-Key"),
            images=images,
            fate=refusal() if "[refuse]" in wish.prompt.lower() else None,
        )
        self._account.accept(job)
        word = self._unknown_word("heygen:submit") or "submitted"
        return _answer({"data": {"execution_id": job.id, "status": word}})

    async def _check(self, request: web.Request) -> web.Response:
        job = self._account.find(request.match_info["execution_id"])
        if job is None:
            missing = {"execution_id": request.match_info["execution_id"], "status": "not_found"}
            return _answer({"data": missing})
        self._account.strike(job, "heygen:check")
        status: dict[str, Any] = {"execution_id": job.id, "status": self._word(job)}
        if status["status"] == "completed":
            status["output"] = self._output(job)
        elif status["status"] == "failed":
            fate = job.fate or Failure(None, "Video generation failed")
            status["error"] = {"code": fate.code or "generation_failed", "message": fate.message}
        return _answer({"data": status})

    def _word(self, job: Job) -> str:
        """HeyGen's status word; only the first and the last three are documented (seed 000)."""
        if (unknown := self._unknown_word("heygen:check")) is not None:
            return unknown
        match job.state:
            case State.COMPLETED:
                return "completed"
            case State.FAILED | State.CANCELLED:
                return "failed"
            case _ if self._account.progress(job) < SUBMITTED_UNTIL:
                return "submitted"
            case _ if self._account.progress(job) < PENDING_UNTIL:
                return "pending"
            case _:
                return "processing"

    def _unknown_word(self, target: str) -> str | None:
        fault = self._wire.faults.take(target, "unknown_status")
        return None if fault is None else str(fault.params.get("word", "hibernating"))

    def _output(self, job: Job) -> dict[str, Any]:
        """The finished film; its link is signed anew at every status read."""
        film = self.files.find(f"{job.id}.mp4")
        if film is None:
            name = f"{job.id}.mp4"
            url = f"{self._cdn_url}/video/{name}"
            film = self.files.keep(StoredFile(name, name, "video/mp4", job.film or b"", url))
        seal = self.files.seal(film)
        query = f"Expires={seal.expires_at}&Serial={seal.serial}&Signature={seal.signature}"
        number = job.id.removeprefix("node-gw-")
        video = {"video_url": f"{film.url}?{query}", "video_id": f"video-{number}"}
        return {"video": video, "asset_id": f"asset-{number}"}

    def _read(self, given: dict[str, Any]) -> tuple[Wish, list[dict[str, Any]]]:
        """The wish in a submission; raises `RefusedError` where HeyGen refuses at once."""
        if given.get("workflow_type") != "GenerateVideoNode":
            raise RefusedError(400, "Unknown workflow_type.", param="workflow_type")
        if unknown := sorted(given.keys() - {"workflow_type", "input"}):
            raise RefusedError(400, f"Unknown field {unknown[0]}.", param=unknown[0])
        input_ = given.get("input")
        if not isinstance(input_, dict):
            raise RefusedError(400, "input must be an object.", param="input")
        if unknown := sorted(input_.keys() - INPUT_FIELDS):
            raise RefusedError(400, f"Unknown field {unknown[0]}.", param=f"input.{unknown[0]}")
        wish = _wish_of(input_)
        pictures = {name: self._picture(name, input_) for name in IMAGE_FIELDS if name in input_}
        first, last = pictures.get(IMAGE_FIELDS[0]), pictures.get(IMAGE_FIELDS[1])
        wish = replace(
            wish,
            image=first.body if first else None,
            tail_image=last.body if last else None,
            note="; ".join(filter(None, (picture.note for picture in pictures.values()))),
            quick=self._quick,
        )
        return wish, [picture.entry() for picture in pictures.values() if picture.file]

    def _picture(self, name: str, input_: dict[str, Any]) -> Picture:
        """An image of the input: one of our assets, or any https address (never fetched)."""
        try:
            return Picture.at(input_[name], f"input.{name}", files=self.files)
        except PictureRefusedError as refused:
            raise RefusedError(400, str(refused), param=refused.field) from refused

    async def _upload_asset(self, request: web.Request) -> web.Response:
        """`POST /v3/assets`, multipart field `file` (heygen-cli's embedded OpenAPI)."""
        if request.content_type != "multipart/form-data":
            raise RefusedError(400, "Send multipart/form-data with a field `file`.", param="file")
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                body = bytes(await part.read(decode=False))
                asset = self._keep_asset(body, part.filename or "upload")
                sizes = {"mime_type": asset.content_type, "size_bytes": len(asset.body)}
                return _answer({"data": {"asset_id": asset.id, "url": asset.url, **sizes}})
        raise RefusedError(400, "The field `file` is missing.", param="file")

    def _keep_asset(self, body: bytes, name: str) -> StoredFile:
        content_type = sniff(body)
        if len(body) > ASSET_MAX_BYTES:
            raise RefusedError(413, "The file is larger than 32 MB.", param="file")
        if content_type not in ASSET_TYPES:
            raise RefusedError(400, "This file type is not supported.", param="file")
        if content_type.startswith("image/") and not is_picture(body):
            raise RefusedError(400, "The image cannot be read.", param="file")
        asset_id = secrets.token_hex(16)
        url = f"{self._cdn_url}/image/{asset_id}/original"
        return self.files.keep(StoredFile(asset_id, name, content_type, body, url))

    async def _upload_raw(self, request: web.Request) -> web.Response:
        """`POST upload.heygen.com/v1/asset`: raw bytes in a v1 envelope (docs.heygen.com)."""
        if not _has_key(request):
            return _v1_refusal(401, "Unauthorized", code=400112)
        body = await request.read()
        if len(body) > UPLOAD_MAX_BYTES:
            return _v1_refusal(413, "File is too large")
        if request.content_type not in ASSET_TYPES or sniff(body) != request.content_type:
            return _v1_refusal(400, "Content-Type does not match the file")
        try:
            asset = self._keep_asset(body, "asset")
        except RefusedError as refused:
            return _v1_refusal(refused.answer.status, str(refused))
        kind = ASSET_TYPES[asset.content_type]
        shown = {"id": asset.id, "name": asset.name, "file_type": kind, "url": asset.url}
        shown["image_key"] = f"image/{asset.id}/original"
        more = {"folder_id": "", "meta": None, "created_ts": int(time.time())}
        return _answer({"code": 100, "message": "Success", "data": {**shown, **more}})

    async def _show_account(self, _: web.Request) -> web.Response:
        """`GET /v3/users/me` of an account that pays from a wallet; failed jobs cost nothing."""
        films = sum(job.state is State.COMPLETED for job in self._account.jobs())
        reload = {"enabled": False, "threshold_usd": None, "amount_usd": None}
        wallet = {
            "currency": "usd",
            "remaining_balance": round(WALLET_USD - films * PRICE_USD, 2),
            "auto_reload": reload,
        }
        person = {"username": "sandbox", "email": "sandbox@example.test"}
        names = {"first_name": "Sandbox", "last_name": "Account"}
        billing = {"billing_type": "wallet", "wallet": wallet}
        rest = {"subscription": None, "usage_based": None}
        return _answer({"data": {**person, **names, **billing, **rest}})

    async def _serve_film(self, request: web.Request) -> web.Response:
        if self._wire.faults.take("heygen:file", "expired_link") is not None:
            self.files.expire_links()
        film = self.files.find(request.match_info["name"])
        if film is None or not self.files.holds(_seal_of(request), film.id):
            return web.Response(status=403, text=ACCESS_DENIED, content_type="application/xml")
        return serve(request, film)

    async def _serve_asset(self, request: web.Request) -> web.Response:
        asset = self.files.find(request.match_info["asset_id"])
        return serve(request, asset) if asset is not None else web.Response(status=404)


def _wish_of(input_: dict[str, Any]) -> Wish:
    prompt = input_.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip() or len(prompt) > PROMPT_MAX_CHARS:
        raise RefusedError(400, "prompt must be 1 to 10000 characters.", param="input.prompt")
    provider = input_.get("provider", PROVIDERS[0])
    if provider not in PROVIDERS:
        raise RefusedError(400, f"Unknown provider {provider!r}.", param="input.provider")
    ratio = input_.get("aspect_ratio", ASPECT_RATIOS[0])
    if ratio not in ASPECT_RATIOS:
        raise RefusedError(
            400, f"aspect_ratio must be one of {ASPECT_RATIOS}.", param="input.aspect_ratio"
        )
    config = input_.get("config", {})
    if not isinstance(config, dict):
        raise RefusedError(400, "config must be an object.", param="input.config")
    seed = config.get("seed")
    return Wish(
        prompt=prompt,
        model=provider,
        aspect_ratio=ratio,
        duration_s=_seconds(config.get("duration", config.get("duration_sec"))),
        seed=seed if isinstance(seed, int) else None,
        sound=provider in WITH_SOUND,
    )


def _seconds(asked: object) -> float:
    """The length asked in `config`, whose fields HeyGen does not document."""
    number = re.match(r"\d+(\.\d+)?", str(asked))
    return float(number[0]) if number else DURATION_S


async def _body_of(request: web.Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.read())
    except ValueError as broken:
        raise RefusedError(400, "The body is not JSON.") from broken
    if not isinstance(given, dict):
        raise RefusedError(400, "The body must be a JSON object.")
    return given


def _has_key(request: web.Request) -> bool:
    return secrets.compare_digest(request.headers.get("X-Api-Key", "").encode(), API_KEY.encode())


def _seal_of(request: web.Request) -> Seal:
    query = request.query
    serial, expires = query.get("Serial", ""), query.get("Expires", "")
    numbers = [int(text) if text.isdecimal() else 0 for text in (serial, expires)]
    return Seal(numbers[0], numbers[1], query.get("Signature", ""))


def _v1_refusal(status: int, message: str, *, code: int = 40001) -> web.Response:
    """The v1 envelope; 40001 is its code for wrong parameters, 400112 for a wrong key."""
    return _answer({"code": code, "message": message, "data": None}, status)


def _answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"X-Request-Id": secrets.token_hex(16)})
