"""The forms of videos in which somebody speaks: what a line would say, and a search over lists.

A form is built from the same reading of options that a line has, so both mean the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.attached import recording_of
from domain.casting import TemplateOffer, Variable
from domain.shape import AspectRatio, Media
from domain.spoken import AGENT_FILES_MAX, LANGUAGES_MAX, Kind
from domain.spoken_values import BURNED, SPEED_MAX, SPEED_MIN
from domain.understanding import Understood
from domain.values import DURATION_MAX_S
from handlers import ids
from handlers.views import inputs
from handlers.views.blocks import Block, View, context, section
from handlers.views.form import continued, request_modal, split_prompt
from handlers.views.text import escape, in_code, shorten

NAME_SHOWN_CHARS = 40
FORM_FILES_MAX = 10  # of one file field (docs.slack.dev, file_input)
FILM_TYPES = ("mp4", "mov", "webm")
SOUND_TYPES = ("mp3", "wav")
PICTURE_TYPES = ("jpg", "jpeg", "png")
MATERIAL_TYPES = (*PICTURE_TYPES, *FILM_TYPES, *SOUND_TYPES, "pdf")
TRANSPARENT, PRECISION, SUBTITLES, CHAT = "transparent", "precision", "captions", "chat"
BIGGER = "Files above 10 MB: post them in the channel and mention me with the same options."

_TYPES_OF = {"image": PICTURE_TYPES, "video": FILM_TYPES, "audio": SOUND_TYPES}
_AVATAR_RATIOS = (AspectRatio.WIDE, AspectRatio.TALL, AspectRatio.SQUARE)
_AGENT_RATIOS = (AspectRatio.WIDE, AspectRatio.TALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a form shows besides what was said: the names of chosen ids, the chosen template, who
    speaks where nobody is chosen, what it costs, the files that came before, and why what was said
    was not started."""

    labels: Mapping[str, str] = field(default_factory=dict)
    template: TemplateOffer | None = None
    usual_avatar: str | None = None
    note: str = ""
    given: Sequence[Media] = ()
    problem: str = ""


def spoken_form(line: Understood, shown: Shown, *, private_metadata: str, title: str) -> View:
    """The form of one kind, filled with what was said."""
    filled = _Filled(line, shown)
    match Kind(line.kind):
        case Kind.AGENT:
            blocks = _agent(filled)
        case Kind.TRANSLATION:
            blocks = _translation(filled)
        case Kind.TEMPLATE:
            blocks = _template(filled)
        case _:
            blocks = _avatar(filled)
    if shown.given:
        blocks = [section(_given(shown.given)), *blocks]
    if shown.problem:
        blocks = [section(escape(shown.problem)), *blocks]
    free = "Nothing is charged before you press Render."
    note = context(f"{shown.note} {free}".strip())
    return request_modal(title, [*blocks, note], private_metadata)


class _Filled:
    """Fields filled with what a line said."""

    def __init__(self, line: Understood, shown: Shown) -> None:
        self._said = line.options
        pieces = split_prompt(str(line.options.get("script") or line.prompt))
        self.first, self.more = pieces[0], pieces[1:] or ("",)
        self.shown = shown

    def said(self, name: str) -> str:
        """What was said, as text."""
        value = self._said.get(name)
        return "" if value is None or isinstance(value, bool) else str(value)

    def is_on(self, name: str) -> bool:
        return bool(self._said.get(name))

    def chosen(self, name: str) -> inputs.Choice | None:
        """What was chosen of a list, if its name is known."""
        value = self.said(name)
        return (value, self.shown.labels[value]) if value in self.shown.labels else None

    def languages(self) -> Sequence[inputs.Choice]:
        names = self._said.get("languages")
        return [(str(each), str(each)) for each in names] if isinstance(names, list) else ()

    def variable(self, name: str) -> str:
        values = self._said.get("variables")
        return str(values.get(name) or "") if isinstance(values, dict) else ""


def _given(files: Sequence[Media]) -> str:
    """What comes along from the take before; a script is spoken instead of a recording."""
    names = ", ".join(f"`{in_code(shorten(file.name, NAME_SHOWN_CHARS))}`" for file in files)
    instead = " A script is spoken instead of it." if recording_of(files) else ""
    return f"With {names}.{instead}"


def _avatar(filled: _Filled) -> list[Block]:
    hint = "Word for word. --- on its own line begins a scene; [pause 1s] is a pause"
    usual = filled.shown.usual_avatar
    is_recorded = recording_of(filled.shown.given) is not None
    look = f"{usual}, unless you choose" if usual else inputs.CHOOSE_FOR_ME
    speed = inputs.number_field(
        ids.SPEED, (SPEED_MIN, SPEED_MAX), filled.said("speed"), "1 is as usual"
    )
    captions = (("on", "In a file beside the video"), (BURNED, "In the picture too"))
    background = inputs.text_field(
        ids.BACKGROUND, filled.said("background"), "#1565c0, blue, or an https link"
    )
    return [
        inputs.text(ids.PROMPT, "Script", filled.first, hint=hint, optional=is_recorded),
        *continued("Script", filled.more, hint=hint),
        *_cast(filled, look, "The avatar's own"),
        _ratios(_AVATAR_RATIOS, filled),
        inputs.labelled(ids.SPEED, "Speed of the voice", speed),
        inputs.labelled(ids.BACKGROUND, "Background", background),
        inputs.labelled(
            ids.CAPTIONS,
            "Captions",
            inputs.select_field(ids.CAPTIONS, captions, _captions(filled), "None"),
        ),
        inputs.boxes(
            ids.EXTRAS,
            "Transparent",
            ((TRANSPARENT, "No background at all (WebM)"),),
            [TRANSPARENT] if filled.is_on(TRANSPARENT) else [],
        ),
    ]


