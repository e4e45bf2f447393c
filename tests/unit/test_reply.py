"""A reply starts a take only when it is an instruction beyond doubt: no chatter is ever paid."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import RequestError
from domain.reply import Chatter, Instruction, Reading, Unclear, read_reply
from domain.request import PROMPT_MAX_CHARS, Clip
from domain.shape import AspectRatio
from tests.grammar import BAR, judged_replies, paid_chatter, part, share

PARENT = Clip(prompt="A fox in snow.", model="veo_3_1", aspect_ratio=AspectRatio.WIDE, seed=7)


def read(text: str, *, by: bool = True, image: bool = False, bot: bool = False) -> Reading:
    return read_reply(text, parent=PARENT, by_requester=by, has_image=image, mentions_bot=bot)


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned on", "held out"])
def test_the_corpus_of_replies_is_read_as_labelled(held_out: bool) -> None:
    judged = part(judged_replies(), held_out=held_out)
    assert share(judged) >= BAR
    assert paid_chatter(judged) == []


def test_the_first_24_replies_are_all_read_as_labelled() -> None:
    first = [each for each in judged_replies() if each.row.get("set") == "first24"]
    assert len(first) == 24
    assert len({each.row["lang"] for each in first}) >= 4
    assert [each.row["text"] for each in first if not each.agrees] == []


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    judged = judged_replies()
    assert len(judged) >= 200
    assert len({each.row["lang"] for each in judged}) >= 6
    assert len(part(judged, held_out=True)) * 3 >= len(judged)


def test_words_are_added_and_values_take_their_place() -> None:
    reading = read("slower, at night, 9:16")
    assert isinstance(reading, Instruction)
    assert isinstance(reading.work, Clip)
    assert reading.work.prompt == "A fox in snow; slower, at night"
    assert reading.work.aspect_ratio == "9:16"
    assert isinstance(reading.work, Clip)
    assert (reading.work.model, reading.work.seed) == ("veo_3_1", 7)
    assert reading.changed == ("slower", "at night", "16:9 → 9:16")


def test_flags_override_and_leave_the_prompt_alone() -> None:
    reading = read("—ar 1:1 —model kling pro —no-sound")
    assert isinstance(reading, Instruction)
    assert isinstance(reading.work, Clip)
    assert reading.work.prompt == PARENT.prompt
    assert reading.changed == ("16:9 → 1:1", "veo_3_1 → kling_pro", "sound off")
    assert reading.why == "a flag"


def test_again_is_the_same_prompt_with_a_new_seed() -> None:
    reading = read("again")
    assert isinstance(reading, Instruction)
    assert reading.work == PARENT.model_copy(update={"seed": None})
    assert reading.changed == ("new seed",)


def test_a_picture_alone_starts_a_take_for_anybody() -> None:
    reading = read("", image=True, by=False)
    assert isinstance(reading, Instruction)
    assert (reading.work, reading.changed) == (PARENT, ("new image",))


@pytest.mark.parametrize(
    "text",
    [
        "no hat",
        "ohne Hut",
        "make it slower, no people",
        "add a dog without a collar",
        "replace the fox with a wolf",
        "もっとゆっくり",
        "slower and faster",
        "longer",
    ],
)
@pytest.mark.parametrize("bot", [False, True])
def test_what_added_words_cannot_do_is_shown_and_not_started(text: str, bot: bool) -> None:
    assert isinstance(read(text, bot=bot), Unclear)


def test_a_contradiction_of_the_prompt_is_not_started() -> None:
    parent = Clip(prompt="a fox at night; slower")
    for text in ("at noon", "faster", "schneller", "à l'aube"):
        reading = read_reply(
            text, parent=parent, by_requester=True, has_image=False, mentions_bot=False
        )
        assert isinstance(reading, Unclear), text


@pytest.mark.parametrize(
    ("text", "image", "bot"),
    [
        ("what does --sound do?", False, False),
        ("lol --aspect 1:1", False, False),
        ("<@U1|ben> try --aspect 9:16", False, False),
        ("here is the storyboard", True, False),
        ("the fox is broken", False, True),
        ("cancel", False, True),
    ],
)
def test_a_sign_alone_does_not_make_talk_an_instruction(text: str, image: bool, bot: bool) -> None:
    assert not isinstance(read(text, image=image, bot=bot), Instruction)


@pytest.mark.parametrize("text", ["thanks!", "🎉", ":tada: :+1:", "how much was that?", ""])
def test_talk_is_silence_even_with_a_mention(text: str) -> None:
    assert read(text, bot=True) == Chatter()


def test_an_impossible_value_is_refused_with_what_to_write() -> None:
    with pytest.raises(RequestError, match="nearest is 4:3") as refused:
        read("slower --aspect 5:4")
    assert refused.value.suggestion == "slower --aspect 4:3"
    with pytest.raises(RequestError, match="does not go with a clip"):
        read("slower --voice Anna")


def test_a_merged_prompt_is_never_cut() -> None:
    parent = Clip(prompt="x" * (PROMPT_MAX_CHARS - 3))
    with pytest.raises(RequestError, match="4,005 characters: at most 4,000"):
        read_reply("slower", parent=parent, by_requester=True, has_image=False, mentions_bot=False)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.booleans(), st.booleans(), st.booleans())
def test_reading_is_total_and_keeps_the_parents_words(
    text: str, by: bool, image: bool, bot: bool
) -> None:
    with contextlib.suppress(RequestError):
        reading = read(text, by=by, image=image, bot=bot)
        if not isinstance(reading, Chatter):
            assert isinstance(reading.work, Clip)
            assert reading.work.prompt.startswith("A fox in snow")
            assert reading.changed or reading.work == PARENT
