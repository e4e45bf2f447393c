"""What the doctor says of each vendor's key: set, wrong, missing, without money, and the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.doctor_vendors import look_at_vendors
from bot.findings import Finding
from bot.settings import Settings
from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic
from sandbox.vendors import Vendors, start

ADDRESSES = (
    *("heygen_api_url", "fal_queue_url", "fal_rest_url", "fal_api_url"),
    "runware_api_url",
)
KEYS = {"heygen": "heygen_api_key", "fal": "fal_key", "runware": "runware_api_key"}
WRONG = {"heygen": "wrong-heygen-key", "fal": "wrong:fal-key", "runware": "wrongRunwareKey12345"}


class Clinic:
    """The vendors, and the doctor with one vendor's key."""

    def __init__(self, vendors: Vendors, faults: Faults) -> None:
        self.vendors = vendors
        self.faults = faults

    def turn(self, vendor: str, **switches: Any) -> None:
        for name, value in switches.items():
            getattr(self.vendors, vendor).switches.set(name, value)

    async def finding(self, vendor: str, *, key: str | None = "", **more: Any) -> Finding:
        """What is said of `vendor`, whose key is the right one where none is given."""
        at = self.vendors.addresses
        settings: dict[str, Any] = {
            "slack_bot_token": "xoxb-1-2-abc",
            "slack_app_token": "xapp-1-A-2-abc",
            **{name: at[name] for name in ADDRESSES},
            KEYS[vendor]: at[KEYS[vendor]] if key == "" else key,
        }
        found = await look_at_vendors(Settings(**settings | more), probes=True)
        return next(finding for finding in found if finding.name == vendor)


@pytest.fixture
async def clinic() -> AsyncIterator[Clinic]:
    faults = Faults()
    vendors = await start(faults, Traffic(), pace_s=0.2)
    try:
        yield Clinic(vendors, faults)
        assert vendors.ledger() == []  # looking buys nothing
    finally:
        await vendors.close()


STATES = [
    ("heygen", "set", "ok", "the key is accepted, $100.00 left", ""),
    (
        *("heygen", "wrong", "mend", "the key is refused (401)"),
        "copy it again from https://app.heygen.com/settings into HEYGEN_API_KEY",
    ),
    ("heygen", "missing", "note", "no key is set", "set HEYGEN_API_KEY to offer its models"),
    (
        *("heygen", "out of credit", "mend"),
        "the key is accepted, but nothing is left ($0.00): renders may be refused",
        "add money at https://app.heygen.com/settings",
    ),
    ("fal", "set", "ok", "the key is accepted, $1,000.00 left", ""),
    (
        *("fal", "wrong", "mend", "the key is refused (401)"),
        "copy it again from https://fal.ai/dashboard/keys into FAL_KEY",
    ),
    ("fal", "missing", "note", "no key is set", "set FAL_KEY to offer its models"),
    (
        *("fal", "out of credit", "mend"),
        "the key is accepted, but the account is locked: "
        "User is locked. Reason: Exhausted balance. Top up at fal.ai/dashboard/billing.",
        "add money at https://fal.ai/dashboard/billing; if there is some, write to support@fal.ai",
    ),
    ("runware", "set", "ok", "the key is accepted, $1,000.00 left", ""),
    (
        *("runware", "wrong", "mend", "the key is refused (401)"),
        "copy it again from https://my.runware.ai/keys into RUNWARE_API_KEY",
    ),
    ("runware", "missing", "note", "no key is set", "set RUNWARE_API_KEY to offer its models"),
    (
        *("runware", "out of credit", "mend"),
        "the key is accepted, but nothing is left ($0.00): renders may be refused",
        "add money at https://my.runware.ai/wallet",
    ),
]
BALANCE = {"heygen": "wallet_usd", "fal": "balance_usd", "runware": "balance_usd"}


