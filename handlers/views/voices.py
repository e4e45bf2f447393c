"""Voices that fit a description: who they are, how they sound, and how each is used."""

from __future__ import annotations

from collections.abc import Sequence

from domain.casting import VoiceOffer
from domain.message import Message
from handlers import ids
from handlers.views.blocks import Block, button, context, section
from handlers.views.text import dotted, escape, in_code, quoted

WANTED_SHOWN_CHARS = 100
USE = (
    "Use one: `/video --voice NAME --avatar … --script …`. A voice of your own: `/video voice new`."
)
BY_NAME = "HeyGen does not answer now: these were found by name in its list as I last read it."
NONE = "Say it in other words: a language, an accent, an age, a mood."


def found(voices: Sequence[VoiceOffer], *, wanted: str, by_name: bool = False) -> Message:
    """The voices, each with *Listen*. `by_name`: nobody but our own list was asked."""
    what = f"that fit {quoted(wanted, WANTED_SHOWN_CHARS)}" if wanted else "I know"
    if not voices:
        return Message(f"There is no voice {what}. {NONE}")
    head = f"*Voices {what}*" if wanted else "*Voices*"
    notes = [BY_NAME, USE] if by_name else [USE]
    blocks = (section(head), *map(_line, voices), context("\n".join(notes)))
    names = ", ".join(escape(voice.name) for voice in voices)
    return Message(f"{head}\n{names}", blocks)


def _line(voice: VoiceOffer) -> Block:
    """A voice. Its preview opens where it is kept: Slack cannot play a file for one person."""
    words = dotted(
        f"*{escape(voice.name)}*",
        escape(voice.language or ""),
        escape(voice.locale or ""),
        escape(voice.gender or ""),
        "yours" if voice.is_own else "",
        "" if voice.preview_url else "no preview",
    )
    listen = None
    if voice.preview_url:
        listen = button(ids.LISTEN, "Listen", "") | {"url": voice.preview_url}
    return section(f"{words}\n`{in_code(voice.id)}`", accessory=listen)
