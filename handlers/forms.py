"""The request form: opened, filled in, and read back into a clip."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from domain.errors import NoModelFits, RequestError
from domain.execution import UNPAID
from domain.request import Clip, Work
from domain.rewriting import line_of
from domain.shot import Page, Take
from domain.spoken import Agent, Kind
from domain.understanding import Understood, work_of
from handlers import ids, reading
from handlers.dependencies import Dependencies
from handlers.opening import Trigger, open_view
from handlers.payloads import Payload, image_from
from handlers.spoken_forms import spoken_view, with_given_files
from handlers.views import form
from handlers.views.blocks import View
from handlers.views.take_words import take_label
from storage.drafts import find_draft
from storage.presses import Press, take_in_place

_IN_A_LINE = "Type `/video` once more, or say it in a line: `/video a fox in snow --aspect 9:16`."
CHOOSE_AGAIN = "Choose *Animate this image* on the message once more."
_SHOWN = {ids.PROMPT, ids.MODEL, ids.ASPECT, ids.DURATION}


async def open_form(
    dependencies: Dependencies, command: Payload, prefill: Understood | None
) -> None:
    """`/video` alone: the form. Raises `NotOpened` with how to say it in a line instead."""
    line = prefill or Understood()
    state = {"channel": command["channel_id"]}
    view = await form_of(dependencies, command["team_id"], line, state, title="New video")
    await open_view(dependencies, Trigger(command["trigger_id"], _IN_A_LINE), view)


async def form_of(
    dependencies: Dependencies,
    team_id: str,
    line: Understood,
    state: dict[str, Any],
    *,
    title: str,
) -> View:
    """The form of what a line says so far, whatever kind that is. `state` has the channel."""
    if line.kind != Kind.CLIP:
        reach = dependencies.reach()
        return await dependencies.database.run(
            spoken_view, team_id, line, state, title=title, reach=reach
        )
    plain = {name: state[name] for name in state if name not in ("kind", "seen", "link")}
    initial = _prefilled(line)
    return await _view(dependencies, team_id, state["channel"], plain, initial=initial, title=title)


async def open_take_form(
    dependencies: Dependencies,
    made: Press,
    request_id: str,
    trigger: Trigger,
    *,
    replaces: bool = False,
) -> None:
    """*New take* and *Edit*: the form filled with what a take was made from."""
    page, take = await dependencies.database.run(
        take_in_place, made.team_id, made.channel, request_id
    )
    work = take.request.work
    is_begun = take.execution.state not in UNPAID
    if isinstance(work, Agent) and (is_begun or not replaces):
        work = work.otherwise or work  # the next take's form is of a video of its own, no message
    if replaces and is_begun:
        view = await _next_take_view(dependencies, page, take, work)
    else:
        view = await _work_view(
            dependencies,
            made.team_id,
            {"channel": made.channel, "parent": request_id, "replaces": replaces},
            work,
            title=f"{'Edit' if replaces else 'New take of'} {page.shot.label}",
        )
    await open_view(dependencies, trigger, view)


async def open_draft_form(
    dependencies: Dependencies,
    made: Press,
    draft_id: str,
    trigger: Trigger,
) -> None:
    """*Edit* on a suggestion: the form filled with what was understood."""
    draft = await dependencies.database.run(find_draft, draft_id)
    if draft is None:
        raise RequestError("That suggestion is gone. Reply in the thread once more.")
    state = {"channel": draft.channel, "draft": draft_id}
    view = await _work_view(dependencies, made.team_id, state, draft.work, title="Next take")
    await open_view(dependencies, trigger, view)


async def open_image_form(
    dependencies: Dependencies,
    body: Payload,
    image: Payload,
    trigger: Trigger,
) -> None:
    """*Animate this image*: the form with a picture already chosen."""
    team_id, channel = body["team"]["id"], body["channel"]["id"]
    picture = image_from(image)
    state = {"channel": channel, "image": picture.model_dump()}
    view = await _view(
        dependencies,
        team_id,
        channel,
        state,
        initial=Clip.model_construct(prompt="", reference_image=picture),
        title="Animate this image",
    )
    await open_view(dependencies, trigger, view)


async def next_take_form(dependencies: Dependencies, parent_id: str, work: Work) -> View:
    """Instead of an *Edit* that came too late: what was filled in, to make the next take of it."""
    page = await dependencies.database.run(reading.page_of_request, parent_id)
    return await _next_take_view(dependencies, page, page.take(parent_id), work)


async def _next_take_view(dependencies: Dependencies, page: Page, take: Take, work: Work) -> View:
    state: dict[str, Any] = {"channel": page.shot.channel, "parent": take.request.id}
    if isinstance(work, Clip) and work.reference_image is not None:
        state["image"] = work.reference_image.model_dump()
    title = f"New take of {page.shot.label}"
    view = await _work_view(dependencies, page.shot.team_id, state, work, title=title)
    return form.too_late(view, take_label(page, take))


def read_form(view: Payload, base: Clip | None) -> Clip:
    """The clip that a form asks for; `base` is what it was filled from. Raises `RequestError`
    with the field it is about."""
    state = json.loads(view.get("private_metadata") or "{}")
    prompt = form.joined_prompt(*(_value(view, block_id) for block_id in ids.PROMPTS))
    said: dict[str, Any] = {"prompt": prompt}
    if not prompt.strip():
        raise RequestError("Say what the video should show.", field=ids.PROMPT)
    for name in (ids.MODEL, ids.ASPECT):
        if (chosen := _value(view, name)) is not None:
            said[name] = chosen
    if (duration := _value(view, ids.DURATION)) is not None:
        said[ids.DURATION] = int(str(duration))
    files = _files(view)
    if files:
        said[ids.IMAGE] = image_from(files[0])
    elif state.get("image"):
        said[ids.IMAGE] = state["image"]
    try:
        return Clip.model_validate(_unshown(base, said.get(ids.MODEL)) | said)
    except (ValidationError, ValueError):
        raise RequestError("That does not fit in a clip.", field=ids.PROMPT) from None


def _unshown(base: Clip | None, model: str | None) -> dict[str, Any]:
    """What a form does not show and so leaves as it was. Another model gets the pictures only:
    nobody who changes it can see that a seed or a resolution came along."""
    if base is None:
        return {}
    kept = base.model_dump(mode="json", exclude_defaults=True, exclude=_SHOWN)
    if model == base.model:
        return kept
    return {name: kept[name] for name in (ids.IMAGE, "tail_image") if name in kept}


async def _work_view(
    dependencies: Dependencies, team_id: str, state: dict[str, Any], work: Work, *, title: str
) -> View:
    """The form filled with what a take was made from."""
    if not isinstance(work, Clip):
        whole = with_given_files(state, work)
        return await form_of(dependencies, team_id, line_of(work), whole, title=title)
    return await _view(dependencies, team_id, state["channel"], state, initial=work, title=title)


async def _view(
    dependencies: Dependencies,
    team_id: str,
    channel: str,
    state: dict[str, Any],
    *,
    initial: Clip | None,
    title: str,
) -> dict[str, Any]:
    preferences = await dependencies.database.run(reading.preferences, team_id, channel)
    reach, now = dependencies.reach(), dependencies.clock.now()
    offered = await dependencies.database.run(reading.offers, reach)
    known = await dependencies.database.run(reading.standing_of, reach, team_id, now)
    if not offered:
        raise NoModelFits(
            "No model can be used now: the endpoint of each is gone. An admin can look with"
            " `/video unpark`."
        )
    view = form.request_form(
        private_metadata=json.dumps(state),
        preferences=preferences,
        models=offered,
        initial=initial,
        title=title,
        standing=known,
    )
    return form.with_kinds(view, Kind.CLIP) if set(state) == {"channel"} else view


def _value(view: Payload, name: str) -> Any:
    element = view["state"]["values"].get(name, {}).get(name, {})
    chosen = element.get("selected_option")
    return chosen["value"] if chosen else element.get("value")


def _prefilled(line: Understood) -> Clip | None:
    """What was said before the form opened; a form without a prompt yet starts empty."""
    if not line.prompt:
        return None
    try:
        work = work_of(line)
    except ValidationError:  # what another kind's form had room for
        return None
    return work if isinstance(work, Clip) else None


def _files(view: Payload) -> list[dict[str, Any]]:
    return list(view["state"]["values"].get(ids.IMAGE, {}).get(ids.IMAGE, {}).get("files") or [])
