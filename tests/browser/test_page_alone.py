"""The sandbox's page in a real browser, with a small app of its own instead of the product.

It shows that the page is faithful by itself: what a person does reaches the app, what the app says
is drawn, and nothing on the way breaks.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import av
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

pytestmark = [pytest.mark.browser, pytest.mark.process]

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
CHANNEL = "launch-film"
EVENT_WAIT_S = 10
ACK_LIMIT_S = 3


@dataclass
class App:
    """A tiny app on the sandbox's socket: keeps what it hears, answers what it is told to."""

    greeting: Json
    heard: list[Json] = field(default_factory=list)
    answer: Callable[[Json], Json | None] = lambda _: None
    _news: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        api = self.greeting["slack_api_url"]
        self.web = WebClient(token=self.greeting["slack_bot_token"], base_url=api)
        self._socket = SocketModeClient(
            app_token=self.greeting["slack_app_token"],
            web_client=WebClient(token=self.greeting["slack_app_token"], base_url=api),
        )
        self._socket.socket_mode_request_listeners.append(self._hear)
        self._socket.connect()

    def _hear(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        client.send_socket_mode_response(
            SocketModeResponse(request.envelope_id, self.answer(request.payload))
        )
        with self._news:
            self.heard.append(request.payload)
            self._news.notify_all()

    def wait_for(self, wanted: Callable[[Json], Any]) -> Json:
        """The first payload like this. Errors: AssertionError after ten seconds."""
        found: list[Json] = []

        def look() -> bool:
            found[:] = [payload for payload in list(self.heard) if wanted(payload)]
            return bool(found)

        with self._news:
            assert self._news.wait_for(look, EVENT_WAIT_S), f"not heard; heard {self.heard}"
        return found[0]

    def say(self, text: str, **more: Any) -> str:
        """Post as the app; returns the `ts`."""
        answer = self.web.chat_postMessage(
            channel=self.greeting["channels"][CHANNEL], text=text, **more
        )
        return str(answer["ts"])

    def control(self, call: str, **body: Any) -> Json:
        """A control call, for what no person does on the page."""
        request = Request(
            f"{self.greeting['control_url']}/{call}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urlopen(request) as answer:
            return dict(json.load(answer))

    def close(self) -> None:
        """Leave the socket."""
        self._socket.close()


def start_sandbox(*arguments: str) -> tuple[subprocess.Popen[str], Json]:
    """A sandbox process and its greeting."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--manifest", "manifest.yml", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def stop(process: subprocess.Popen[str]) -> None:
    """End a sandbox and let go of its pipe."""
    process.terminate()
    process.wait(timeout=20)
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture(scope="module")
def only_app() -> Iterator[App]:
    """One sandbox and one app for all tests; `app` empties both."""
    process, greeting = start_sandbox("--pace", "0.2", "--rates", "off")
    try:
        small = App(greeting)
        yield small
        small.close()
    finally:
        stop(process)


@pytest.fixture
def app(only_app: App) -> App:
    only_app.control("reset")
    only_app.heard.clear()
    only_app.answer = lambda _: None
    return only_app


@pytest.fixture
def page(browser: Browser, app: App) -> Iterator[Page]:
    """The page as Ada sees it; an error in it fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    shown = context.new_page()
    errors: list[str] = []
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.goto(app.greeting["page_url"])
    expect(shown.get_by_test_id("composer")).to_be_visible()
    yield shown
    context.close()
    assert errors == []


def message(page: Page | Locator, text: str) -> Locator:
    """The message with this text."""
    return page.get_by_test_id("message").filter(has_text=text)


def test_what_people_type_is_sent_by_enter_and_drawn_as_slack_draws_it(
    page: Page, app: App
) -> None:
    composer = page.get_by_test_id("composer")
    composer.fill("*bold* _it_ 3 * 4 * 5 `a < b` <tag> @cleo :fox_face:")
    composer.press("Enter")
    said = message(page, "3 * 4 * 5")
    expect(said.locator("strong")).to_have_text("bold")
    expect(said.locator("em")).to_have_text("it")
    expect(said.locator("code")).to_have_text("a < b")
    expect(said.locator(".mention")).to_have_text("@Cleo")
    expect(said.locator("img.emoji")).to_have_attribute("alt", "🦊")
    expect(said).to_contain_text("<tag>")
    expect(composer).to_have_value("")
    heard = app.wait_for(lambda payload: payload.get("event", {}).get("type") == "message")
    assert "&lt;tag&gt; <@U" in heard["event"]["text"]


def test_a_slash_command_is_suggested_and_its_ack_is_only_visible_to_its_person(
    page: Page, app: App
) -> None:
    app.answer = lambda payload: {"text": "Got it"} if payload.get("command") else None
    composer = page.get_by_test_id("composer")
    composer.press_sequentially("/vi")
    expect(page.get_by_test_id("suggestions")).to_contain_text("a fox in snow")
    composer.press("Tab")
    expect(composer).to_have_value("/video ")
    composer.press_sequentially("a red fox")
    page.get_by_test_id("send").click()
    assert app.wait_for(lambda payload: payload.get("command"))["text"] == "a red fox"
    whispered = page.get_by_test_id("ephemeral").filter(has_text="Got it")
    expect(whispered).to_contain_text("Only visible to you")
    page.get_by_test_id("user-switch").click()
    page.get_by_test_id("user-ben").click()
    expect(page.get_by_test_id("user-switch")).to_contain_text("You are Ben")
    expect(whispered).to_have_count(0)


def test_a_command_without_an_ack_ends_in_a_toast(page: Page, app: App) -> None:
    def too_late(payload: Json) -> None:
        if payload.get("command"):
            time.sleep(ACK_LIMIT_S + 0.5)

    app.answer = too_late
    page.get_by_test_id("composer").fill("/video a fox")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("toast")).to_contain_text("operation_timeout")


def test_a_thread_takes_replies_with_pictures_and_broadcasts(
    page: Page, app: App, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 48), "orange").save(tmp_path / "fox.png")
    app.say("V-142")
    expect(page.get_by_test_id("announcer")).to_have_text("Dailies: V-142")
    message(page, "V-142").hover()
    message(page, "V-142").get_by_test_id("reply-in-thread").click()
    thread = page.get_by_test_id("thread-pane")
    page.get_by_test_id("thread-upload").set_input_files(tmp_path / "fox.png")
    page.get_by_test_id("thread-composer").fill("use this one")
    page.get_by_test_id("thread-broadcast").check()
    expect(page.get_by_test_id("thread-send")).to_be_enabled()
    page.get_by_test_id("thread-composer").press("Enter")
    picture = thread.get_by_test_id("image")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 64)
    expect(page.get_by_test_id("open-thread")).to_contain_text("1 reply")
    heard = app.wait_for(lambda payload: payload.get("event", {}).get("files"))
    assert heard["event"]["thread_ts"]
    page.get_by_test_id("thread-composer").fill("/video in a thread")
    page.get_by_test_id("thread-composer").press("Enter")
    expect(page.get_by_test_id("toast")).to_contain_text("not supported in threads")


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def heard_action(app: App, action_id: str) -> Json:
    payload = app.wait_for(
        lambda one: one.get("actions") and one["actions"][0]["action_id"] == action_id
    )
    return dict(payload["actions"][0])


