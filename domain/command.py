"""What `/video …` asks for: a verb, or a video.

A verb counts only alone or with its own arguments, so that "status report from the office" stays a
prompt. A line that is nearly a verb is asked about instead of being paid for (`near_verbs.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from domain.cast_verbs import CastVerb, FindVoices, MakeLikeness, arguments_of, cast_verb
from domain.catalog import MODEL_NAMES
from domain.errors import RequestError
from domain.near_verbs import refuse_slip
from domain.options import flag_named
from domain.plain import plain, without_hidden
from domain.scanner import Scanned, scan
from domain.spoken import Kind
from domain.understanding import Understood, said_options, understood
from domain.written import COMMAND, latest, written_options

_CLIP_DEFAULTS = ("model", "aspect_ratio", "duration_s")
DEFAULT_FIELDS = (*_CLIP_DEFAULTS, "avatar")


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Open the form, with what was already said."""

    prefill: Understood | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Start this. The line has no error."""

    understood: Understood


@dataclass(frozen=True, slots=True)
class Help:
    """Explain everything, or one verb or option."""

    topic: str | None = None


@dataclass(frozen=True, slots=True)
class ListModels:
    """List the models with their limits and prices."""


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Show what is running."""


@dataclass(frozen=True, slots=True)
class ShowShot:
    """Show a shot, or one of its takes."""

    number: int
    take: int | None = None


@dataclass(frozen=True, slots=True)
class ShowUsage:
    """Show what was spent."""


@dataclass(frozen=True, slots=True)
class ShowDefaults:
    """Show the channel's defaults."""


@dataclass(frozen=True, slots=True)
class SetDefaults:
    """Change the channel's defaults: fields of `DEFAULT_FIELDS`, None for back to the house's."""

    changes: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class CancelShot:
    """Cancel what runs in a shot, or the person's latest."""

    number: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Submit nothing more until *resume* (admins)."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Submit again (admins)."""


@dataclass(frozen=True, slots=True)
class Unpark:
    """Offer a model again whose endpoint was gone, or `all` (admins). None asks which there are."""

    model: str | None = None


Verb = (
    Help
    | ListModels
    | ShowStatus
    | ShowShot
    | ShowUsage
    | ShowDefaults
    | SetDefaults
    | CancelShot
    | Pause
    | Resume
    | Unpark
    | CastVerb
)
Command = OpenForm | Start | Verb


def parse(text: str) -> Command:
    """What follows `/video` (or the mention), as Slack sent it.

    Raises `RequestError` with a sentence and, where there is one, a corrected command to copy.
    """
    text = _PASTED.sub("", without_hidden(text))
    line = plain(text).text.strip()
    if not line:
        return OpenForm()
    if verb := _verb(line, text):
        return verb
    scanned = scan(text)
    read = understood(scanned)
    if read.error is None:
        if read.kind == Kind.CLIP:
            refuse_slip(scanned)
        return Start(read)
    if read.field == "prompt" and not read.prompt:
        return OpenForm(read)
    raise RequestError(read.error, field=read.field, suggestion=read.suggestion)


def verb_of(text: str) -> Verb | None:
    """The verb that a line is, if it is one: for a mention in a thread, before it is a reply.

    Raises `RequestError` for `defaults` with what has no default.
    """
    text = _PASTED.sub("", without_hidden(text))
    line = plain(text).text.strip()
    return _verb(line, text) if line else None


def explain(text: str) -> Understood:
    """How a line is understood, verbs included: their name is the kind, their arguments options."""
    text = _PASTED.sub("", without_hidden(text))
    try:
        command = parse(text)
    except RequestError as refused:
        return _refused(text, refused)
    match command:
        case Start(read):
            return read
        case OpenForm(read):
            return read or Understood(kind="form")
        case _:
            return Understood(kind=_NAMES[type(command)], options=_arguments(command))


_PASTED = re.compile(r"^\s*/video(?=\s|$)", re.IGNORECASE)
_END = re.compile(r"[\s.!?]+$")
_SHOT = r"(?:shot\s+)?(?:v\s?[-‐‑–—]?\s?|#)?(\d{1,9})"
_TAKE = r"(?:\s*(?:/|,?\s*take\s*)\s*(\d{1,4}))?"
_SHOW = re.compile(rf"show\s+{_SHOT}{_TAKE}", re.IGNORECASE)
_CANCEL = re.compile(rf"(?:cancel|stop)(?:\s+(?:{_SHOT}|it|this|last))?", re.IGNORECASE)
_HELP = re.compile(r"(?:help|--help|-h|\?|—help|–help)(?:\s+(\S+))?", re.IGNORECASE)
_UNPARK = re.compile(r"unpark(?:\s+(.+))?", re.IGNORECASE)
_ALONE: Mapping[str, Callable[[], Verb]] = {
    "models": ListModels,
    "providers": ListModels,
    "status": ShowStatus,
    "usage": ShowUsage,
    "defaults": ShowDefaults,
    "pause": Pause,
    "resume": Resume,
}
_NAMES: Mapping[type[Command], str] = {
    Help: "help",
    ListModels: "models",
    ShowStatus: "status",
    ShowShot: "show",
    ShowUsage: "usage",
    ShowDefaults: "defaults",
    SetDefaults: "defaults",
    CancelShot: "cancel",
    Pause: "pause",
    Resume: "resume",
    Unpark: "unpark",
    MakeLikeness: "new",
    FindVoices: "voices",
}
_VERBS = frozenset(_NAMES.values())


