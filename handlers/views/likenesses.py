"""Somebody's own face or voice: the form with the price and the consent, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from domain.errors import Failure, FailureClass
from domain.file_limits import UNFIT_FILE
from domain.likeness import NAME_MAX_CHARS, NO_BUDGET, Likeness, LikenessKind, LikenessState
from domain.likeness import price_words as price_words_of
from domain.message import Message
from domain.money import as_usd
from domain.rewriting import command_of
from domain.spoken import Avatar, Scene, Voice
from handlers import ids
from handlers.views import inputs
from handlers.views.blocks import View, context, modal, plain, said, section
from handlers.views.text import escape, in_code

FACE_TYPES = ("jpg", "jpeg", "png", "webp")
SOUND_TYPES = ("mp3", "wav", "m4a")
TITLES: Mapping[LikenessKind, str] = {
    LikenessKind.FACE: "Make an avatar",
    LikenessKind.VOICE: "Clone a voice",
}
_WHAT = {LikenessKind.FACE: "an avatar", LikenessKind.VOICE: "a voice"}
_FILES = {
    LikenessKind.FACE: ("The picture", FACE_TYPES),
    LikenessKind.VOICE: ("The recording", SOUND_TYPES),
}
_CONSENT = {
    LikenessKind.FACE: "This face is mine, or the person agreed to this.",
    LikenessKind.VOICE: "This voice is mine, or the person agreed to this.",
}
_ADVICE = {
    LikenessKind.FACE: "One face, from the front, in even light, works best.",
    LikenessKind.VOICE: "A minute or two of one person, without music, works best.",
}
NOT_HERE = (
    "Avatars and voices of your own are made at HeyGen with its v3 API, and no key for that is set"
    " here. An admin can set `HEYGEN_API_KEY`."
)


def likeness_form(
    kind: LikenessKind, *, private_metadata: str, name: str = "", file_name: str | None = None
) -> View:
    """The form. `file_name`: the file is known already, else it is asked for."""
    label, types = _FILES[kind]
    given = (
        section(f"{label}: `{in_code(file_name)}`")
        if file_name is not None
        else inputs.labelled(
            ids.FILES, label, inputs.files_field(ids.FILES, types, at_most=1), optional=False
        )
    )
    field = inputs.text_field(ids.NAME, name, "Anna") | {"max_length": NAME_MAX_CHARS}
    agreed = inputs.boxes(ids.CONSENT, "Consent", [("yes", _CONSENT[kind])], [])
    price = (
        f"HeyGen makes it and charges {price_words_of(kind)}. {_ADVICE[kind]} Everybody in this"
        f" workspace can use it then. It takes a minute or two; I tell you when it is ready."
    )
    return {
        "type": "modal",
        "callback_id": ids.LIKENESS_FORM,
        "private_metadata": private_metadata,
        "title": plain(TITLES[kind]),
        "submit": plain("Make it"),
        "close": plain("Close"),
        "blocks": [
            given,
            inputs.labelled(ids.NAME, "Its name", field, optional=False),
            agreed | {"optional": False},
            context(price),
        ],
    }


def accepted(likeness: Likeness) -> View:
    """What the form turns into."""
    words = (
        f"*{escape(likeness.name)}* is being made at HeyGen: usually a minute or two. I tell you in"
        " our direct messages when it is ready, or why it is not. You can close this."
    )
    return modal(TITLES[likeness.kind], [section(words)])


def no_file(kind: LikenessKind) -> View:
    """The message has nothing that it could be made of."""
    what = "picture" if kind is LikenessKind.FACE else "recording (MP3, WAV or M4A)"
    return modal(
        TITLES[kind],
        [section(f"That message has no {what} that I can see. Use it on a message with one.")],
    )


def not_here(kind: LikenessKind) -> View:
    """Nobody makes any here."""
    return modal(TITLES[kind], [section(NOT_HERE)])


def outcome(likeness: Likeness) -> Message:
    """How it ended, and what can be done with it or instead."""
    if likeness.state is LikenessState.READY:
        return _ready(likeness)
    failure = likeness.failure or Failure(kind=FailureClass.DRIFT)
    name = escape(likeness.name)
    head = f"*{name}* was not made. {_why(likeness, failure)}"
    return said(f"{head} {_money(likeness, failure)}")


def _ready(likeness: Likeness) -> Message:
    scene = Scene(script="Hello and welcome", avatar=likeness.name)
    if likeness.kind is LikenessKind.VOICE:
        scene = Scene(script="Hello and welcome", voice=Voice(name=likeness.name))
    written = command_of(Avatar(scenes=(scene,))) or "/video --kind avatar"
    command = f"`{in_code(written)}`"
    billed = likeness.billed_micro_usd or 0
    cost = f"HeyGen charged {as_usd(billed)}." if billed else "It cost nothing."
    return said(
        f"*{escape(likeness.name)}* is ready: {_WHAT[likeness.kind]} of your own. {cost}\n"
        f"Use it: {command}",
        context("It is in the lists of all forms too, and everybody here can choose it."),
    )


def _why(likeness: Likeness, failure: Failure) -> str:
    face = likeness.kind is LikenessKind.FACE
    if failure.field == UNFIT_FILE:
        return escape(failure.detail)
    if failure.field == NO_BUDGET:
        return "The month's budget is used up; an admin can raise it."
    match failure.kind:
        case FailureClass.BAD_INPUT:
            other = "another picture, with one face from the front" if face else "another recording"
            return f"HeyGen could not use that {'picture' if face else 'recording'}. Try {other}."
        case FailureClass.REFUSED_CONTENT:
            return "HeyGen refuses it: who is in it, or what is, breaks its rules."
        case FailureClass.CREDITS:
            return "The HeyGen account is out of money. Try again once an admin has topped it up."
        case FailureClass.CONFIG | FailureClass.GONE:
            return "HeyGen does not let this bot's key make any. An admin has to mend that first."
        case FailureClass.UNCERTAIN:
            return (
                "HeyGen gave no clear answer and may have it; if so, it shows in the lists within"
                " hours. I won't make another by myself."
            )
        case FailureClass.DRIFT:
            return "HeyGen took it and did not finish it within a day. I stopped looking."
        case FailureClass.TRANSIENT | FailureClass.RATE:
            return "HeyGen or Slack could not be reached. Try again in a few minutes."
        case FailureClass.NO_PLACE:
            return "Slack did not let me tell anybody for a day, so I did not begin. Ask once more."
        case (
            FailureClass.STOPPED
            | FailureClass.UNCONFIRMED
            | FailureClass.UNFETCHED
            | FailureClass.OURS
        ):
            return "Something broke in the bot, not in your file. Try again."
        case _:
            assert_never(failure.kind)


def _money(likeness: Likeness, failure: Failure) -> str:
    if not likeness.price_micro_usd:
        return ""
    if failure.billed is None:
        return f"It may have been charged, up to {as_usd(likeness.price_micro_usd)}."
    return "Nothing was charged."
