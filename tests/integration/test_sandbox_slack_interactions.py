"""Buttons, shortcuts, modals and response URLs behave as in Slack, with a real Bolt app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox_slack import (
    Bot,
    LocalSlack,
    bolt,
    local_slack,
    manifest,
    over_sockets,
    until,
)

Json = dict[str, Any]
IMAGE_BYTES = b"\x89PNG\r\n\x1a\n"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.upper()), "value": value}


def button(action_id: str, value: str = "1", **more: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": action_id, "value": value, **more}


CARD: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "V-1"}},
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            button("cancel", "take-1"),
            {"type": "overflow", "action_id": "more", "options": [option("delete")]},
            {"type": "static_select", "action_id": "model", "options": [option("veo")]},
        ],
    },
]


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": {"action_id": "value", **element},
        **more,
    }


FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "private_metadata": "kept",
    "title": plain("Video"),
    "submit": plain("Render"),
    "notify_on_close": True,
    "blocks": [
        field("prompt", {"type": "plain_text_input", "max_length": 20, "initial_value": "a fox"}),
        field(
            "model",
            {"type": "static_select", "options": [option("veo"), option("kling")]},
            optional=True,
        ),
        field(
            "image",
            {"type": "file_input", "filetypes": ["png"], "max_files": 1},
            optional=True,
        ),
    ],
}


class Film(Bot):
    """A Bolt app with one of everything, which keeps what it got."""

    def __init__(self, slack: LocalSlack) -> None:
        super().__init__(bolt(slack).app)
        self.slack = slack
        self.bodies: list[Json] = []
        self.answer: Json = {}
        app = self.app
        app.action("cancel")(self._keep)
        app.action("more")(self._keep)
        app.action("model")(self._keep)
        app.action("open")(self._open)
        app.command("/video")(self._open)
        app.shortcut("animate_image")(self._keep)
        app.view("form")(self._submit)
        app.view_closed("form")(self._keep)
        app.options("avatar")(self._offer)

    async def _keep(self, ack: Any, body: Json) -> None:
        self.bodies.append(body)
        await ack()

    async def _open(self, ack: Any, body: Json) -> None:
        await self._keep(ack, body)
        await self.slack.client.views_open(trigger_id=body["trigger_id"], view=FORM)

    async def _submit(self, ack: Any, body: Json) -> None:
        self.bodies.append(body)
        await ack(**self.answer)

    async def _offer(self, ack: Any, body: Json) -> None:
        self.bodies.append(body)
        await ack(options=[option(body["value"])])

    @property
    def last(self) -> Json:
        """The newest body."""
        return self.bodies[-1]

    async def card(self, channel: str = "general", **more: Any) -> str:
        """Post a card and return its `ts`."""
        posted = await self.slack.client.chat_postMessage(
            channel=self.slack.channel(channel), text="card", blocks=CARD, **more
        )
        return str(posted["ts"])

    async def form(self, user: str = "ada") -> str:
        """Open the form by command and return the view's id."""
        await self.slack.control("command", user=user, channel="general", text="/video")
        stacks = self.slack.sandbox.workspace.modals.stacks
        await until(lambda: stacks.get(self.slack.user(user)))
        return stacks[self.slack.user(user)][-1].id


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with local_slack(strict_rates=False) as running:
        yield running


@pytest.fixture
async def film(slack: LocalSlack) -> AsyncIterator[Film]:
    app = Film(slack)
    async with over_sockets(slack, app):
        yield app


async def respond(slack: LocalSlack, url: str, **body: Any) -> tuple[int, str]:
    async with slack.session.post(url, json=body) as answer:
        return answer.status, await answer.text()


