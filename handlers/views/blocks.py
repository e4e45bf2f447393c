"""Block Kit as plain dicts, with Slack's limits written down once.

Limits: docs.slack.dev/reference/block-kit/blocks and …/block-elements. All mrkdwn is `verbatim`,
so that Slack turns no URL, name or channel in people's words into a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from domain.message import Message
from handlers import ids
from handlers.views.text import shorten

SECTION_MAX_CHARS = 3_000
PIECE_MAX_CHARS = 2_900
BUTTON_MAX_CHARS = 75
OPTION_MAX_CHARS = 75
TITLE_MAX_CHARS = 24
VIEW_MAX_BLOCKS = 100
INPUT_MAX_CHARS = 3_000
METADATA_MAX_CHARS = 3_000

Block = dict[str, Any]
View = dict[str, Any]


def mrkdwn(text: str) -> Block:
    """Our own markup; what is not ours in it has been through `escape`."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str, chars: int = SECTION_MAX_CHARS) -> Block:
    """Text without markup."""
    return {"type": "plain_text", "text": shorten(text, chars), "emoji": False}


def section(text: str, *, accessory: Block | None = None) -> Block:
    """A paragraph, with a picture or a button at its right."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block | {"accessory": accessory} if accessory else block


def context(text: str) -> Block:
    """A small grey line."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def paragraphs(lines: Iterable[str]) -> list[Block]:
    """Lines as few sections, none above Slack's limit. A line is at most one section long."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + len(line) + 1 <= PIECE_MAX_CHARS:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [section(text) for text in texts]


def actions(elements: Sequence[Block]) -> list[Block]:
    """A row of buttons, or nothing."""
    return [{"type": "actions", "elements": list(elements)}] if elements else []


def button(
    action_id: str, label: str, value: str, *, style: str | None = None, asks: Block | None = None
) -> Block:
    """A button. `style` is primary or danger; `asks` is a confirmation."""
    block: Block = {
        "type": "button",
        "action_id": action_id,
        "text": plain(label, BUTTON_MAX_CHARS),
        "value": value,
    }
    if style:
        block["style"] = style
    return block | {"confirm": asks} if asks else block


def confirmation(title: str, text: str, *, yes: str, no: str) -> Block:
    """What is asked before a button acts. Plain text, so that nothing in it needs escaping."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def menu(options: Sequence[tuple[str, str]], request_id: str) -> Block:
    """The ⋯ menu: (action id, label) pairs; a chosen value is `<action id>:<request id>`."""
    return {
        "type": "overflow",
        "action_id": ids.MORE,
        "options": [
            {"text": plain(label, OPTION_MAX_CHARS), "value": f"{action_id}:{request_id}"}
            for action_id, label in options
        ],
    }


def picture(slack_file_id: str, alt_text: str) -> Block:
    """An image that is a file in Slack: an image file's id, never a video's."""
    return {"type": "image", "slack_file": {"id": slack_file_id}, "alt_text": alt_text}


def modal(title: str, blocks: Iterable[Block]) -> View:
    """A modal that is only read."""
    return {
        "type": "modal",
        "title": plain(title, TITLE_MAX_CHARS),
        "close": plain("Close"),
        "blocks": list(blocks)[:VIEW_MAX_BLOCKS],
    }


def said(text: str, *more: Block) -> Message:
    """A short message: its text is also its first block."""
    return Message(text, (section(text), *more))
