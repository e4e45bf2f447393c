"""`chat.*`: posting, updating, whispering, deleting.

Sources: docs.slack.dev/reference/methods/chat.*, slack.md section 1.9.
"""

from __future__ import annotations

import copy
from typing import Any

from sandbox.slack import blocks, wording
from sandbox.slack.calls import Call
from sandbox.slack.errors import SlackError, invalid_blocks, missing_field
from sandbox.slack.shapes import bot_author
from sandbox.slack.world import Channel

Json = dict[str, Any]
TEXT_CHARACTERS = 40_000
UPDATE_CHARACTERS = 4_000
MARKDOWN_CHARACTERS = 12_000
METADATA_CHARACTERS = 16_000  # metadata_too_large; the true limit is not published (?)
ATTACHMENTS = 100
NO_REPLIES = ("channel_join", "channel_leave", "tombstone")


async def post_message(call: Call) -> Json:
    """Post to a channel, thread or DM."""
    channel = _posting_channel(call)
    content = _content(call)
    thread_ts = reply_thread(call, channel)
    if thread_ts:
        content["thread_ts"] = thread_ts
        if call.flag("reply_broadcast"):
            content["subtype"] = "thread_broadcast"
    if metadata := _metadata(call):
        content["metadata"] = metadata
    message = call.workspace.world.post(channel, {**bot_author(call.workspace.world), **content})
    return {"channel": channel.id, "ts": message["ts"], "message": copy.deepcopy(message)}


def _posting_channel(call: Call) -> Channel:
    channel = call.channel()
    world, manifest = call.workspace.world, call.workspace.manifest
    if channel.kind == "im" and not manifest.messages_tab:
        raise SlackError("messages_tab_disabled")
    if world.bot.id not in channel.members and "chat:write.public" not in manifest.scopes:
        raise SlackError("not_in_channel")
    return channel


def _content(call: Call) -> Json:
    """Text (cut at 40,000 characters), blocks, attachments. Errors: no_text and the block ones."""
    text, markdown = call.text("text"), call.text("markdown_text")
    given_blocks = call.blocks()
    attachments = _attachments(call)
    if markdown and (text or given_blocks):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MARKDOWN_CHARACTERS:
        raise SlackError("msg_too_long")
    text = text or markdown
    if not (text.strip() or given_blocks or attachments):
        raise SlackError("no_text")
    content: Json = {"text": wording.posted(text[:TEXT_CHARACTERS])}
    if given_blocks:
        content["blocks"] = given_blocks
    if attachments:
        content["attachments"] = attachments
    return content


def _attachments(call: Call) -> list[Json]:
    attachments = call.structure("attachments", "invalid_attachments") or []
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for attachment in attachments:
        if problems := blocks.inspect_message(
            attachment.get("blocks") or [], call.workspace.look("message")
        ):
            raise invalid_blocks(problems)
    return attachments


def reply_thread(call: Call, channel: Channel) -> str | None:
    """The thread to reply in. Errors: thread_not_found (?), cannot_reply_to_message.

    Slack says never to use a reply's `ts`; here it is refused instead of going astray.
    """
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    parent = channel.messages.get(thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    is_reply = parent.get("thread_ts", thread_ts) != thread_ts
    if is_reply or (parent.get("subtype") in NO_REPLIES and "reply_count" not in parent):
        raise SlackError("cannot_reply_to_message")
    return thread_ts


def _metadata(call: Call) -> Json | None:
    """`{event_type, event_payload}`, /messaging/message-metadata."""
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
        or set(metadata) - {"event_type", "event_payload", "entities"}
    ):
        raise SlackError("invalid_metadata_format")
    if len(str(metadata)) > METADATA_CHARACTERS:
        raise SlackError("metadata_too_large")
    return metadata


async def update(call: Call) -> Json:
    """Replace an own message. Text alone removes the blocks; metadata stays unless given."""
    channel = call.channel()
    ts = call.need("ts")
    message = channel.messages.get(ts)
    if message is None or message.get("subtype") == "tombstone":
        raise SlackError("message_not_found")
    world = call.workspace.world
    if message.get("bot_id") != world.bot_id:
        raise SlackError("cant_update_message")
    if len(call.text("text")) > UPDATE_CHARACTERS:
        raise SlackError("msg_too_long")
    new: Json = {"blocks": None, "attachments": None, **_new_content(call)}
    if not new["blocks"]:
        new["edited"] = {"user": world.bot.id, "ts": world.clock.ts()}
    if call.flag("reply_broadcast") and message.get("thread_ts", ts) != ts:
        new["subtype"] = "thread_broadcast"
        new["root"] = copy.deepcopy(channel.messages[message["thread_ts"]])
    if metadata := _metadata(call):
        new["metadata"] = metadata
    changed = world.change(channel, ts, new)
    return {
        "channel": channel.id,
        "ts": ts,
        "text": changed["text"],
        "message": copy.deepcopy(changed),
    }


def _new_content(call: Call) -> Json:
    file_ids = call.structure("file_ids", "invalid_arguments")
    if not file_ids:
        return _content(call)
    shapes = []
    for file_id in file_ids:
        file = call.workspace.files.get(file_id)
        if file is None or not file.complete:
            raise SlackError("file_not_found")
        shapes.append(call.workspace.files.shape(file))
    return {"text": wording.posted(call.text("text")), "blocks": call.blocks(), "files": shapes}


async def delete(call: Call) -> Json:
    """Delete an own message."""
    channel = call.channel()
    ts = call.need("ts")
    message = channel.messages.get(ts)
    if message is None or message.get("subtype") == "tombstone":
        raise SlackError("message_not_found")
    if message.get("bot_id") != call.workspace.world.bot_id:
        raise SlackError("cant_delete_message")
    call.workspace.world.delete(channel, ts)
    return {"channel": channel.id, "ts": ts}


async def post_ephemeral(call: Call) -> Json:
    """Whisper to one person who is in the channel."""
    channel = call.own_channel()
    user = call.user()
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(call)
    if thread_ts := reply_thread(call, channel):
        content["thread_ts"] = thread_ts
    world = call.workspace.world
    message = world.whisper(channel, user.id, {**bot_author(world), **content})
    return {"message_ts": message["ts"]}


async def get_permalink(call: Call) -> Json:
    """The link to a message."""
    channel = call.channel()
    if not call.text("message_ts"):
        raise missing_field("message_ts")
    message = channel.messages.get(call.text("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": call.workspace.permalink(channel, message)}


async def add_reaction(call: Call) -> Json:
    """`reactions.add`: one emoji on a message, once."""
    channel = call.own_channel()
    message = channel.messages.get(call.need("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    name, bot = call.need("name").strip(":"), call.workspace.world.bot.id
    reactions = copy.deepcopy(message.get("reactions", []))
    for reaction in reactions:
        if reaction["name"] == name:
            if bot in reaction["users"]:
                raise SlackError("already_reacted")
            reaction["users"].append(bot)
            reaction["count"] += 1
            break
    else:
        reactions.append({"name": name, "users": [bot], "count": 1})
    call.workspace.world.change(channel, message["ts"], {"reactions": reactions}, silent=True)
    return {}