async def test_a_click_carries_the_message_and_the_choice(slack: LocalSlack, film: Film) -> None:
    parent = await film.card()
    ts = await film.card(thread_ts=parent)
    place = {"user": "ben", "channel": "general", "ts": ts}
    await slack.control("click", **place, action_id="cancel", value="take-1")
    body = film.last
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": slack.channel("general"),
        "is_ephemeral": False,
        "thread_ts": parent,
    }
    assert body["message"]["ts"] == ts
    assert body["user"]["id"] == slack.user("ben")
    action = body["actions"][0]
    assert (action["value"], action["block_id"], action["type"]) == ("take-1", "row", "button")
    assert action["action_ts"] > ts
    await slack.control("click", **place, action_id="more", selected_option="delete")
    assert film.last["actions"][0]["selected_option"] == option("delete")
    await slack.control("click", **place, action_id="model", selected_option="veo")
    assert film.last["actions"][0]["selected_option"]["value"] == "veo"


@pytest.mark.parametrize(
    ("who", "action", "words"),
    [
        ("ada", {"action_id": "nothing"}, "no such action"),
        ("ada", {"action_id": "cancel", "value": "take-2"}, "no such action"),
        ("ada", {"action_id": "more", "selected_option": "buy"}, "no such option"),
        ("cleo", {"action_id": "cancel"}, "not in this channel"),
    ],
)
async def test_what_cannot_be_clicked(
    slack: LocalSlack, film: Film, who: str, action: Json, words: str
) -> None:
    ts = await film.card("secret-launch")
    place = {"user": who, "channel": "secret-launch", "ts": ts}
    status, answer = await slack.try_control("click", **place, **action)
    assert status == 400
    assert words in answer["error"]


async def test_a_button_may_be_shown_to_one_person_only(slack: LocalSlack, film: Film) -> None:
    only_ada = [button("cancel", visible_to_user_ids=[slack.user("ada")])]
    posted = await slack.client.chat_postMessage(
        channel=slack.channel("general"),
        text="x",
        blocks=[{"type": "actions", "elements": only_ada}],
    )
    place = {"channel": "general", "ts": posted["ts"], "action_id": "cancel"}
    assert (await slack.try_control("click", user="ben", **place))[0] == 400
    await slack.control("click", user="ada", **place)


async def test_a_response_url_replaces_the_message_and_wears_out(
    slack: LocalSlack, film: Film
) -> None:
    ts = await film.card()
    await slack.control("click", user="ada", channel="general", ts=ts, action_id="cancel")
    url = film.last["response_url"]
    assert (await respond(slack, url, text="done", replace_original=True))[0] == 200
    assert slack.messages("general")[0]["text"] == "done"
    assert "blocks" not in slack.messages("general")[0]
    assert (await respond(slack, url, text="for you"))[1] == "ok"
    assert slack.whispers("ada")[-1]["text"] == "for you"
    await respond(slack, url, text="for all", response_type="in_channel", thread_ts=ts)
    assert slack.messages("general")[-1]["thread_ts"] == ts
    assert (await respond(slack, url, blocks=[{"type": "nope"}]))[0] == 400
    assert (await respond(slack, url, delete_original=True))[0] == 200
    status, text = await respond(slack, url, text="sixth")
    assert status == 404
    assert "used_url" in text


async def test_a_response_url_ends_after_half_an_hour_but_needs_no_membership(
    slack: LocalSlack, film: Film
) -> None:
    place = {"user": "ada", "channel": "not-a-member"}
    await slack.control("command", **place, text="/video")
    url = film.last["response_url"]
    assert (await respond(slack, url, text="invite me"))[0] == 200
    assert slack.whispers("ada")[-1]["text"] == "invite me"
    assert (await respond(slack, url, text="x", replace_original=True))[0] == 200
    assert len(slack.whispers("ada")) == 2
    assert (await respond(slack, url, delete_original=True))[0] == 400
    await slack.control("clock", skip_s=30 * 60 + 1)
    status, text = await respond(slack, url, text="late")
    assert (status, "expired_url" in text) == (404, True)


