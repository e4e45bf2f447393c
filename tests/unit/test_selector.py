"""Which offer makes a clip, and the sentence why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.catalog import CATALOG, offer_named
from domain.command import Start, parse
from domain.errors import FailureClass, NoModelFits, NotOfferedYet
from domain.offer import GatewayName
from domain.preferences import Preferences
from domain.request import Clip
from domain.selector import select
from domain.shape import AspectRatio, Image, Media, Resolution
from domain.spoken import Kind, Translation
from domain.standing import Standing
from domain.understanding import work_of
from tests.factories import clip

HEYGEN = Standing(frozenset({GatewayName.HEYGEN}))
FAL = Standing(frozenset({GatewayName.FAL}))
BOTH = Standing(frozenset(GatewayName))
HOUSE = Preferences()


@pytest.mark.parametrize(
    ("standing", "model"), [(HEYGEN, "veo_3_1"), (FAL, "seedance_2_0"), (BOTH, "seedance_2_0")]
)
def test_the_default_follows_from_the_keys(standing: Standing, model: str) -> None:
    assert select(clip(), standing, HOUSE).offer.model.name == model


def test_the_channels_default_wins_over_the_house() -> None:
    chosen = select(clip(), BOTH, Preferences(model="ltx_distilled"))

    assert chosen.offer.name == "ltx_distilled@heygen"
    assert "this channel's default" in chosen.sentence


def test_a_wish_wins_over_everything() -> None:
    chosen = select(clip(model="kling_pro"), BOTH, Preferences(model="ltx_distilled"))

    assert chosen.offer.name == "kling_pro@heygen"
    assert chosen.wished
    assert chosen.sentence == "Kling Pro at HeyGen, as you asked, up to $3.00."


def test_every_model_of_the_catalog_can_be_wished_for() -> None:
    clips = (each for each in CATALOG if each.kind is Kind.CLIP and not each.limits.needs_avatar)
    for offer in clips:
        first = Image(url="https://x/y.png") if offer.limits.needs_image else None
        wish = clip(model=offer.model.name, reference_image=first)

        assert select(wish, Standing(frozenset({offer.gateway})), HOUSE).offer == offer


def test_what_the_wire_can_say_is_always_said() -> None:
    chosen = select(clip(), FAL, HOUSE).work

    assert isinstance(chosen, Clip)
    assert (chosen.duration_s, chosen.resolution, chosen.sound) == (5, Resolution.P720, True)
    assert chosen.aspect_ratio is AspectRatio.WIDE


def test_what_the_wire_cannot_say_is_not_made_up() -> None:
    chosen = select(clip(), HEYGEN, HOUSE).work

    assert isinstance(chosen, Clip)
    assert (chosen.duration_s, chosen.resolution, chosen.sound) == (None, None, None)


@pytest.mark.parametrize(
    ("width_px", "height_px", "ratio"),
    [(1920, 1080, "16:9"), (1080, 1920, "9:16"), (1000, 1010, "1:1"), (800, 600, "4:3")],
)
def test_the_ratio_is_the_nearest_to_the_image(width_px: int, height_px: int, ratio: str) -> None:
    image = Image(slack_file_id="F1", width_px=width_px, height_px=height_px)

    assert select(clip(reference_image=image), FAL, HOUSE).work.aspect_ratio == ratio


@pytest.mark.parametrize(
    ("standing", "said", "sentence"),
    [
        (HEYGEN, {"duration_s": 8}, "has no length to choose"),
        (HEYGEN, {"seed": 7}, "does not take a seed"),
        (HEYGEN, {"sound": False}, "does not take a choice of sound"),
        (HEYGEN, {"resolution": "1080p"}, "makes its own resolution only, not 1080p"),
        (HEYGEN, {"aspect_ratio": "21:9"}, "makes 16:9, 9:16 or 1:1, not 21:9"),
        (FAL, {"model": "seedance_2_0", "duration_s": 16}, "makes 4 to 15 seconds, not 16"),
        (FAL, {"config": {"x": 1}}, "does not take --config values"),
        (FAL, {"model": "sora_v2"}, "needs a key that is not set here"),
        (FAL, {"tail_image": Image(url="https://x/y.png")}, "A last frame needs a first one"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(
    standing: Standing, said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(NoModelFits) as refused:
        select(clip(**said), standing, HOUSE)

    assert sentence in refused.value.sentence


def test_a_parked_offer_is_not_offered() -> None:
    parked = Standing(frozenset({GatewayName.HEYGEN}), frozenset({"veo_3_1@heygen"}))

    with pytest.raises(NoModelFits) as refused:
        select(clip(model="veo_3_1"), parked, HOUSE)

    assert "not available any more" in refused.value.sentence
    assert "veo_3_1_fast" in refused.value.sentence


@pytest.mark.parametrize(
    ("standing", "said", "offer", "cause"),
    [
        (
            replace(BOTH, refusing={GatewayName.FAL: FailureClass.CREDITS}),
            {},
            "seedance_2_0@runware",
            "fal is out of credit",
        ),
        (
            replace(
                BOTH,
                refusing={
                    GatewayName.FAL: FailureClass.CREDITS,
                    GatewayName.RUNWARE: FailureClass.CONFIG,
                },
            ),
            {},
            None,
            "fal is out of credit and Runware refuses our key",
        ),
        (
            replace(BOTH, refusing={GatewayName.HEYGEN: FailureClass.CONFIG}),
            {"model": "veo_3_1"},
            "veo_3_1@fal",
            "HeyGen refuses our key",
        ),
        (
            replace(BOTH, resting=frozenset({GatewayName.FAL})),
            {},
            "seedance_2_0@runware",
            "fal gave no answer a moment ago",
        ),
        (BOTH, {"config": {"x": 1}}, None, "Seedance 2.0 at fal does not take --config values"),
        (
            replace(BOTH, parked=frozenset({"seedance_2_0@fal", "seedance_2_0@runware"})),
            {},
            None,
            "fal stopped offering Seedance 2.0",
        ),
        (replace(BOTH, refusing={GatewayName.RUNWARE: FailureClass.CREDITS}), {}, None, ""),
        (replace(FAL, refusing={GatewayName.FAL: FailureClass.CREDITS}), {}, None, ""),
        (BOTH, {}, "seedance_2_0@fal", ""),
    ],
)
def test_what_keeps_the_usual_offer_away_is_said(
    standing: Standing, said: dict[str, Any], offer: str | None, cause: str
) -> None:
    chosen = select(clip(**said), standing, HOUSE)

    assert chosen.cause == cause
    assert offer is None or chosen.offer.name == offer
    assert not cause or f", because {cause}, " in chosen.sentence


def test_other_kinds_are_refused_with_a_sentence() -> None:
    with pytest.raises(NotOfferedYet) as refused:
        select(Translation(language="German", source=Media(url="https://x/y.mp4")), FAL, HOUSE)

    assert "Translations are not offered here yet" in refused.value.sentence


def test_prices_are_the_published_ones() -> None:
    """fal: about $0.303 a second at 720p, $0.242 for fast (fal_runware.md 2.1, fal.ai pages)."""
    standard = select(clip(model="seedance_2_0"), FAL, HOUSE).estimate
    fast = select(clip(model="seedance_2_0_fast"), FAL, HOUSE).estimate

    assert 1_500_000 <= standard.micro_usd <= 1_520_000
    assert 1_200_000 <= fast.micro_usd <= 1_220_000
    assert not standard.is_ceiling
    assert select(clip(), HEYGEN, HOUSE).estimate.is_ceiling
    assert offer_named("veo_3_1@heygen").model.title == "Veo 3.1"


@pytest.mark.parametrize(
    ("standing", "said", "suggestion"),
    [
        (
            FAL,
            {"model": "seedance_2_0", "duration_s": 20},
            "/video a fox in snow --model seedance_2_0 --duration 15",
        ),
        (HEYGEN, {"aspect_ratio": "21:9"}, "/video a fox in snow --aspect 16:9"),
        (HEYGEN, {"seed": 7, "aspect_ratio": "9:16"}, "/video a fox in snow --aspect 9:16"),
        (FAL, {"config": {"x": 1}, "sound": False}, "/video a fox in snow --no-sound"),
        (
            FAL,
            {"model": "seedance_2_0", "resolution": "4k"},
            "/video a fox in snow --model seedance_2_0 --resolution 1080p",
        ),
    ],
)
def test_an_impossible_value_gets_a_corrected_command_that_works(
    standing: Standing, said: dict[str, Any], suggestion: str
) -> None:
    with pytest.raises(NoModelFits) as refused:
        select(clip(**said), standing, HOUSE)

    assert refused.value.suggestion == suggestion
    asked = parse(suggestion)
    assert isinstance(asked, Start)
    assert select(work_of(asked.understood), standing, HOUSE).offer
