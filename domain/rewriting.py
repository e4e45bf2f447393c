"""A request as the command that asks for it, so that a person can copy it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.options import OPTIONS, Said, option_named
from domain.request import Clip, Work
from domain.scanner import corrected
from domain.spoken import Agent, Avatar, Captions, Template, Translation
from domain.spoken_values import BURNED
from domain.understanding import Understood, said_options
from domain.values import Pair, Value


def command_of(work: Work) -> str | None:
    """`/video a fox in snow --aspect 9:16`; None where no line would be read as exactly this.

    A picture that is a Slack file cannot be typed: it is left out, and goes by attaching it. What
    only a form or a thread can say (a take to translate, scenes that differ, the next message of a
    conversation) has no command.
    """
    if isinstance(work, Agent) and work.continues is not None:
        return None
    prompt, said = _said_of(work)
    return corrected(prompt, said) if said is not None else None


def line_of(work: Work) -> Understood:
    """The work as a line that would ask for it: what a form is filled with."""
    prompt, said = _said_of(_without_files(work) if isinstance(work, Avatar) else work)
    options = said_options(said) if said is not None else {}
    if isinstance(work, Avatar) and work.scenes[0].script is None:
        options.pop("script", None)
    return Understood(kind=work.kind.value, prompt=prompt, options=options)


def _said_of(work: Work) -> tuple[str, list[Said] | None]:
    """(prompt, options); no options where a line could not say all of it."""
    match work:
        case Clip():
            return work.prompt, _clip(work)
        case Avatar():
            return "", _avatar(work)
        case Agent():
            return work.prompt, [Said(option_named("kind"), "agent"), *_agent(work)]
        case Translation():
            return "", _translation(work)
        case Template():
            return "", _template(work)


def _without_files(work: Avatar) -> Avatar:
    """Spoken by somebody instead of by a picture, in words instead of a recording: a form carries
    the files beside what a line says."""
    scenes = (
        scene.model_copy(
            update={"photo": None, "recording": None, "script": scene.script or _SPOKEN}
        )
        for scene in work.scenes
    )
    return work.model_copy(update={"scenes": tuple(scenes)})


_SPOKEN = "-"  # stands for a recording where only the rest of a scene counts
_SHAPE = ("aspect_ratio", "resolution", "duration_s")
_AGENT = (*_SHAPE, "avatar", "voice", "style", "file_format", "chat")
_PICTURE = ("expressiveness", "cut_out", "fit")
_AVATAR = (*_SHAPE, "transparent", "engine", "motion", *_PICTURE, "test", "title")
_VOICE = ("speed", "pitch", "volume", "locale", "emotion")


def _clip(clip: Clip) -> list[Said]:
    said: list[Said] = []
    for option in OPTIONS:
        value = getattr(clip, option.name, None)
        match value:
            case None:
                continue
            case _ if value == Clip.model_fields[option.name].default:
                continue
            case _ if option.name == "kind":
                continue  # a clip is what a line means anyway
            case dict():
                said += [Said(option, Pair(key, each)) for key, each in value.items()]
            case _ if option.name in ("reference_image", "tail_image"):
                said += [Said(option, value.url)] if value.url else []
            case _:
                said.append(Said(option, value))
    return [*said, *_said({"avatar": next(iter(clip.avatars), None)})]


def _avatar(work: Avatar) -> list[Said] | None:
    """Its scenes must be alike but for their scripts: a line has one avatar and one voice."""
    first = work.scenes[0]
    alike = [scene.model_copy(update={"script": first.script}) for scene in work.scenes]
    if alike != [first] * len(alike) or first.script is None or first.photo is not None:
        return None
    voice, behind = first.voice, first.background
    colour = behind.colour if behind else None
    image = behind.image.url if behind and behind.image else None
    captions: Mapping[Captions, Value] = {Captions.FILE: True, Captions.BURNED_IN: BURNED}
    cast: Mapping[str, Value | None] = {
        "avatar": first.avatar,
        "voice": voice.name,
        **{name: getattr(voice, name) for name in _VOICE},
        "style": first.style.value if first.style else None,
        "background": colour or image,
        "captions": captions[work.captions] if work.captions else None,
        "on_screen": first.words_on_screen,
        "script": "\n---\n".join(scene.script or "" for scene in work.scenes),
    }
    return [*_said(cast), *_own(work, _AVATAR)]


def _agent(work: Agent) -> list[Said]:
    results = work.results if work.results > 1 else None
    return [*_own(work, _AGENT), *_said({"results": results})]


def _translation(work: Translation) -> list[Said]:
    return _said(
        {
            "source": work.source_request_id or (work.source.url if work.source else None),
            "languages": (work.language,),
            "captions": True if work.captions else None,
            "precision": True if work.mode == "precision" else None,
            "sound_only": True if work.sound_only else None,
            "speakers": work.speakers,
        }
    )


def _template(work: Template) -> list[Said]:
    given = {
        name: filling.text or filling.name or (filling.media.url if filling.media else None)
        for name, filling in work.variables.items()
    }
    said: Mapping[str, Value | None] = {
        "template": work.template,
        "title": work.title,
        "captions": True if work.captions else None,
    }
    variables = [
        Said(option_named("variables"), Pair(name, value)) for name, value in given.items() if value
    ]
    return [*_said(said), *variables]


def _own(work: Work, names: tuple[str, ...]) -> list[Said]:
    """What the request itself says of these, where it says anything."""
    return _said({name: getattr(work, name) or None for name in names})


def _said(values: Mapping[str, Value | None]) -> list[Said]:
    return [Said(option_named(name), value) for name, value in values.items() if value is not None]
