"""HeyGen's lists as they are on the wire, v3 and v2: lenient rows, and ours made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from pydantic import JsonValue

from domain.casting import Look, Variable, VoiceOffer
from gateways.heygen_legacy import TALKING_PHOTO
from gateways.heygen_links import Request
from gateways.lenient import Lenient, Maybe, link_of, read_json

R = TypeVar("R", bound=Lenient)

_NOT_READY = frozenset({"processing", "pending_consent", "failed"})
_PHOTO_TYPE = "photo_avatar"  # `avatar_type`; the others are `studio_avatar` and `digital_twin`


class Page(Lenient, Generic[R]):
    """A page of a v3 list."""

    data: Maybe[list[R]] = None
    has_more: Maybe[bool] = None
    next_token: Maybe[str] = None


class LookRow(Lenient):
    """`GET /v3/avatars/looks`."""

    id: Maybe[str] = None
    name: Maybe[str] = None
    gender: Maybe[str] = None
    default_voice_id: Maybe[str] = None
    preferred_orientation: Maybe[str] = None
    preview_image_url: Maybe[str] = None
    supported_api_engines: Maybe[list[str]] = None
    avatar_type: Maybe[str] = None
    status: Maybe[str] = None

    def look(self, *, is_own: bool) -> Look | None:
        """As ours; None for one that cannot be used (yet)."""
        if not self.id or (self.status or "").lower() in _NOT_READY:
            return None
        return Look(
            id=self.id,
            name=self.name or self.id,
            gender=self.gender,
            preview_url=link_of(self.preview_image_url),
            default_voice_id=self.default_voice_id,
            orientation=self.preferred_orientation,
            engines=tuple(self.supported_api_engines or ()),
            is_own=is_own,
            is_photo=None if self.avatar_type is None else self.avatar_type == _PHOTO_TYPE,
        )


class VoiceRow(Lenient):
    """`GET /v3/voices`, `GET /v2/voices`. Previews may be null or `s3://…`."""

    voice_id: Maybe[str] = None
    name: Maybe[str] = None
    language: Maybe[str] = None
    gender: Maybe[str] = None
    preview_audio_url: Maybe[str] = None
    preview_audio: Maybe[str] = None
    support_pause: Maybe[bool] = None
    status: Maybe[str] = None

    def offer(self, *, is_own: bool) -> VoiceOffer | None:
        """As ours; None for one that cannot be used (yet)."""
        if not self.voice_id or (self.status or "").lower() in _NOT_READY:
            return None
        return VoiceOffer(
            id=self.voice_id,
            name=self.name or self.voice_id,
            language=self.language,
            gender=self.gender,
            preview_url=link_of(self.preview_audio_url) or link_of(self.preview_audio),
            supports_pause=bool(self.support_pause),
            is_own=is_own,
        )


class Style(Lenient):
    """`GET /v3/video-agents/styles`."""

    style_id: Maybe[str] = None
    name: Maybe[str] = None


class Template(Lenient):
    """`GET /v3/templates`, `GET /v2/templates`."""

    id: Maybe[str] = None
    template_id: Maybe[str] = None
    name: Maybe[str] = None

    @property
    def name_of_it(self) -> str:
        """Its id, empty without one."""
        return self.id or self.template_id or ""


LookRows = Page[LookRow]
VoiceRows = Page[VoiceRow]
StyleRows = Page[Style]
TemplateRows = Page[Template]


class VoiceSearch(Request):
    """The body of `POST /v3/voices`."""

    prompt: str
    gender: str | None = None


class _Voices(Lenient):
    voices: Maybe[list[VoiceRow]] = None


class FoundVoices(Lenient):
    """What a search answers."""

    data: Maybe[_Voices] = None

    def rows(self) -> list[VoiceRow]:
        """The hits, best first."""
        return list(self.data.voices or ()) if self.data else []


class OldVoices(FoundVoices):
    """`GET /v2/voices`."""

    def offers(self) -> Iterator[VoiceOffer]:
        """Every voice."""
        offers = (row.offer(is_own=False) for row in self.rows())
        return (offer for offer in offers if offer is not None)


class _OldAvatar(Lenient):
    avatar_id: Maybe[str] = None
    avatar_name: Maybe[str] = None
    gender: Maybe[str] = None
    preview_image_url: Maybe[str] = None
    default_voice_id: Maybe[str] = None


class _OldPhoto(Lenient):
    talking_photo_id: Maybe[str] = None
    talking_photo_name: Maybe[str] = None
    preview_image_url: Maybe[str] = None


class _OldCast(Lenient):
    avatars: Maybe[list[_OldAvatar]] = None
    talking_photos: Maybe[list[_OldPhoto]] = None


class OldAvatars(Lenient):
    """`GET /v2/avatars`: it lists an avatar once for each of its looks, and photos that speak."""

    data: Maybe[_OldCast] = None

    def looks(self) -> Iterator[Look]:
        """The photos of the account first, then the avatars, each once."""
        cast = self.data or _OldCast()
        for photo in cast.talking_photos or ():
            if photo.talking_photo_id:
                yield Look(
                    id=TALKING_PHOTO + photo.talking_photo_id,
                    name=photo.talking_photo_name or photo.talking_photo_id,
                    preview_url=link_of(photo.preview_image_url),
                    is_own=True,
                    is_photo=True,
                )
        once = {avatar.avatar_id: avatar for avatar in cast.avatars or () if avatar.avatar_id}
        for avatar_id, avatar in once.items():
            if avatar_id:
                yield Look(
                    id=avatar_id,
                    name=avatar.avatar_name or avatar_id,
                    gender=avatar.gender,
                    preview_url=link_of(avatar.preview_image_url),
                    default_voice_id=avatar.default_voice_id,
                )


class _OldDetails(Lenient):
    data: Maybe[_OldAvatar] = None


def old_voice_of(body: bytes) -> str | None:
    """The avatar's own voice in `GET /v2/avatar/{id}/details`; None where it has none."""
    details = read_json(_OldDetails, body)
    return details.data.default_voice_id if details and details.data else None