def test_buttons_menus_and_confirmations_reach_the_app(page: Page, app: App) -> None:
    confirm = {
        "title": plain("Cancel this take?"),
        "text": plain("The vendor may still charge."),
        "confirm": plain("Cancel it"),
        "deny": plain("Keep going"),
    }
    elements = [
        button("approve", "Approve", value="take-1", style="primary"),
        button("cancel", "Cancel", style="danger", confirm=confirm),
        {"type": "overflow", "action_id": "more", "options": [option("extend"), option("delete")]},
        {
            "type": "static_select",
            "action_id": "model",
            "options": [option("veo"), option("kling")],
        },
    ]
    app.say("card", blocks=[{"type": "actions", "elements": elements}])
    page.get_by_role("button", name="Approve").click()
    assert heard_action(app, "approve")["value"] == "take-1"
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_test_id("confirm-deny").click()
    page.get_by_test_id("overflow").click()
    page.get_by_role("menuitem", name="Delete").click()
    assert heard_action(app, "more")["selected_option"]["value"] == "delete"
    assert not [one for one in app.heard if "cancel" in json.dumps(one.get("actions", []))]
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_test_id("confirm-yes").click()
    heard_action(app, "cancel")
    page.locator("[data-action-id=model]").select_option("kling")
    assert heard_action(app, "model")["selected_option"]["value"] == "kling"


