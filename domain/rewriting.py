"""A clip as the command that asks for it, so that a person can copy it."""

from __future__ import annotations

from domain.options import OPTIONS, Said
from domain.request import Clip
from domain.scanner import corrected
from domain.values import Pair


def command_of(clip: Clip) -> str | None:
    """`/video a fox in snow --aspect 9:16`; None where no line would be read as exactly this.

    A picture that is a Slack file cannot be typed: it is left out, and goes by attaching it.
    """
    said = []
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
    return corrected(clip.prompt, said)
