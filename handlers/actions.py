"""Buttons: each is written down once, however often Slack delivers it, by whoever may press it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.errors import BotError
from domain.request import SEED_MAX
from handlers import ids
from handlers.dependencies import Dependencies
from handlers.forms import open_draft_form, open_take_form
from handlers.opening import Trigger, open_view, trigger_of
from handlers.payloads import press_of, pressed, thread_of
from handlers.views import details, remotion
from handlers.voices import say_it
from storage import decisions
from storage.cancels import cancel_take
from storage.presses import Press, PressedBefore, known_take, take_in_place, whisper

Verb = Callable[[Dependencies, Press, str], Awaitable[None]]

# Cancel may save money wherever a take still runs; Start now is pressed in a direct message and
# looks at the channel of its take.
_ANYWHERE = frozenset({ids.CANCEL, ids.START_NOW})


async def press(dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """Any button of ours: what it does is committed before it is acked."""
    action_id, value = pressed(body)
    user = body["user"]["id"]
    made = press_of(body, dependencies.clock.now(), by_admin=user in dependencies.admins)
    try:
        if action_id not in _ANYWHERE:
            dependencies.require_allowed(made.channel)
        if action_id in _OPENS:
            await _OPENS[action_id](dependencies, made, value, trigger_of(body))
        elif action_id in _VERBS:
            await _VERBS[action_id](dependencies, made, value)
    except PressedBefore:
        pass
    except BotError as refused:
        await dependencies.database.run(whisper, made, refused.sentence, thread_ts=thread_of(body))
    dependencies.wake()
    await ack()


async def _cancel(dependencies: Dependencies, made: Press, request_id: str) -> None:
    await dependencies.database.run(cancel_take, made, request_id)


async def _confirm(dependencies: Dependencies, made: Press, request_id: str) -> None:
    await dependencies.database.run(decisions.confirm_take, made, request_id)


async def _approve(dependencies: Dependencies, made: Press, request_id: str) -> None:
    await dependencies.database.run(decisions.approve_take, made, request_id)


async def _share_again(dependencies: Dependencies, made: Press, request_id: str) -> None:
    await dependencies.database.run(decisions.share_again, made, request_id)


async def _start_now(dependencies: Dependencies, made: Press, request_id: str) -> None:
    page, _ = await dependencies.database.run(known_take, made.team_id, request_id)
    dependencies.require_allowed(page.shot.channel)
    await dependencies.database.run(decisions.start_now, made, request_id)


async def _variation(dependencies: Dependencies, made: Press, request_id: str) -> None:
    await dependencies.database.run(
        decisions.again,
        made,
        request_id,
        dependencies.fresh(),
        reach=dependencies.reach(),
        seed=int(dependencies.ids.jitter() * SEED_MAX),
    )


async def _try_again(dependencies: Dependencies, made: Press, request_id: str) -> None:
    await dependencies.database.run(
        decisions.again,
        made,
        request_id,
        dependencies.fresh(),
        reach=dependencies.reach(),
        seed=None,
    )


async def _render_draft(dependencies: Dependencies, made: Press, draft_id: str) -> None:
    await dependencies.database.run(
        decisions.render_draft,
        made,
        draft_id,
        dependencies.fresh(),
        reach=dependencies.reach(),
    )


_VERBS: dict[str, Verb] = {
    ids.CANCEL: _cancel,
    ids.CONFIRM: _confirm,
    ids.APPROVE: _approve,
    ids.SHARE_AGAIN: _share_again,
    ids.START_NOW: _start_now,
    ids.VARIATION: _variation,
    ids.TRY_AGAIN: _try_again,
    ids.RENDER_DRAFT: _render_draft,
    ids.SAY: say_it,
}

Opening = Callable[[Dependencies, Press, str, Trigger], Awaitable[None]]


async def _new_take(
    dependencies: Dependencies,
    made: Press,
    request_id: str,
    trigger: Trigger,
) -> None:
    await open_take_form(dependencies, made, request_id, trigger)


async def _edit(
    dependencies: Dependencies,
    made: Press,
    request_id: str,
    trigger: Trigger,
) -> None:
    await open_take_form(dependencies, made, request_id, trigger, replaces=True)


async def _edit_draft(
    dependencies: Dependencies,
    made: Press,
    draft_id: str,
    trigger: Trigger,
) -> None:
    await open_draft_form(dependencies, made, draft_id, trigger)


async def _details(
    dependencies: Dependencies,
    made: Press,
    request_id: str,
    trigger: Trigger,
) -> None:
    page, take = await dependencies.database.run(
        take_in_place, made.team_id, made.channel, request_id
    )
    await open_view(dependencies, trigger, details.details(page, take))


async def _full_prompt(
    dependencies: Dependencies,
    made: Press,
    request_id: str,
    trigger: Trigger,
) -> None:
    page, take = await dependencies.database.run(
        take_in_place, made.team_id, made.channel, request_id
    )
    await open_view(dependencies, trigger, details.full_prompt(page, take))


async def _remotion(
    dependencies: Dependencies,
    made: Press,
    request_id: str,
    trigger: Trigger,
) -> None:
    page, take = await dependencies.database.run(
        take_in_place, made.team_id, made.channel, request_id
    )
    await open_view(dependencies, trigger, remotion.snippet(page, take))


_OPENS: dict[str, Opening] = {
    ids.NEW_TAKE: _new_take,
    ids.EDIT: _edit,
    ids.EDIT_DRAFT: _edit_draft,
    ids.DETAILS: _details,
    ids.FULL_PROMPT: _full_prompt,
    ids.REMOTION: _remotion,
}
