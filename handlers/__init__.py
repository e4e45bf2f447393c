"""Who knocks: every door of Slack's, on one screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp

from handlers import actions, commands, events, ids, shortcuts, submissions
from handlers.dependencies import Dependencies

Listener = Callable[..., Awaitable[None]]


def register(app: AsyncApp, dependencies: Dependencies) -> None:
    """The route table. The slash command is first: each listener before it costs it time."""

    def bind(listener: Listener) -> Any:
        return partial(listener, dependencies)

    app.command(ids.VIDEO_COMMAND)(bind(commands.video))
    app.event("message")(bind(events.message))
    app.event("app_mention")(bind(events.mention))
    for action_id in ids.BUTTONS:
        app.action(action_id)(bind(actions.press))
    app.view(ids.REQUEST_FORM)(bind(submissions.request_form))
    app.shortcut(ids.ANIMATE_IMAGE)(bind(shortcuts.animate_image))
