"""What a line asks for where somebody speaks: an avatar's scenes, an agent's idea, translations,
a template's variables. What is missing or cannot be is said before any work is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from domain.attached import recording_of, spoken_by
from domain.errors import RequestError
from domain.links import image_at, media_at
from domain.shape import Media
from domain.spoken import (
    SCENES_MAX,
    SCRIPT_MAX_CHARS,
    Agent,
    Avatar,
    AvatarStyle,
    Background,
    Captions,
    Filling,
    Kind,
    Scene,
    Template,
    Translation,
    Voice,
)
from domain.spoken_values import BURNED, read_source, shot_and_take
from domain.values import BadValue, listed

Options = Mapping[str, JsonValue]
NO_SCRIPT = "Say what the avatar says, before or after the options."
NO_SOURCE = "Say what is translated: `--source V-142`, or an https link, or attach the video."

_SAY_SOMETHING = "Say what the avatar says, word for word; nothing was started."

_VOICED = ("speed", "pitch", "volume", "locale", "emotion")

# A scene ends at dashes that stand alone; phones make long dashes of them.
_SCENE_END = re.compile(
    r"(?:^|\n)[^\S\n]*(?:[-‐‑‒–—―−]{2,}|[–—―])[^\S\n]*(?=\n|$)|(?<=\s)(?:-{3,}|[–—]-)(?=\s)"
)
_FILM = re.compile(r"\.(?:mp4|webm|mov)(?:[?#]|$)", re.IGNORECASE)


def scenes_of(script: str) -> tuple[str, ...]:
    """The scenes of a script: `---` between them."""
    parts = (part.strip() for part in _SCENE_END.split(script))
    return tuple(part for part in parts if part)


def is_spoken(text: str) -> bool:
    """Whether there is anything in a text that a voice can say."""
    return any(char.isalnum() for char in text)


def spoken_problem(kind: Kind, prompt: str, options: Options) -> tuple[str, str] | None:
    """(sentence, field) of what is missing or cannot be; what is missing has the field `prompt`."""
    match kind:
        case Kind.AVATAR:
            return _script_problem(str(options.get("script") or prompt)) or _style_problem(options)
        case Kind.TRANSLATION:
            return _translation_problem(prompt, options)
        case Kind.TEMPLATE if prompt:
            return "A template has no prompt: `--var name=value` fills it in.", "script"
        case Kind.TEMPLATE if "template" not in options:
            return "Say which template: `--template` and its name.", "prompt"
        case _:
            return None


def spoken_works(
    kind: Kind, prompt: str, options: Options, *, take_id: str | None, files: Sequence[Media]
) -> tuple[Avatar | Agent | Translation | Template, ...]:
    """The work of a line without a problem: one, or one a language. `take_id`: the take that its
    source names; `files` came along with it."""
    said: dict[str, Any] = dict(options)
    match kind:
        case Kind.AGENT:
            return (_agent(prompt, said, files),)
        case Kind.TRANSLATION:
            return _translations(prompt, said, take_id, files)
        case Kind.TEMPLATE:
            return (_template(said),)
        case _:
            return (_avatar(prompt, said, files),)


def source_of(prompt: str, options: Options) -> str | None:
    """What is to be translated, as it was typed: `--source V-142`, or the only words there are."""
    if said := options.get("source"):
        return str(said)
    try:
        return read_source(prompt) if prompt else None
    except BadValue:
        return None


def background_of(said: str) -> Background:
    """A colour, or the picture or film at a link."""
    if said.startswith("#"):
        return Background(colour=said)
    if _FILM.search(said):
        return Background(video=media_at(said))
    return Background(image=image_at(said))


def _script_problem(script: str) -> tuple[str, str] | None:
    scenes = scenes_of(script)
    if not script.strip():
        return NO_SCRIPT, "prompt"
    if (wordless := _wordless(scenes)) is not None:
        return f"{wordless} is empty. {_SAY_SOMETHING}", "script"
    if len(scenes) > SCENES_MAX:
        return f"The script has {len(scenes)} scenes: at most {SCENES_MAX}.", "prompt"
    for number, scene in enumerate(scenes, start=1):
        if len(scene) > SCRIPT_MAX_CHARS:
            which = "The script" if len(scenes) == 1 else f"Scene {number}"
            sentence = (
                f"{which} has {len(scene):,} characters: at most {SCRIPT_MAX_CHARS:,} a scene."
                " Nothing was cut and nothing was started; put a line with `---` where a new"
                " scene may begin, or shorten it."
            )
            return sentence, "prompt"
    return None


def _wordless(scenes: Sequence[str]) -> str | None:
    """What has nothing to be spoken: no letter and no digit, as in `""`."""
    silent = (at for at, scene in enumerate(scenes, start=1) if not is_spoken(scene))
    number = next(silent, None)
    if not scenes or (number is not None and len(scenes) == 1):
        return "The script"
    return f"Scene {number} of the script" if number is not None else None


def _style_problem(options: Options) -> tuple[str, str] | None:
    style = options.get("style")
    if style is None or _style_of(str(style)) is not None:
        return None
    return f"“{style}” is no framing of an avatar: it is {listed(AvatarStyle)}.", "style"


def _style_of(said: str) -> AvatarStyle | None:
    key = re.sub(r"[\W_]", "", said).lower()
    return next((style for style in AvatarStyle if style.lower() == key), None)


def _translation_problem(prompt: str, options: Options) -> tuple[str, str] | None:
    if "languages" not in options:
        return "Say the language: `--language German`, or several with commas.", "prompt"
    source = source_of(prompt, options)
    if prompt and source_of(prompt, {}) is None:
        return "A translation has no prompt; its options say everything.", "script"
    return (NO_SOURCE, "prompt") if source is None else None


def _avatar(prompt: str, said: dict[str, Any], files: Sequence[Media]) -> Avatar:
    """Spoken by words, or by a recording that came along; by a picture too, where one came."""
    behind = said.pop("background", None)
    voice = {name: said.pop(name, None) for name in _VOICED}
    usual = {
        "avatar": said.pop("avatar", None),
        "voice": Voice(name=said.pop("voice", None), **voice),
        "background": background_of(behind) if behind else None,
        "style": _style_of(said.pop("style", "")),
        "words_on_screen": said.pop("on_screen", None),
    }
    captions = {BURNED: Captions.BURNED_IN, True: Captions.FILE}.get(said.pop("captions", None))
    script = said.pop("script", None) or prompt
    sound = recording_of(files)
    if script and sound is not None:
        raise RequestError("A recording is spoken as it is: leave the words out, or the recording.")
    scenes = [Scene(script=each, **usual) for each in scenes_of(script)]
    if sound is not None:
        scenes = [Scene(recording=sound, **usual)]
    whole = {**said, "scenes": tuple(scenes), "captions": captions}
    return spoken_by(Avatar.model_validate(whole), files)


def _agent(prompt: str, said: dict[str, Any], files: Sequence[Media]) -> Agent:
    """What is to stand in the picture is said to the agent: its wire has no other place for it."""
    on_screen = said.pop("on_screen", None)
    idea = f"{prompt}\n\nOn screen, exactly: “{on_screen}”" if on_screen else prompt
    return Agent.model_validate({"prompt": idea, "files": tuple(files), **said})


def _translations(
    prompt: str, said: dict[str, Any], take_id: str | None, files: Sequence[Media]
) -> tuple[Translation, ...]:
    source = next(iter(files), None) if take_id is None else None
    typed = source_of(prompt, said)
    if take_id is None and source is None and typed and shot_and_take(typed) is None:
        source = media_at(typed)
    return tuple(
        Translation(
            language=language,
            source_request_id=take_id,
            source=source,
            mode="precision" if said.get("precision") else "speed",
            captions=bool(said.get("captions")),
            sound_only=bool(said.get("sound_only")),
            speakers=said.get("speakers"),
        )
        for language in said["languages"]
    )


def _template(said: dict[str, Any]) -> Template:
    """What fills its variables is text or a link until the template says of which type each is."""
    return Template(
        template=said["template"],
        title=said.get("title"),
        captions=bool(said.get("captions")),
        variables={
            name: filling_of(str(value)) for name, value in said.get("variables", {}).items()
        },
    )


def filling_of(said: str) -> Filling:
    """A link, or text."""
    if re.match(r"https://", said):
        return Filling(type="image", media=media_at(said))
    return Filling(type="text", text=said)
