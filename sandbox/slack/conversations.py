"""`conversations.*`: what the bot may read.

Sources: docs.slack.dev/reference/methods/conversations.*
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.slack.calls import SCOPE_WORDS, Call, missing_scope
from sandbox.slack.errors import SlackError
from sandbox.slack.shapes import channel_shape
from sandbox.slack.world import Channel

Json = dict[str, Any]
HISTORY_LIMIT, REPLIES_LIMIT, LIST_LIMIT = 999, 1000, 1000
TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


async def describe(call: Call) -> Json:
    """`conversations.info`."""
    channel = call.channel()
    call.need_scope(channel, "read")
    shape = channel_shape(call.workspace.world, channel)
    if call.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    return {"channel": shape}


async def history(call: Call) -> Json:
    """Top-level messages and broadcasts, newest first."""
    channel = call.own_channel()
    call.need_scope(channel, "history")
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    inclusive = call.flag("inclusive")
    top = (
        message
        for message in reversed(channel.messages.values())
        if _is_top(message) and _within(message["ts"], oldest, latest, inclusive=inclusive)
    )
    page, cursor = _page(call, top, default=100, most=HISTORY_LIMIT)
    return {
        "messages": [_readable(call, message) for message in page],
        "has_more": bool(cursor),
        "pin_count": 0,
        **_cursor(cursor),
    }


def _is_top(message: Json) -> bool:
    thread_ts = message.get("thread_ts", message["ts"])
    return bool(thread_ts == message["ts"] or message.get("subtype") == "thread_broadcast")


def _within(ts: str, oldest: str, latest: str, *, inclusive: bool) -> bool:
    if inclusive and ts in (oldest, latest):
        return True
    return float(ts) > float(oldest or 0) and (not latest or float(ts) < float(latest))


async def replies(call: Call) -> Json:
    """A thread, its parent first, then the replies, oldest first."""
    channel = call.own_channel()
    call.need_scope(channel, "history")
    ts = call.need("ts")
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError("thread_not_found")
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    inclusive = call.flag("inclusive")
    thread = (channel.messages[reply] for reply in channel.replies.get(ts, []))
    wanted = (one for one in thread if _within(one["ts"], oldest, latest, inclusive=inclusive))
    everything = itertools.chain([message], wanted)
    page, cursor = _page(call, everything, default=REPLIES_LIMIT, most=REPLIES_LIMIT)
    shown = [_readable(call, one) for one in page]
    return {"messages": shown, "has_more": bool(cursor), **_cursor(cursor)}


def _readable(call: Call, message: Json) -> Json:
    shown = copy.deepcopy(message)
    if not call.flag("include_all_metadata"):
        shown.pop("metadata", None)
    return shown


def _page(call: Call, found: Iterable[Json], *, default: int, most: int) -> tuple[list[Json], str]:
    """One page and the cursor of the next. Errors: SlackError invalid_limit, invalid_cursor."""
    limit = call.number("limit", default)
    if not 1 <= limit <= most:
        raise SlackError("invalid_limit")
    start = _start(call.text("cursor"))
    rest: Iterator[Json] = itertools.islice(found, start, None)
    page = list(itertools.islice(rest, limit))
    more = next(rest, None) is not None
    return page, f"from:{start + limit}" if more else ""


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    word, _, number = cursor.partition(":")
    if word != "from" or not number.isdecimal():
        raise SlackError("invalid_cursor")
    return int(number)


def _cursor(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}


async def members(call: Call) -> Json:
    """User ids in a conversation."""
    channel = call.channel()
    call.need_scope(channel, "read")
    ids = [{"id": user} for user in sorted(channel.members)]
    page, cursor = _page(call, ids, default=100, most=LIST_LIMIT)
    return {"members": [one["id"] for one in page], **_cursor(cursor)}


async def open_dm(call: Call) -> Json:
    """`conversations.open`: the bot's DM with one person; group DMs are not built here."""
    if call.text("channel"):
        channel = call.channel()
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    users = [user for user in call.need("users").split(",") if user]
    if len(users) != 1:
        call.workspace.traffic.record(
            "in", "bot", "POST", "/api/conversations.open", note="NOT BUILT: group DMs"
        )
        raise SlackError("method_not_supported_for_channel_type")
    opened = call.workspace.world.dm_with_bot(users[0])
    if opened is None:
        raise SlackError("user_not_found")
    shape = channel_shape(call.workspace.world, opened)
    channel_json = shape if call.flag("return_im") else {"id": opened.id}
    return {"no_op": True, "already_open": True, "channel": channel_json}


async def list_channels(call: Call) -> Json:
    """Conversations the bot may know of, by `types`."""
    kinds = _kinds(call)
    found = [
        channel_shape(call.workspace.world, channel)
        for channel in call.workspace.world.channels.values()
        if channel.kind in kinds and _is_known(call, channel)
    ]
    page, cursor = _page(call, found, default=100, most=LIST_LIMIT)
    return {"channels": page, **_cursor(cursor)}


def _kinds(call: Call) -> set[str]:
    kinds: set[str] = set()
    for word in call.text("types", "public_channel").split(","):
        kind = TYPES.get(word.strip())
        if kind is None:
            raise SlackError("invalid_types")
        scope = f"{SCOPE_WORDS.get(kind, 'mpim')}:read"
        if scope not in call.workspace.manifest.scopes:
            raise missing_scope(call.workspace, scope)
        kinds.add(kind)
    return kinds


def _is_known(call: Call, channel: Channel) -> bool:
    return channel.kind == "public" or call.workspace.world.bot.id in channel.members
