"""The JSON shapes of people, channels, teams and the bot, as the Web API returns them."""

from __future__ import annotations

from typing import Any

from sandbox.slack.world import Channel, User, World

Json = dict[str, Any]


def user_shape(world: World, user: User) -> Json:
    """A user object, /reference/objects/user-object."""
    profile = {
        "real_name": user.real_name,
        "display_name": user.name,
        "real_name_normalized": user.real_name,
        "display_name_normalized": user.name,
        "team": world.team["id"],
        **({"bot_id": world.bot_id, "api_app_id": world.app_id} if user.is_bot else {}),
    }
    return {
        "id": user.id,
        "team_id": world.team["id"],
        "name": user.name,
        "deleted": False,
        "real_name": user.real_name,
        "tz": "Europe/Amsterdam",
        "tz_label": "Central European Time",
        "tz_offset": 3600,
        "profile": profile,
        "is_admin": user.is_admin,
        "is_owner": user.is_admin,
        "is_primary_owner": user.is_admin,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }


def channel_shape(world: World, channel: Channel) -> Json:
    """A conversation object, /reference/objects/conversation-object, as the bot sees it."""
    if channel.kind == "im":
        other = next(iter(channel.members - {world.bot.id}))
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "user": other,
            "is_user_deleted": False,
            "priority": 0,
            "context_team_id": world.team["id"],
        }
    topic = {"value": "", "creator": "", "last_set": 0}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "created": channel.created,
        "creator": channel.creator,
        "is_archived": False,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "is_member": world.bot.id in channel.members,
        "topic": topic,
        "purpose": topic,
        "previous_names": [],
        "context_team_id": world.team["id"],
    }


def bot_profile(world: World) -> Json:
    """The `bot_profile` of an app's messages."""
    return {
        "id": world.bot_id,
        "app_id": world.app_id,
        "user_id": world.bot.id,
        "name": world.app_name,
        "deleted": False,
        "updated": 1_700_000_000,
        "team_id": world.team["id"],
    }


def bot_author(world: World) -> Json:
    """Who wrote a message posted with the bot token."""
    return {
        "user": world.bot.id,
        "bot_id": world.bot_id,
        "app_id": world.app_id,
        "bot_profile": bot_profile(world),
    }


def payload_user(world: World, user_id: str) -> Json:
    """`user` of interactivity payloads."""
    user = world.users[user_id]
    return {
        "id": user.id,
        "username": user.name,
        "name": user.name,
        "team_id": world.team["id"],
    }


def payload_channel(channel: Channel) -> Json:
    """`channel` of interactivity payloads; DMs are called `directmessage`."""
    if channel.kind == "im":
        return {"id": channel.id, "name": "directmessage"}
    return {"id": channel.id, "name": "privategroup" if channel.kind == "private" else channel.name}
