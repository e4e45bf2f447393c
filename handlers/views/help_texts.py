"""`/video help`: written from the same table that reads the flags, so that it can't be wrong."""

from __future__ import annotations

from collections.abc import Mapping

from domain.message import Message
from domain.option import Option
from domain.options import OPTIONS, flag_named
from domain.spoken import Kind
from handlers.views.blocks import context, paragraphs, section

_START = (
    "*Make a video:* `/video a fox in snow --model veo_3_1 --aspect 9:16`, or `/video` alone for"
    " the form.\n"
    "*Make the next take:* reply in its thread: “slower, at night, 9:16”. Attach an image to"
    " start from it.\n"
    "*Start from an image:* mention me with the image attached, or choose *Animate this image*"
    " on a message."
)
_OTHER_KINDS = (
    "*Other kinds:* `/video help avatar` (an exact script), `agent` (an idea becomes a finished"
    " video), `translation`, `template`."
)
_MONEY = (
    "The price is shown before anything is paid, and cancelling is free as long as the button says"
    " *Cancel: free*. Nothing is ever paid twice without your yes."
)
_NOT_HERE = "Slash commands work neither in threads nor with files; replies and mentions do."

_VERBS: Mapping[str, tuple[str, str]] = {
    "models": ("`/video models`", "what can be made, with limits and prices"),
    "status": ("`/video status`", "what runs or waits here, and why"),
    "show": ("`/video show V-142`", "a shot with its takes and live buttons"),
    "cancel": (
        "`/video cancel V-142`",
        "stop it, as does the reply “cancel” in its thread; says truthfully what it costs",
    ),
    "usage": ("`/video usage`", "the month's money: spent, reserved, left, and your part"),
    "defaults": (
        "`/video defaults --model veo_3_1 --aspect 9:16 --duration 5`",
        "what this channel uses where you say nothing; `reset` takes it back",
    ),
    "pause": ("`/video pause`", "admins: start nothing new until `/video resume`"),
    "resume": ("`/video resume`", "admins: go on"),
    "unpark": (
        "`/video unpark all`",
        "admins: offer models again whose endpoint was gone; alone it lists them",
    ),
    "voices": (
        "`/video voices warm british narrator`",
        'voices that fit, each with a preview; `--say "Good morning"` lets them say it for a cent',
    ),
    "new": (
        "`/video avatar new Anna` · `/video voice new Anna`",
        "an avatar of a picture ($1.00), a voice of a recording; with consent, for everybody here."
        " *Make an avatar of it* and *Clone this voice* on a message do the same",
    ),
    "help": ("`/video help aspect`", "one command or option"),
}


# Kind -> how it is asked for, and what is worth knowing before.
_KINDS: Mapping[str, tuple[str, str]] = {
    Kind.CLIP: ("`/video a fox in snow`", "Text or a picture becomes a short video."),
    Kind.AVATAR: (
        "`/video --avatar Anna --script Hello and welcome`, or `/video --kind avatar` for the form"
        " with a search over all avatars and voices",
        "An avatar says exactly your script. `---` between two scenes begins a new one;"
        " `[pause 1s]` is a pause where the voice keeps pauses. A script has at most 5,000"
        " characters a scene. A recording (or a picture of who speaks) that you post with a mention"
        " of me, `@Dailies --avatar Anna`, or in the video's thread is spoken instead: up to ten"
        " minutes and 50 MB. Nobody named: the channel's avatar, else the first that has a"
        " voice.\nStreaming avatars are gone at HeyGen (its Interactive Avatar API ended on 31"
        " March 2026): what there is are finished videos, from this kind, from an agent, or from a"
        " template. Text on screen: an agent writes it, a template has it as variables, captions"
        " write what is spoken; an avatar's scene has none.",
    ),
    Kind.AGENT: (
        "`/video --kind agent --duration 30 why tides happen`",
        "An agent turns an idea into a finished video: script, pictures, voice and cuts. Attach"
        " files to a mention of me to give it material. With `--chat` it may ask first, and replies"
        " in the thread go to it as messages; else a reply makes a new video from everything said.",
    ),
    Kind.TRANSLATION: (
        "`/video --source V-142 --language German, French`",
        "A take, a link or an attached video in other languages, each a take of its own; the price"
        " of all is shown first. Files above 10 MB do not fit into the form: post them and mention"
        " me with `--language`.",
    ),
    Kind.TEMPLATE: (
        "`/video --template Launch --var headline=Hello`, or `/video --kind template` for the form"
        " with its variables",
        "A video prepared in HeyGen's editor, with your words and pictures in it.",
    ),
}


def help_text(topic: str | None = None) -> Message:
    """Everything, or one verb, kind or option."""
    if topic is not None and topic in _VERBS:
        return _one(_verb_line(topic))
    if topic is not None and topic in _KINDS:
        return _kind(Kind(topic))
    flag = flag_named(topic) if topic is not None else None
    if flag is not None:
        return _one(_option_line(flag.option, whole=True))
    blocks = (
        section(_START),
        *paragraphs(["*Options*", *(_option_line(option) for option in _clip_options())]),
        section(_OTHER_KINDS),
        *paragraphs(["*Commands*", *(_verb_line(verb) for verb in _VERBS)]),
        context(f"{_MONEY}\n{_NOT_HERE}"),
    )
    return Message(f"{_START}\n{_MONEY}", blocks)


def _kind(kind: Kind) -> Message:
    usage, what = _KINDS[kind]
    own = [option for option in OPTIONS if kind in option.kinds and option.name != "kind"]
    lines = [f"{usage}\n{what}", "*Options*", *(_option_line(option) for option in own)]
    return Message(f"{usage}\n{what}", tuple(paragraphs(lines)))


def _one(line: str) -> Message:
    return Message(line, (section(line),))


def _verb_line(verb: str) -> str:
    usage, what = _VERBS[verb]
    return f"{usage} {what}"


def _clip_options() -> list[Option]:
    """What can be said about a clip; what kind there is besides is said by itself."""
    return [option for option in OPTIONS if Kind.CLIP in option.kinds and option.name != "kind"]


def _option_line(option: Option, *, whole: bool = False) -> str:
    example = f" {option.example}" if option.example else ""
    line = f"`{option.flag}{example}` {option.help}"
    if not whole:
        return line
    if option.choices:
        line += f"\nOne of: {', '.join(option.choices)}."
    if option.limits:
        line += f"\nFrom {option.limits[0]:,} to {option.limits[1]:,}."
    others = ", ".join(f"`--{flag}`" for flag in option.flags[1:] if len(flag) > 1)
    return f"{line}\nAlso: {others}." if others else line
