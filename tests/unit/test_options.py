"""The option schema is whole, and values are read as people type them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from domain import values
from domain.catalog import CATALOG, MODEL_NAMES
from domain.command import explain
from domain.option import Option, Takes
from domain.options import OPTIONS, flag_key, flag_named, flag_near, option_named
from domain.request import Clip
from domain.shape import AspectRatio, Resolution
from domain.spoken import Kind
from domain.values import BadValue, Pair


def test_every_field_of_a_clip_but_its_prompt_can_be_said() -> None:
    said = {option.name for option in OPTIONS if Kind.CLIP in option.kinds}
    # Further pictures are attached: a command has no files. `--avatar` names one of the avatars.
    assert said - {"avatar"} == set(Clip.model_fields) - {"prompt", "references", "avatars"}


def test_no_two_options_share_a_flag() -> None:
    flags = [flag_key(flag) for option in OPTIONS for flag in (*option.flags, *option.off_flags)]
    assert len(flags) == len(set(flags))


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_examples_and_choices_are_values_that_can_be(option: Option) -> None:
    for example in (*option.choices, *filter(None, [option.example])):
        assert str(option.read(example)) == example


def test_flags_are_known_in_any_spelling() -> None:
    for typed in ("Aspect_Ratio", "ASPECT-RATIO", "aspectratio", "ar", "ratio"):
        flag = flag_named(typed)
        assert flag is not None
        assert flag.option is option_named("aspect_ratio")
    assert flag_named("colour") is None
    assert flag_named("style", in_a_clip=True) is None
    near = flag_near("modle")
    assert near is not None
    assert near.option is option_named("model")


def test_only_switches_can_be_turned_off_by_a_flag() -> None:
    assert all(option.takes is Takes.SWITCH for option in OPTIONS if option.off_flags)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_model_is_found_by_name_and_title_however_they_are_typed(name: str) -> None:
    title = next(offer.model.title for offer in CATALOG if offer.model.name == name)
    for typed in (name, name.upper(), name.replace("_", " "), name.replace("_", "-"), title):
        assert values.read_model(typed) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("veo 3.1", "veo_3_1"),
        ("Veo-3.1-fast", "veo_3_1_fast"),
        ("seedance 2.0", "seedance_2_0"),
        ("Seedance 2 fast", "seedance_2_0_fast"),
        ("sora 2", "sora_v2"),
        ("gen-4", "runway_gen4"),
        ("LTX distilled", "ltx_distilled"),
    ],
)
def test_models_as_people_say_them(typed: str, name: str) -> None:
    assert values.read_model(typed) == name


def test_a_model_in_front_of_words_in_another_alphabet_is_not_the_model() -> None:
    with pytest.raises(BadValue):
        values.read_model("veo_3_1 חתול")


def test_a_family_of_models_names_its_members() -> None:
    with pytest.raises(BadValue, match="sora_v2 or sora_v2_pro") as refused:
        values.read_model("sora")
    assert refused.value.nearest == "sora_v2"


@given(st.sampled_from(AspectRatio), st.sampled_from([":", "x", "/", " : ", "×"]))
def test_every_ratio_is_read_with_any_sign_between(ratio: AspectRatio, sign: str) -> None:
    assert values.read_aspect_ratio(ratio.value.replace(":", sign)) == ratio.value


@given(st.sampled_from(Resolution))
def test_every_resolution_is_read(resolution: Resolution) -> None:
    assert values.read_resolution(resolution.value.upper()) == resolution.value


@given(st.integers(1, values.DURATION_MAX_S), st.sampled_from(["", "s", " s", "sec", " seconds"]))
def test_every_length_is_read_with_any_unit(seconds: int, unit: str) -> None:
    assert values.read_duration_s(f"{seconds}{unit}") == seconds


@given(st.integers(values.DURATION_MAX_S + 1, 10**6))
def test_a_length_that_cannot_be_is_refused_not_clamped(seconds: int) -> None:
    with pytest.raises(BadValue) as refused:
        values.read_duration_s(str(seconds))
    assert refused.value.nearest == values.DURATION_MAX_S


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("motion=0.5", 0.5),
        ("loop=true", True),
        ("steps=30", 30),
        ("style=anime", "anime"),
        ('steps="30"', "30"),
        ("x=NaN", "NaN"),
        ("x=1e999", "1e999"),
        ("x=[1]", "[1]"),
        ("x=null", None),
    ],
)
def test_config_values_are_json_scalars_or_text(typed: str, value: JsonValue) -> None:
    assert values.read_pair(typed) == Pair(typed.partition("=")[0], value)


@pytest.mark.parametrize("url", ["http://example.com/a.png", "ftp://a.b/c", "a.png", "https://x"])
def test_only_public_https_links_are_images(url: str) -> None:
    with pytest.raises(BadValue):
        values.read_image_url(url)


@given(st.sampled_from(OPTIONS), st.text(max_size=60))
def test_a_reader_gives_a_value_or_says_why_not(option: Option, typed: str) -> None:
    with contextlib.suppress(BadValue):
        assert option.read(typed) is not None


@pytest.mark.parametrize(
    ("line", "says", "suggestion"),
    [
        ("a fox --text Hello", "No model lays text over a clip", "/video a fox"),
        ("a fox --overlay Big sale --aspect 9:16", "`--kind agent --on-screen", None),
        ("--source V-1 --language German --overlay Sale", "but captions: `--captions`", None),
        ("--template Launch --var a=b --text Sale", "in its variables", None),
        (
            "--avatar Anna --text Hello",
            "What an avatar says is its `--script`",
            '/video --avatar Anna --script "Hello"',
        ),
    ],
)
def test_text_over_a_video_is_refused_with_what_there_is_instead(
    line: str, says: str, suggestion: str | None
) -> None:
    read = explain(line)
    assert says in (read.error or "")
    assert suggestion is None or read.suggestion == suggestion


@pytest.mark.parametrize("flag", ["text", "overlay", "text-overlay", "on-screen"])
def test_an_agent_is_told_what_stands_in_the_picture(flag: str) -> None:
    read = explain(f'--kind agent our summer sale --{flag} "50 % off"')
    assert (read.error, read.options["on_screen"]) == (None, "50 % off")


def test_text_stays_a_word_in_a_prompt() -> None:
    for line in ("neon text overlay on a wall", "a sign — text says hi", "a fox -text"):
        assert explain(line).prompt == line
