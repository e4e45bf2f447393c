"""fal's webhooks: signed with Ed25519, verified with the keys of its JWKS address.

docs.fal.ai/model-endpoints/webhooks: the message is request id, user id, timestamp and the hex
SHA-256 of the raw body, joined by newlines; the signature is hex. Real keys, made at every start.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sandbox.faults import Faults
from sandbox.vendors.callbacks import Callback, Callbacks
from sandbox.vendors.fal_errors import answer, failure_of
from sandbox.vendors.jobs import Job, State

USER_ID = "sandbox-user-0001"
STALE_S = 600
EARLY, UNSERIALIZABLE = "early", "payload_error"
TARGET = "fal:webhook"


class FalHooks:
    """The webhooks of one account at fal, and the keys they are signed with."""

    def __init__(self, callbacks: Callbacks, faults: Faults) -> None:
        self.callbacks = callbacks
        self._faults = faults
        self._keys = [Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()]

    async def jwks(self, _request: web.Request) -> web.Response:
        """`/.well-known/jwks.json`: several keys, and no request says which one signed it."""
        keys = [
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": str(place), "x": _public(key)}
            for place, key in enumerate(self._keys)
        ]
        return answer({"keys": keys})

    def tell(self, job: Job, output: dict[str, Any] | None) -> None:
        """Deliver how a job ended, where its submission asked for that."""
        url = job.headers.get("fal_webhook")
        if url is None:
            return
        body = json.dumps(self._body(job, output)).encode()

        def seal(kind: str) -> Mapping[str, str]:
            return self._headers(job.id, body, kind)

        self.callbacks.send(Callback(job.id, url, body, seal))

    async def overtakes(self, job: Job) -> None:
        """With the fault `early`: the submit answers only when the webhook was tried once."""
        if "fal_webhook" not in job.headers:
            return
        if self._faults.take(TARGET, EARLY) is None:
            return
        while not job.over:
            job.changed.clear()
            await job.changed.wait()
        await self.callbacks.tried(job.id)

    def _body(self, job: Job, output: dict[str, Any] | None) -> dict[str, Any]:
        shown = {"request_id": job.id, "gateway_request_id": job.id}
        if job.state is not State.COMPLETED:
            payload, status, _ = failure_of(job)
            error = f"Invalid status code: {status}"
            return {**shown, "status": "ERROR", "error": error, "payload": payload}
        if self._faults.take(TARGET, UNSERIALIZABLE) is not None:
            words = "Response payload is not JSON serializable."
            return {**shown, "status": "OK", "payload": None, "payload_error": words}
        return {**shown, "status": "OK", "payload": output}

    def _headers(self, request_id: str, body: bytes, kind: str) -> Mapping[str, str]:
        if kind == "rotated":
            self._keys[:] = [Ed25519PrivateKey.generate(), self._keys[0]]
        key = Ed25519PrivateKey.generate() if kind == "forged" else self._keys[0]
        stamp = str(int(time.time()) - (STALE_S if kind == "stale" else 0))
        digest = hashlib.sha256(body).hexdigest()
        message = "\n".join((request_id, USER_ID, stamp, digest)).encode()
        return {
            "Content-Type": "application/json",
            "X-Fal-Webhook-Request-Id": request_id,
            "X-Fal-Webhook-User-Id": USER_ID,
            "X-Fal-Webhook-Timestamp": stamp,
            "X-Fal-Webhook-Signature": key.sign(message).hex(),
        }


def _public(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes_raw()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
