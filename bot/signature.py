"""Whether a request is Slack's: checked before anything of it is read as text.

Ours, because Bolt answers 500 to a timestamp that is no number and to a signature that is not
ASCII, and writes the raw body of every bad request into its log. Pure: the time is passed in.
Source: docs.slack.dev/authentication/verifying-requests-from-slack.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from enum import StrEnum

SKEW_MAX_S = 300.0
VERSION = "v0"

# int() would also take "１２", "+5", " 7" and "1_0".
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class Doubt(StrEnum):
    """Why a request is not taken for Slack's. Safe to log and to count."""

    ABSENT = "absent"
    REPEATED = "repeated"
    NO_NUMBER = "timestamp_no_number"
    TOO_OLD = "timestamp_too_old"
    DIFFERENT = "signature_different"


def doubt(
    body: bytes,
    *,
    timestamps: Sequence[str],
    signatures: Sequence[str],
    secrets: Sequence[str],
    now: float,
) -> Doubt | None:
    """None for a request signed with one of `secrets` within `SKEW_MAX_S` of `now`.

    `timestamps` and `signatures` are all values of the two headers, as they came.
    """
    if not timestamps or not signatures:
        return Doubt.ABSENT
    if len(timestamps) > 1 or len(signatures) > 1:
        return Doubt.REPEATED
    timestamp = timestamps[0]
    if _TIMESTAMP.fullmatch(timestamp) is None:
        return Doubt.NO_NUMBER
    if abs(now - int(timestamp)) > SKEW_MAX_S:
        return Doubt.TOO_OLD
    given = signatures[0].encode("utf-8", "surrogateescape")
    matches = [hmac.compare_digest(sign(body, timestamp, secret), given) for secret in secrets]
    return None if any(matches) else Doubt.DIFFERENT


def sign(body: bytes, timestamp: str, secret: str) -> bytes:
    """The value of `X-Slack-Signature`."""
    signed = f"{VERSION}:{timestamp}:".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"{VERSION}={digest}".encode()
