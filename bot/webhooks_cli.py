"""`python -m bot webhooks`: registers our address at HeyGen, once, and prints what to keep of it.

HeyGen tells a secret only when an endpoint is made or its secret rotated (heygen-cli's OpenAPI,
`/v3/webhooks/endpoints`), so this is a command and no step of the start: the operator keeps the
secret in `HEYGEN_WEBHOOK_SECRET`. fal and Runware need no registering. The bot has to run already:
HeyGen calls the address once to see that somebody is there. With `HEYGEN_API_VERSION=v2` it is
the older `/v1/webhook/endpoint.*` (docs.heygen.com, add-a-webhook-endpoint), which cannot rotate: a
new endpoint is made and the one before deleted.
"""

from __future__ import annotations

import json
from urllib.parse import quote

import typer

from bot.clock import SystemClock
from bot.exits import Exit
from bot.settings import Settings
from bot.webhooks import EVENTS_PATH
from domain.gateway import Unreadable
from gateways.classify import Answer
from gateways.heygen_hooks import endpoint_at, secret_in
from gateways.http import Body, Http, Wire, json_body

ENDPOINTS_PATH = "/v3/webhooks/endpoints"
OLD_LIST_PATH, OLD_ADD_PATH = "/v1/webhook/endpoint.list", "/v1/webhook/endpoint.add"
OLD_DELETE_PATH = "/v1/webhook/endpoint.delete?endpoint_id="
EVENTS = (
    *("avatar_video.success", "avatar_video.fail"),
    *("video_agent.success", "video_agent.fail"),
    *("video_translate.success", "video_translate.fail"),
)


async def register(settings: Settings) -> int:
    """Register, or rotate the secret of what is registered; the exit status."""
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
            return await _register_old(wire, url)
        return await _register(wire, url)
    finally:
        await http.aclose()


async def _register(wire: Wire, url: str) -> int:
    listed = await wire.read("GET", f"{ENDPOINTS_PATH}?limit=100")
    known = endpoint_at(listed, url) if isinstance(listed, Answer) else None
    path = ENDPOINTS_PATH if known is None else f"{ENDPOINTS_PATH}/{quote(known)}/rotate-secret"
    answer = await wire.read("POST", path, body=_body(url if known is None else None))
    return _told(answer, url, is_known=known is not None)


async def _register_old(wire: Wire, url: str) -> int:
    """The new one first: until it is there, the one before goes on."""
    listed = await wire.read("GET", OLD_LIST_PATH)
    known = endpoint_at(listed, url) if isinstance(listed, Answer) else None
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
