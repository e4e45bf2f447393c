"""What the doctor learns from the vendors we pay, without paying: is the key good?"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

from bot.clock import SystemClock
from bot.findings import Finding, mend, note, ok
from bot.settings import Settings
from domain.gateway import Unreadable
from gateways.http import Http, Wire

# Both are reads. HeyGen: docs, GET /v3/users/me. fal: the status of a request that does not exist
# is 404 with a good key and 401 with a bad one (tried; reference: fal.ai docs, queue API).
HEYGEN_ACCOUNT = "/v3/users/me"
FAL_STATUS = "/fal-ai/veo3/requests/{request_id}/status"
UNKNOWN_REQUEST = str(uuid.UUID(int=0))


async def look_at_vendors(settings: Settings, *, probes: bool) -> list[Finding]:
    """A finding for each key. Without `probes` no vendor is called."""
    http = Http(SystemClock())
    try:
        return [finding async for finding in _each(settings, http, probes=probes)]
    finally:
        await http.aclose()


async def _each(settings: Settings, http: Http, *, probes: bool) -> AsyncIterator[Finding]:
    if (heygen := settings.heygen_api_key) is not None:
        key = heygen.get_secret_value()
        wire = http.bind(settings.heygen_api_url, headers={"X-Api-Key": key}, secrets=(key,))
        yield await _look("heygen", wire, HEYGEN_ACCOUNT, good=200, probes=probes)
    if (fal := settings.fal_key) is not None:
        key = fal.get_secret_value()
        headers = {"Authorization": f"Key {key}"}
        wire = http.bind(settings.fal_queue_url, headers=headers, secrets=(key,))
        path = FAL_STATUS.format(request_id=UNKNOWN_REQUEST)
        yield await _look("fal", wire, path, good=404, probes=probes)


async def _look(name: str, wire: Wire, path: str, *, good: int, probes: bool) -> Finding:
    if not probes:
        return note(name, "a key is set; not tried", "`doctor --probe` tries it, at no cost")
    answer = await wire.read("GET", path)
    if isinstance(answer, Unreadable):
        return mend(name, f"no answer from {wire.base_url}", "check the way there, and its status")
    match answer.status:
        case status if status == good:
            return ok(name, "the key is accepted")
        case 401:
            return mend(name, "the key is refused (401)", "copy it again from the vendor's page")
        case 402 | 403:
            return mend(name, f"the account is refused ({answer.status})", "look at its balance")
        case status if status >= 500:
            return note(name, f"{wire.base_url} is in trouble ({status})", "try again later")
        case status:
            return note(name, f"an unexpected answer ({status})", "renders will tell")
