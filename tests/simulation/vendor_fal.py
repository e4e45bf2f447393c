"""fal: its queue, which honours no key but can be looked through afterwards, its storage, and its
signed webhooks. Wire: `sandbox/vendors/fal*.py`."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.simulation.canaries import FAL_KEY
from tests.simulation.facts import EPOCH
from tests.simulation.ledger import Accepted, Order, Standing, said

HOST, REST, CDN, API = "queue.fal.run", "rest.fal.ai", "v3.fal.media", "api.fal.ai"
SECRET = FAL_KEY
JWKS = "/.well-known/jwks.json"
CANCELS_SHARE = 0.5  # a cancel is a signal only
STOPS_WITHIN_S = 3.0
_OWN_KEY = Ed25519PrivateKey.from_private_bytes(b"simulated fal signs with this 01")
_FORGERS = Ed25519PrivateKey.from_private_bytes(b"somebody else signs with this 02")


class Fal:
    """Its hosts are several; a submit goes to the queue."""

    host, files = HOST, CDN

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self.ledger: Sequence[Accepted] = ()  # that of all vendors

    def order(self, request: httpx.Request) -> Order:
        """What a submit asks for."""
        body = json.loads(request.content)
        hooks = parse_qs(request.url.query.decode()).get("fal_webhook", [None])
        return Order(
            prompt=str(body["prompt"]),
            endpoint=request.url.path.strip("/"),
            body=body,
            callback_url=hooks[0],
        )

    def new_id(self, _order: Order, draw: random.Random) -> str:
        """What it calls it."""
        return f"fr-{draw.getrandbits(64):016x}"

    def taken(self, entry: Accepted) -> httpx.Response:
        """It was accepted, with the addresses of what comes next."""
        app = "/".join(entry.order.endpoint.split("/")[:2])
        base = f"https://{HOST}/{app}/requests/{entry.remote_id}"
        return said(
            200,
            {
                "request_id": entry.remote_id,
                "status_url": f"{base}/status",
                "response_url": base,
                "cancel_url": f"{base}/cancel",
                "queue_position": 1,
            },
        )

    def known(self, entry: Accepted, *, busy: bool) -> httpx.Response:
        """It keeps no key."""
        raise AssertionError(f"fal keeps no key, not even {entry.key}, busy or not: {busy}")

    def asked_about(self, request: httpx.Request) -> list[str]:
        """The ids that a question names."""
        return request.url.path.split("/")

    def other(self, request: httpx.Request) -> httpx.Response | None:
        """The history and the keys of its webhooks."""
        path = request.url.path
        if path.endswith("/models/requests/by-endpoint"):
            return said(200, {"items": self._history(request.url.params), "has_more": False})
        if path == JWKS:
            raw = _OWN_KEY.public_key().public_bytes_raw()
            x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
            return said(200, {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]})
        if request.url.host == HOST:
            return said(404, {"status": "NOT_FOUND"})
        return None

    def stored(self, request: httpx.Request) -> httpx.Response:
        """A token for the CDN, a picture on it, or where else to put one."""
        if request.url.host == CDN:
            return said(200, {"access_url": f"https://{CDN}/files/picture.png"})
        if request.url.path.endswith("/token"):
            return said(200, {"token": "t", "token_type": "Bearer"})
        place = f"https://{CDN}/put/picture.png"
        return said(200, {"upload_url": place, "file_url": place})

    def stands(self, request: httpx.Request, now: Standing) -> httpx.Response:
        """The status, or the result."""
        if request.url.path.endswith("/status"):
            if now.over:
                return said(200, {"status": "COMPLETED"})
            return said(202, {"status": "IN_PROGRESS"})
        if not now.over:
            return said(400, {"detail": "Request is still in progress"})
        if now.entry.cancelled:
            return said(499, {"detail": "cancelled", "error_type": "client_cancelled"})
        if not now.links:
            problem = {"loc": ["body"], "msg": now.words, "type": "internal_server_error"}
            return said(500, {"detail": [problem]})
        return said(200, {"video": {"url": now.links[0]}, "seed": 7})

    def stop(self, request: httpx.Request, entry: Accepted) -> httpx.Response | None:
        """A cancel: it may still be made."""
        if request.method != "PUT":
            return None
        entry.cancelled = self._draw.random() < CANCELS_SHARE
        return said(202, {"status": "CANCELLATION_REQUESTED"})

    def not_known(self, request: httpx.Request) -> httpx.Response:
        """An id that it does not know yet."""
        return said(404, {"status": "NOT_FOUND"})

    def odd(self, request: httpx.Request, entry: Accepted, word: str) -> httpx.Response:
        """A status word of no document, or a result without a link."""
        said_word = "COMPLETED" if word == "no_link" else "PONDERING"
        return said(
            200, {"status": said_word} if request.url.path.endswith("/status") else {"seed": 1}
        )

    def hook(self, entry: Accepted, *, at: float, forged: bool) -> tuple[dict[str, str], bytes]:
        """What it tells at an address of ours, signed."""
        body = json.dumps({"request_id": entry.remote_id, "status": "OK", "payload": {}}).encode()
        stamp, user = str(int(at)), "user-1"
        digest = hashlib.sha256(body).hexdigest()
        message = "\n".join((entry.remote_id, user, stamp, digest)).encode()
        signature = (_FORGERS if forged else _OWN_KEY).sign(message).hex()
        prefix = "X-Fal-Webhook"
        return {
            f"{prefix}-Request-Id": entry.remote_id,
            f"{prefix}-User-Id": user,
            f"{prefix}-Timestamp": stamp,
            f"{prefix}-Signature": signature,
        }, body

    def _history(self, asked: httpx.QueryParams) -> list[dict[str, Any]]:
        first, last = (datetime.fromisoformat(asked[name]).timestamp() for name in ("start", "end"))
        return [
            {
                "request_id": entry.remote_id,
                "endpoint_id": entry.order.endpoint,
                "sent_at": datetime.fromtimestamp(EPOCH + entry.at, UTC).isoformat(),
                "json_input": entry.order.body,
            }
            for entry in self.ledger
            if entry.vendor == HOST
            and entry.order.endpoint == asked["endpoint_id"]
            and first <= EPOCH + entry.at <= last
        ]
