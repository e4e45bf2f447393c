"""`python -m bot webhooks`: registers our address at HeyGen, once, and prints what to keep of it.

HeyGen tells a secret only when an endpoint is made or its secret rotated (heygen-cli's OpenAPI,
`/v3/webhooks/endpoints`), so this is a command and no step of the start: the operator keeps the
secret in `HEYGEN_WEBHOOK_SECRET`. fal and Runware need no registering. The bot has to run already:
HeyGen calls the address once to see that somebody is there. With `HEYGEN_API_VERSION=v2` it is
the older `/v1/webhook/endpoint.*` (docs.heygen.com, add-a-webhook-endpoint), which cannot rotate: a
new endpoint is made and the one before deleted.

The secret of what is registered already is renewed only with `--rotate`: from then on a bot that
runs refuses HeyGen's events until it is started with the new one. And nothing is made while
HeyGen's list cannot be read to its end, or there would be two endpoints for one address.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import typer

from bot.clock import SystemClock
from bot.exits import Exit
from bot.settings import Settings
from bot.webhooks import EVENTS_PATH
from domain.gateway import Unreadable
from gateways.classify import Answer
from gateways.heygen_hooks import endpoints_in, secret_in
from gateways.http import Body, Http, Wire, json_body

ENDPOINTS_PATH = "/v3/webhooks/endpoints"
OLD_LIST_PATH, OLD_ADD_PATH = "/v1/webhook/endpoint.list", "/v1/webhook/endpoint.add"
OLD_DELETE_PATH = "/v1/webhook/endpoint.delete?endpoint_id="
EVENTS = (
    *("avatar_video.success", "avatar_video.fail"),
    *("video_agent.success", "video_agent.fail"),
    *("video_translate.success", "video_translate.fail"),
)


PAGES_MAX = 50  # a list that never ends is one that broke


@dataclass(frozen=True, slots=True)
class _Unlisted:
    """The list could not be read to its end."""

    reason: str


async def register(settings: Settings, *, may_rotate: bool = False) -> int:
    """Register; with `may_rotate` renew the secret of what is registered; the exit status."""
    key = settings.heygen_api_key
    if key is None or settings.public_url is None or settings.encryption_key is None:
        typer.echo("HEYGEN_API_KEY, PUBLIC_URL and ENCRYPTION_KEY have to be set first.", err=True)
        return Exit.CONFIG
    secret = key.get_secret_value()
    http = Http(SystemClock())
    try:
        headers = {"X-Api-Key": secret}
        wire = http.bind(settings.heygen_api_url, headers=headers, secrets=(secret,))
        url = f"{settings.public_url.rstrip('/')}{EVENTS_PATH}"
        if settings.heygen_api_version == "v2":
            known = await _known_at(wire, OLD_LIST_PATH, url)
        else:
            known = await _known_at(wire, f"{ENDPOINTS_PATH}?limit=100", url)
        if isinstance(known, _Unlisted):
            typer.echo(f"HeyGen's list of endpoints could not be read: {known.reason}.", err=True)
            return Exit.REFUSED
        if known is not None and not may_rotate:
            return _told_known(url, has_secret=settings.heygen_webhook_secret is not None)
        make = _register_old if settings.heygen_api_version == "v2" else _register
        return await make(wire, url, known)
    finally:
        await http.aclose()


async def _known_at(wire: Wire, path: str, url: str) -> str | _Unlisted | None:
    """The id of what is registered for our address, looked for on every page."""
    page_path = path
    for _ in range(PAGES_MAX):
        answer = await wire.read("GET", page_path)
        if isinstance(answer, Unreadable):
            return _Unlisted(answer.reason)
        page = endpoints_in(answer)
        if page is None:
            return _Unlisted(f"HTTP {answer.status}")
        known = page.id_at(url)
        if known is not None or not (page.has_more and page.next_token):
            return known
        page_path = f"{path}&{urlencode({'token': page.next_token})}"
    return _Unlisted("it has no end")


def _told_known(url: str, *, has_secret: bool) -> int:
    """It is registered, and its secret stays as it is."""
    typer.echo(f"{url} is registered already; its secret was left as it is.", err=True)
    if has_secret:
        return Exit.OK
    typer.echo(
        "HEYGEN_WEBHOOK_SECRET is not set, and HeyGen tells a secret only once. `--rotate` makes a"
        " new one; until it is in .env and the bot is started again, HeyGen's events are refused.",
        err=True,
    )
    return Exit.REFUSED


async def _register(wire: Wire, url: str, known: str | None) -> int:
    path = ENDPOINTS_PATH if known is None else f"{ENDPOINTS_PATH}/{quote(known)}/rotate-secret"
    answer = await wire.read("POST", path, body=_body(url if known is None else None))
    return _told(answer, url, is_known=known is not None)


async def _register_old(wire: Wire, url: str, known: str | None) -> int:
    """The new one first: until it is there, the one before goes on."""
    answer = await wire.read("POST", OLD_ADD_PATH, body=_body(url))
    status = _told(answer, url, is_known=known is not None)
    if status == Exit.OK and known is not None:
        await wire.read("DELETE", f"{OLD_DELETE_PATH}{quote(known)}")
    return status


def _told(answer: Answer | Unreadable, url: str, *, is_known: bool) -> int:
    """Print the secret that is in the answer, or why there is none; the exit status."""
    kept = None if isinstance(answer, Unreadable) else secret_in(answer)
    if kept is None:
        said = answer.reason if isinstance(answer, Unreadable) else f"HTTP {answer.status}"
        typer.echo(f"HeyGen did not register {url}: {said}. Does the bot run there?", err=True)
        return Exit.REFUSED
    done = "was registered, its secret is a new one" if is_known else "is registered"
    typer.echo(f"{url} {done}. Put this into .env and start the bot again:", err=True)
    typer.echo(f"HEYGEN_WEBHOOK_SECRET={kept}")
    return Exit.OK


def _body(url: str | None) -> Body:
    said = {} if url is None else {"url": url, "events": list(EVENTS)}
    return json_body(json.dumps(said).encode())
