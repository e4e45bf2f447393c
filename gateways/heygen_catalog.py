"""Whom and what HeyGen's account can cast: its looks, voices, languages, templates and styles.

v3 pages (`limit`, `token`; `has_more` and `next_token` beside the data; heygen-cli), v1 and v2
answer everything at once (docs.heygen.com), an avatar's own voice by `/details` (seed 002). What
is still being made, or failed, is left out. An account's own come first, and can be made here. A
look's id is what bodies call `avatar_id`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from domain.casting import AgentStyle, Language, Look, TemplateOffer, VoiceOffer
from domain.errors import Failure
from domain.gateway import Submission, Unreadable
from domain.ports import CastingUnread
from domain.stored import Content
from gateways import heygen_lists as wire
from gateways import heygen_own as own
from gateways.classify import Answer
from gateways.heygen_calls import API_URL, Calls
from gateways.heygen_uploads import UPLOAD_URL, ApiVersion, Uploads
from gateways.http import Http
from gateways.lenient import read_json

LOOKS_A_PAGE, VOICES_A_PAGE, OTHERS_A_PAGE = 50, 100, 100
MAKE_TIMEOUT_S = 60.0
DETAILS_MAX = 50  # avatars whose voice is asked for at one reading of v2's list
TEMPLATES_AT_ONCE = 4
PAGES_MAX = 200  # a list that never ends is one that broke

M = TypeVar("M", bound=BaseModel)

_log = logging.getLogger(__name__)


class HeyGenCatalog:
    """`domain.ports.Casting` on HeyGen, and what an account makes for itself (v3 only). What reads
    raises `CastingUnread`."""

    def __init__(
        self,
        http: Http,
        *,
        api_key: str,
        api_url: str = API_URL,
        upload_url: str = UPLOAD_URL,
        version: ApiVersion = ApiVersion.V3,
    ) -> None:
        self._calls = Calls(http, api_key=api_key, api_url=api_url)
        self._uploads = Uploads(http, self._calls, upload_url=upload_url, version=version)
        self._version = version

    async def looks(self) -> AsyncIterator[Look]:
        """`GET /v3/avatars/looks`, own ones first; or `/v2/avatars` with its talking photos."""
        if self._version is ApiVersion.V2:
            async for look in self._old_looks():
                yield look
            return
        for ownership in ("private", "public"):
            path, query = "/v3/avatars/looks", {"ownership": ownership, "limit": LOOKS_A_PAGE}
            async for row in self._paged(path, query, wire.LookRows):
                if (usable := row.look(is_own=ownership == "private")) is not None:
                    yield usable

    async def voices(self) -> AsyncIterator[VoiceOffer]:
        """`GET /v3/voices`, cloned ones first (they are not in the default list); or `/v2`."""
        if self._version is ApiVersion.V2:
            for voice in (await self._whole("/v2/voices", wire.OldVoices)).offers():
                yield voice
            return
        async for voice in self._voices({}):
            yield voice

    async def speaking_voices(self) -> AsyncIterator[VoiceOffer]:
        """`GET /v3/voices` of the engine that `speak` has."""
        async for voice in self._voices({"engine": "starfish"}):
            yield voice

    async def _voices(self, narrowed: Mapping[str, str]) -> AsyncIterator[VoiceOffer]:
        for kind in ("private", "public"):
            query = {"type": kind, "limit": VOICES_A_PAGE, **narrowed}
            async for row in self._paged("/v3/voices", query, wire.VoiceRows):
                if (usable := row.offer(is_own=kind == "private")) is not None:
                    yield usable

    async def languages(self) -> AsyncIterator[Language]:
        """The languages that a video can be translated to, by name."""
        old = self._version is ApiVersion.V2
        path = "/v2/video_translate/target_languages" if old else "/v3/video-translations/languages"
        for name in (await self._whole(path, wire.Languages)).names():
            yield Language(name=name)

    async def templates(self) -> AsyncIterator[TemplateOffer]:
        """The templates with their variables, one call each, a few at once. One that cannot be
        read is left out; where none can, the list is not read at all."""
        if self._version is ApiVersion.V2:
            path = "/v2/template"
            rows = list((await self._whole("/v2/templates", wire.OldTemplates)).rows())
        else:
            path, query = "/v3/templates", {"limit": OTHERS_A_PAGE}
            rows = [row async for row in self._paged(path, query, wire.TemplateRows)]
        are_read = not rows
        for begin in range(0, len(rows), TEMPLATES_AT_ONCE):
            some = rows[begin : begin + TEMPLATES_AT_ONCE]
            for found in await asyncio.gather(*(self._template(row, path) for row in some)):
                if found is not None:
                    are_read = True
                    yield found
        if not are_read:
            raise CastingUnread("none of the templates could be read")

    async def styles(self) -> AsyncIterator[AgentStyle]:
        """The looks that an agent can give to a whole video; v1's agent has none."""
        if self._version is ApiVersion.V2:
            return
        path, query = "/v3/video-agents/styles", {"limit": OTHERS_A_PAGE}
        async for row in self._paged(path, query, wire.StyleRows):
            if row.style_id:
                yield AgentStyle(id=row.style_id, name=row.name or row.style_id)

    async def voice_search(self, words: str, *, gender: str | None = None) -> list[VoiceOffer]:
        """`POST /v3/voices`: up to three voices that fit a description; v2 has no search."""
        body = wire.VoiceSearch(prompt=words, gender=gender).encoded()
        answer = await self._calls.read("/v3/voices", method="POST", content=body)
        found = _read(answer, wire.FoundVoices)
        return [voice for row in found.rows() if (voice := row.offer(is_own=False))]

    async def create_photo_avatar(
        self, photo: Content, media_type: str, *, name: str, key: str
    ) -> Submission:
        """`POST /v3/avatars` (about one dollar): `own_look` says when it is ready. Sent again with
        the same key it is paid once. Raises `UploadFailed`."""
        picture = await self._uploads.upload(photo, media_type, "photo")
        return await self._make("/v3/avatars", own.encode_avatar(name, picture), key=key)

    async def clone_voice(
        self, recording: Content, media_type: str, *, name: str, key: str
    ) -> Submission:
        """`POST /v3/voices/clone`: `own_voice` says when it is ready. Raises `UploadFailed`."""
        sound = await self._uploads.upload(recording, media_type, "voice")
        return await self._make("/v3/voices/clone", own.encode_clone(name, sound, None), key=key)

    async def own_look(self, look_id: str) -> Look | Failure | None:
        """A look that was created; None while it is being made."""
        path = f"/v3/avatars/looks/{quote(look_id, safe='')}"
        return own.decode_look(_answered(await self._calls.read(path)))

    async def own_voice(self, voice_id: str) -> VoiceOffer | Failure | None:
        """A voice that was cloned; None while it is being made."""
        path = f"/v3/voices/{quote(voice_id, safe='')}"
        return own.decode_voice(_answered(await self._calls.read(path)))

    async def speak(
        self, text: str, voice_id: str, *, key: str, speed: float | None = None
    ) -> Submission:
        """`POST /v3/voices/speech`: the words, spoken at once and paid by the second. Only voices
        of the engine Starfish speak so; no key protects it from being paid twice."""
        body = own.encode_words(text, voice_id, speed)
        return await self._calls.pay(
            "/v3/voices/speech",
            body,
            key=key,
            accepted=own.decode_sample,
            timeout_s=MAKE_TIMEOUT_S,
        )

    async def _old_looks(self) -> AsyncIterator[Look]:
        """`GET /v2/avatars`, and the voice of who is listed without one, a call each: of a list
        with a thousand entries only the first are asked for, the rest are matched a voice."""
        asked = 0
        for look in (await self._whole("/v2/avatars", wire.OldAvatars)).looks():
            if look.default_voice_id or look.is_own or asked >= DETAILS_MAX:
                yield look
                continue
            answer = await self._calls.read(f"/v2/avatar/{quote(look.id, safe='')}/details")
            asked = DETAILS_MAX if isinstance(answer, Unreadable) else asked + 1
            told = None if isinstance(answer, Unreadable) else wire.old_voice_of(answer.body)
            yield replace(look, default_voice_id=told)

    async def _make(self, path: str, content: bytes, *, key: str) -> Submission:
        return await self._calls.pay(
            path, content, key=key, accepted=own.decode_made, timeout_s=MAKE_TIMEOUT_S
        )

    async def _template(self, row: wire.Template, path: str) -> TemplateOffer | None:
        at = f"{path}/{quote(row.name_of_it, safe='')}"
        try:
            whole = await self._whole(at, wire.WholeTemplate)
        except CastingUnread as unread:
            _log.warning("heygen's template %s is left out: %s", row.name_of_it[:100], unread)
            return None
        return TemplateOffer(
            id=row.name_of_it,
            name=row.name or row.name_of_it,
            variables=whole.variables(),
            scripts=whole.scripts(),
        )

    async def _whole(self, path: str, model: type[M]) -> M:
        return _read(await self._calls.list(path), model)

    async def _paged(
        self, path: str, query: Mapping[str, str | int], model: type[wire.Page[wire.R]]
    ) -> AsyncIterator[wire.R]:
        """Every row of a list, page after page."""
        token: str | None = None
        for _ in range(PAGES_MAX):
            asked = {**query, "token": token} if token else query
            page = await self._whole(f"{path}?{urlencode(asked)}", model)
            for row in page.data or ():
                yield row
            token = page.next_token if page.has_more else None
            if token is None:
                return
        raise CastingUnread(f"{path} has no end")


def _read(answer: Answer | Unreadable, model: type[M]) -> M:
    found = read_json(model, _answered(answer).body)
    if found is None or getattr(found, "data", True) is None:
        raise CastingUnread("an answer without a list")
    return found


def _answered(answer: Answer | Unreadable) -> Answer:
    if isinstance(answer, Unreadable):
        raise CastingUnread(answer.reason)
    if not 200 <= answer.status < 300:
        raise CastingUnread(f"HTTP {answer.status}")
    return answer
