"""What a person entered: `state.values` of views and messages, and the checks before submit.

Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload and the elements'
own pages (`min_length`, `filetypes`, 10 MB a file).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.slack.blocks import elements_of

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]
FILE_BYTES = 10 * 1024 * 1024
REQUIRED = "Please complete this required field."
# element type: (key in the state, key of the initial value)
STATE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
OPTION_TYPES = ("static_select", "radio_buttons", "checkboxes", "multi_static_select")


@dataclass(frozen=True)
class UploadedFile:
    """What a file input needs to know of a file."""

    size_bytes: int
    filetype: str
    shape: Json


FindFile = Callable[[str], UploadedFile | None]


def state_of(view_blocks: list[Json], values: Values) -> Values:
    """`state.values` of these blocks: entered values, else the initial ones."""
    state: Values = {}
    for block, element in stateful(view_blocks):
        block_id, action_id = block["block_id"], element["action_id"]
        entered = values.get(block_id, {}).get(action_id)
        if entered is None or entered["type"] != element["type"]:
            entered = _initial(element)
        state.setdefault(block_id, {})[action_id] = entered
    return state


def stateful(view_blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Blocks with the elements in them that hold a value."""
    for block in view_blocks:
        for element in elements_of(block):
            if element["type"] in STATE_KEYS:
                yield block, element


def _initial(element: Json) -> Json:
    key, initial_key = STATE_KEYS[element["type"]]
    empty: Any = [] if key.endswith("s") else None
    return {"type": element["type"], key: element.get(initial_key, empty)}


def entered(element: Json, given: Any, find_file: FindFile) -> Json:
    """The state of one element for a value given by the control API. Errors: ValueError."""
    kind = element["type"]
    if kind not in STATE_KEYS:
        raise ValueError(f"{kind} holds no value")
    key = STATE_KEYS[kind][0]
    if given in (None, "", []):
        return {"type": kind, key: [] if key.endswith("s") else None}
    many: list[Any] = [given] if isinstance(given, str | dict | int | float) else list(given)
    if kind == "file_input":
        return {"type": kind, key: [_file_shape(one, find_file) for one in many]}
    if kind in OPTION_TYPES:
        many = [_option(element, one) for one in many]
    elif key.startswith("selected_option"):
        many = [_free_option(one) for one in many]
    return {"type": kind, key: many if key.endswith("s") else many[0]}


def _file_shape(file_id: str, find_file: FindFile) -> Json:
    file = find_file(file_id)
    if file is None:
        raise ValueError(f"no such file: {file_id}")
    return file.shape


def _option(element: Json, value: Any) -> Json:
    groups = element.get("option_groups") or []
    options = [*(element.get("options") or []), *(o for g in groups for o in g["options"])]
    for option in options:
        if option["value"] == value:
            return {key: option[key] for key in ("text", "value") if key in option}
    raise ValueError(f"no such option: {value}")


def _free_option(value: Any) -> Json:
    """External options are not in the view; the app served them."""
    if isinstance(value, dict):
        return value
    return {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}


def problems(view_blocks: list[Json], state: Values, find_file: FindFile) -> dict[str, str]:
    """What Slack's own client refuses before it submits, by block id."""
    found: dict[str, str] = {}
    for block in view_blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = state[block["block_id"]][element["action_id"]]
        given = value[STATE_KEYS[element["type"]][0]]
        if given in (None, "", []):
            if not block.get("optional"):
                found[block["block_id"]] = REQUIRED
        elif words := _problem(element, given, find_file):
            found[block["block_id"]] = words
    return found


def _problem(element: Json, given: Any, find_file: FindFile) -> str:
    match element["type"]:
        case "plain_text_input":
            return _length_problem(element, given)
        case "number_input":
            return _number_problem(element, given)
        case "email_text_input" if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", given):
            return "Please enter a valid email address."
        case "url_text_input" if not re.match(r"https?://\S+\.\S+", given):
            return "Please enter a valid URL."
        case "file_input":
            return _files_problem(element, given, find_file)
        case kind if kind.startswith("multi_") and len(given) > element.get(
            "max_selected_items", 100
        ):
            return f"Please choose at most {element['max_selected_items']}."
    return ""


def _length_problem(element: Json, given: str) -> str:
    if len(given) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if len(given) > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    return ""


def _number_problem(element: Json, given: str) -> str:
    try:
        number = float(given)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and number != int(number):
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number not below {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number not above {element['max_value']}."
    return ""


def _files_problem(element: Json, given: list[Json], find_file: FindFile) -> str:
    if len(given) > element.get("max_files", 10):
        return f"You can upload at most {element.get('max_files', 10)} files."
    allowed = {one.lower().replace("jpeg", "jpg") for one in element.get("filetypes", [])}
    for shape in given:
        file = find_file(shape["id"])
        if file is None or file.size_bytes > FILE_BYTES:
            return "Files can have at most 10 MB."
        if allowed and file.filetype not in allowed:
            return f"This file type is not allowed: {file.filetype}."
    return ""
