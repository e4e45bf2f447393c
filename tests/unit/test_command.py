"""A verb counts only alone or with its own arguments; everything else is a video."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.command import (
    CancelShot,
    Help,
    ListModels,
    OpenForm,
    Pause,
    Resume,
    SetDefaults,
    ShowDefaults,
    ShowShot,
    ShowStatus,
    ShowUsage,
    Start,
    Unpark,
    explain,
    parse,
    verb_of,
)
from domain.errors import NotOfferedYet, RequestError
from domain.request import PROMPT_MAX_CHARS, Clip
from domain.scanner import scan
from domain.shape import AspectRatio, Resolution
from domain.spoken import Agent, Avatar, Captions
from domain.understanding import understood, work_of


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("", OpenForm()),
        ("help", Help()),
        ("Help?", Help()),
        ("help models", Help("models")),
        ("help --aspect-ratio", Help("aspect")),
        ("models", ListModels()),
        ("STATUS", ShowStatus()),
        ("usage", ShowUsage()),
        ("show V-142", ShowShot(142)),
        ("show v142 take 2", ShowShot(142, 2)),
        ("show V–142/3", ShowShot(142, 3)),
        ("cancel", CancelShot()),
        ("cancel it", CancelShot()),
        ("stop", CancelShot()),
        ("Cancel V-12.", CancelShot(12)),
        ("pause", Pause()),
        ("resume", Resume()),
        ("unpark", Unpark()),
        ("Unpark all", Unpark("all")),
        ("unpark veo_3_1", Unpark("veo_3_1")),
        ("unpark Veo 3.1", Unpark("veo_3_1")),
        ("defaults", ShowDefaults()),
        (
            "defaults --model veo 3.1 —duration 8s",
            SetDefaults({"model": "veo_3_1", "duration_s": 8}),
        ),
        (
            "defaults reset",
            SetDefaults(dict.fromkeys(("model", "aspect_ratio", "duration_s", "avatar"))),
        ),
        ("defaults --avatar Anna", SetDefaults({"avatar": "Anna"})),
        ("/video status", ShowStatus()),
    ],
)
def test_verbs(line: str, command: object) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    "prompt",
    [
        "status report from the office",
        "cancel culture explained",
        "help me fly over the city",
        "models walking on a runway",
        "show 5 dancing cats",
        "show me a fox",
        "usage of tools in the stone age",
        "pause in the middle of a storm",
        "defaults of a settings page",
        "stop motion of a clay dog",
        "unpark the car in the rain",
        "park",
    ],
)
def test_prompts_that_only_begin_like_a_verb(prompt: str) -> None:
    command = parse(prompt)
    assert isinstance(command, Start)
    assert command.understood.prompt == prompt


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("hepl", "/video help"),
        ("statsu", "/video status"),
        ("show", "/video show V-142"),
        ("a fox --model veo9", "/video a fox --model veo_3_1"),
        ("a fox --aspect 5:4 --seed 3", "/video a fox --aspect 4:3 --seed 3"),
        ("a fox --duration 500", "/video a fox --duration 300"),
        ("a fox --style noir", "/video a fox style noir"),
        ("defaults --seed 4 --aspect 1:1", "/video defaults --aspect 1:1"),
        ("defaults --aspect 5:4", "/video defaults --aspect 4:3"),
    ],
)
def test_what_cannot_be_is_refused_with_a_command_that_can(line: str, suggestion: str) -> None:
    with pytest.raises(RequestError) as refused:
        parse(line)
    assert refused.value.suggestion == suggestion
    if suggestion != "/video show V-142":
        parse(suggestion)


def test_a_mention_in_a_thread_may_be_a_verb() -> None:
    assert verb_of("cancel") == CancelShot()
    assert verb_of("slower, at night") is None
    assert verb_of(" ") is None


def test_a_verb_of_tomorrow_is_not_rendered_today() -> None:
    with pytest.raises(NotOfferedYet):
        parse("history")


def test_options_without_words_open_the_form_filled_in() -> None:
    command = parse("--model veo_3_1 --aspect 9:16")
    assert isinstance(command, OpenForm)
    assert command.prefill is not None
    assert command.prefill.options == {"model": "veo_3_1", "aspect_ratio": "9:16"}


def test_a_prompt_that_is_too_long_is_refused_with_both_counts_and_never_cut() -> None:
    with pytest.raises(RequestError, match="4,001 characters: at most 4,000") as refused:
        parse("x" * (PROMPT_MAX_CHARS + 1))
    assert refused.value.suggestion is None
    assert isinstance(parse("x" * PROMPT_MAX_CHARS), Start)


def test_the_work_of_a_line_is_what_was_said_and_nothing_else() -> None:
    line = (
        "a fox --model veo_3_1 --aspect 9:16 --duration 8 --seed 7 --no-sound --res 1080"
        " --config a=1 --image https://example.com/a/fox.png"
        " --tail-image https://acme.slack.com/files/U1/F0AB/end.png"
    )
    clip = work_of(understood(scan(line)))
    assert isinstance(clip, Clip)
    pictures = {"reference_image", "tail_image"}
    assert clip.model_dump(exclude={*pictures, "kind"}, exclude_defaults=True) == {
        "prompt": "a fox",
        "model": "veo_3_1",
        "aspect_ratio": AspectRatio.TALL,
        "duration_s": 8,
        "seed": 7,
        "resolution": Resolution.P1080,
        "sound": False,
        "config": {"a": 1},
    }
    assert clip.reference_image is not None
    assert (clip.reference_image.url, clip.reference_image.name) == (
        "https://example.com/a/fox.png",
        "fox.png",
    )
    assert clip.tail_image is not None
    assert clip.tail_image.slack_file_id == "F0AB"
    assert work_of(understood(scan("a fox"))) == Clip(prompt="a fox")


def test_other_kinds_become_their_own_work() -> None:
    avatar = work_of(understood(scan("--avatar Anna --captions Hello there")))
    assert isinstance(avatar, Avatar)
    assert (avatar.scenes[0].script, avatar.scenes[0].avatar) == ("Hello there", "Anna")
    assert avatar.captions is Captions.FILE
    agent = work_of(understood(scan("--kind agent --duration 30 why tides happen")))
    assert agent == Agent(prompt="why tides happen", duration_s=30)


def test_explain_is_the_json_of_the_command_line() -> None:
    assert explain("a fox —model veo_3_1 –seed 4").model_dump(mode="json") == {
        "kind": "clip",
        "prompt": "a fox",
        "options": {"model": "veo_3_1", "seed": 4},
        "error": None,
        "suggestion": None,
    }


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["help", "show", "V-1", "cancel", "defaults", "reset", "--model", "veo3", "—ar", "9:16"]
        )
        | st.text(max_size=8),
        max_size=8,
    ).map(" ".join)
)
def test_every_line_is_a_command_or_is_refused_with_a_sentence(line: str) -> None:
    explained = explain(line)
    if explained.error is not None and explained.prompt:
        with pytest.raises(RequestError):
            parse(line)
    elif isinstance(command := parse(line) if explained.error is None else None, Start):
        work_of(command.understood)
