"""Files people give HeyGen: v3 assets, direct uploads, the older upload host, and `AssetInput`.

Sources: heygen-cli's embedded OpenAPI (`/v3/assets`, `/v3/assets/direct-uploads`, AssetInput),
docs.heygen.com (`upload.heygen.com/v1/asset`, `/v1/talking_photo`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import urlsplit

from aiohttp import BodyPartReader, web
from pydantic import Field, model_validator

from sandbox.vendors.files import StoredFile, sniff
from sandbox.vendors.heygen_films import Films
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered,
    answered_v1,
    body_of,
    paged,
    read,
)
from sandbox.vendors.pictures import is_picture
from sandbox.vendors.sounds import SOUND_MAX_S, UNHEARD_S, sound_s
from sandbox.vendors.switches import Switches

ASSET_MAX_BYTES = 32 * 1024 * 1024
DIRECT_MAX_BYTES = 512 * 1024 * 1024
DIRECT_LIFE_S = 3600
MB = 1024 * 1024
INPUT_MAX_BYTES = {"image": 50 * MB, "audio": 50 * MB, "video": 100 * MB}
SRT = "application/x-subrip"
ASSET_TYPES = {
    "image/png": "image",
    "image/jpeg": "image",
    "video/mp4": "video",
    "video/webm": "video",
    "audio/mpeg": "audio",
    "audio/wav": "audio",
    "application/pdf": "pdf",
    SRT: "srt",
}


class AssetInput(Body):
    """A file in a v3 body: by https address, by asset id, or in the request itself."""

    type: Literal["url", "asset_id", "base64"]
    url: str | None = None
    asset_id: str | None = None
    media_type: str | None = None
    data: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = {name for name in ("url", "asset_id", "media_type", "data") if getattr(self, name)}
        needed = {"media_type", "data"} if self.type == "base64" else {self.type}
        if given != needed:
            raise ValueError(f"an asset of type {self.type} has {', '.join(sorted(needed))}")
        return self


class DirectUpload(Body):
    """`POST /v3/assets/direct-uploads`."""

    filename: str = Field(min_length=1)
    content_type: str
    size_bytes: int = Field(gt=0)
    checksum_sha256: str | None = None


@dataclass
class Pending:
    """A direct upload: its place, until the bytes are there and `complete` is said."""

    asked: DirectUpload
    ends_at: float
    asset: StoredFile | None = None


class Assets:
    """Every uploaded file of the account."""

    def __init__(self, films: Films, switches: Switches) -> None:
        self._films, self._switches = films, switches
        self._pending: dict[str, Pending] = {}
        self._kept: list[str] = []

    def add_api_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_post("/v3/assets", self._upload)
        app.router.add_get("/v3/assets", self._list)
        app.router.add_post("/v3/assets/direct-uploads", self._open_direct)
        app.router.add_post("/v3/assets/{asset_id}/complete", self._complete)
        app.router.add_get("/v3/assets/{asset_id}", self._show)
        app.router.add_delete("/v3/assets/{asset_id}", self._delete)

    def add_upload_routes(self, app: web.Application) -> None:
        """upload.heygen.com."""
        app.router.add_post("/v1/asset", self._upload_raw)

    def add_cdn_routes(self, app: web.Application) -> None:
        """Where a direct upload puts its bytes."""
        app.router.add_put("/direct/{asset_id}", self._put)

    def clear(self) -> None:
        """Forget every upload."""
        self._pending.clear()
        self._kept.clear()

    def given(self, given: AssetInput, param: str, *kinds: str) -> StoredFile | None:
        """The file meant, None for an address elsewhere (never visited). Errors: RefusedError."""
        match given.type:
            case "asset_id":
                return self.find(given.asset_id or "", param, *kinds)
            case "url":
                return self.at_url(given.url or "", param, *kinds)
            case "base64":
                try:
                    body = base64.b64decode(given.data or "", validate=True)
                except binascii.Error as broken:
                    raise RefusedError(400, "data is not base64.", param=param) from broken
                if sniff(body) != given.media_type:
                    raise RefusedError(400, "media_type does not match.", param=param)
                return self.keep(body, "inline", param, *kinds)

    def find(self, asset_id: str, param: str, *kinds: str) -> StoredFile:
        """An uploaded file. Errors: RefusedError 400 `asset_not_available`, or a wrong type."""
        asset = self._films.files.find(asset_id) if asset_id in self._kept else None
        if asset is None:
            raise RefusedError(
                400, "Asset is not available.", param=param, code="asset_not_available"
            )
        _need_kind(asset.content_type, param, *kinds)
        _need_size(asset, param)
        return asset

    def at_url(self, url: str, param: str, *kinds: str) -> StoredFile | None:
        """The upload at an address, None elsewhere. Errors: RefusedError `download_failed`."""
        if (asset := self._films.files.at_url(url)) is not None:
            _need_kind(asset.content_type, param, *kinds)
            _need_size(asset, param)
            return asset
        if not (url.startswith("https://") and urlsplit(url).hostname):
            message = "Could not download the file: give a public https URL or an uploaded file."
            raise RefusedError(400, message, param=param, code="download_failed")
        return None

    def heard_s(self, asset_id: str | None, url: str | None, *, at: str) -> float:
        """Seconds of a recording. Errors: RefusedError for what is none, or is too long."""
        sound: StoredFile | None
        if asset_id is not None:
            param, sound = (
                f"{at}audio_asset_id",
                self.find(asset_id, f"{at}audio_asset_id", "audio"),
            )
        elif url is not None:
            param, sound = f"{at}audio_url", self.at_url(url, f"{at}audio_url", "audio")
        else:
            return UNHEARD_S
        seconds = UNHEARD_S if sound is None else sound_s(sound.body)
        if seconds is None:
            raise RefusedError(400, "The audio cannot be read.", param=param)
        if seconds > SOUND_MAX_S:
            raise RefusedError(400, "The audio is longer than 10 minutes.", param=param)
        return seconds

    def keep(
        self, body: bytes, name: str, param: str, *kinds: str, limit: int = ASSET_MAX_BYTES
    ) -> StoredFile:
        """Store a file as an asset. Errors: RefusedError 413, 400."""
        content_type = sniff(body) or (SRT if b" --> " in body[:200] else "")
        if len(body) > limit:
            message = f"The file is larger than {limit // MB} MB."
            raise RefusedError(413, message, param=param)
        if content_type not in ASSET_TYPES:
            raise RefusedError(400, "This file type is not supported.", param=param)
        if content_type.startswith("image/") and not is_picture(body):
            raise RefusedError(400, "The image cannot be read.", param=param)
        _need_kind(content_type, param, *kinds)
        asset = self._films.keep(secrets.token_hex(16), body, content_type)
        self._kept.append(asset.id)
        return asset

    async def _upload(self, request: web.Request) -> web.Response:
        """`POST /v3/assets`, multipart field `file`."""
        if request.content_type != "multipart/form-data":
            raise RefusedError(400, "Send multipart/form-data with a field `file`.", param="file")
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                body = bytes(await part.read(decode=False))
                return answered(_shown(self.keep(body, part.filename or "upload", "file")))
        raise RefusedError(400, "The field `file` is missing.", param="file")

    async def _open_direct(self, request: web.Request) -> web.Response:
        asked = read(DirectUpload, await body_of(request))
        if asked.content_type not in ASSET_TYPES:
            raise RefusedError(400, "This file type is not supported.", param="content_type")
        if asked.size_bytes > DIRECT_MAX_BYTES:
            raise RefusedError(413, "The file is larger than 512 MB.", param="size_bytes")
        asset_id = secrets.token_hex(16)
        self._pending[asset_id] = Pending(asked, time.time() + DIRECT_LIFE_S)
        headers = {"Content-Type": asked.content_type}
        return answered(
            {
                "asset_id": asset_id,
                "upload_url": f"{self._films.cdn_url}/direct/{asset_id}",
                "upload_headers": headers,
                "max_bytes": DIRECT_MAX_BYTES,
                "expires_in_seconds": DIRECT_LIFE_S,
                "status": "pending_upload",
            }
        )

    async def _put(self, request: web.Request) -> web.Response:
        """The bytes themselves, with exactly the headers that were handed out."""
        pending = self._pending.get(request.match_info["asset_id"])
        if pending is None or time.time() > pending.ends_at:
            return web.Response(status=403)
        body = await request.read()
        wrong_length = len(body) != pending.asked.size_bytes
        if request.content_type != pending.asked.content_type or wrong_length:
            return web.Response(status=403)
        asset_id = request.match_info["asset_id"]
        pending.asset = self._films.keep(asset_id, body, pending.asked.content_type)
        return web.Response(status=200)

    async def _complete(self, request: web.Request) -> web.Response:
        asset_id = request.match_info["asset_id"]
        pending = self._pending.get(asset_id)
        if pending is None:
            raise RefusedError(404, code="resource_not_found")
        if pending.asset is None:
            raise RefusedError(400, "The bytes are not there yet.", code="resource_not_ready")
        asked, body = pending.asked, pending.asset.body
        digest = hashlib.sha256(body).hexdigest()
        if asked.checksum_sha256 not in (None, digest):
            raise RefusedError(400, "The checksum is wrong.", param="checksum_sha256")
        if sniff(body) not in (asked.content_type, None):
            raise RefusedError(400, "The file is not of its content type.", param="content_type")
        if asset_id not in self._kept:
            self._kept.append(asset_id)
        return answered(_shown(pending.asset))

    async def _list(self, request: web.Request) -> web.Response:
        if not request.query.get("username"):
            raise RefusedError(400, "username is required.", param="username")
        files = (self._films.files.find(asset_id) for asset_id in reversed(self._kept))
        return paged(request, [_shown(file) for file in files if file], limit_max=100)

    async def _show(self, request: web.Request) -> web.Response:
        return answered(_shown(self._mine(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        asset = self._mine(request)
        self._kept.remove(asset.id)
        return answered({"asset_id": asset.id, "deleted": True})

    def _mine(self, request: web.Request) -> StoredFile:
        asset_id = request.match_info["asset_id"]
        asset = self._films.files.find(asset_id) if asset_id in self._kept else None
        if asset is None:
            raise RefusedError(404, code="resource_not_found")
        return asset

    async def _upload_raw(self, request: web.Request) -> web.Response:
        """`POST upload.heygen.com/v1/asset`: raw bytes in a v1 envelope (docs.heygen.com)."""
        asset = await self.raw(request, *ASSET_TYPES.values())
        kind = ASSET_TYPES[asset.content_type]
        shown = {"id": asset.id, "name": asset.name, "file_type": kind, "url": asset.url}
        shown["image_key"] = f"image/{asset.id}/original"
        more = {"folder_id": "", "meta": None, "created_ts": int(time.time())}
        return answered_v1({**shown, **more})

    async def raw(self, request: web.Request, *kinds: str) -> StoredFile:
        """A body of raw bytes whose `Content-Type` says what they are. Errors: RefusedError."""
        body, limit = await request.read(), self._switches["upload_max_mb"] * MB
        if len(body) > limit:
            raise RefusedError(413, "File is too large")
        if request.content_type not in ASSET_TYPES or sniff(body) != request.content_type:
            raise RefusedError(400, "Content-Type does not match the file")
        return self.keep(body, "asset", "file", *kinds, limit=limit)


def _shown(asset: StoredFile) -> Json:
    sizes = {"mime_type": asset.content_type, "size_bytes": len(asset.body)}
    return {"asset_id": asset.id, "url": asset.url, **sizes}


def _need_kind(content_type: str, param: str, *kinds: str) -> None:
    if kinds and ASSET_TYPES.get(content_type) not in kinds:
        raise RefusedError(400, f"This must be {' or '.join(kinds)}.", param=param)


def _need_size(asset: StoredFile, param: str) -> None:
    """What may go into a video (developers.heygen.com/docs/usage-limits)."""
    most = INPUT_MAX_BYTES.get(ASSET_TYPES.get(asset.content_type, ""))
    if most is not None and len(asset.body) > most:
        raise RefusedError(400, f"The file is larger than {most // MB} MB.", param=param)


def image_entry(param: str, asset: StoredFile) -> Json:
    """How the ledger shows an uploaded file of the input."""
    sizes = {"sha256": asset.sha256, "bytes": len(asset.body)}
    return {"field": param, "url": asset.url, **sizes}
