"""A ratio that is asked for is on the wire, or the offer is not chosen: no picture's shape is kept
in silence."""

from __future__ import annotations

import pytest

from domain.catalog import CATALOG, offer_named
from domain.fitting import misfit
from domain.gateway import Intent
from domain.offer import GatewayName, Offer
from domain.preferences import Preferences
from domain.request import REFERENCE_IMAGE, Clip
from domain.resolving import resolve
from domain.selector import select
from domain.shape import AspectRatio, Image
from domain.spoken import Kind
from domain.standing import Standing
from gateways import fal_inputs, heygen_workflows, runware_wire
from gateways.runware_wire import Delivery

PICTURE = "https://files.example/fox.png"
KEY = "11111111-1111-4111-8111-111111111111"
FROM_PICTURES = [
    offer
    for offer in CATALOG
    if offer.kind is Kind.CLIP and offer.limits.reference_image and offer.limits.aspect_ratios
]


def starting(ratio: AspectRatio | None, *, width: int | None = None, height: int = 900) -> Clip:
    """A clip that starts from a picture of that many pixels."""
    sized = None if width is None else height
    image = Image(slack_file_id="F1", name="fox.png", width_px=width, height_px=sized)
    return Clip(prompt="a fox", reference_image=image, aspect_ratio=ratio)


def body(offer: Offer, ratio: AspectRatio) -> bytes:
    """What is sent for it."""
    intent = Intent(
        execution_id="execution_1",
        attempt=1,
        key=KEY,
        offer=offer,
        work=resolve(starting(ratio), offer, Preferences()),
        links={REFERENCE_IMAGE: PICTURE},
    )
    match offer.gateway:
        case GatewayName.FAL:
            return fal_inputs.encode_submission(intent)
        case GatewayName.RUNWARE:
            return runware_wire.encode_submission(intent, Delivery())
        case GatewayName.HEYGEN:
            return heygen_workflows.encode_submission(intent)


@pytest.mark.parametrize("offer", FROM_PICTURES, ids=lambda offer: offer.name)
def test_an_offer_whose_wire_has_no_ratio_beside_a_picture_says_so(offer: Offer) -> None:
    ratios = offer.limits.aspect_ratios
    assert len({body(offer, ratio) for ratio in ratios}) == (
        1 if offer.limits.picture_has_ratio else len(ratios)
    )


def test_another_ratio_than_the_pictures_is_refused_there_with_what_works() -> None:
    offer = offer_named("kling_v3@fal")
    assert offer is not None
    wrong = misfit(starting(AspectRatio.TALL, width=1600), offer)
    assert wrong is not None
    assert wrong.sentence == (
        "Kling 3.0 Standard at fal keeps the shape of the picture that it starts from, so it cannot"
        " make 9:16 of it."
    )
    assert wrong.mended is not None
    assert wrong.mended.aspect_ratio is None
    assert misfit(wrong.mended, offer) is None


@pytest.mark.parametrize("ratio", [AspectRatio.WIDE, None])
def test_the_pictures_own_ratio_may_be_said(ratio: AspectRatio | None) -> None:
    offer = offer_named("kling_v3@fal")
    assert offer is not None
    assert misfit(starting(ratio, width=1600), offer) is None


def test_it_is_made_where_the_ratio_can_be_had() -> None:
    standing = Standing(frozenset({GatewayName.FAL, GatewayName.RUNWARE}))
    asked = starting(AspectRatio.TALL, width=1600).model_copy(update={"model": "seedance_2_0"})
    assert select(asked, standing, Preferences()).offer.name == "seedance_2_0@fal"
