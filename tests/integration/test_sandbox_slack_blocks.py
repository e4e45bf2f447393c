"""Block Kit is refused exactly where Slack's documented limits refuse it."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models import blocks as models

from sandbox.slack.block_checks import Inspection
from sandbox.slack.blocks import inspect_message, inspect_view
from tests.integration.sandbox_slack import local_slack

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def buttons(count: int) -> Json:
    return actions(*(button(action_id=str(number)) for number in range(count)))


def option(label: str = "One", value: str = "1") -> Json:
    return {"text": plain(label), "value": value}


def select(**more: Any) -> Json:
    return actions({"type": "static_select", "action_id": "s", "options": [option()], **more})


def overflow(count: int) -> Json:
    return actions({"type": "overflow", "action_id": "o", "options": [option()] * count})


def image(**more: Any) -> Json:
    return {
        "type": "image",
        "alt_text": "a fox",
        "image_url": "https://example.com/fox.png",
        **more,
    }


def rich(*elements: Json) -> Json:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [section]}


def confirm(**more: Any) -> Json:
    words = {"title": plain("Sure?"), "text": plain("It costs."), "confirm": plain("Yes")}
    return {**words, "deny": plain("No"), **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Video"), "blocks": list(blocks), **more}


def text_input(**more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "prompt", **more}
    return {"type": "input", "label": plain("Prompt"), "element": element}


FINE = [
    {"type": "section", "text": mrkdwn("x" * 3000)},
    {"type": "section", "fields": [mrkdwn("x")] * 10, "accessory": button()},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("x")] * 10},
    buttons(25),
    actions(button(text=plain("x" * 75), value="x" * 2000, style="danger", confirm=confirm())),
    actions(button(url="https://example.com", accessibility_label="open")),
    select(placeholder=plain("x" * 150), initial_option=option()),
    select(options=[option("x" * 75, "x" * 150)] * 100),
    overflow(5),
    image(title=plain("Fox")),
    text_input(multiline=True, max_length=3000),
    {"type": "markdown", "text": "x" * 12_000},
    {"type": "rich_text", "elements": []},
    rich(
        {"type": "text", "text": "fox", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}
    ),
]

REFUSED = [
    ({"type": "carousel_of_foxes"}, "unsupported type"),
    ({"type": "section"}, "one of text, fields"),
    ({"type": "section", "text": mrkdwn("x" * 3001)}, "less than 3001"),
    ({"type": "section", "text": mrkdwn("")}, "more than 0"),
    ({"type": "section", "text": "bare"}, "unsupported type: none"),
    ({"type": "section", "text": mrkdwn("x"), "colour": "red"}, "additional property: colour"),
    ({"type": "section", "text": mrkdwn("x"), "accessory": text_input()["element"]}, "unsupported"),
    ({"type": "section", "text": mrkdwn("x"), "block_id": "x" * 256}, "less than 256"),
    ({"type": "section", "fields": [mrkdwn("x")] * 11}, "no more than 10"),
    ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "less than 2001"),
    ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    ({"type": "header", "text": plain("x" * 151)}, "less than 151"),
    ({"type": "context", "elements": []}, "no fewer than 1"),
    ({"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10"),
    ({"type": "context", "elements": [button()]}, "unsupported type: button"),
    (actions(), "no fewer than 1"),
    (buttons(26), "no more than 25"),
    (actions({"type": "blink", "action_id": "b"}), "unsupported type: blink"),
    (actions(button(text=plain("x" * 76))), "less than 76"),
    (actions(button(text=mrkdwn("x"))), "unsupported type: mrkdwn"),
    (actions(button(value="x" * 2001)), "less than 2001"),
    (actions(button(style="loud")), "must be one of"),
    (actions(button(action_id="x" * 256)), "less than 256"),
    (actions(button(url="nowhere")), "valid URL"),
    (actions(button(), button()), "`action_id` go already exists"),
    (actions(button(confirm=confirm(confirm=plain("x" * 31)))), "less than 31"),
    (actions(button(confirm=confirm(title=plain("x" * 101)))), "less than 101"),
    (actions(button(confirm={"title": plain("Sure?")})), "missing required field"),
    (rich({"type": "marquee", "text": "fox"}), "unsupported type: marquee"),
    (rich({"type": "link"}), "missing required field: url"),
    (select(options=[]), "no fewer than 1"),
    (select(options=[option()] * 101), "no more than 100"),
    (select(options=[option("x" * 76)]), "less than 76"),
    (select(options=[option("x", "x" * 151)]), "less than 151"),
    (select(placeholder=plain("x" * 151)), "less than 151"),
    (select(option_groups=[]), "exactly one of"),
    (overflow(6), "no more than 5"),
    ({"type": "image", "image_url": "https://example.com/a.png"}, "alt_text"),
    (image(slack_file={"id": "F0"}), "exactly one of"),
    (image(image_url="http://127.0.0.1/a.png"), "downloading image failed"),
    (image(image_url="fox.png"), "valid URL"),
    (text_input(max_length=3001), "between 1 and 3000"),
    ({"type": "input", "element": text_input()["element"]}, "missing required field: label"),
    ({"type": "markdown", "text": "x" * 12_001}, "less than 12001"),
    ({"type": "video", "title": plain("x"), "alt_text": "x"}, "links.embed:write"),
    ("divider", "unsupported type: none"),
]


@pytest.mark.parametrize("block", FINE, ids=lambda block: block["type"])
def test_blocks_at_their_limits_are_fine(block: Json) -> None:
    assert inspect_message([block], Inspection("message")) == []


@pytest.mark.parametrize("block", FINE, ids=lambda block: block["type"])
def test_the_official_models_agree_about_what_is_fine(block: Json) -> None:
    parsed = models.Block.parse(block)
    assert parsed is not None
    parsed.validate_json()


@pytest.mark.parametrize(("block", "problem"), REFUSED)
def test_blocks_over_a_limit_are_refused(block: Any, problem: str) -> None:
    problems = inspect_message([block], Inspection("message"))
    assert any(problem in one for one in problems), problems


def test_newer_blocks_are_checked_by_the_official_models() -> None:
    card = {"type": "card", "title": plain("Take 1"), "body": mrkdwn("x" * 200)}
    assert inspect_message([card], Inspection("message")) == []
    assert inspect_message([{**card, "body": mrkdwn("x" * 201)}], Inspection("message"))
    alert = {"type": "alert", "text": mrkdwn("Careful"), "level": "warning"}
    assert inspect_message([alert], Inspection("message"))
    assert inspect_view(modal(alert), Inspection("modal")) == []


def test_a_message_has_fifty_blocks_with_different_ids_and_one_markdown_budget() -> None:
    divider = {"type": "divider"}
    assert inspect_message([divider] * 50, Inspection("message")) == []
    assert inspect_message([divider] * 51, Inspection("message"))
    same = {"type": "divider", "block_id": "b"}
    assert "already exists" in inspect_message([same, same], Inspection("message"))[0]
    half = {"type": "markdown", "text": "x" * 6001}
    assert inspect_message([half, half], Inspection("message"))


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (modal(title=plain("x" * 25)), "less than 25"),
        (modal(submit=plain("x" * 25)), "less than 25"),
        (modal(text_input()), "submit button"),
        (modal(private_metadata="x" * 3001), "less than 3001"),
        (modal(callback_id="x" * 256), "less than 256"),
        (modal(*[{"type": "divider"}] * 101), "no more than 100"),
        (modal(notify_on_close="yes"), "must be a boolean"),
        (modal(mood="good"), "additional property: mood"),
        ({"type": "modal", "blocks": []}, "missing required field: title"),
        ({"type": "drawer", "blocks": []}, "must be one of modal, home"),
        ({"type": "home", "blocks": [], "title": plain("x")}, "additional property: title"),
    ],
)
def test_views_over_a_limit_are_refused(view: Json, problem: str) -> None:
    problems = inspect_view(view, Inspection("modal"))
    assert any(problem in one for one in problems), problems


def test_file_inputs_are_for_modals_and_need_their_scope() -> None:
    block = {
        "type": "input",
        "label": plain("Image"),
        "element": {"type": "file_input", "action_id": "f", "filetypes": ["png"], "max_files": 1},
    }
    able = frozenset({"files:read"})
    view = modal(block, submit=plain("Go"))
    assert inspect_view(view, Inspection("modal", scopes=able)) == []
    assert inspect_view(view, Inspection("modal"))
    assert inspect_message([block], Inspection("message", scopes=able))


async def test_the_api_says_which_block_and_notes_it_loudly() -> None:
    async with local_slack() as slack:
        blocks = [{"type": "divider"}, {"type": "header", "text": plain("x" * 151)}]
        channel = slack.channel("general")
        refused = await slack.refusal("chat.postMessage", channel=channel, text="x", blocks=blocks)
        assert refused["error"] == "invalid_blocks"
        assert "[json-pointer:/blocks/1/text/text]" in refused["errors"][0]
        assert refused["errors"][0] in refused["response_metadata"]["messages"][0]
        assert any("/blocks/1/text/text" in note for note in slack.notes())
