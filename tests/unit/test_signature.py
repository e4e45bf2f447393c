"""Whether a request is Slack's: Slack's own example, and everything that is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signature import Doubt, doubt, sign

# docs.slack.dev/authentication/verifying-requests-from-slack, the worked example.
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
STAMP = "1531420618"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
NOW = 1531420618.0


def verdict(**changes: object) -> Doubt | None:
    given: dict[str, object] = {
        "timestamps": [STAMP],
        "signatures": [SIGNATURE],
        "secrets": [SECRET],
        "now": NOW,
    }
    body = changes.pop("body", BODY)
    return doubt(body, **(given | changes))  # type: ignore[arg-type] # also what is no body


def test_slacks_own_example_is_slacks() -> None:
    assert sign(BODY, STAMP, SECRET).decode() == SIGNATURE
    assert verdict() is None


@pytest.mark.parametrize("skew_s", [-300.0, -1.0, 300.0])
def test_five_minutes_either_way_are_taken(skew_s: float) -> None:
    assert verdict(now=NOW + skew_s) is None


@pytest.mark.parametrize("skew_s", [-301.0, 301.0, 86_400.0])
def test_older_and_newer_ones_are_not(skew_s: float) -> None:
    assert verdict(now=NOW + skew_s) is Doubt.TOO_OLD


@pytest.mark.parametrize(
    "stamp",
    [
        *("", "x", "1531420618.0", "-1531420618", "+1531420618", " 1531420618", "1531420618\n"),
        *("1_531_420_618", "9" * 13, "9" * 5_000, "\ud800", "0x5b47a1ca", "inf"),
        "".join(chr(0xFF10 + int(digit)) for digit in STAMP),
    ],
)
def test_a_timestamp_is_a_plain_number(stamp: str) -> None:
    assert verdict(timestamps=[stamp]) is Doubt.NO_NUMBER


@pytest.mark.parametrize(
    "signature",
    [
        *("", "v0=", SIGNATURE.upper(), SIGNATURE[:-1], SIGNATURE + "0", " " + SIGNATURE),
        *(SIGNATURE.replace("v0", "v1"), "v0=ä" * 9, "\udcff\udcfe", SIGNATURE + "\x00"),
    ],
)
def test_another_signature_is_not_taken(signature: str) -> None:
    assert verdict(signatures=[signature]) is Doubt.DIFFERENT


def test_a_changed_body_or_secret_is_noticed() -> None:
    assert verdict(body=BODY + b" ") is Doubt.DIFFERENT
    assert verdict(body=b"") is Doubt.DIFFERENT
    assert verdict(secrets=["another"]) is Doubt.DIFFERENT
    assert verdict(secrets=[]) is Doubt.DIFFERENT


def test_absent_and_repeated_headers_are_not_taken() -> None:
    assert verdict(timestamps=[]) is Doubt.ABSENT
    assert verdict(signatures=[]) is Doubt.ABSENT
    assert verdict(timestamps=[STAMP, STAMP]) is Doubt.REPEATED
    assert verdict(signatures=[SIGNATURE, SIGNATURE]) is Doubt.REPEATED


def test_two_secrets_are_taken_while_one_replaces_the_other() -> None:
    for secrets in (["old", SECRET], [SECRET, "new"]):
        assert verdict(secrets=secrets) is None
    assert verdict(secrets=["old", "new"]) is Doubt.DIFFERENT


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=80))
def test_nothing_that_is_sent_raises(body: bytes, stamp: str, signature: str) -> None:
    assert doubt(body, timestamps=[stamp], signatures=[signature], secrets=["s"], now=0.0)