def a_form() -> Json:
    def field_of(block_id: str, element: Json, **more: Any) -> Json:
        element = {"action_id": block_id, **element}
        label = plain(block_id.title())
        return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}

    aspects = [option("wide"), option("tall")]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("New video"),
        "submit": plain("Render"),
        "notify_on_close": True,
        "blocks": [
            field_of("prompt", {"type": "plain_text_input", "multiline": True}),
            field_of("model", {"type": "static_select", "options": [option("veo"), option("ltx")]}),
            field_of("aspect", {"type": "radio_buttons", "options": aspects}),
            field_of("extras", {"type": "checkboxes", "options": [option("sound")]}, optional=True),
            field_of("seconds", {"type": "number_input", "is_decimal_allowed": False}),
            field_of("image", {"type": "file_input", "filetypes": ["png"]}, optional=True),
            field_of("avatar", {"type": "external_select", "min_query_length": 1}, optional=True),
        ],
    }


def fill_form(page: Page, picture: Path) -> None:
    page.locator("[data-action-id=prompt]").fill("a fox")
    page.locator("[data-action-id=model]").select_option("ltx")
    page.get_by_label("Tall").check()
    page.get_by_label("Sound").check()
    page.locator("[data-action-id=seconds]").fill("8")
    page.locator("input[data-action-id=image]").set_input_files(picture)
    page.get_by_role("combobox", name="Avatar").press_sequentially("an")
    page.get_by_role("option", name="Anna").click()
    expect(page.get_by_test_id("file-chip")).to_contain_text("fox.png")


def test_a_modal_is_filled_in_refused_at_its_fields_and_submitted(
    page: Page, app: App, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 48), "orange").save(tmp_path / "fox.png")
    refusals = [{"prompt": "This prompt names no place."}]

    def answer(payload: Json) -> Json | None:
        if payload.get("command"):
            app.web.views_open(trigger_id=payload["trigger_id"], view=a_form())
        if payload.get("type") == "block_suggestion":
            return {"options": [option("anna")]}
        if payload.get("type") == "view_submission" and refusals:
            return {"response_action": "errors", "errors": refusals.pop()}
        return None

    app.answer = answer
    page.get_by_test_id("composer").fill("/video")
    page.get_by_test_id("send").click()
    modal = page.get_by_test_id("modal")
    expect(page.locator("[data-action-id=prompt]")).to_be_focused()
    page.get_by_test_id("modal-submit").click()
    expect(modal.get_by_test_id("field-error")).to_have_count(4)
    fill_form(page, tmp_path / "fox.png")
    page.get_by_test_id("modal-submit").click()
    expect(modal.get_by_test_id("field-error")).to_have_text("This prompt names no place.")
    page.locator("[data-action-id=prompt]").fill("a fox in snow")
    page.get_by_test_id("modal-submit").click()
    expect(modal).to_have_count(0)
    submissions = [one for one in app.heard if one.get("type") == "view_submission"]
    values = submissions[-1]["view"]["state"]["values"]
    assert values["prompt"]["prompt"]["value"] == "a fox in snow"
    assert values["model"]["model"]["selected_option"]["value"] == "ltx"
    assert values["aspect"]["aspect"]["selected_option"]["value"] == "tall"
    assert [one["value"] for one in values["extras"]["extras"]["selected_options"]] == ["sound"]
    assert values["seconds"]["seconds"]["value"] == "8"
    assert values["image"]["image"]["files"][0]["name"] == "fox.png"
    assert values["avatar"]["avatar"]["selected_option"]["value"] == "anna"


def test_closing_a_modal_by_escape_is_told(page: Page, app: App) -> None:
    def answer(payload: Json) -> None:
        if payload.get("command"):
            app.web.views_open(trigger_id=payload["trigger_id"], view=a_form())

    app.answer = answer
    page.get_by_test_id("composer").fill("/video")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("modal")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("modal")).to_have_count(0)
    app.wait_for(lambda payload: payload.get("type") == "view_closed")


def test_a_finished_video_plays(page: Page, app: App, tmp_path: Path) -> None:
    render_clip(tmp_path / "fox.mp4")
    app.web.files_upload_v2(
        channel=app.greeting["channels"][CHANNEL], file=str(tmp_path / "fox.mp4"), title="Take 1"
    )
    video = page.get_by_test_id("video")
    expect(video).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("() => document.querySelector('[data-testid=video]').currentTime > 0.3")


