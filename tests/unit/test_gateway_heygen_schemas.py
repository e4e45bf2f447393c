"""Whatever HeyGen may be told, its schemas read: our bodies against the sandbox's, drawn at random.

The sandbox knows nothing of ours, so it cannot share our mistakes.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.catalog import offer_named
from domain.gateway import Intent
from domain.shape import AspectRatio, Image, Media, Resolution
from domain.spoken import Avatar, AvatarStyle, Background, Captions, Scene, Voice
from domain.spoken_fitting import unsayable
from gateways.heygen_legacy import OLD_VIDEOS
from gateways.heygen_road import Endpoint
from gateways.heygen_videos import VIDEOS
from sandbox.vendors import heygen_legacy_bodies, heygen_v3_bodies
from sandbox.vendors.heygen_wire import RefusedError, read

AVATAR = "heygen_avatar@heygen"
LINKS = ("https://files.heygen.ai/image/a1/original#asset=a1", "https://a.example/file")
FILE, SOUND = Image(slack_file_id="F1"), Media(slack_file_id="F2")


def _sent(endpoint: Endpoint, work: Avatar) -> Any:
    links = {place: LINKS[number % 2] for number, place in enumerate(work.media)}
    intent = Intent(
        execution_id="exec-1",
        attempt=1,
        key="key-1",
        offer=offer_named(AVATAR),
        work=work,
        links=links,
    )
    return json.loads(endpoint.encode(intent))


_SHAPES: dict[str, Any] = {
    "title": st.none() | st.just("A title"),
    "captions": st.none() | st.sampled_from(Captions),
    "aspect_ratio": st.none() | st.sampled_from([AspectRatio.WIDE, AspectRatio.TALL]),
    "resolution": st.none() | st.sampled_from([Resolution.P720, Resolution.P1080]),
}
_SOURCES = st.sampled_from(
    [{"script": "Hello"}, {"recording": SOUND}, {"silence_s": 3.0}, {"footage": SOUND}]
)
_COLOUR, _PICTURE = Background(colour="#101820"), Background(image=FILE)
_FILM = Background(video=SOUND, play_style="once")


def _scenes(speakers: list[dict[str, Any]], grounds: list[Any], **voice: Any) -> Any:
    """Up to three scenes of what an API may be told of one, most of which it can be."""
    voices = st.builds(Voice, name=st.just("v-1"), locale=st.none() | st.just("en-US"), **voice)
    scenes = st.builds(
        lambda source, speaker, voice, ground: Scene(
            **source, **({} if "footage" in source else speaker), voice=voice, background=ground
        ),
        _SOURCES,
        st.sampled_from(speakers),
        voices,
        st.sampled_from(grounds),
    )
    return st.lists(scenes, min_size=1, max_size=3).map(tuple)


_V3_AVATARS = st.builds(
    Avatar,
    scenes=_scenes(
        [{"avatar": "look-1"}, {"photo": FILE}],
        [None, _COLOUR, _PICTURE],
        speed=st.none() | st.floats(0.5, 1.5),
        pitch=st.none() | st.integers(-50, 50),
        volume=st.none() | st.floats(0, 1),
    ),
    transparent=st.sampled_from([False, False, True]),
    engine=st.sampled_from([None, None, "avatar_iii", "avatar_v"]),
    motion=st.sampled_from([None, None, "waves"]),
    expressiveness=st.sampled_from([None, None, "low"]),
    reference_look=st.sampled_from([None, None, "look-0"]),
    cut_out=st.sampled_from([False, False, True]),
    fit=st.sampled_from([None, None, "cover"]),
    **_SHAPES,
)
_STYLED = [{"avatar": "look-1", "style": style} for style in (None, *AvatarStyle)]
_V2_AVATARS = st.builds(
    Avatar,
    scenes=_scenes(
        [*_STYLED, {"avatar": "talking_photo:p-1"}],
        [None, _COLOUR, _PICTURE, _FILM],
        speed=st.none() | st.floats(0.5, 1.5),
        pitch=st.none() | st.integers(-20, 20),
        emotion=st.none() | st.just("Friendly"),
    ),
    test=st.booleans(),
    **_SHAPES,
)
_WEBM_AVATARS = st.builds(
    Avatar,
    scenes=_scenes(_STYLED, [None], emotion=st.none() | st.just("Friendly")),
    transparent=st.just(True),
    title=st.none() | st.just("A title"),
    test=st.booleans(),
)
_OLD = st.tuples(st.just("v2"), _V2_AVATARS) | st.tuples(st.just("webm"), _WEBM_AVATARS)


@settings(max_examples=150)
@given(_V3_AVATARS)
def test_what_v3_can_be_told_v3_reads(work: Avatar) -> None:
    assume(unsayable(work, offer_named(AVATAR)) is None)
    sent = _sent(VIDEOS, work)
    try:
        heygen_v3_bodies.parsed(sent)
        for number, scene in enumerate(sent.get("scenes", ())):
            heygen_v3_bodies.scene(scene, f"scenes.{number}")
    except RefusedError as refused:
        raise AssertionError(f"{refused.param}: {refused.message} in {sent}") from refused


@settings(max_examples=150)
@given(_OLD)
def test_what_v2_can_be_told_v2_reads(edition_and_work: tuple[str, Avatar]) -> None:
    edition, work = edition_and_work
    assume(unsayable(work, offer_named(f"heygen_avatar.{edition}@heygen")) is None)
    sent = _sent(OLD_VIDEOS, work)
    try:
        read(heygen_legacy_bodies.Generated, sent)
    except RefusedError as refused:
        raise AssertionError(f"{refused.param}: {refused.message} in {sent}") from refused
