"""What Slack delivers, as far as a listener reads it: plain values out of its payloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.message import Message
from domain.shape import Image, Media
from storage.presses import Press

Payload = Mapping[str, Any]


def command_key(command: Payload) -> str:
    """A slash command's delivery: its `trigger_id` is unique."""
    return f"cmd:{command['team_id']}:{command['trigger_id']}"


def message_key(team_id: str, channel: str, ts: str) -> str:
    """A message or mention: both events of one message are one delivery."""
    return f"msg:{team_id}:{channel}:{ts}"


def press_of(body: Payload, at: float, *, by_admin: bool) -> Press:
    """A press of a button in a message."""
    action = body["actions"][0]
    message_ts = (body.get("container") or {}).get("message_ts", "")
    user = body["user"]["id"]
    return Press(
        delivery_key=f"act:{body['team']['id']}:{action['action_ts']}:{message_ts}:{user}",
        team_id=body["team"]["id"],
        channel=(body.get("channel") or body.get("container") or {}).get("id")
        or (body.get("container") or {}).get("channel_id", ""),
        user=user,
        at=at,
        by_admin=by_admin,
        response_url=body.get("response_url"),
    )


def shortcut_press_of(body: Payload, at: float) -> Press:
    """A shortcut chosen on a message."""
    team_id, user = body["team"]["id"], body["user"]["id"]
    return Press(
        delivery_key=f"cut:{team_id}:{body['action_ts']}:{user}",
        team_id=team_id,
        channel=body["channel"]["id"],
        user=user,
        at=at,
    )


def thread_of(body: Payload) -> str | None:
    """The thread in which something was pressed; an ephemeral message is named by its container
    alone. None for the message that opens a thread: it was pressed in the channel."""
    message, container = body.get("message") or {}, body.get("container") or {}
    thread_ts = container.get("thread_ts") or message.get("thread_ts")
    own_ts = container.get("message_ts") or message.get("ts")
    return None if thread_ts == own_ts else thread_ts


def label_of(body: Payload) -> str:
    """What the button, or the line of the ⋯ menu, says that was pressed."""
    action = body["actions"][0]
    chosen = action.get("selected_option") or action
    return str((chosen.get("text") or {}).get("text") or "it")


def pressed(body: Payload) -> tuple[str, str]:
    """(action id, value) of a press; the ⋯ menu's options carry both in their value."""
    action = body["actions"][0]
    chosen = action.get("selected_option")
    if chosen is not None:
        action_id, _, value = str(chosen["value"]).partition(":")
        return action_id, value
    return str(action["action_id"]), str(action.get("value", ""))


def image_of(files: Sequence[Payload] | None) -> Image | None:
    """The first picture among a message's files."""
    for file in files or ():
        if str(file.get("mimetype", "")).startswith("image/"):
            return image_from(file)
    return None


def image_from(file: Payload) -> Image:
    """A Slack file as a reference image."""
    return Image(
        slack_file_id=file["id"],
        name=str(file.get("name") or "image")[:80],
        width_px=file.get("original_w"),
        height_px=file.get("original_h"),
        media_type=file.get("mimetype") or None,
        size_bytes=file.get("size") or None,
    )


def media_from(file: Payload) -> Media:
    """A Slack file that goes into a render."""
    return Media(
        slack_file_id=file["id"], name=str(file.get("name") or "file")[:80], **_told_of(file)
    )


def _told_of(file: Payload) -> dict[str, Any]:
    """What Slack says of a file. It tells the length of films and of its own voice clips
    (`duration_ms`; slack_web_api_client, File) and not of every sound."""
    length_ms = file.get("duration_ms")
    return {
        "media_type": file.get("mimetype") or None,
        "size_bytes": file.get("size") or None,
        "duration_s": length_ms / 1_000 if length_ms else None,
    }


def as_ack(message: Message) -> dict[str, Any]:
    """A message as the body of an ack: only the person who typed sees it."""
    return {
        "text": message.text,
        "blocks": list(message.blocks),
        "response_type": "ephemeral",
    }
