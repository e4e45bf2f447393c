"""Takes payloads to the app over signed HTTP or Socket Mode, and keeps them to deliver again.

Sources: docs.slack.dev/apis/events-api (3 s, redirects, retry headers),
/authentication/verifying-requests-from-slack (signature), slack.md section 2.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from sandbox.faults import Faults
from sandbox.traffic import Traffic

Json = dict[str, Any]
Kind = Literal["events", "commands", "interactive"]
ACK_LIMIT_S = 3.0
REDIRECTS = 2
LOST_ACKS = ("reset_after", "status_after", "error_after", "hang", "garbage")


@dataclass(frozen=True)
class Retry:
    """The retry headers of an event: number from 1, and why."""

    num: int
    reason: str


@dataclass(frozen=True)
class Ack:
    """How the app answered. `status` is None without an answer; `error` says what a person sees."""

    status: int | None
    elapsed_ms: float
    body: Any = None
    error: str | None = None
    reason: str = ""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether Slack takes it as received."""
        return self.error is None

    def as_json(self) -> Json:
        """The ack as the control API shows it."""
        return asdict(self)


class Transport(Protocol):
    """One way to the app."""

    async def send(self, kind: Kind, payload: Json, retry: Retry | None) -> Ack:
        """Deliver once and wait for the ack, at most the ack limit."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class HttpTransport:
    """Signed POSTs to the request URL, which may be set later."""

    def __init__(self, signing_secret: str, url: str | None, ack_limit_s: float) -> None:
        self.url = url
        self._ack_limit_s = ack_limit_s
        self._signer = SignatureVerifier(signing_secret)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, kind: Kind, payload: Json, retry: Retry | None) -> Ack:
        """POST the payload as Slack encodes this kind."""
        if self.url is None:
            return Ack(None, 0.0, error="dispatch_failed", reason="connection_failed")
        body = _encoded(kind, payload)
        started = time.monotonic()
        try:
            async with self._open().post(
                self.url,
                data=body,
                headers=self._headers(kind, body, retry),
                timeout=aiohttp.ClientTimeout(total=self._ack_limit_s),
                max_redirects=REDIRECTS,
            ) as response:
                text = await response.text(errors="replace")
                elapsed_ms = (time.monotonic() - started) * 1000
                return _http_ack(kind, response, text=text, elapsed_ms=elapsed_ms)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            code, reason = _failure(error)
            return Ack(None, (time.monotonic() - started) * 1000, error=code, reason=reason)

    async def verify(self, token: str) -> bool:
        """Slack's `url_verification` handshake, /reference/events/url_verification."""
        challenge = secrets.token_urlsafe(24)
        payload = {"token": token, "challenge": challenge, "type": "url_verification"}
        ack = await self.send("events", payload, None)
        answered = ack.body.get("challenge") if isinstance(ack.body, dict) else ack.body
        return ack.ok and answered == challenge

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def _headers(self, kind: Kind, body: bytes, retry: Retry | None) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signature = self._signer.generate_signature(timestamp=timestamp, body=body)
        is_event = kind == "events"
        headers = {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "*/*" if is_event else "application/json,*/*",
            "Content-Type": "application/json" if is_event else "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature or "",
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry.num), "X-Slack-Retry-Reason": retry.reason}
        return headers

    async def close(self) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()


def _encoded(kind: Kind, payload: Json) -> bytes:
    match kind:
        case "events":
            return json.dumps(payload).encode()
        case "commands":
            return urlencode(payload).encode()
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}).encode()


def _http_ack(kind: Kind, response: aiohttp.ClientResponse, *, text: str, elapsed_ms: float) -> Ack:
    """Events want 2xx, everything a person waits for wants 200."""
    fine = 200 <= response.status < 300 if kind == "events" else response.status == 200
    body: Any = text
    if "json" in response.headers.get("Content-Type", "") and text.strip():
        try:
            body = json.loads(text)
        except ValueError:
            fine = False
    return Ack(
        response.status,
        elapsed_ms,
        body=body or None,
        error=None if fine else "dispatch_failed",
        reason="" if fine else "http_error",
        no_retry=response.headers.get("X-Slack-No-Retry") == "1",
    )


def _failure(error: BaseException) -> tuple[str, str]:
    """What a person sees, and the `x-slack-retry-reason`."""
    match error:
        case TimeoutError():
            return "operation_timeout", "http_timeout"
        case aiohttp.TooManyRedirects():
            return "dispatch_failed", "too_many_redirects"
        case aiohttp.ClientSSLError():
            return "dispatch_failed", "ssl_error"
        case aiohttp.ClientConnectionError():
            return "dispatch_failed", "connection_failed"
        case _:
            return "dispatch_failed", "unknown_error"


class Delivery:
    """Everything sent to the app goes through here: faults, traffic, and the memory of it."""

    def __init__(self, transport: Transport, faults: Faults, traffic: Traffic) -> None:
        self.transport = transport
        self._faults, self._traffic = faults, traffic
        self._sent: dict[Kind, list[Json]] = defaultdict(list)

    async def send(self, kind: Kind, payload: Json, retry: Retry | None = None) -> Ack:
        """Deliver once. Faults for `slack:events|commands|interactive` strike here."""
        if retry is None:
            self._sent[kind].append(payload)
        ack = await self._send_through_faults(kind, payload, retry)
        note = ack.error or ack.reason or (f"retry {retry.num} {retry.reason}" if retry else "")
        event_type = payload.get("event", {}).get("type")
        name = payload.get("command", "").strip("/") or event_type or payload["type"]
        self._traffic.record(
            "out",
            "bot",
            "POST",
            f"/{kind}/{name}",
            status=ack.status,
            elapsed_ms=round(ack.elapsed_ms, 1),
            note=note,
            about=payload.get("event", {}).get("event_ts") or payload.get("trigger_id", ""),
        )
        return ack

    async def _send_through_faults(self, kind: Kind, payload: Json, retry: Retry | None) -> Ack:
        fault = self._faults.take(f"slack:{kind}")
        if fault and fault.kind == "slow":
            await asyncio.sleep(float(fault.params.get("seconds", 1.0)))
        elif fault and fault.kind not in LOST_ACKS:
            return Ack(None, 0.0, error="dispatch_failed", reason="connection_failed")
        ack = await self.transport.send(kind, payload, retry)
        if fault and fault.kind in LOST_ACKS:  # the app has acted, Slack never hears of it
            return Ack(None, ack.elapsed_ms, error="operation_timeout", reason="http_timeout")
        return ack

    async def again(self, kind: Kind, index: int, retry: Retry | None = None) -> Ack:
        """The same payload once more, as Slack's own duplicates are. Errors: IndexError."""
        payload = self._sent[kind][index]
        ack = await self._send_through_faults(kind, payload, retry)
        self._traffic.record("out", "bot", "POST", f"/{kind}/again", status=ack.status)
        return ack

    def reset(self) -> None:
        """Forget what was sent."""
        self._sent.clear()

    async def close(self) -> None:
        """Close the transport."""
        await self.transport.close()
