"""Voices are asked about by a verb, and a spoken sentence is paid for once."""

from __future__ import annotations

from typing import Any

import pytest

from domain.cast_verbs import FindVoices, MakeLikeness
from domain.casting import VoiceOffer
from domain.castings import by_description
from domain.command import Command, parse
from domain.likeness import LikenessKind
from domain.voice_question import (
    QuestionState,
    VoiceQuestion,
    answered,
    speaking,
    speech_micro_usd,
)
from handlers.views import voices
from tests.factories import NOW

NARRATOR = VoiceOffer(id="v1", name="Oscar", language="English", locale="en-GB", gender="male")
SINGER = VoiceOffer(id="v2", name="Lea <Deep>", language="German", preview_url="https://a.b/v.mp3")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("voices", FindVoices()),
        ("voices warm british narrator", FindVoices("warm british narrator")),
        ('voices warm --say "Good morning"', FindVoices("warm", "Good morning")),
        ("voices —say Good morning", FindVoices("", "Good morning")),
        ("Voices German —say “Guten Tag”", FindVoices("German", "Guten Tag")),
        ("avatar new", MakeLikeness(LikenessKind.FACE)),
        ("voice new Anna Lee", MakeLikeness(LikenessKind.VOICE, "Anna Lee")),
    ],
)
def test_the_verbs(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    "line", ["avatar new york at night", "voices-over of a fox", "a voice in a hall"]
)
def test_what_is_a_prompt(line: str) -> None:
    assert not isinstance(parse(line), FindVoices | MakeLikeness)


def question(**said: Any) -> VoiceQuestion:
    usual: dict[str, Any] = {
        "id": "question_1",
        "team_id": "T1",
        "channel": "C1",
        "requester": "U1",
        "say": "Good morning",
        "voice_id": "v1",
        "due_at": NOW,
    }
    return VoiceQuestion(**usual | said)


def test_a_sentence_reserves_what_it_may_cost_and_is_billed_what_it_did() -> None:
    """$0.000667 a second, in whole cents: a cent up to fifteen seconds."""
    sent = speaking(question(), key="k", month="2027-01", now=NOW)
    assert (sent.state, sent.reserved_micro_usd) == (QuestionState.SPEAKING, 10_000)
    long = " ".join(["word"] * 100)
    assert speech_micro_usd(long) == 60_000

    over = answered(sent, spoke_s=16.0)
    assert (over.reserved_micro_usd, over.billed_micro_usd, over.due_at) == (0, 20_000, None)
    refused = answered(sent)
    assert (refused.reserved_micro_usd, refused.billed_micro_usd) == (0, None)
    lost = answered(sent, is_lost=True)
    assert (lost.reserved_micro_usd, lost.billed_micro_usd) == (10_000, None)


def test_a_description_finds_who_has_most_of_its_words() -> None:
    assert by_description("german singer", [NARRATOR, SINGER])[0] is SINGER
    assert by_description("english male", [SINGER, NARRATOR])[0] is NARRATOR


def test_voices_are_shown_with_what_can_be_heard() -> None:
    shown = voices.found((NARRATOR, SINGER), wanted="deep", by_name=True)
    _, first, second, notes = shown.blocks
    assert "accessory" not in first
    assert "no preview" in str(first)
    assert second["accessory"]["url"] == "https://a.b/v.mp3"
    assert "Lea &lt;Deep&gt;" in str(second)
    assert voices.BY_NAME in str(notes)

    asked = voices.found((SINGER,), wanted="deep", say="Hi")
    assert asked.blocks[1]["accessory"]["text"]["text"] == "Say it"
    assert "for up to $0.01" in str(asked.blocks[-1])
    assert "no voice" in voices.found((), wanted="deep").text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"audio_url": "https://a.b/c.mp3", "billed_micro_usd": 10_000}, "$0.01"),
        ({"lost_micro_usd": 20_000}, "up to $0.02"),
        ({"refused": "credits"}, "out of money"),
        ({"refused": "transient"}, "try again"),
        ({"refused": "bad_input"}, "Nothing was charged"),
    ],
)
def test_a_sentence_is_heard_or_its_cost_is_said(answer: dict[str, Any], words: str) -> None:
    assert words in voices.spoken({"voice": "Oscar", "say": "Hi", **answer}).text
