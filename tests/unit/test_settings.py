"""Every wrong setting is told, all at once, by name and never by value."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from bot.settings import BadSettings, LogFormat, Settings, load, load_places, told
from tests.architecture import ROOT

GOOD: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "xoxb-1-2-abcdef",
    "SLACK_APP_TOKEN": "xapp-1-A2-3-abcdef",
    "HEYGEN_API_KEY": "0f1e2d3c4b5a69788796",
}

KEY = {"ENCRYPTION_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}

# (what is typed instead, what the sentence says). None: not set at all.
WRONG: tuple[tuple[dict[str, str | None], str], ...] = (
    ({"SLACK_BOT_TOKEN": None}, "SLACK_BOT_TOKEN is missing"),
    ({"SLACK_APP_TOKEN": None}, "SLACK_APP_TOKEN is missing"),
    ({"HEYGEN_API_KEY": None}, "HEYGEN_API_KEY, FAL_KEY or RUNWARE_API_KEY is missing"),
    ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is missing"),
    ({"SLACK_BOT_TOKEN": "   "}, "SLACK_BOT_TOKEN is set but blank"),
    ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN is missing"),
    ({"HEYGEN_API_KEY": ""}, "HEYGEN_API_KEY, FAL_KEY or RUNWARE_API_KEY is missing"),
    (
        {"PUBLIC_URL": "https://bot.example", "ENCRYPTION_KEY": ""},
        "ENCRYPTION_KEY is missing: with PUBLIC_URL",
    ),
    ({"RUNWARE_APIKEY": "x"}, "did you mean RUNWARE_API_KEY?"),
    ({"RUNWARE_TTL_S": "60"}, "RUNWARE_TTL_S must be at least 3600"),
    ({"RUNWARE_OUTPUT_QUALITY": "100"}, "RUNWARE_OUTPUT_QUALITY must be at most 99"),
    ({"RUNWARE_SAFETY": "some"}, "RUNWARE_SAFETY must be one of"),
    (
        {"RUNWARE_UPLOAD_ENDPOINT": "http://bucket.example/put"},
        "RUNWARE_UPLOAD_ENDPOINT is not an address that begins with https://",
    ),
    ({"SLACK_BOT_TOKEN": "xoxb-1-2-abc\n"}, "SLACK_BOT_TOKEN begins or ends with"),
    ({"HEYGEN_API_KEY": " 0f1e2d3c"}, "HEYGEN_API_KEY begins or ends with"),
    ({"SLACK_BOT_TOKEN": "xapp-1-2"}, "that one belongs in SLACK_APP_TOKEN"),
    ({"SLACK_APP_TOKEN": "xoxb-1-2"}, "that one belongs in SLACK_BOT_TOKEN"),
    ({"SLACK_BOT_TOKEN": "xoxp-1-2"}, "SLACK_BOT_TOKEN holds a user token"),
    ({"SLACK_BOT_TOKEN": "xoxe.xoxb-1"}, "SLACK_BOT_TOKEN holds a rotating token"),
    ({"SLACK_BOT_TOKEN": "abcdef"}, "SLACK_BOT_TOKEN must begin with xoxb-"),
    ({"SLACK_BOT_TOKEN": "xoxb-"}, "SLACK_BOT_TOKEN must begin with xoxb-"),
    ({"SLACK_APP_TOKEN": "0123"}, "SLACK_APP_TOKEN must begin with xapp-"),
    ({"SLACK_BOT_TOKEN": "xoxb-your-token"}, "SLACK_BOT_TOKEN still holds the example's"),
    ({"SLACK_BOT_TOKEN": "xoxb-..."}, "SLACK_BOT_TOKEN still holds the example's"),
    ({"HEYGEN_API_KEY": "changeme"}, "HEYGEN_API_KEY still holds the example's"),
    ({"FAL_KEY": "<key>"}, "FAL_KEY still holds the example's"),
    ({"FAL_KEY": "a b c d"}, "FAL_KEY holds a character"),
    ({"FAL_KEY": "схема:ключ"}, "FAL_KEY holds a character"),
    ({"SLACK_SIGNING_SECRET": "xoxb-1-2"}, "SLACK_SIGNING_SECRET holds a token"),
    ({"SLACK_SIGNING_SECRET": "a1,b2,c3"}, "SLACK_SIGNING_SECRET holds more than two"),
    ({"SLACK_API_URL": "slack.com/api"}, "SLACK_API_URL is not an address"),
    ({"SLACK_API_URL": "ftp://slack.com"}, "SLACK_API_URL is not an address"),
    ({"SLACK_API_URL": "http://slack.com/api/"}, "SLACK_API_URL would send the key"),
    ({"HEYGEN_API_URL": "https://me:pw@api.heygen.com"}, "HEYGEN_API_URL must be a plain"),
    ({"FAL_QUEUE_URL": "https://queue.fal.run?x=1"}, "FAL_QUEUE_URL must be a plain"),
    ({"FAL_REST_URL": "https://rest fal"}, "FAL_REST_URL is not an address"),
    ({"FAL_CDN_URL": "https://v3.fal.media:port"}, "FAL_CDN_URL is not an address"),
    ({"PUBLIC_URL": "https://bot.example"}, "ENCRYPTION_KEY is missing: with PUBLIC_URL"),
    ({"PUBLIC_URL": "bot.example", **KEY}, "PUBLIC_URL is not an address"),
    ({"PUBLIC_URL": "http://bot.example", **KEY}, "PUBLIC_URL must begin with https://"),
    ({"ENCRYPTION_KEY": "not-long-enough"}, "ENCRYPTION_KEY is not"),
    ({"ENCRYPTION_KEY": "!" * 44}, "ENCRYPTION_KEY is not base64"),
    ({"ENCRYPTION_KEY": "A" * 43 + "="}, "ENCRYPTION_KEY is not 32 random bytes"),
    ({"ENCRYPTION_KEY": "your-encryption-key"}, "ENCRYPTION_KEY still holds the example's"),
    ({"FAL_API_URL": "http://api.fal.ai/v1"}, "FAL_API_URL would send the key"),
    ({"FAL_JWKS_URL": "rest.fal.ai"}, "FAL_JWKS_URL is not an address"),
    ({"PORT": "http"}, "PORT is not a whole number"),
    ({"PORT": "70000"}, "PORT must be at most 65535"),
    ({"PORT": "-1"}, "PORT must be at least 0"),
    ({"HEYGEN_API_VERSION": "v1"}, "HEYGEN_API_VERSION must be one of 'v2' or 'v3'"),
    ({"DATABASE_URL": "data/x.sqlite3"}, "DATABASE_URL is not sqlite:///FILE"),
    ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL is not sqlite:///FILE"),
    ({"DATABASE_URL": "postgresql://db/x"}, "DATABASE_URL names PostgreSQL"),
    ({"MEDIA_URL": "data/media"}, "MEDIA_URL is not file:FOLDER"),
    ({"MEDIA_URL": "file:"}, "MEDIA_URL is not file:FOLDER"),
    ({"DAILIES_TIMEZONE": "Berlin"}, "DAILIES_TIMEZONE is not a time zone"),
    ({"DAILIES_TIMEZONE": "../etc/passwd"}, "DAILIES_TIMEZONE is not a time zone"),
    ({"DAILIES_MONTHLY_BUDGET_USD": "-1"}, "DAILIES_MONTHLY_BUDGET_USD must be between 0"),
    ({"DAILIES_MONTHLY_BUDGET_USD": "NaN"}, "DAILIES_MONTHLY_BUDGET_USD must be between 0"),
    ({"DAILIES_MONTHLY_BUDGET_USD": "$20"}, "DAILIES_MONTHLY_BUDGET_USD is not an amount"),
    ({"DAILIES_MONTHLY_BUDGET_USD": "1.0000001"}, "has more than six decimals"),
    ({"DAILIES_CHECK_INTERVAL_S": "0"}, "DAILIES_CHECK_INTERVAL_S must be at least 0.2"),
    ({"DAILIES_CHECK_INTERVAL_S": "soon"}, "DAILIES_CHECK_INTERVAL_S is not a number"),
    ({"DAILIES_MIN_FREE_BYTES": "much"}, "DAILIES_MIN_FREE_BYTES is not a size"),
    ({"DAILIES_ADMINS": "@ada"}, "DAILIES_ADMINS takes Slack ids"),
    ({"DAILIES_CHANNELS": "#general"}, "DAILIES_CHANNELS takes Slack ids"),
    ({"DAILIES_MEDIA_HOSTS": "https://cdn.x.com"}, "DAILIES_MEDIA_HOSTS lists something"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be one of"),
    ({"DAILIES_BUDGET": "3"}, "DAILIES_BUDGET is not a setting"),
    ({"DAILIES_ADMIN": "U123"}, "did you mean DAILIES_ADMINS?"),
    ({"SLACK_BOT_TOKN": "x"}, "did you mean SLACK_BOT_TOKEN?"),
    ({"HEYGEN_APIKEY": "x"}, "did you mean HEYGEN_API_KEY?"),
)

RIGHT: tuple[dict[str, str | None], ...] = (
    {"SLACK_APP_TOKEN": None, "SLACK_SIGNING_SECRET": "0123456789abcdef"},
    {"HEYGEN_API_KEY": None, "FAL_KEY": "1a2b3c:4d5e6f"},
    {"SLACK_API_URL": "http://127.0.0.1:8080/api/", "HEYGEN_API_URL": "http://vendors:9000"},
    {"FAL_QUEUE_URL": "http://[::1]:9", "FAL_REST_URL": "http://10.0.0.8:9"},
    {"SLACK_BOT_TOKEN": "xoxb-test-bot", "HEYGEN_API_KEY": "test"},
    {"DATABASE_URL": "sqlite:////var/lib/dailies.sqlite3", "MEDIA_URL": "s3://bucket/x"},
    {"DAILIES_TIMEZONE": "Europe/Berlin", "DAILIES_MONTHLY_BUDGET_USD": "0"},
    {"SLACK_CLIENT_ID": "1.2", "SLACK_TEAM": "x", "TZ": "UTC"},
)


@pytest.fixture(autouse=True)
def good(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("typed", "sentence"), WRONG, ids=lambda case: str(case)[:60])
def test_a_wrong_setting_is_told_by_name(
    typed: dict[str, str | None], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _type(monkeypatch, typed)
    with pytest.raises(BadSettings) as refused:
        load(None)
    assert len(refused.value.problems) == 1, refused.value.problems
    assert sentence in refused.value.problems[0]


@pytest.mark.parametrize("typed", RIGHT, ids=str)
def test_a_right_setting_is_taken(
    typed: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _type(monkeypatch, typed)
    assert isinstance(load(None), Settings)


def test_all_problems_are_told_together_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    canaries = {name: f"canary-{name.lower()}" for name in map(str.upper, Settings.model_fields)}
    accepted = {
        *("HOST", "SLACK_SIGNING_SECRET", "DAILIES_MEDIA_HOSTS", "FAL_WEBHOOK_USER_ID"),
        *("HEYGEN_API_KEY", "HEYGEN_WEBHOOK_SECRET", "FAL_KEY", "RUNWARE_API_KEY"),
    }
    _type(monkeypatch, dict(canaries))
    with pytest.raises(BadSettings) as refused:
        load(None)
    text = told(refused.value.problems)
    assert {problem.split()[0] for problem in refused.value.problems} == set(canaries) - accepted
    assert "canary" not in text
    assert "canary" not in repr(refused.value)
    assert refused.value.__cause__ is None


def test_the_process_says_it_in_a_second_and_exits_78(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "SLACK_BOT_TOKEN": "xoxp-canary", "PORT": "canary"}
    ended = subprocess.run(
        (sys.executable, "-m", "bot", "run"),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert ended.returncode == 78
    assert ended.stdout == ""
    assert "SLACK_BOT_TOKEN holds a user token" in ended.stderr
    assert "PORT is not a whole number" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "canary" not in ended.stderr


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=4000\nLOG_FORMAT=json\n", "utf-8")
    monkeypatch.setenv("PORT", "5000")
    settings = load(file)
    assert (settings.port, settings.log_format) == (5000, LogFormat.JSON)


def test_blank_lines_of_the_example_are_settings_that_are_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _type(monkeypatch, dict.fromkeys(GOOD))
    blank = [f"{name.upper()}=" for name in Settings.model_fields if name.upper() not in GOOD]
    file = tmp_path / ".env"
    file.write_text("\n".join([*blank, *(f"{n}={v}" for n, v in GOOD.items()), ""]), "utf-8")
    monkeypatch.setenv("PORT", "")
    settings = load(file)
    assert settings.fal_key is None
    assert settings.dailies_monthly_budget_usd == 200
    assert load_places(file).database_url == "sqlite:///data/dailies.sqlite3"
    left_out = Settings.model_validate({name.lower(): value for name, value in GOOD.items()})
    assert settings.model_dump() == left_out.model_dump()


def test_a_misspelt_name_in_the_file_is_told_too(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DAILIES_TIMZONE=Europe/Berlin\n", "utf-8")
    with pytest.raises(BadSettings, match="did you mean DAILIES_TIMEZONE"):
        load(file)


def test_values_arrive_in_their_units(monkeypatch: pytest.MonkeyPatch) -> None:
    _type(
        monkeypatch,
        {
            "DAILIES_MONTHLY_BUDGET_USD": "49.50",
            "DAILIES_MIN_FREE_BYTES": "2GiB",
            "DAILIES_ADMINS": "U111, W222",
            "DAILIES_MEDIA_HOSTS": "CDN.example.com,.files.example",
            "SLACK_SIGNING_SECRET": "0a0a0a0a, 1b1b1b1b",
        },
    )
    settings = load(None)
    assert settings.dailies_monthly_budget_usd == Decimal("49.50")
    assert settings.monthly_budget_micro_usd == 49_500_000
    assert settings.dailies_min_free_bytes == 2 * 1024**3
    assert settings.dailies_admins == ("U111", "W222")
    assert settings.dailies_media_hosts == ("cdn.example.com", ".files.example")
    assert settings.signing_secrets == ("0a0a0a0a", "1b1b1b1b")


def test_secrets_are_listed_for_the_logs_and_masked_everywhere_else() -> None:
    settings = load(None)
    assert set(settings.secrets()) == set(GOOD.values())
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert not any(value in text for value in GOOD.values())


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(None).port = 1  # type: ignore[misc] # that is the point


def test_where_things_are_kept_is_known_without_any_key(monkeypatch: pytest.MonkeyPatch) -> None:
    _type(monkeypatch, dict.fromkeys(GOOD))
    assert load_places(None).database_url == "sqlite:///data/dailies.sqlite3"
    monkeypatch.setenv("DATABASE_URL", "nowhere")
    with pytest.raises(BadSettings, match="DATABASE_URL is not"):
        load_places(None)


def _type(monkeypatch: pytest.MonkeyPatch, typed: Mapping[str, str | None]) -> None:
    for name, value in typed.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
