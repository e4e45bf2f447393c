"""`/video cancel`: what could be cancelled, and where nothing could be, why."""

from __future__ import annotations

from domain.errors import NotAllowed
from domain.message import Message
from handlers import reading
from handlers.dependencies import Dependencies
from handlers.payloads import Payload, command_key
from handlers.views import notices
from storage.cancels import cancel_latest, cancel_numbered
from storage.presses import Press, PressedBefore


async def cancel_shot(dependencies: Dependencies, command: Payload, number: int | None) -> Message:
    """Cancel what is open in a shot, or one's newest take. Raises `RequestError` where there is no
    such shot here."""
    user, run = command["user_id"], dependencies.database.run
    team_id, channel = command["team_id"], command["channel_id"]
    press = Press(
        delivery_key=command_key(command),
        team_id=team_id,
        channel=channel,
        user=user,
        at=dependencies.clock.now(),
        by_admin=user in dependencies.admins,
    )
    if number is None:
        return await _cancel_latest(dependencies, press)
    try:
        cancelled = await run(cancel_numbered, press, number)
    except PressedBefore:
        cancelled = []
    except NotAllowed:
        return notices.not_theirs(await run(reading.page_by_number, team_id, channel, number))
    dependencies.wake()
    if cancelled:
        return notices.cancelled_takes(cancelled)
    return notices.nothing_to_cancel(await run(reading.page_by_number, team_id, channel, number))


async def _cancel_latest(dependencies: Dependencies, press: Press) -> Message:
    try:
        cancelled = await dependencies.database.run(cancel_latest, press)
    except PressedBefore:
        cancelled = []
    dependencies.wake()
    return notices.cancelled_takes(cancelled)
