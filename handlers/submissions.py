"""A form that was sent: a new shot, the next take, a changed one, or what is wrong at its field."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.errors import BotError, RequestError
from domain.request import Clip, Source
from handlers import reading
from handlers.dependencies import Dependencies
from handlers.forms import next_take_form, read_form
from handlers.views import form
from handlers.views.blocks import View
from storage import decisions
from storage.presses import Press, PressedBefore
from storage.requests import Arrival, start_shot


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
        await ack(response_action="errors", errors=form.form_errors(refused))
        return
    except BotError as error:
        errors = form.form_errors(RequestError(error.sentence))
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
    """Do it; the form to show instead where its take can't be changed any more."""
    state = json.loads(view.get("private_metadata") or "{}")
    dependencies.require_allowed(state["channel"])
    base = await dependencies.database.run(reading.base_of_form, state)
    work = read_form(view, base)
    user = body["user"]["id"]
    press = Press(
        delivery_key=f"view:{body['team']['id']}:{view['id']}",
        team_id=body["team"]["id"],
        channel=state["channel"],
        user=user,
        at=dependencies.clock.now(),
        by_admin=user in dependencies.admins,
    )
    run, fresh, reach = dependencies.database.run, dependencies.fresh(), dependencies.reach()
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


def _arrival(press: Press, work: Clip) -> Arrival:
    return Arrival(
        delivery_key=press.delivery_key,
        team_id=press.team_id,
        channel=press.channel,
        requester=press.user,
        source=Source.FORM,
        work=work,
        at=press.at,
        price_seen=True,
        by_admin=press.by_admin,
    )
