"""Views on people's screens: a stack of modals for each person, and their App Home.

Source: docs.slack.dev/surfaces/modals, /reference/methods/views.*.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import blocks
from sandbox.slack.errors import SlackError
from sandbox.slack.naming import Ids
from sandbox.slack.view_state import state_of
from sandbox.slack.world import World

Json = dict[str, Any]
STACK = 3
KEPT = (
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
)
DEFAULTS: Json = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "close": None,
    "submit": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


@dataclass
class View:
    """An open view. `values` is what its person typed or chose, by block and action id."""

    id: str
    user: str
    body: Json
    root_id: str
    previous_id: str | None
    channel: str | None = None
    hash: str = ""
    values: dict[str, dict[str, Json]] = field(default_factory=dict)


class Modals:
    """Every person's stack of modals, at most three deep, and their home view."""

    def __init__(self, world: World, ids: Ids, tell: Callable[[Json], None]) -> None:
        self._world, self._ids, self._tell = world, ids, tell
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def reset(self) -> None:
        """Close everything silently."""
        self.stacks.clear()
        self.homes.clear()

    def find(self, view_id: str | None, external_id: str | None = None) -> View:
        """An open view. Errors: SlackError not_found."""
        open_views = [view for stack in self.stacks.values() for view in stack]
        for view in [*open_views, *self.homes.values()]:
            if view.id == view_id or (external_id and view.body["external_id"] == external_id):
                return view
        raise SlackError("not_found")

    def open(self, user: str, body: Json, channel: str | None) -> View:
        """Start a new stack, as `views.open` does; an older one goes away."""
        self._refuse_taken(body)
        if stack := self.stacks.get(user):
            self.close(stack[-1], whole_stack=True)
        self.stacks[user] = []
        return self._push(user, body, channel)

    def push(self, user: str, body: Json, channel: str | None) -> View:
        """One more on the stack. Errors: SlackError push_limit_reached, not_found."""
        stack = self.stacks.get(user) or []
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        self._refuse_taken(body)
        return self._push(user, body, channel)

    def _push(self, user: str, body: Json, channel: str | None) -> View:
        stack = self.stacks[user]
        view_id = self._ids.fresh("V")
        view = View(
            id=view_id,
            user=user,
            body=self._body(body),
            root_id=stack[0].id if stack else view_id,
            previous_id=stack[-1].id if stack else None,
            channel=channel,
            hash=_new_hash(),
        )
        stack.append(view)
        self._show(view)
        return view

    def top(self, view: View) -> bool:
        """Whether this is what its person sees."""
        return self.stacks.get(view.user, [])[-1:] == [view]

    def replace(self, view: View, body: Json, expected_hash: str | None = None) -> View:
        """New content; what was typed stays where block and action ids stay."""
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        self._refuse_taken(body, view)
        view.body, view.hash = self._body(body), _new_hash()
        self._show(view)
        return view

    def publish(self, user: str, body: Json, expected_hash: str | None) -> View:
        """Set a person's App Home."""
        if current := self.homes.get(user):
            return self.replace(current, body, expected_hash)
        view_id = self._ids.fresh("V")
        view = View(view_id, user, self._body(body), view_id, None, hash=_new_hash())
        self.homes[user] = view
        self._show(view)
        return view

    def close(self, view: View, *, whole_stack: bool = False) -> list[View]:
        """Take a view, or its whole stack, off the screen; returns what is closed, top first."""
        stack = self.stacks.get(view.user, [])
        closed = list(reversed(stack)) if whole_stack else [view]
        self.stacks[view.user] = [one for one in stack if one not in closed]
        for one in closed:
            self._tell({"type": "view_closed", "user": one.user, "view_id": one.id})
        return closed

    def shape(self, view: View) -> Json:
        """The view object, /reference/views, with its state."""
        return {
            "id": view.id,
            "team_id": self._world.team["id"],
            **view.body,
            "state": {"values": state_of(view.body["blocks"], view.values)},
            "hash": view.hash,
            "previous_view_id": view.previous_id,
            "root_view_id": view.root_id,
            "app_id": self._world.app_id,
            "app_installed_team_id": self._world.team["id"],
            "bot_id": self._world.bot_id,
        }

    def as_json(self) -> dict[str, list[Json]]:
        """All stacks, bottom first, by user."""
        return {user: [self.shape(view) for view in stack] for user, stack in self.stacks.items()}

    def _body(self, body: Json) -> Json:
        kept = {key: body[key] for key in KEPT if body.get(key) is not None}
        return {**DEFAULTS, **kept, "blocks": blocks.completed(body["blocks"], self._ids)}

    def _refuse_taken(self, body: Json, own: View | None = None) -> None:
        external_id = body.get("external_id")
        if not external_id:
            return
        try:
            taken = self.find(None, external_id)
        except SlackError:
            return
        if taken is not own:
            raise SlackError("duplicate_external_id")

    def _show(self, view: View) -> None:
        self._tell({"type": "view", "user": view.user, "view": self.shape(view)})


def _new_hash() -> str:
    return f"{secrets.randbits(32)}.{secrets.token_hex(4)}"
