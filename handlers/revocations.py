"""Our access is taken away: from now on nobody can be told anything in that workspace.

Slack sends both events when the app is removed, in no certain order, and one more than once
(docs.slack.dev/reference/events/tokens_revoked, /app_uninstalled). Whether they still hold is asked
by whoever ends the silence, so one that comes late does no harm.
"""

from __future__ import annotations

from typing import Any

from handlers.dependencies import Dependencies


async def tokens_revoked(
    dependencies: Dependencies, event: dict[str, Any], body: dict[str, Any]
) -> None:
    """`tokens.bot` lists the bot users whose tokens are worth nothing any more."""
    if dependencies.bot_user_id in ((event.get("tokens") or {}).get("bot") or ()):
        await dependencies.silenced(str(body["team_id"]), "tokens_revoked")


async def app_uninstalled(dependencies: Dependencies, body: dict[str, Any]) -> None:
    """The app is gone from the workspace, with all its tokens."""
    await dependencies.silenced(str(body["team_id"]), "app_uninstalled")
