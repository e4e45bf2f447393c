"""A finished video in another language: HeyGen's `POST /v3/video-translations` and the seeds'
`POST /v2/video_translate`, one language a submit.

Fields: heygen-cli's embedded OpenAPI (`gen/video-translate.go`) and docs.heygen.com
(video-translate-status). A language is a name ("Spanish (Spain)"). Captions come as files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from domain.gateway import Intent
from domain.offers.heygen import OLD_TRANSLATIONS_ROAD, TRANSLATIONS_ROAD
from domain.spoken import SOURCE, Translation
from gateways.heygen_links import AssetInput, Request, asset_input, url_of
from gateways.heygen_progress import BESIDE
from gateways.heygen_road import Endpoint
from gateways.heygen_videos import callback

# The place of the video in `Intent.links`, whether it is a file or a take of ours.


class _Translation(Request):
    video: AssetInput
    output_languages: list[str]
    mode: Literal["speed", "precision"]
    translate_audio_only: Literal[True] | None = None
    speaker_num: int | None = None
    enable_caption: Literal[True] | None = None
    callback_url: str | None = None
    callback_id: str | None = None


class _OldTranslation(Request):
    video_url: str
    output_language: str
    mode: Literal["speed", "precision"]
    translate_audio_only: Literal[True] | None = None
    speaker_num: int | None = None
    callback_url: str | None = None
    callback_id: str | None = None


def encode_translation(intent: Intent) -> bytes:
    """The v3 body. Raises KeyError where nobody said where the video is."""
    work = _work(intent)
    return _Translation(
        video=asset_input(intent.links[SOURCE]),
        output_languages=[work.language],
        mode=work.mode,
        translate_audio_only=True if work.sound_only else None,
        speaker_num=work.speakers,
        enable_caption=True if work.captions else None,
        **callback(intent),
    ).encoded()


def encode_old_translation(intent: Intent) -> bytes:
    """The v2 body, which takes an address only. Raises KeyError as above."""
    work = _work(intent)
    link = intent.links[SOURCE]
    return _OldTranslation(
        video_url=url_of(link) or link,
        output_language=work.language,
        mode=work.mode,
        translate_audio_only=True if work.sound_only else None,
        speaker_num=work.speakers,
        **callback(intent),
    ).encoded()


def _work(intent: Intent) -> Translation:
    assert isinstance(intent.work, Translation)
    return intent.work


def _captions_handle(intent: Intent) -> Mapping[str, str]:
    """A translation's captions are a file beside it."""
    return {"captions": BESIDE} if _work(intent).captions else {}


TRANSLATIONS = Endpoint(
    submit_at=lambda _: TRANSLATIONS_ROAD,
    encode=encode_translation,
    check_at=lambda remote_id: f"{TRANSLATIONS_ROAD}/{remote_id}",
    handle=_captions_handle,
    is_keyed=True,
    can_delete=True,
)
OLD_TRANSLATIONS = Endpoint(
    submit_at=lambda _: OLD_TRANSLATIONS_ROAD,
    encode=encode_old_translation,
    check_at=lambda remote_id: f"{OLD_TRANSLATIONS_ROAD}/{remote_id}",
)
