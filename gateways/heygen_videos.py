"""The four bodies of HeyGen's `POST /v3/videos`: `avatar`, `image`, `studio` for many scenes, and
`cinematic_avatar` for clips.

Every field: heygen-cli's embedded OpenAPI of July 2026 (`gen/video.go`). Unknown fields are refused
there, so only what was said is sent. A place of `work.media` is where a file's link is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from pydantic import JsonValue

from domain.gateway import Intent
from domain.offers.heygen import VIDEOS_ROAD
from domain.request import Clip
from domain.spoken import Avatar, Background, Captions, Scene, Voice
from gateways.heygen_links import AssetInput, Request, asset_id_of, asset_input, url_of
from gateways.heygen_progress import BESIDE, BURNED_IN
from gateways.heygen_road import Endpoint


class VoiceSettings(Request):
    """How a voice speaks: a factor, semitones, 0 to 1, a locale, its engine's own settings."""

    speed: float | None = None
    pitch: int | None = None
    volume: float | None = None
    locale: str | None = None
    engine_settings: dict[str, JsonValue] | None = None


class Ground(Request):
    """What is behind: an avatar video calls a colour `value`, a studio scene `color`."""

    type: Literal["color", "image"]
    value: str | None = None
    color: str | None = None
    url: str | None = None
    asset_id: str | None = None


class Spoken(Request):
    """Words or a recording, exactly one."""

    script: str | None = None
    voice_id: str | None = None
    audio_url: str | None = None
    audio_asset_id: str | None = None
    voice_settings: VoiceSettings | None = None


class Speaker(Spoken):
    """A look or a picture that speaks in front of something."""

    type: Literal["avatar", "image"]
    avatar_id: str | None = None
    image: AssetInput | None = None
    background: Ground | None = None


class Caption(Request):
    """A file of captions always; `style` writes them into the picture too."""

    file_format: Literal["srt"] = "srt"
    style: Literal["default"] | None = None


class Engine(Request):
    """Which engine moves the avatar, and the look that Avatar V learns from."""

    type: Literal["avatar_iii", "avatar_iv", "avatar_v"]
    reference_look_id: str | None = None


class Told(Request):
    """Who is told at the end, and how the whole looks."""

    title: str | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    caption: Caption | None = None
    callback_url: str | None = None
    callback_id: str | None = None


class OneScene(Told, Speaker):
    """`avatar` or `image`."""

    output_format: Literal["mp4", "webm"]
    fit: Literal["cover", "contain"] | None = None
    remove_background: Literal[True] | None = None
    engine: Engine | None = None
    motion_prompt: str | None = None
    expressiveness: Literal["low", "medium", "high"] | None = None


class SpeakingScene(Request):
    """A studio scene in which somebody speaks."""

    type: Literal["avatar_video"] = "avatar_video"
    input: Speaker


class SilentScene(Request):
    """A studio scene that shows a picture and nothing is said, for so many seconds."""

    type: Literal["image"] = "image"
    source: AssetInput
    duration: float


class Playback(Request):
    """How loud footage is, 0 to 1."""

    volume: float


class FootageScene(Request):
    """A studio scene that is a video of one's own."""

    type: Literal["video"] = "video"
    source: AssetInput
    playback: Playback | None = None


StudioScene = SpeakingScene | SilentScene | FootageScene


class ManyScenes(Told):
    """`studio`."""

    type: Literal["studio"] = "studio"
    scenes: list[StudioScene]


class Cinematic(Request):
    """`cinematic_avatar`; it has no callback: it must be asked."""

    type: Literal["cinematic_avatar"] = "cinematic_avatar"
    prompt: str
    avatar_id: list[str]
    references: list[AssetInput] | None = None
    duration: int | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None


def encode_video(intent: Intent) -> bytes:
    """The body of a clip or an avatar video."""
    if isinstance(intent.work, Clip):
        return _cinematic(intent, intent.work).encoded()
    assert isinstance(intent.work, Avatar)
    first = intent.work.scenes[0]
    if len(intent.work.scenes) == 1 and (first.script or first.recording):
        return _one_scene(intent, intent.work, first).encoded()
    return _many_scenes(intent, intent.work).encoded()


def captions_handle(intent: Intent) -> Mapping[str, str]:
    """What a check must know: where the captions belong."""
    captions = intent.work.captions if isinstance(intent.work, Avatar) else None
    where = {Captions.BURNED_IN: BURNED_IN, Captions.FILE: BESIDE}
    return {"captions": where[captions]} if captions else {}


class Callback(TypedDict):
    """Who is told at the end. An id without an address is refused."""

    callback_url: str | None
    callback_id: str | None


class Recording(TypedDict):
    """A recorded voice, by its asset or its address."""

    audio_asset_id: str | None
    audio_url: str | None


