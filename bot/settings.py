"""Settings: what an operator can say before the bot starts, checked as a whole.

They come from the environment and from `.env` in the project's root (the environment wins).
Everything that is wrong is told at once, by name and never by value, so that a start is repaired
in one round. `.env.example` and the README's table are printed from the descriptions below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    SettingsConfigDict,
)

from bot import setting_rules as rules
from bot.setting_types import AppToken, BotToken, EncryptionKey, Listed, Said, SigningSecret, Url
from bot.vendor_settings import VendorSettings

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"
MICRO = 1_000_000
GIB = 1024**3

# Ours alone: an unknown name in this family is a mistake for certain.
_OWN_PREFIX = "DAILIES_"
_FAMILIES = (_OWN_PREFIX, "SLACK_", "HEYGEN_", "FAL_", "RUNWARE_", "DATABASE_", "MEDIA_", "LOG_")
_TYPO_CUTOFF = 0.86

T = TypeVar("T")
E = TypeVar("E", bound=BaseSettings)


class LogFormat(StrEnum):
    """How log lines look. `auto` is console on a terminal and JSON elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class Places(BaseModel):
    """Where rows and videos are kept: all that `migrate` and `executions` need."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="forbid")

    database_url: Annotated[str, AfterValidator(rules.database_url), Said] = Field(
        "sqlite:///data/dailies.sqlite3",
        description="The database: sqlite:///FILE, relative to where the bot is started.",
    )
    media_url: Annotated[str, AfterValidator(rules.media_url), Said] = Field(
        "file:data/media", description="Where videos are kept: file:FOLDER, or a bucket s3://…"
    )


class Settings(VendorSettings, Places):
    """Every setting, under its own name in lower case. Made by `load`, or with values in tests."""

    slack_bot_token: BotToken = Field(
        description="Slack's *OAuth & Permissions* page, after *Install to Workspace*: xoxb-…"
    )
    slack_app_token: AppToken | None = Field(
        None,
        description="*Basic Information* > *App-Level Tokens*, scope connections:write: xapp-…\n"
        "Turns Socket Mode on, which needs no public address.",
    )
    slack_signing_secret: SigningSecret | None = Field(
        None,
        description="*Basic Information* > *App Credentials*. Needed without SLACK_APP_TOKEN, for\n"
        "requests at /slack/events. Two with a comma between while it is rotated.",
    )
    slack_api_url: Url = Field(
        "https://slack.com/api/", description="Where Slack's Web API is; another one for tests."
    )
    host: Annotated[str, Said] = Field(
        "127.0.0.1", description="The address our own web server listens on."
    )
    port: Annotated[int, Field(ge=0, le=65_535), Said] = Field(
        3000, description="Its port: /healthz, /readyz, /metrics, and /slack/events."
    )
    public_url: Annotated[str, AfterValidator(rules.public_url), Said] | None = Field(
        None,
        description="Our own public address, https://…: vendors tell there what has ended.\n"
        "Needs ENCRYPTION_KEY. Without it the vendors are asked, which is enough.",
    )
    encryption_key: EncryptionKey | None = Field(
        None,
        description="32 random bytes in base64, which nobody else knows:\n"
        'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"',
    )
    dailies_media_hosts: Annotated[Listed[str], AfterValidator(rules.hosts)] = Field(
        (), description="Further hosts that finished videos may come from, with commas between."
    )
    dailies_admins: Annotated[Listed[str], AfterValidator(rules.slack_ids("UW", "U0123ABCD"))] = (
        Field((), description="User ids who may cancel anything. Empty: workspace owners.")
    )
    dailies_channels: Annotated[
        Listed[str], AfterValidator(rules.slack_ids("CGD", "C0123ABCD"))
    ] = Field((), description="Channel ids where the bot may be used. Empty: everywhere.")
    dailies_timezone: Annotated[str, AfterValidator(rules.timezone), Said] = Field(
        "UTC", description="The time zone in which a budget's month begins: Europe/Berlin."
    )
    dailies_monthly_budget_usd: Annotated[Decimal, BeforeValidator(rules.money), Said] = Field(
        Decimal(200), description="Dollars a month, a hard stop. 0 spends nothing."
    )
    dailies_check_interval_s: Annotated[float, Field(ge=0.2, le=600), Said] = Field(
        10.0, description="Seconds between checks of a render whose usual time is not known yet."
    )
    dailies_min_free_bytes: Annotated[ByteSize, Said] = Field(
        ByteSize(5 * GIB), description="No new work below this much free disk: 5GiB, or bytes."
    )
    log_format: Annotated[LogFormat, Said] = Field(
        LogFormat.AUTO, description="auto (console on a terminal, else JSON), console or json."
    )

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The signing secrets that are accepted: two while one replaces the other."""
        value = self.slack_signing_secret
        return () if value is None else tuple(rules.split_secrets(value.get_secret_value()))

    @property
    def monthly_budget_micro_usd(self) -> int:
        """The month's hard stop in micro-dollars."""
        return int(self.dailies_monthly_budget_usd * MICRO)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value in use, so that logs can hide it wherever it turns up."""
        values = (getattr(self, name) for name in type(self).model_fields)
        keys = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        return tuple(dict.fromkeys((*keys, *self.signing_secrets)))


class BadSettings(Exception):
    """The bot cannot start like this. `problems` are sentences; the exit status is 78."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


