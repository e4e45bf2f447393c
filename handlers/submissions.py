"""A form that was sent: a new shot, the next take, a changed one, or what is wrong at its field."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.errors import BotError, RequestError
from domain.request import Clip, Source, Work
from domain.spoken import Kind, Translation
from handlers import ids, reading
from handlers.dependencies import Dependencies
from handlers.forms import next_take_form, read_form
from handlers.reshaping import reshaped
from handlers.spoken_forms import unseen_price, works_of_form
from handlers.views import form
from handlers.views.blocks import View
from storage import decisions
from storage.presses import Press, PressedBefore
from storage.requests import Arrival, start_shot
from storage.several import start_several


async def request_form(
    dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
) -> None:
    """Commit what the form asks for, then close it; refused, it stays open with the reason."""
    instead: View | None = None
    try:
        instead = await _submit(dependencies, body, view)
    except PressedBefore:
        pass
    except RequestError as refused:
        if refused.field in ids.LISTED:
            dependencies.recast()
        errors = form.form_errors(refused, form.fields_of(view))
        await ack(response_action="errors", errors=errors)
        return
    except BotError as error:
        errors = form.form_errors(RequestError(error.sentence), form.fields_of(view))
        await ack(response_action="errors", errors=errors)
        return
    dependencies.wake()
    if instead is None:
        await ack()
    else:
        await ack(response_action="update", view=instead)


async def _submit(
    dependencies: Dependencies, body: dict[str, Any], view: dict[str, Any]
) -> View | None:
    """Do it; the form to show instead where its take can't be changed any more, or where a price
    has to be seen first."""
    state = json.loads(view.get("private_metadata") or "{}")
    dependencies.require_allowed(state["channel"])
    works = await _works(dependencies, view, state)
    user = body["user"]["id"]
    press = Press(
        delivery_key=f"view:{body['team']['id']}:{view['id']}",
        team_id=body["team"]["id"],
        channel=state["channel"],
        user=user,
        at=dependencies.clock.now(),
        by_admin=user in dependencies.admins,
    )
    if len(works) > 1:
        return await _submit_several(dependencies, press, works, view=view, state=state)
    run, fresh, reach = dependencies.database.run, dependencies.fresh(), dependencies.reach()
    (work,) = works
    if state.get("draft"):
        await run(decisions.render_draft, press, state["draft"], fresh, reach=reach, work=work)
    elif state.get("parent"):
        try:
            await run(
                decisions.submit_form,
                press,
                state["parent"],
                fresh,
                reach=reach,
                work=work,
                replaces=bool(state.get("replaces")),
            )
        except decisions.BegunAlready:
            return await next_take_form(dependencies, state["parent"], work)
    else:
        await run(start_shot, _arrival(press, work), fresh, reach=reach)
    return None


async def _works(
    dependencies: Dependencies, view: dict[str, Any], state: dict[str, Any]
) -> tuple[Work, ...]:
    """What the form asks for. Raises `RequestError` with its field."""
    if state.get("kind", Kind.CLIP) != Kind.CLIP:
        return works_of_form(view, state)
    base = await dependencies.database.run(reading.base_of_form, state)
    return (read_form(view, base),)


async def _submit_several(
    dependencies: Dependencies,
    press: Press,
    works: tuple[Work, ...],
    *,
    view: dict[str, Any],
    state: dict[str, Any],
) -> View | None:
    """A take a language, once the price of all of them was seen."""
    run, reach = dependencies.database.run, dependencies.reach()
    if await run(unseen_price, press.team_id, works, state, reach):
        return await reshaped(dependencies, press.team_id, view, Kind.TRANSLATION)
    source_id = works[0].source_request_id if isinstance(works[0], Translation) else None
    await run(
        start_several,
        _arrival(press, works[0]),
        works,
        [dependencies.fresh() for _ in works],
        source_id=source_id,
        reach=reach,
    )
    return None


def _arrival(press: Press, work: Work) -> Arrival:
    return Arrival(
        delivery_key=press.delivery_key,
        team_id=press.team_id,
        channel=press.channel,
        requester=press.user,
        source=Source.FORM,
        work=work,
        at=press.at,
        price_seen=isinstance(work, Clip | Translation),  # a script's price comes with its length
        by_admin=press.by_admin,
    )
