"""Block Kit as a table of rules.

Sources: docs.slack.dev/reference/block-kit/blocks/*, …/block-elements/*, …/composition-objects/*
for fields and limits; slack.md section 1.9 for the numbers. Slack refuses unknown fields and types
with `invalid_blocks`; so does this table, and newer block types are left to slack_sdk's models.
"""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from sandbox.slack.block_checks import (
    Check,
    Inspection,
    also,
    anything,
    boolean,
    link,
    many,
    needs_scope,
    number,
    only_on,
    shape,
    string,
    text,
    typed,
    word,
)

PLAIN = "plain_text"
OPTION_LABEL, OPTION_VALUE, OPTIONS = 75, 150, 100


def _image_file(value: Any, at: str, look: Inspection) -> None:
    if not isinstance(value, dict) or not set(value) <= {"id", "url"} or len(value) != 1:
        look.report("must have exactly one of id, url", at)
    elif not look.is_image_file(value):
        look.report("invalid slack file", at)


CONFIRM = shape(
    {
        "title": text(100, PLAIN),
        "text": text(300),
        "confirm": text(30, PLAIN),
        "deny": text(30, PLAIN),
        "style": word("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)
_OPTION = {
    "text": text(OPTION_LABEL),
    "value": string(OPTION_VALUE),
    "description": text(OPTION_LABEL),
}
OPTION = shape(_OPTION, required=("text", "value"))
PLAIN_OPTION = shape({**_OPTION, "text": text(OPTION_LABEL, PLAIN)}, required=("text", "value"))
LINK_OPTION = shape({**_OPTION, "url": link()}, required=("text", "value"))
OPTION_GROUP = shape(
    {"label": text(75, PLAIN), "options": many(PLAIN_OPTION, 1, OPTIONS)},
    required=("label", "options"),
)
FILTER = shape(
    {
        "include": many(word("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    one_of=("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
DISPATCH = shape(
    {
        "trigger_actions_on": many(word("on_enter_pressed", "on_character_entered"), 1, 2),
    }
)
ACTION: dict[str, Check] = {"action_id": string(255)}
MENU: dict[str, Check] = {
    **ACTION,
    "placeholder": text(150, PLAIN),
    "confirm": CONFIRM,
    "focus_on_load": boolean,
}
MULTI: dict[str, Check] = {**MENU, "max_selected_items": number(1, 100)}
TYPED: dict[str, Check] = {
    **ACTION,
    "placeholder": text(150, PLAIN),
    "focus_on_load": boolean,
    "dispatch_action_config": DISPATCH,
}
CHOICES: dict[str, Check] = {
    "options": many(PLAIN_OPTION, 1, OPTIONS),
    "option_groups": many(OPTION_GROUP, 1, 100),
}
BOXES: dict[str, Check] = {
    **ACTION,
    "options": many(OPTION, 1, 10),
    "confirm": CONFIRM,
    "focus_on_load": boolean,
}
CONVERSATION: dict[str, Check] = {"default_to_current_conversation": boolean, "filter": FILTER}
LENGTHS = {"min_length": number(0, 3000), "max_length": number(1, 3000)}

BUTTON = shape(
    {
        **ACTION,
        "text": text(75, PLAIN),
        "url": link(),
        "value": string(2000),
        "style": word("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
        "visible_to_user_ids": many(string(20), 1, 100),
        "agent_prompt": string(4000),
    },
    required=("text",),
)
IMAGE_ELEMENT = shape(
    {"image_url": link(fetched=True), "slack_file": _image_file, "alt_text": string(2000)},
    required=("alt_text",),
    one_of=("image_url", "slack_file"),
    exactly=True,
)
FEEDBACK_BUTTON = shape(
    {"text": text(75, PLAIN), "value": string(2000), "accessibility_label": string(75)},
    required=("text", "value"),
)

ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "image": IMAGE_ELEMENT,
    "static_select": shape(
        {**MENU, **CHOICES, "initial_option": PLAIN_OPTION},
        one_of=("options", "option_groups"),
        exactly=True,
    ),
    "multi_static_select": shape(
        {**MULTI, **CHOICES, "initial_options": many(PLAIN_OPTION, 1, OPTIONS)},
        one_of=("options", "option_groups"),
        exactly=True,
    ),
    "external_select": shape(
        {**MENU, "initial_option": PLAIN_OPTION, "min_query_length": number(0, 100)}
    ),
    "multi_external_select": shape(
        {**MULTI, "initial_options": many(OPTION, 1, 100), "min_query_length": number(0, 100)}
    ),
    "users_select": shape({**MENU, "initial_user": string(20)}),
    "multi_users_select": shape({**MULTI, "initial_users": many(string(20), 1, 100)}),
    "channels_select": shape(
        {**MENU, "initial_channel": string(20), "response_url_enabled": boolean}
    ),
    "multi_channels_select": shape({**MULTI, "initial_channels": many(string(20), 1, 100)}),
    "conversations_select": shape(
        {
            **MENU,
            **CONVERSATION,
            "initial_conversation": string(20),
            "response_url_enabled": boolean,
        }
    ),
    "multi_conversations_select": shape(
        {**MULTI, **CONVERSATION, "initial_conversations": many(string(20), 1, 100)}
    ),
    "overflow": shape(
        {**ACTION, "options": many(LINK_OPTION, 1, 5), "confirm": CONFIRM}, required=("options",)
    ),
    "checkboxes": shape({**BOXES, "initial_options": many(OPTION, 1, 10)}, required=("options",)),
    "radio_buttons": shape({**BOXES, "initial_option": OPTION}, required=("options",)),
    "datepicker": shape({**MENU, "initial_date": string(10)}),
    "timepicker": shape({**MENU, "initial_time": string(5), "timezone": string(100)}),
    "datetimepicker": shape(
        {
            **ACTION,
            "initial_date_time": number(10**9, 10**10 - 1),
            "confirm": CONFIRM,
            "focus_on_load": boolean,
        }
    ),
    "plain_text_input": shape(
        {**TYPED, **LENGTHS, "initial_value": string(3000, 0), "multiline": boolean}
    ),
    "email_text_input": shape({**TYPED, "initial_value": string(3000)}),
    "url_text_input": shape({**TYPED, "initial_value": link()}),
    "number_input": shape(
        {
            **TYPED,
            "is_decimal_allowed": boolean,
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
        },
        required=("is_decimal_allowed",),
    ),
    "rich_text_input": shape(
        {
            **TYPED,
            "initial_value": anything,
            "min_lines": number(1, 100),
            "max_lines": number(1, 100),
        }
    ),
    "file_input": also(
        shape({**ACTION, "filetypes": many(string(20), 1, 100), "max_files": number(1, 10)}),
        only_on("modal"),
        needs_scope("files:read"),
    ),
    "feedback_buttons": shape(
        {**ACTION, "positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON},
        required=("positive_button", "negative_button"),
    ),
    "icon_button": shape(
        {
            **ACTION,
            "icon": word("trash"),
            "text": text(75, PLAIN),
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": many(string(20), 1, 100),
        },
        required=("icon", "text"),
    ),
}
SELECTS = tuple(name for name in ELEMENTS if name.endswith("_select"))
PICKERS = ("datepicker", "timepicker", "datetimepicker")
BOX_TYPES = ("checkboxes", "radio_buttons")
TEXT_INPUTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
SINGLE_SELECTS = tuple(name for name in SELECTS if not name.startswith("multi_"))
IN_ACTIONS = ("button", "overflow", "rich_text_input", *SINGLE_SELECTS, *PICKERS, *BOX_TYPES)
IN_SECTION = ("button", "image", "overflow", *SELECTS, *PICKERS[:2], *BOX_TYPES)
IN_INPUT = (*TEXT_INPUTS, "rich_text_input", "file_input", *SELECTS, *PICKERS, *BOX_TYPES)
CONTEXT_ITEM = typed(
    {
        "image": IMAGE_ELEMENT,
        "plain_text": shape({"text": string(3000), "emoji": boolean}, required=("text",)),
        "mrkdwn": shape({"text": string(3000), "verbatim": boolean}, required=("text",)),
    }
)
BLOCK: dict[str, Check] = {"block_id": string(255)}

STYLE_WORDS = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight")
STYLE = shape(dict.fromkeys((*STYLE_WORDS, "unlink"), boolean))
RICH_ITEM = typed(
    {
        "text": shape({"text": string(40_000), "style": STYLE}, required=("text",)),
        "link": shape(
            {"url": link(), "text": string(3000, 0), "unsafe": boolean, "style": STYLE},
            required=("url",),
        ),
        "user": shape({"user_id": string(20), "style": STYLE}, required=("user_id",)),
        "channel": shape({"channel_id": string(20), "style": STYLE}, required=("channel_id",)),
        "usergroup": shape({"usergroup_id": string(20)}, required=("usergroup_id",)),
        "emoji": shape({"name": string(100), "unicode": string(100)}, required=("name",)),
        "broadcast": shape({"range": word("here", "channel", "everyone")}, required=("range",)),
        "date": shape(
            {
                "timestamp": number(0, 10**11),
                "format": string(200),
                "url": link(),
                "fallback": string(200),
            },
            required=("timestamp", "format"),
        ),
        "color": shape({"value": string(20)}, required=("value",)),
    }
)
RICH: dict[str, Check] = {"elements": many(RICH_ITEM, 0, 1000)}
BORDERED: dict[str, Check] = {**RICH, "border": number(0, 1)}
RICH_SECTION = shape(RICH, required=("elements",))
RICH_PART = typed(
    {
        "rich_text_section": RICH_SECTION,
        "rich_text_quote": shape(BORDERED, required=("elements",)),
        "rich_text_preformatted": shape(
            {**BORDERED, "language": string(50)}, required=("elements",)
        ),
        "rich_text_list": shape(
            {
                "style": word("bullet", "ordered"),
                "elements": many(typed({"rich_text_section": RICH_SECTION}), 0, 1000),
                "indent": number(0, 8),
                "offset": number(0, 10_000),
                "border": number(0, 1),
            },
            required=("style", "elements"),
        ),
    }
)

BLOCKS: dict[str, Check] = {
    "section": shape(
        {
            **BLOCK,
            "text": text(3000),
            "fields": many(text(2000), 1, 10),
            "accessory": typed(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
        one_of=("text", "fields"),
    ),
    "header": shape({**BLOCK, "text": text(150, PLAIN)}, required=("text",)),
    "divider": shape(BLOCK),
    "context": shape({**BLOCK, "elements": many(CONTEXT_ITEM, 1, 10)}, required=("elements",)),
    "actions": shape(
        {**BLOCK, "elements": many(typed(ELEMENTS, IN_ACTIONS), 1, 25)}, required=("elements",)
    ),
    "context_actions": shape(
        {
            **BLOCK,
            "elements": many(typed(ELEMENTS, ("feedback_buttons", "icon_button")), 1, 5),
        },
        required=("elements",),
    ),
    "image": shape(
        {
            **BLOCK,
            "image_url": link(fetched=True),
            "slack_file": _image_file,
            "alt_text": string(2000),
            "title": text(2000, PLAIN),
        },
        required=("alt_text",),
        one_of=("image_url", "slack_file"),
        exactly=True,
    ),
    "input": shape(
        {
            **BLOCK,
            "label": text(2000, PLAIN),
            "element": typed(ELEMENTS, IN_INPUT),
            "dispatch_action": boolean,
            "hint": text(2000, PLAIN),
            "optional": boolean,
        },
        required=("label", "element"),
    ),
    "markdown": shape({**BLOCK, "text": string(12_000)}, required=("text",)),
    "rich_text": shape({**BLOCK, "elements": many(RICH_PART, 0, 1000)}, required=("elements",)),
    "video": also(
        shape(
            {
                **BLOCK,
                "title": text(199, PLAIN),
                "video_url": link(),
                "thumbnail_url": link(fetched=True),
                "alt_text": string(2000),
                "title_url": link(),
                "description": text(200, PLAIN),
                "author_name": string(49),
                "provider_name": string(200),
                "provider_icon_url": link(),
            },
            required=("title", "video_url", "thumbnail_url", "alt_text"),
        ),
        needs_scope("links.embed:write"),
    ),
}
# Newer than this table: slack_sdk's models know their fields and limits.
BY_MODEL = ("table", "task_card", "plan", "alert", "card", "container", "carousel")


def _by_model(value: Any, at: str, look: Inspection) -> None:
    """Ask slack_sdk's own model about a newer block."""
    if value["type"] == "alert":  # modals only: slackapi/node-slack-sdk PR 2567
        only_on("modal")(value, at, look)
    try:
        parsed = Block.parse(value)
        if parsed is None:
            look.report(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            parsed.validate_json()
    except (SlackObjectFormationError, TypeError, ValueError, AttributeError, KeyError) as error:
        look.report(str(error), at)


ANY_BLOCK = typed({**BLOCKS, **dict.fromkeys(BY_MODEL, _by_model)})
