"""What vendors accepted and must be paid for, and the few words that every vendor says alike."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.simulation.facts import VIDEO_MAGIC
from tests.simulation.plan import Ending

LINK_LIFE_S = 40.0
VIDEO_S = 5.0  # what does not follow from a recording
ORDINAL = "~"  # `…~2.mp4` is the second result of one acceptance


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One submission as a vendor reads it. `key` is what the vendor keeps it from being paid twice
    by; None where it keeps nothing. `spoken_s` is how long the recording is that it speaks."""

    prompt: str
    endpoint: str
    body: dict[str, Any]
    key: str | None = None
    results: int = 1
    callback_url: str | None = None
    spoken_s: float | None = None


@dataclass(slots=True)
class Accepted:
    """One submission that a vendor accepted: a payment."""

    vendor: str
    remote_id: str
    execution_id: str
    key: str | None
    prompt: str
    at: float
    done_at: float
    ending: Ending
    order: Order
    cancelled: bool = False
    asked_to_stop: bool = False
    flaps: int = 0  # answers that take back what was said
    busy_until: float = 0.0  # so long its key is said to be under way
    names: tuple[str, ...] = ()  # beside its id

    @property
    def made(self) -> int:
        """How many of its results come."""
        lost = self.ending is Ending.PARTIAL and self.order.results > 1
        return self.order.results - lost

    @property
    def is_unbilled(self) -> bool:
        """Whether the vendor asks no money for it in the end."""
        return self.ending in (Ending.FAILED, Ending.ASKS) or self.cancelled

    def name(self, number: int) -> str:
        """Of one of its results, from 1."""
        return self.remote_id if number == 1 else f"{self.remote_id}{ORDINAL}{number}"


def content_of(name: str) -> bytes:
    """The bytes of a result: it says itself what it is."""
    return VIDEO_MAGIC + name.encode() + b" " * 64


def link(host: str, name: str, until: float) -> str:
    """Where a result is, for a while."""
    return f"https://{host}/{name}.mp4?until={until:.3f}"


def said(status: int, body: dict[str, Any]) -> httpx.Response:
    """An answer in JSON."""
    headers = {"content-type": "application/json"}
    return httpx.Response(status, headers=headers, content=json.dumps(body).encode())


def no_backend() -> httpx.Response:
    """An answer of the edge in front of a vendor."""
    return httpx.Response(503, content=b"<html>")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an acceptance is when somebody asks: over or not, and what it answers then. `links` are
    its results', `words` why it broke."""

    entry: Accepted
    over: bool
    links: tuple[str, ...] = field(default=())
    words: str = "broke"