async def test_an_ephemeral_changes_only_through_its_own_buttons(
    slack: LocalSlack, film: Film
) -> None:
    ada, general = slack.user("ada"), slack.channel("general")
    sent = await slack.client.chat_postEphemeral(
        channel=general, user=ada, text="sure?", blocks=CARD
    )
    place = {"channel": "general", "ts": sent["message_ts"], "action_id": "cancel"}
    assert (await slack.try_control("click", user="ben", **place))[0] == 400
    await slack.control("click", user="ada", **place)
    assert film.last["container"]["is_ephemeral"] is True
    assert "message" not in film.last
    await respond(slack, film.last["response_url"], text="fine", replace_original=True)
    assert [whisper["text"] for whisper in slack.whispers("ada")] == ["fine"]
    await respond(slack, film.last["response_url"], delete_original=True)
    assert slack.whispers("ada") == []


async def test_a_trigger_works_once_and_for_three_seconds(slack: LocalSlack, film: Film) -> None:
    ts = await film.card()
    place = {"user": "ada", "channel": "general", "ts": ts, "action_id": "cancel"}
    await slack.control("click", **place)
    broken = {**FORM, "title": plain("x" * 25)}
    trigger = film.last["trigger_id"]
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await slack.client.views_open(trigger_id=trigger, view=broken)
    await slack.client.views_open(trigger_id=trigger, view=FORM)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await slack.client.views_open(trigger_id=trigger, view=FORM)
    await slack.control("click", **place)
    await slack.control("clock", skip_s=3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await slack.client.views_open(trigger_id=film.last["trigger_id"], view=FORM)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await slack.client.views_open(trigger_id="1.2.3", view=FORM)


async def test_a_form_is_submitted_with_its_state(slack: LocalSlack, film: Film) -> None:
    view_id = await film.form()
    file = await slack.upload("ada", "fox.png", IMAGE_BYTES)
    values = {"model": {"value": ["kling"]}, "image": {"value": [file["id"]]}}
    done = await slack.control("submit_view", user="ada", view_id=view_id, values=values)
    assert done["ack"]["status"] == 200
    view = film.last["view"]
    assert (film.last["type"], view["private_metadata"]) == ("view_submission", "kept")
    state = view["state"]["values"]
    assert state["prompt"]["value"] == {"type": "plain_text_input", "value": "a fox"}
    assert state["model"]["value"]["selected_option"]["value"] == "kling"
    assert state["image"]["value"]["files"][0]["id"] == file["id"]
    seen = await slack.client.files_info(file=file["id"])  # a file given to the app is readable
    assert seen["file"]["name"] == "fox.png"
    assert slack.sandbox.workspace.modals.stacks[slack.user("ada")] == []


@pytest.mark.parametrize(
    ("values", "block_id"),
    [
        ({"prompt": {"value": ""}}, "prompt"),
        ({"prompt": {"value": "x" * 21}}, "prompt"),
        ({"image": {"value": ["txt"]}}, "image"),
        ({"image": {"value": ["big"]}}, "image"),
        ({"image": {"value": ["png", "png2"]}}, "image"),
    ],
)
async def test_slack_itself_refuses_an_incomplete_form(
    slack: LocalSlack, film: Film, values: Json, block_id: str
) -> None:
    files = {
        "png": await slack.upload("ada", "a.png", IMAGE_BYTES),
        "png2": await slack.upload("ada", "b.png", IMAGE_BYTES),
        "txt": await slack.upload("ada", "a.txt", b"words"),
        "big": await slack.upload("ada", "c.png", b"x" * (10 * 1024 * 1024 + 1)),
    }
    if block_id == "image":
        values = {"image": {"value": [files[name]["id"] for name in values["image"]["value"]]}}
    view_id = await film.form()
    status, answer = await slack.try_control(
        "submit_view", user="ada", view_id=view_id, values=values
    )
    assert status == 400
    assert list(answer["errors"]) == [block_id]
    assert film.last["command"] == "/video"  # nothing was submitted


async def test_response_actions_show_errors_update_push_and_clear(
    slack: LocalSlack, film: Film
) -> None:
    view_id = await film.form()
    stack = slack.sandbox.workspace.modals.stacks
    ada = slack.user("ada")
    submit = {"user": "ada", "view_id": view_id}
    film.answer = {"response_action": "errors", "errors": {"prompt": "No foxes."}}
    await slack.control("submit_view", **submit)
    assert [view.id for view in stack[ada]] == [view_id]
    film.answer = {"response_action": "update", "view": {**FORM, "title": plain("Again")}}
    await slack.control("submit_view", **submit, values={"prompt": {"value": "an owl"}})
    assert stack[ada][0].body["title"]["text"] == "Again"
    film.answer = {"response_action": "push", "view": FORM}
    await slack.control("submit_view", **submit)
    assert film.last["view"]["state"]["values"]["prompt"]["value"]["value"] == "an owl"
    assert [view.previous_id for view in stack[ada]] == [None, view_id]
    assert (await slack.try_control("submit_view", **submit))[0] == 400  # another is on top
    film.answer = {"response_action": "clear"}
    await slack.control("submit_view", user="ada", view_id=stack[ada][-1].id)
    assert stack[ada] == []


async def test_errors_must_name_input_blocks(slack: LocalSlack, film: Film) -> None:
    view_id = await film.form()
    film.answer = {"response_action": "errors", "errors": {"value": "action ids are wrong here"}}
    await slack.control("submit_view", user="ada", view_id=view_id)
    assert any("MUST NAME INPUT BLOCKS" in note for note in slack.notes())
    assert slack.sandbox.workspace.modals.find(view_id)


async def test_at_most_three_views_are_stacked(slack: LocalSlack, film: Film) -> None:
    await film.form()
    film.answer = {"response_action": "push", "view": FORM}
    stack = slack.sandbox.workspace.modals.stacks[slack.user("ada")]
    for _ in range(2):
        await slack.control("submit_view", user="ada", view_id=stack[-1].id)
    assert len(stack) == 3
    trigger = film.last["trigger_id"]
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await slack.client.views_push(trigger_id=trigger, view=FORM)


async def test_views_update_guards_with_its_hash(slack: LocalSlack, film: Film) -> None:
    view_id = await film.form()
    first = slack.sandbox.workspace.modals.find(view_id).hash
    answer = await slack.client.views_update(view_id=view_id, view=FORM, hash=first)
    assert answer["view"]["hash"] != first
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await slack.client.views_update(view_id=view_id, view=FORM, hash=first)
    with pytest.raises(SlackApiError, match="not_found"):
        await slack.client.views_update(view_id="V0", view=FORM)


async def test_external_ids_are_unique(slack: LocalSlack, film: Film) -> None:
    view_id = await film.form("ada")
    named = {**FORM, "external_id": "one"}
    await slack.client.views_update(view_id=view_id, view=named)
    other = await film.form("ben")
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await slack.client.views_update(view_id=other, view=named)
    await slack.client.views_update(external_id="one", view=FORM)


async def test_closing_is_told_to_views_that_asked(slack: LocalSlack, film: Film) -> None:
    view_id = await film.form()
    assert (await slack.try_control("close_view", user="ben", view_id=view_id))[0] == 400
    await slack.control("close_view", user="ada", view_id=view_id)
    assert (film.last["type"], film.last["is_cleared"]) == ("view_closed", False)
    again = await film.form()
    await slack.client.views_update(view_id=again, view={**FORM, "notify_on_close": False})
    film.answer = {"response_action": "push", "view": FORM}
    await slack.control("submit_view", user="ada", view_id=again)
    told = len(film.bodies)
    on_top = slack.sandbox.workspace.modals.stacks[slack.user("ada")][-1]
    await slack.control("close_view", user="ada", view_id=on_top.id, clear=True)
    assert [body["view"]["id"] for body in film.bodies[told:]] == [on_top.id]
    assert film.last["is_cleared"] is True
    assert slack.sandbox.workspace.modals.stacks[slack.user("ada")] == []


async def test_inputs_send_actions_only_with_dispatch_action(slack: LocalSlack, film: Film) -> None:
    view_id = await film.form()
    click = {"user": "ada", "view_id": view_id, "action_id": "model", "selected_option": "veo"}
    assert (await slack.try_control("click", **{**click, "action_id": "value"}))[0] == 400
    menu = {"type": "static_select", "action_id": "model", "options": [option("veo")]}
    live = {**FORM, "blocks": [field("live", menu, dispatch_action=True), FORM["blocks"][0]]}
    await slack.client.views_update(view_id=view_id, view=live)
    await slack.control("click", **click, values={"prompt": {"value": "an owl"}})
    prompt = film.last["view"]["state"]["values"]["prompt"]["value"]
    assert prompt["value"] == "an owl"
    assert film.last["container"] == {"type": "view", "view_id": view_id}
    state = film.last["view"]["state"]["values"]["live"]["model"]
    assert state["selected_option"]["value"] == "veo"


async def test_external_selects_ask_the_app(slack: LocalSlack, film: Film) -> None:
    view_id = await film.form()
    menu = {"type": "external_select", "action_id": "avatar", "min_query_length": 2}
    view = {**FORM, "blocks": [field("who", menu)]}
    await slack.client.views_update(view_id=view_id, view=view)
    asked = {"user": "ada", "view_id": view_id, "action_id": "avatar", "value": "anna"}
    offered = (await slack.control("options", **asked))["ack"]["body"]["options"]
    assert offered == [option("anna")]


async def test_a_message_shortcut_works_in_threads_and_where_the_bot_is_not(
    slack: LocalSlack, film: Film
) -> None:
    place = {"user": "ada", "channel": "not-a-member"}
    parent = (await slack.control("message", **place, text="look"))["ts"]
    ts = (await slack.control("reply", **place, thread_ts=parent, text="this one"))["ts"]
    await slack.control("shortcut", **place, ts=ts, callback_id="animate_image")
    body = film.last
    assert (body["type"], body["callback_id"]) == ("message_action", "animate_image")
    assert (body["message_ts"], body["message"]["text"]) == (ts, "this one")
    assert body["message"]["thread_ts"] == parent
    assert (await respond(slack, body["response_url"], text="started"))[0] == 200
    status, answer = await slack.try_control("shortcut", **place, ts=ts, callback_id="other")
    assert (status, "no such message shortcut" in answer["error"]) == (400, True)


async def test_an_action_can_be_delivered_again(slack: LocalSlack, film: Film) -> None:
    ts = await film.card()
    await slack.control("click", user="ada", channel="general", ts=ts, action_id="cancel")
    await slack.control("deliver_again", kind="action")
    assert film.bodies[-1] == film.bodies[-2]


async def test_an_unanswered_click_warns_the_person() -> None:
    async with local_slack(ack_limit_s=0.05) as slack:
        posted = await slack.client.chat_postMessage(
            channel=slack.channel("general"), text="x", blocks=CARD
        )
        place = {"user": "ada", "channel": "general", "ts": posted["ts"], "action_id": "cancel"}
        done = await slack.control("click", **place)
        assert done["ack"]["error"] == "dispatch_failed"
        assert "dispatch_failed" in slack.whispers("ada")[0]["text"]


async def test_the_home_tab_is_for_apps_that_turned_it_on() -> None:
    home = {"type": "home", "blocks": CARD}
    async with local_slack() as slack:
        with pytest.raises(SlackApiError, match="not_enabled"):
            await slack.client.views_publish(user_id=slack.user("ada"), view=home)
    raw = manifest(events=("app_home_opened",))
    raw["features"]["app_home"]["home_tab_enabled"] = True
    async with local_slack(raw) as slack:
        await slack.client.views_publish(user_id=slack.user("ada"), view=home)
        film = Film(slack)
        opened: list[Json] = []

        @film.app.event("app_home_opened")
        async def hear(event: Json) -> None:
            opened.append(event)

        async with over_sockets(slack, film):
            await slack.control("home", user="ada", tab="messages")
            await until(lambda: opened)
        assert (opened[0]["tab"], opened[0]["channel"]) == ("messages", slack.channel("dm-ada"))
