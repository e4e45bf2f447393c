"""*Animate this image*: a form with the picture of somebody's message."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.dependencies import Dependencies
from handlers.forms import open_image_form
from handlers.views import notices


async def animate_image(dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """Open the form, or say that the message has no picture."""
    files = [
        file
        for file in (body.get("message") or {}).get("files") or ()
        if str(file.get("mimetype", "")).startswith("image/")
    ]
    if not files or not dependencies.allows(body["channel"]["id"]):
        await dependencies.slack.open_view(body["trigger_id"], notices.no_image())
    else:
        await open_image_form(dependencies, body, files[0])
    await ack()
