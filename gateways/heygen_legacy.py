"""The seeds' HeyGen: `POST /v2/video/generate`, `/v1/video.webm` and `/v1/video_agent/generate`.

Seeds 002 and 004; ranges and further fields from developers.heygen.com/studio-api, the narrower
where they contradict each other. There is no key and no list here: a lost answer stays a doubt.
A talking photo is named like an avatar, with `talking_photo:` before its id.
"""

from __future__ import annotations

from typing import Literal

from domain.gateway import Intent
from domain.offers.heygen import OLD_AGENTS_ROAD, OLD_VIDEOS_ROAD, OLD_WEBM_ROAD
from domain.pricing import frame_px
from domain.shape import AspectRatio, Resolution
from domain.spoken import Agent, Avatar, AvatarStyle, Background, Captions, Scene
from gateways.heygen_links import Request, asset_id_of, url_of
from gateways.heygen_road import Endpoint
from gateways.heygen_videos import callback, captions_handle, recording

TALKING_PHOTO = "talking_photo:"
ORIENTATIONS: dict[AspectRatio | None, Literal["landscape", "portrait"]] = {
    AspectRatio.WIDE: "landscape",
    AspectRatio.TALL: "portrait",
}


class _Character(Request):
    type: Literal["avatar", "talking_photo"]
    avatar_id: str | None = None
    avatar_style: AvatarStyle | None = None
    talking_photo_id: str | None = None
    talking_photo_style: Literal["square", "circle"] | None = None


class _Voice(Request):
    type: Literal["text", "audio", "silence"]
    voice_id: str | None = None
    input_text: str | None = None
    speed: float | None = None
    pitch: int | None = None
    emotion: str | None = None
    locale: str | None = None
    audio_url: str | None = None
    audio_asset_id: str | None = None
    duration: float | None = None


class _Ground(Request):
    type: Literal["color", "image", "video"]
    value: str | None = None
    url: str | None = None
    image_asset_id: str | None = None
    video_asset_id: str | None = None
    play_style: Literal["fit_to_scene", "freeze", "loop", "once"] | None = None


class _Scene(Request):
    character: _Character
    voice: _Voice
    background: _Ground | None = None


class _Dimension(Request):
    width: int
    height: int


class _Video(Request):
    video_inputs: list[_Scene]
    dimension: _Dimension
    title: str | None = None
    caption: Literal[True] | None = None
    caption_mode: Literal["file_only", "burn_in"] | None = None
    test: Literal[True] | None = None
    callback_url: str | None = None
    callback_id: str | None = None


class _AgentConfig(Request):
    duration_sec: int | None = None
    avatar_id: str | None = None
    orientation: Literal["landscape", "portrait"] | None = None


class _AgentFile(Request):
    asset_id: str


class _Agent(Request):
    prompt: str
    config: _AgentConfig
    files: list[_AgentFile] | None = None
    callback_url: str | None = None
    callback_id: str | None = None


def encode_old_video(intent: Intent) -> bytes:
    """The body of a v2 video or a transparent v1 one."""
    work = intent.work
    assert isinstance(work, Avatar)
    width, height = frame_px(
        work.resolution or Resolution.P1080, work.aspect_ratio or AspectRatio.WIDE
    )
    modes: dict[Captions, Literal["file_only", "burn_in"]] = {
        Captions.FILE: "file_only",
        Captions.BURNED_IN: "burn_in",
    }
    return _Video(
        video_inputs=[_scene(intent, number, scene) for number, scene in enumerate(work.scenes)],
        dimension=_Dimension(width=width, height=height),
        title=work.title,
        caption=True if work.captions else None,
        caption_mode=modes[work.captions] if work.captions else None,
        test=True if work.test else None,
        **callback(intent),
    ).encoded()


def encode_old_agent(intent: Intent) -> bytes:
    """The body of a v1 agent: its length and shape have fields of their own."""
    work = intent.work
    assert isinstance(work, Agent)
    ids = [asset_id_of(intent.links[place]) for place in work.media]
    return _Agent(
        prompt=work.prompt,
        config=_AgentConfig(
            duration_sec=work.duration_s,
            avatar_id=work.avatar,
            orientation=ORIENTATIONS.get(work.aspect_ratio),
        ),
        files=[_AgentFile(asset_id=asset_id) for asset_id in ids if asset_id] or None,
        **callback(intent),
    ).encoded()


def video_status_at(video_id: str) -> str:
    """`GET /v1/video_status.get` (docs.heygen.com, video-status)."""
    return f"/v1/video_status.get?video_id={video_id}"


def _scene(intent: Intent, number: int, scene: Scene) -> _Scene:
    return _Scene(
        character=_character(scene),
        voice=_voice(intent, number, scene),
        background=_ground(intent, number, scene.background),
    )


def _character(scene: Scene) -> _Character:
    name = scene.avatar or ""
    if not name.startswith(TALKING_PHOTO):
        return _Character(type="avatar", avatar_id=name, avatar_style=scene.style)
    circle: Literal["circle"] | None = "circle" if scene.style is AvatarStyle.CIRCLE else None
    photo_id = name.removeprefix(TALKING_PHOTO)
    return _Character(type="talking_photo", talking_photo_id=photo_id, talking_photo_style=circle)


def _voice(intent: Intent, number: int, scene: Scene) -> _Voice:
    voice = scene.voice
    if scene.script is not None:
        return _Voice(
            type="text",
            voice_id=voice.name,
            input_text=scene.script,
            speed=voice.speed,
            pitch=voice.pitch,
            emotion=voice.emotion,
            locale=voice.locale,
        )
    if scene.silence_s is not None:
        return _Voice(type="silence", duration=scene.silence_s)
    return _Voice(type="audio", **recording(intent.links.get(f"scenes.{number}.recording")))


def _ground(intent: Intent, number: int, ground: Background | None) -> _Ground | None:
    if ground is None:
        return None
    if ground.colour is not None:
        return _Ground(type="color", value=ground.colour)
    link = intent.links.get(f"scenes.{number}.background")
    asset_id, url = asset_id_of(link), url_of(link)
    where = None if asset_id else url
    if ground.image is not None:
        return _Ground(type="image", image_asset_id=asset_id, url=where)
    return _Ground(type="video", video_asset_id=asset_id, url=where, play_style=ground.play_style)


OLD_VIDEOS = Endpoint(
    submit_at=lambda _: OLD_VIDEOS_ROAD,
    encode=encode_old_video,
    check_at=video_status_at,
    handle=captions_handle,
)
OLD_WEBM = Endpoint(
    submit_at=lambda _: OLD_WEBM_ROAD,
    encode=encode_old_video,
    check_at=video_status_at,
)
OLD_AGENTS = Endpoint(
    submit_at=lambda _: OLD_AGENTS_ROAD,
    encode=encode_old_agent,
    check_at=video_status_at,
)
