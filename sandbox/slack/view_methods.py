"""`views.*`: modals and the App Home. Sources: docs.slack.dev/reference/methods/views.*"""

from __future__ import annotations

import json
from typing import Any

from sandbox.slack import blocks
from sandbox.slack.calls import Call
from sandbox.slack.errors import SlackError, missing_field

Json = dict[str, Any]
VIEW_BYTES = 250_000


async def open_view(call: Call) -> Json:
    """Open a modal with a fresh trigger."""
    view = checked_view(call, "modal")
    trigger = call.workspace.grants.exchange(call.need("trigger_id"))
    opened = call.workspace.modals.open(trigger.user, view, trigger.channel)
    return {"view": call.workspace.modals.shape(opened)}


async def push_view(call: Call) -> Json:
    """Put a modal on top, with a trigger that came from a modal."""
    view = checked_view(call, "modal")
    trigger = call.workspace.grants.exchange(call.need("trigger_id"))
    if trigger.from_view is None:
        raise SlackError("invalid_trigger_id")
    pushed = call.workspace.modals.push(trigger.user, view, trigger.channel)
    return {"view": call.workspace.modals.shape(pushed)}


async def update_view(call: Call) -> Json:
    """Replace a view by id or external id; a stale `hash` is refused."""
    body = checked_view(call, "modal", "home")
    if not (call.text("view_id") or call.text("external_id")):
        raise missing_field("view_id")
    view = call.workspace.modals.find(call.text("view_id"), call.text("external_id") or None)
    call.workspace.modals.replace(view, body, call.text("hash") or None)
    return {"view": call.workspace.modals.shape(view)}


async def publish_view(call: Call) -> Json:
    """Set a person's App Home. Errors: not_enabled without the home tab."""
    if not call.workspace.manifest.home_tab:
        raise SlackError("not_enabled")
    body = checked_view(call, "home")
    user = call.user("user_id")
    view = call.workspace.modals.publish(user.id, body, call.text("hash") or None)
    return {"view": call.workspace.modals.shape(view)}


def checked_view(call: Call, *kinds: str) -> Json:
    """The `view` argument. Errors: SlackError invalid_arguments, view_too_large."""
    view = call.structure("view", "invalid_arguments")
    if view is None:
        raise missing_field("view")
    problems = blocks.inspect_view(view, call.workspace.look("modal"))
    if not problems and view["type"] not in kinds:
        problems = [f"unsupported type: {view['type']} [json-pointer:/view/type]"]
    if problems:
        raise SlackError("invalid_arguments", problems)
    if len(json.dumps(view)) > VIEW_BYTES:
        raise SlackError("view_too_large")
    checked: Json = view
    return checked
