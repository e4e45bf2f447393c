"""Whose webhook it is: valid ones are read for ids, nothing else ever is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateways.classify import Answer
from gateways.fal_hooks import (
    JWKS_MAX_BYTES,
    KEYS_LIFE_S,
    REFETCH_MIN_S,
    FalHooks,
    keys_in,
    signed_message,
)
from gateways.heygen_hooks import HeyGenEvents, ids_in
from gateways.hooks import Delivery, Disbelief, Told, Unsigned, event_of
from gateways.http import Http

NOW = 1_790_000_000.0
KEY, OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.generate()
USER = "user-1"
REQUEST = "0b7c6d1e-0000-4000-8000-000000000001"
BODY = json.dumps({"request_id": REQUEST, "status": "OK", "payload": {"seed": 4}}).encode()
SECRET = "whsec_of-the-sandbox"


@dataclass
class Still:
    """A clock that a test sets."""

    at: float = 0.0

    def now(self) -> float:
        return NOW + self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Keys(httpx.AsyncBaseTransport):
    """fal's JWKS address: what it answers, and how often it was asked."""

    keys: list[Any] = field(default_factory=lambda: [KEY])
    status: int = 200
    body: bytes | None = None
    asked: int = 0
    is_down: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.is_down:
            raise httpx.ConnectError("down")
        body = self.body if self.body is not None else jwks(*self.keys)
        return httpx.Response(self.status, content=body)


def jwks(*keys: Ed25519PrivateKey) -> bytes:
    """A set of public keys."""
    raw = [key.public_key().public_bytes_raw() for key in keys]
    shown = [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in raw]
    return json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x} for x in shown]}).encode()


def fal_hooks(keys: Keys | None = None, clock: Still | None = None, user: str | None = USER) -> Any:
    http = Http(clock or Still(), read_transport=keys or Keys())
    return FalHooks(http, jwks_url="https://rest.fal.ai/.well-known/jwks.json", user_id=user)


def by_fal(
    body: bytes = BODY,
    *,
    key: Ed25519PrivateKey = KEY,
    request: str = REQUEST,
    user: str = USER,
    at: float = NOW,
) -> Delivery:
    """What fal would send."""
    stamp = str(int(at))
    signature = key.sign(signed_message(request, user, stamp, body)).hex()
    named = {"request-id": request, "user-id": user, "timestamp": stamp, "signature": signature}
    return Delivery({f"x-fal-webhook-{name}": [value] for name, value in named.items()}, body)


def _with(delivery: Delivery, name: str, *values: str) -> Delivery:
    header = f"x-fal-webhook-{name}"
    return replace(delivery, headers={**delivery.headers, header: list(values)})


def _signature(delivery: Delivery) -> str:
    return delivery.headers["x-fal-webhook-signature"][0]


Change = Callable[[Delivery], Delivery]
# What is changed in a good delivery, and why it is then refused.
FORGED: dict[str, tuple[Change, Disbelief]] = {
    "no signature": (lambda d: _with(d, "signature"), Disbelief.ABSENT),
    "no timestamp": (lambda d: _with(d, "timestamp"), Disbelief.ABSENT),
    "no user": (lambda d: _with(d, "user-id"), Disbelief.ABSENT),
    "no request": (lambda d: _with(d, "request-id"), Disbelief.ABSENT),
    "two signatures": (
        lambda d: _with(d, "signature", _signature(d), _signature(d)),
        Disbelief.REPEATED,
    ),
    "empty": (lambda d: _with(d, "signature", ""), Disbelief.MALFORMED),
    "short": (lambda d: _with(d, "signature", _signature(d)[:-2]), Disbelief.MALFORMED),
    "long": (lambda d: _with(d, "signature", _signature(d) + "00"), Disbelief.MALFORMED),
    "not hex": (lambda d: _with(d, "signature", "g" * 128), Disbelief.MALFORMED),
    "not ASCII": (lambda d: _with(d, "signature", "é" * 128), Disbelief.MALFORMED),
    "base64": (
        lambda d: _with(d, "signature", base64.b64encode(bytes.fromhex(_signature(d))).decode()),
        Disbelief.MALFORMED,
    ),
    "zeros": (lambda d: _with(d, "signature", "0" * 128), Disbelief.DIFFERENT),
    "another key": (lambda d: by_fal(key=OTHER_KEY), Disbelief.DIFFERENT),
    "another body": (lambda d: replace(d, body=d.body + b" "), Disbelief.DIFFERENT),
    "written anew": (
        lambda d: replace(d, body=json.dumps(json.loads(d.body), indent=1).encode()),
        Disbelief.DIFFERENT,
    ),
    "another request": (lambda d: _with(d, "request-id", REQUEST[:-1] + "2"), Disbelief.DIFFERENT),
    "another time": (lambda d: _with(d, "timestamp", str(int(NOW) + 1)), Disbelief.DIFFERENT),
    "another user": (lambda d: _with(d, "user-id", "user-2"), Disbelief.STRANGER),
    "a stranger's own": (lambda d: by_fal(user="user-2"), Disbelief.STRANGER),
    "old": (lambda d: by_fal(at=NOW - 301), Disbelief.STALE),
    "from the future": (lambda d: by_fal(at=NOW + 301), Disbelief.STALE),
    "no number": (lambda d: _with(d, "timestamp", "１７９"), Disbelief.MALFORMED),
    "signed as HMAC": (
        lambda d: _with(d, "signature", hmac.new(b"k", d.body, "sha512").hexdigest()),
        Disbelief.DIFFERENT,
    ),
}


