"""What no wire has a word for is refused with a sentence; what it costs is known before."""

from __future__ import annotations

from typing import Any

import pytest

from domain.catalog import CATALOG, offer_named, on_the_road_of
from domain.offer import Dedupe, GatewayName, estimate
from domain.offers.heygen import ONLY_V2, ONLY_V3, VIDEOS_ROAD
from domain.request import Clip, Work
from domain.shape import FileFormat, Image, Media, Resolution
from domain.spoken import (
    Agent,
    Avatar,
    AvatarStyle,
    Background,
    Captions,
    Filling,
    Kind,
    Scene,
    Template,
    Translation,
    Voice,
)
from domain.spoken_fitting import unsayable

V3, V2, WEBM = "heygen_avatar@heygen", "heygen_avatar.v2@heygen", "heygen_avatar.webm@heygen"
AGENT, OLD_AGENT = "heygen_agent@heygen", "heygen_agent.v2@heygen"
TRANSLATION, OLD_TRANSLATION = "heygen_translation@heygen", "heygen_translation.v2@heygen"
TEMPLATE = "heygen_template@heygen"
PHOTO, FILM = Image(slack_file_id="F1"), Media(slack_file_id="F2")
SOURCE = Media(url="https://v.example/x.mp4")
MINUTE = " ".join(["word"] * 150)


def _scene(**said: Any) -> Scene:
    usual: dict[str, Any] = {"script": "Hello", "avatar": "look-1", "voice": Voice(name="v-1")}
    return Scene(**{name: value for name, value in (usual | said).items() if value is not None})


def _silent() -> Scene:
    return Scene(photo=PHOTO, silence_s=3)


def _voiced(**said: Any) -> Scene:
    return _scene(voice=Voice(name="v-1", **said))


def _avatar(*scenes: Scene, **said: Any) -> Avatar:
    return Avatar(scenes=scenes or (_scene(),), **said)


