"""An option that was left empty, has no value near it, or is said where it has no place."""

from __future__ import annotations

import pytest

from domain.cast import resolve_spoken
from domain.casting import Language, Look, TemplateOffer, Variable, VoiceOffer
from domain.castings import Castings
from domain.catalog import CATALOG
from domain.command import OpenForm, Start, parse
from domain.errors import RequestError
from domain.plain import escaped
from domain.shape import Media
from domain.spoken import Agent, Avatar, Filling, Kind, Template, Translation
from domain.spoken_lines import spoken_problem
from domain.understanding import work_of


def refused(line: str) -> RequestError:
    with pytest.raises(RequestError) as error:
        parse(line)
    return error.value


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ('--script ""', '/video --script "Hello and welcome"'),
        ("--avatar Anna --script “”", '/video --avatar Anna --script "Hello and welcome"'),
        ('--avatar Anna --script "   "', '/video --avatar Anna --script "Hello and welcome"'),
        ("--avatar Anna --script '…'", '/video --avatar Anna --script "Hello and welcome"'),
        ('--avatar Anna ""', '/video --avatar Anna --script "Hello and welcome"'),
        ('--kind avatar "" --captions', None),
        ('a fox --script ""', '/video --script "a fox"'),
        ('--script Hi\n---\n""\n---\nBye', '/video --script "Hi\n---\nBye"'),
    ],
)
def test_an_empty_script_is_refused_with_one_that_is_spoken(
    line: str, suggestion: str | None
) -> None:
    error = refused(line)
    assert "is empty. Say what the avatar says" in error.sentence
    assert suggestion is None or error.suggestion == suggestion
    assert error.suggestion is not None
    assert isinstance(parse(escaped(error.suggestion)), Start)


def test_the_empty_scene_is_named() -> None:
    assert refused('--script Hi\n---\n""').sentence.startswith("Scene 2 of the script is empty.")


def test_the_form_refuses_an_empty_script_too() -> None:
    assert spoken_problem(Kind.AVATAR, '""', {}) is not None
    assert spoken_problem(Kind.AVATAR, "Hi\n---\n…", {}) is not None
    assert spoken_problem(Kind.AVATAR, "你好", {}) is None


def test_a_source_without_a_language_opens_the_form_as_a_language_without_a_source() -> None:
    by_source, by_language = parse("--source V-1"), parse("--language German")
    for command in (by_source, by_language):
        assert isinstance(command, OpenForm)
        assert command.prefill is not None
        assert command.prefill.kind == "translation"
    assert isinstance(by_source, OpenForm)
    assert by_source.prefill is not None
    assert by_source.prefill.options == {"source": "V-1"}


@pytest.mark.parametrize("line", ["--nosuch", "--nosuch V-1", "--take-it slowly"])
def test_no_line_to_try_is_a_clip_of_an_options_name(line: str) -> None:
    assert refused(line).suggestion is None


def test_a_source_without_anything_opens_a_form_or_is_refused() -> None:
    suggestion = refused("--source").suggestion
    assert suggestion is None or not isinstance(parse(suggestion), Start)


def test_an_option_of_another_kind_is_not_said_to_be_none() -> None:
    assert refused("a fox --speed 0.9").sentence.startswith("A clip has no `--speed`.")
    assert refused("a fox --nosuch 1").sentence.startswith("There is no option `--nosuch`.")


def test_a_clip_is_never_silently_spoken_because_it_should_be_transparent() -> None:
    error = refused("a fox --transparent")
    assert "A clip cannot be transparent" in error.sentence
    assert error.suggestion == '/video --transparent --script "a fox"'
    asked = parse(error.suggestion)
    assert isinstance(asked, Start)
    work = work_of(asked.understood)
    assert isinstance(work, Avatar)
    assert (work.transparent, work.scenes[0].script) == (True, "a fox")


@pytest.mark.parametrize(
    "line",
    [
        "--avatar Anna --transparent Hello there",
        "--kind avatar --transparent Hello there",
        "--transparent --script Hello there",
        "--voice Tom --transparent Hello there",
    ],
)
def test_whoever_says_that_somebody_speaks_is_understood(line: str) -> None:
    assert isinstance(parse(line), Start)


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1/x.png",
        "https://127.0.0.1/x.png",
        "https://10.0.0.7:8080/x.png",
        "https://192.168.1.4",
        "http://printer.local/x.png",
    ],
)
def test_a_link_that_nobody_outside_can_open_is_refused_and_not_suggested(link: str) -> None:
    error = refused(f"a fox --image {link}")
    assert "nobody outside can open" in error.sentence
    assert error.suggestion == "/video a fox"


def test_a_public_link_is_taken_and_http_becomes_https() -> None:
    assert isinstance(parse("a fox --image https://93.184.216.34/x.png"), Start)
    error = refused("a fox --image http://example.com/x.png")
    assert error.suggestion == "/video a fox --image https://example.com/x.png"


LISTS = Castings(
    looks=(Look(id="a1", name="Anna", default_voice_id="v1"),),
    voices=(VoiceOffer(id="v1", name="Tom", language="English"),),
    languages=tuple(Language(name=name) for name in ("German", "French", "Spanish")),
    templates=(
        TemplateOffer(
            id="t1",
            name="Launch",
            variables=(Variable(name="headline", type="text", default="New"),),
        ),
    ),
)


def missing(work: Agent | Avatar | Translation | Template) -> RequestError:
    offer = next(each for each in CATALOG if each.kind is work.kind)
    with pytest.raises(RequestError) as error:
        resolve_spoken(work, offer, LISTS)
    return error.value


def test_a_language_that_is_not_listed_is_told_with_those_that_are() -> None:
    film = Media(url="https://example.com/a.mp4")
    told = missing(Translation(language="Klingon", source=film)).sentence
    assert "There are French, German and Spanish." in told
    assert told.endswith("Nothing was started.")


def test_a_long_list_is_told_by_some_of_its_names() -> None:
    many = tuple(Language(name=f"Language {at:02}") for at in range(60))
    film = Translation(language="Klingon", source=Media(url="https://example.com/a.mp4"))
    offer = next(each for each in CATALOG if each.kind is Kind.TRANSLATION)
    with pytest.raises(RequestError) as error:
        resolve_spoken(film, offer, Castings(languages=many))
    assert "There are 60, such as Language 00" in error.value.sentence
    assert error.value.sentence.count("Language ") <= 8


def test_a_voice_that_is_not_listed_is_told_with_what_finds_one() -> None:
    told = missing(Agent(prompt="a launch", voice="nosuchvoice")).sentence
    assert "`/video voices` finds one" in told
    assert "Nothing was started." in told


@pytest.mark.parametrize(
    ("wrong", "suggestion"),
    [
        ("headlin", "/video --template Launch --var headline=Hello"),
        ("nosuch", "/video --template Launch"),
    ],
)
def test_a_variable_that_is_not_there_is_told_with_the_one_that_is(
    wrong: str, suggestion: str
) -> None:
    given = {wrong: Filling(type="text", text="Hello")}
    error = missing(Template(template="Launch", variables=given))
    assert "It has headline. Nothing was started." in error.sentence
    assert error.suggestion == suggestion
