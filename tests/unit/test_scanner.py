"""The scanner finds options wherever they are typed and leaves every other word alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.option import Takes
from domain.options import OPTIONS, Said, option_named
from domain.plain import escaped, plain, without_hidden, without_mention
from domain.scanner import corrected, scan
from domain.values import Pair, Value
from domain.written import COMMAND, latest, written_option, written_options
from tests.grammar import BAR, judged_lines, part, share

PIECES = st.one_of(
    st.sampled_from(
        ["--model", "—model", "–aspect", "-m", "-d", "veo 3.1", "veo3", "fast", "9:16", "vertical"]
    ),
    st.sampled_from(
        ["--sound", "on", "off", "no", "--seed", "7", "=", ":", '"', "“", "”", "'", "`", "--", "—"]
    ),
    st.sampled_from(
        ["-5", "a fox", "—voice", "cracking—", "<https://a.b/c|x>", "<@U1|ana>", "&amp;", "help"]
    ),
    st.sampled_from(
        ["--config", "a=b", 'a="b c"', "--script", "--nope", "8 sec", ",", "--image", "--modle"]
    ),
    st.sampled_from(["https://a.b/c.", "--no-sound", "\u202e", "e\u0301"]),
)
HOSTILE = st.lists(PIECES | st.text(max_size=6), max_size=14).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces), "\n".join(pieces)])
)
WORDS = st.lists(
    st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8).map(
        lambda word: unicodedata.normalize("NFC", without_hidden(word))
    ),
    min_size=1,
    max_size=8,
).filter(all)
FLAGS: st.SearchStrategy[tuple[str, str, Value]] = st.sampled_from(
    [
        ("--seed 7", "seed", 7),
        ("—seed=7", "seed", 7),
        ("–aspect 9:16", "aspect_ratio", "9:16"),
        ("--ar:9x16", "aspect_ratio", "9:16"),
        ("—model=“veo 3.1”", "model", "veo_3_1"),
        ("--model 'kling pro'", "model", "kling_pro"),
        ("--no-sound", "sound", False),
        ("--res 1080p,", "resolution", "1080p"),
        (
            "--image <https://example.com/a.png|a.png>",
            "reference_image",
            "https://example.com/a.png",
        ),
        ('--config a="b c"', "config", Pair("a", "b c")),
        ("-m veo_2", "model", "veo2"),
    ]
)


@settings(max_examples=600, deadline=None)
@given(HOSTILE)
def test_scanning_never_raises_and_its_correction_scans_to_itself(text: str) -> None:
    scanned = scan(text)
    command = corrected(scanned.prompt, scanned.meant)
    if command is None:
        assert set(scanned.prompt) & set("-–—\"“”„«»`'‘’") or any(
            said.option.takes in (Takes.WORDS, Takes.NAME, Takes.PAIR) for said in scanned.meant
        )
        return
    again = scan(escaped(command.removeprefix(COMMAND)))
    assert again.prompt == scanned.prompt
    assert set(latest(again.said)) == set(latest(scanned.meant))
    assert not again.problems


@settings(max_examples=400, deadline=None)
@given(WORDS, FLAGS, st.integers(0, 8))
def test_a_flag_anywhere_gives_its_value_and_leaves_the_words_alone(
    words: list[str], flag: tuple[str, str, Value], place: int
) -> None:
    typed, name, value = flag
    scanned = scan(" ".join([*words[:place], typed, *words[place:]]))
    assert scanned.prompt.split() == words
    assert scanned.said == (Said(option_named(name), value),)
    assert not scanned.problems


@settings(deadline=None)
@given(st.text(max_size=200))
def test_a_prompt_is_composed_and_has_nothing_hidden(text: str) -> None:
    prompt = scan(text).prompt
    assert unicodedata.is_normalized("NFC", prompt)
    assert not any(
        unicodedata.category(char) in ("Cc", "Cs") for char in prompt if char not in "\n\t"
    )
    assert not set(prompt) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200f\ufeff")


@pytest.mark.parametrize(
    "prose",
    [
        "a thermometer at -5 °C",
        "a fox -- no, a wolf -- in snow",
        "a fox — no, a wolf — in snow",
        "the singer —voice cracking— cries",
        "a dog —sound asleep— on a couch",
        "- image of a fox\n- sound of wind",
        "a terminal showing `git commit --model x`",
        'a sign that reads "--seed 5 off"',
        "a sign that reads “--sound off”",
        "wait--what? a double take",
        "a dog's birthday — it's a 6\" cake",
        "a fox\n\n  in snow,\tat night",
    ],
)
def test_prose_stays_as_it_was_typed(prose: str) -> None:
    scanned = scan(prose)
    assert scanned.prompt == prose
    assert not scanned.said
    assert not scanned.problems


def test_a_link_is_a_link_for_an_option_and_its_text_in_prose() -> None:
    link = "<https://example.com/a?b=1&amp;c=2|a picture>"
    assert scan(f"look at {link}").prompt == "look at a picture"
    assert scan(f"fox --image {link}").said[0].value == "https://example.com/a?b=1&c=2"


def test_mentions_stay_readable_and_entities_are_decoded_once() -> None:
    line = plain("for <@U1|ana> in <#C1|launch>: 1 &lt; 2 &amp;amp; <!here>")
    assert line.text == "for @ana in #launch: 1 < 2 &amp; @here"
    assert line.mentions == ("U1",)


def test_our_own_mention_is_taken_out() -> None:
    assert without_mention("<@UBOT>: a fox <@U1>", "UBOT") == "a fox <@U1>"
    assert without_mention("a fox <@UBOT|dailies> in snow", "UBOT") == "a fox in snow"


def test_every_option_is_written_as_it_is_read() -> None:
    for option in OPTIONS:
        usual = {"config": "a=b c", "variables": "a=5", "sound": "off"}
        typed = option.example or usual.get(option.name, "on")
        if option.takes is Takes.LINK:
            typed = "https://example.com/a?b=c"
        said = Said(option, option.read(typed))
        kind = Said(option_named("kind"), min(option.kinds).value)
        written = f"{written_option(kind)} {written_option(said)}"
        if option.name != "kind":
            assert scan(written).said == (kind, said)


def test_an_ordinary_word_is_an_option_only_where_somebody_speaks() -> None:
    assert scan("a fox --style noir").prompt == "a fox style noir"
    assert scan("--avatar Anna --style closeUp Hi").said[1].value == "closeUp"


def test_several_of_one_thing_are_all_meant() -> None:
    line = "--language German, Chinese (Mandarin, Simplified) --language French and German"
    said = latest(scan(line).said)
    assert [each.value for each in said] == [
        ("German", "Chinese (Mandarin, Simplified)", "French"),
    ]
    again = scan(written_options(said))
    assert again.said == said


def test_a_misspelt_flag_says_what_was_meant() -> None:
    scanned = scan("a fox --modle veo 3.1")
    assert "Did you mean `--model`?" in scanned.problems[0].sentence
    assert corrected(scanned.prompt, scanned.meant) == "/video a fox --model veo_3_1"


def test_the_corpus_of_lines_is_understood() -> None:
    judged = judged_lines()
    assert len(judged) >= 300
    assert share(part(judged, held_out=False)) >= BAR
    assert share(part(judged, held_out=True)) >= BAR
