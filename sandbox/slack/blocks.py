"""Checks Block Kit as strictly as Slack: the rule table, then what spans several blocks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from sandbox.slack.block_checks import (
    Inspection,
    boolean,
    many,
    shape,
    string,
    text,
    word,
)
from sandbox.slack.block_rules import ANY_BLOCK, PLAIN
from sandbox.slack.naming import Ids

Json = dict[str, Any]
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MARKDOWN_CHARACTERS = 12_000

MODAL = shape(
    {
        "title": text(24, PLAIN),
        "submit": text(24, PLAIN),
        "close": text(24, PLAIN),
        "blocks": many(ANY_BLOCK, 0, VIEW_BLOCKS),
        "private_metadata": string(3000, 0),
        "callback_id": string(255, 0),
        "external_id": string(255, 0),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    required=("title", "blocks"),
)
HOME = shape(
    {
        "blocks": many(ANY_BLOCK, 0, VIEW_BLOCKS),
        "private_metadata": string(3000, 0),
        "callback_id": string(255, 0),
        "external_id": string(255, 0),
    },
    required=("blocks",),
)


def inspect_message(blocks: Any, look: Inspection) -> list[str]:
    """What Slack would refuse about a message's blocks; empty when they are fine."""
    many(ANY_BLOCK, 0, MESSAGE_BLOCKS)(blocks, "/blocks", look)
    if not look.problems:
        _inspect_together(blocks, look)
    return look.problems


def inspect_view(view: Any, look: Inspection) -> list[str]:
    """What Slack would refuse about a view, /reference/views."""
    kind = view.get("type") if isinstance(view, dict) else None
    word("modal", "home")(kind, "/type", look)
    if not look.problems:
        look.surface = str(kind)
        (MODAL if kind == "modal" else HOME)(view, "", look)
    if not look.problems:
        _inspect_together(view["blocks"], look)
        has_input = any(block["type"] == "input" for block in view["blocks"])
        if kind == "modal" and has_input and not view.get("submit"):
            look.report("must have a submit button with input blocks", "/submit")
    return look.problems


def _inspect_together(blocks: list[Json], look: Inspection) -> None:
    """Ids are unique, markdown has one budget, a message has one table."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            look.report(f"`block_id` {block_id} already exists", f"/blocks/{index}/block_id")
        seen.add(block_id or "")
        _inspect_action_ids(block, f"/blocks/{index}", look)
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_CHARACTERS:
        look.report(f"must be less than {MARKDOWN_CHARACTERS + 1} characters", "/blocks")
    if sum(block["type"] == "table" for block in blocks) > 1:
        look.report("only one table allowed", "/blocks")


def _inspect_action_ids(block: Json, at: str, look: Inspection) -> None:
    seen: set[str] = set()
    for element in elements_of(block):
        action_id = element.get("action_id")
        if action_id and action_id in seen:
            look.report(f"`action_id` {action_id} already exists", f"{at}/elements")
        seen.add(action_id or "")


def elements_of(block: Json) -> Iterator[Json]:
    """The elements of a block that a person can act on, or images among them."""
    match block["type"]:
        case "actions" | "context_actions":
            yield from block["elements"]
        case "section" if block.get("accessory"):
            yield block["accessory"]
        case "input":
            yield block["element"]
        case "card" if block.get("actions"):
            yield from block["actions"]
        case "carousel":
            for card in block.get("elements", []):
                yield from elements_of(card)
        case "container":
            for child in block.get("child_blocks", []):
                yield from elements_of(child)


def completed(blocks: list[Json], ids: Ids) -> list[Json]:
    """A copy with the ids Slack makes up where the app gave none."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        if not block.get("block_id"):
            block["block_id"] = ids.fresh("", 5)
        for element in elements_of(block):
            if element["type"] != "image" and not element.get("action_id"):
                element["action_id"] = ids.fresh("", 5)
    return blocks
