"""manifest.yml is what Slack accepts, and says exactly what the listeners listen to."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast

import jsonschema
import pytest
from slack_bolt.async_app import AsyncApp

import handlers
from bot.manifest import over_http, read_manifest
from handlers.dependencies import Dependencies
from tests import manifest_rules as rules
from tests.architecture import ROOT

Json = dict[str, Any]

PUBLIC = "https://dailies.example"
ADDRESS = f"{PUBLIC}/slack/events"


class Doors:
    """Stands where Bolt's app stands, and notes what is registered."""

    def __init__(self) -> None:
        self.commands: set[str] = set()
        self.events: set[str] = set()
        self.shortcuts: set[str] = set()
        self.others: list[str] = []

    def command(self, name: str) -> Callable[..., Any]:
        return self._note(self.commands, name)

    def event(self, name: str) -> Callable[..., Any]:
        return self._note(self.events, name)

    def shortcut(self, name: str) -> Callable[..., Any]:
        return self._note(self.shortcuts, name)

    def action(self, name: str) -> Callable[..., Any]:
        return self._other(name)

    def view(self, name: str) -> Callable[..., Any]:
        return self._other(name)

    def options(self, name: str) -> Callable[..., Any]:
        return self._other(name)

    def _note(self, doors: set[str], name: str) -> Callable[..., Any]:
        assert isinstance(name, str), "only plain names can be compared with the manifest"
        assert name not in doors, f"{name} is registered twice"
        doors.add(name)
        return lambda listener: listener

    def _other(self, name: str) -> Callable[..., Any]:
        self.others.append(name)
        return lambda listener: listener


@pytest.fixture
def doors() -> Doors:
    noted = Doors()
    handlers.register(cast(AsyncApp, noted), cast(Dependencies, object()))
    return noted


@pytest.fixture(params=["socket", "http"])
def manifest(request: pytest.FixtureRequest) -> Json:
    written = read_manifest()
    return written if request.param == "socket" else over_http(written, PUBLIC)


def test_slack_accepts_it(manifest: Json) -> None:
    assert list(_faults(manifest)) == []


def test_every_command_is_registered_and_every_registered_one_is_there(
    manifest: Json, doors: Doors
) -> None:
    assert {one["command"] for one in manifest["features"]["slash_commands"]} == doors.commands


def test_every_shortcut_both_ways(manifest: Json, doors: Doors) -> None:
    assert {one["callback_id"] for one in manifest["features"]["shortcuts"]} == doors.shortcuts


def test_every_event_both_ways(manifest: Json, doors: Doors) -> None:
    subscribed = manifest["settings"]["event_subscriptions"]["bot_events"]
    # `message.channels` and its sisters all arrive as the event `message`.
    assert {event.split(".")[0] for event in subscribed} == doors.events


def test_interactivity_is_on_because_buttons_and_forms_are_registered(
    manifest: Json, doors: Doors
) -> None:
    assert doors.others
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


def test_every_subscribed_event_has_its_scope(manifest: Json) -> None:
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    for event in manifest["settings"]["event_subscriptions"]["bot_events"]:
        assert rules.EVENTS[event] in scopes | {""}, f"{event} never arrives"


def test_the_scopes_are_the_reviewed_ones(manifest: Json) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(rules.REVIEWED)


def test_people_can_write_to_dailies_directly(manifest: Json) -> None:
    home = manifest["features"]["app_home"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False


def test_bolt_takes_the_same_registration(doors: Doors) -> None:
    app = AsyncApp(token="xoxb-1", request_verification_enabled=False)
    handlers.register(app, cast(Dependencies, object()))
    registered = len(doors.commands) + len(doors.events) + len(doors.shortcuts) + len(doors.others)
    assert len(app._async_listeners) == registered


def test_over_http_every_door_has_the_address() -> None:
    manifest = over_http(read_manifest(), f"{PUBLIC}/")
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["interactivity"]["request_url"] == ADDRESS
    assert settings["interactivity"]["message_menu_options_url"] == ADDRESS
    assert settings["event_subscriptions"]["request_url"] == ADDRESS
    assert [one["url"] for one in manifest["features"]["slash_commands"]] == [ADDRESS]


def test_over_a_socket_no_door_has_an_address() -> None:
    manifest = read_manifest()
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(manifest)


def test_both_variants_differ_in_nothing_else() -> None:
    back = over_http(read_manifest(), PUBLIC)
    back["settings"]["socket_mode_enabled"] = True
    del back["settings"]["interactivity"]["request_url"]
    del back["settings"]["interactivity"]["message_menu_options_url"]
    del back["settings"]["event_subscriptions"]["request_url"]
    for command in back["features"]["slash_commands"]:
        del command["url"]
    assert back == read_manifest()


@pytest.mark.parametrize("url", ["http://dailies.example", "dailies.example", "https://", ""])
def test_an_address_that_slack_would_not_call_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        over_http(read_manifest(), url)


def test_the_command_prints_the_same_manifest() -> None:
    printed = subprocess.run(
        (sys.executable, "-m", "bot", "manifest"), cwd=ROOT, capture_output=True, check=True
    )
    assert json.loads(printed.stdout) == read_manifest()


def _set(path: str, value: Any) -> Callable[[Json], None]:
    def plant(manifest: Json) -> None:
        *way, last = path.split("/")
        target: Any = manifest
        for step in way:
            target = target[int(step) if isinstance(target, list) else step]
        target[int(last) if isinstance(target, list) else last] = value

    return plant


@pytest.mark.parametrize(
    "plant",
    [
        _set("display_information/name", "N" * 36),
        _set("display_information/background_color", "#12345"),
        _set("features/bot_user/display_name", "Dailies Bot"),
        _set("features/slash_commands/0/command", "video"),
        _set("features/slash_commands/0/shout", True),
        _set("features/shortcuts/0/name", "N" * 25),
        _set("features/shortcuts/0/type", "channel"),
        _set("settings/event_subscriptions/bot_events/0", "message.everything"),
        _set("oauth_config/scopes/bot/0", "videos:write"),
        _set("settings/interactivity/request_url", "http://dailies.example"),
        _set("socket_mode", True),
    ],
)
def test_what_slack_would_refuse_is_found(plant: Callable[[Json], None]) -> None:
    manifest = copy.deepcopy(read_manifest())
    plant(manifest)
    assert list(_faults(manifest))


def _faults(manifest: Json) -> Iterator[str]:
    validator = jsonschema.Draft7Validator(rules.MANIFEST)
    yield from (error.message for error in validator.iter_errors(manifest))
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    yield from (f"no scope {scope}" for scope in scopes if scope not in rules.SCOPES)
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    yield from (f"no event {event}" for event in events if event not in rules.EVENTS)
