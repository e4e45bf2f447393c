"""fal's webhooks: Ed25519 over the raw body, with the keys that fal publishes.

docs.fal.ai/model-endpoints/webhooks: the message is request id, user id, timestamp and the hex
SHA-256 of the raw body, joined by newlines; the signature is hex; the keys are a JWK set without a
hint which one signed, to be kept for 24 hours at most. Every customer's webhooks are signed with
the same keys, so the user id is pinned where the operator gave it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.ports import Clock
from gateways.classify import Answer
from gateways.hooks import Delivery, Disbelief, Told, event_of, is_fresh, usable
from gateways.http import Http, origin_of
from gateways.lenient import Lenient, Maybe, read_json

JWKS_URL = "https://rest.fal.ai/.well-known/jwks.json"
KEYS_LIFE_S = 24 * 3_600.0
REFETCH_MIN_S = 60.0
JWKS_MAX_BYTES = 64 * 1024
KEYS_MAX = 20
KEY_BYTES = 32

_PREFIX = "x-fal-webhook-"
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}", re.ASCII)


class _Key(Lenient):
    kty: Maybe[str] = None
    crv: Maybe[str] = None
    x: Maybe[str] = None


class _KeySet(Lenient):
    keys: Maybe[list[Maybe[_Key]]] = None


class _Body(Lenient):
    request_id: Maybe[str] = None
    gateway_request_id: Maybe[str] = None


class FalHooks:
    """`gateways.hooks.Hooks` of one fal account."""

    def __init__(self, http: Http, *, jwks_url: str = JWKS_URL, user_id: str | None = None) -> None:
        self._keys = FalKeys(http, jwks_url)
        self._clock = http.clock
        self._user_id = user_id

    async def read(self, delivery: Delivery) -> Told | Disbelief:
        """What fal says it is about. Nothing is believed before its signature is."""
        names = ("request-id", "user-id", "timestamp", "signature")
        found = [delivery.only(f"{_PREFIX}{name}") for name in names]
        if doubt := next((each for each in found if isinstance(each, Disbelief)), None):
            return doubt
        request_id, user_id, timestamp, signature = map(str, found)
        doubt = self._misfit(user_id, timestamp, signature)
        if doubt is not None:
            return doubt
        message = signed_message(request_id, user_id, timestamp, delivery.body)
        doubt = await self._keys.doubt(bytes.fromhex(signature), message)
        if doubt is not None:
            return doubt
        said = read_json(_Body, delivery.body) or _Body()
        ids = usable((request_id, said.request_id, said.gateway_request_id))
        return Told(ids, event_of(delivery.body), is_signed=True)

    def _misfit(self, user_id: str, timestamp: str, signature: str) -> Disbelief | None:
        fresh = is_fresh(timestamp, self._clock.now())
        if fresh is None or _SIGNATURE.fullmatch(signature) is None:
            return Disbelief.MALFORMED
        if not fresh:
            return Disbelief.STALE
        pinned = self._user_id
        if pinned is not None and not hmac.compare_digest(_bytes(pinned), _bytes(user_id)):
            return Disbelief.STRANGER
        return None


class FalKeys:
    """The published keys: fetched when they are needed, kept for a day, and fetched again for a
    signature that none of them made, but never more than once a minute."""

    def __init__(self, http: Http, url: str) -> None:
        self._clock: Clock = http.clock
        self._wire = http.bind(origin_of(url))
        self._path = urlsplit(url).path
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    async def doubt(self, signature: bytes, message: bytes) -> Disbelief | None:
        """None where one of the keys made this signature."""
        if self._is_old() and not await self._fetch():
            self._keys = ()
        if signs(self._keys, signature, message):
            return None
        if await self._fetch() and signs(self._keys, signature, message):
            return None
        return Disbelief.DIFFERENT if self._keys else Disbelief.NO_KEYS

    def _is_old(self) -> bool:
        at = self._fetched_at
        return at is None or self._clock.monotonic() - at > KEYS_LIFE_S

    async def _fetch(self) -> bool:
        """Whether there are new keys now."""
        now = self._clock.monotonic()
        if self._tried_at is not None and now - self._tried_at < REFETCH_MIN_S:
            return False
        self._tried_at = now
        answer = await self._wire.read("GET", self._path)
        keys = keys_in(answer) if isinstance(answer, Answer) else ()
        if keys:
            self._keys, self._fetched_at = keys, now
        return bool(keys)


def signed_message(request_id: str, user_id: str, timestamp: str, body: bytes) -> bytes:
    """What fal signs."""
    digest = hashlib.sha256(body).hexdigest()
    return _bytes("\n".join((request_id, user_id, timestamp, digest)))


def signs(keys: Sequence[Ed25519PublicKey], signature: bytes, message: bytes) -> bool:
    """Whether one of the keys made this signature of this message."""
    return any(_verifies(key, signature, message) for key in keys)


def keys_in(answer: Answer) -> tuple[Ed25519PublicKey, ...]:
    """The Ed25519 keys of a JWK set (RFC 8037); what is anything else is passed over."""
    if answer.status != 200 or len(answer.body) > JWKS_MAX_BYTES:
        return ()
    shown = read_json(_KeySet, answer.body)
    listed = (shown.keys if shown else None) or []
    found = (_public(key) for key in listed[:KEYS_MAX] if key is not None)
    return tuple(key for key in found if key is not None)


def _public(key: _Key) -> Ed25519PublicKey | None:
    if key.kty != "OKP" or key.crv != "Ed25519" or key.x is None:
        return None
    try:
        padded = key.x + "=" * (-len(key.x) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        return Ed25519PublicKey.from_public_bytes(raw) if len(raw) == KEY_BYTES else None
    except (binascii.Error, ValueError):
        return None


def _verifies(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
