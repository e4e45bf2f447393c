"""Names are found as people type them, scripts are read as people write them, and both come back
as a command that can be copied."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cast import resolve_spoken
from domain.casting import Language, Look, TemplateOffer, Variable, VoiceOffer
from domain.castings import Castings, usual_look, usual_voice
from domain.catalog import CATALOG, offer_named
from domain.errors import RequestError
from domain.finding import NotFound, find, folded_name, nearest
from domain.offer import Offer
from domain.pauses import as_written, has_pauses, with_breaks, without_pauses
from domain.rewriting import command_of, line_of
from domain.scanner import scan
from domain.shape import AspectRatio
from domain.spoken import (
    SCENES_MAX,
    Agent,
    Avatar,
    Captions,
    Filling,
    Kind,
    Scene,
    Template,
    Translation,
    Voice,
)
from domain.spoken_fitting import unsayable
from domain.spoken_lines import scenes_of
from domain.understanding import understood, work_of, works_of

LOOKS = (
    Look(id="own", name="The Boss", default_voice_id="v9", is_own=True),
    Look(id="a0", name="Mute Mia", gender="female", orientation="landscape"),
    Look(id="a1", name="Anna Sofa", gender="female", default_voice_id="v1", orientation="portrait"),
    Look(
        id="a2",
        name="Anna Office",
        gender="female",
        default_voice_id="v1",
        orientation="landscape",
        engines=("avatar_iii",),
    ),
    Look(id="a3", name="José", gender="male", default_voice_id="v2", engines=("avatar_iv",)),
)
VOICES = (
    VoiceOffer(id="v1", name="Tom", language="English", gender="male"),
    VoiceOffer(id="v2", name="Tom", language="German", gender="male", locale="de-DE"),
    VoiceOffer(id="v3", name="Eva", language="English", gender="female", supports_pause=True),
    VoiceOffer(id="v4", name="Lena", language="German", gender="female", locale="de-AT"),
)
CASTINGS = Castings(looks=LOOKS, voices=VOICES)


def test_an_account_s_avatar_goes_to_offers_that_can_be_told_of_it() -> None:
    boss = Castings(looks=LOOKS, default_avatar="the boss")
    cast = {
        name: resolve_spoken(Agent(prompt="a launch"), offer_named(name), boss)
        for name in ("heygen_agent@heygen", "heygen_agent@fal")
    }

    assert cast["heygen_agent@heygen"] == Agent(
        prompt="a launch", avatar="own", names={"own": "The Boss"}
    )
    assert cast["heygen_agent@fal"] == Agent(prompt="a launch")
    named = Agent(prompt="a launch", avatar="the boss")
    wrong = unsayable(named, offer_named("heygen_agent@fal"))
    assert wrong is not None
    assert wrong.field == "avatar"


FILM = "https://example.com/a.mp4"
LAUNCH = TemplateOffer(
    id="t1",
    name="Launch",
    variables=(
        Variable(name="headline", type="text", default="Something new"),
        Variable(name="body", type="text", default="{{body}}"),
        Variable(name="closing", type="text"),
        Variable(name="picture", type="image"),
    ),
)


def _launched(**texts: str) -> Template:
    given = {name: Filling(type="text", text=text) for name, text in texts.items()}
    asked = Template(template="launch", variables=given)
    cast = resolve_spoken(asked, _offer(Kind.TEMPLATE), Castings(templates=(LAUNCH,)))
    assert isinstance(cast, Template)
    return cast


def test_a_text_of_a_template_is_never_spoken_as_its_placeholder() -> None:
    with pytest.raises(RequestError, match="also needs: `--var closing=…`"):
        _launched(body="Hello")
    with pytest.raises(RequestError, match="`--var body=… --var closing=…`"):
        _launched()

    cast = _launched(body="Hello", closing="Goodbye")

    said = {name: filling.text for name, filling in cast.variables.items()}
    assert said == {"headline": "Something new", "body": "Hello", "closing": "Goodbye"}


@pytest.mark.parametrize("typed", ["a3", "José", "jose", " JOSE ", "josé."])
def test_an_id_or_a_whole_name_is_found_in_any_spelling(typed: str) -> None:
    assert find(typed, LOOKS, noun="avatar").id == "a3"


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("anna", ["Anna Sofa", "Anna Office"]),
        ("sofa anna", ["Anna Sofa"]),
        ("ana sofa", ["Anna Sofa", "Anna Office"]),
        ("Anan", ["Anna Office", "Anna Sofa"]),
        ("mia mute", ["Mute Mia"]),
        ("zzz", []),
        ("", []),
    ],
)
def test_what_is_only_near_is_asked_about(typed: str, near: list[str]) -> None:
    with pytest.raises(NotFound) as missing:
        find(typed, LOOKS, noun="avatar")
    assert [one.name for one in missing.value.near] == near
    assert all(name in missing.value.sentence for name in near)


def test_several_of_one_name_are_told_apart_by_id() -> None:
    with pytest.raises(NotFound, match=r"2 voices are called Tom\. Say which: `v1` or `v2`\."):
        find("tom", VOICES, noun="voice")


@given(st.text(max_size=30), st.sampled_from(LOOKS))
def test_finding_never_breaks_and_a_name_finds_itself(typed: str, look: Look) -> None:
    assert len(nearest(typed, LOOKS)) <= 5
    assert find(look.name, LOOKS, noun="avatar") is look
    assert folded_name(folded_name(typed)) == folded_name(typed)


def test_nobody_named_is_the_first_who_speaks_and_fits_and_does_not_work_here() -> None:
    wide = _avatar()
    tall = wide.model_copy(update={"aspect_ratio": AspectRatio.TALL})
    assert _name(usual_look(wide, CASTINGS)) == "Anna Office"
    assert _name(usual_look(tall, CASTINGS)) == "Anna Sofa"
    boss = Castings(looks=LOOKS, default_avatar="the boss")
    assert _name(usual_look(wide, boss)) == "The Boss"


def test_a_look_without_a_voice_gets_one_of_its_gender_and_language() -> None:
    mia = find("mute mia", LOOKS, noun="avatar")
    assert usual_voice(mia, None, CASTINGS) == "v3"
    assert usual_voice(mia, "de-DE", CASTINGS) == "v2", "the accent counts before the gender"
    assert usual_voice(mia, "de-CH", CASTINGS) == "v4"
    assert usual_voice(None, "de-DE", CASTINGS) == "v2"


def test_a_scene_without_an_avatar_goes_on_with_the_one_before() -> None:
    said = Avatar(scenes=(Scene(script="one", avatar="josé"), Scene(script="two")))
    cast = _cast(said)
    assert [scene.avatar for scene in cast.scenes] == ["a3", "a3"]
    assert [scene.voice.name for scene in cast.scenes] == ["v2", "v2"]


def test_what_cannot_move_a_look_is_refused_and_what_can_is_chosen() -> None:
    with pytest.raises(RequestError, match="José is not moved by avatar_v: it has avatar_iv"):
        _cast(_avatar(avatar="jose").model_copy(update={"engine": "avatar_v"}))
    assert _cast(_avatar(avatar="anna office")).engine == "avatar_iii"
    assert _cast(_avatar(avatar="jose")).engine is None


def test_a_voice_that_shares_its_name_is_known_by_language() -> None:
    german = Voice(name="tom", locale="de-DE")
    assert _cast(_avatar(avatar="jose", voice=german)).scenes[0].voice.name == "v2"
    assert _cast(_avatar(avatar="jose", voice=Voice(name="tom"))).scenes[0].voice.name == "v1"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Hi [pause] you", 'Hi <break time="1s"/> you'),
        ("Hi [pause 2s] you", 'Hi <break time="2s"/> you'),
        ("Hi[Pause 0.5 s]you", 'Hi <break time="0.5s"/> you'),
        ("Hi (pause 500ms) you", 'Hi <break time="0.5s"/> you'),
        ("Hi [pause of 2 seconds], you", 'Hi <break time="2s"/> , you'),
        ('Hi <break time="1.5s" /> you', 'Hi <break time="1.5s"/> you'),
        ("Hi <break time=“3s”/> you", 'Hi <break time="3s"/> you'),
    ],
)
def test_pauses_are_read_as_people_write_them(written: str, read: str) -> None:
    assert has_pauses(written)
    assert with_breaks(written) == read
    assert with_breaks(read) == read
    assert with_breaks(as_written(read)) == read
    assert not has_pauses(without_pauses(written))


@pytest.mark.parametrize("written", ["We pause here", "[pause the film]", "a [1s] b", "<break>"])
def test_other_brackets_are_words(written: str) -> None:
    assert not has_pauses(written)


@pytest.mark.parametrize(
    ("script", "scenes"),
    [
        ("one\n---\ntwo\n---\nthree", ["one", "two", "three"]),
        ("one\n—\ntwo", ["one", "two"]),
        ("one --- two", ["one", "two"]),
        ("one —- two", ["one", "two"]),
        ("---\none\n---\n", ["one"]),
        ("one — two -- three", ["one — two -- three"]),
        ("a well-known--fact", ["a well-known--fact"]),
    ],
)
def test_dashes_that_stand_alone_part_scenes(script: str, scenes: list[str]) -> None:
    assert list(scenes_of(script)) == scenes


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--avatar Anna " + "x" * 5_001, "has 5,001 characters: at most 5,000 a scene"),
        ("--avatar Anna one\n---\n" + "x" * 5_001, "Scene 2 has 5,001 characters"),
        ("--avatar Anna " + "\n---\n".join("x" * (SCENES_MAX + 1)), "has 51 scenes: at most 50"),
        ("--avatar Anna --script ---\n---", "Say what the avatar says"),
        ("--avatar Anna --style noir Hi", "“noir” is no framing"),
        ("--language German", "Say what is translated"),
        ("--source V-1 --kind translation", "Say the language"),
        ("--language German --source V-1 a fox", "A translation has no prompt"),
        ("a fox --kind template", "A template has no prompt"),
        ("--kind template", "Say which template"),
        ("--kind agent " + "x" * 10_001, "10,001 characters: at most 10,000"),
    ],
)
def test_what_is_missing_or_too_much_is_said(line: str, told: str) -> None:
    error = understood(scan(line)).error
    assert error is not None
    assert told in error


@pytest.mark.parametrize(
    "line",
    [
        '--avatar "Anna Sofa" --voice Tom --speed 0.9 --pitch "-3" --script "Hi"',
        '--avatar Anna --captions burned --background #1565c0 --script "One\n---\nTwo"',
        '--avatar Anna --style closeUp --emotion Friendly --test --title "Launch" --script "Hi"',
        "--avatar Anna --background https://example.com/a.png --transparent --script “Hi”",
        "why tides happen --kind agent --avatar Anna --style Noir --duration 30",
        '--template Launch --title "Big" --captions --var headline=Hello --var n="5"',
        '--source https://example.com/a.mp4 --language "German" --captions --precision',
        "--source https://example.com/a.mp4 --language German --sound-only --speakers 2",
        "--avatar Anna --volume 0.8 --expressiveness high --cut-out --fit contain --script “Hi”",
        "--avatar Anna --volume 0 --script “Hi”",
        "a fox --model cinematic_avatar --avatar Anna",
    ],
)
def test_a_request_comes_back_as_the_command_that_asks_for_it(line: str) -> None:
    work = work_of(understood(scan(line)))
    command = command_of(work)
    assert command is not None
    again = understood(scan(command.removeprefix("/video ")))
    assert work_of(again) == work
    filled = line_of(work)
    assert works_of(filled) == (work,)


def test_every_way_of_delivery_can_be_said() -> None:
    line = "--avatar A --volume 80% --expressiveness LOW --remove-background --fit Cover Hi"
    spoken = _work(line)
    assert (spoken.scenes[0].voice.volume, spoken.expressiveness) == (0.8, "low")
    assert (spoken.cut_out, spoken.fit) == (True, "cover")
    dubbed = work_of(
        understood(scan(f"--language German --source {FILM} --speakers 3 --audio-only"))
    )
    assert isinstance(dubbed, Translation)
    assert (dubbed.sound_only, dubbed.speakers) == (True, 3)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--avatar A --volume 1.5 Hi", "1 is as loud as it was spoken"),
        ("--avatar A --fit stretch Hi", "cover"),
        ("--avatar A --expressiveness wild Hi", "medium"),
        ("--language German --source V-1 --speakers 11", "1 to 10"),
    ],
)
def test_a_way_of_delivery_that_cannot_be_is_told(line: str, told: str) -> None:
    error = understood(scan(line)).error
    assert error is not None
    assert told in error


def test_what_a_line_cannot_say_has_no_command() -> None:
    differing = Avatar(scenes=(Scene(script="a", avatar="x"), Scene(script="b", avatar="y")))
    assert command_of(differing) is None
    assert command_of(Translation(language="German", source_request_id="request_1")) is None


def test_captions_are_in_a_file_or_in_the_picture() -> None:
    assert _work("--avatar A --captions Hi").captions is Captions.FILE
    assert _work("--avatar A --captions burned Hi").captions is Captions.BURNED_IN
    assert _work("--avatar A --no-captions Hi").captions is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("german", "German"),
        ("Chinese", "Chinese (Mandarin, Simplified)"),
        ("japanese (japan)", "Japanese (Japan)"),
    ],
)
def test_a_language_is_found_by_its_beginning_where_there_is_one(typed: str, name: str) -> None:
    names = ("German", "Chinese (Mandarin, Simplified)", "Japanese (Japan)", "Spanish (Spain)")
    languages = tuple(Language(name=each) for each in (*names, "Spanish (Mexico)"))
    castings = Castings(languages=languages, source_s=912.2)
    cast = resolve_spoken(
        Translation(language=typed, source_request_id="r"), _offer(Kind.TRANSLATION), castings
    )
    assert isinstance(cast, Translation)
    assert (cast.language, cast.source_s) == (name, 912.2), "long ones keep their length"
    spanish = Translation(language="spanish", source_request_id="r")
    with pytest.raises(RequestError, match="Did you mean Spanish"):
        resolve_spoken(spanish, _offer(Kind.TRANSLATION), castings)


def _avatar(script: str = "Hello", **said: Any) -> Avatar:
    return Avatar(scenes=(Scene(script=script, **said),))


def _cast(work: Avatar) -> Avatar:
    cast = resolve_spoken(work, _offer(Kind.AVATAR), CASTINGS)
    assert isinstance(cast, Avatar)
    return cast


def _work(line: str) -> Avatar:
    work = work_of(understood(scan(line)))
    assert isinstance(work, Avatar)
    return work


def _offer(kind: Kind) -> Offer:
    return next(offer for offer in CATALOG if offer.kind is kind)


def _name(look: Look | None) -> str | None:
    return look.name if look is not None else None