@pytest.mark.parametrize(
    ("vendor", "key_state", "state", "said", "fix"),
    STATES,
    ids=[f"{vendor} {key_state}" for vendor, key_state, *_ in STATES],
)
async def test_each_key_in_each_state(
    clinic: Clinic, vendor: str, key_state: str, state: str, said: str, fix: str
) -> None:
    key: str | None = ""
    match key_state:
        case "wrong":
            key = WRONG[vendor]
        case "missing":
            key = None
        case "out of credit":
            clinic.turn(vendor, **{BALANCE[vendor]: 0.0})
    found = await clinic.finding(vendor, key=key)
    assert (found.state.value, found.said, found.fix) == (state, said, fix)


async def test_a_fal_key_without_the_admin_scope_may_not_know_what_is_left(clinic: Clinic) -> None:
    clinic.turn("fal", billing="forbidden")
    found = await clinic.finding("fal")
    assert found.state == "note"
    assert (
        found.said == "the key is accepted; only a key with the ADMIN scope may read what is left"
    )
    assert found.fix == "see it at https://fal.ai/dashboard/billing"
    clinic.turn("fal", balance_usd=0.0)
    assert "the account is locked" in (await clinic.finding("fal")).said


async def test_a_fal_account_with_money_may_be_locked(clinic: Clinic) -> None:
    clinic.turn("fal", admin_lock=True)
    found = await clinic.finding("fal")
    assert found.state == "mend"
    assert "User is locked. Reason: Admin lock. Please contact support@fal.ai" in found.said


@pytest.mark.parametrize(
    ("version", "billing", "left"),
    [
        ("v3", "wallet", "$93.20"),
        ("v3", "subscription", "93 credits (enterprise plan)"),
        ("v3", "usage_based", "93 credits"),
        ("v2", "wallet", "93 credits"),
    ],
)
async def test_what_heygen_has_left_by_its_ways_to_pay(
    clinic: Clinic, version: str, billing: str, left: str
) -> None:
    clinic.turn("heygen", wallet_usd=93.2, billing=billing)
    found = await clinic.finding("heygen", heygen_api_version=version)
    assert found.said == f"the key is accepted, {left} left"
    clinic.turn("heygen", wallet_usd=0.0)
    broke = await clinic.finding("heygen", heygen_api_version=version)
    assert broke.state == "mend"
    assert broke.fix == "add money at https://app.heygen.com/settings"


@pytest.mark.parametrize(("sunset", "status"), [("gone_410", 410), ("missing_404", 404)])
async def test_heygens_old_api_that_is_gone(clinic: Clinic, sunset: str, status: int) -> None:
    clinic.turn("heygen", sunset_legacy=sunset)
    found = await clinic.finding("heygen", heygen_api_version="v2")
    assert (found.state, found.said) == ("mend", f"HeyGen's old API is gone ({status})")
    assert found.fix == "remove HEYGEN_API_VERSION, or set it to v3"
    assert (await clinic.finding("heygen")).state == "ok"


@pytest.mark.parametrize("vendor", ["heygen", "fal", "runware"])
async def test_a_vendor_in_trouble_is_no_fault_of_ours(clinic: Clinic, vendor: str) -> None:
    target = {"heygen": "account", "fal": "check", "runware": "account"}[vendor]
    clinic.faults.arm(Fault(f"{vendor}:{target}", "status", times=9, params={"status": 503}))
    found = await clinic.finding(vendor)
    assert (found.state, found.fix) == ("note", "try again later")


async def test_nobody_is_asked_where_that_is_not_wished(clinic: Clinic) -> None:
    at = clinic.vendors.addresses
    settings = Settings(
        slack_bot_token="xoxb-1-2-abc",
        slack_app_token="xapp-1-A-2-abc",
        heygen_api_url="http://127.0.0.1:9",
        heygen_api_key=at["heygen_api_key"],
    )
    heygen, *_ = await look_at_vendors(settings, probes=False)
    assert (heygen.state, heygen.said) == ("note", "a key is set; not tried")
