"""Takes secrets out of text, because what a vendor answers ends up in logs, rows and *Details*.

One pure function. It knows the shapes of the credentials this product handles and, through
`secrets`, the literal values of the ones in use, however they were echoed back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from domain.errors import FAILURE_DETAIL_MAX_CHARS

HIDDEN = "[hidden]"
# A shorter literal would blank out ordinary words; no vendor issues a key this short.
SECRET_MIN_CHARS = 8

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Slack's token families, and HeyGen's and most others' `sk_…` keys.
    (re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]+"), HIDDEN),
    (re.compile(r"\bsk[_-][A-Za-z0-9_-]{8,}"), HIDDEN),
    # `Authorization: Key id:secret`, `Bearer …`, `X-Api-Key: …`, also as JSON members.
    (re.compile(r"\b(Key|Bearer|Basic) +[A-Za-z0-9._~+/:=-]{8,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"\b(authorization|x-api-key|api[_-]?key|access[_-]?token|client[_-]?secret)"
            r"(\W{1,4}(?:b['\"])?)(?!(?:Key|Bearer|Basic)\b)[^\s\"',;&]+",
            re.IGNORECASE,
        ),
        rf"\1\2{HIDDEN}",
    ),
    # A link that answers a command, and our own webhook addresses: the path is the secret.
    (re.compile(r"(https?://hooks\.slack\.com)/[^\s\"'<>]+", re.IGNORECASE), rf"\1/{HIDDEN}"),
    (re.compile(r"(/webhooks/[a-z]+)/[^\s\"'<>/?#]+", re.IGNORECASE), rf"\1/{HIDDEN}"),
    # Credentials before the host, and every query: signed links carry their signature there.
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/\"'<>@]+@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]*", re.IGNORECASE), rf"\1?{HIDDEN}"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets` (also percent-encoded) and without anything shaped like one."""
    for secret in sorted(_worth_hiding(secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def detail(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` as it may be kept with a failure: redacted first and cut after, on one line."""
    return " ".join(redact(text, secrets).split())[:FAILURE_DETAIL_MAX_CHARS]


def _worth_hiding(secrets: Iterable[str]) -> set[str]:
    """The literal values to look for. fal's key is `id:secret`: its halves are secrets too."""
    parts = {part for secret in secrets for part in (secret, *secret.split(":"))}
    spelled = {form for part in parts for form in (part, quote(part, safe=""))}
    return {form for form in spelled if len(form) >= SECRET_MIN_CHARS}