def render_clip(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for at in range(48):
            picture = Image.new("RGB", (320, 180), (at * 5, 90, 60))
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call] # PyAV has no types
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_own_messages_are_edited_and_deleted_and_shortcuts_run_on_any(page: Page, app: App) -> None:
    page.get_by_test_id("composer").fill("a draft")
    page.get_by_test_id("composer").press("Enter")
    message(page, "a draft").hover()
    message(page, "a draft").get_by_test_id("message-menu").click()
    page.get_by_test_id("edit-message").click()
    page.get_by_test_id("edit-box").fill("a final")
    page.get_by_test_id("edit-box").press("Enter")
    expect(message(page, "a final")).to_contain_text("(edited)")
    message(page, "a final").get_by_test_id("message-menu").click()
    page.get_by_test_id("shortcut").filter(has_text="Animate this image").click()
    app.wait_for(lambda payload: payload.get("callback_id") == "animate_image")
    message(page, "a final").get_by_test_id("message-menu").click()
    page.get_by_test_id("delete-message").click()
    page.get_by_test_id("confirm-yes").click()
    expect(message(page, "a final")).to_have_count(0)


def test_panels_show_traffic_faults_and_the_ledger(page: Page, app: App) -> None:
    page.get_by_test_id("faults-toggle").click()
    fault = page.locator("[data-fault='slack:chat.postMessage error']")
    fault.click()
    expect(fault).to_have_attribute("aria-pressed", "true")
    fault.click()
    expect(fault).to_have_attribute("aria-pressed", "false")
    app.say("not refused")
    fault.click()
    expect(fault).to_have_attribute("aria-pressed", "true")
    with pytest.raises(Exception, match="not_in_channel"):
        app.say("refused")
    expect(fault).to_have_attribute("aria-pressed", "false")
    page.get_by_test_id("traffic-toggle").click()
    expect(page.get_by_test_id("traffic")).to_contain_text("/api/chat.postMessage")
    page.get_by_test_id("ledger-toggle").click()
    expect(page.get_by_test_id("ledger")).to_contain_text("nothing would be on a bill")


def test_every_vendor_can_be_struck_from_the_panel(page: Page, app: App) -> None:
    page.get_by_test_id("faults-toggle").click()
    for vendor in ("HeyGen", "fal", "Runware"):
        section = page.get_by_label(f"Faults of {vendor}")
        for word in ("submit", "check", "webhook"):
            named = section.locator(f"[data-fault^='{vendor.lower()}:{word} ']")
            expect(named).not_to_have_count(0)
    switches = page.get_by_test_id("fault").all()
    for switch in switches:
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("armed-count")).to_have_text(f"{len(switches)} armed")
    page.get_by_test_id("disarm-all").click()
    form = page.get_by_test_id("any-fault")
    targets = {each.get_attribute("value") for each in form.locator("datalist option").all()}
    assert targets > {"fal:history", "runware:quote", "heygen:training", "heygen:webhook"}
    form.get_by_label("Target").fill("fal:history")
    form.get_by_label("Kind").select_option("early")
    form.get_by_role("button", name="Arm").click()
    expect(page.get_by_test_id("faults")).to_contain_text("fal:history early")
    page.get_by_role("button", name="Runware’s last webhook").click()
    expect(
        page.get_by_text("Runware delivered nothing again: no webhook was sent yet")
    ).to_be_visible()


def test_hundreds_of_messages_stay_where_the_reader_is(page: Page, app: App) -> None:
    for number in range(300):
        app.control("message", user="ben", channel=CHANNEL, text=f"*shot* {number}")
    expect(message(page, "shot 299")).to_be_in_viewport()
    scroller = page.locator(".channel-pane .scroller")
    scroller.evaluate("box => { box.scrollTop = 900; }")
    app.control("message", user="ben", channel=CHANNEL, text="the latest")
    expect(page.get_by_role("button", name="New messages")).to_be_visible()
    assert scroller.evaluate("box => box.scrollTop") == 900
    page.get_by_role("button", name="New messages").click()
    expect(message(page, "the latest")).to_be_in_viewport()


def test_after_a_restart_the_page_comes_back_by_itself(browser: Browser) -> None:
    process, greeting = start_sandbox("--seed-tokens", "page")
    page = browser.new_page()
    try:
        page.goto(greeting["page_url"])
        page.get_by_test_id("composer").fill("before")
        page.get_by_test_id("composer").press("Enter")
        expect(message(page, "before")).to_be_visible()
        stop(process)
        expect(page.get_by_text("does not answer")).to_be_visible()
        port = greeting["page_url"].rstrip("/").rpartition(":")[2]
        process, _ = start_sandbox("--seed-tokens", "page", "--page-port", port)
        expect(page.get_by_text("does not answer")).to_have_count(0, timeout=15_000)
        expect(message(page, "before")).to_have_count(0)
    finally:
        page.close()
        stop(process)
