"""What a vendor stores: pictures people uploaded, films it made, and links that end.

Bytes stay in memory. A sealed link carries a serial number and a signature, so that handing out
thousands of links costs nothing, and `expire_links` ends every one handed out so far.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from aiohttp import web

LINK_LIFE_S = 7 * 24 * 3600
SIGNATURE_CHARS = 32
MAGIC = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"WEBP", 8, "image/webp"),
    (b"ftyp", 4, "video/mp4"),
    (b"\x1a\x45\xdf\xa3", 0, "video/webm"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"WAVE", 8, "audio/wav"),
    (b"%PDF-", 0, "application/pdf"),
)


@dataclass(frozen=True)
class StoredFile:
    """A file and where it is served. `expires_at` in Unix seconds, None = kept."""

    id: str
    name: str
    content_type: str
    body: bytes
    url: str
    expires_at: float | None = None

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def expired(self) -> bool:
        """Whether its life, if it has one, is over."""
        return self.expires_at is not None and time.time() >= self.expires_at


@dataclass(frozen=True)
class Seal:
    """The part of a link that proves we handed it out, until `expires_at` (Unix seconds)."""

    serial: int
    expires_at: int
    signature: str

    @classmethod
    def of(cls, words: str) -> Seal:
        """The seal written as `serial-expiry-signature`; a broken one holds for nothing."""
        serial, _, rest = words.partition("-")
        expires, _, signature = rest.partition("-")
        numbers = [int(text) if text.isdecimal() else 0 for text in (serial, expires)]
        return cls(numbers[0], numbers[1], signature)


class FileStore:
    """The files of one vendor, by id and by the public URL they were given."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_url: dict[str, StoredFile] = {}
        self._secret = secrets.token_bytes(32)
        self._serial = 0
        self._expired_serial = 0

    def keep(self, file: StoredFile) -> StoredFile:
        """Store a file under its id and its URL."""
        self._by_id[file.id] = file
        self._by_url[file.url] = file
        return file

    def find(self, file_id: str) -> StoredFile | None:
        """The file of this id."""
        return self._by_id.get(file_id)

    def drop(self, file_id: str) -> bool:
        """Forget one file for good; whether there was one."""
        gone = self._by_id.pop(file_id, None)
        if gone is not None:
            self._by_url.pop(gone.url, None)
        return gone is not None

    def at_url(self, url: str) -> StoredFile | None:
        """The file that was uploaded to us and given exactly this URL."""
        return self._by_url.get(url)

    def seal(self, file: StoredFile, life_s: int = LINK_LIFE_S) -> Seal:
        """A fresh seal for a link to this file."""
        self._serial += 1
        expires_at = int(time.time()) + life_s
        return Seal(self._serial, expires_at, self._sign(file.id, self._serial, expires_at))

    def holds(self, seal: Seal, file_id: str) -> bool:
        """Whether the seal is ours, for this file, and has not ended."""
        ours = self._sign(file_id, seal.serial, seal.expires_at)
        return (
            hmac.compare_digest(ours.encode(), seal.signature.encode())
            and seal.serial > self._expired_serial
            and time.time() < seal.expires_at
        )

    def expire_links(self) -> None:
        """End every link handed out so far."""
        self._expired_serial = self._serial

    def clear(self) -> None:
        """Forget all files and end all links."""
        self._by_id.clear()
        self._by_url.clear()
        self.expire_links()

    def _sign(self, file_id: str, serial: int, expires_at: int) -> str:
        words = f"{file_id}\n{serial}\n{expires_at}".encode()
        return hmac.new(self._secret, words, hashlib.sha256).hexdigest()[:SIGNATURE_CHARS]


def sniff(body: bytes) -> str | None:
    """The content type the first bytes show, None if they show none of the known ones."""
    for magic, offset, content_type in MAGIC:
        if body[offset : offset + len(magic)] == magic:
            return content_type
    return None


def serve(request: web.Request, file: StoredFile) -> web.Response:
    """The file's bytes, or the asked range of them, as a CDN answers."""
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{file.sha256[:32]}"'}
    total = len(file.body)
    try:
        wanted = request.http_range
    except ValueError:
        wanted = slice(total, None)
    if wanted.start is None and wanted.stop is None:
        return web.Response(body=file.body, content_type=file.content_type, headers=headers)
    start, stop, _ = wanted.indices(total)
    if start >= stop:
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{total}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{total}"
    body = file.body[start:stop]
    return web.Response(status=206, body=body, content_type=file.content_type, headers=headers)
