"""What the app may do, read from its own manifest file: scopes, events, commands, shortcuts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]


@dataclass(frozen=True)
class Command:
    """A slash command. With `should_escape`, mentions and links arrive as control sequences."""

    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A shortcut; `kind` is `message` or `global`."""

    callback_id: str
    name: str
    kind: str


@dataclass(frozen=True)
class Manifest:
    """The parts of an app manifest that Slack enforces at run time (/reference/app-manifest)."""

    app_name: str = "App"
    bot_name: str = "app"
    scopes: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    commands: dict[str, Command] = field(default_factory=dict)
    shortcuts: dict[str, Shortcut] = field(default_factory=dict)
    home_tab: bool = False
    messages_tab: bool = True
    socket_mode: bool = True
    raw: Json = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Manifest:
        """Read a YAML or JSON manifest. Errors: OSError, yaml.YAMLError, KeyError."""
        return cls.parse(yaml.safe_load(path.read_text(encoding="utf-8")))

    @classmethod
    def parse(cls, raw: Json) -> Manifest:
        """Take the parts out of a manifest object. Errors: KeyError on a broken one."""
        features, settings = raw.get("features") or {}, raw.get("settings") or {}
        home = features.get("app_home") or {}
        name = raw["display_information"]["name"]
        scopes = (raw.get("oauth_config") or {}).get("scopes") or {}
        return cls(
            app_name=name,
            bot_name=(features.get("bot_user") or {}).get("display_name", name),
            scopes=frozenset([*(scopes.get("bot") or []), *(scopes.get("bot_optional") or [])]),
            events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or []),
            commands=_commands(features),
            shortcuts=_shortcuts(features),
            home_tab=bool(home.get("home_tab_enabled")),
            messages_tab=bool(home.get("messages_tab_enabled", True))
            and not home.get("messages_tab_read_only_enabled"),
            socket_mode=bool(settings.get("socket_mode_enabled")),
            raw=raw,
        )


def _commands(features: Json) -> dict[str, Command]:
    return {
        entry["command"]: Command(
            entry["command"],
            entry.get("description", ""),
            entry.get("usage_hint", ""),
            bool(entry.get("should_escape")),
        )
        for entry in features.get("slash_commands") or []
    }


def _shortcuts(features: Json) -> dict[str, Shortcut]:
    return {
        entry["callback_id"]: Shortcut(entry["callback_id"], entry["name"], entry["type"])
        for entry in features.get("shortcuts") or []
    }
