"""Doors to an avatar or a voice of one's own: two shortcuts on a message, `/video avatar new`, and
the form behind them. Nothing is sent before somebody has confirmed that it is theirs to use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from domain.calendar import month_of
from domain.errors import BotError, RequestError
from domain.file_limits import too_large
from domain.likeness import NAME_MAX_CHARS, Likeness, LikenessKind
from domain.shape import Media
from handlers import ids
from handlers.dependencies import Dependencies
from handlers.forms import CHOOSE_AGAIN
from handlers.opening import Trigger, open_view
from handlers.payloads import Payload, media_from, shortcut_press_of, thread_of
from handlers.views import likenesses as views
from storage.likenesses import ask_for_likeness
from storage.presses import Press, PressedBefore, whisper

TYPE_AGAIN = "Type the command once more."


async def make_avatar(dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """*Make an avatar of it*, on a message with a picture."""
    await _from_message(dependencies, ack, body, LikenessKind.FACE)


async def clone_voice(dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """*Clone this voice*, on a message with a recording."""
    await _from_message(dependencies, ack, body, LikenessKind.VOICE)


async def open_likeness_form(
    dependencies: Dependencies, command: Payload, kind: LikenessKind, name: str
) -> None:
    """`/video avatar new Anna`: the form, which asks for the file. Raises `BotError`."""
    trigger = Trigger(command["trigger_id"], TYPE_AGAIN)
    if not dependencies.makes_likenesses:
        raise RequestError(views.NOT_HERE)
    state = {"channel": command["channel_id"], "kind": kind.value}
    view = views.likeness_form(kind, private_metadata=json.dumps(state), name=name)
    await open_view(dependencies, trigger, view)


async def likeness_form(
    dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]
) -> None:
    """Commit what the form asks for; refused, it stays open with the reason."""
    try:
        asked = await _ask(dependencies, body, view)
    except PressedBefore:
        await ack()
        return
    except BotError as refused:
        field = refused.field if isinstance(refused, RequestError) else None
        await ack(response_action="errors", errors={field or ids.NAME: refused.sentence})
        return
    dependencies.wake()
    await ack(response_action="update", view=views.accepted(asked))


async def _from_message(
    dependencies: Dependencies, ack: AsyncAck, body: dict[str, Any], kind: LikenessKind
) -> None:
    try:
        await _open(dependencies, body, kind)
    except BotError as refused:
        made = shortcut_press_of(body, dependencies.clock.now())
        await dependencies.database.run(whisper, made, refused.sentence, thread_ts=thread_of(body))
        dependencies.wake()
    await ack()


async def _open(dependencies: Dependencies, body: dict[str, Any], kind: LikenessKind) -> None:
    channel = body["channel"]["id"]
    dependencies.require_allowed(channel)
    trigger = Trigger(body["trigger_id"], CHOOSE_AGAIN)
    file = _fitting((body.get("message") or {}).get("files") or (), kind)
    if not dependencies.makes_likenesses:
        await open_view(dependencies, trigger, views.not_here(kind))
    elif file is None:
        await open_view(dependencies, trigger, views.no_file(kind))
    else:
        _refuse_too_large(file)
        known = file.model_dump(exclude_none=True)
        state = json.dumps({"channel": channel, "kind": kind.value, "file": known})
        view = views.likeness_form(kind, private_metadata=state, file_name=file.name)
        await open_view(dependencies, trigger, view)


def _fitting(files: Sequence[Payload], kind: LikenessKind) -> Media | None:
    """The first picture, or recording, among a message's files."""
    media = (media_from(file) for file in files)
    is_face = kind is LikenessKind.FACE
    return next((one for one in media if (one.is_picture if is_face else one.is_sound)), None)


def _refuse_too_large(file: Media, field: str | None = None) -> None:
    sentence = too_large(file.name, file.media_type or "", file.size_bytes or 0)
    if sentence is not None:
        raise RequestError(sentence, field=field)


async def _ask(dependencies: Dependencies, body: Payload, view: Payload) -> Likeness:
    """Write the wish down. Raises `RequestError` with its field, and `PressedBefore`."""
    state = json.loads(view.get("private_metadata") or "{}")
    dependencies.require_allowed(state["channel"])
    user, team_id, now = body["user"]["id"], body["team"]["id"], dependencies.clock.now()
    press = Press(
        delivery_key=f"view:{team_id}:{view['id']}",
        team_id=team_id,
        channel=state["channel"],
        user=user,
        at=now,
        by_admin=user in dependencies.admins,
    )
    kind = LikenessKind(state["kind"])
    asked = Likeness(
        id=dependencies.ids.new("likeness"),
        team_id=team_id,
        channel=state["channel"],
        requester=user,
        kind=kind,
        name=_name(view),
        file=_file(view, state, kind),
        consented_at=_consented_at(view, now),
        due_at=now,
    )
    await dependencies.database.run(
        ask_for_likeness,
        press,
        asked,
        month=month_of(now, dependencies.timezone),
        budget_micro_usd=dependencies.budget_micro_usd,
    )
    return asked


def _name(view: Payload) -> str:
    name = " ".join(str(_field(view, ids.NAME).get("value") or "").split())
    if not 1 <= len(name) <= NAME_MAX_CHARS:
        raise RequestError(f"A name has 1 to {NAME_MAX_CHARS} characters.", field=ids.NAME)
    return name


def _file(view: Payload, state: Payload, kind: LikenessKind) -> Media:
    if "file" in state:
        return Media.model_validate(state["file"])
    file = _fitting(_field(view, ids.FILES).get("files") or (), kind)
    if file is None:
        what = "a picture" if kind is LikenessKind.FACE else "a recording"
        raise RequestError(f"Add {what}.", field=ids.FILES)
    _refuse_too_large(file, ids.FILES)
    return file


def _consented_at(view: Payload, now: float) -> float:
    if not _field(view, ids.CONSENT).get("selected_options"):
        raise RequestError("Confirm that it is yours to use.", field=ids.CONSENT)
    return now


def _field(view: Payload, block_id: str) -> Payload:
    found: Payload = view["state"]["values"].get(block_id, {}).get(block_id, {})
    return found
