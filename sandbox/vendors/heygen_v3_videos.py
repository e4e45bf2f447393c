"""`/v3/videos`: four kinds of video, their status one by one or by the hundred, batches, deletion.

Source: heygen-cli's embedded OpenAPI, July 2026 (`gen/video.go`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace

from aiohttp import web
from pydantic import Field

from sandbox.vendors.files import StoredFile
from sandbox.vendors.heygen_assets import AssetInput, image_entry
from sandbox.vendors.heygen_catalog import ENGINES, Look, Voice
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import (
    CINEMATIC_USD,
    Order,
    speaking_usd,
    speech_s,
)
from sandbox.vendors.heygen_v3_bodies import (
    CINEMATIC_IMAGES,
    CINEMATIC_VIDEOS,
    AvatarVideo,
    CinematicVideo,
    ClipScene,
    Engine,
    Ground,
    ImageVideo,
    Scene,
    SceneAvatar,
    SceneImage,
    Spoken,
    StillScene,
    StudioVideo,
    Talking,
    Video,
    VoiceSettings,
    parsed,
    scene,
)
from sandbox.vendors.heygen_wire import (
    Body,
    Json,
    RefusedError,
    answered,
    body_of,
    only_query,
    paged,
    read,
)
from sandbox.vendors.jobs import Job
from sandbox.vendors.render import Wish
from sandbox.vendors.sounds import UNHEARD_S

VIDEOS = "/v3/videos"
STATUSES_MAX = 100
BATCH_MAX = 100
CINEMATIC_S = 10.0
RATIO_OF = {"landscape": "16:9", "portrait": "9:16", "square": "1:1"}
STATUS_WORDS = {
    "v3": {"pending": "queued"},
    "v1": {"pending": "waiting"},
}


class NewBatch(Body):
    """`POST /v3/videos/batches`."""

    videos: list[dict[str, object]] = Field(min_length=1, max_length=BATCH_MAX)
    title: str | None = None
    callback_url: str | None = None
    folder_id: str | None = None


@dataclass
class Batch:
    """A batch: for each item its order, or why there is none."""

    id: str
    title: str | None
    callback_url: str | None
    items: list[Order | RefusedError] = field(default_factory=list)
    told: bool = False


@dataclass
class Draft:
    """What is gathered while a body is read: files of the input and what the film shows."""

    given: Json
    images: list[Json] = field(default_factory=list)
    picture: bytes | None = None
    seconds: float = 0.0
    words: list[str] = field(default_factory=list)


class Videos:
    """The videos of one account."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._batches: dict[str, Batch] = {}

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_post(VIDEOS, self._create)
        app.router.add_get(VIDEOS, self._list)
        app.router.add_get(VIDEOS + "/statuses", self._statuses)
        app.router.add_post(VIDEOS + "/batches", self._create_batch)
        app.router.add_get(VIDEOS + "/batches/{batch_id}", self._show_batch)
        app.router.add_get(VIDEOS + "/{video_id}", self._show)
        app.router.add_delete(VIDEOS + "/{video_id}", self._delete)

    def clear(self) -> None:
        """Forget the batches; the account forgets the orders."""
        self._batches.clear()

    def ended(self, _: Job) -> None:
        """Tell of each batch whose last item came to its end."""
        for batch in self._batches.values():
            orders = [item for item in batch.items if isinstance(item, Order)]
            if not batch.told and all(order.over for order in orders):
                batch.told = True
                story = {"batch_id": batch.id, "title": batch.title}
                self._house.webhooks.tell(
                    "batch.finished", story, about=batch.id, url=batch.callback_url
                )

    async def _create(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        order = self._order(parsed(given), given)
        order.key = request.headers.get("Idempotency-Key")
        self._house.accept(order)
        word = self._house.unknown_word("heygen:submit") or "waiting"
        kind = "webm" if order.wish.transparent else "mp4"
        return answered({"video_id": order.video_id, "status": word, "output_format": kind})

    async def _list(self, request: web.Request) -> web.Response:
        only_query(request, "limit", "token", "folder_id", "title")
        title, folder = request.query.get("title", "").lower(), request.query.get("folder_id")
        rows = [
            self._house.video(order, self._house.word(order))
            for order in reversed(self._house.ledger.orders("video", "agent", "translation"))
            if title in (order.title or "").lower() and folder in (None, order.folder_id)
        ]
        return paged(request, rows, limit_max=100)

    async def _show(self, request: web.Request) -> web.Response:
        order = self._mine(request)
        return answered(self._house.video(order, self._house.checked(order)))

    async def _delete(self, request: web.Request) -> web.Response:
        order = self._mine(request)
        self._house.ledger.account.cancel(order)
        order.deleted = True
        return answered({"id": order.video_id, "deleted": True})

    def _mine(self, request: web.Request) -> Order:
        order = self._house.ledger.video(request.match_info["video_id"])
        if order is None or order.kind not in ("video", "agent", "translation"):
            raise RefusedError(404, "Video not found.", code="video_not_found")
        return order

    async def _statuses(self, request: web.Request) -> web.Response:
        """`?video_ids=a,b&batch_ids=`: one row each, `not_found` for what is not there."""
        only_query(request, "video_ids", "batch_ids")
        ids = [one for one in request.query.get("video_ids", "").split(",") if one]
        batches = [one for one in request.query.get("batch_ids", "").split(",") if one]
        if not 0 < len(ids) + len(batches) <= STATUSES_MAX:
            raise RefusedError(400, "Give 1 to 100 ids.", param="video_ids")
        unknown = self._house.unknown_word("heygen:check")
        rows = [self._status_row(self._house.ledger.video(one), one, unknown) for one in ids]
        for batch_id in batches:
            batch = self._batches.get(batch_id)
            for index, item in enumerate(batch.items if batch else []):
                rows.append({**self._item(item), "batch_id": batch_id, "item_index": index})
        return answered(rows)

    def _status_row(self, order: Order | None, video_id: str, unknown: str | None) -> Json:
        if order is None:
            return {"video_id": video_id, "status": "not_found"}
        self._house.ledger.account.strike(order, "heygen:check")
        word = self._house.word(order)
        words = STATUS_WORDS[self._house.switches["statuses_words"]]
        row: Json = {"video_id": video_id, "status": unknown or words.get(word, word)}
        if word == "failed" and order.fate:
            row["error"] = {"code": order.fate.code, "message": order.fate.message}
        return row

    async def _create_batch(self, request: web.Request) -> web.Response:
        asked = read(NewBatch, await body_of(request))
        batch = Batch(secrets.token_hex(12), asked.title, asked.callback_url)
        for index, given in enumerate(asked.videos):
            try:
                order = self._order(parsed(given, f"videos.{index}"), given)
            except RefusedError as refused:
                batch.items.append(refused)
                continue
            order.batch_id, order.folder_id = batch.id, asked.folder_id
            batch.items.append(order)
        orders = [item for item in batch.items if isinstance(item, Order)]
        self._batches[batch.id] = batch
        self._house.accept(*orders, queued=True)
        return answered({"batch_id": batch.id, "status": "processing", "title": batch.title})

    async def _show_batch(self, request: web.Request) -> web.Response:
        batch = self._batches.get(request.match_info["batch_id"])
        if batch is None:
            raise RefusedError(404, code="resource_not_found")
        items = [
            {**self._item(item), "item_index": index} for index, item in enumerate(batch.items)
        ]
        over = all(not isinstance(item, Order) or item.over for item in batch.items)
        word = "completed" if over else "processing"
        return answered(
            {"batch_id": batch.id, "title": batch.title, "status": word, "items": items}
        )

    def _item(self, item: Order | RefusedError) -> Json:
        if isinstance(item, RefusedError):
            error = {"code": item.code, "message": item.message, "param": item.param}
            return {"video_id": None, "status": "failed", "error": error}
        return self._status_row(item, item.video_id, None)

    def _order(self, body: Video, given: Json) -> Order:
        """The order a body makes. Errors: RefusedError where HeyGen refuses at once."""
        match body:
            case AvatarVideo():
                return self._avatar(body, given)
            case ImageVideo():
                return self._image(body, given)
            case CinematicVideo():
                return self._cinematic(body, given)
            case StudioVideo():
                return self._studio(body, given)

    def _avatar(self, body: AvatarVideo, given: Json) -> Order:
        look = self._house.look(body.avatar_id, "avatar_id")
        engine = body.engine or Engine(type="avatar_iv")
        self._need_engine(look, engine, body)
        if body.output_format == "webm" and not look.matting:
            message = "This avatar does not support a transparent background."
            raise RefusedError(400, message, param="output_format")
        draft = Draft(given)
        self._hear(body, draft, at="", look=look)
        self._see_ground(body.background, draft, param="background")
        asked = body.aspect_ratio or "16:9"
        ratio = RATIO_OF[look.orientation] if asked == "auto" else asked
        order = self._talking(body, draft, ratio=ratio, model=f"{engine.type} {look.name}")
        order.usd = speaking_usd(
            draft.seconds,
            photo=look.avatar_type == "photo_avatar",
            engine=engine.type,
            resolution=body.resolution,
        )
        return order

    def _image(self, body: ImageVideo, given: Json) -> Order:
        if body.output_format == "webm":
            message = "webm needs an avatar that supports matting."
            raise RefusedError(400, message, param="output_format")
        draft = Draft(given)
        self._see(body.image, draft, param="image")
        self._hear(body, draft, at="")
        self._see_ground(body.background, draft, param="background")
        ratio = body.aspect_ratio or "16:9"
        order = self._talking(body, draft, ratio=ratio, model="avatar_iv image")
        order.usd = speaking_usd(draft.seconds, photo=True, resolution=body.resolution)
        return order

    def _talking(self, body: Talking, draft: Draft, *, ratio: str, model: str) -> Order:
        order = self._new(draft, model=model, ratio=ratio)
        order.title = body.title
        order.callback_url, order.callback_id = body.callback_url, body.callback_id
        order.captions = body.caption is not None
        order.burned = bool(body.caption and body.caption.style)
        order.wish = replace(order.wish, transparent=body.output_format == "webm")
        return order

    def _cinematic(self, body: CinematicVideo, given: Json) -> Order:
        looks = [
            self._house.look(one, f"avatar_id.{place}") for place, one in enumerate(body.avatar_id)
        ]
        draft = Draft(given, words=[body.prompt])
        kinds: list[str] = []
        for place, reference in enumerate(body.references):
            file = self._see(
                reference, draft, param=f"references.{place}", kinds=("image", "video")
            )
            kinds.append("video" if file and file.content_type.startswith("video/") else "image")
        too_many = kinds.count("image") + len(looks) > CINEMATIC_IMAGES
        if too_many or kinds.count("video") > CINEMATIC_VIDEOS:
            message = "At most 3 videos and 9 images, avatars among them."
            raise RefusedError(400, message, param="references")
        draft.seconds = float(body.duration or CINEMATIC_S)
        ratio = body.aspect_ratio or "16:9"
        order = self._new(draft, model="cinematic_avatar (Seedance)", ratio=ratio)
        order.title, order.usd = body.title, CINEMATIC_USD
        return order

    def _studio(self, body: StudioVideo, given: Json) -> Order:
        draft = Draft(given)
        for place, one in enumerate(body.scenes):
            at = f"scenes.{place}"
            self._scene(scene(one, at), draft, at=at)
        ratio = body.aspect_ratio or "16:9"
        order = self._new(draft, model=f"studio, {len(body.scenes)} scenes", ratio=ratio)
        order.title, order.captions = body.title, body.caption is not None
        order.burned = bool(body.caption and body.caption.style)
        order.callback_url, order.callback_id = body.callback_url, body.callback_id
        order.usd = speaking_usd(draft.seconds, photo=False, resolution=body.resolution)
        return order

    def _scene(self, one: Scene, draft: Draft, *, at: str) -> None:
        match one:
            case SceneAvatar():
                look = self._house.look(one.avatar_id, f"{at}.input.avatar_id")
                self._hear(one, draft, at=f"{at}.input.", look=look)
                self._see_ground(one.background, draft, param=f"{at}.input.background")
            case SceneImage():
                self._see(one.image, draft, param=f"{at}.input.image")
                self._hear(one, draft, at=f"{at}.input.")
                self._see_ground(one.background, draft, param=f"{at}.input.background")
            case StillScene(duration=None):
                self._see(one.source, draft, param=f"{at}.source")
                self._hear(one, draft, at=f"{at}.")
            case StillScene():
                self._see(one.source, draft, param=f"{at}.source")
                draft.seconds += one.duration or 0.0
            case ClipScene():
                self._see(one.source, draft, param=f"{at}.source", kinds=("video",))
                draft.seconds += UNHEARD_S

    def _new(self, draft: Draft, *, model: str, ratio: str) -> Order:
        text = " ".join(draft.words) or "a recording"
        wish = Wish(
            prompt=text,
            model=model,
            aspect_ratio=ratio,
            duration_s=draft.seconds,
            sound=True,
            image=draft.picture,
            quick=self._house.quick,
        )
        return Order(
            gateway="heygen",
            id=secrets.token_hex(16),
            endpoint=VIDEOS,
            input=draft.given,
            wish=wish,
            images=draft.images,
            text=text,
        )

    def _need_engine(self, look: Look, engine: Engine, body: AvatarVideo) -> None:
        photo = look.avatar_type == "photo_avatar"
        if engine.type not in ENGINES[look.avatar_type]:
            message = f"This avatar does not support {engine.type}."
            raise RefusedError(400, message, param="engine.type")
        if engine.reference_look_id is not None:
            self._house.look(engine.reference_look_id, "engine.reference_look_id")
        if body.expressiveness and not (photo and engine.type == "avatar_iv"):
            message = "expressiveness is for photo avatars on Avatar IV."
            raise RefusedError(400, message, param="expressiveness")
        if body.motion_prompt:
            june = self._house.switches["motion_prompt"] == "june"
            fits = {"avatar_iv": photo, "avatar_v": not june}.get(engine.type, False)
            if not fits:
                message = "motion_prompt is not supported for this avatar and engine."
                raise RefusedError(400, message, param="motion_prompt")

    def _hear(
        self, body: Spoken | StillScene, draft: Draft, *, at: str, look: Look | None = None
    ) -> None:
        """Take the words or the recording of a speaker into the draft."""
        if body.script is None:
            draft.seconds += self._house.assets.heard_s(body.audio_asset_id, body.audio_url, at=at)
            return
        voice_id = body.voice_id or (look.default_voice_id if look else None)
        if voice_id is None:
            message = "This avatar has no default voice: give a voice_id."
            raise RefusedError(400, message, param=f"{at}voice_id")
        voice = self._house.voice(voice_id, f"{at}voice_id")
        settings = body.voice_settings or VoiceSettings()
        _need_voice_engine(voice, settings, at)
        draft.words.append(body.script)
        draft.seconds += speech_s(body.script, settings.speed)

    def _see(
        self,
        given: AssetInput,
        draft: Draft,
        *,
        param: str,
        kinds: tuple[str, ...] = ("image",),
    ) -> StoredFile | None:
        """Take a file of the input into the draft; the first picture is what the film shows."""
        file = self._house.assets.given(given, param, *kinds)
        if file is not None:
            draft.images.append(image_entry(param, file))
            if draft.picture is None and file.content_type.startswith("image/"):
                draft.picture = file.body
        return file

    def _see_ground(self, ground: Ground | None, draft: Draft, *, param: str) -> None:
        if ground is None:
            return
        url, asset_id = ground.url, ground.asset_id
        if asset_id is not None:
            self._see(AssetInput(type="asset_id", asset_id=asset_id), draft, param=param)
        elif url is not None:
            self._see(AssetInput(type="url", url=url), draft, param=param)


def _need_voice_engine(voice: Voice, settings: VoiceSettings, at: str) -> None:
    engine = settings.engine_settings
    if engine is not None and engine.engine_type != voice.engine:
        message = f"This voice is not of the engine {engine.engine_type}."
        raise RefusedError(400, message, param=f"{at}voice_settings.engine_settings")
