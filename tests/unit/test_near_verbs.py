"""What is hardly a prompt is asked about before it is paid for, and can be rendered even so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.command import Start, parse, verb_of
from domain.errors import MaybeMeant, NotOfferedYet
from domain.plain import escaped

ASKED = [
    ("help nosuch", "/video help"),
    ("help me", "/video help"),
    ("help with avatars", "/video help"),
    ("avatar", "/video avatar new"),
    ("voice", "/video voice new"),
    ("avatars", "/video help avatar"),
    ("translation", "/video help translation"),
    ("template", "/video help template"),
    ("pause now please", "/video pause"),
    ("pause everything right now please", "/video pause"),
    ("resume all", "/video resume"),
    ("cancel everything", "/video cancel"),
    ("cancel my video", "/video cancel"),
    ("stop it now", "/video cancel"),
    ("Stop all renders!", "/video cancel"),
    ("cancle V-2", "/video cancel V-2"),
    ("statuss", "/video status"),
    ("Statuss please", "/video status"),
    ("status of renders", "/video status"),
    ("models veo", "/video models"),
    ("show my takes", "/video show V-142"),
    ("usage today", "/video usage"),
    ("defaults veo", "/video defaults"),
    ("!!!", "/video help"),
    ("…", "/video help"),
    ("a", "/video help"),
    ("7", "/video help"),
    ("a --seed 4", "/video help"),
    ("!!! --model veo_3_1", "/video help"),
]


@pytest.mark.parametrize(("line", "suggestion"), ASKED)
def test_a_slip_is_asked_about(line: str, suggestion: str) -> None:
    with pytest.raises(MaybeMeant) as asked:
        parse(line)
    assert asked.value.suggestion == suggestion
    assert not isinstance(parse(suggestion), Start)


@pytest.mark.parametrize("line", [line for line, _ in ASKED])
def test_it_can_be_rendered_all_the_same(line: str) -> None:
    with pytest.raises(MaybeMeant) as asked:
        parse(line)
    assert asked.value.otherwise is not None
    command = parse(escaped(asked.value.otherwise))
    assert isinstance(command, Start)
    assert command.understood.prompt == asked.value.prompt
    assert command.understood.kind == "clip"


@pytest.mark.parametrize(
    "prompt",
    [
        "help a cat out of a tree",
        "help wanted sign swinging",
        "pause on a coffee cup, then zoom out",
        "cancel culture explained",
        "cancel the apocalypse",
        "show me a fox",
        "stop motion of a clay dog",
        "status report from the office",
        "avatar of a blue forest spirit",
        "templates of old churches",
        "find a needle in hay",
        "compare apples with pears",
        "fox",
        "狐",
        "🦊",
        '"help nosuch"',
    ],
)
def test_a_prompt_stays_one(prompt: str) -> None:
    command = parse(prompt)
    assert isinstance(command, Start)
    assert command.understood.prompt == prompt


@pytest.mark.parametrize("line", ["history", "settings please", "compare V-1 V-2", "find my takes"])
def test_a_verb_of_tomorrow_is_refused_however_it_is_said(line: str) -> None:
    with pytest.raises(NotOfferedYet):
        parse(line)


@pytest.mark.parametrize(
    "line", ["help nosuch --seed 4", "status --seed 4", "pause now --no-sound"]
)
def test_any_option_says_that_a_video_is_meant(line: str) -> None:
    assert isinstance(parse(line), Start)


def test_what_an_avatar_says_may_be_short() -> None:
    assert isinstance(parse('--avatar Anna --script "Hi"'), Start)
    assert isinstance(parse("help --avatar Anna"), Start)


def test_a_mention_in_a_thread_is_no_slip() -> None:
    assert verb_of("pause now please") is None


@given(st.text(alphabet="!?.,;:()[]{}'*_~-–—…/\\|@#$%^&+= ", min_size=1, max_size=12))
def test_punctuation_alone_never_starts(line: str) -> None:
    try:
        command = parse(escaped(line))
    except MaybeMeant:
        return
    assert not isinstance(command, Start)
