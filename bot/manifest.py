"""The app manifest as JSON, for Slack's CLI and its *From an app manifest* page.

`manifest.yml` is written for Socket Mode. Over HTTP every door has an address, so that variant is
made from the same file (docs.slack.dev/reference/app-manifest).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT

MANIFEST = ROOT / "manifest.yml"
EVENTS_PATH = "/slack/events"

Json = dict[str, Any]


def read_manifest(path: Path = MANIFEST) -> Json:
    """The manifest as it is written. Raises `ValueError` where the file is no manifest."""
    read = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(read, dict) or "display_information" not in read:
        raise ValueError(f"{path.name} is not an app manifest")
    return read


def bot_scopes(manifest: Json) -> frozenset[str]:
    """What the app asks for."""
    return frozenset(manifest["oauth_config"]["scopes"]["bot"])


def over_http(manifest: Json, url: str) -> Json:
    """The same app, reached at `url` instead of through a socket. Raises `ValueError` for an
    address that Slack would not call."""
    if not url.startswith("https://") or len(url) <= len("https://"):
        raise ValueError("Slack calls only addresses that begin with https://")
    address = url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH
    features, settings = manifest["features"], manifest["settings"]
    commands = [{**command, "url": address} for command in features["slash_commands"]]
    return manifest | {
        "features": features | {"slash_commands": commands},
        "settings": settings
        | {
            "event_subscriptions": settings["event_subscriptions"] | {"request_url": address},
            "interactivity": settings["interactivity"]
            | {"request_url": address, "message_menu_options_url": address},
            "socket_mode_enabled": False,
        },
    }
