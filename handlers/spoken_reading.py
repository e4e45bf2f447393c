"""What a form of a video in which somebody speaks says: read back as the line that would say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from domain.errors import RequestError
from domain.output_values import read_background
from domain.shape import Media
from domain.spoken import Filling, Kind, Template
from domain.spoken_values import BURNED, read_speed
from domain.understanding import Understood
from domain.values import BadValue
from handlers import ids
from handlers.payloads import Payload, media_from
from handlers.views.form import joined_prompt

Json = dict[str, JsonValue]

_CHOSEN = (ids.AVATAR, ids.VOICE, ids.STYLE, ids.ASPECT, ids.SOURCE, ids.TEMPLATE)
_READERS = {ids.SPEED: read_speed, ids.BACKGROUND: read_background}
_TICKED = ("transparent", "precision", "captions", "chat")


def line_of_form(view: Payload, kind: Kind, kept: Mapping[str, JsonValue]) -> Understood:
    """What is filled in, as it stands. `kept`: what the form does not show and so leaves as it is.
    Raises `RequestError` with the field whose value cannot be."""
    options: Json = {**kept, **_said(view)}
    for name, read in _READERS.items():
        if isinstance(typed := options.get(name), str):
            options[name] = _read(read, name, typed)
    return Understood(kind=kind.value, prompt=_prompt(view), options=options)


def draft_of_form(view: Payload, kind: Kind, kept: Mapping[str, JsonValue]) -> Understood:
    """The same while it is still being filled in: nothing is refused yet."""
    return Understood(kind=kind.value, prompt=_prompt(view), options={**kept, **_said(view)})


def files_of_form(view: Payload) -> tuple[Media, ...]:
    """The files that were added, but for those of a template's variables."""
    return tuple(media_from(file) for file in _files(view, ids.FILES))


def with_files(work: Template, view: Payload) -> Template:
    """The template with the files that fill its variables. Their type is the template's to say:
    `resolve_spoken` sets it."""
    prefix = f"{ids.VARIABLE}:"
    given = {
        block_id.removeprefix(prefix): Filling(type="image", media=media_from(file))
        for block_id in view["state"]["values"]
        if block_id.startswith(prefix)
        for file in _files(view, block_id)[:1]
    }
    return work.model_copy(update={"variables": {**work.variables, **given}})


def _said(view: Payload) -> Json:
    said: Json = {name: value for name in _CHOSEN if (value := _one(view, name)) is not None}
    for name in _READERS:
        if (typed := _one(view, name)) is not None:
            said[name] = typed
    if (seconds := _one(view, ids.DURATION)) is not None:
        said[ids.DURATION] = int(float(seconds))
    if (captions := _one(view, ids.CAPTIONS)) is not None:
        said[ids.CAPTIONS] = BURNED if captions == BURNED else True
    if languages := _many(view, ids.LANGUAGES):
        said[ids.LANGUAGES] = list(languages)
    if variables := _variables(view):
        said["variables"] = variables
    return said | {name: True for name in _many(view, ids.EXTRAS) if name in _TICKED}


def _variables(view: Payload) -> Json:
    prefix = f"{ids.VARIABLE}:"
    found: Json = {}
    for block_id, by_action in view["state"]["values"].items():
        if block_id.startswith(prefix):
            value = next((_text(element) for element in by_action.values()), None)
            found |= {block_id.removeprefix(prefix): value} if value else {}
    return found


def _prompt(view: Payload) -> str:
    return joined_prompt(*(_one(view, block_id) for block_id in ids.PROMPTS)).strip()


def _read(read: Any, field: str, typed: str) -> JsonValue:
    try:
        value: JsonValue = read(typed)
    except BadValue as bad:
        raise RequestError(bad.sentence, field=field) from None
    return value


def _one(view: Payload, block_id: str) -> str | None:
    return _text(_element(view, block_id))


def _text(element: Payload) -> str | None:
    chosen = element.get("selected_option")
    value = chosen["value"] if chosen else element.get("value")
    return str(value) if value not in (None, "") else None


def _many(view: Payload, block_id: str) -> tuple[str, ...]:
    chosen = _element(view, block_id).get("selected_options") or ()
    return tuple(str(each["value"]) for each in chosen)


def _files(view: Payload, block_id: str) -> list[Payload]:
    by_action = view["state"]["values"].get(block_id, {})
    return [file for element in by_action.values() for file in element.get("files") or ()]


def _element(view: Payload, block_id: str) -> Payload:
    element: Payload = view["state"]["values"].get(block_id, {}).get(block_id, {})
    return element
