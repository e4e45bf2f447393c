"""fal's storage: the REST host that hands out upload rights, and the CDN that keeps the bytes.

Wire facts: PyPI fal-client 1.0.3 (token, `/files/upload`, `initiate` as its fallback, the
lifecycle headers), @fal-ai/client 1.10.1 (`initiate` with `storage_type=fal-cdn-v3`); a locked
account is refused at `initiate` (github.com/fal-ai/fal/issues/1147).
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web

from sandbox.vendors.fal_multipart import FalMultipart
from sandbox.vendors.fal_platform import lock_of
from sandbox.vendors.files import LINK_LIFE_S, FileStore, Seal, StoredFile, serve
from sandbox.vendors.house import House
from sandbox.vendors.wire import Handler

TOKEN_LIFE_S = 600
STORAGE_TYPES = ("fal-cdn-v3", "gcs")
LIFECYCLE_HEADERS = ("x-fal-object-lifecycle", "x-fal-object-lifecycle-preference")


class FalFiles:
    """rest.fal.ai and v3.fal.media around one store."""

    def __init__(
        self, house: House, *, cdn_url: str, api_key: str, quick: bool, jwks: Handler
    ) -> None:
        self.store = FileStore()
        self.quick = quick
        self._house = house
        self._wire = house.wire
        self._cdn_url = cdn_url
        self._api_key = api_key
        self._jwks = jwks
        self._tokens: dict[str, float] = {}
        self._initiated: dict[str, tuple[str, float | None]] = {}
        self._multipart = FalMultipart(
            self.store,
            allows=self._has_token,
            expiry=lambda request: _expiry(request.headers.get),
            url_of=self._url,
        )

    def rest_app(self) -> web.Application:
        """rest.fal.ai."""
        app = self._wire.app()
        app.router.add_post("/storage/auth/token", self._hand_out_token)
        app.router.add_post("/storage/upload/initiate", self._initiate)
        app.router.add_get("/.well-known/jwks.json", self._jwks)
        return app

    def cdn_app(self) -> web.Application:
        """v3.fal.media."""
        app = self._wire.app()
        app.router.add_post("/files/upload", self._upload)
        self._multipart.add_routes(app)
        app.router.add_put("/files/upload/{upload_id}", self._put)
        app.router.add_get("/files/b/{file_id}/{name}", self._serve_upload)
        app.router.add_get("/files/f/{seal}/{file_id}/{name}", self._serve_film)
        return app

    def keep_film(self, job_id: str, body: bytes, *, headers: dict[str, str]) -> StoredFile:
        """A finished film, stored at its first reading with the life the submission asked for."""
        film = self.store.find(job_id)
        if film is None:
            expires_at = _expiry(headers.get)
            url = f"{self._cdn_url}/files/f/-/{job_id}/video.mp4"
            film = StoredFile(job_id, "video.mp4", "video/mp4", body, url, expires_at)
            self.store.keep(film)
        return film

    def forget(self, job_id: str) -> None:
        """Delete a film for good: its links answer 404 from now on."""
        url = f"{self._cdn_url}/files/f/-/{job_id}/video.mp4"
        self.store.keep(StoredFile(job_id, "video.mp4", "video/mp4", b"", url, expires_at=0.0))

    def seal(self, film: StoredFile) -> tuple[Seal, str]:
        """A seal, and the link that carries it in its path, as fal's links have no query."""
        seal = self.store.seal(film, LINK_LIFE_S)
        words = f"{seal.serial}-{seal.expires_at}-{seal.signature}"
        return seal, f"{self._cdn_url}/files/f/{words}/{film.id}/{film.name}"

    def clear(self) -> None:
        """Forget files and the rights to upload."""
        self.store.clear()
        self._tokens.clear()
        self._initiated.clear()
        self._multipart.clear()

    async def _hand_out_token(self, request: web.Request) -> web.Response:
        if not self._has_key(request):
            return self._wire.envelope(401)
        if request.query.get("storage_type") != "fal-cdn-v3":
            return self._wire.envelope(400)
        token = secrets.token_urlsafe(24)
        expires_at = time.time() + TOKEN_LIFE_S
        self._tokens[token] = expires_at
        return _answer(
            {
                "token": token,
                "token_type": "Bearer",
                "base_url": self._cdn_url,
                "expires_at": datetime.fromtimestamp(expires_at, UTC).isoformat(),
            }
        )

    async def _initiate(self, request: web.Request) -> web.Response:
        if not self._has_key(request):
            return self._wire.envelope(401)
        if (locked := lock_of(self._house.account, self._house.switches)) is not None:
            return locked
        try:
            name = str(json.loads(await request.read())["file_name"])
        except (ValueError, KeyError, TypeError):
            return self._wire.envelope(400)
        if request.query.get("storage_type") not in STORAGE_TYPES:
            return self._wire.envelope(400)
        upload_id = secrets.token_hex(12)
        self._initiated[upload_id] = (name, _expiry(request.headers.get))
        upload_url = f"{self._cdn_url}/files/upload/{upload_id}"
        return _answer({"upload_url": upload_url, "file_url": self._url(upload_id, name)})

    async def _upload(self, request: web.Request) -> web.Response:
        if not self._has_token(request):
            return self._wire.envelope(401)
        name = request.headers.get("X-Fal-File-Name", "upload.bin")
        file = await self._keep(request, secrets.token_hex(12), name=name)
        return _answer({"access_url": file.url})

    async def _put(self, request: web.Request) -> web.Response:
        """The second half of `initiate`: the address itself is the right to write."""
        upload_id = request.match_info["upload_id"]
        initiated = self._initiated.pop(upload_id, None)
        if initiated is None:
            return self._wire.envelope(403)
        await self._keep(request, upload_id, name=initiated[0], expires_at=initiated[1])
        return web.Response()

    async def _keep(
        self, request: web.Request, file_id: str, *, name: str, expires_at: float | None = None
    ) -> StoredFile:
        life = expires_at if expires_at is not None else _expiry(request.headers.get)
        body, url = await request.read(), self._url(file_id, name)
        return self.store.keep(StoredFile(file_id, name, request.content_type, body, url, life))

    def _url(self, file_id: str, name: str) -> str:
        return f"{self._cdn_url}/files/b/{file_id}/{quote(name, safe='')}"

    async def _serve_upload(self, request: web.Request) -> web.Response:
        file = self.store.find(request.match_info["file_id"])
        if file is None or file.expired:
            return self._wire.envelope(404)
        return serve(request, file)

    async def _serve_film(self, request: web.Request) -> web.Response:
        if self._wire.faults.take("fal:file", "expired_link") is not None:
            self.store.expire_links()
        film = self.store.find(request.match_info["file_id"])
        if film is None or film.expired:
            return self._wire.envelope(404)
        if not self.store.holds(Seal.of(request.match_info["seal"]), film.id):
            return self._wire.envelope(403)
        return serve(request, film)

    def _has_token(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and self._tokens.get(token, 0) >= time.time()

    def _has_key(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "") == f"Key {self._api_key}"


def _expiry(header: Callable[[str], str | None]) -> float | None:
    """When an object ends by its lifecycle header, Unix seconds; None = it stays."""
    for name in LIFECYCLE_HEADERS:
        try:
            asked = json.loads(header(name) or "null")
            life_s = asked["expiration_duration_seconds"]
            return time.time() + float(life_s) if life_s else None
        except (ValueError, KeyError, TypeError):
            continue
    return None


def _answer(body: dict[str, Any]) -> web.Response:
    return web.json_response(body, headers={"x-fal-request-id": secrets.token_hex(16)})