def _verb(line: str, text: str) -> Verb | None:
    alone = _END.sub("", line) or line
    if make := _ALONE.get(alone.lower()):
        return make()
    if asked := _HELP.fullmatch(alone):
        return _help(asked[1])
    if shown := _SHOW.fullmatch(alone):
        return ShowShot(int(shown[1]), int(shown[2]) if shown[2] else None)
    if cancelled := _CANCEL.fullmatch(alone):
        return CancelShot(int(cancelled[1]) if cancelled[1] else None)
    return _unpark(alone) or _defaults(alone, text) or cast_verb(alone)


def _help(topic: str | None) -> Help | None:
    """`help aspect` is ours, `help avatar` is about a kind and `help --avatar` about an option;
    `help me` and `help yourself` are prompts."""
    if topic is None:
        return Help()
    word = topic.lstrip("-–—").lower()
    if word in _VERBS or topic.lower() in set(Kind):
        return Help(word)
    flag = flag_named(word)
    return Help(flag.option.flag if word in set(Kind) else flag.option.flags[0]) if flag else None


def _unpark(line: str) -> Unpark | None:
    """`unpark veo 3.1` is ours, and so is any one word; `unpark the car slowly` is a prompt."""
    asked = _UNPARK.fullmatch(line)
    if asked is None:
        return None
    if asked[1] is None:
        return Unpark()
    name = re.sub(r"[\s.-]+", "_", asked[1].lower())
    is_one_word = " " not in asked[1].strip()
    return Unpark(name) if is_one_word or name in MODEL_NAMES else None


def _defaults(line: str, text: str) -> SetDefaults | None:
    first, _, rest = line.partition(" ")
    if first.lower() != "defaults" or not rest.strip():
        return None
    if rest.strip().lower() == "reset":
        return SetDefaults(dict.fromkeys(DEFAULT_FIELDS))
    scanned = scan(text.strip()[len(first) :])
    if scanned.prompt:
        return None
    return SetDefaults(_changes(scanned))


def _changes(scanned: Scanned) -> Mapping[str, JsonValue]:
    """The fields to change. Raises `RequestError` for what has no default, or cannot be."""
    meant = [said for said in scanned.meant if said.option.name in DEFAULT_FIELDS]
    suggestion = f"{COMMAND} defaults {written_options(latest(meant))}".rstrip()
    if scanned.problems:
        problem = scanned.problems[0]
        raise RequestError(problem.sentence, field=problem.field, suggestion=suggestion)
    changes = said_options(scanned.said)
    for said in scanned.said:
        if said.option.name not in DEFAULT_FIELDS:
            raise RequestError(
                f"A channel has no default for `{said.option.flag}`, only for `--model`,"
                " `--aspect`, `--duration` and `--avatar`.",
                field=said.option.name,
                suggestion=suggestion,
            )
    return changes


def _refused(text: str, refused: RequestError) -> Understood:
    read = understood(scan(text))
    is_defaults = bool(refused.suggestion) and str(refused.suggestion).startswith(
        f"{COMMAND} defaults"
    )
    said = Understood(kind="defaults") if is_defaults else read
    return said.model_copy(
        update={
            "error": refused.sentence,
            "suggestion": refused.suggestion,
            "field": refused.field,
        }
    )


def _arguments(verb: Command) -> dict[str, JsonValue]:
    match verb:
        case Help(str() as topic):
            return {"topic": topic}
        case ShowShot(number, take):
            return {"shot": number} if take is None else {"shot": number, "take": take}
        case CancelShot(int() as number):
            return {"shot": number}
        case Unpark(str() as model):
            return {"model": model}
        case MakeLikeness() | FindVoices():
            return dict(arguments_of(verb))
        case SetDefaults(changes):
            shown: dict[str, JsonValue] = {**changes}
            if not any(shown.values()):  # everything is taken back: also what only some have
                shown.pop("avatar", None)
            return shown
        case _:
            return {}
