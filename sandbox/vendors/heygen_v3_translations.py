"""`/v3/video-translations`: one order for each language, each with an end of its own.

Source: heygen-cli's embedded OpenAPI (`gen/video-translate.go`): the answer is always a list of
ids, the working word is `running`, languages are names, and failures have no code.
"""

from __future__ import annotations

import secrets
from typing import Literal

from aiohttp import web
from pydantic import Field

from sandbox.vendors.heygen_assets import AssetInput, image_entry
from sandbox.vendors.heygen_catalog import languages
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import PER_SECOND_USD, Order
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered,
    body_of,
    paged,
    read,
    word_in,
)
from sandbox.vendors.render import Wish

TRANSLATIONS = "/v3/video-translations"
STATUSES_MAX = 100
USUAL_S = 6.0  # how long a source is taken to be: the sandbox does not measure it
WORDS = {"pending": "pending", "processing": "running"}


class NewTranslation(Body):
    """`POST /v3/video-translations`."""

    video: AssetInput
    output_languages: list[str] = Field(min_length=1)
    title: str | None = None
    mode: Literal["speed", "precision"] = "speed"
    translate_audio_only: bool = False
    speaker_num: int | None = Field(None, ge=1)
    input_language: str | None = None
    enable_caption: bool = False
    enable_dynamic_duration: bool = True
    enable_speech_enhancement: bool = False
    disable_music_track: bool = False
    keep_the_same_format: bool | None = None
    start_time: float | None = Field(None, ge=0)
    end_time: float | None = Field(None, gt=0)
    audio: AssetInput | None = None
    srt: AssetInput | None = None
    srt_role: Literal["input", "output"] | None = None
    stock_voice_config: Json | None = None
    brand_glossary_id: str | None = None
    brand_voice_id: str | None = None
    folder_id: str | None = None
    enable_watermark: bool = False
    fps_mode: Literal["vfr", "cfr", "passthrough"] | None = None
    callback_url: str | None = None
    callback_id: str | None = None


class NewTitle(Body):
    """`PATCH /v3/video-translations/{id}`."""

    title: str = Field(min_length=1)


