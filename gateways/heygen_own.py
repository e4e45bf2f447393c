"""What a HeyGen account makes for itself: an avatar from a photo, a voice from a recording, and a
spoken sample. Bodies and answers, pure.

Wire: heygen-cli `gen/avatar.go`, `gen/voice.go`. Making takes a while: a look is ready once it has
a picture and a size (HeyGen's own skill: 30 to 90 seconds), a voice once it is `complete`.
"""

from __future__ import annotations

from typing import Literal

from domain.casting import Look, VoiceOffer
from domain.errors import Failure, FailureClass
from domain.gateway import AUDIO_URL, DURATION_S, Accepted
from gateways.classify import Answer
from gateways.heygen_links import AssetInput, Request, asset_input
from gateways.heygen_lists import LookRow, VoiceRow
from gateways.lenient import Lenient, Maybe, link_of, read_json
from gateways.redact import detail

SAMPLE_MAX_CHARS = 5_000


class _NewAvatar(Request):
    type: Literal["photo"] = "photo"
    name: str
    file: AssetInput


class _Clone(Request):
    audio: AssetInput
    voice_name: str
    language: str | None = None


class _Words(Request):
    text: str
    voice_id: str
    speed: float | None = None


class _Item(Lenient):
    id: Maybe[str] = None


class _Made(Lenient):
    avatar_item: Maybe[_Item] = None
    voice_clone_id: Maybe[str] = None


class _MadeBody(Lenient):
    data: Maybe[_Made] = None


class _Error(Lenient):
    message: Maybe[str] = None


class _OwnLook(LookRow):
    image_width: Maybe[int] = None
    image_height: Maybe[int] = None
    error: Maybe[_Error] = None


class _OwnLookBody(Lenient):
    data: Maybe[_OwnLook] = None


class _OwnVoice(VoiceRow):
    failure_message: Maybe[str] = None


class _OwnVoiceBody(Lenient):
    data: Maybe[_OwnVoice] = None


class _Sample(Lenient):
    audio_url: Maybe[str] = None
    duration: Maybe[float] = None


class _SampleBody(Lenient):
    data: Maybe[_Sample] = None


def encode_avatar(name: str, picture: str) -> bytes:
    """`POST /v3/avatars` of an uploaded photo."""
    return _NewAvatar(name=name, file=asset_input(picture)).encoded()


def encode_clone(name: str, recording: str, language: str | None) -> bytes:
    """`POST /v3/voices/clone` of an uploaded recording."""
    return _Clone(audio=asset_input(recording), voice_name=name, language=language).encoded()


def encode_words(text: str, voice_id: str, speed: float | None) -> bytes:
    """`POST /v3/voices/speech`; only voices of the engine `starfish` speak at once."""
    return _Words(text=text[:SAMPLE_MAX_CHARS], voice_id=voice_id, speed=speed).encoded()


def decode_made(answer: Answer) -> Accepted | None:
    """The id of the look or the voice that is being made."""
    body = read_json(_MadeBody, answer.body)
    made = body.data if body else None
    if made is None:
        return None
    name = made.avatar_item.id if made.avatar_item else made.voice_clone_id
    return Accepted(name) if name else None


def decode_look(answer: Answer) -> Look | Failure | None:
    """A look of one's own; None while it is being made, a failure where it never will be."""
    body = read_json(_OwnLookBody, answer.body)
    row = body.data if body else None
    if row is None:
        return None
    if (row.status or "").lower() == "failed":
        return _failed(row.error.message if row.error else None)
    has_picture = row.preview_image_url and row.image_width and row.image_height
    return row.look(is_own=True) if has_picture else None


def decode_voice(answer: Answer) -> VoiceOffer | Failure | None:
    """A cloned voice, likewise."""
    body = read_json(_OwnVoiceBody, answer.body)
    row = body.data if body else None
    if row is None:
        return None
    if (row.status or "").lower() == "failed":
        return _failed(row.failure_message)
    return row.offer(is_own=True)


def decode_sample(answer: Answer) -> Accepted | None:
    """Spoken words: `AUDIO_URL` is where they can be heard for a while, `DURATION_S` how long."""
    body = read_json(_SampleBody, answer.body)
    said = body.data if body else None
    url = link_of(said.audio_url) if said else None
    if said is None or url is None:
        return None
    length = {} if said.duration is None else {DURATION_S: str(said.duration)}
    return Accepted("spoken", {AUDIO_URL: url, **length})


def _failed(message: str | None) -> Failure:
    said = detail(message or "no reason given")
    return Failure(kind=FailureClass.BAD_INPUT, detail=said)
