"""What v1 and v2 list: avatars, voices, quota, talking photos, photo avatars being trained.

Sources: docs.heygen.com (get-remaining-quota-v2, list-all-locales-for-voices), seed 002
(`/v2/avatars`, `/v2/avatar/{id}/details`): one unpaged answer each.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from pydantic import Field

from sandbox.vendors.files import StoredFile
from sandbox.vendors.heygen_catalog import Look, locales
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_making import Making, bill_of
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered_v1,
    answered_v2,
    body_of,
    read,
)

QUOTA_A_USD = 60  # quota is counted in sixtieths of a credit
AGES = Literal["Young Adult", "Early Middle Age", "Late Middle Age", "Senior", "Unspecified"]
GENDERS = Literal["Woman", "Man", "Unspecified"]
ETHNICITIES = Literal[
    "White",
    "Black",
    "Asian American",
    "East Asian",
    "South East Asian",
    "South Asian",
    "Middle Eastern",
    "Pacific",
    "Hispanic",
    "Unspecified",
]
STYLES = Literal["Realistic", "Pixar", "Cinematic", "Vintage", "Noir", "Cyberpunk", "Unspecified"]


class NewPhoto(Body):
    """`POST /v2/photo_avatar/photo/generate`: eight required fields."""

    name: str = Field(min_length=1)
    age: AGES
    gender: GENDERS
    ethnicity: ETHNICITIES
    orientation: Literal["square", "horizontal", "vertical"]
    pose: Literal["half_body", "close_up", "full_body"]
    style: STYLES
    appearance: str = Field(min_length=1, max_length=1_000)
    callback_url: str | None = None
    callback_id: str | None = None


class NewGroup(Body):
    """`POST /v2/photo_avatar/avatar_group/create`."""

    name: str = Field(min_length=1)
    image_key: str
    generation_id: str | None = None


class MoreLooks(Body):
    """`POST /v2/photo_avatar/avatar_group/add`."""

    group_id: str
    image_keys: list[str] = Field(min_length=1, max_length=4)
    name: str = Field(min_length=1)
    generation_id: str | None = None


class Train(Body):
    """`POST /v2/photo_avatar/train`."""

    group_id: str


@dataclass
class Generation:
    """A picture being made."""

    ready_at: float
    keys: list[str]


class LegacyCatalog:
    """`/v2/avatars` and its neighbours."""

    def __init__(self, house: House, making: Making, *, pace_s: float) -> None:
        self._house, self._making, self._pace_s = house, making, pace_s
        self._generations: dict[str, Generation] = {}
        self._trained_at: dict[str, float] = {}

    def add_api_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_get("/v2/avatars", self._list_avatars)
        app.router.add_get("/v2/avatar/{avatar_id}/details", self._show_avatar)
        app.router.add_get("/v2/avatar_group.list", self._list_groups)
        app.router.add_get("/v2/avatar_group/{group_id}/avatars", self._list_group)
        app.router.add_get("/v2/voices", self._list_voices)
        app.router.add_get("/v2/voices/locales", self._list_locales)
        app.router.add_get("/v2/user/remaining_quota", self._show_quota)
        app.router.add_get("/v1/user/me", self._show_user)
        app.router.add_get("/v1/brand_voice/list", self._list_brand_voices)
        app.router.add_get("/v1/talking_photo.list", self._list_photos)
        app.router.add_delete("/v2/talking_photo/{photo_id}", self._delete_photo)
        app.router.add_post("/v2/photo_avatar/photo/generate", self._generate_photo)
        app.router.add_get("/v2/photo_avatar/generation/{generation_id}", self._show_generation)
        app.router.add_post("/v2/photo_avatar/avatar_group/create", self._create_group)
        app.router.add_post("/v2/photo_avatar/avatar_group/add", self._add_looks)
        app.router.add_post("/v2/photo_avatar/train", self._train)
        app.router.add_get("/v2/photo_avatar/train/status/{group_id}", self._show_training)

    def add_upload_routes(self, app: web.Application) -> None:
        """upload.heygen.com."""
        app.router.add_post("/v1/talking_photo", self._upload_photo)

    def clear(self) -> None:
        """Forget what was being made."""
        self._generations.clear()
        self._trained_at.clear()

    async def _list_avatars(self, _: web.Request) -> web.Response:
        avatars = [self._avatar(look) for look in self._house.catalog.looks.values()]
        if self._house.switches["legacy_voice_in"] == "details":
            avatars = [avatar | {"default_voice_id": None} for avatar in avatars]
        photos = self._house.catalog.talking_photos
        return answered_v2(
            {"avatars": avatars, "talking_photos": [self._photo(one) for one in photos]}
        )

    async def _show_avatar(self, request: web.Request) -> web.Response:
        look = self._house.look(request.match_info["avatar_id"], "avatar_id")
        shown = self._avatar(look)
        return answered_v2(
            {
                "id": look.id,
                "type": shown["type"],
                "name": look.name,
                "gender": look.gender,
                "preview_image_url": shown["preview_image_url"],
                "preview_video_url": shown["preview_video_url"],
                "premium": shown["premium"],
                "is_public": not look.private,
                "default_voice_id": look.default_voice_id,
                "tags": list(look.tags),
            }
        )

    async def _list_groups(self, request: web.Request) -> web.Response:
        public = request.query.get("include_public") == "true"
        rows = []
        for group_id, name in self._house.catalog.group_names.items():
            looks = self._house.catalog.group(group_id)
            if looks and (public or looks[0].private):
                face = self._house.films.face_url(f"{looks[0].id}.jpg")
                rows.append(
                    {
                        "id": group_id,
                        "name": name,
                        "num_looks": len(looks),
                        "preview_image": face,
                        "group_type": "PRIVATE" if looks[0].private else "PUBLIC",
                        "train_status": self._train_status(group_id),
                        "default_voice_id": looks[0].default_voice_id,
                        "created_at": looks[0].created_at,
                    }
                )
        return answered_v2({"total_count": len(rows), "avatar_group_list": rows})

    async def _list_group(self, request: web.Request) -> web.Response:
        looks = self._house.catalog.group(request.match_info["group_id"])
        if not looks:
            raise RefusedError(404, "Avatar group not found.", code="avatar_not_found")
        return answered_v2({"avatar_list": [self._avatar(look) for look in looks]})

    async def _list_voices(self, _: web.Request) -> web.Response:
        rows = [
            {
                "voice_id": voice.voice_id,
                "language": voice.language,
                "gender": voice.gender,
                "name": voice.name,
                "preview_audio": (
                    self._house.films.voice_url(voice.voice_id) if voice.has_preview else ""
                ),
                "support_pause": voice.support_pause,
                "emotion_support": voice.engine == "starfish",
                "support_interactive_avatar": False,
                "support_locale": voice.support_locale,
            }
            for voice in self._house.catalog.voices.values()
        ]
        return answered_v2({"voices": rows})

    async def _list_locales(self, _: web.Request) -> web.Response:
        return answered_v2({"locales": locales()})

    async def _show_quota(self, _: web.Request) -> web.Response:
        left = round(self._house.ledger.balance_usd() * QUOTA_A_USD)
        details = {"api": left, "seat": 0, "streaming_avatar": 0, "plan_credit": 0}
        return answered_v2({"remaining_quota": left, "details": details})

    async def _show_user(self, _: web.Request) -> web.Response:
        names = {"username": "sandbox", "email": "sandbox@example.test"}
        return answered_v1({**names, "first_name": "Sandbox", "last_name": "Account"})

    async def _list_brand_voices(self, _: web.Request) -> web.Response:
        return answered_v1({"list": [], "total": 0})

    async def _list_photos(self, _: web.Request) -> web.Response:
        photos = self._house.catalog.talking_photos
        rows = [
            {"id": one, "circle_image": "", "image_url": self._photo(one)["preview_image_url"]}
            for one in photos
        ]
        return answered_v1(rows)

    async def _upload_photo(self, request: web.Request) -> web.Response:
        """`POST upload.heygen.com/v1/talking_photo`: a raw picture."""
        image = await self._house.assets.raw(request, "image")
        self._house.catalog.talking_photos[image.id] = image
        return answered_v1({"talking_photo_id": image.id, "talking_photo_url": image.url})

    async def _delete_photo(self, request: web.Request) -> web.Response:
        photo_id = request.match_info["photo_id"]
        if self._house.catalog.talking_photos.pop(photo_id, None) is None:
            raise RefusedError(404, "Talking photo not found.", code="avatar_not_found")
        return answered_v2(None)

    async def _generate_photo(self, request: web.Request) -> web.Response:
        read(NewPhoto, await body_of(request))
        generation_id = secrets.token_hex(16)
        keys = [f"image/{secrets.token_hex(16)}/original" for _ in range(4)]
        self._generations[generation_id] = Generation(time.time() + self._pace_s, keys)
        return answered_v2({"generation_id": generation_id})

    async def _show_generation(self, request: web.Request) -> web.Response:
        made = self._generations.get(request.match_info["generation_id"])
        if made is None:
            raise RefusedError(404, "Generation not found.", code="not_found")
        done = made.ready_at <= time.time()
        face = self._house.films.face_url
        return answered_v2(
            {
                "id": request.match_info["generation_id"],
                "status": "success" if done else "in_progress",
                "msg": None,
                "image_url_list": [face(f"{one.split('/')[1]}.jpg") for one in made.keys]
                if done
                else None,
                "image_key_list": made.keys if done else None,
            }
        )

    async def _create_group(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        asked = read(NewGroup, given)
        self._need_image(asked.image_key)
        look = self._making.look(asked.name, "photo_avatar", None, bill=bill_of(request, given, []))
        return answered_v2(
            {"id": look.id, "group_id": look.group_id, "name": look.name, "status": "pending"}
        )

    async def _add_looks(self, request: web.Request) -> web.Response:
        asked = read(MoreLooks, await body_of(request))
        self._need_group(asked.group_id)
        for key in asked.image_keys:
            self._need_image(key)
        looks = [
            self._making.look(asked.name, "photo_avatar", asked.group_id, bill=None)
            for _ in asked.image_keys
        ]
        return answered_v2({"photo_avatar_list": [self._avatar(look) for look in looks]})

    async def _train(self, request: web.Request) -> web.Response:
        group_id = read(Train, await body_of(request)).group_id
        self._need_group(group_id)
        self._trained_at[group_id] = time.time() + self._pace_s
        return answered_v2({"group_id": group_id})

    async def _show_training(self, request: web.Request) -> web.Response:
        group_id = request.match_info["group_id"]
        self._need_group(group_id)
        return answered_v2({"status": self._train_status(group_id), "error_msg": None})

    def _train_status(self, group_id: str) -> str:
        ready_at = self._trained_at.get(group_id)
        if ready_at is None:
            return "empty"
        return "ready" if ready_at <= time.time() else "training"

    def _need_group(self, group_id: str) -> None:
        looks = self._house.catalog.group(group_id)
        if not looks or not looks[0].private:
            raise RefusedError(404, "Avatar group not found.", code="avatar_not_found")

    def _need_image(self, key: str) -> None:
        if any(key in made.keys for made in self._generations.values()):
            return
        asset_id = key.removeprefix("image/").removesuffix("/original")
        self._house.assets.find(asset_id, "image_key", "image")

    def _avatar(self, look: Look) -> Json:
        face = self._house.films.face_url
        return {
            "avatar_id": look.id,
            "avatar_name": look.name,
            "gender": look.gender,
            "preview_image_url": face(f"{look.id}.jpg"),
            "preview_video_url": face(f"{look.id}.mp4"),
            "premium": look.avatar_type == "digital_twin",
            "type": "avatar" if look.avatar_type != "photo_avatar" else "photo_avatar",
            "tags": list(look.tags),
            "default_voice_id": look.default_voice_id,
        }

    def _photo(self, photo_id: str) -> Json:
        photo: StoredFile = self._house.catalog.talking_photos[photo_id]
        return {
            "talking_photo_id": photo_id,
            "talking_photo_name": photo.name,
            "preview_image_url": photo.url,
        }
