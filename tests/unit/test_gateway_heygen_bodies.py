"""What is sent on each of HeyGen's roads: every field of its documents, and nothing unsaid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.catalog import offer_named
from domain.gateway import Intent
from domain.request import Clip, Work
from domain.shape import AspectRatio, Image, Media, Resolution
from domain.spoken import (
    Agent,
    Avatar,
    AvatarStyle,
    Background,
    Captions,
    Filling,
    Scene,
    Template,
    Translation,
    Voice,
)
from gateways.heygen_legacy import OLD_AGENTS, OLD_VIDEOS, OLD_WEBM
from gateways.heygen_road import Endpoint
from gateways.heygen_sessions import encode_message, encode_session, has_tag, tag_of
from gateways.heygen_templates import OLD_TEMPLATES, TEMPLATES
from gateways.heygen_translations import OLD_TRANSLATIONS, TRANSLATIONS
from gateways.heygen_videos import VIDEOS

AVATAR, CINEMATIC, AGENT = "heygen_avatar@heygen", "cinematic_avatar@heygen", "heygen_agent@heygen"
LINK, ASSET = "https://files.heygen.ai/image/a1/original", "#asset=a1"
FILE = Image(slack_file_id="F1")
SOUND = Media(slack_file_id="F2")
LOUD = Voice(
    name="v-1",
    speed=1.2,
    pitch=-3,
    volume=0.5,
    locale="en-GB",
    engine={"engine_type": "elevenlabs", "model": "eleven_v3", "stability": 0.5},
)


def _intent(work: Work, offer: str = AVATAR, **more: Any) -> Intent:
    return Intent(
        execution_id="exec-1",
        attempt=1,
        key="key-1",
        offer=offer_named(offer),
        work=work,
        **{"links": dict.fromkeys(work.media, LINK + ASSET), **more},
    )


def _sent(endpoint: Endpoint, work: Work, offer: str = AVATAR, **more: Any) -> Any:
    return json.loads(endpoint.encode(_intent(work, offer, **more)))


# ── v3 videos ─────────────────────────────────────────────────────────────────────────────────


def test_one_scene_with_everything() -> None:
    scene = Scene(
        script="Hello", avatar="look-1", voice=LOUD, background=Background(colour="#101820")
    )
    work = Avatar(
        scenes=(scene,),
        title="A title",
        resolution=Resolution.UHD,
        aspect_ratio=AspectRatio.TALL,
        captions=Captions.BURNED_IN,
        engine="avatar_v",
        reference_look="look-0",
        motion="waves",
        expressiveness="low",
        cut_out=True,
        fit="contain",
    )

    assert _sent(VIDEOS, work, callback_url="https://bot.example/h") == {
        "type": "avatar",
        "avatar_id": "look-1",
        "script": "Hello",
        "voice_id": "v-1",
        "voice_settings": {
            "speed": 1.2,
            "pitch": -3,
            "volume": 0.5,
            "locale": "en-GB",
            "engine_settings": {
                "engine_type": "elevenlabs",
                "model": "eleven_v3",
                "stability": 0.5,
            },
        },
        "background": {"type": "color", "value": "#101820"},
        "title": "A title",
        "resolution": "4k",
        "aspect_ratio": "9:16",
        "caption": {"file_format": "srt", "style": "default"},
        "output_format": "mp4",
        "fit": "contain",
        "remove_background": True,
        "engine": {"type": "avatar_v", "reference_look_id": "look-0"},
        "motion_prompt": "waves",
        "expressiveness": "low",
        "callback_url": "https://bot.example/h",
        "callback_id": "exec-1",
    }


def test_what_was_not_said_is_not_sent() -> None:
    work = Avatar(scenes=(Scene(script="Hello", avatar="look-1"),), transparent=True)

    assert _sent(VIDEOS, work) == {
        "type": "avatar",
        "avatar_id": "look-1",
        "script": "Hello",
        "output_format": "webm",
    }


@pytest.mark.parametrize(
    ("link", "field", "value"),
    [
        (LINK + ASSET, "audio_asset_id", "a1"),
        ("https://a.example/v.mp3", "audio_url", "https://a.example/v.mp3"),
    ],
)
def test_a_recording_is_sent_by_its_asset_or_its_address(link: str, field: str, value: str) -> None:
    work = Avatar(scenes=(Scene(recording=SOUND, avatar="look-1", voice=LOUD),))
    sent = _sent(VIDEOS, work, links={"scenes.0.recording": link})

    assert sent == {"type": "avatar", "avatar_id": "look-1", field: value, "output_format": "mp4"}


def test_a_photo_that_speaks() -> None:
    ground = Background(image=FILE)
    work = Avatar(scenes=(Scene(script="Hi", photo=FILE, voice=LOUD, background=ground),))
    sent = _sent(VIDEOS, work)

    assert sent["type"] == "image"
    assert sent["image"] == {"type": "asset_id", "asset_id": "a1"}
    assert sent["background"] == {"type": "image", "asset_id": "a1"}
    assert "avatar_id" not in sent


def test_many_scenes() -> None:
    scenes = (
        Scene(script="One", avatar="look-1", voice=LOUD, background=Background(colour="#aabbcc")),
        Scene(script="Two", photo=FILE, voice=Voice(name="v-2")),
        Scene(silence_s=2.5, photo=FILE),
        Scene(recording=SOUND, avatar="look-2", background=Background(image=FILE)),
        Scene(footage=SOUND),
        Scene(footage=SOUND, voice=Voice(volume=0.0)),
    )
    work = Avatar(scenes=scenes, captions=Captions.FILE, aspect_ratio=AspectRatio.WIDE)
    image = {"type": "asset_id", "asset_id": "a1"}
    sent = _sent(VIDEOS, work)

    voiced = sent["scenes"][0]["input"].pop("voice_settings")
    assert voiced["speed"] == 1.2
    assert sent == {
        "type": "studio",
        "aspect_ratio": "16:9",
        "caption": {"file_format": "srt"},
        "scenes": [
            {
                "type": "avatar_video",
                "input": {
                    "type": "avatar",
                    "avatar_id": "look-1",
                    "script": "One",
                    "voice_id": "v-1",
                    "background": {"type": "color", "color": "#aabbcc"},
                },
            },
            {
                "type": "avatar_video",
                "input": {"type": "image", "image": image, "script": "Two", "voice_id": "v-2"},
            },
            {"type": "image", "source": image, "duration": 2.5},
            {
                "type": "avatar_video",
                "input": {
                    "type": "avatar",
                    "avatar_id": "look-2",
                    "audio_asset_id": "a1",
                    "background": {"type": "image", "asset_id": "a1"},
                },
            },
            {"type": "video", "source": image},
            {"type": "video", "source": image, "playback": {"volume": 0.0}},
        ],
    }


def test_a_cinematic_clip() -> None:
    clip = Clip(
        prompt="A walk",
        avatars=("look-1", "look-2"),
        references=(FILE, FILE),
        duration_s=8,
        resolution=Resolution.P1080,
        aspect_ratio=AspectRatio.SQUARE,
        seed=7,
    )
    links = {"references.0": LINK + ASSET, "references.1": "https://i.example/b.png"}

    assert _sent(VIDEOS, clip, CINEMATIC, links=links, callback_url="https://bot.example/h") == {
        "type": "cinematic_avatar",
        "prompt": "A walk",
        "avatar_id": ["look-1", "look-2"],
        "references": [
            {"type": "asset_id", "asset_id": "a1"},
            {"type": "url", "url": "https://i.example/b.png"},
        ],
        "duration": 8,
        "resolution": "1080p",
        "aspect_ratio": "1:1",
    }


# ── the seeds' videos (seed 002) ──────────────────────────────────────────────────────────────


def test_the_seeds_scenes() -> None:
    styled = {"avatar": "josh_lite3_20230714", "style": AvatarStyle.CLOSE_UP}
    voice = Voice(name="v-1", speed=1.0, pitch=0, emotion="Friendly", locale="en-US")
    video = Background(video=SOUND, play_style="loop")
    scenes = (
        Scene(script="Hello", voice=voice, background=Background(colour="#1a1a2e"), **styled),
        Scene(recording=SOUND, avatar="talking_photo:p-1", style=AvatarStyle.CIRCLE),
        Scene(silence_s=4, avatar="josh", background=Background(image=FILE)),
        Scene(script="Bye", avatar="josh", voice=Voice(name="v-1"), background=video),
    )
    work = Avatar(scenes=scenes, title="T", test=True, captions=Captions.FILE)
    sent = _sent(OLD_VIDEOS, work, "heygen_avatar.v2@heygen")

    assert sent == {
        "title": "T",
        "test": True,
        "caption": True,
        "caption_mode": "file_only",
        "dimension": {"width": 1920, "height": 1080},
        "video_inputs": [
            {
                "character": {
                    "type": "avatar",
                    "avatar_id": "josh_lite3_20230714",
                    "avatar_style": "closeUp",
                },
                "voice": {
                    "type": "text",
                    "voice_id": "v-1",
                    "input_text": "Hello",
                    "speed": 1.0,
                    "pitch": 0,
                    "emotion": "Friendly",
                    "locale": "en-US",
                },
                "background": {"type": "color", "value": "#1a1a2e"},
            },
            {
                "character": {
                    "type": "talking_photo",
                    "talking_photo_id": "p-1",
                    "talking_photo_style": "circle",
                },
                "voice": {"type": "audio", "audio_asset_id": "a1"},
            },
            {
                "character": {"type": "avatar", "avatar_id": "josh"},
                "voice": {"type": "silence", "duration": 4.0},
                "background": {"type": "image", "image_asset_id": "a1"},
            },
            {
                "character": {"type": "avatar", "avatar_id": "josh"},
                "voice": {"type": "text", "voice_id": "v-1", "input_text": "Bye"},
                "background": {"type": "video", "video_asset_id": "a1", "play_style": "loop"},
            },
        ],
    }


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        (AspectRatio.WIDE, Resolution.P720, (1280, 720)),
        (AspectRatio.TALL, Resolution.P1080, (1080, 1920)),
        (AspectRatio.SQUARE, Resolution.P1080, (1080, 1080)),
        (AspectRatio.LANDSCAPE, Resolution.P720, (960, 720)),
        (AspectRatio.WIDE, Resolution.UHD, (3840, 2160)),
        (None, None, (1920, 1080)),
    ],
)
def test_a_size_is_even_and_within_limits(
    ratio: AspectRatio | None, resolution: Resolution | None, size: tuple[int, int]
) -> None:
    scene = Scene(script="Hi", avatar="a", voice=Voice(name="v"))
    work = Avatar(scenes=(scene,), aspect_ratio=ratio, resolution=resolution, transparent=True)
    dimension = _sent(OLD_WEBM, work, "heygen_avatar.webm@heygen")["dimension"]

    assert (dimension["width"], dimension["height"]) == size


# ── agents, translations, templates ───────────────────────────────────────────────────────────


def test_a_session() -> None:
    work = Agent(
        prompt="A film about tea",
        avatar="look-1",
        voice="v-1",
        style="s-1",
        files=(SOUND, Media(url="https://a.example/b.pdf")),
        duration_s=45,
        aspect_ratio=AspectRatio.WIDE,
    )
    links = {"files.0": LINK + ASSET, "files.1": "https://a.example/b.pdf"}
    sent = json.loads(encode_session(_intent(work, AGENT, links=links)))
    prompt = sent.pop("prompt")

    assert prompt.startswith("Make a 45-second video. A film about tea\n")
    assert tag_of("key-1") in prompt
    assert sent == {
        "mode": "generate",
        "avatar_id": "look-1",
        "voice_id": "v-1",
        "style_id": "s-1",
        "orientation": "landscape",
        "files": [
            {"type": "asset_id", "asset_id": "a1"},
            {"type": "url", "url": "https://a.example/b.pdf"},
        ],
        "incognito_mode": True,
    }


def test_a_message_of_a_conversation() -> None:
    work = Agent(prompt="Shorter", chat=True, voice="v-1", style="s-1", duration_s=20)
    sent = json.loads(encode_message(_intent(work, AGENT)))

    assert sent.keys() == {"message", "voice_id"}
    assert sent["message"].startswith("Shorter\n")
    assert json.loads(encode_session(_intent(work, AGENT)))["mode"] == "chat"


def test_a_tag_names_one_submit_and_nobody() -> None:
    assert tag_of("a") != tag_of("b")
    assert has_tag(f"(Filed as {tag_of('exec-1:1')}: …)")
    assert not has_tag("a film about dl-1234")
    assert "exec" not in tag_of("exec-1:1")


def test_a_prompt_without_room_for_the_tag_is_sent_as_it_is() -> None:
    work = Agent(prompt="x" * 9_990)

    assert json.loads(encode_session(_intent(work, AGENT)))["prompt"] == work.prompt


def test_the_seeds_agent() -> None:
    """Seed 004: its length and shape have fields; files go by their ids."""
    work = Agent(
        prompt="A film",
        avatar="look-1",
        files=(SOUND,),
        duration_s=30,
        aspect_ratio=AspectRatio.TALL,
    )

    assert _sent(OLD_AGENTS, work, "heygen_agent.v2@heygen") == {
        "prompt": "A film",
        "config": {"duration_sec": 30, "avatar_id": "look-1", "orientation": "portrait"},
        "files": [{"asset_id": "a1"}],
    }


def test_translations() -> None:
    work = Translation(
        language="German",
        source=SOUND,
        mode="precision",
        sound_only=True,
        captions=True,
        speakers=2,
    )
    shared = {"mode": "precision", "translate_audio_only": True, "speaker_num": 2}

    assert _sent(TRANSLATIONS, work) == {
        "video": {"type": "asset_id", "asset_id": "a1"},
        "output_languages": ["German"],
        "enable_caption": True,
        **shared,
    }
    assert _sent(OLD_TRANSLATIONS, work) == {
        "video_url": LINK,
        "output_language": "German",
        **shared,
    }


def test_a_take_of_ours_is_translated_from_its_link() -> None:
    work = Translation(language="German", source_request_id="request-1")

    assert _sent(TRANSLATIONS, work, links={"source": "https://v.example/x.mp4"}) == {
        "video": {"type": "url", "url": "https://v.example/x.mp4"},
        "output_languages": ["German"],
        "mode": "speed",
    }


@pytest.mark.parametrize("endpoint", [TEMPLATES, OLD_TEMPLATES], ids=["v3", "v2"])
def test_a_template_is_filled_by_type(endpoint: Endpoint) -> None:
    variables = {
        "headline": Filling(type="text", text="Tea"),
        "picture": Filling(type="image", media=FILE),
        "footage": Filling(type="video", media=Media(url="https://v.example/x.mp4")),
        "presenter": Filling(type="character", name="look-1"),
        "narrator": Filling(type="voice", name="v-1"),
    }
    work = Template(template="t/1", title="T", variables=variables, captions=True)
    links = {"variables.picture": LINK + ASSET, "variables.footage": "https://v.example/x.mp4"}
    sent = _sent(endpoint, work, links=links)

    assert {name: one["properties"] for name, one in sent["variables"].items()} == {
        "headline": {"content": "Tea"},
        "picture": {"asset_id": "a1"},
        "footage": {"url": "https://v.example/x.mp4"},
        "presenter": {"character_id": "look-1", "type": "avatar"},
        "narrator": {"voice_id": "v-1"},
    }
    assert all(one["name"] == name for name, one in sent["variables"].items())
    assert (sent["title"], sent["caption"]) == ("T", True)
    assert "/t%2F1" in endpoint.submit_at(_intent(work))
