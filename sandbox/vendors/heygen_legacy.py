"""The seeds' HeyGen: v2 videos, `/v1/video.webm`, statuses, the v1 agent, v2 translation.

Sources: seeds 002 and 004, docs.heygen.com (video-status, video-translate-status). There is no
idempotency here: each accepted POST is a new, paid job.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from sandbox.vendors.files import StoredFile
from sandbox.vendors.heygen_assets import image_entry
from sandbox.vendors.heygen_catalog import languages
from sandbox.vendors.heygen_house import House
from sandbox.vendors.heygen_ledger import PER_SECOND_USD, Order, speaking_usd, speech_s
from sandbox.vendors.heygen_legacy_bodies import (
    AgentV1,
    AudioVoice,
    AvatarCharacter,
    AvatarIV,
    Generated,
    ImageGround,
    PhotoCharacter,
    Pose,
    Scene,
    Shared,
    SilenceVoice,
    TextVoice,
    TranslationV2,
    VideoGround,
)
from sandbox.vendors.heygen_switches import SCRIPT_LIMITS
from sandbox.vendors.heygen_templates import Dimension
from sandbox.vendors.heygen_v3_agents import RATIOS as AGENT_RATIOS
from sandbox.vendors.heygen_webhooks import SHARE_PAGE
from sandbox.vendors.heygen_wire import (
    Json,
    RefusedError,
    answered_v1,
    answered_v2,
    body_of,
    number_in,
    read,
)
from sandbox.vendors.jobs import REFUSED, Failure
from sandbox.vendors.render import RATIOS, Wish

GENERATE, WEBM, AGENT = "/v2/video/generate", "/v1/video.webm", "/v1/video_agent/generate"
AV4, TRANSLATE = "/v2/video/av4/generate", "/v2/video_translate"
AUDIO_S = 6.0
AGENT_S = 30.0
WAITING_UNTIL = 0.1  # of a render, while `waiting`
PAGE_MAX = 100
TOO_MODERN = (
    "This avatar does not support unlimited mode. Please use a different avatar, or use Avatar IV "
    "or Avatar V."
)
V1_FAILURES = {REFUSED: 400168, None: 40119}  # inappropriate; the one docs show for a failure


@dataclass
class Draft:
    """What is gathered from scenes."""

    given: Json
    endpoint: str
    words: list[str] = field(default_factory=list)
    seconds: float = 0.0
    images: list[Json] = field(default_factory=list)
    picture: bytes | None = None
    of_photo: bool = False


class Legacy:
    """The v1 and v2 videos of one account; they are the same videos v3 shows."""

    def __init__(self, house: House) -> None:
        self._house = house

    def add_routes(self, app: web.Application) -> None:
        """api.heygen.com."""
        app.router.add_post(GENERATE, self._generate)
        app.router.add_post(WEBM, self._generate_webm)
        app.router.add_post(AV4, self._generate_av4)
        app.router.add_post(AGENT, self._generate_agent)
        app.router.add_get("/v1/video_status.get", self._show_status)
        app.router.add_get("/v2/videos/{video_id}", self._show)
        app.router.add_get("/v1/video.list", self._list)
        app.router.add_delete("/v1/video.delete", self._delete)
        app.router.add_post("/v1/video/share", self._share)
        app.router.add_post(TRANSLATE, self._translate)
        app.router.add_get(TRANSLATE + "/target_languages", self._list_languages)
        app.router.add_get(TRANSLATE + "/caption", self._show_caption)
        app.router.add_get(TRANSLATE + "/{id}", self._show_translation)

    async def _generate(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        return self._accept(self._order(read(Generated, given), given, endpoint=GENERATE))

    async def _generate_webm(self, request: web.Request) -> web.Response:
        """Transparent: no background, no circle (seed 002)."""
        given = await body_of(request)
        form = self._house.switches["legacy_webm_body"]
        if form == "pose" or (form == "both" and "avatar_pose_id" in given):
            body = _scenes_of(read(Pose, given))
        else:
            body = read(Generated, given)
        for place, scene in enumerate(body.video_inputs):
            at = f"video_inputs.{place}"
            if scene.background is not None:
                message = "A transparent video has no background."
                raise RefusedError(400, message, param=f"{at}.background")
            if getattr(scene.character, "avatar_style", "") == "circle":
                message = "circle is not supported for WebM."
                raise RefusedError(400, message, param=f"{at}.character.avatar_style")
        order = self._order(body, given, endpoint=WEBM)
        order.wish = replace(order.wish, transparent=True)
        return self._accept(order)

    async def _generate_av4(self, request: web.Request) -> web.Response:
        """Avatar IV from an uploaded picture, named by its `image_key`."""
        given = await body_of(request)
        asked, draft = read(AvatarIV, given), Draft(given, AV4)
        asset_id = asked.image_key.removeprefix("image/").removesuffix("/original")
        image = self._house.assets.find(asset_id, "image_key", "image")
        draft.images.append(image_entry("image_key", image))
        draft.picture = image.body
        if asked.script is not None:
            voice = TextVoice(type="text", voice_id=asked.voice_id or "", input_text=asked.script)
            self._hear(voice, draft, at="")
        else:
            recording = AudioVoice(
                type="audio", audio_url=asked.audio_url, audio_asset_id=asked.audio_asset_id
            )
            self._hear(recording, draft, at="")
        ratio = AGENT_RATIOS[asked.video_orientation]
        order = self._new(draft, model="avatar_iv", ratio=ratio)
        order.title, order.captions = asked.video_title, asked.caption
        order.callback_id, order.callback_url = asked.callback_id, asked.callback_url
        order.usd = speaking_usd(draft.seconds, photo=True)
        return self._accept(order)

    async def _generate_agent(self, request: web.Request) -> web.Response:
        """Unlike v3, the video's id comes at once."""
        given = await body_of(request)
        asked, draft = read(AgentV1, given), Draft(given, AGENT)
        if asked.callback_id is not None and asked.callback_url is None:
            raise RefusedError(400, "callback_id needs callback_url.", param="callback_id")
        for place, one in enumerate(asked.files):
            file = self._house.assets.find(one.asset_id, f"files.{place}")
            draft.images.append(image_entry(f"files.{place}", file))
            if file.content_type.startswith("image/"):
                draft.picture = draft.picture or file.body
        if asked.config.avatar_id is not None:
            self._house.look(asked.config.avatar_id, "config.avatar_id")
        draft.words = [asked.prompt]
        draft.seconds = float(asked.config.duration_sec or AGENT_S)
        ratio = AGENT_RATIOS[asked.config.orientation or "landscape"]
        order = self._new(draft, model="video agent", ratio=ratio)
        order.callback_id, order.callback_url = asked.callback_id, asked.callback_url
        order.usd = round(draft.seconds * PER_SECOND_USD["agent"], 4)
        return self._accept(order)

    async def _show_status(self, request: web.Request) -> web.Response:
        """`GET /v1/video_status.get?video_id=`."""
        order = self._found(request.query.get("video_id", ""))
        word = self._house.checked(order)
        early = self._house.ledger.account.progress(order) < WAITING_UNTIL
        word = "waiting" if word == "pending" and early else word
        video, link = self._house.video(order, word), self._house.films.link
        error = _failure(order.fate) if word == "failed" else None
        burned = link(order, "captioned.mp4") if order.burned else None
        data = {
            "id": order.video_id,
            "status": word,
            "video_url": video["video_url"],
            "video_url_caption": burned,
            "caption_url": link(order, "ass") if order.captions else None,
            "thumbnail_url": video["thumbnail_url"],
            "gif_url": link(order, "gif"),
            "duration": video["duration"],
            "callback_id": order.callback_id,
            "created_at": int(order.at),
            "error": error,
        }
        return answered_v1(data)

    async def _show(self, request: web.Request) -> web.Response:
        """`GET /v2/videos/{id}`: the v3 Video in a v2 envelope."""
        order = self._found(request.match_info["video_id"])
        return answered_v2(self._house.video(order, self._house.checked(order)))

    async def _list(self, request: web.Request) -> web.Response:
        limit = number_in(request, "limit", default=PAGE_MAX, high=PAGE_MAX)
        token = request.query.get("token", "")
        start = int(token) if token.isdecimal() else 0
        orders = self._house.ledger.orders("video", "agent")[::-1]
        rows = [
            {
                "video_id": order.video_id,
                "video_title": order.title,
                "status": self._house.word(order),
                "created_at": int(order.at),
                "type": "GENERATED",
            }
            for order in orders[start : start + limit]
        ]
        more = str(start + limit) if start + limit < len(orders) else None
        return answered_v1({"videos": rows, "token": more, "total": len(orders)})

    async def _delete(self, request: web.Request) -> web.Response:
        order = self._found(request.query.get("video_id", ""))
        self._house.ledger.account.cancel(order)
        order.deleted = True
        return answered_v1(None)

    async def _share(self, request: web.Request) -> web.Response:
        order = self._found(read(Shared, await body_of(request)).video_id)
        return answered_v1(SHARE_PAGE + order.video_id)

    async def _translate(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        asked = read(TranslationV2, given)
        wanted = asked.output_languages or [str(asked.output_language)]
        for language in wanted:
            if language not in languages():
                message = f"{language} is not a target language."
                raise RefusedError(400, message, param="output_language")
        self._house.assets.at_url(asked.video_url, "video_url", "video")
        orders = [self._translation(asked, given, language=language) for language in wanted]
        self._house.accept(*orders)
        ids = [order.id for order in orders]
        many = {"video_translate_ids": ids} if asked.output_languages else {}
        return answered_v2({"video_translate_id": ids[0], **many})

    async def _list_languages(self, _: web.Request) -> web.Response:
        return answered_v2({"languages": languages()})

    async def _show_translation(self, request: web.Request) -> web.Response:
        """Status words of its own: pending, running, success, failed (docs.heygen.com)."""
        order = self._translated(request.match_info["id"])
        word = self._house.checked(order)
        word = {"processing": "running", "completed": "success"}.get(word, word)
        fate = order.fate.message if order.fate and word == "failed" else None
        return answered_v2(
            {
                "video_translate_id": order.id,
                "title": order.title,
                "status": word,
                "url": self._house.films.link(order),
                "message": fate,
                "output_language": order.language,
                "callback_id": order.callback_id,
            }
        )

    async def _show_caption(self, request: web.Request) -> web.Response:
        order = self._translated(request.query.get("video_translate_id", ""))
        kind = request.query.get("caption_type", "srt")
        url = self._house.films.link(order, kind) if kind in ("srt", "vtt") else None
        if url is None:
            raise RefusedError(400, "There are no captions yet.", param="caption_type")
        return answered_v2({"caption_url": url})

    def _accept(self, order: Order) -> web.Response:
        self._house.accept(order)
        return answered_v2({"video_id": order.video_id})

    def _order(self, body: Generated, given: Json, *, endpoint: str) -> Order:
        """The order a list of scenes makes. Errors: RefusedError."""
        draft = Draft(given, endpoint)
        for place, scene in enumerate(body.video_inputs):
            self._read_scene(scene, draft, at=f"video_inputs.{place}")
        if body.caption and not draft.words:
            raise RefusedError(400, "caption is for text voices only.", param="caption")
        model = f"v2, {len(body.video_inputs)} scenes"
        order = self._new(draft, model=model, ratio=_ratio(body.dimension))
        note = "test: watermarked" if body.test else order.wish.note
        order.wish = replace(order.wish, note=note)
        order.title, order.folder_id = body.title, body.folder_id
        order.callback_id, order.callback_url = body.callback_id, body.callback_url
        order.captions = body.caption
        order.burned = body.caption and body.caption_mode != "file_only"
        photo = len(body.video_inputs) == 1 and draft.of_photo
        order.usd = 0.0 if body.test else speaking_usd(draft.seconds, photo=photo)
        return order

    def _read_scene(self, scene: Scene, draft: Draft, *, at: str) -> None:
        match scene.character:
            case AvatarCharacter(avatar_id=avatar_id):
                look = self._house.look(avatar_id, f"{at}.character.avatar_id")
                modern = draft.of_photo = look.avatar_type == "photo_avatar"
                if modern and self._house.switches["legacy_refuses_photo_looks"]:
                    raise RefusedError(400, TOO_MODERN, code="internal_error")
            case PhotoCharacter(talking_photo_id=photo_id):
                photo = self._house.catalog.talking_photos.get(photo_id)
                if photo is None:
                    message = f"Talking Photo {photo_id} could not be found."
                    raise RefusedError(404, message, code="avatar_not_found")
                draft.picture, draft.of_photo = draft.picture or photo.body, True
        self._hear(scene.voice, draft, at=f"{at}.voice")
        match scene.background:
            case ImageGround(url=url, image_asset_id=asset_id):
                file = self._fetched(url, asset_id, param=f"{at}.background", kind="image")
                self._see(file, draft, param=f"{at}.background")
            case VideoGround(url=url, video_asset_id=asset_id):
                file = self._fetched(url, asset_id, param=f"{at}.background", kind="video")
                self._see(file, draft, param=f"{at}.background")
            case _:
                pass

    def _hear(self, voice: TextVoice | AudioVoice | SilenceVoice, draft: Draft, *, at: str) -> None:
        match voice:
            case TextVoice():
                self._need_speakable(voice, at)
                draft.words.append(voice.input_text)
                draft.seconds += speech_s(voice.input_text, voice.speed)
            case AudioVoice():
                url, asset_id = voice.audio_url, voice.audio_asset_id
                draft.seconds += self._house.assets.heard_s(asset_id, url, at=f"{at}.")
            case SilenceVoice():
                draft.seconds += voice.duration

    def _need_speakable(self, voice: TextVoice, at: str) -> None:
        """Limits of a text voice: the plan's script length (seed 002), speed and pitch."""
        switches = self._house.switches
        limit, fastest = SCRIPT_LIMITS[switches["plan"]], switches["legacy_speed_max"]
        highest = switches["legacy_pitch_max"]
        self._house.voice(voice.voice_id, f"{at}.voice_id")
        if len(voice.input_text) > limit:
            message = f"The script is longer than your plan's {limit} characters."
            raise RefusedError(400, message, param=f"{at}.input_text")
        if voice.speed > fastest:
            raise RefusedError(400, f"speed must be 0.5 to {fastest}.", param=f"{at}.speed")
        if abs(voice.pitch) > highest:
            message = f"pitch must be -{highest} to {highest}."
            raise RefusedError(400, message, param=f"{at}.pitch")

    def _fetched(
        self, url: str | None, asset_id: str | None, *, param: str, kind: str
    ) -> StoredFile | None:
        """A file of the input, None where its address is elsewhere. Errors: RefusedError."""
        assets = self._house.assets
        if asset_id is not None:
            return assets.find(asset_id, param, kind)
        return assets.at_url(url or "", param, kind)

    def _see(self, file: StoredFile | None, draft: Draft, *, param: str) -> None:
        if file is not None:
            draft.images.append(image_entry(param, file))
            if file.content_type.startswith("image/"):
                draft.picture = draft.picture or file.body

    def _new(self, draft: Draft, *, model: str, ratio: str) -> Order:
        text = " ".join(draft.words) or "silence"
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
            endpoint=draft.endpoint,
            input=draft.given,
            wish=wish,
            images=draft.images,
            text=text,
            legacy=True,
        )

    def _translation(self, asked: TranslationV2, given: Json, *, language: str) -> Order:
        name = asked.title or "translation"
        draft = Draft({**given, "output_language": language}, TRANSLATE)
        draft.words, draft.seconds = [f"{name} in {language}"], AUDIO_S
        order = self._new(draft, model="translation", ratio="16:9")
        order.kind, order.title, order.language = "translation", asked.title, language
        order.callback_id, order.callback_url = asked.callback_id, asked.callback_url
        order.usd = round(AUDIO_S * PER_SECOND_USD["translation_speed"], 4)
        return order

    def _found(self, video_id: str) -> Order:
        order = self._house.ledger.video(video_id)
        if order is None or order.kind not in ("video", "agent"):
            raise RefusedError(404, "Video not found.", code="video_not_found")
        return order

    def _translated(self, order_id: str) -> Order:
        order = self._house.ledger.video(order_id)
        if order is None or order.kind != "translation":
            raise RefusedError(404, "Video translation not found.", code="not_found")
        return order


def _scenes_of(pose: Pose) -> Generated:
    """The SDK's flat body as the one scene it stands for."""
    voice: Any = {"type": "audio", "audio_url": pose.input_audio}
    if pose.input_text is not None:
        voice = {"type": "text", "voice_id": pose.voice_id, "input_text": pose.input_text}
    character = {
        "type": "avatar",
        "avatar_id": pose.avatar_pose_id,
        "avatar_style": pose.avatar_style,
    }
    return Generated(
        video_inputs=[Scene.model_validate({"character": character, "voice": voice})],
        dimension=pose.dimension,
    )


def _ratio(dimension: Dimension) -> str:
    given = dimension.width / dimension.height
    return min(RATIOS, key=lambda ratio: abs(math.log(RATIOS[ratio][0] / RATIOS[ratio][1] / given)))


def _failure(fate: Failure | None) -> Json:
    """A v1 failure: a number, a message, a detail."""
    code = fate.code if fate else None
    number = int(code) if code and code.isdecimal() else V1_FAILURES.get(code, code)
    message = fate.message if fate else "Video generation failed."
    return {"code": number, "message": message, "detail": message}