class _Names(Lenient):
    languages: Maybe[list[str]] = None


class Languages(Lenient):
    """The languages of a translation, by name."""

    data: Maybe[_Names] = None

    def names(self) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(self.data.languages or ())) if self.data else []


class _OldTemplateList(Lenient):
    templates: Maybe[list[Template]] = None


class OldTemplates(Lenient):
    """`GET /v2/templates`."""

    data: Maybe[_OldTemplateList] = None

    def rows(self) -> list[Template]:
        """Every template that has an id."""
        rows = self.data.templates if self.data else None
        return [row for row in rows or () if row.name_of_it]


class _Variable(Lenient):
    name: Maybe[str] = None
    type: Maybe[str] = None
    properties: Maybe[dict[str, JsonValue]] = None


class _TemplateScene(Lenient):
    script: Maybe[str] = None


class _Whole(Lenient):
    variables: Maybe[dict[str, _Variable]] = None
    scenes: Maybe[list[_TemplateScene]] = None


class WholeTemplate(Lenient):
    """A template with what can be filled in, in the shape in which it is filled in."""

    data: Maybe[_Whole] = None

    def scripts(self) -> tuple[str, ...]:
        """What its scenes say; nothing where one of them says nothing, or none is told (v2)."""
        scenes = (self.data.scenes if self.data else None) or []
        said = tuple((scene.script or "").strip() for scene in scenes)
        return said if all(said) else ()

    def variables(self) -> tuple[Variable, ...]:
        """Its variables; the default is what a person would type in its place."""
        known = (self.data.variables if self.data else None) or {}
        return tuple(
            Variable(name=name, type=one.type, default=_default(one))
            for name, one in known.items()
            if one.type
        )


_DEFAULTS = ("content", "url", "asset_id", "character_id", "voice_id")


def _default(variable: _Variable) -> str | None:
    said = variable.properties or {}
    found = next((said[name] for name in _DEFAULTS if said.get(name)), None)
    return found if isinstance(found, str) else None
