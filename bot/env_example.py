"""`.env.example`, printed from the settings themselves so that it cannot fall behind them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum

from pydantic import ByteSize
from pydantic.fields import FieldInfo

from bot.settings import GIB, Places, Settings

# Left open for a value; everything else shows its default behind a `#`.
_ASKED = ("heygen_api_key", "fal_key", "runware_api_key", "slack_bot_token", "slack_app_token")
_HEAD = """\
# Settings of Dailies. Copy this file to .env and fill in the first lines; a line that begins
# with # keeps its default, and one that stays blank is not set. `bin/run doctor` says what is
# still missing. Made by `bin/run env-example > .env.example`.
"""


def env_example() -> str:
    """The whole file: every setting once, with its comment and its default."""
    fields = Settings.model_fields
    names = sorted(fields, key=lambda name: (name not in _ASKED, name in Places.model_fields))
    return _HEAD + "".join(f"\n{block}" for name in names for block in _block(name, fields[name]))


def _block(name: str, field: FieldInfo) -> Iterator[str]:
    comment = "".join(f"# {line}\n" for line in (field.description or "").splitlines())
    is_open = name in _ASKED
    value = "" if field.is_required() else _written(field.default)
    yield f"{comment}{'' if is_open else '#'}{name.upper()}={value}\n"


def _written(default: object) -> str:
    match default:
        case None | ():
            return ""
        case ByteSize():
            return f"{default // GIB}GiB"
        case Enum():
            return str(default.value)
        case float() | Decimal():
            return f"{default:g}" if isinstance(default, float) else str(default)
        case _:
            return str(default)
