"""The kinds of setting there are: a type each, which says what may be typed."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from bot import setting_rules as rules

T = TypeVar("T")

Said = BeforeValidator(rules.said)
Key = Annotated[SecretStr, BeforeValidator(rules.secret), Said]
BotToken = Annotated[SecretStr, BeforeValidator(rules.slack_token("xoxb-")), Said]
AppToken = Annotated[SecretStr, BeforeValidator(rules.slack_token("xapp-")), Said]
SigningSecret = Annotated[SecretStr, BeforeValidator(rules.signing_secret), Said]
EncryptionKey = Annotated[SecretStr, BeforeValidator(rules.encryption_key), Said]
Url = Annotated[str, AfterValidator(rules.api_url), Said]
SecretUrl = Annotated[SecretStr, BeforeValidator(rules.secret_url), Said]
Listed = Annotated[tuple[T, ...], NoDecode, BeforeValidator(rules.listed), Said]