def _agent(filled: _Filled) -> list[Block]:
    hint = "What it is about, for whom, in which tone, what must be said or shown"
    style = inputs.search_field(ids.STYLE, filled.chosen("style"), inputs.CHOOSE_FOR_ME)
    length = inputs.number_field(ids.DURATION, (5, DURATION_MAX_S), filled.said("duration_s"), "30")
    files = inputs.files_field(
        ids.FILES, MATERIAL_TYPES, at_most=min(FORM_FILES_MAX, AGENT_FILES_MAX)
    )
    return [
        inputs.text(ids.PROMPT, "Idea", filled.first, hint=hint, optional=False),
        *continued("Idea", filled.more, hint=hint),
        *_cast(filled, inputs.CHOOSE_FOR_ME, inputs.CHOOSE_FOR_ME),
        inputs.labelled(ids.STYLE, "Style", style),
        _ratios(_AGENT_RATIOS, filled),
        inputs.labelled(ids.DURATION, "Length in seconds, about", length),
        inputs.labelled(ids.FILES, "Material", files) | {"hint": inputs.hinted(BIGGER)},
        inputs.boxes(
            ids.EXTRAS,
            "Conversation",
            ((CHAT, "It may ask first; replies in the thread go on with it"),),
            [CHAT] if filled.is_on(CHAT) else [],
        ),
    ]


def _translation(filled: _Filled) -> list[Block]:
    languages = inputs.searches_field(
        ids.LANGUAGES, filled.languages(), "German, French, …", at_most=LANGUAGES_MAX
    )
    source = inputs.search_field(ids.SOURCE, filled.chosen("source"), "A take made here")
    files = inputs.files_field(ids.FILES, FILM_TYPES, at_most=1)
    ticked = [name for name in (SUBTITLES, PRECISION) if filled.is_on(name)]
    extras = ((SUBTITLES, "With captions"), (PRECISION, "Lips fit better: slower, costs more"))
    return [
        _asks_again(inputs.labelled(ids.LANGUAGES, "Languages", languages, optional=False)),
        _asks_again(inputs.labelled(ids.SOURCE, "Take to translate", source)),
        inputs.labelled(ids.FILES, "Or a video file", files) | {"hint": inputs.hinted(BIGGER)},
        inputs.boxes(ids.EXTRAS, "More", extras, ticked),
    ]


def _template(filled: _Filled) -> list[Block]:
    """Which template, then its variables: choosing another shows that one's."""
    chosen = inputs.search_field(ids.TEMPLATE, filled.chosen("template"), "Search by name")
    template = filled.shown.template
    variables = template.variables if template is not None else ()
    ticked = [SUBTITLES] if filled.is_on(SUBTITLES) else []
    return [
        _asks_again(inputs.labelled(ids.TEMPLATE, "Template", chosen, optional=False)),
        *(_variable(variable, filled) for variable in variables),
        inputs.boxes(ids.EXTRAS, "More", ((SUBTITLES, "With captions"),), ticked),
    ]


def _variable(variable: Variable, filled: _Filled) -> Block:
    """What fills one variable; empty leaves what stands in the template, so a text without words
    there has to be given."""
    said, usual = filled.variable(variable.name), variable.default or "As in the template"
    known = (said, filled.shown.labels[said]) if said in filled.shown.labels else None
    element: Block
    match variable.type:
        case "character":
            element = inputs.search_field(ids.AVATAR, known, usual)
        case "voice":
            element = inputs.search_field(ids.VOICE, known, usual)
        case "image" | "video" | "audio":
            element = inputs.files_field(ids.FILES, _TYPES_OF[variable.type], at_most=1)
        case _:
            element = inputs.text_field(ids.VARIABLE, said, usual, lines=True)
    label = f"{variable.name} ({variable.type})" if variable.type != "text" else variable.name
    optional = variable.type != "text" or variable.default_text is not None
    block_id = f"{ids.VARIABLE}:{variable.name}"[:255]
    return inputs.labelled(block_id, label, element, optional=optional)


def _cast(filled: _Filled, usual_look: str, usual_voice: str) -> list[Block]:
    look = inputs.search_field(ids.AVATAR, filled.chosen("avatar"), usual_look)
    voice = inputs.search_field(ids.VOICE, filled.chosen("voice"), usual_voice)
    return [
        inputs.labelled(ids.AVATAR, "Avatar", look),
        inputs.labelled(ids.VOICE, "Voice", voice),
    ]


def _ratios(ratios: Sequence[AspectRatio], filled: _Filled) -> Block:
    options = [(ratio.value, ratio.value) for ratio in ratios]
    return inputs.select(ids.ASPECT, "Aspect ratio", options, filled.said("aspect_ratio"))


def _captions(filled: _Filled) -> str | None:
    said: Any = filled.said("captions")
    return BURNED if said == BURNED else ("on" if filled.is_on("captions") else None)


def _asks_again(block: Block) -> Block:
    """Its choice changes what the form shows."""
    return block | {"dispatch_action": True}
