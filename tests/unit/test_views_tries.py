"""Where a take was made, or tried, in the words of its message, after another gateway failed it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.views.take_message import render_take
from tests.unit.views_gallery import T0, USUAL, page_of, take_in

FAL, RUNWARE = "seedance_2_0@fal", "seedance_2_0@runware"
FAST, VEO = "seedance_2_0_fast@fal", "veo_3_1@fal"


def read(state: str, *offers: str) -> str:
    """The message of a take that was tried at all `offers`, the last of them in `state`; both what
    is seen and what a notification says."""
    one = take_in(state)
    take = replace(one, tried=offers[:-1], execution=replace(one.execution, offer=offers[-1]))
    message = render_take(page_of(take), take, now=T0 + 75, durations=USUAL)
    facts = [
        element["text"]
        for block in message.blocks
        if block["type"] == "context"
        for element in block["elements"]
    ]
    return "\n".join((message.text, *facts))


@pytest.mark.parametrize(
    ("offers", "words"),
    [
        ((FAL, RUNWARE), "made at Runware, not fal"),
        ((FAL, RUNWARE, FAST), "made with Seedance 2.0 Fast, not Seedance 2.0"),
        ((RUNWARE, FAL, VEO), "made at fal, not Runware"),
        ((FAL, VEO), "made with Veo 3.1, not Seedance 2.0"),
    ],
)
def test_what_was_made_says_where_or_with_what(offers: tuple[str, ...], words: str) -> None:
    assert read("done", *offers).count(words) == 2


@pytest.mark.parametrize("offers", [(FAL,), (FAL, FAL)])
def test_what_was_made_in_the_first_place_says_nothing(offers: tuple[str, ...]) -> None:
    said = read("done", *offers)

    assert "made at" not in said
    assert "made with" not in said


@pytest.mark.parametrize(
    "state",
    ["failed_credits", "failed_config", "failed_transient", "expired", "cancelled_there"],
)
def test_what_was_not_made_says_where_it_was_tried(state: str) -> None:
    said = read(state, FAL, VEO, RUNWARE)

    assert "made at" not in said
    assert "made with" not in said
    tried = "tried: Seedance 2.0 at fal, Veo 3.1 at fal, Seedance 2.0 at Runware"
    assert said.count(tried) == 2


def test_where_it_was_not_sent_it_was_not_tried() -> None:
    said = read("failed_before", FAL, RUNWARE)

    assert "tried: Seedance 2.0 at fal\n" in said
    assert "made at" not in said
