"""How a line is understood: what kind of video, the prompt, and only what the person said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.errors import RequestError
from domain.options import Said, option_named
from domain.request import CONFIG_MAX_ENTRIES, PROMPT_MAX_CHARS, Clip, Work
from domain.scanner import Problem, Scanned, corrected
from domain.shape import Image
from domain.spoken import Agent, Avatar, Background, Captions, Kind, Scene, Voice
from domain.values import Pair
from domain.written import latest

SCRIPT_MAX_CHARS = 5_000
AGENT_PROMPT_MAX_CHARS = 10_000
AGENT_MIN_S = 5
EXAMPLE_PROMPT = "a fox in snow"
_MAX_CHARS = {
    Kind.CLIP: PROMPT_MAX_CHARS,
    Kind.AVATAR: SCRIPT_MAX_CHARS,
    Kind.AGENT: AGENT_PROMPT_MAX_CHARS,
}
_A_KIND = {Kind.CLIP: "a clip", Kind.AVATAR: "an avatar video", Kind.AGENT: "an agent video"}
_SPEAKING = ("avatar", "voice", "script", "background", "captions", "transparent")
# A file in Slack, by its page or its private link (docs.slack.dev, file object).
_SLACK_FILE = re.compile(
    r"https://(?:[\w-]+\.)*slack\.com/(?:files/[UW]\w+/|files-(?:pri|tmb)/T\w+-)(F[A-Z0-9]+)(?:[/?#-]|$)"
)


class Understood(BaseModel):
    """A line, as we understand it: the answer of `explain`.

    `options` has only what the person said, by field. `error` is the sentence where the line
    cannot be followed, `suggestion` then a command to copy, `field` what it is about.
    """

    model_config = ConfigDict(frozen=True)

    kind: str = Kind.CLIP.value
    prompt: str = ""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    error: str | None = None
    suggestion: str | None = None
    field: str | None = Field(default=None, exclude=True)


def understood(scanned: Scanned) -> Understood:
    """What a scanned line means, with the first thing that is wrong with it."""
    kind = _kind(scanned.said)
    problems = [*scanned.problems, *_misfits(scanned.said, kind)]
    meant = [said for said in scanned.meant if kind in said.option.kinds]
    prompt = scanned.prompt
    suggestion = corrected(prompt, meant) if problems else None
    if not problems and (problem := _content_problem(scanned, kind)):
        problems = [problem]
        suggestion = _with_content(scanned, kind, problem)
    return Understood(
        kind=kind.value,
        prompt=prompt,
        options=said_options([said for said in scanned.said if kind in said.option.kinds]),
        error=" ".join(dict.fromkeys(problem.sentence for problem in problems)) or None,
        suggestion=suggestion,
        field=problems[0].field if problems else None,
    )


def said_options(said: Sequence[Said]) -> dict[str, JsonValue]:
    """What was said by field; `kind` is not an option of a video but what it is."""
    options: dict[str, JsonValue] = {}
    config: dict[str, JsonValue] = {}
    for option, value in latest(said):
        if isinstance(value, Pair):
            config[value.key] = value.value
        elif option.name != "kind":
            options[option.name] = value
    return options | ({"config": config} if config else {})


def work_of(line: Understood) -> Work:
    """The work that a line asks for. Raises `RequestError` where it cannot be followed."""
    if line.error is not None:
        raise RequestError(line.error, field=line.field, suggestion=line.suggestion)
    match line.kind:
        case Kind.AVATAR:
            return _avatar(line)
        case Kind.AGENT:
            return Agent.model_validate({"prompt": line.prompt, **line.options})
        case _:
            return Clip.model_validate({"prompt": line.prompt, **clip_fields(line.options)})


def clip_fields(options: Mapping[str, JsonValue]) -> dict[str, Any]:
    """Options as `Clip` holds them: links become images."""
    fields: dict[str, Any] = dict(options)
    for name in ("reference_image", "tail_image"):
        if isinstance(link := options.get(name), str):
            fields[name] = image_at(link)
    return fields


def image_at(url: str) -> Image:
    """The picture at a link: a Slack file where the link leads to one, else the link itself."""
    name = re.split(r"[?#]", url)[0].rstrip("/").rpartition("/")[2] or "image"
    if slack_file := _SLACK_FILE.match(url):
        return Image(slack_file_id=slack_file[1], name=name)
    return Image(url=url, name=name)


def _avatar(line: Understood) -> Avatar:
    options: dict[str, Any] = dict(line.options)
    scene = Scene(
        script=options.pop("script", None) or line.prompt,
        avatar=options.pop("avatar", None),
        voice=Voice(name=options.pop("voice", None)),
        background=_background(options.pop("background", None)),
    )
    captions = Captions.FILE if options.pop("captions", False) else None
    return Avatar.model_validate({"scenes": (scene,), "captions": captions, **options})


def _background(said: str | None) -> Background | None:
    """A colour, or the picture at a link."""
    if said is None:
        return None
    return Background(colour=said) if said.startswith("#") else Background(image=image_at(said))


def _kind(said: Sequence[Said]) -> Kind:
    """The kind that was said; else an avatar video where somebody is to speak; else a clip."""
    spoken = Kind.CLIP
    for option, value in latest(said):
        if option.name == "kind":
            return Kind(str(value))
        if option.name in _SPEAKING:
            spoken = Kind.AVATAR
    return spoken


def _misfits(said: Sequence[Said], kind: Kind) -> list[Problem]:
    return [
        Problem(f"`{option.flag}` does not go with {_A_KIND[kind]}.", option.name)
        for option, _ in latest(said)
        if kind not in option.kinds
    ]


def _content_problem(scanned: Scanned, kind: Kind) -> Problem | None:
    """What is wrong with the words themselves: none, too many, or in two places."""
    options = said_options(scanned.said)
    script = str(options.get("script") or "")
    if not scanned.prompt and not script:
        said = "what the avatar says" if kind is Kind.AVATAR else "what the video should show"
        return Problem(f"Say {said}, before or after the options.", "prompt")
    if script and scanned.prompt:
        return Problem(
            "An avatar says exactly the script: the words outside of `--script` have no place.",
            "script",
        )
    if len(script or scanned.prompt) > _MAX_CHARS[kind]:
        return _too_long(len(script or scanned.prompt), kind)
    config = options.get("config")
    if isinstance(config, dict) and len(config) > CONFIG_MAX_ENTRIES:
        return Problem(f"{len(config)} `--config` entries: at most {CONFIG_MAX_ENTRIES}.", "config")
    seconds = options.get("duration_s")
    if kind is Kind.AGENT and isinstance(seconds, int) and seconds < AGENT_MIN_S:
        meant = Said(option_named("duration_s"), AGENT_MIN_S)
        return Problem(f"An agent video has at least {AGENT_MIN_S} seconds.", "duration_s", meant)
    return None


def _too_long(length: int, kind: Kind) -> Problem:
    what = "script" if kind is Kind.AVATAR else "prompt"
    return Problem(
        f"The {what} has {length:,} characters: at most {_MAX_CHARS[kind]:,}."
        " Nothing was cut and nothing was started; shorten it.",
        "prompt",
    )


def _with_content(scanned: Scanned, kind: Kind, problem: Problem) -> str | None:
    """The same options with words that can stand; None where only the person can shorten them."""
    options = list(scanned.meant)
    if problem.meant is not None:
        return corrected(scanned.prompt, [*options, problem.meant])
    if problem.field == "script":
        return corrected("", options)
    if scanned.prompt or any(said.option.name in ("script", "config") for said in options):
        return None
    if kind is Kind.AVATAR:
        return corrected("", [*options, Said(option_named("script"), "Hello and welcome")])
    return corrected(EXAMPLE_PROMPT, options)