async def test_what_fal_signed_is_read_for_its_ids() -> None:
    told = await fal_hooks().read(by_fal())

    assert told == Told((REQUEST,), event_of(BODY), is_signed=True)


@pytest.mark.parametrize(("change", "why"), FORGED.values(), ids=FORGED)
async def test_whatever_is_changed_is_refused(change: Change, why: Disbelief) -> None:
    assert await fal_hooks().read(change(by_fal())) is why


@given(
    name=st.sampled_from(["request-id", "user-id", "timestamp", "signature", "body"]),
    at=st.integers(0, 10_000),
    bit=st.integers(0, 6),
)
async def test_a_single_bit_anywhere_is_noticed(name: str, at: int, bit: int) -> None:
    delivery = by_fal()
    if name == "body":
        changed = bytearray(delivery.body)
        changed[at % len(changed)] ^= 1 << bit
        other = replace(delivery, body=bytes(changed))
    else:
        value = delivery.headers[f"x-fal-webhook-{name}"][0]
        place = at % len(value)
        letter = chr(ord(value[place]) ^ 1 << bit)
        if name == "signature" and letter.lower() == value[place].lower():
            return  # hex has two spellings
        other = _with(delivery, name, value[:place] + letter + value[place + 1 :])
    assert isinstance(await fal_hooks().read(other), Disbelief)


@given(
    headers=st.dictionaries(
        st.sampled_from([f"x-fal-webhook-{n}" for n in ("request-id", "user-id", "timestamp")])
        | st.just("x-fal-webhook-signature"),
        st.lists(st.text(max_size=140), max_size=2),
    ),
    body=st.binary(max_size=200),
)
async def test_nothing_made_up_is_believed(headers: dict[str, list[str]], body: bytes) -> None:
    assert isinstance(await fal_hooks().read(Delivery(headers, body)), Disbelief)


async def test_without_a_pinned_user_every_customer_of_fal_is_one() -> None:
    told = await fal_hooks(user=None).read(by_fal(user="user-2"))

    assert isinstance(told, Told)


async def test_the_edges_of_the_time_are_inside() -> None:
    for at in (NOW - 300, NOW + 300):
        assert isinstance(await fal_hooks().read(by_fal(at=at)), Told)


async def test_a_body_that_is_no_json_still_has_the_signed_id() -> None:
    told = await fal_hooks().read(by_fal(b"<html>"))

    assert isinstance(told, Told)
    assert told.remote_ids == (REQUEST,)


async def test_keys_are_kept_for_a_day_and_fetched_again_for_a_new_signature() -> None:
    clock, keys = Still(), Keys()
    hooks = fal_hooks(keys, clock)
    for _ in range(5):
        assert isinstance(await hooks.read(by_fal()), Told)
    assert keys.asked == 1

    clock.at = KEYS_LIFE_S + 1
    assert isinstance(await hooks.read(by_fal(at=clock.now())), Told)
    assert keys.asked == 2

    keys.keys = [OTHER_KEY]
    clock.at += REFETCH_MIN_S
    assert isinstance(await hooks.read(by_fal(key=OTHER_KEY, at=clock.now())), Told)
    assert keys.asked == 3


async def test_forgeries_do_not_make_us_ask_more_than_once_a_minute() -> None:
    clock, keys = Still(), Keys()
    hooks = fal_hooks(keys, clock)
    for _ in range(1_000):
        clock.at += 0.1
        assert await hooks.read(by_fal(key=OTHER_KEY, at=clock.now())) is Disbelief.DIFFERENT
    assert keys.asked <= 3