# A blank line of `.env.example` that nobody filled in is a setting that is not set.
_FROM_ENVIRONMENT = SettingsConfigDict(
    frozen=True,
    hide_input_in_errors=True,
    extra="ignore",
    env_file_encoding="utf-8",
    env_ignore_empty=True,
)


class _Environment(Settings, BaseSettings):
    """The same settings, read from the environment and a `.env` file."""

    model_config = _FROM_ENVIRONMENT


class _PlacesEnvironment(Places, BaseSettings):
    """The same, for commands that need no key."""

    model_config = _FROM_ENVIRONMENT


def load(env_file: Path | None = ENV_FILE) -> Settings:
    """The settings of this process. Raises `BadSettings` with every problem at once."""
    settings, problems = _read(_Environment, env_file)
    typed = _typed(env_file)
    problems += [*_missing_together(typed), *_unknown(typed)]
    if problems or settings is None:
        raise BadSettings(tuple(problems))
    return settings


def load_places(env_file: Path | None = ENV_FILE) -> Places:
    """Only where things are kept. Raises `BadSettings`."""
    places, problems = _read(_PlacesEnvironment, env_file)
    if places is None:
        raise BadSettings(tuple(problems))
    return places


def _read(model: type[E], env_file: Path | None) -> tuple[E | None, list[str]]:
    try:
        return model(_env_file=env_file), []
    except ValidationError as error:
        return None, sentences(error)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings((f"{env_file} cannot be read: {type(error).__name__}",)) from None


def sentences(error: ValidationError) -> list[str]:
    """What is wrong with the values, one sentence each. Never the values themselves."""
    return [_sentence(problem) for problem in error.errors(include_input=False)]


def told(problems: tuple[str, ...]) -> str:
    """All problems as a person reads them on a terminal."""
    count = "One setting is" if len(problems) == 1 else f"{len(problems)} settings are"
    lines = "\n".join(f"  * {problem}" for problem in problems)
    return (
        f"{count} not right, so the bot did not start:\n{lines}\n"
        f"Settings come from the environment and from {ENV_FILE.name}; "
        ".env.example explains each."
    )


def _typed(env_file: Path | None) -> Mapping[str, str]:
    """What was typed, blank lines left out, by upper-case name, before any check. Never logged."""
    file = DotEnvSettingsSource(_Environment, env_file=env_file).env_vars if env_file else {}
    merged = {**file, **EnvSettingsSource(_Environment).env_vars}
    return {name.upper(): value for name, value in merged.items() if value is not None}


def _missing_together(typed: Mapping[str, str]) -> Iterator[str]:
    if not {"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"} & typed.keys():
        yield (
            "SLACK_APP_TOKEN is missing (for Socket Mode; SLACK_SIGNING_SECRET instead for HTTP "
            "requests at /slack/events)"
        )
    if "PUBLIC_URL" in typed and "ENCRYPTION_KEY" not in typed:
        yield "ENCRYPTION_KEY is missing: with PUBLIC_URL it signs the addresses of our webhooks"
    if not {"HEYGEN_API_KEY", "FAL_KEY", "RUNWARE_API_KEY"} & typed.keys():
        yield (
            "HEYGEN_API_KEY, FAL_KEY or RUNWARE_API_KEY is missing: one vendor's key is needed to"
            " make videos"
        )


def _unknown(typed: Mapping[str, str]) -> Iterator[str]:
    """Names that nobody reads: a setting that is misspelt would be lost in silence."""
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(typed.keys() - set(known)):
        near = get_close_matches(name, known, n=1, cutoff=_TYPO_CUTOFF)
        if name.startswith(_OWN_PREFIX):
            near = near or get_close_matches(name, known, n=1)
            hint = f": did you mean {near[0]}?" if near else ": remove it"
            yield f"{name} is not a setting{hint}"
        elif near and name.startswith(_FAMILIES):
            yield f"{name} is not a setting: did you mean {near[0]}?"


def _sentence(problem: Any) -> str:
    """One of pydantic's findings in our words. Its own message may repeat the value."""
    name = str(problem["loc"][0]).upper()
    match problem["type"]:
        case "missing":
            field = Settings.model_fields[name.lower()]
            return f"{name} is missing. {(field.description or '').splitlines()[0]}"
        case "value_error":
            return f"{name} {problem['ctx']['error']}"
        case "literal_error" | "enum":
            return f"{name} must be one of {problem['ctx']['expected']}"
        case "greater_than_equal":
            return f"{name} must be at least {problem['ctx']['ge']:g}"
        case "less_than_equal":
            return f"{name} must be at most {problem['ctx']['le']:g}"
        case _:
            return f"{name} is not a {_kind(name)}"


def _kind(name: str) -> str:
    default = Settings.model_fields[name.lower()].default
    match default:
        case ByteSize():
            return "size, such as 5GiB or a number of bytes"
        case int():
            return "whole number"
        case float():
            return "number"
        case _:
            return "value this setting takes"
