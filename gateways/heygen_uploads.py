"""Files at HeyGen: `POST /v3/assets`, its direct uploads above 32 MB, and the seeds' upload host.

Wire: heygen-cli's embedded OpenAPI (`POST /v3/assets`, `/v3/assets/direct-uploads`) and
docs.heygen.com (`POST upload.heygen.com/v1/asset`). HeyGen prefers an upload to a public address.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from hashlib import sha256
from urllib.parse import quote

import httpx

from domain.stored import Content, Stored, size_of, whole
from gateways.classify import Answer
from gateways.heygen_calls import Calls
from gateways.heygen_links import Request, kept_link
from gateways.http import Body, Http, host_of, json_body, origin_of
from gateways.lenient import Lenient, Maybe, link_of, read_json
from gateways.pinning import refusal
from gateways.uploads import uploaded

UPLOAD_URL = "https://upload.heygen.com"
ASSET_MAX_BYTES = 32 * 1024 * 1024

# Where a direct upload is put: the vendor's own hosts, or the storage that its CDN stands before.
_STORAGE_HOSTS = (".heygen.ai", ".heygen.com", ".amazonaws.com", "storage.googleapis.com")


class ApiVersion(StrEnum):
    """Which of HeyGen's APIs is used where it has two."""

    V2 = "v2"
    V3 = "v3"


class _Asset(Lenient):
    url: Maybe[str] = None
    asset_id: Maybe[str] = None
    id: Maybe[str] = None


class _AssetBody(Lenient):
    data: Maybe[_Asset] = None


class _Wish(Request):
    filename: str
    content_type: str
    size_bytes: int
    checksum_sha256: str


class Place(Lenient):
    """Where a direct upload's bytes go, and the headers that go with them."""

    asset_id: str
    upload_url: str
    upload_headers: Maybe[dict[str, str]] = None


class _PlaceBody(Lenient):
    data: Maybe[Place] = None


class Uploads:
    """Takes files to HeyGen. Raises `UploadFailed`."""

    def __init__(self, http: Http, calls: Calls, *, upload_url: str, version: ApiVersion) -> None:
        (api_key,) = calls.secrets
        self._http = http
        self._calls = calls
        self._old = http.bind(upload_url, headers={"X-Api-Key": api_key}, secrets=calls.secrets)
        self._version = version
        configured = {calls.base_url, upload_url}
        self._plain_hosts = {host_of(url) for url in configured if url.startswith("http:")}

    async def upload(self, content: Content, media_type: str, filename: str) -> str:
        """The link of a file that is kept there."""
        done = partial(uploaded, refused=self._calls.refused)
        if self._version is ApiVersion.V2:
            raw = Body(content, {"content-type": media_type})
            return done(await self._old.read("POST", "/v1/asset", body=raw), read=decode_asset)
        if size_of(content) > ASSET_MAX_BYTES:
            return await self._upload_directly(content, media_type, filename)
        body = encode_asset(await whole(content), media_type, filename)
        return done(await self._calls.put("/v3/assets", body), read=decode_asset)

    async def _upload_directly(self, content: Content, media_type: str, filename: str) -> str:
        """A place first, then the bytes there without our key, then the word that they came."""
        done = partial(uploaded, refused=self._calls.refused)
        wish = encode_wish(content, media_type, filename)
        asked = await self._calls.put("/v3/assets/direct-uploads", json_body(wish))
        place = done(asked, read=self._place)
        storage = self._http.bind(origin_of(place.upload_url))
        headers: Mapping[str, str] = place.upload_headers or {"content-type": media_type}
        put = await storage.read("PUT", place.upload_url, body=Body(content, headers))
        done(put, read=lambda _: True)
        told = await self._calls.put(
            f"/v3/assets/{quote(place.asset_id, safe='')}/complete", json_body(b"{}")
        )
        return done(told, read=decode_asset)

    def _place(self, answer: Answer) -> Place | None:
        """Only storage that HeyGen is known to use gets people's files."""
        place = decode_place(answer)
        if place is None:
            return None
        hosts = {*_STORAGE_HOSTS, *self._plain_hosts}
        refused = refusal(place.upload_url, hosts=hosts, private_hosts=self._plain_hosts)
        return place if refused is None else None


def encode_asset(content: bytes, media_type: str, filename: str) -> Body:
    """The multipart body of `POST /v3/assets`: one field `file`.

    The boundary is made of the content, so the same file gives the same bytes.
    """
    boundary = sha256(content).hexdigest()[:32]
    form_type = f"multipart/form-data; boundary={boundary}"
    form = httpx.Request(
        "POST",
        "https://form.invalid",
        headers={"content-type": form_type},
        files={"file": (filename, content, media_type)},
    )
    return Body(form.read(), {"content-type": form_type})


def encode_wish(content: Content, media_type: str, filename: str) -> bytes:
    """The body that asks for a place for a file above `ASSET_MAX_BYTES`."""
    return _Wish(
        filename=filename,
        content_type=media_type,
        size_bytes=size_of(content),
        checksum_sha256=(
            content.sha256 if isinstance(content, Stored) else sha256(content).hexdigest()
        ),
    ).encoded()


def decode_asset(answer: Answer) -> str | None:
    """The link of an uploaded file, from either version's answer."""
    body = read_json(_AssetBody, answer.body)
    asset = body.data if body else None
    url = link_of(asset.url) if asset else None
    return kept_link(url, asset.asset_id or asset.id) if asset and url else None


def decode_place(answer: Answer) -> Place | None:
    """Where a direct upload's bytes go."""
    body = read_json(_PlaceBody, answer.body)
    return body.data if body else None
