"""What a refusal tells a person to try is not refused when it is typed."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalog import CATALOG, MODEL_NAMES
from domain.command import OpenForm, Start, parse
from domain.errors import NoModelFits, RequestError
from domain.fitting import misfit
from domain.mending import nearest_mended
from domain.offer import GatewayName
from domain.plain import escaped
from domain.preferences import Preferences
from domain.selector import select
from domain.shape import Resolution
from domain.spoken import Kind
from domain.standing import Standing
from domain.trying import with_line_that_works
from domain.understanding import work_of
from tests.factories import clip

ALL = Standing(frozenset(GatewayName))
SOME = [
    Standing(frozenset(some))
    for count in range(1, len(GatewayName) + 1)
    for some in combinations(GatewayName, count)
]
PICTURE = "https://example.com/a.png"
SAID: dict[str, list[str]] = {
    "--model": [*MODEL_NAMES, "veo9", "kling", "nosuch"],
    "--duration": ["1", "3", "5", "8", "16", "30", "300", "900", "2.5", "long"],
    "--resolution": ["480p", "720p", "1080p", "4k", "1440p", "huge"],
    "--results": ["1", "2", "4", "9"],
    "--aspect": ["16:9", "9:16", "1:1", "21:9", "5:4", "round"],
    "--seed": ["7", "-7", "99999999999"],
    "--image": [PICTURE, "http://example.com/a.png", "http://127.0.0.1/x.png", "nowhere"],
    "--tail-image": [PICTURE],
    "--config": ["a=1", "a"],
    "--format": ["webm", "mov", "avi"],
    "--kind": ["clip", "agent", "avatar", "movie"],
    "--avatar": ["Anna"],
    "--script": ['"Hello"', '""', '"---"'],
    "--source": ["V-1"],
    "--nosuch": ["", "thing"],
    "--speed": ["0.9", "9"],
    "--sound": ["", "loud"],
    "--no-sound": [""],
    "--transparent": [""],
    "--captions": [""],
}
WORDS = ["a fox", "status", "help nosuch", "a", "!!!", "", '"a fox"', "the fox, slowly"]


@st.composite
def wrong_lines(draw: Any) -> str:
    """Any words with up to four options, sensible or not."""
    flags = draw(st.lists(st.sampled_from(sorted(SAID)), max_size=4, unique=True))
    said = (f"{flag} {draw(st.sampled_from(SAID[flag]))}".strip() for flag in flags)
    return " ".join((draw(st.sampled_from(WORDS)), *said)).strip()


def refusal_of(line: str, standing: Standing) -> RequestError | None:
    """Why a line starts nothing; None where it does, is a verb, or opens the form."""
    try:
        asked = parse(line)
        if isinstance(asked, Start):
            select(work_of(asked.understood), standing, Preferences())
    except RequestError as refused:
        return refused
    return None


@settings(max_examples=600, deadline=None)
@given(wrong_lines(), st.sampled_from(SOME))
def test_what_to_try_is_not_refused(line: str, standing: Standing) -> None:
    refused = refusal_of(line, standing)
    if refused is None:
        return
    told = with_line_that_works(refused, lambda work: select(work, standing, Preferences()))
    if told.suggestion is not None:
        again = refusal_of(escaped(told.suggestion), standing)
        assert again is None, (line, told.suggestion, again.sentence)


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_every_clip_of_every_model_gets_a_line_that_is_made(model: str) -> None:
    """Models by duration, resolution and results: the whole of them, at every set of gateways."""
    offers = [offer for offer in CATALOG if offer.model.name == model and offer.kind is Kind.CLIP]
    if not offers or any(offer.limits.needs_avatar or offer.limits.needs_image for offer in offers):
        return
    for standing in SOME:
        if not any(offer.gateway in standing.gateways for offer in offers):
            continue
        for seconds in (1, 5, 8, 30):
            for resolution in Resolution:
                for results in (1, 4):
                    line = (
                        f"a fox --model {model} --duration {seconds}"
                        f" --resolution {resolution} --results {results}"
                    )
                    refused = refusal_of(line, standing)
                    if refused is None:
                        continue
                    assert refused.suggestion is not None, line
                    assert refusal_of(refused.suggestion, standing) is None, line


def test_the_nearest_gateways_limits_are_told() -> None:
    with pytest.raises(NoModelFits) as refused:
        select(clip(model="veo_3_1", duration_s=30), ALL, Preferences())
    assert "makes 4, 6 or 8 seconds, not 30." in refused.value.sentence
    assert "at fal" in refused.value.sentence or "at Runware" in refused.value.sentence
    assert refused.value.suggestion == "/video a fox in snow --model veo_3_1 --duration 8"


def test_where_one_thing_is_wrong_is_nearer_than_where_three_are() -> None:
    wish = clip(model="veo_3_1", resolution=Resolution.UHD, duration_s=8, results=4)
    offers = [offer for offer in CATALOG if offer.model.name == "veo_3_1"]
    nearest = nearest_mended(wish, offers)
    assert len(nearest.wrong) == 1
    assert nearest.clip is not None
    assert misfit(nearest.clip, nearest.offer) is None
    for offer in offers:
        assert len(nearest_mended(wish, [offer]).wrong) >= 1


def test_a_prompt_that_is_too_long_gets_no_line_that_is_too_long_as_well() -> None:
    offer = min(
        (each for each in CATALOG if each.kind is Kind.CLIP and not each.limits.needs_avatar),
        key=lambda each: each.limits.prompt_max_chars,
    )
    most = offer.limits.prompt_max_chars
    only = Standing(frozenset({offer.gateway}))
    with pytest.raises(NoModelFits) as refused:
        select(clip(model=offer.model.name, prompt="x" * (most + 1)), only, Preferences())
    assert f"{most + 1:,}" in refused.value.sentence
    assert refused.value.suggestion is None


def test_no_line_to_try_becomes_a_verb() -> None:
    standing = Standing(frozenset({GatewayName.HEYGEN}))
    refused = refusal_of("status --seed 4", standing)
    assert refused is not None
    assert refused.suggestion is None or isinstance(parse(refused.suggestion), Start)


def test_the_form_opens_where_only_words_are_missing() -> None:
    assert isinstance(parse("--model veo_3_1"), OpenForm)
