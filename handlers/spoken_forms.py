"""The forms of videos in which somebody speaks: made, changed by a choice, and sent.

Between a form and a request is the reading of a line (`Understood`): what a line can say and what a
form can say are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from domain.attached import carried_files, given_files, recording_of
from domain.casting import AgentStyle, Look, TemplateOffer, VoiceOffer
from domain.castings import usual_look
from domain.errors import RequestError
from domain.finding import NotFound, find
from domain.links import media_at
from domain.ports import Transaction
from domain.request import Work
from domain.shape import Media
from domain.spoken import Avatar, Kind, Scene, Template
from domain.spoken_lines import source_of, spoken_problem
from domain.spoken_values import shot_and_take
from domain.standing import Reach
from domain.understanding import Understood, works_of
from handlers import ids, quotes
from handlers.payloads import Payload
from handlers.spoken_reading import files_of_form, line_of_form, with_files
from handlers.views.blocks import View
from handlers.views.form import with_kinds
from handlers.views.spoken_form import Shown, spoken_form
from storage.castings import find_entry, read_castings, search_list
from storage.finished import finished_take, finished_takes
from storage.presses import take_in_place

State = Mapping[str, Any]

GIVEN_MAX_CHARS = 2_000  # of a form's 3,000 (docs.slack.dev, modal, private_metadata)
_ANY_FILE = "https://example.com/any.mp4"
_SHOWN = {
    Kind.AVATAR: frozenset(
        (
            *("script", ids.AVATAR, ids.VOICE, ids.ASPECT, ids.SPEED, ids.BACKGROUND),
            *(ids.CAPTIONS, "transparent"),
        )
    ),
    Kind.AGENT: frozenset({ids.AVATAR, ids.VOICE, ids.STYLE, ids.ASPECT, ids.DURATION, "chat"}),
    Kind.TRANSLATION: frozenset({ids.LANGUAGES, ids.SOURCE, ids.CAPTIONS, "precision"}),
    Kind.TEMPLATE: frozenset({ids.TEMPLATE, "variables", ids.CAPTIONS}),
}
_LISTS: Mapping[str, type[Any]] = {
    ids.AVATAR: Look,
    ids.VOICE: VoiceOffer,
    ids.STYLE: AgentStyle,
    ids.TEMPLATE: TemplateOffer,
}


def spoken_view(
    db: Transaction, team_id: str, line: Understood, state: State, *, title: str, reach: Reach
) -> View:
    """The form of a line, as far as it says something. `state` has the channel, and what the form
    will do. Names become the ids that the lists know; a name they do not know stays empty."""
    kind, channel = Kind(line.kind), str(state["channel"])
    link = _link(line)
    line, labels = _named(db, team_id, channel, line)
    works = _works_so_far(line, link)
    price = quotes.total(db, team_id, channel, works, reach) if works else None
    template = line.options.get(ids.TEMPLATE)
    shown = Shown(
        labels=labels,
        template=find_entry(db, team_id, TemplateOffer, str(template)) if template else None,
        usual_avatar=_usual_avatar(db, team_id, channel) if kind is Kind.AVATAR else None,
        note=quotes.note(db, team_id, channel, kind, works, reach),
        given=_given(state),
        problem=(line.error or "") if line.options.get("script") else "",
    )
    kept = {name: line.options[name] for name in line.options if name not in _SHOWN[kind]}
    carried = {**state, "kind": kind.value, "kept": kept} | ({"link": link} if link else {})
    carried["seen"] = price.micro_usd if price is not None else 0
    view = spoken_form(line, shown, private_metadata=json.dumps(carried), title=title)
    return view if "parent" in state or "draft" in state else with_kinds(view, kind)


def works_of_form(view: Payload, state: State) -> tuple[Work, ...]:
    """What a form asks for. Raises `RequestError` with the field that it is about."""
    kind = Kind(state["kind"])
    line = line_of_form(view, kind, state.get("kept") or {})
    said = bool(line.prompt or line.options.get("script"))
    files = files_of_form(view)
    if ids.SOURCE not in line.options:
        adds = kind is Kind.AGENT
        files = carried_files(_given(state), files, has_script=said, adds=adds)
    if state.get("link") and not files and ids.SOURCE not in line.options:
        files = (media_at(state["link"]),)
    if kind is Kind.TRANSLATION and (bool(files) is (ids.SOURCE in line.options)):
        which = "a take or a file, not both" if files else "a take, or add a file"
        raise RequestError(f"Choose {which}.", field=ids.SOURCE)
    is_filled = bool(recording_of(files) if kind is Kind.AVATAR else files)
    problem = None if is_filled else spoken_problem(kind, line.prompt, line.options)
    if problem is not None:
        raise RequestError(problem[0], field=problem[1])
    take_id = line.options.get(ids.SOURCE)
    try:
        works = works_of(line, take_id=str(take_id) if take_id else None, files=files)
    except (ValidationError, ValueError):
        raise RequestError(f"That does not fit into {_A[kind]}.", field=ids.PROMPT) from None
    return tuple(with_files(work, view) if isinstance(work, Template) else work for work in works)


def with_given_files(state: State, work: Work) -> dict[str, Any]:
    """The state with the files that the form cannot show, as far as Slack lets it be so long."""
    given = [file.model_dump(exclude_none=True) for file in given_files(work)]
    whole = {**state, "given": given}
    return whole if given and len(json.dumps(given)) <= GIVEN_MAX_CHARS else dict(state)


def _given(state: State) -> tuple[Media, ...]:
    return tuple(Media.model_validate(file) for file in state.get("given") or ())


def unseen_price(
    db: Transaction, team_id: str, works: tuple[Work, ...], state: State, reach: Reach
) -> bool:
    """Whether several takes would cost more together than the form has shown."""
    if len(works) < 2:
        return False
    price = quotes.total(db, team_id, str(state["channel"]), works, reach)
    return price is not None and price.micro_usd > int(state.get("seen") or 0)


_A = {
    Kind.AVATAR: "an avatar video",
    Kind.AGENT: "an agent video",
    Kind.TRANSLATION: "a translation",
    Kind.TEMPLATE: "a template",
}


def _named(
    db: Transaction, team_id: str, channel: str, line: Understood
) -> tuple[Understood, Mapping[str, str]]:
    """(the line with ids for names, the names of those ids)."""
    options: dict[str, JsonValue] = dict(line.options)
    labels: dict[str, str] = {}
    for name, noun in _LISTS.items():
        if isinstance(said := options.pop(name, None), str):
            entry = _entry(db, team_id, noun, said)
            options |= {name: entry.id} if entry is not None else {}
            labels |= {entry.id: entry.name} if entry is not None else {}
    prompt = line.prompt
    if line.kind == Kind.TRANSLATION:
        take_id = _source_id(db, team_id, channel, source_of(prompt, options))
        options.pop(ids.SOURCE, None)
        options |= {ids.SOURCE: take_id} if take_id else {}
        takes = finished_takes(db, team_id, channel) if take_id else ()
        labels |= {one.request_id: one.label for one in takes if one.request_id == take_id}
        prompt = ""
    return line.model_copy(update={"prompt": prompt, "options": options}), labels


def _entry(db: Transaction, team_id: str, noun: Any, said: str) -> Any:
    if (entry := find_entry(db, team_id, noun, said)) is not None:
        return entry
    try:
        return find(said, search_list(db, team_id, noun, said, limit=50), noun="one")
    except NotFound:
        return None


def _source_id(db: Transaction, team_id: str, channel: str, said: str | None) -> str | None:
    """The request of the take that was named; None for a link, and for what is not here."""
    if said is None:
        return None
    try:
        if (named := shot_and_take(said)) is not None:
            return finished_take(db, team_id, channel, shot=named[0], take=named[1])
        return take_in_place(db, team_id, channel, said)[1].request.id
    except RequestError:
        return None


def _link(line: Understood) -> str | None:
    """The link that is to be translated: no field of the form can show it."""
    said = source_of(line.prompt, line.options) if line.kind == Kind.TRANSLATION else None
    return said if said is not None and said.startswith("https://") else None


def _usual_avatar(db: Transaction, team_id: str, channel: str) -> str | None:
    anybody = Avatar(scenes=(Scene(script="any"),))
    try:
        look = usual_look(anybody, read_castings(db, team_id, channel, anybody))
    except RequestError:
        return None
    return look.name if look is not None else None


def _works_so_far(line: Understood, link: str | None) -> tuple[Work, ...]:
    """What is asked for already, as far as it can be priced. A file that is still to come has no
    length yet: the price of any file stands for it."""
    kind, source = Kind(line.kind), line.options.get(ids.SOURCE)
    if kind is Kind.TRANSLATION:
        if not line.options.get(ids.LANGUAGES):
            return ()
    elif spoken_problem(kind, line.prompt, line.options):
        return ()
    files = () if source or kind is not Kind.TRANSLATION else (media_at(link or _ANY_FILE),)
    whole = line.model_copy(update={"error": None})
    try:
        return works_of(whole, take_id=str(source) if source else None, files=files)
    except (ValidationError, ValueError, RequestError):
        return ()
