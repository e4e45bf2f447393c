"""What a spoken second costs, by who is seen, the engine and the size; and why a price is only a
ceiling. Rates: developers.heygen.com/docs/pricing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.cast import resolve_spoken
from domain.casting import Look, TemplateOffer, Variable, VoiceOffer
from domain.castings import Castings, by_description, by_name_first
from domain.catalog import CATALOG, offer_named
from domain.gateway import Finished
from domain.offer import Offer, estimate
from domain.pacing import template_s
from domain.preferences import Preferences
from domain.pricing import settled, why_up_to
from domain.request import Work
from domain.selector import select
from domain.shape import Media, Resolution
from domain.spoken import Agent, Avatar, Filling, Scene, Template, Translation, Voice
from domain.standing import Standing
from gateways.classify import Answer
from gateways.heygen_lists import LookRow, OldAvatars, WholeTemplate
from gateways.heygen_progress import decode_progress
from gateways.lenient import read_json
from handlers.views.take_words import model_at, work_settings

AVATAR, TEMPLATE = offer_named("heygen_avatar@heygen"), offer_named("heygen_template@heygen")
TRANSLATION = offer_named("heygen_translation@heygen")
TEN_SECONDS = " ".join(["word"] * 25)
PHOTO, TWIN = Look(id="p", name="Mia", is_photo=True), Look(id="t", name="Anna", is_photo=False)
UNTOLD = Look(id="u", name="Nobody")
SCRIPTS = ("Hello {{ audience }}, this is about {{headline}}.", "Thank you for watching.")


def _avatar(*looks: str, **said: Any) -> Avatar:
    scenes = (Scene(avatar=look, script=TEN_SECONDS, voice=Voice(name="v")) for look in looks)
    return Avatar(scenes=tuple(scenes), **said)


@pytest.mark.parametrize(
    ("work", "cents"),
    [
        (_avatar("t"), 67),
        (_avatar("p"), 50),
        (_avatar("u"), 67),
        (_avatar("p", engine="avatar_iv"), 50),
        (_avatar("t", engine="avatar_v"), 67),
        (_avatar("t", resolution=Resolution.UHD), 84),
        (_avatar("p", resolution=Resolution.UHD), 67),
        (_avatar("t", engine="avatar_iii"), 17),
        (_avatar("p", engine="avatar_iii"), 44),
        (_avatar("u", engine="avatar_iii"), 44),
        (_avatar("t", engine="avatar_iii", resolution=Resolution.UHD), 20),
        (_avatar("p", "p"), 134),
        (_avatar("p", "t"), 134),
    ],
)
def test_a_second_costs_by_who_is_seen_and_how(work: Avatar, cents: int) -> None:
    cast = resolve_spoken(work, AVATAR, Castings(looks=(PHOTO, TWIN, UNTOLD)))

    assert estimate(AVATAR, cast).micro_usd == cents * 10_000


def test_the_lists_say_who_is_a_photo() -> None:
    said = {"id": "a", "avatar_type": "photo_avatar"}
    photo, twin, untold = (
        LookRow.model_validate({**said, "avatar_type": kind}).look(is_own=False)
        for kind in ("photo_avatar", "digital_twin", None)
    )
    assert photo is not None
    assert twin is not None
    assert untold is not None
    assert (photo.is_photo, twin.is_photo, untold.is_photo) == (True, False, None)
    body = b'{"data": {"talking_photos": [{"talking_photo_id": "x"}], "avatars": []}}'
    old = read_json(OldAvatars, body)
    assert old is not None
    assert [look.is_photo for look in old.looks()] == [True]


def test_a_template_is_priced_by_what_it_says() -> None:
    texts = tuple(Variable(name=name, type="text") for name in ("audience", "headline"))
    known = TemplateOffer(id="t1", name="Launch", variables=texts, scripts=SCRIPTS)
    asked = Template(template="Launch", variables=_texts(audience="all", headline="the bottle"))

    cast = resolve_spoken(asked, TEMPLATE, Castings(templates=(known,)))

    price = estimate(TEMPLATE, cast)
    assert not price.is_ceiling
    assert price.micro_usd == 300_000  # 7 words, then 4, at 2.5 words and $0.0667 a second


@pytest.mark.parametrize(
    ("scripts", "more"),
    [
        ((), {}),
        (SCRIPTS, {"music": Filling(type="audio", media=Media(url="https://a.b/c.mp3"))}),
    ],
)
def test_a_template_whose_length_nobody_tells_says_so(
    scripts: tuple[str, ...], more: dict[str, Filling]
) -> None:
    work = Template(template="t", spoken_s=template_s(scripts, _texts(headline="x") | more))

    assert work.spoken_s is None
    assert estimate(TEMPLATE, work).is_ceiling
    assert why_up_to(TEMPLATE.price, work) == (
        "its length is not known before; about $4.00 a minute, at most 5 minutes"
    )


def test_a_template_s_scenes_are_read_where_each_says_something() -> None:
    told = b'{"data": {"variables": {}, "scenes": [{"script": "Hello"}, {"script": "You"}]}}'
    silent = b'{"data": {"variables": {}, "scenes": [{"script": "Hello"}, {"script": null}]}}'
    read = [read_json(WholeTemplate, body) for body in (told, silent, b'{"data": {}}')]
    assert [one.scripts() if one else None for one in read] == [("Hello", "You"), (), ()]


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (
            Template(template="t"),
            "HeyGen makes template videos, up to $20.01: its length is not known before; about"
            " $4.00 a minute, at most 5 minutes.",
        ),
        (
            Translation(language="German", source=Media(url="https://a.b/c.mp4")),
            "HeyGen makes translations, up to $59.94: its length is not known before; about $2.00"
            " a minute, at most 30 minutes.",
        ),
        (_avatar("t"), "HeyGen makes avatar videos, about $0.67."),
        (Agent(prompt="an idea", duration_s=20), "HeyGen makes agent videos, up to $2.00."),
    ],
)
def test_the_sentence_says_why_a_price_is_so_high(work: Work, sentence: str) -> None:
    standing = Standing(gateways=frozenset({AVATAR.gateway}), roads_off=_old_roads())

    assert select(work, standing, Preferences()).sentence == sentence


def test_what_the_vendor_says_of_the_length_is_kept() -> None:
    body = b'{"data": {"status": "completed", "video_url": "https://a.b/v.mp4", "duration": 6.0}}'
    finished = decode_progress(Answer(200, httpx.Headers(), body, 0.0))
    assert isinstance(finished, Finished)
    assert finished.length_s == 6.0


@pytest.mark.parametrize(
    ("told_s", "usd"), [(6.0, 0.20), (None, 0.21), (0.0, 0.21), (6_000.0, 0.21)]
)
def test_what_was_spoken_is_booked_by_what_its_vendor_says(
    told_s: float | None, usd: float
) -> None:
    """A file's sound runs on for a moment; milliseconds told as seconds are not believed."""
    work = Translation(language="German", source=Media(url="https://a.b/c.mp4"))

    booked = settled(TRANSLATION.price, work, shown_s=6.037, told_s=told_s)

    assert booked == round(usd * 1_000_000)


