"""The addresses that vendors call back: ours are known, nothing else is."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import Callbacks, callbacks_of
from bot.settings import Settings
from domain.offer import GatewayName

OURS = Callbacks("https://bot.example/dailies/", bytes(range(32)))
OTHERS = Callbacks("https://bot.example/dailies/", bytes(range(1, 33)))
ids = st.from_regex(r"[A-Za-z0-9_-]{1,80}", fullmatch=True)
gateways = st.sampled_from(GatewayName)


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


@given(gateways, ids, st.integers(1, 999_999))
def test_a_token_is_read_as_what_it_was_made_of(
    gateway: GatewayName, execution: str, attempt: int
) -> None:
    url = OURS.url(gateway, execution, attempt)

    assert url.startswith(f"https://bot.example/dailies/webhooks/{gateway}/")
    assert OURS.read(gateway, token_of(url)) == (execution, attempt)
    assert url == OURS.url(gateway, execution, attempt)


@given(gateways, ids, st.integers(1, 999), st.integers(0, 500), st.characters())
def test_a_changed_token_is_nobodys(
    gateway: GatewayName, execution: str, attempt: int, at: int, letter: str
) -> None:
    token = token_of(OURS.url(gateway, execution, attempt))
    place = at % len(token)
    changed = token[:place] + letter + token[place + 1 :]

    assert changed == token or OURS.read(gateway, changed) is None


@given(gateways, gateways, ids, st.integers(1, 999), st.integers(1, 999))
def test_a_token_is_for_one_attempt_at_one_gateway(
    gateway: GatewayName, other: GatewayName, execution: str, attempt: int, later: int
) -> None:
    token = token_of(OURS.url(gateway, execution, attempt))
    name, _, mark = token.split(".")

    assert (OURS.read(other, token) is None) == (other is not gateway)
    assert (OURS.read(gateway, f"{name}.{later}.{mark}") is None) == (later != attempt)
    assert OTHERS.read(gateway, token) is None


@given(gateways, st.text(max_size=400))
def test_nothing_made_up_is_read(gateway: GatewayName, token: str) -> None:
    assert OURS.read(gateway, token) is None


def test_there_are_addresses_only_with_a_public_one_and_a_key() -> None:
    key = base64.urlsafe_b64encode(bytes(range(32))).decode()
    usual = {"slack_bot_token": "xoxb-1-2-abc", "slack_app_token": "xapp-1-A-2-abc"}
    both = {"public_url": "https://bot.example", "encryption_key": key}

    assert callbacks_of(Settings(**usual)) is None
    assert callbacks_of(Settings(**usual, public_url="https://bot.example")) is None
    assert callbacks_of(Settings(**usual | both)) == Callbacks(
        "https://bot.example", bytes(range(32))
    )
