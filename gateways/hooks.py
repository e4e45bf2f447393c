"""What a vendor's webhook says, as far as we listen: which request it is about, and no more.

A webhook is a hint. It never says how something ended: that is asked, with our key. So a body is
read for ids only, and one that nobody signed counts no more than the token in its address.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateways.classify import is_remote_id

SKEW_MAX_S = 300.0
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class Disbelief(StrEnum):
    """Why a delivery is not taken for the vendor's. Safe to log and to count."""

    ABSENT = "absent"
    REPEATED = "repeated"
    MALFORMED = "malformed"
    STALE = "stale"
    STRANGER = "stranger"
    DIFFERENT = "different"
    NO_KEYS = "no_keys"  # ours to mend: it may be the vendor's all the same


@dataclass(frozen=True, slots=True)
class Told:
    """What a delivery is about: the vendor's ids in it, the likeliest first, and what makes it the
    same delivery again. `is_signed`: by the vendor itself, so that its ids are its own."""

    remote_ids: tuple[str, ...]
    event: str
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request as it came: all values of each header by lower-case name, and the raw body."""

    headers: Mapping[str, Sequence[str]]
    body: bytes

    def only(self, name: str) -> str | Disbelief:
        """The one value of a header."""
        values = self.headers.get(name, ())
        if len(values) > 1:
            return Disbelief.REPEATED
        return values[0] if values else Disbelief.ABSENT


class Hooks(Protocol):
    """One vendor's webhooks, at addresses that hold a token of ours."""

    async def read(self, delivery: Delivery) -> Told | Disbelief: ...


class Unsigned:
    """Deliveries that only their token speaks for. `ids` finds the vendor's ids in a body."""

    def __init__(self, ids: IdsIn) -> None:
        self._ids = ids

    async def read(self, delivery: Delivery) -> Told | Disbelief:
        """What it is about."""
        return Told(usable(self._ids(delivery.body)), event_of(delivery.body), is_signed=False)


class IdsIn(Protocol):
    """Finds ids in a body; none in what is no JSON."""

    def __call__(self, body: bytes, /) -> Sequence[str | None]: ...


def event_of(body: bytes) -> str:
    """A name for this very body."""
    return hashlib.sha256(body).hexdigest()


def usable(ids: Sequence[str | None]) -> tuple[str, ...]:
    """Those that can be a vendor's id, each once."""
    return tuple(dict.fromkeys(each for each in ids if each is not None and is_remote_id(each)))


def is_fresh(timestamp: str, now: float) -> bool | None:
    """Whether a timestamp is within `SKEW_MAX_S` of now; None where it is no number."""
    if _TIMESTAMP.fullmatch(timestamp) is None:
        return None
    return abs(now - int(timestamp)) <= SKEW_MAX_S
