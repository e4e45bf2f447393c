"""Runware's media storage, its CDN, and the container a result is asked in.

`mediaStorage` and the older `imageUpload`: runware.ai/docs/platform/media-storage and PyPI
runware-sdk 1.8.0. Inputs may be a stored UUID, an address, a data URI or plain Base64.
"""

from __future__ import annotations

import base64
import binascii
import io
import uuid
from typing import Any

import av
from aiohttp import web

from sandbox.vendors.files import LINK_LIFE_S, FileStore, Seal, StoredFile, serve, sniff
from sandbox.vendors.pictures import Picture
from sandbox.vendors.runware_errors import envelope
from sandbox.vendors.runware_models import is_uuid4
from sandbox.vendors.wire import Wire

CONTENT_TYPES = {"MP4": "video/mp4", "WEBM": "video/webm", "MOV": "video/quicktime"}
VP8 = {"deadline": "realtime", "cpu-used": "8", "crf": "40", "b": "0"}
FALLBACK_TYPE = "application/octet-stream"


class RunwareFiles:
    """What was uploaded, what was made, and the links to it."""

    def __init__(self, wire: Wire, *, cdn_url: str) -> None:
        self.store = FileStore()
        self._wire = wire
        self._cdn_url = cdn_url
        self._remote: dict[str, str] = {}

    def cdn_app(self) -> web.Application:
        """vm.runware.ai and im.runware.ai."""
        app = self._wire.app()
        app.router.add_get("/media/{file_id}/{name}", self._serve_upload)
        app.router.add_get("/video/{seal}/{file_id}/{name}", self._serve_film)
        return app

    def upload(self, media: object) -> StoredFile | None:
        """Keep what was sent, or remember an address the sandbox does not visit."""
        if not isinstance(media, str) or not media:
            return None
        file_id = str(uuid.uuid4())
        if media.startswith("https://"):
            self._remote[file_id] = media
            return StoredFile(file_id, "remote", FALLBACK_TYPE, b"", media)
        known = self.store.at_url(media)
        body = known.body if known is not None else _bytes_of(media)
        if body is None:
            return None
        kind = sniff(body) or FALLBACK_TYPE
        name = f"{file_id}.{kind.rpartition('/')[2]}"
        url = f"{self._cdn_url}/media/{file_id}/{name}"
        return self.store.keep(StoredFile(file_id, name, kind, body, url))

    def delete(self, media: object) -> bool:
        """Forget an upload by its UUID; whether there was one."""
        if not isinstance(media, str):
            return False
        return self.store.drop(media) or self._remote.pop(media, None) is not None

    def picture(self, value: object, field: str) -> Picture:
        """The picture an input names. Errors: PictureRefusedError."""
        if isinstance(value, str) and is_uuid4(value):
            stored = self.store.find(value)
            value = self._remote.get(value, "") if stored is None else stored.url
        elif isinstance(value, str) and not value.startswith(("data:", "http")):
            body = _bytes_of(value) or b""
            kind = sniff(body) or FALLBACK_TYPE
            value = f"data:{kind};base64,{base64.b64encode(body).decode()}"
        return Picture.at(value, field, files=self.store, data_uris=True)

    def keep_film(
        self, video_uuid: str, body: bytes, *, container: str, expires_at: float
    ) -> StoredFile:
        """A finished film, stored at its first reading."""
        film = self.store.find(video_uuid)
        if film is None:
            name = f"{video_uuid}.{container.lower()}"
            url = f"{self._cdn_url}/video/-/{video_uuid}/{name}"
            kind = CONTENT_TYPES[container]
            film = StoredFile(video_uuid, name, kind, body, url, expires_at)
            self.store.keep(film)
        return film

    def seal(self, film: StoredFile) -> tuple[Seal, str]:
        """A seal, and the link that carries it."""
        seal = self.store.seal(film, LINK_LIFE_S)
        words = f"{seal.serial}-{seal.expires_at}-{seal.signature}"
        return seal, f"{self._cdn_url}/video/{words}/{film.id}/{film.name}"

    def clear(self) -> None:
        """Forget everything."""
        self.store.clear()
        self._remote.clear()

    async def _serve_upload(self, request: web.Request) -> web.Response:
        file = self.store.find(request.match_info["file_id"])
        return envelope(404) if file is None else serve(request, file)

    async def _serve_film(self, request: web.Request) -> web.Response:
        if self._wire.faults.take("runware:file", "expired_link") is not None:
            self.store.expire_links()
        film = self.store.find(request.match_info["file_id"])
        if film is None or film.expired:
            return envelope(404)
        if not self.store.holds(Seal.of(request.match_info["seal"]), film.id):
            return envelope(403)
        return serve(request, film)


def picture_fields(inputs: dict[str, Any]) -> dict[str, object]:
    """What in `inputs` is a picture, by field and index."""
    found: dict[str, object] = {}
    for name in ("image", "mask"):
        if name in inputs:
            found[f"inputs.{name}"] = inputs[name]
    for name in ("images", "referenceImages", "frameImages"):
        for place, value in enumerate(inputs.get(name) or []):
            shown = value.get("image") if isinstance(value, dict) else value
            found[f"inputs.{name}.{place}"] = shown
    return found


def contained(mp4: bytes, container: str) -> bytes:
    """The film in the asked container. Blocks up to half a second: call it in a thread."""
    match container:
        case "MOV":
            return _copied(mp4)
        case "WEBM":
            return _as_webm(mp4)
        case _:
            return mp4


def _copied(mp4: bytes) -> bytes:
    """The same streams in a QuickTime file."""
    out = io.BytesIO()
    with av.open(io.BytesIO(mp4), "r") as film, av.open(out, "w", format="mov") as copy:
        streams = {stream.index: copy.add_stream_from_template(stream) for stream in film.streams}
        for packet in film.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                copy.mux(packet)
    return out.getvalue()


def _as_webm(mp4: bytes) -> bytes:
    """The pictures once more as VP8; a sandbox film needs no sound there."""
    out = io.BytesIO()
    with av.open(io.BytesIO(mp4), "r") as film, av.open(out, "w", format="webm") as copy:
        source = film.streams.video[0]
        video = copy.add_stream("libvpx", rate=source.average_rate)
        video.width, video.height, video.pix_fmt = source.width, source.height, "yuv420p"
        video.options = {**VP8, "threads": "1"}
        for frame in film.decode(video=0):
            copy.mux(video.encode(frame))
        copy.mux(video.encode(None))
    return out.getvalue()


def _bytes_of(text: str) -> bytes | None:
    """The bytes of a data URI or of plain Base64."""
    encoded = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode(encoded, validate=True) or None
    except (binascii.Error, ValueError):
        return None