def callback(intent: Intent) -> Callback:
    """The fields of a callback, if there is one."""
    url = intent.callback_url
    return Callback(callback_url=url, callback_id=intent.execution_id if url else None)


def recording(link: str | None) -> Recording:
    """The fields of a recording."""
    asset_id = asset_id_of(link)
    return Recording(audio_asset_id=asset_id, audio_url=None if asset_id else url_of(link))


def _one_scene(intent: Intent, work: Avatar, scene: Scene) -> OneScene:
    speaker = _speaker(intent, 0, scene)
    return OneScene(
        **callback(intent),
        type=speaker.type,
        avatar_id=speaker.avatar_id,
        image=speaker.image,
        script=speaker.script,
        voice_id=speaker.voice_id,
        audio_url=speaker.audio_url,
        audio_asset_id=speaker.audio_asset_id,
        voice_settings=speaker.voice_settings,
        background=_ground(intent, 0, scene.background, colour="value"),
        output_format="webm" if work.transparent else "mp4",
        fit=work.fit,
        remove_background=True if work.cut_out else None,
        engine=_engine(work),
        motion_prompt=work.motion,
        expressiveness=work.expressiveness,
        title=work.title,
        resolution=work.resolution,
        aspect_ratio=work.aspect_ratio,
        caption=_caption(work),
    )


def _many_scenes(intent: Intent, work: Avatar) -> ManyScenes:
    return ManyScenes(
        **callback(intent),
        scenes=[_scene(intent, number, scene) for number, scene in enumerate(work.scenes)],
        title=work.title,
        resolution=work.resolution,
        aspect_ratio=work.aspect_ratio,
        caption=_caption(work),
    )


def _scene(intent: Intent, number: int, scene: Scene) -> StudioScene:
    if scene.footage is not None:
        volume = scene.voice.volume
        playback = None if volume is None else Playback(volume=volume)
        link = intent.links[f"scenes.{number}.footage"]
        return FootageScene(source=asset_input(link), playback=playback)
    photo = _photo(intent, number, scene)
    if scene.silence_s is not None and photo is not None:
        return SilentScene(source=photo, duration=scene.silence_s)
    return SpeakingScene(input=_speaker(intent, number, scene))


def _cinematic(intent: Intent, clip: Clip) -> Cinematic:
    links = [link for place, link in intent.links.items() if place.startswith("references.")]
    return Cinematic(
        prompt=clip.prompt,
        avatar_id=list(clip.avatars),
        references=[asset_input(link) for link in links] or None,
        duration=clip.duration_s,
        resolution=clip.resolution,
        aspect_ratio=clip.aspect_ratio,
    )


def _engine(work: Avatar) -> Engine | None:
    if work.engine is None:
        return None
    return Engine(type=work.engine, reference_look_id=work.reference_look)


def _caption(work: Avatar) -> Caption | None:
    burned_in = work.captions is Captions.BURNED_IN
    return Caption(style="default" if burned_in else None) if work.captions else None


def _speaker(intent: Intent, number: int, scene: Scene) -> Speaker:
    """Who speaks. Without a voice the look's own one is used."""
    spoken = scene.script is not None
    photo = _photo(intent, number, scene)
    return Speaker(
        type="image" if photo else "avatar",
        avatar_id=None if photo else scene.avatar,
        image=photo,
        script=scene.script,
        voice_id=scene.voice.name if spoken else None,
        voice_settings=_settings(scene.voice) if spoken else None,
        background=_ground(intent, number, scene.background, colour="color"),
        **recording(intent.links.get(f"scenes.{number}.recording")),
    )


def _settings(voice: Voice) -> VoiceSettings | None:
    said = voice.model_copy(update={"name": None})
    if said == Voice():
        return None
    return VoiceSettings(
        speed=voice.speed,
        pitch=voice.pitch,
        volume=voice.volume,
        locale=voice.locale,
        engine_settings=dict(voice.engine) or None,
    )


def _photo(intent: Intent, number: int, scene: Scene) -> AssetInput | None:
    link = intent.links.get(f"scenes.{number}.photo") if scene.photo else None
    return asset_input(link) if link else None


def _ground(
    intent: Intent, number: int, ground: Background | None, *, colour: Literal["value", "color"]
) -> Ground | None:
    if ground is None:
        return None
    if ground.colour is not None:
        said = ground.colour
        return (
            Ground(type="color", value=said)
            if colour == "value"
            else Ground(type="color", color=said)
        )
    link = intent.links.get(f"scenes.{number}.background")
    asset_id = asset_id_of(link)
    return Ground(type="image", asset_id=asset_id, url=None if asset_id else url_of(link))


VIDEOS = Endpoint(
    submit_at=lambda _: VIDEOS_ROAD,
    encode=encode_video,
    check_at=lambda video_id: f"{VIDEOS_ROAD}/{video_id}",
    handle=captions_handle,
    is_keyed=True,
    can_delete=True,
)
