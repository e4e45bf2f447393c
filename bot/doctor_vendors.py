"""What the doctor learns from the vendors we pay, without paying: is the key good?"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

from bot.clock import SystemClock
from bot.findings import Finding, State, mend, note, ok
from bot.settings import Settings
from domain.gateway import Unreadable
from gateways.classify import Answer
from gateways.heygen_account import ACCOUNT_PATH, OLD_ACCOUNT_PATH, left_over
from gateways.http import Http, Wire, json_body
from gateways.runware_wire import decode_balance_usd, encode_account

# All are reads. HeyGen: `gateways/heygen_account.py`. fal: the status of a request that does not
# exist is 404 with a good key and 401 with a bad one (tried; reference: fal.ai docs, queue API).
# Runware: accountManagement, which tells the balance (runware.ai/docs, account management).
FAL_STATUS = "/fal-ai/veo3/requests/{request_id}/status"
UNKNOWN_REQUEST = str(uuid.UUID(int=0))
RUNWARE_TASK = str(uuid.UUID(int=0, version=4))

_VENDOR_KEYS = {
    "heygen": "heygen_api_key",
    "fal": "fal_key",
    "runware": "runware_api_key",
}


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
        is_old = settings.heygen_api_version == "v2"
        path = OLD_ACCOUNT_PATH if is_old else ACCOUNT_PATH
        yield await _look_at_heygen(wire, path, probes=probes)
    if (fal := settings.fal_key) is not None:
        key = fal.get_secret_value()
        headers = {"Authorization": f"Key {key}"}
        wire = http.bind(settings.fal_queue_url, headers=headers, secrets=(key,))
        path = FAL_STATUS.format(request_id=UNKNOWN_REQUEST)
        yield await _look("fal", wire, path, good=404, probes=probes)
    if (runware := settings.runware_api_key) is not None:
        key = runware.get_secret_value()
        headers = {"Authorization": f"Bearer {key}"}
        wire = http.bind(settings.runware_api_url, headers=headers, secrets=(key,))
        yield await _look_at_runware(wire, probes=probes)
    for name, missing in _VENDOR_KEYS.items():
        if getattr(settings, missing) is None:
            yield note(name, "no key is set", f"set {missing.upper()} to offer its models")


async def _look_at_heygen(wire: Wire, path: str, *, probes: bool) -> Finding:
    """Its key, and what is left. A wallet may be empty while a plan's credits pay, so this is told
    and not judged."""
    if not probes:
        return _untried("heygen")
    answer = await wire.read("GET", path)
    found = _judged("heygen", wire, answer, good=200)
    left = None if isinstance(answer, Unreadable) else left_over(answer)
    if found.state is not State.OK or left is None:
        return found
    return ok("heygen", f"the key is accepted, {left} left")


async def _look_at_runware(wire: Wire, *, probes: bool) -> Finding:
    """Its key, and the money that is left: without any every submit is refused."""
    if not probes:
        return _untried("runware")
    answer = await wire.read("POST", "", body=json_body(encode_account(RUNWARE_TASK)))
    found = _judged("runware", wire, answer, good=200)
    left_usd = None if isinstance(answer, Unreadable) else decode_balance_usd(answer)
    if found.state is not State.OK or left_usd is None:
        return found
    if left_usd <= 0:
        return mend("runware", "no money is left", "add some at https://my.runware.ai/wallet")
    return ok("runware", f"the key is accepted, ${left_usd:,.2f} is left")


async def _look(name: str, wire: Wire, path: str, *, good: int, probes: bool) -> Finding:
    if not probes:
        return _untried(name)
    return _judged(name, wire, await wire.read("GET", path), good=good)


def _untried(name: str) -> Finding:
    return note(name, "a key is set; not tried", "`doctor --probe` tries it, at no cost")


def _judged(name: str, wire: Wire, answer: Answer | Unreadable, *, good: int) -> Finding:
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
