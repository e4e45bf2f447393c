"""A choice that changes a form: another kind, another template, more languages. What was typed into
fields that stay is kept.
"""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.errors import BotError
from domain.message import SlackRefused, SlackUnanswered
from domain.options import option_named
from domain.spoken import Kind
from handlers import ids
from handlers.dependencies import Dependencies
from handlers.forms import form_of
from handlers.payloads import Payload
from handlers.spoken_reading import draft_of_form
from handlers.views.blocks import View


async def reshape(dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """Show the form that the choice asks for. Where Slack does not take it, the form stays."""
    view, action = body["view"], body["actions"][0]
    chosen = (action.get("selected_option") or {}).get("value")
    kind = Kind(chosen) if action["action_id"] == ids.KIND and chosen else _kind_of(view)
    try:
        shown = await reshaped(dependencies, body["team"]["id"], view, kind)
        await dependencies.slack.update_view(view["id"], view["hash"], shown)
    except (BotError, SlackRefused, SlackUnanswered):
        pass
    await ack()


async def reshaped(dependencies: Dependencies, team_id: str, view: Payload, kind: Kind) -> View:
    """The same form for a kind, with what is filled in as far as that kind has it."""
    state = json.loads(view.get("private_metadata") or "{}")
    line = draft_of_form(view, kind, state.pop("kept", None) or {})
    options = {
        name: value for name, value in line.options.items() if kind in option_named(name).kinds
    }
    line = line.model_copy(update={"options": options})
    return await form_of(dependencies, team_id, line, state, title=view["title"]["text"])


def _kind_of(view: Payload) -> Kind:
    state = json.loads(view.get("private_metadata") or "{}")
    return Kind(state.get("kind", Kind.CLIP))
