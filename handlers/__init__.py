"""Who knocks: every door of Slack's, on one screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp

from handlers import (
    actions,
    commands,
    events,
    ids,
    likenesses,
    reshaping,
    revocations,
    shortcuts,
    submissions,
    suggestions,
)
from handlers.dependencies import Dependencies

Listener = Callable[..., Awaitable[None]]


def register(app: AsyncApp, dependencies: Dependencies) -> None:
    """The route table. The slash command is first: each listener before it costs it time."""

    def bind(listener: Listener) -> Any:
        return partial(listener, dependencies)

    app.command(ids.VIDEO_COMMAND)(bind(commands.video))
    app.event("message")(bind(events.message))
    app.event("app_mention")(bind(events.mention))
    app.event("tokens_revoked")(bind(revocations.tokens_revoked))
    app.event("app_uninstalled")(bind(revocations.app_uninstalled))
    for action_id in ids.BUTTONS:
        app.action(action_id)(bind(actions.press))
    for field in ids.RESHAPING:
        app.action(field)(bind(reshaping.reshape))
    for field in ids.SEARCHED:
        app.options(field)(bind(suggestions.suggest))
    app.view(ids.REQUEST_FORM)(bind(submissions.request_form))
    app.view(ids.LIKENESS_FORM)(bind(likenesses.likeness_form))
    app.shortcut(ids.ANIMATE_IMAGE)(bind(shortcuts.animate_image))
    app.shortcut(ids.MAKE_AVATAR)(bind(likenesses.make_avatar))
    app.shortcut(ids.CLONE_VOICE)(bind(likenesses.clone_voice))
