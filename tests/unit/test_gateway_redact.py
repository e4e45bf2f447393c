"""Nothing that looks like a credential, and none that is one, survives `redact`."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FAILURE_DETAIL_MAX_CHARS
from gateways.redact import HIDDEN, detail, redact

CANARY = "CANARY7f3a9c"


@pytest.mark.parametrize(
    "text",
    [
        f"xoxb-123-456-{CANARY}",
        f"token=xapp-1-A0-{CANARY}!",
        f"xoxe.xoxp-1-{CANARY}",
        f"key sk_V2_{CANARY}",
        f"sk-proj-{CANARY}",
        f"Authorization: Key id-1234:{CANARY}",
        f"authorization: Bearer {CANARY}",
        f'"authorization": "Basic {CANARY}=="',
        f"X-Api-Key: {CANARY}",
        f'{{"api_key": "{CANARY}"}}',
        f"[(b'x-api-key', b'{CANARY}')]",
        f"access_token={CANARY}&x=1",
        f"client_secret: {CANARY}",
        f"POST https://hooks.slack.com/commands/T1/2/{CANARY} failed",
        f"https://bot.example/webhooks/fal/{CANARY}",
        f"/webhooks/heygen/{CANARY}?a=b",
        f"https://user:{CANARY}@host/path",
        f"https://files.heygen.ai/v.mp4?Signature={CANARY}&Expires=1",
        f"<https://v3.fal.media/x.mp4#{CANARY}>",
    ],
)
def test_shapes_of_secrets_are_hidden(text: str) -> None:
    assert CANARY not in redact(text)
    assert HIDDEN in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "a fox in snow, slowly",
        "The Key to the video is missing",
        "https://files.heygen.ai/v.mp4",
        "bearer of bad news",
        "invalid_parameter: prompt is too long (max 4000)",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


@given(
    st.text(st.characters(codec="utf-8", exclude_characters=":"), min_size=8, max_size=40),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_a_known_secret_never_survives(secret: str, before: str, after: str) -> None:
    secrets = [secret]
    for spelled in (secret, quote(secret, safe="")):
        shown = redact(f"{before}{spelled}{after}", secrets)
        assert spelled not in shown or spelled in HIDDEN


def test_both_halves_of_a_two_part_key_are_secret() -> None:
    shown = redact("id 11111111-aaaa and 0123456789abcdef", ["11111111-aaaa:0123456789abcdef"])

    assert shown == f"id {HIDDEN} and {HIDDEN}"


def test_detail_redacts_before_it_cuts() -> None:
    long = "x" * (FAILURE_DETAIL_MAX_CHARS - 4) + "s3cr3t-key"

    assert "s3cr" not in detail(long, ["s3cr3t-key"])
    assert len(detail("y" * 5_000)) == FAILURE_DETAIL_MAX_CHARS
    assert detail("two\n lines\t") == "two lines"
