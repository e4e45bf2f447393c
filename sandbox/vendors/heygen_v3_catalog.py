"""Avatars and their looks, voices and speech, and the account, as v3 shows them.

Source: heygen-cli's embedded OpenAPI (`gen/avatar.go`, `gen/voice.go`, `gen/user.go`). A new avatar
or a cloned voice takes a while: until then it has no picture, no size, and cannot be used.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Literal

from aiohttp import web
from pydantic import Field

from sandbox.vendors.heygen_assets import AssetInput, image_entry
from sandbox.vendors.heygen_catalog import ENGINES, SIZES, Look, Voice, accent_of, region_of
from sandbox.vendors.heygen_films import speech
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import WORDS_A_SECOND, speech_s
from sandbox.vendors.heygen_making import Making, bill_of
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered,
    body_of,
    only_query,
    paged,
    read,
    word_in,
)

OWNERSHIP = ("public", "private")
AVATAR_TYPES = tuple(ENGINES)
LOOKS_PAGE, VOICES_PAGE = 50, 100
HITS = 3
SPEECH_MAX_S = 20.0
SPEECH_USD_PER_S = 0.000667  # developers.heygen.com/docs/pricing
REFERENCES_MAX = 3
CONSENT_PAGE = "https://app.heygen.com/consent/"


class NewAvatar(Body):
    """`POST /v3/avatars`, all three types."""

    type: Literal["prompt", "digital_twin", "photo"]
    name: str = Field(min_length=1)
    prompt: str | None = Field(None, min_length=1)
    reference_images: list[AssetInput] | None = Field(None, max_length=REFERENCES_MAX)
    file: AssetInput | None = None
    avatar_group_id: str | None = None


class Consent(Body):
    """`POST /v3/avatars/{group_id}/consent`."""

    reroute_url: str | None = None


class NewName(Body):
    """`PATCH /v3/avatars/looks/{look_id}`."""

    name: str = Field(min_length=1)


class VoiceSearch(Body):
    """`POST /v3/voices`: a description, at most three hits."""

    prompt: str = Field(min_length=1)
    gender: Literal["male", "female"] | None = None
    locale: str | None = None
    seed: int = Field(0, ge=0)


class Clone(Body):
    """`POST /v3/voices/clone`."""

    audio: AssetInput
    voice_name: str = Field(min_length=1)
    language: str | None = None
    remove_background_noise: bool = True


class Speech(Body):
    """`POST /v3/voices/speech`."""

    text: str = Field(min_length=1, max_length=5_000)
    voice_id: str
    input_type: Literal["text", "ssml"] = "text"
    speed: float = Field(1.0, ge=0.5, le=2.0)
    language: str | None = None
    locale: str | None = None


class Looks:
    """`/v3/avatars`."""

    def __init__(self, house: House, making: Making) -> None:
        self._house, self._making = house, making

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_get("/v3/avatars", self._list_groups)
        app.router.add_post("/v3/avatars", self._create)
        app.router.add_get("/v3/avatars/looks", self._list)
        app.router.add_get("/v3/avatars/looks/{look_id}", self._show)
        app.router.add_patch("/v3/avatars/looks/{look_id}", self._rename)
        app.router.add_delete("/v3/avatars/looks/{look_id}", self._delete)
        app.router.add_get("/v3/avatars/{group_id}", self._show_group)
        app.router.add_post("/v3/avatars/{group_id}/consent", self._consent)

    async def _list_groups(self, request: web.Request) -> web.Response:
        only_query(request, "ownership", "limit", "token")
        owner = word_in(request, "ownership", words=OWNERSHIP)
        rows = []
        for group_id in self._house.catalog.group_names:
            looks = self._house.catalog.group(group_id)
            if looks and _owned(looks[0], owner):
                rows.append(self._group(group_id))
        return paged(request, rows, limit_max=LOOKS_PAGE)

    async def _list(self, request: web.Request) -> web.Response:
        only_query(request, "group_id", "avatar_type", "ownership", "limit", "token")
        owner = word_in(request, "ownership", words=OWNERSHIP)
        type_ = word_in(request, "avatar_type", words=AVATAR_TYPES)
        group = request.query.get("group_id", "")
        rows = [
            self._look(look)
            for look in self._house.catalog.looks.values()
            if _owned(look, owner)
            and type_ in ("", look.avatar_type)
            and group in ("", look.group_id)
        ]
        return paged(request, rows, limit_max=LOOKS_PAGE)

    async def _show(self, request: web.Request) -> web.Response:
        return answered(self._look(self._mine(request)))

    async def _show_group(self, request: web.Request) -> web.Response:
        return answered(self._group(self._known_group(request.match_info["group_id"])))

    async def _rename(self, request: web.Request) -> web.Response:
        look, asked = self._own(request), read(NewName, await body_of(request))
        return answered(self._look(self._making.renamed(look, asked.name)))

    async def _delete(self, request: web.Request) -> web.Response:
        """Deleting the last look deletes the group."""
        look, catalog = self._own(request), self._house.catalog
        del catalog.looks[look.id]
        if not catalog.group(look.group_id):
            catalog.group_names.pop(look.group_id, None)
        return answered({"id": look.id, "deleted": True})

    async def _create(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        asked = read(NewAvatar, given)
        needs_file = asked.type != "prompt"
        if needs_file and asked.file is None:
            raise RefusedError(400, "file is required.", param="file")
        if not needs_file and (asked.prompt is None or asked.file is not None):
            raise RefusedError(400, "A prompt avatar has a prompt and no file.", param="prompt")
        group_id = asked.avatar_group_id
        if group_id is not None:
            self._known_group(group_id)
        elif asked.reference_images:
            message = "reference_images need an avatar_group_id."
            raise RefusedError(400, message, param="reference_images")
        kind = "video" if asked.type == "digital_twin" else "image"
        images = []
        for name, one in [("file", asked.file), *_numbered(asked.reference_images)]:
            wanted = kind if name == "file" else "image"
            if one is not None and (file := self._house.assets.given(one, name, wanted)):
                images.append(image_entry(name, file))
        type_ = "digital_twin" if asked.type == "digital_twin" else "photo_avatar"
        look = self._making.look(asked.name, type_, group_id, bill=bill_of(request, given, images))
        return answered(
            {"avatar_item": self._look(look), "avatar_group": self._group(look.group_id)}
        )

    async def _consent(self, request: web.Request) -> web.Response:
        read(Consent, await body_of(request))
        group_id = self._known_group(request.match_info["group_id"])
        url = CONSENT_PAGE + secrets.token_urlsafe(16)
        return answered({"avatar_group": self._group(group_id), "url": url})

    def _mine(self, request: web.Request) -> Look:
        look = self._house.catalog.looks.get(request.match_info["look_id"])
        if look is None:
            raise RefusedError(404, "Avatar not found.", code="avatar_not_found")
        return look

    def _own(self, request: web.Request) -> Look:
        look = self._mine(request)
        if not look.private:
            raise RefusedError(403, "Public avatars cannot be changed.")
        return look

    def _known_group(self, group_id: str) -> str:
        if group_id not in self._house.catalog.group_names:
            raise RefusedError(404, "Avatar group not found.", code="avatar_not_found")
        return group_id

    def _look(self, look: Look) -> Json:
        made = look.ready_at <= time.time() and not look.failure
        face, (width, height) = self._house.films.face_url, SIZES[look.orientation]
        return {
            "id": look.id,
            "name": look.name,
            "group_id": look.group_id,
            "avatar_type": look.avatar_type,
            "gender": look.gender if made else None,
            "default_voice_id": look.default_voice_id,
            "preferred_orientation": look.orientation if made else None,
            "image_width": width if made else 0,
            "image_height": height if made else 0,
            "preview_image_url": face(f"{look.id}.jpg") if made else None,
            "preview_video_url": face(f"{look.id}.mp4") if made and not look.private else None,
            "supported_api_engines": ENGINES[look.avatar_type] if made else [],
            "status": _look_status(look) if look.private else None,
            "tags": list(look.tags),
            "error": {"message": look.failure} if look.failure else None,
        }

    def _group(self, group_id: str) -> Json:
        looks = self._house.catalog.group(group_id)
        first = self._look(looks[0])
        shared = ("gender", "preview_image_url", "preview_video_url", "default_voice_id")
        return {
            "id": group_id,
            "name": self._house.catalog.group_names[group_id],
            "looks_count": len(looks),
            **{name: first[name] for name in shared},
            "status": first["status"],
            "consent_status": None,
            "error": first["error"],
            "created_at": looks[0].created_at,
        }


class Voices:
    """`/v3/voices`."""

    def __init__(self, house: House, making: Making) -> None:
        self._house, self._making = house, making

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_get("/v3/voices", self._list)
        app.router.add_post("/v3/voices", self._search)
        app.router.add_post("/v3/voices/clone", self._clone)
        app.router.add_post("/v3/voices/speech", self._speak)
        app.router.add_get("/v3/voices/{voice_id}", self._show)
        app.router.add_delete("/v3/voices/{voice_id}", self._delete)

    async def _list(self, request: web.Request) -> web.Response:
        only_query(request, "type", "engine", "language", "gender", "limit", "token")
        private = word_in(request, "type", words=OWNERSHIP, default="public") == "private"
        wanted = {name: request.query.get(name) for name in ("engine", "language", "gender")}
        rows = [
            self._voice(voice)
            for voice in self._house.catalog.voices.values()
            if voice.private == private
            and all(want in (None, getattr(voice, name)) for name, want in wanted.items())
        ]
        return paged(request, rows, limit_max=VOICES_PAGE)

    async def _search(self, request: web.Request) -> web.Response:
        """The voices that share most words with the description; `seed` is the batch."""
        asked = read(VoiceSearch, await body_of(request))
        words = set(re.findall(r"\w+", asked.prompt.lower()))
        fitting = [
            voice
            for voice in self._house.catalog.voices.values()
            if not voice.private
            and asked.gender in (None, voice.gender)
            and asked.locale in (None, voice.locale)
        ]
        fitting.sort(
            key=lambda one: (-_shared(words, one), one.language != "English", one.voice_id)
        )
        hits = fitting[asked.seed * HITS : (asked.seed + 1) * HITS]
        return answered({"voices": [self._voice(one) for one in hits], "seed": asked.seed})

    async def _clone(self, request: web.Request) -> web.Response:
        asked = read(Clone, await body_of(request))
        self._house.assets.given(asked.audio, "audio", "audio")
        voice = self._making.voice(asked.voice_name, asked.language)
        return answered({"voice_clone_id": voice.voice_id})

    async def _speak(self, request: web.Request) -> web.Response:
        asked = read(Speech, await body_of(request))
        voice = self._house.voice(asked.voice_id, "voice_id")
        if voice.engine != "starfish":
            message = "The voice does not support the starfish engine."
            raise RefusedError(400, message, param="voice_id", code="voice_not_usable")
        text = re.sub(r"<[^>]*>", " ", asked.text) if asked.input_type == "ssml" else asked.text
        length_s = min(speech_s(text, asked.speed), SPEECH_MAX_S)
        if self._house.ledger.balance_usd() <= 0:
            raise RefusedError(402)
        self._house.ledger.pay(length_s * SPEECH_USD_PER_S)
        body = speech(asked.voice_id, length_s)
        file = self._house.films.keep(secrets.token_hex(16), body, "audio/mpeg")
        step = 1 / WORDS_A_SECOND / asked.speed
        words = [
            {"word": word, "start": round(place * step, 3), "end": round((place + 1) * step, 3)}
            for place, word in enumerate(text.split())
        ]
        more = {"request_id": secrets.token_hex(12), "word_timestamps": words}
        return answered({"audio_url": file.url, "duration": length_s, **more})

    async def _show(self, request: web.Request) -> web.Response:
        voice = self._mine(request)
        status = "processing"
        if voice.ready_at <= time.time():
            status = "failed" if voice.failure else "complete"
        message = voice.failure if status == "failed" else None
        more = {"status": status if voice.private else None, "failure_message": message}
        shown = self._voice(voice) | {"created_at": voice.created_at}
        return answered({**shown, **more, "support_interactive_avatar": False})

    async def _delete(self, request: web.Request) -> web.Response:
        voice = self._mine(request)
        if not voice.private:
            raise RefusedError(403, "Public voices cannot be deleted.")
        del self._house.catalog.voices[voice.voice_id]
        return answered({"voice_id": voice.voice_id})

    def _mine(self, request: web.Request) -> Voice:
        voice = self._house.catalog.voices.get(request.match_info["voice_id"])
        if voice is None:
            raise RefusedError(404, "Voice not found.", code="voice_not_found")
        return voice

    def _voice(self, voice: Voice) -> Json:
        preview = voice.has_preview and voice.ready_at <= time.time()
        return {
            "voice_id": voice.voice_id,
            "name": voice.name,
            "language": voice.language,
            "gender": voice.gender,
            "preview_audio_url": self._house.films.voice_url(voice.voice_id) if preview else None,
            "support_pause": voice.support_pause,
            "support_locale": voice.support_locale,
            "type": "private" if voice.private else "public",
        }


def _owned(look: Look, owner: str) -> bool:
    return not owner or look.private == (owner == "private")


def _look_status(look: Look) -> str:
    if look.failure:
        return "failed"
    return "completed" if look.ready_at <= time.time() else "processing"


def _numbered(images: list[AssetInput] | None) -> list[tuple[str, AssetInput]]:
    return [(f"reference_images.{place}", one) for place, one in enumerate(images or ())]


def _shared(words: set[str], voice: Voice) -> int:
    """How many words of a description are about this voice: its name and tone, its language, its
    accent by any name, its gender."""
    accent = f"{accent_of(voice.locale)} {region_of(voice.locale)} {voice.locale}"
    own = f"{voice.name} {voice.language} {voice.gender} {accent}".lower()
    return len(words & set(re.findall(r"\w+", own)))
