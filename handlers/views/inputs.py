"""The fields of a modal, each an input block; its block id names it, its action id too where they
are not said to differ.

Limits: docs.slack.dev/reference/block-kit/block-elements.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import RequestError
from handlers.views.blocks import INPUT_MAX_CHARS, OPTION_MAX_CHARS, Block, plain
from handlers.views.text import utf16_len

PLACEHOLDER_MAX_CHARS = 150
VALUE_MAX_CHARS = 150
CHOOSE_FOR_ME = "Choose for me"

Choice = tuple[str, str]  # (value, what is shown)


def labelled(block_id: str, label: str, element: Block, *, optional: bool = True) -> Block:
    """An input block."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }


def text(block_id: str, label: str, said: str, *, hint: str, optional: bool) -> Block:
    """Several lines of text; `hint` stands in the empty field."""
    return labelled(
        block_id, label, text_field(block_id, said, hint, lines=True), optional=optional
    )


def text_field(action_id: str, said: str, hint: str, *, lines: bool = False) -> Block:
    """A field for text. Raises `RequestError` where what was said is longer than Slack's field."""
    if utf16_len(said) > INPUT_MAX_CHARS:
        raise RequestError(
            f"A form's field holds {INPUT_MAX_CHARS:,} characters and this has {len(said):,}."
            " Nothing was started. Say it in a line: `/video help` shows how.",
            field=action_id,
        )
    field: Block = {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": lines,
        "max_length": INPUT_MAX_CHARS,
        "placeholder": plain(hint, PLACEHOLDER_MAX_CHARS),
    }
    return field | ({"initial_value": said} if said else {})


def select(block_id: str, label: str, options: Sequence[Choice], chosen: str | None) -> Block:
    """One of a few."""
    return labelled(block_id, label, select_field(block_id, options, chosen))


def select_field(
    action_id: str, options: Sequence[Choice], chosen: str | None, hint: str = CHOOSE_FOR_ME
) -> Block:
    """A field for one of a few."""
    choices = [option(value, shown) for value, shown in options]
    field: Block = {
        "type": "static_select",
        "action_id": action_id,
        "options": choices,
        "placeholder": plain(hint, PLACEHOLDER_MAX_CHARS),
    }
    initial = [choice for choice in choices if choice["value"] == chosen]
    return field | ({"initial_option": initial[0]} if initial else {})


def search_field(action_id: str, chosen: Choice | None, hint: str) -> Block:
    """A field for one of many, which are asked for while somebody types."""
    field: Block = {
        "type": "external_select",
        "action_id": action_id,
        "min_query_length": 0,
        "placeholder": plain(hint, PLACEHOLDER_MAX_CHARS),
    }
    return field | ({"initial_option": option(*chosen)} if chosen else {})


def searches_field(action_id: str, chosen: Sequence[Choice], hint: str, *, at_most: int) -> Block:
    """A field for several of many."""
    field: Block = {
        "type": "multi_external_select",
        "action_id": action_id,
        "min_query_length": 0,
        "max_selected_items": at_most,
        "placeholder": plain(hint, PLACEHOLDER_MAX_CHARS),
    }
    return field | ({"initial_options": [option(*one) for one in chosen]} if chosen else {})


def number_field(action_id: str, limits: tuple[float, float], said: str, hint: str) -> Block:
    """A field for a number; decimals where a limit has one."""
    least, most = limits
    field: Block = {
        "type": "number_input",
        "action_id": action_id,
        "is_decimal_allowed": isinstance(least, float) or isinstance(most, float),
        "min_value": str(least),
        "max_value": str(most),
        "placeholder": plain(hint, PLACEHOLDER_MAX_CHARS),
    }
    return field | ({"initial_value": said} if said else {})


def boxes(block_id: str, label: str, options: Sequence[Choice], ticked: Sequence[str]) -> Block:
    """Boxes to tick."""
    choices = [option(value, shown) for value, shown in options]
    field: Block = {"type": "checkboxes", "action_id": block_id, "options": choices}
    initial = [choice for choice in choices if choice["value"] in ticked]
    return labelled(block_id, label, field | ({"initial_options": initial} if initial else {}))


def files_field(action_id: str, types: Sequence[str], *, at_most: int) -> Block:
    """A field for files of at most 10 MB each; it cannot be filled in."""
    return {
        "type": "file_input",
        "action_id": action_id,
        "filetypes": list(types),
        "max_files": at_most,
    }


def option(value: str, shown: str) -> Block:
    """One choice. Raises `RequestError` where its value is longer than Slack lets it be."""
    if len(value) > VALUE_MAX_CHARS:
        raise RequestError(
            f"A form's choice has at most {VALUE_MAX_CHARS} characters; one has {len(value)}."
            " Nothing was started."
        )
    return {"text": plain(shown, OPTION_MAX_CHARS), "value": value}


def hinted(words: str) -> Block:
    """What stands below a field."""
    return plain(words, PLACEHOLDER_MAX_CHARS)