def test_who_makes_it_and_who_speaks_are_named_once() -> None:
    assert model_at("Veo 3.1", "fal") == "Veo 3.1 at fal"
    assert model_at("HeyGen Avatar", "HeyGen") == "HeyGen Avatar"
    assert model_at("HeyGen Video Agent", "Runware") == "HeyGen Video Agent at Runware"
    names = {"t": "Anna", "paul": "Paul - Natural", "anna": "anna - warm"}
    for voice, told in (("paul", "Anna · voice Paul - Natural"), ("anna", "Anna"), ("x", "Anna")):
        scene = Scene(avatar="t", script="Hello", voice=Voice(name=voice))
        line = work_settings(Avatar(scenes=(scene,), names=names), "HeyGen Avatar")
        assert line == f"HeyGen Avatar · {told}"


def test_a_voice_that_is_called_so_comes_first_and_ones_own_before_others() -> None:
    warm = VoiceOffer(id="1", name="Oscar - Mia", language="English")
    other = VoiceOffer(id="2", name="Mia", language="Italian")
    own = VoiceOffer(id="3", name="Mia", language="English", is_own=True)
    said = (warm, other, own)
    assert [voice.id for voice in by_name_first("mia", said)] == ["3", "2", "1"]
    assert by_name_first("english", said) == list(said), "no name: as the vendor ranks them"
    assert [voice.id for voice in by_description("english", said)] == ["3", "1", "2"]


def _texts(**texts: str) -> dict[str, Filling]:
    return {name: Filling(type="text", text=text) for name, text in texts.items()}


def _old_roads() -> frozenset[str]:
    return frozenset(offer.road for offer in _heygen() if offer.edition)


def _heygen() -> list[Offer]:
    return [offer for offer in CATALOG if offer.gateway is AVATAR.gateway]
