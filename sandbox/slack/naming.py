"""Ids, tokens and time: stable where a restart must not matter, fresh where reuse would lie."""

from __future__ import annotations

import hashlib
import secrets
import time

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Ids:
    """Ids shaped like Slack's. With a seed `named` ones survive a restart; `fresh` never repeat.

    A repeated trigger or event id would be a duplicate delivery to the app, so those are never
    derived from the seed.
    """

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed or secrets.token_hex(16)

    def named(self, prefix: str, name: str) -> str:
        """The id of something that exists from the start, e.g. `named("U", "ada")`."""
        return prefix + _letters(self._digest(name), 10)

    def secret(self, name: str, length: int) -> str:
        """A hexadecimal secret of at most 64 characters."""
        return self._digest(name).hex()[:length]

    def fresh(self, prefix: str, length: int = 10) -> str:
        """An id nobody has seen before."""
        return prefix + _letters(secrets.token_bytes(length), length)

    def _digest(self, name: str) -> bytes:
        return hashlib.sha256(f"{self._seed}/{name}".encode()).digest()


def _letters(source: bytes, length: int) -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in source[:length])


class Clock:
    """Wall time for limits that expire, which tests may skip, and message timestamps."""

    def __init__(self) -> None:
        self._skipped_s = 0.0
        self._last_ts_us = 0

    def now(self) -> float:
        """Unix seconds, plus everything skipped: for expiries and rate limits only."""
        return time.time() + self._skipped_s

    def skip(self, seconds: float) -> None:
        """Let triggers, response URLs and rate windows grow older at once."""
        self._skipped_s += seconds

    def ts(self) -> str:
        """A new message timestamp, unique in this workspace and always rising."""
        self._last_ts_us = max(self._last_ts_us + 1, int(time.time() * 1_000_000))
        return f"{self._last_ts_us // 1_000_000}.{self._last_ts_us % 1_000_000:06d}"
