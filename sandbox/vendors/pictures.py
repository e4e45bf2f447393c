"""A picture in a submission: ours, or an address the sandbox will not visit.

The sandbox opens no connection to anywhere, so a picture is only drawn when it was uploaded to
the same vendor (or stands in the request as a data URI); any other https address is accepted, as
the vendors do, and named in the film.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from sandbox.vendors.files import FileStore, StoredFile

DATA_URI_MAX_CHARS = 40 * 1024 * 1024
UNREADABLE = "The image cannot be read."
NOT_FOUND = "Could not download the file: give a public https URL or an uploaded file."


class PictureRefusedError(Exception):
    """A picture the vendor cannot use. `fal_type` is fal's word for why."""

    def __init__(self, field: str, message: str, *, fal_type: str) -> None:
        super().__init__(message)
        self.field = field
        self.fal_type = fal_type


@dataclass(frozen=True)
class Picture:
    """One picture of the input. `body` None: its address is not visited."""

    field: str
    url: str
    body: bytes | None
    file: StoredFile | None
    note: str

    @classmethod
    def at(cls, url: object, field: str, *, files: FileStore, data_uris: bool = False) -> Picture:
        """The picture at an address; raises `PictureRefusedError` if it cannot be one."""
        if not isinstance(url, str):
            raise PictureRefusedError(field, "Must be a URL.", fal_type="string_type")
        if data_uris and url.startswith("data:image/"):
            return cls(field, url[:64], _decoded(url, field), None, "")
        if (file := files.at_url(url)) is not None:
            if file.expired or not is_picture(file.body):
                raise PictureRefusedError(field, UNREADABLE, fal_type="image_load_error")
            return cls(field, url, file.body, file, "")
        if (host := urlsplit(url).hostname) and url.startswith("https://"):
            return cls(field, url, None, None, f"image at {host} not fetched")
        raise PictureRefusedError(field, NOT_FOUND, fal_type="file_download_error")

    def entry(self) -> dict[str, Any]:
        """How the ledger shows an uploaded picture."""
        body = self.body or b""
        digest = hashlib.sha256(body).hexdigest()
        return {"field": self.field, "url": self.url, "sha256": digest, "bytes": len(body)}


def is_picture(body: bytes) -> bool:
    """Whether these bytes decode as an image, to the last row."""
    try:
        with Image.open(io.BytesIO(body)) as opened:
            opened.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


def _decoded(uri: str, field: str) -> bytes:
    try:
        body = base64.b64decode(uri[:DATA_URI_MAX_CHARS].partition(",")[2], validate=True)
    except binascii.Error:
        body = b""
    if not is_picture(body):
        raise PictureRefusedError(field, UNREADABLE, fal_type="image_load_error")
    return body
