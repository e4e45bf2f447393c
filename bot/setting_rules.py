"""What a single setting may be: one small rule a kind, told in words an operator can act on.

Each rule takes what was typed and gives it back, or raises `ValueError` with the end of a sentence
that begins with the setting's name. No rule ever repeats the value: it may be a key.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

BUDGET_MAX_USD = Decimal(1_000_000)
ENCRYPTION_KEY_BYTES = 32
ENCRYPTION_KEY_DISTINCT_MIN = 12  # of 32 random bytes fewer are never seen

# What people leave in when they copy an example: words, not parts of random keys.
_PLACEHOLDER = re.compile(
    r"(?:^|[-_ .])(?:your|change|replace|paste|insert|todo|placeholder|example|fixme|here)"
    r"(?:$|[-_ .])|change[-_ ]?me|x{4,}|\.{3}|…|[<>{}]",
    re.IGNORECASE,
)
# docs.slack.dev/authentication/tokens: which families there are.
_TOKEN_FAMILIES = {
    "xoxb-": "a bot token (xoxb-)",
    "xapp-": "an app-level token (xapp-)",
    "xoxp-": "a user token (xoxp-)",
    "xoxa-": "a legacy workspace token (xoxa-)",
    "xoxe.": "a rotating token (xoxe.), which ends after 12 hours; turn token rotation off",
    "xoxe-": "a refresh token (xoxe-)",
}
_BELONGS_IN = {"xoxb-": "SLACK_BOT_TOKEN", "xapp-": "SLACK_APP_TOKEN"}
_HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")
_MEDIA_SCHEMES = ("file:", "s3://", "gs://", "az://")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".test", ".lan")


def said(value: object) -> object:
    """Something was typed at all, and nothing was pasted along with it."""
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("is set but blank: give it a value or remove the line")
        if value != value.strip():
            raise ValueError("begins or ends with a space or a line break: remove it")
    return value


def secret(value: str) -> str:
    """A key as its vendor issued it."""
    if _PLACEHOLDER.search(value):
        raise ValueError("still holds the example's placeholder: put the real value there")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("holds a character that no key has: copy it again")
    return value


def encryption_key(value: str) -> str:
    """32 bytes in base64, with or without its padding."""
    secret(value)
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise ValueError("is not base64: make one as .env.example says") from error
    if len(raw) != ENCRYPTION_KEY_BYTES or len(set(raw)) < ENCRYPTION_KEY_DISTINCT_MIN:
        raise ValueError("is not 32 random bytes in base64: make one as .env.example says")
    return value


@cache
def slack_token(prefix: str) -> Callable[[str], str]:
    """A token of one family; one of another family is told where it belongs."""

    def rule(value: str) -> str:
        family = next((known for known in _TOKEN_FAMILIES if value.startswith(known)), "")
        if family == prefix and value != prefix:
            return secret(value)
        if family in {"", prefix}:
            raise ValueError(f"must begin with {prefix} and go on from there")
        where = _BELONGS_IN.get(family)
        move = f"; that one belongs in {where}" if where else ""
        raise ValueError(f"holds {_TOKEN_FAMILIES[family]}, it must begin with {prefix}{move}")

    return rule


def signing_secret(value: str) -> str:
    """Slack's signing secret, or two with a comma between while it is being rotated."""
    secrets = split_secrets(value)
    if len(secrets) > 2:
        raise ValueError("holds more than two secrets: keep the old and the new one")
    for one in secrets:
        if one.startswith(tuple(_TOKEN_FAMILIES)):
            raise ValueError("holds a token; Slack's page *Basic Information* has the secret")
        secret(one)
    return value


def split_secrets(value: str) -> list[str]:
    """The secrets between the commas."""
    return [one.strip() for one in value.split(",")]


def api_url(value: str) -> str:
    """An address that we send a key to: https, or http where nobody listens in between."""
    parts = _split(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an address that begins with https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain address, without a user, ? or #")
    if parts.scheme == "http" and not is_private(parts.hostname):
        raise ValueError("would send the key in clear text: begin it with https://")
    return value


def secret_url(value: str) -> str:
    """An https address with a signature in it: whoever knows it may write there."""
    parts = _split(secret(value))
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("is not an address that begins with https://")
    return value


def public_url(value: str) -> str:
    """Our own address as vendors reach it: https, or http on this machine for a trial."""
    parts = _split(value)
    if parts.scheme == "http" and parts.hostname and not is_private(parts.hostname):
        raise ValueError("must begin with https://: its tokens would travel in clear text")
    return api_url(value)


def is_private(host: str) -> bool:
    """Whether a name or an address belongs to this machine or the network around it."""
    host = host.lower()
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def database_url(value: str) -> str:
    """SQLite for now: `sqlite:///FILE`, absolute with a fourth slash."""
    if value.startswith(("postgres:", "postgresql:", "postgresql+")):
        raise ValueError("names PostgreSQL, which this version does not know: use sqlite:///FILE")
    path = value.removeprefix("sqlite:///")
    if path == value or not path or path.startswith(":") or path.endswith("/"):
        raise ValueError("is not sqlite:///FILE")
    return value


def media_url(value: str) -> str:
    """A folder or a bucket."""
    scheme = next((known for known in _MEDIA_SCHEMES if value.startswith(known)), None)
    if scheme is None or not value.removeprefix(scheme).strip("/"):
        raise ValueError("is not file:FOLDER or s3://BUCKET, gs://BUCKET, az://CONTAINER")
    return value


def timezone(value: str) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone; one is named like Europe/Berlin") from error
    return value


def money(value: object) -> object:
    """Dollars: not negative, finite, at most six decimals, because we count micro-dollars."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("is not an amount in dollars, such as 200 or 49.50") from error
    if not amount.is_finite() or not 0 <= amount <= BUDGET_MAX_USD:
        raise ValueError(f"must be between 0 and {BUDGET_MAX_USD} dollars")
    if amount != amount.quantize(Decimal("0.000001")):
        raise ValueError("has more than six decimals")
    return amount


def listed(value: object) -> object:
    """`a, b` as a tuple; what is a list already stays one."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def hosts(values: tuple[str, ...]) -> tuple[str, ...]:
    """Host names, `.suffix` for every name below; no scheme, port or path."""
    lowered = tuple(value.lower() for value in values)
    if not all(_HOST.fullmatch(value) for value in lowered):
        raise ValueError("lists something that is no host name: no https://, port or path")
    return lowered


@cache
def slack_ids(first_letters: str, example: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Slack's own ids, not the names that people see."""
    shape = re.compile(rf"[{first_letters}][A-Z0-9]{{2,}}")

    def rule(values: tuple[str, ...]) -> tuple[str, ...]:
        if not all(shape.fullmatch(value) for value in values):
            raise ValueError(f"takes Slack ids such as {example}, not names")
        return values

    return rule


def _split(value: str) -> SplitResult:
    if any(character.isspace() for character in value) or "\\" in value:
        raise ValueError("is not an address that begins with https://")
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises where it is no port number
    except ValueError as error:
        raise ValueError("is not an address that begins with https://") from error
    return parts
