"""What the doctor learns from the vendors we pay, without paying: a good key? any money left?"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.clock import SystemClock
from bot.findings import Finding, mend, note, ok
from bot.settings import Settings
from domain.gateway import Unreadable
from gateways.classify import Answer
from gateways.fal_account import BILLING_PATH, LOCK_PATH, left_usd, lock_question, lock_told
from gateways.heygen_account import ACCOUNT_PATH, OLD_ACCOUNT_PATH, left_over
from gateways.http import Http, Wire, json_body
from gateways.runware_wire import decode_balance_usd, encode_account

# Nothing is changed at a vendor. HeyGen: `gateways/heygen_account.py`. fal: the status of a request
# that does not exist is 404 with a good key and 401 with a bad one (tried; reference: fal.ai docs,
# queue API); its lock and balance: `gateways/fal_account.py`. Runware: accountManagement, which
# tells the balance (runware.ai/docs, account management).
FAL_STATUS = "/fal-ai/veo3/requests/{request_id}/status"
UNKNOWN_REQUEST = str(uuid.UUID(int=0))
RUNWARE_TASK = str(uuid.UUID(int=0, version=4))
GONE = frozenset({404, 405, 410})


@dataclass(frozen=True, slots=True)
class _Pages:
    """A vendor's name, the setting of its key, and where a person mends key and money."""

    name: str
    setting: str
    keys: str
    money: str


HEYGEN: Final = _Pages(
    "heygen",
    "HEYGEN_API_KEY",
    keys="https://app.heygen.com/settings",
    money="https://app.heygen.com/settings",
)
FAL: Final = _Pages(
    "fal",
    "FAL_KEY",
    keys="https://fal.ai/dashboard/keys",
    money="https://fal.ai/dashboard/billing",
)
RUNWARE: Final = _Pages(
    "runware",
    "RUNWARE_API_KEY",
    keys="https://my.runware.ai/keys",
    money="https://my.runware.ai/wallet",
)


async def look_at_vendors(settings: Settings, *, probes: bool) -> list[Finding]:
    """A finding for each vendor. Without `probes` none is called."""
    http = Http(SystemClock())
    try:
        return [finding async for finding in _each(settings, http, probes=probes)]
    finally:
        await http.aclose()


async def _each(settings: Settings, http: Http, *, probes: bool) -> AsyncIterator[Finding]:
    looks = {HEYGEN: _look_at_heygen, FAL: _look_at_fal, RUNWARE: _look_at_runware}
    missing = []
    for vendor, look in looks.items():
        secret = getattr(settings, vendor.setting.lower())
        if secret is None:
            fix = f"set {vendor.setting} to offer its models"
            missing.append(note(vendor.name, "no key is set", fix))
        elif probes:
            yield await look(settings, http, secret.get_secret_value())
        else:
            yield note(vendor.name, "a key is set; not tried", "`doctor` without --no-probe does")
    for finding in missing:
        yield finding


async def _look_at_heygen(settings: Settings, http: Http, key: str) -> Finding:
    wire = http.bind(settings.heygen_api_url, headers={"X-Api-Key": key}, secrets=(key,))
    is_old = settings.heygen_api_version == "v2"
    answer = await wire.read("GET", OLD_ACCOUNT_PATH if is_old else ACCOUNT_PATH)
    if is_old and isinstance(answer, Answer) and answer.status in GONE:
        said = f"HeyGen's old API is gone ({answer.status})"
        return mend(HEYGEN.name, said, "remove HEYGEN_API_VERSION, or set it to v3")
    if (bad := _bad(HEYGEN, wire, answer, good=200)) is not None:
        return bad
    left = None if isinstance(answer, Unreadable) else left_over(answer)
    if left is None:
        return _untold(HEYGEN)
    return _with_money(HEYGEN, left.words, is_nothing=left.is_nothing)


async def _look_at_fal(settings: Settings, http: Http, key: str) -> Finding:
    """Its key, whether fal locked the account, and what is left where this key may know."""
    bind = partial(http.bind, headers={"Authorization": f"Key {key}"}, secrets=(key,))
    queue = bind(settings.fal_queue_url)
    answer = await queue.read("GET", FAL_STATUS.format(request_id=UNKNOWN_REQUEST))
    if (bad := _bad(FAL, queue, answer, good=404)) is not None:
        return bad
    asked = await bind(settings.fal_rest_url).read("POST", LOCK_PATH, body=lock_question())
    if isinstance(asked, Answer) and (said := lock_told(asked, (key,))) is not None:
        fix = f"add money at {FAL.money}; if there is some, write to support@fal.ai"
        return mend(FAL.name, f"the key is accepted, but the account is locked: {said}", fix)
    return _fal_left(await bind(settings.fal_api_url).read("GET", BILLING_PATH))


def _fal_left(answer: Answer | Unreadable) -> Finding:
    """What is left: fal tells that to admin keys only."""
    if isinstance(answer, Answer) and answer.status in (401, 403):
        said = "the key is accepted; only a key with the ADMIN scope may read what is left"
        return note(FAL.name, said, f"see it at {FAL.money}")
    left = left_usd(answer) if isinstance(answer, Answer) and answer.status == 200 else None
    if left is None:
        return _untold(FAL)
    return _with_money(FAL, f"${left:,.2f}", is_nothing=left <= 0)


async def _look_at_runware(settings: Settings, http: Http, key: str) -> Finding:
    headers = {"Authorization": f"Bearer {key}"}
    wire = http.bind(settings.runware_api_url, headers=headers, secrets=(key,))
    answer = await wire.read("POST", "", body=json_body(encode_account(RUNWARE_TASK)))
    if (bad := _bad(RUNWARE, wire, answer, good=200)) is not None:
        return bad
    left = None if isinstance(answer, Unreadable) else decode_balance_usd(answer)
    if left is None:
        return _untold(RUNWARE)
    return _with_money(RUNWARE, f"${left:,.2f}", is_nothing=left <= 0)


def _with_money(vendor: _Pages, left: str, *, is_nothing: bool) -> Finding:
    """Without any money submits are refused (a plan of HeyGen may pay beside its wallet)."""
    if is_nothing:
        said = f"the key is accepted, but nothing is left ({left}): renders may be refused"
        return mend(vendor.name, said, f"add money at {vendor.money}")
    return ok(vendor.name, f"the key is accepted, {left} left")


def _untold(vendor: _Pages) -> Finding:
    return note(
        vendor.name, "the key is accepted; what is left was not told", f"see {vendor.money}"
    )


def _bad(vendor: _Pages, wire: Wire, answer: Answer | Unreadable, *, good: int) -> Finding | None:
    """What keeps the vendor from working for us; None where the key is accepted."""
    name = vendor.name
    if isinstance(answer, Unreadable):
        return mend(name, f"no answer from {wire.base_url}", "check the way there, and its status")
    match answer.status:
        case status if status == good:
            return None
        case 401:
            fix = f"copy it again from {vendor.keys} into {vendor.setting}"
            return mend(name, "the key is refused (401)", fix)
        case 402 | 403:
            said = f"the account is locked or has no money ({answer.status})"
            return mend(name, said, f"look at {vendor.money}")
        case status if status >= 500:
            return note(name, f"{wire.base_url} is in trouble ({status})", "try again later")
        case status:
            return note(name, f"an unexpected answer ({status})", "renders will tell")
