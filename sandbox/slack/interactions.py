"""What a person does with the app: commands, clicks, shortcuts, submissions.

Each builds Slack's payload, waits at most 3 s for the ack, and does what the ack says.
Sources: docs.slack.dev/interactivity/implementing-slash-commands, /interactivity/handling-user-
interaction, /reference/interaction-payloads/*.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from sandbox.slack import blocks, responding, view_state, wording
from sandbox.slack.delivery import Ack
from sandbox.slack.grants import ResponseUrl
from sandbox.slack.modals import View
from sandbox.slack.shapes import payload_channel, payload_user
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import SLACKBOT, Channel

Json = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again?"
ACTION_KEYS = ("type", "action_id", "block_id", "text", "value", "style", "placeholder")


class Refused(Exception):
    """What Slack's own client would not let a person do; the text says why."""


class Interactions:
    """Every way a person reaches the app besides messages."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._world = workspace.world

    async def command(self, user: str, channel: Channel, text: str, *, in_thread: bool) -> Ack:
        """`/video …`. Works where the bot is not a member; never in threads. Errors: Refused."""
        name, rest = (*text.strip().split(None, 1), "", "")[:2]
        command = self._workspace.manifest.commands.get(name)
        if command is None:
            raise Refused(f"{name} is not a valid command.")
        if in_thread:  # slack.md section 0, fact 1
            raise Refused(f"{name} is not supported in threads. Sorry!")
        if user not in channel.members:
            raise Refused("You are not in this channel.")
        if command.should_escape:
            rest = wording.stored(rest, self._command_name)
        payload = self._command_payload(user, channel, name=name, text=rest)
        ack = await self._workspace.delivery.send("commands", payload)
        self._show_command_ack(user, channel, name=name, ack=ack)
        return ack

    def _command_name(self, sigil: str, name: str) -> str | None:
        """With `should_escape` a user becomes `<@U…|name>`."""
        control = self._world.resolve_name(sigil, name)
        if control and control.startswith("<@"):
            return f"{control[:-1]}|{self._world.users[control[2:-1]].name}>"
        return control

    def _command_payload(self, user: str, channel: Channel, *, name: str, text: str) -> Json:
        grant = ResponseUrl(user, channel.id, 0.0)
        return {
            "token": self._workspace.tokens.verification,
            "team_id": self._world.team["id"],
            "team_domain": self._world.team["domain"],
            "channel_id": channel.id,
            "channel_name": payload_channel(channel)["name"],
            "user_id": user,
            "user_name": self._world.users[user].name,
            "command": name,
            "text": text,
            "api_app_id": self._world.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url("commands", grant),
            "trigger_id": self._workspace.grants.trigger(user, channel.id),
        }

    def _response_url(self, kind: str, grant: ResponseUrl) -> str:
        return self._workspace.base_url + self._workspace.grants.response_path(kind, grant)

    def _show_command_ack(self, user: str, channel: Channel, *, name: str, ack: Ack) -> None:
        if not ack.ok:
            self._slackbot(user, channel, f"{name} failed with the error “{ack.error}”")
            return
        body = {"text": ack.body} if isinstance(ack.body, str) else ack.body
        if not body:
            return
        grant = ResponseUrl(user, channel.id, 0.0)
        if refusal := responding.respond(self._workspace, grant, body):
            self._workspace.traffic.record(
                "in", "bot", "ACK", name, note=f"ACK BODY REFUSED {refusal.code} {refusal.messages}"
            )

    def _slackbot(self, user: str, channel: Channel, text: str) -> None:
        self._world.whisper(channel, user, {"user": SLACKBOT, "text": text})

    async def click(self, user: str, place: Channel | View, *, ts: str, action: Json) -> Ack:
        """A button, menu or box in a message or view. Errors: Refused."""
        if isinstance(place, View):
            return await self._click_in_view(user, place, action)
        message, is_ephemeral = self._clicked_message(user, place, ts)
        chosen = self._chosen(user, message.get("blocks") or [], action)
        container: Json = {
            "type": "message",
            "message_ts": ts,
            "channel_id": place.id,
            "is_ephemeral": is_ephemeral,
        }
        if "thread_ts" in message:
            container["thread_ts"] = message["thread_ts"]
        grant = ResponseUrl(user, place.id, 0.0, ts, is_ephemeral)
        payload = {
            **self._basics("block_actions", user),
            "container": container,
            "trigger_id": self._workspace.grants.trigger(user, place.id),
            "channel": payload_channel(place),
            **({} if is_ephemeral else {"message": copy.deepcopy(message)}),
            "state": {"values": view_state.state_of(message.get("blocks") or [], {})},
            "response_url": self._response_url("actions", grant),
            "actions": [chosen],
        }
        return await self._interactive(user, place, payload)

    def _clicked_message(self, user: str, channel: Channel, ts: str) -> tuple[Json, bool]:
        if user not in channel.members:
            raise Refused("You are not in this channel.")
        if message := channel.messages.get(ts):
            return message, False
        if whisper := self._world.find_whisper(user, ts):
            return whisper, True
        raise Refused("no such message")

    async def _click_in_view(self, user: str, view: View, action: Json) -> Ack:
        self._enter(view, action.get("values") or {})
        chosen = self._chosen(user, view.body["blocks"], action)
        for block in view.body["blocks"]:
            is_its = block["block_id"] == chosen["block_id"]
            if is_its and block["type"] == "input" and not block.get("dispatch_action"):
                raise Refused("inputs without dispatch_action send no actions")
        self._keep_choice(view, chosen)
        payload = {
            **self._basics("block_actions", user),
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._workspace.grants.trigger(user, view.channel, view.id),
            "view": self._workspace.modals.shape(view),
            "actions": [chosen],
        }
        return await self._interactive(user, None, payload)

    def _keep_choice(self, view: View, chosen: Json) -> None:
        if chosen["type"] in view_state.STATE_KEYS:
            key = view_state.STATE_KEYS[chosen["type"]][0]
            state = {"type": chosen["type"], key: chosen[key]}
            view.values.setdefault(chosen["block_id"], {})[chosen["action_id"]] = state

    def _is_hidden_from(self, user: str, element: Json) -> bool:
        return user not in element.get("visible_to_user_ids", [user])

    def _chosen(self, user: str, shown: list[Json], action: Json) -> Json:
        """The `actions[]` entry: the element by action id, value or block id, with the choice."""
        for block in shown:
            for element in blocks.elements_of(block):
                if element.get("action_id") == action["action_id"] and _is_meant(
                    block, element, action
                ):
                    if self._is_hidden_from(user, element):
                        raise Refused("this button is not shown to you")
                    entry = {key: element[key] for key in ACTION_KEYS if key in element}
                    entry |= {"block_id": block["block_id"], "action_ts": self._world.clock.ts()}
                    return {**entry, **self._choice(element, action)}
        raise Refused(f"no such action: {action['action_id']}")

    def _choice(self, element: Json, action: Json) -> Json:
        given = action.get("selected_option", action.get("value"))
        try:
            if element["type"] == "overflow":
                option = next(o for o in element["options"] if o["value"] == given)
                return {"selected_option": option}
            if element["type"] == "feedback_buttons":
                return {"value": given}
            if element["type"] in view_state.STATE_KEYS:
                return view_state.entered(element, given, self.find_file)
        except (ValueError, StopIteration) as error:
            raise Refused(str(error) or f"no such option: {given}") from None
        return {}

    async def _interactive(self, user: str, channel: Channel | None, payload: Json) -> Ack:
        """Send; without an ack the person sees a warning sign (here: Slackbot)."""
        if not (self._workspace.manifest.raw.get("settings") or {}).get("interactivity"):
            raise Refused("This app is not configured to handle interactive responses.")
        ack = await self._workspace.delivery.send("interactive", payload)
        if not ack.ok and channel is not None:
            self._slackbot(user, channel, f"This app didn’t respond: “{ack.error}”")
        return ack

    def _basics(self, kind: str, user: str) -> Json:
        return {
            "type": kind,
            "user": payload_user(self._world, user),
            "api_app_id": self._world.app_id,
            "token": self._workspace.tokens.verification,
            "team": {"id": self._world.team["id"], "domain": self._world.team["domain"]},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    async def message_shortcut(
        self, user: str, callback_id: str, *, channel: Channel, ts: str
    ) -> Ack:
        """A shortcut on a message, also in threads and where the bot is not a member."""
        self._need_shortcut(callback_id, "message")
        message = channel.messages.get(ts)
        if message is None or user not in channel.members:
            raise Refused("no such message")
        grant = ResponseUrl(user, channel.id, 0.0, ts)
        payload = {
            **self._basics("message_action", user),
            "action_ts": self._world.clock.ts(),
            "channel": payload_channel(channel),
            "callback_id": callback_id,
            "trigger_id": self._workspace.grants.trigger(user, channel.id),
            "response_url": self._response_url("app", grant),
            "message_ts": ts,
            "message": copy.deepcopy(message),
        }
        return await self._interactive(user, channel, payload)

    async def global_shortcut(self, user: str, callback_id: str) -> Ack:
        """A shortcut without a channel, so without a response URL."""
        self._need_shortcut(callback_id, "global")
        payload = {
            **self._basics("shortcut", user),
            "action_ts": self._world.clock.ts(),
            "callback_id": callback_id,
            "trigger_id": self._workspace.grants.trigger(user),
        }
        return await self._interactive(user, None, payload)

    def _need_shortcut(self, callback_id: str, kind: str) -> None:
        shortcut = self._workspace.manifest.shortcuts.get(callback_id)
        if shortcut is None or shortcut.kind != kind:
            raise Refused(f"no such {kind} shortcut: {callback_id}")

    async def suggest(self, user: str, place: View, *, action_id: str, typed: str) -> Ack:
        """`block_suggestion`: what an external select offers for the typed text."""
        for block in place.body["blocks"]:
            for element in blocks.elements_of(block):
                if element.get("action_id") == action_id:
                    payload = {
                        **self._basics("block_suggestion", user),
                        "action_id": action_id,
                        "block_id": block["block_id"],
                        "value": typed,
                        "container": {"type": "view", "view_id": place.id},
                        "view": self._workspace.modals.shape(place),
                    }
                    return await self._interactive(user, None, payload)
        raise Refused(f"no such action: {action_id}")

    def find_file(self, file_id: str) -> view_state.UploadedFile | None:
        """A file for a file input; whoever puts it there lets the app read it."""
        file = self._workspace.files.get(file_id)
        if file is None or file.content is None:
            return None
        shape = self._workspace.files.shape(file)
        return view_state.UploadedFile(file.size, file.filetype, shape)

    async def submit(self, view: View, values: dict[str, dict[str, Any]]) -> Ack | dict[str, str]:
        """Submit a modal: the client's own errors by block id, or the ack. Errors: Refused."""
        self._enter(view, values)
        state = view_state.state_of(view.body["blocks"], view.values)
        if found := view_state.problems(view.body["blocks"], state, self.find_file):
            self._show_errors(view, found)
            return found
        self._let_app_read(state)
        payload = {
            **self._basics("view_submission", view.user),
            "trigger_id": self._workspace.grants.trigger(view.user, view.channel, view.id),
            "view": self._workspace.modals.shape(view),
            "response_urls": self._modal_response_urls(view, state),
        }
        ack = await self._interactive(view.user, None, payload)
        self._apply_submission(view, ack)
        return ack

    def _enter(self, view: View, values: dict[str, dict[str, Any]]) -> None:
        fields = {
            (block["block_id"], element["action_id"]): element
            for block, element in view_state.stateful(view.body["blocks"])
        }
        for block_id, by_action in values.items():
            for action_id, given in by_action.items():
                element = fields.get((block_id, action_id))
                if element is None:
                    raise Refused(f"no such input: {block_id}/{action_id}")
                try:
                    state = view_state.entered(element, given, self.find_file)
                except ValueError as error:
                    raise Refused(str(error)) from None
                view.values.setdefault(block_id, {})[action_id] = state

    def _let_app_read(self, state: view_state.Values) -> None:
        for by_action in state.values():
            for value in by_action.values():
                for shape in value.get("files") or []:
                    if file := self._workspace.files.get(shape["id"]):
                        file.app_may_read = True

    def _modal_response_urls(self, view: View, state: view_state.Values) -> list[Json]:
        """`response_url_enabled` selects give one each, slack.md section 1.2."""
        urls: list[Json] = []
        for block, element in view_state.stateful(view.body["blocks"]):
            value = state[block["block_id"]][element["action_id"]]
            chosen = value.get("selected_conversation") or value.get("selected_channel")
            if element.get("response_url_enabled") and chosen:
                urls.append(
                    {
                        "response_url": self._response_url(
                            "app", ResponseUrl(view.user, chosen, 0.0)
                        ),
                        "channel_id": chosen,
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                    }
                )
        return urls

    def _apply_submission(self, view: View, ack: Ack) -> None:
        """`response_action`, docs.slack.dev/surfaces/modals (#response_actions)."""
        modals = self._workspace.modals
        if not ack.ok:
            self._show_errors(view, {"": TROUBLE})
            return
        body = ack.body if isinstance(ack.body, dict) else {}
        match body.get("response_action"):
            case None:
                modals.close(view)
            case "clear":
                modals.close(view, whole_stack=True)
            case "errors":
                self._show_app_errors(view, body.get("errors") or {})
            case "update" | "push" as action:
                self._show_next(view, action, body.get("view"))
            case unknown:
                self._complain(view, f"unknown response_action: {unknown}")

    def _show_app_errors(self, view: View, errors: dict[str, str]) -> None:
        inputs = {b["block_id"] for b in view.body["blocks"] if b["type"] == "input"}
        if not errors or set(errors) - inputs:
            self._complain(view, f"errors must name input blocks, not {sorted(errors)}")
        else:
            self._show_errors(view, errors)

    def _show_next(self, view: View, action: str, body: Any) -> None:
        modals = self._workspace.modals
        body = json.loads(body) if isinstance(body, str) else body
        if problems := blocks.inspect_view(body, self._workspace.look("modal")):
            self._complain(view, f"invalid view in {action}: {problems}")
        elif action == "update":
            modals.replace(view, body)
        else:
            modals.push(view.user, body, view.channel)

    def _show_errors(self, view: View, errors: dict[str, str]) -> None:
        told = {"type": "view_errors", "user": view.user, "view_id": view.id, "errors": errors}
        self._workspace.tell(told)

    def _complain(self, view: View, words: str) -> None:
        self._workspace.traffic.record("in", "bot", "ACK", "view_submission", note=words.upper())
        self._show_errors(view, {"": TROUBLE})

    async def close(self, view: View, *, whole_stack: bool) -> Ack | None:
        """Cancel or X. The app hears of every closed view that asked with `notify_on_close`."""
        ack = None
        for closed in self._workspace.modals.close(view, whole_stack=whole_stack):
            if not closed.body["notify_on_close"]:
                continue
            payload = {
                **self._basics("view_closed", closed.user),
                "view": self._workspace.modals.shape(closed),
                "is_cleared": whole_stack,
            }
            ack = await self._interactive(closed.user, None, payload)
        return ack


def _is_meant(block: Json, element: Json, action: Json) -> bool:
    if action.get("block_id") not in (None, block["block_id"]):
        return False
    is_button = element["type"] in ("button", "icon_button")
    return not (is_button and action.get("value") not in (None, element.get("value")))
