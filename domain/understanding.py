"""How a line is understood: what kind of video, the prompt, and only what the person said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.errors import RequestError
from domain.links import image_at
from domain.option import Option
from domain.options import Said, kind_of, option_named
from domain.request import CONFIG_MAX_ENTRIES, PROMPT_MAX_CHARS, Clip, Work
from domain.scanner import Problem, Scanned, corrected
from domain.shape import Media
from domain.spoken import AGENT_PROMPT_MAX_CHARS, Kind
from domain.spoken_lines import NO_SCRIPT, is_spoken, scenes_of, spoken_problem, spoken_works
from domain.values import Pair
from domain.written import latest

AGENT_MIN_S = 5
ONLY_SPOKEN = "What an avatar says is its `--script`; `--on-screen` would be words in the picture."
NEVER_TRANSPARENT = (
    "A clip cannot be transparent; a video in which an avatar speaks can. Nothing was started."
    " To have exactly these words spoken, say who with `--avatar`, or leave the choice to me."
)
EXAMPLE_PROMPT = "a fox in snow"
EXAMPLE_SCRIPT = "Hello and welcome"
_MAX_CHARS = {Kind.CLIP: PROMPT_MAX_CHARS, Kind.AGENT: AGENT_PROMPT_MAX_CHARS}
_A_KIND = {
    Kind.CLIP: "a clip",
    Kind.AVATAR: "an avatar video",
    Kind.AGENT: "an agent video",
    Kind.TRANSLATION: "a translation",
    Kind.TEMPLATE: "a template",
}


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
    kind = kind_of(scanned.said)
    problems = [*scanned.problems, *_misfits(scanned.said, kind)]
    meant = [said for said in scanned.meant if kind in said.option.kinds]
    prompt = scanned.prompt
    is_called_so = any(each.words and prompt.startswith(each.words) for each in scanned.problems)
    # A video of what an option is called is nobody's wish.
    suggestion = corrected(prompt, meant) if problems and not is_called_so else None
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
    pairs: dict[str, dict[str, JsonValue]] = {}
    for option, value in latest(said):
        if isinstance(value, Pair):
            pairs.setdefault(option.name, {})[value.key] = value.value
        elif option.name != "kind":
            options[option.name] = list(value) if isinstance(value, tuple) else value
    return {**options, **pairs}


def work_of(line: Understood) -> Work:
    """The one work that a line asks for. Raises `RequestError` where it cannot be followed, or
    asks for several."""
    works = works_of(line)
    if len(works) > 1:
        raise RequestError(
            "Several languages are several takes: ask for them with `/video`, where their price"
            " is shown first.",
            field="languages",
        )
    return works[0]


def works_of(
    line: Understood, *, take_id: str | None = None, files: Sequence[Media] = ()
) -> tuple[Work, ...]:
    """All that a line asks for: one work, or one a language. `take_id` is the request of the take
    that is translated, `files` what came along. Raises `RequestError` where the line cannot be
    followed."""
    if line.error is not None:
        raise RequestError(line.error, field=line.field, suggestion=line.suggestion)
    kind = Kind(line.kind)
    if kind is Kind.CLIP:
        return (Clip.model_validate({"prompt": line.prompt, **clip_fields(line.options)}),)
    return spoken_works(kind, line.prompt, line.options, take_id=take_id, files=files)


def clip_fields(options: Mapping[str, JsonValue]) -> dict[str, Any]:
    """Options as `Clip` holds them: links become images, who is seen is one of those who are."""
    fields: dict[str, Any] = dict(options)
    for name in ("reference_image", "tail_image"):
        if isinstance(link := options.get(name), str):
            fields[name] = image_at(link)
    if (somebody := fields.pop("avatar", None)) is not None:
        fields["avatars"] = (somebody,)
    return fields


def misfit_sentence(option: Option, kind: Kind) -> str:
    """Why an option does not go with a kind of video, and what does where anything does."""
    return option.instead.get(kind) or f"`{option.flag}` does not go with {_A_KIND[kind]}."


def _misfits(said: Sequence[Said], kind: Kind) -> list[Problem]:
    return [
        Problem(misfit_sentence(option, kind), option.name)
        for option, _ in latest(said)
        if kind not in option.kinds
    ]


def _content_problem(scanned: Scanned, kind: Kind) -> Problem | None:
    """What is wrong with the words themselves: none, too many, or in two places."""
    options = said_options(scanned.said)
    script = str(options.get("script") or "")
    if kind not in (Kind.TRANSLATION, Kind.TEMPLATE) and not scanned.prompt and not script:
        if kind is Kind.AVATAR:
            return Problem(ONLY_SPOKEN if "on_screen" in options else NO_SCRIPT, "prompt")
        return Problem("Say what the video should show, before or after the options.", "prompt")
    if kind is Kind.AVATAR and scanned.prompt and _is_merely_transparent(scanned):
        return Problem(NEVER_TRANSPARENT, "transparent")
    if is_spoken(script) and scanned.prompt:
        return Problem(
            "An avatar says exactly the script: the words outside of `--script` have no place.",
            "script",
        )
    if problem := spoken_problem(kind, scanned.prompt, options):
        return Problem(*problem)
    return _too_much(scanned.prompt, options, kind)


def _is_merely_transparent(scanned: Scanned) -> bool:
    """Whether nothing else in the line says that somebody speaks."""
    return {said.option.name for said in scanned.said} & _SPEAKING == {"transparent"}


_SPEAKING = frozenset(
    {"kind", "avatar", "voice", "script", "background", "captions", "transparent"}
)


def _too_much(prompt: str, options: Mapping[str, JsonValue], kind: Kind) -> Problem | None:
    most = _MAX_CHARS.get(kind)
    if most is not None and len(prompt) > most:
        return Problem(
            f"The prompt has {len(prompt):,} characters: at most {most:,}."
            " Nothing was cut and nothing was started; shorten it.",
            "prompt",
        )
    config = options.get("config")
    if isinstance(config, dict) and len(config) > CONFIG_MAX_ENTRIES:
        return Problem(f"{len(config)} `--config` entries: at most {CONFIG_MAX_ENTRIES}.", "config")
    seconds = options.get("duration_s")
    if kind is Kind.AGENT and isinstance(seconds, int) and seconds < AGENT_MIN_S:
        meant = Said(option_named("duration_s"), AGENT_MIN_S)
        return Problem(f"An agent video has at least {AGENT_MIN_S} seconds.", "duration_s", meant)
    return None


def _with_content(scanned: Scanned, kind: Kind, problem: Problem) -> str | None:
    """The same options with words that can stand; None where only the person can shorten them."""
    options = list(scanned.meant)
    if problem.meant is not None:
        return corrected(scanned.prompt, [*options, problem.meant])
    if kind is Kind.AVATAR and problem.field in ("script", "transparent"):
        return corrected("", _with_script(scanned))
    if problem.field == "script":
        return corrected("", options)
    if kind in (Kind.TRANSLATION, Kind.TEMPLATE) or problem.field == "style":
        return None
    if scanned.prompt or any(said.option.name in ("script", "config") for said in options):
        return None
    if kind is Kind.AVATAR:
        shown = next((said for said in options if said.option.name == "on_screen"), None)
        script = Said(option_named("script"), shown.value if shown else EXAMPLE_SCRIPT)
        return corrected("", [*(said for said in options if said is not shown), script])
    return corrected(EXAMPLE_PROMPT, options)


def _with_script(scanned: Scanned) -> list[Said]:
    """The same options with a script that can be spoken: theirs, else their prompt, else any."""
    said = scenes_of(str(said_options(scanned.said).get("script") or ""))
    spoken = "\n---\n".join(scene for scene in said if is_spoken(scene))
    words = spoken or (scanned.prompt if is_spoken(scanned.prompt) else EXAMPLE_SCRIPT)
    others = [each for each in scanned.meant if each.option.name != "script"]
    return [*others, Said(option_named("script"), words)]
