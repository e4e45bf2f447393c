"""`python -m bot webhooks`: registers our address at HeyGen, once, and prints what to keep of it.

HeyGen tells a secret only when an endpoint is made or its secret rotated (heygen-cli's OpenAPI,
`/v3/webhooks/endpoints`), so this is a command and no step of the start: the operator keeps the
secret in `HEYGEN_WEBHOOK_SECRET`. fal and Runware need no registering. The bot has to run already:
HeyGen calls the address once to see that somebody is there.
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
        return await _register(wire, f"{settings.public_url.rstrip('/')}{EVENTS_PATH}")
    finally:
        await http.aclose()


async def _register(wire: Wire, url: str) -> int:
    listed = await wire.read("GET", f"{ENDPOINTS_PATH}?limit=100")
    known = endpoint_at(listed, url) if isinstance(listed, Answer) else None
    path = ENDPOINTS_PATH if known is None else f"{ENDPOINTS_PATH}/{quote(known)}/rotate-secret"
    answer = await wire.read("POST", path, body=_body(url if known is None else None))
    kept = None if isinstance(answer, Unreadable) else secret_in(answer)
    if kept is None:
        said = answer.reason if isinstance(answer, Unreadable) else f"HTTP {answer.status}"
        typer.echo(f"HeyGen did not register {url}: {said}. Does the bot run there?", err=True)
        return Exit.REFUSED
    done = "is registered" if known is None else "was registered, its secret is a new one"
    typer.echo(f"{url} {done}. Put this into .env and start the bot again:", err=True)
    typer.echo(f"HEYGEN_WEBHOOK_SECRET={kept}")
    return Exit.OK


def _body(url: str | None) -> Body:
    said = {} if url is None else {"url": url, "events": list(EVENTS)}
    return json_body(json.dumps(said).encode())