@pytest.mark.parametrize(
    ("offer", "work", "field"),
    [
        *((offer, _avatar(), None) for offer in (V3, V2)),
        (WEBM, _avatar(), "transparent"),
        (WEBM, _avatar(transparent=True), None),
        (V3, _avatar(transparent=True), None),
        (V2, _avatar(transparent=True), "transparent"),
        (V3, _avatar(_scene(), _scene(), transparent=True), "scenes"),
        (WEBM, _avatar(_scene(), _scene(), transparent=True), None),
        (
            V3,
            _avatar(_scene(background=Background(colour="#101820")), transparent=True),
            "background",
        ),
        (V3, _avatar(_scene(avatar=None, photo=PHOTO), transparent=True), "photo"),
        (V3, _avatar(_scene(background=Background(video=FILM))), "background_video"),
        (V2, _avatar(_scene(background=Background(video=FILM))), None),
        (V3, _avatar(_voiced(emotion="Friendly")), "emotion"),
        (V2, _avatar(_voiced(emotion="Friendly")), None),
        (V3, _avatar(_voiced(pitch=50)), None),
        (V2, _avatar(_voiced(pitch=20)), None),
        (V2, _avatar(_voiced(pitch=-21)), "pitch"),
        (V2, _avatar(_voiced(volume=0.5)), "volume"),
        (V2, _avatar(_voiced(engine={"engine_type": "starfish"})), "voice_engine"),
        (V3, _avatar(_voiced(engine={"engine_type": "starfish"}, volume=0.5)), None),
        (V3, _avatar(_scene(style=AvatarStyle.CIRCLE)), "style"),
        (V2, _avatar(_scene(style=AvatarStyle.CIRCLE)), None),
        (WEBM, _avatar(_scene(style=AvatarStyle.CIRCLE), transparent=True), "style"),
        (WEBM, _avatar(_scene(style=AvatarStyle.CLOSE_UP), transparent=True), None),
        (V2, _avatar(_scene(avatar=None, photo=PHOTO)), "photo"),
        (V3, _avatar(_scene(avatar=None, photo=PHOTO)), None),
        (V3, _avatar(_scene(avatar=None, photo=PHOTO, voice=Voice())), "voice"),
        (V3, _avatar(_scene(voice=Voice())), None),
        (V2, _avatar(_scene(voice=Voice())), "voice"),
        (V3, _avatar(_scene(avatar=None)), "avatar"),
        (V3, _avatar(_scene(words_on_screen="SALE")), "words_on_screen"),
        (V3, _avatar(_scene(script=None, silence_s=5)), "silence"),
        (V2, _avatar(_scene(script=None, silence_s=5)), None),
        (V2, _avatar(_scene(script=None, silence_s=101)), "silence"),
        (V3, _avatar(_scene(script=None, avatar=None, photo=PHOTO, silence_s=300)), None),
        (V3, _avatar(test=True), "test"),
        (V2, _avatar(test=True), None),
        (V2, _avatar(engine="avatar_iv"), "engine"),
        (V3, _avatar(engine="avatar_iv", motion="waves"), None),
        (V3, _avatar(_scene(), _scene(), motion="waves"), "motion"),
        (V3, _avatar(_silent(), motion="waves"), "motion"),
        (V3, _avatar(_silent()), None),
        (V3, _avatar(_scene(), cut_out=True, fit="cover"), None),
        (V2, _avatar(_scene(), cut_out=True), "cut_out"),
        (V3, _avatar(engine="avatar_v", reference_look="look-0"), None),
        (V3, _avatar(engine="avatar_iv", reference_look="look-0"), "reference_look"),
        (V3, _avatar(Scene(footage=FILM)), None),
        (V3, _avatar(_scene(), Scene(footage=FILM, voice=Voice(volume=0.5))), None),
        (V2, _avatar(Scene(footage=FILM)), "footage"),
        (V3, _avatar(Scene(footage=FILM, background=Background(colour="#101820"))), "background"),
        (V3, _avatar(Scene(footage=FILM), transparent=True), "photo"),
        (V3, _avatar(*(_scene(),) * 50), None),
        (V3, _avatar(captions=Captions.BURNED_IN), None),
        (WEBM, _avatar(transparent=True, captions=Captions.FILE), "captions"),
        (AGENT, Agent(prompt="p", avatar="a", voice="v", style="s", chat=True), None),
        (OLD_AGENT, Agent(prompt="p", avatar="a"), None),
        (OLD_AGENT, Agent(prompt="p", voice="v"), "voice"),
        (OLD_AGENT, Agent(prompt="p", style="s"), "style"),
        (OLD_AGENT, Agent(prompt="p", continues="r-1"), "continues"),
        (OLD_AGENT, Agent(prompt="p", files=(FILM,)), None),
        (OLD_AGENT, Agent(prompt="p", files=(SOURCE,)), "file_links"),
        (AGENT, Agent(prompt="p", files=(SOURCE,)), None),
        (AGENT, Agent(prompt="p", file_format=FileFormat.WEBM), "file_format"),
        (TRANSLATION, Translation(language="German", source=SOURCE, captions=True), None),
        (OLD_TRANSLATION, Translation(language="German", source=SOURCE, captions=True), "captions"),
        (TEMPLATE, Template(template="t", title="T", captions=True), None),
    ],
)
def test_what_can_be_said_where(offer: str, work: Work, field: str | None) -> None:
    wrong = unsayable(work, offer_named(offer))

    assert (wrong and wrong.field) == field
    if wrong is not None:
        assert wrong.sentence.endswith(".")


def test_a_long_script_is_refused_with_both_counts() -> None:
    scene = Scene.model_construct(**{**_scene().__dict__, "script": "x" * 6_000})
    wrong = unsayable(
        Avatar.model_construct(**{**_avatar().__dict__, "scenes": (scene,)}), offer_named(V3)
    )

    assert wrong is not None
    assert "5,000" in wrong.sentence
    assert "6,000" in wrong.sentence


