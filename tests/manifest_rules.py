"""What Slack accepts as an app manifest, as far as ours goes.

The schema's lengths, patterns and closed objects are those of slackapi/manifest-schema (v2, MIT)
and docs.slack.dev/reference/app-manifest; scopes and events are not in that schema, so the ones
that exist are listed from docs.slack.dev/reference/scopes and /reference/events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

NAME_MAX_CHARS = 35
SHORTCUTS_MAX = 10
COMMANDS_MAX = 50
EVENTS_MAX = 100
SCOPES_MAX = 255


def _closed(properties: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(required),
    }


def _text(longest: int, shortest: int = 1, **more: Any) -> Schema:
    return {"type": "string", "minLength": shortest, "maxLength": longest, **more}


def _list(items: Schema, longest: int) -> Schema:
    return {"type": "array", "items": items, "maxItems": longest, "uniqueItems": True}


BOOLEAN: Schema = {"type": "boolean"}
URL: Schema = _text(3000, pattern=r"^https://")

DISPLAY = _closed(
    {
        "name": _text(NAME_MAX_CHARS),
        "description": _text(140),
        "long_description": _text(4000, 175),
        "background_color": {"type": "string", "pattern": r"^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"},
    },
    required=("name",),
)
COMMAND = _closed(
    {
        "command": _text(32, 2, pattern=r"^/[^\s]+$"),
        "description": _text(2000),
        "usage_hint": _text(1000),
        "should_escape": BOOLEAN,
        "url": URL,
    },
    required=("command", "description"),
)
SHORTCUT = _closed(
    {
        "name": _text(24),
        "callback_id": _text(255),
        "description": _text(150),
        "type": {"enum": ["message", "global"]},
    },
    required=("name", "callback_id", "description", "type"),
)
FEATURES = _closed(
    {
        "app_home": _closed(
            {
                "home_tab_enabled": BOOLEAN,
                "messages_tab_enabled": BOOLEAN,
                "messages_tab_read_only_enabled": BOOLEAN,
            }
        ),
        # The schema takes any 80 characters; the documentation allows only these.
        "bot_user": _closed(
            {"display_name": _text(80, pattern=r"^[a-z0-9._-]+$"), "always_online": BOOLEAN},
            required=("display_name",),
        ),
        "shortcuts": _list(SHORTCUT, SHORTCUTS_MAX),
        "slash_commands": _list(COMMAND, COMMANDS_MAX),
    }
)
SETTINGS = _closed(
    {
        "event_subscriptions": _closed(
            {"bot_events": _list({"type": "string"}, EVENTS_MAX), "request_url": URL}
        ),
        "interactivity": _closed(
            {"is_enabled": BOOLEAN, "request_url": URL, "message_menu_options_url": URL},
            required=("is_enabled",),
        ),
        "org_deploy_enabled": BOOLEAN,
        "socket_mode_enabled": BOOLEAN,
        "token_rotation_enabled": BOOLEAN,
    }
)
MANIFEST: Schema = _closed(
    {
        "_metadata": _closed({"major_version": {"enum": [1, 2]}, "minor_version": {}}),
        "display_information": DISPLAY,
        "features": FEATURES,
        "oauth_config": _closed(
            {"scopes": _closed({"bot": _list({"type": "string"}, SCOPES_MAX)})}
        ),
        "settings": SETTINGS,
    },
    required=("display_information",),
)

# Every bot scope that an app like ours could want.
SCOPES = frozenset(
    (
        *("app_mentions:read", "assistant:write", "bookmarks:read", "bookmarks:write"),
        *("calls:read", "calls:write", "canvases:read", "canvases:write", "channels:history"),
        *("channels:join", "channels:manage", "channels:read", "chat:write"),
        *("chat:write.customize", "chat:write.public", "commands", "conversations.connect:read"),
        *("emoji:read", "files:read", "files:write", "groups:history", "groups:read"),
        *("groups:write", "im:history", "im:read", "im:write", "incoming-webhook"),
        *("links.embed:write", "links:read", "links:write", "metadata.message:read"),
        *("mpim:history", "mpim:read", "mpim:write", "pins:read", "pins:write"),
        *("reactions:read", "reactions:write", "reminders:read", "reminders:write"),
        *("remote_files:read", "remote_files:share", "remote_files:write", "team:read"),
        *("usergroups:read", "usergroups:write", "users.profile:read", "users:read"),
        *("users:read.email", "users:write", "workflow.steps:execute"),
    )
)
# Event -> the scope without which Slack never sends it ("" for none).
EVENTS: Mapping[str, str] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "file_shared": "files:read",
    "link_shared": "links:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "tokens_revoked": "",
}
# Why each scope is asked for. A scope that is not in this table is not asked for.
REVIEWED: Mapping[str, str] = {
    "app_mentions:read": "@Dailies with an attached image starts a shot",
    "channels:history": "thread replies in public channels; finding our own post again",
    "channels:read": "is Dailies a member of this channel",
    "chat:write": "cards, take messages, edits, quiet notices",
    "commands": "/video and the shortcut",
    "files:read": "reference images; whether our upload was shared",
    "files:write": "finished videos in the thread",
    "groups:history": "thread replies in private channels",
    "groups:read": "is Dailies a member of this private channel",
    "im:history": "replies in Dailies' own conversation",
    "im:read": "whose conversation it is",
    "im:write": "a direct message where a response_url has ended",
    "users:read": "who owns the workspace and may cancel anything",
}