@pytest.mark.parametrize(
    "broken",
    [
        {"is_down": True},
        {"status": 500},
        {"status": 302},
        {"body": b""},
        {"body": b"<html>"},
        {"body": b'{"keys": []}'},
        {"body": b'{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, 7, null]}'},
        {"body": b'{"keys": [{"kty": "OKP", "crv": "X25519", "x": "' + b"A" * 43 + b'"}]}'},
        {"body": b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}'},
        {"body": jwks(KEY) + b" " * JWKS_MAX_BYTES},
        {"body": b"[" * 10_000_000},
    ],
    ids=lambda broken: str(broken)[:60],
)
async def test_without_keys_nothing_is_believed_and_fal_shall_come_again(
    broken: dict[str, Any],
) -> None:
    keys = Keys(**broken)

    assert await fal_hooks(keys).read(by_fal()) is Disbelief.NO_KEYS
    assert keys.asked == 1


async def test_old_keys_are_not_used_past_their_day() -> None:
    clock, keys = Still(), Keys()
    hooks = fal_hooks(keys, clock)
    assert isinstance(await hooks.read(by_fal()), Told)
    clock.at, keys.is_down = KEYS_LIFE_S + 1, True

    assert await hooks.read(by_fal(at=clock.now())) is Disbelief.NO_KEYS


def test_keys_of_other_kinds_are_passed_over() -> None:
    """An elliptic curve key beside the real one, and a broken one."""
    curve = generate_private_key(SECP256R1()).public_key().public_numbers()
    listed = json.loads(jwks(KEY))
    listed["keys"] += [{"kty": "EC", "crv": "P-256", "x": str(curve.x)}, {"kty": "OKP"}]

    found = keys_in(Answer(200, httpx.Headers(), json.dumps(listed).encode(), NOW))

    assert [key.public_bytes_raw() for key in found] == [KEY.public_key().public_bytes_raw()]


def by_heygen(
    body: bytes = BODY, headers: dict[str, str] | None = None, *, secret: str = SECRET
) -> Delivery:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    named = {"heygen-signature": signature, "heygen-timestamp": str(int(NOW)), **(headers or {})}
    return Delivery({name: [value] for name, value in named.items()}, body)


def test_heygens_events_are_known_by_their_secret_and_named_by_their_id() -> None:
    body = b'{"event_type":"video_agent.success","event_data":{"session_id":"s1","video_id":"v1"}}'
    told = HeyGenEvents(SECRET).read(by_heygen(body, {"heygen-event-id": "e1"}), NOW)

    assert told == Told(("s1", "v1"), "e1", is_signed=True)


def test_heygens_older_header_is_read_too() -> None:
    mark = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    told = HeyGenEvents(SECRET).read(Delivery({"signature": [mark]}, BODY), NOW)

    assert told == Told((), event_of(BODY), is_signed=True)


@pytest.mark.parametrize(
    ("delivery", "why"),
    [
        (Delivery({}, BODY), Disbelief.ABSENT),
        (by_heygen(secret="another"), Disbelief.DIFFERENT),
        (replace(by_heygen(), body=BODY + b" "), Disbelief.DIFFERENT),
        (by_heygen(BODY, {"heygen-signature": "é"}), Disbelief.DIFFERENT),
        (by_heygen(BODY, {"heygen-signature": ""}), Disbelief.DIFFERENT),
        (by_heygen(BODY, {"heygen-timestamp": str(int(NOW) - 301)}), Disbelief.STALE),
        (by_heygen(BODY, {"heygen-timestamp": "soon"}), Disbelief.STALE),
        (Delivery({"heygen-signature": ["a", "b"]}, BODY), Disbelief.REPEATED),
    ],
)
def test_a_heygen_event_that_is_not_signed_is_refused(delivery: Delivery, why: Disbelief) -> None:
    assert HeyGenEvents(SECRET).read(delivery, NOW) is why


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"event_data": {"video_id": "v"}}, ["v"]),
        ({"event_data": {"video_translate_id": "t"}}, ["t"]),
        ({"event": "video_agent.success", "session_id": "s"}, ["s"]),
        ({"event_data": {"video_id": "../x", "session_id": 7}}, []),
        ([], []),
    ],
)
async def test_ids_are_found_wherever_heygen_puts_them(body: Any, ids: list[str]) -> None:
    told = await Unsigned(ids_in).read(Delivery({}, json.dumps(body).encode()))

    assert isinstance(told, Told)
    assert list(told.remote_ids) == ids
    assert not told.is_signed
