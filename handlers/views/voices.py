"""Voices that fit a description: who they are, how they sound, and how each is used."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.casting import VoiceOffer
from domain.errors import FailureClass
from domain.gateway import AUDIO_URL
from domain.message import Message
from domain.money import as_usd
from domain.voice_question import speech_micro_usd
from handlers import ids
from handlers.views.blocks import Block, button, context, said, section
from handlers.views.text import dotted, escape, in_code, link, quoted

WANTED_SHOWN_CHARS = 100
USE = "Use one: `/video --voice NAME --script …`. A voice of your own: `/video voice new`."
BY_NAME = "HeyGen does not answer now: these were found by name in its list as I last read it."
NONE = "Say it in other words: a language, an accent, an age, a mood."


def looking(wanted: str) -> Message:
    """The ack of a search."""
    return said(f"Looking for voices that fit {quoted(wanted, WANTED_SHOWN_CHARS)}…")


def found(
    voices: Sequence[VoiceOffer], *, wanted: str, say: str | None = None, by_name: bool = False
) -> Message:
    """The voices, each with *Listen*. `by_name`: the vendor did not answer. `say`: what each can be
    heard to say, for its price."""
    what = f"that fit {quoted(wanted, WANTED_SHOWN_CHARS)}" if wanted else "I know"
    if not voices:
        return said(f"There is no voice {what}. {NONE}")
    head = f"*Voices {what}*"
    notes = [*([BY_NAME] if by_name else []), *([_price_of(say)] if say else []), USE]
    lines = (_line(voice, say) for voice in voices)
    names = ", ".join(escape(voice.name) for voice in voices)
    return Message(f"{head}\n{names}", (section(head), *lines, context("\n".join(notes))))


def spoken(answer: Mapping[str, Any]) -> Message:
    """A sentence as a voice says it, or why it cannot be heard."""
    voice = escape(str(answer.get("voice") or "the voice"))
    sentence = quoted(str(answer.get("say") or ""), WANTED_SHOWN_CHARS)
    if (url := answer.get(AUDIO_URL)) is not None:
        cost = as_usd(int(answer.get("billed_micro_usd") or 0))
        heard = link(str(url), f"Listen to {voice}")
        return said(f"{heard}: {sentence} · {cost}. The link works for a few days.")
    if (most := answer.get("lost_micro_usd")) is not None:
        return said(
            f"HeyGen gave no clear answer while {voice} spoke. It may have cost up to"
            f" {as_usd(int(most))}; I won't ask again by myself. Press *Say it* once more to try."
        )
    if answer.get("refused") == FailureClass.CREDITS:
        return said("The HeyGen account is out of money, so nothing was spoken or charged.")
    if answer.get("refused") in (FailureClass.TRANSIENT, FailureClass.RATE):
        return said("HeyGen could not be reached. Nothing was charged; try again in a minute.")
    return said(
        f"{voice} cannot say a sentence at once; not every voice can. Nothing was charged. Its"
        " preview can be heard: `/video voices` and its name."
    )


def _price_of(say: str) -> str:
    cost = as_usd(speech_micro_usd(say))
    return f"*Say it* lets a voice say {quoted(say, WANTED_SHOWN_CHARS)} for up to {cost}."


def _line(voice: VoiceOffer, say: str | None) -> Block:
    """A voice. Its preview opens where it is kept: Slack cannot play a file for one person."""
    words = dotted(
        f"*{escape(voice.name)}*",
        escape(voice.language or ""),
        escape(voice.locale or ""),
        escape(voice.gender or ""),
        "yours" if voice.is_own else "",
        "" if voice.preview_url or say else "no preview",
    )
    listen = None
    if say is not None:
        listen = button(ids.SAY, "Say it", json.dumps({"voice": voice.id, "say": say}))
    elif voice.preview_url:
        listen = button(ids.LISTEN, "Listen", voice.id) | {"url": voice.preview_url}
    return section(f"{words}\n`{in_code(voice.id)}`", accessory=listen)
