"""*Animate this image*: a form with the picture of somebody's message."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.errors import BotError
from handlers.dependencies import Dependencies
from handlers.forms import CHOOSE_AGAIN, open_image_form
from handlers.opening import Trigger, open_view
from handlers.payloads import shortcut_press_of, thread_of
from handlers.views import notices
from storage.presses import whisper


async def animate_image(dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """Open the form, or say that the message has no picture."""
    try:
        await _open(dependencies, body)
    except BotError as refused:
        made = shortcut_press_of(body, dependencies.clock.now())
        await dependencies.database.run(whisper, made, refused.sentence, thread_ts=thread_of(body))
        dependencies.wake()
    await ack()


async def _open(dependencies: Dependencies, body: dict[str, Any]) -> None:
    dependencies.require_allowed(body["channel"]["id"])
    files = [
        file
        for file in (body.get("message") or {}).get("files") or ()
        if str(file.get("mimetype", "")).startswith("image/")
    ]
    trigger = Trigger(body["trigger_id"], CHOOSE_AGAIN)
    if files:
        await open_image_form(dependencies, body, files[0], trigger)
    else:
        await open_view(dependencies, trigger, notices.no_image())
