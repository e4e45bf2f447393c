"""`files.*`: the three steps of an upload, with the share that comes later.

Sources: docs.slack.dev/reference/methods/files.*, slack.md section 1.7.
"""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.slack import wording
from sandbox.slack.calls import Call
from sandbox.slack.chat import reply_thread
from sandbox.slack.errors import SlackError, missing_field
from sandbox.slack.files import StoredFile
from sandbox.slack.shapes import bot_author
from sandbox.slack.world import Channel

Json = dict[str, Any]
ALT_TEXT_CHARACTERS = 1000
FILE_BYTES = 1024**3  # only third parties say so (?)


async def get_upload_url(call: Call) -> Json:
    """`files.getUploadURLExternal`: an address for exactly `length` bytes."""
    name, length = call.need("filename"), call.number("length", 0)
    if length <= 0:
        raise missing_field("length")
    if length > FILE_BYTES:
        raise SlackError("file_upload_size_restricted")
    alt_text = call.text("alt_txt")
    if len(alt_text) > ALT_TEXT_CHARACTERS:
        raise SlackError("alt_txt_too_large")
    file = call.workspace.files.expect(name, length, call.workspace.world.bot.id)
    # slackapi/python-slack-sdk#1818 (open): with alt_txt the file is never shared
    file.never_shared = bool(alt_text)
    url = f"{call.workspace.base_url}/upload/v1/{file.upload_token}"
    return {"upload_url": url, "file_id": file.id}


async def complete_upload(call: Call) -> Json:
    """`files.completeUploadExternal`: says ok at once; the share happens later."""
    files = _named_files(call)
    channels = _channels(call)
    thread_ts = _one_thread(call, channels)
    for file, title in files:
        file.complete, file.title = True, title or file.title
        call.workspace.tell({"type": "file", "file": call.workspace.files.shape(file)})
    comment = call.text("initial_comment")
    given_blocks = None if comment else call.blocks()
    content: Json = {
        "text": wording.posted(comment),
        **({"blocks": given_blocks} if given_blocks else {}),
    }
    if thread_ts:
        content["thread_ts"] = thread_ts
    if not _is_lost(call, files):
        for channel in channels:
            call.workspace.later(
                _share(call, channel, files=[file for file, _ in files], content=content)
            )
    return {"files": [call.workspace.files.shape_with_shares(file) for file, _ in files]}


def _named_files(call: Call) -> list[tuple[StoredFile, str]]:
    named = call.structure("files", "invalid_arguments")
    if not isinstance(named, list) or not named:
        raise missing_field("files")
    found: list[tuple[StoredFile, str]] = []
    for one in named:
        file_id = one.get("id", "") if isinstance(one, dict) else ""
        file = call.workspace.files.get(file_id)
        if file is None or file.content is None or file.owner != call.workspace.world.bot.id:
            raise SlackError("file_not_found")
        found.append((file, str(one.get("title") or "")))
    return found


def _channels(call: Call) -> list[Channel]:
    wanted = call.text("channel_id") or call.text("channels")
    single = [
        Call(call.workspace, call.method, {"channel": one}) for one in wanted.split(",") if one
    ]
    return [one.own_channel() for one in single]


def _one_thread(call: Call, channels: list[Channel]) -> str | None:
    if not call.text("thread_ts"):
        return None
    if len(channels) != 1:
        raise SlackError("invalid_arguments", ["thread_ts needs exactly one channel"])
    return reply_thread(call, channels[0])


def _is_lost(call: Call, files: list[tuple[StoredFile, str]]) -> bool:
    """Ok is said and nothing is ever shared: a fault, or the alt_txt bug."""
    fault = call.workspace.faults.take(f"slack:{call.method}", "not_shared")
    lost = fault is not None or any(file.never_shared for file, _ in files)
    if lost:
        call.workspace.traffic.record("in", "bot", "POST", f"/api/{call.method}", note="not shared")
    return lost


async def _share(call: Call, channel: Channel, *, files: list[StoredFile], content: Json) -> None:
    """Sharing is asynchronous: Slack scans the file first (/messaging/working-with-files)."""
    await asyncio.sleep(call.workspace.options.share_delay_s)
    if content.get("thread_ts", "") not in {"", *channel.messages}:
        return
    message = {**bot_author(call.workspace.world), "upload": False, **content}
    call.workspace.files.share(channel, files, message)


async def describe(call: Call) -> Json:
    """`files.info`. Errors: file_not_found."""
    return {"file": call.workspace.files.shape_with_shares(_visible(call)), "comments": []}


async def delete(call: Call) -> Json:
    """`files.delete`: own files only. Errors: file_not_found, cant_delete_file."""
    file = _visible(call)
    if file.owner != call.workspace.world.bot.id:
        raise SlackError("cant_delete_file")
    call.workspace.files.delete(file)
    return {}


def _visible(call: Call) -> StoredFile:
    file = call.workspace.files.get(call.need("file"))
    if file is None or not call.workspace.files.app_may_see(file):
        raise SlackError("file_not_found")
    return file
