"""fal's uploads in parts: what the official client does above 100 MB.

Wire facts: PyPI fal-client 1.0.3 `AsyncMultipartUpload`: create, one PUT a part whose ETag is sent
back, complete.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.vendors.fal_errors import answer, envelope
from sandbox.vendors.files import FileStore, StoredFile

PART_MAX = 10_000


@dataclass
class Upload:
    """One upload that is not complete: its file to be, and the parts so far."""

    file_id: str
    name: str
    content_type: str
    expires_at: float | None
    parts: dict[int, bytes] = field(default_factory=dict)


class FalMultipart:
    """`/files/upload/multipart` and what follows it. `url_of` is where a file will be."""

    def __init__(
        self,
        store: FileStore,
        *,
        allows: Callable[[web.Request], bool],
        expiry: Callable[[web.Request], float | None],
        url_of: Callable[[str, str], str],
    ) -> None:
        self._store = store
        self._allows = allows
        self._expiry = expiry
        self._url_of = url_of
        self._uploads: dict[str, Upload] = {}

    def add_routes(self, app: web.Application) -> None:
        """Register them."""
        path = "/files/b/{file_id}/{name}/multipart/{upload_id}"
        app.router.add_post("/files/upload/multipart", self._create)
        app.router.add_put(f"{path}/{{part}}", self._put)
        app.router.add_post(f"{path}/complete", self._complete)

    def clear(self) -> None:
        """Forget what is under way."""
        self._uploads.clear()

    async def _create(self, request: web.Request) -> web.Response:
        if not self._allows(request):
            return envelope(401)
        name = request.headers.get("X-Fal-File-Name", "upload.bin")
        kind, life = request.content_type, self._expiry(request)
        upload = Upload(secrets.token_hex(12), name, kind, life)
        upload_id = secrets.token_hex(12)
        self._uploads[upload_id] = upload
        return answer({"access_url": self._url_of(upload.file_id, name), "uploadId": upload_id})

    async def _put(self, request: web.Request) -> web.Response:
        upload = self._found(request)
        if upload is None or not self._allows(request):
            return envelope(404 if upload is None else 401)
        part = request.match_info["part"]
        if not part.isdecimal() or not 1 <= int(part) <= PART_MAX:
            return envelope(400)
        body = upload.parts[int(part)] = await request.read()
        return web.Response(headers={"ETag": _etag(body)})

    async def _complete(self, request: web.Request) -> web.Response:
        upload = self._found(request)
        if upload is None or not self._allows(request):
            return envelope(404 if upload is None else 401)
        parts = _listed(await request.read())
        known = {place: _etag(body) for place, body in upload.parts.items()}
        if parts is None or parts != known:
            return envelope(400)
        body = b"".join(upload.parts[place] for place in sorted(upload.parts))
        url = self._url_of(upload.file_id, upload.name)
        life = upload.expires_at
        self._store.keep(
            StoredFile(upload.file_id, upload.name, upload.content_type, body, url, life)
        )
        del self._uploads[request.match_info["upload_id"]]
        return answer({"access_url": url})

    def _found(self, request: web.Request) -> Upload | None:
        upload = self._uploads.get(request.match_info["upload_id"])
        same = upload is not None and upload.file_id == request.match_info["file_id"]
        return upload if same else None


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _listed(body: bytes) -> dict[int, str] | None:
    """The ETags by part number, None if the list cannot be read."""
    try:
        parts: list[dict[str, Any]] = json.loads(body)["parts"]
        return {int(part["partNumber"]): str(part["etag"]) for part in parts}
    except (ValueError, KeyError, TypeError):
        return None
