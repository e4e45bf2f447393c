"""Who is who: `auth.test`, `users.info`, `bots.info`, `team.info`, and opening a socket.

Sources: docs.slack.dev/reference/methods/*
"""

from __future__ import annotations

from typing import Any

from sandbox.slack.calls import Call
from sandbox.slack.errors import SlackError
from sandbox.slack.shapes import user_shape

Json = dict[str, Any]


async def api_test(call: Call) -> Json:
    """Echo the arguments."""
    if error := call.text("error"):
        raise SlackError(error)
    return {"args": {name: value for name, value in call.args.items() if name != "token"}}


async def auth_test(call: Call) -> Json:
    """Whose token this is."""
    world = call.workspace.world
    return {
        "url": f"https://{world.team['domain']}.slack.com/",
        "team": world.team["name"],
        "user": world.bot.name,
        "team_id": world.team["id"],
        "user_id": world.bot.id,
        "bot_id": world.bot_id,
        "is_enterprise_install": False,
    }


async def open_socket(call: Call) -> Json:
    """`apps.connections.open`: a one-use WebSocket address."""
    workspace = call.workspace
    if not workspace.manifest.socket_mode or workspace.options.transport != "socket":
        raise SlackError("forbidden_socket_mode")
    base = call.workspace.base_url.replace("http", "ws", 1)
    ticket = call.workspace.sockets.ticket()
    return {"url": f"{base}/link/?ticket={ticket}&app_id={call.workspace.world.app_id}"}


async def user_info(call: Call) -> Json:
    """`users.info`."""
    return {"user": user_shape(call.workspace.world, call.user())}


async def user_list(call: Call) -> Json:
    """`users.list`: everybody, on one page."""
    world = call.workspace.world
    members = [user_shape(world, user) for user in world.users.values()]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


async def bot_info(call: Call) -> Json:
    """`bots.info`. Errors: bot_not_found."""
    world = call.workspace.world
    if call.text("bot", world.bot_id) != world.bot_id:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": world.bot_id,
            "deleted": False,
            "name": world.app_name,
            "updated": 1_700_000_000,
            "app_id": world.app_id,
            "user_id": world.bot.id,
        }
    }


async def team_info(call: Call) -> Json:
    """`team.info`."""
    world = call.workspace.world
    return {"team": {**world.team, "email_domain": "", "icon": {"image_default": True}}}