class Translations:
    """The translations of one account."""

    def __init__(self, house: House) -> None:
        self._house = house

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_post(TRANSLATIONS, self._create)
        app.router.add_get(TRANSLATIONS, self._list)
        app.router.add_get(TRANSLATIONS + "/languages", self._list_languages)
        app.router.add_get(TRANSLATIONS + "/statuses", self._statuses)
        app.router.add_get(TRANSLATIONS + "/{id}", self._show)
        app.router.add_patch(TRANSLATIONS + "/{id}", self._rename)
        app.router.add_delete(TRANSLATIONS + "/{id}", self._delete)
        app.router.add_get(TRANSLATIONS + "/{id}/caption", self._show_caption)

    async def _create(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        asked = read(NewTranslation, given)
        known = languages()
        for place, language in enumerate(asked.output_languages):
            if language not in known:
                message = f"{language} is not a target language."
                raise RefusedError(400, message, param=f"output_languages.{place}")
        if asked.fps_mode is not None and asked.audio is None:
            raise RefusedError(400, "fps_mode is only valid with audio.", param="fps_mode")
        if asked.start_time is not None and asked.start_time >= (asked.end_time or float("inf")):
            raise RefusedError(400, "end_time must be after start_time.", param="end_time")
        images = self._files(asked)
        orders = [
            self._order(asked, given, language=one, images=images) for one in asked.output_languages
        ]
        for order in orders:
            order.key = request.headers.get("Idempotency-Key")
        self._house.accept(*orders)
        return answered({"video_translation_ids": [order.id for order in orders]})

    async def _list(self, request: web.Request) -> web.Response:
        orders = reversed(self._house.ledger.orders("translation"))
        rows = [self._shown(order, self._word(order)) for order in orders]
        return paged(request, rows, limit_max=100)

    async def _list_languages(self, _: web.Request) -> web.Response:
        return answered({"languages": languages()})

    async def _statuses(self, request: web.Request) -> web.Response:
        given = request.query.get("video_translation_ids", request.query.get("ids", ""))
        ids = [one for one in given.split(",") if one]
        if not 0 < len(ids) <= STATUSES_MAX:
            raise RefusedError(400, "Give 1 to 100 ids.", param="video_translation_ids")
        rows = []
        for one in ids:
            order = self._found(one)
            if order is not None:
                self._house.ledger.account.strike(order, "heygen:check")
            rows.append({"id": one, "status": self._word(order) if order else "not_found"})
        return answered(rows)

    async def _show(self, request: web.Request) -> web.Response:
        order = self._mine(request)
        word = self._house.checked(order)
        return answered(self._shown(order, WORDS.get(word, word)))

    async def _rename(self, request: web.Request) -> web.Response:
        order = self._mine(request)
        order.title = read(NewTitle, await body_of(request)).title
        return answered(self._shown(order, self._word(order)))

    async def _delete(self, request: web.Request) -> web.Response:
        order = self._mine(request)
        self._house.ledger.account.cancel(order)
        order.deleted = True
        return answered({"id": order.id, "deleted": True})

    async def _show_caption(self, request: web.Request) -> web.Response:
        order, kind = self._mine(request), word_in(request, "format", words=("srt", "vtt"))
        if not kind:
            raise RefusedError(400, "format is required.", param="format")
        url = self._house.films.link(order, kind) if order.captions else None
        if url is None:
            raise RefusedError(400, "There are no captions.", code="resource_not_ready")
        return answered({"caption_url": url})

    def _files(self, asked: NewTranslation) -> list[Json]:
        images = []
        inputs = (("video", asked.video), ("audio", asked.audio), ("srt", asked.srt))
        for name, given in inputs:
            if given is not None and (file := self._house.assets.given(given, name, name)):
                images.append(image_entry(name, file))
        return images

    def _order(
        self, asked: NewTranslation, given: Json, *, language: str, images: list[Json]
    ) -> Order:
        rate = "translation_audio" if asked.translate_audio_only else f"translation_{asked.mode}"
        seconds = (asked.end_time or USUAL_S) - (asked.start_time or 0.0)
        name = asked.title or "translation"
        order_id = secrets.token_hex(16)
        return Order(
            gateway="heygen",
            id=order_id,
            endpoint=TRANSLATIONS,
            input={**given, "output_languages": [language]},
            wish=Wish(
                prompt=f"{name} in {language}",
                model=f"translation, {asked.mode}",
                duration_s=seconds,
                sound=True,
                quick=self._house.quick,
            ),
            images=images,
            kind="translation",
            video_id=order_id,
            title=asked.title,
            text=f"{name} in {language}",
            usd=round(seconds * PER_SECOND_USD[rate], 4),
            folder_id=asked.folder_id,
            callback_url=asked.callback_url,
            callback_id=asked.callback_id,
            language=language,
            captions=asked.enable_caption,
        )

    def _found(self, order_id: str) -> Order | None:
        order = self._house.ledger.video(order_id)
        return order if order is not None and order.kind == "translation" else None

    def _mine(self, request: web.Request) -> Order:
        order = self._found(request.match_info["id"])
        if order is None:
            raise RefusedError(404, "Video translation not found.", code="resource_not_found")
        return order

    def _word(self, order: Order) -> str:
        word = self._house.word(order)
        return WORDS.get(word, word)

    def _shown(self, order: Order, word: str) -> Json:
        link = self._house.films.link
        captions = order.captions
        bare = word == "completed" and self._house.faults.take("heygen:check", "no_url")
        return {
            "id": order.id,
            "title": order.title,
            "status": word,
            "output_language": order.language,
            "duration": self._house.films.duration_s(order),
            "created_at": int(order.at),
            "video_url": None if bare else link(order),
            "audio_url": link(order, "mp3"),
            "srt_caption_url": link(order, "srt") if captions else None,
            "vtt_caption_url": link(order, "vtt") if captions else None,
            "failure_message": order.fate.message if order.fate and word == "failed" else None,
            "callback_id": order.callback_id,
        }