@pytest.mark.parametrize(
    ("offer", "work", "usd", "is_ceiling"),
    [
        (V3, _avatar(_scene(script=MINUTE)), 4.01, False),
        (V3, _avatar(_scene(script=MINUTE), engine="avatar_iii"), 2.60, False),
        (V3, _avatar(_scene(script=MINUTE, avatar=None, photo=PHOTO)), 3.00, False),
        (V3, _avatar(_scene(script=MINUTE), _voiced(speed=1.5)), 4.07, False),
        (V3, _avatar(_scene(script=f'{MINUTE} <break time="30s"/>')), 6.01, False),
        (V3, _avatar(_scene(script=None, recording=FILM)), 40.02, True),
        (V3, _avatar(_scene(script=None, recording=FILM), duration_s=30), 2.01, False),
        (V2, _avatar(_scene(script=MINUTE), test=True), 0.00, False),
        (V3, _avatar(_scene(script=None, recording=FILM), engine="avatar_iii"), 25.98, True),
        (V3, _avatar(_scene(script=None, recording=FILM), _scene(script=MINUTE)), 44.03, True),
        (V3, _avatar(*(_scene(script=None, recording=FILM),) * 4), 120.06, True),
        (AGENT, Agent(prompt="p", duration_s=30), 3.00, True),
        (TRANSLATION, Translation(language="German", source=SOURCE, source_s=60), 2.00, False),
        (
            TRANSLATION,
            Translation(language="German", source=SOURCE, source_s=60, mode="precision"),
            4.01,
            False,
        ),
        (
            TRANSLATION,
            Translation(language="German", source=SOURCE, source_s=60, sound_only=True),
            1.01,
            False,
        ),
        (TRANSLATION, Translation(language="German", source=SOURCE), 59.94, True),
        (
            TRANSLATION,
            Translation(language="German", source=SOURCE, mode="precision"),
            120.06,
            True,
        ),
        (TRANSLATION, Translation(language="German", source=SOURCE, source_s=900.2), 30.01, False),
        (TEMPLATE, Template(template="t", variables={"a": Filling(type="text")}), 20.01, True),
        ("cinematic_avatar@heygen", Clip(prompt="p", duration_s=4), 7.00, False),
        (
            "cinematic_avatar@heygen",
            Clip(prompt="p", duration_s=15, resolution=Resolution.P1080),
            7.00,
            False,
        ),
    ],
)
def test_what_it_costs(offer: str, work: Work, usd: float, is_ceiling: bool) -> None:
    price = estimate(offer_named(offer), work)

    assert price.micro_usd == round(usd * 1_000_000)
    assert price.is_ceiling is is_ceiling


def test_one_version_is_on_at_a_time() -> None:
    """Whichever is off, each kind of work has a road left; a road that is gone takes its own."""
    spoken = [offer for offer in CATALOG if offer.gateway is GatewayName.HEYGEN]
    for off in (ONLY_V2, ONLY_V3):
        kinds = {offer.kind for offer in spoken if offer.road not in off}
        assert kinds >= {Kind.AGENT, Kind.TRANSLATION, Kind.TEMPLATE, Kind.AVATAR}
        on = [offer for offer in spoken if offer.road not in off and offer.kind is not Kind.CLIP]
        assert {bool(offer.edition) for offer in on} == {off is ONLY_V3}
    assert not ONLY_V2 & ONLY_V3
    assert all(offer.dedupe is Dedupe.NONE for offer in spoken if offer.road in ONLY_V2)
    assert set(on_the_road_of(V3)) == {V3, "cinematic_avatar@heygen"}
    assert {offer.name for offer in spoken if offer.road == VIDEOS_ROAD} == set(on_the_road_of(V3))


def test_names_tell_editions_apart() -> None:
    names = [offer.name for offer in CATALOG]

    assert len(set(names)) == len(names)
    assert {offer_named(name).model.name for name in (V3, V2, WEBM)} == {"heygen_avatar"}
