"""Every offer at fal, in every mode that it has, against the schemas of the sandbox's fal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import CATALOG, offer_named
from domain.errors import Failure
from domain.gateway import Intent
from domain.offer import GatewayName, Limits, Offer, estimate
from domain.request import REFERENCE_IMAGE, SEED_MAX, TAIL_IMAGE, Clip
from domain.shape import AspectRatio, Image, Media
from domain.spoken import Agent, Kind
from gateways import fal_inputs
from sandbox.vendors.fal_models import ENDPOINTS

FIRST, LAST = "https://files.example/first.png", "https://files.example/last.png"
OFFERS = [offer for offer in CATALOG if offer.gateway is GatewayName.FAL]
CLIPS = [offer for offer in OFFERS if offer.kind is Kind.CLIP]
AGENT = offer_named("heygen_agent@fal")

Mode = dict[str, str]


def modes(limits: Limits) -> Iterator[Mode]:
    """The pictures that an offer takes: none, a first frame, both frames, pictures that guide."""
    if not limits.needs_image:
        yield {}
    if limits.reference_image:
        yield {REFERENCE_IMAGE: FIRST}
    if limits.tail_image:
        yield {REFERENCE_IMAGE: FIRST, TAIL_IMAGE: LAST}
    if limits.references_max:
        yield {f"references.{n}": f"{FIRST}?{n}" for n in range(limits.references_max)}


def asked(offer: Offer, links: Mode | None = None, key: str = "submit_1", **said: Any) -> Intent:
    """A submit of a clip at an offer."""
    clip = Clip.model_validate({"prompt": "a fox in snow", **said})
    return Intent(execution_id="e", attempt=1, key=key, offer=offer, work=clip, links=links or {})


def sent(intent: Intent) -> tuple[str, dict[str, Any]]:
    """The endpoint and the body."""
    endpoint = fal_inputs.endpoint_of(intent)
    assert isinstance(endpoint, str), endpoint
    return endpoint, json.loads(fal_inputs.encode_submission(intent))


ALL_MODES = [
    pytest.param(offer, links, id=f"{offer.model.name} {' '.join(links) or 'words'}"[:60])
    for offer in CLIPS
    for links in modes(offer.limits)
]


@pytest.mark.parametrize(("offer", "links"), ALL_MODES)
@given(choose=st.data())
def test_every_mode_of_every_offer_is_an_input_of_its_endpoint(
    offer: Offer, links: Mode, choose: st.DataObject
) -> None:
    """Read strictly: a field too many, a number as text or a length that is not offered fails."""
    limits = offer.limits
    said = {
        "aspect_ratio": choose.draw(_one_of(limits.aspect_ratios)),
        "duration_s": choose.draw(_one_of(limits.durations_s)),
        "resolution": choose.draw(_one_of(limits.resolutions)),
        "sound": choose.draw(st.booleans()) if limits.sound else None,
        "seed": choose.draw(st.integers(0, SEED_MAX) | st.none()) if limits.seed else None,
    }
    endpoint, body = sent(asked(offer, links, **said))
    read = ENDPOINTS[endpoint].read(body, coerces=False, drops=False)

    assert read.words() == "a fox in snow"
    assert sorted(read.pictures().values()) == sorted(links.values())
    if said["duration_s"] is not None:
        assert read.seconds() == said["duration_s"]
    if said["sound"] is not None:
        assert read.has_sound() is said["sound"]


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.name)
def test_a_price_is_at_least_what_the_vendor_takes(offer: Offer) -> None:
    """Of every length, size, shape, sound and endpoint. A ceiling may be more, a price is not."""
    for said, links in product(_resolved(offer.limits), modes(offer.limits)):
        pictured = {"reference_image": Image(url=FIRST)} if REFERENCE_IMAGE in links else {}
        work = _work(offer, {**said, **pictured})
        intent = replace(asked(offer, links), work=work)
        endpoint, body = sent(intent)
        there = ENDPOINTS[endpoint]
        micro_usd = there.usd(there.read(body, coerces=False, drops=False)) * 1e6
        ours = estimate(offer, intent.work)

        assert ours.micro_usd >= int(micro_usd)
        if not ours.is_ceiling:
            assert ours.micro_usd <= micro_usd * 1.01 + 10_000


@pytest.mark.parametrize(
    ("offer", "said", "links", "expected"),
    [
        ("seedance_2_0", {"duration_s": 5}, {}, {"duration": "5"}),
        ("kling_v3", {"duration_s": 7}, {}, {"duration": "7"}),
        ("veo_3_1", {"duration_s": 8}, {}, {"duration": "8s"}),
        ("ltx_2_3", {"duration_s": 6, "resolution": "4k"}, {}, {"duration": 6}),
        ("wan_2_7", {"duration_s": 7}, {}, {"duration": 7}),
        ("wan_2_6", {"duration_s": 5}, {}, {"duration": "5"}),
        ("ltx_2_3", {"resolution": "4k"}, {}, {"resolution": "2160p"}),
        ("veo_3_1", {"resolution": "4k"}, {}, {"resolution": "4k"}),
        ("kling_v3", {}, {REFERENCE_IMAGE: FIRST}, {"start_image_url": FIRST}),
        ("kling_v2_1", {}, {REFERENCE_IMAGE: FIRST}, {"image_url": FIRST}),
        (
            "kling_v2_1_pro",
            {},
            {REFERENCE_IMAGE: FIRST, TAIL_IMAGE: LAST},
            {"image_url": FIRST, "tail_image_url": LAST},
        ),
        (
            "veo_3_1_fast",
            {},
            {REFERENCE_IMAGE: FIRST, TAIL_IMAGE: LAST},
            {"first_frame_url": FIRST, "last_frame_url": LAST},
        ),
        (
            "minimax_hailuo_02",
            {},
            {REFERENCE_IMAGE: FIRST, TAIL_IMAGE: LAST},
            {"image_url": FIRST, "end_image_url": LAST},
        ),
        ("seedance_2_0", {}, {"references.1": LAST, "references.0": FIRST}, {"image_urls": None}),
    ],
)
def test_each_family_has_words_of_its_own(
    offer: str, said: dict[str, Any], links: Mode, expected: dict[str, Any]
) -> None:
    _, body = sent(asked(offer_named(f"{offer}@fal"), links, **said))

    if expected == {"image_urls": None}:
        expected = {"image_urls": [FIRST, LAST]}
    shown = {name: body[name] for name in expected}
    assert shown == expected
    assert list(map(type, shown.values())) == list(map(type, expected.values()))


def test_what_follows_an_image_has_no_ratio_of_its_own() -> None:
    words = sent(asked(offer_named("kling_v3@fal"), aspect_ratio="9:16"))[1]
    image = asked(offer_named("kling_v3@fal"), {REFERENCE_IMAGE: FIRST}, aspect_ratio="9:16")

    assert words["aspect_ratio"] == "9:16"
    assert "aspect_ratio" not in sent(image)[1]


@pytest.mark.parametrize(
    ("offer", "links", "field"),
    [
        ("veo3", {REFERENCE_IMAGE: FIRST, TAIL_IMAGE: LAST}, "tail_image"),
        ("seedance_2_0", {TAIL_IMAGE: LAST}, "tail_image"),
        ("kling_v2_1_standard", {}, "reference_image"),
        ("minimax_fast", {}, "reference_image"),
        ("kling_v3", {"references.0": FIRST}, "references"),
        ("seedance_2_0", {"references.0": FIRST, REFERENCE_IMAGE: FIRST}, "references"),
        ("seedance_2_0", {f"references.{n}": FIRST for n in range(10)}, "references"),
    ],
)
def test_what_no_endpoint_takes_is_refused_before_it_is_sent(
    offer: str, links: Mode, field: str
) -> None:
    refused = fal_inputs.endpoint_of(asked(offer_named(f"{offer}@fal"), links))

    assert isinstance(refused, Failure)
    assert refused.field == field


@pytest.mark.parametrize("offer", [each for each in CLIPS if each.limits.seed], ids=str)
def test_a_seed_is_always_sent_and_follows_from_the_key(offer: Offer) -> None:
    seeds = [sent(asked(offer, key=f"submit_{n}"))[1]["seed"] for n in range(200)]

    assert seeds == [sent(asked(offer, key=f"submit_{n}"))[1]["seed"] for n in range(200)]
    assert len(set(seeds)) == 200
    assert all(0 <= seed <= SEED_MAX for seed in seeds)
    assert sent(asked(offer, seed=7))[1]["seed"] == 7


@pytest.mark.parametrize("offer", [each for each in CLIPS if not each.limits.seed], ids=str)
def test_an_endpoint_without_a_seed_gets_none(offer: Offer) -> None:
    links = {REFERENCE_IMAGE: FIRST} if offer.limits.needs_image else {}

    assert "seed" not in sent(asked(offer, links))[1]


@pytest.mark.parametrize(
    ("ratio", "orientation"), [(AspectRatio.TALL, "portrait"), (AspectRatio.WIDE, "landscape")]
)
def test_the_agent_has_a_length_and_an_orientation(ratio: AspectRatio, orientation: str) -> None:
    agent = Agent(prompt="an ad", aspect_ratio=ratio, duration_s=30)
    endpoint, body = sent(replace(asked(AGENT), work=agent))

    ENDPOINTS[endpoint].read(body, coerces=False, drops=False)
    assert body["config"] == {"duration": 30, "orientation": orientation}


@pytest.mark.parametrize(
    "said",
    [
        {"avatar": "Annie_expressive10_public"},
        {"voice": "Ana"},
        {"style": "s"},
        {"files": (Media(url=FIRST),)},
        {"continues": "request_1"},
    ],
)
def test_what_the_agent_at_fal_does_not_know_is_refused(said: dict[str, Any]) -> None:
    refused = fal_inputs.endpoint_of(replace(asked(AGENT), work=Agent(prompt="an ad", **said)))

    assert isinstance(refused, Failure)
    assert refused.field == next(iter(said))


def _one_of(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) if values else st.none()


def _resolved(limits: Limits) -> Iterator[dict[str, Any]]:
    """Every length, size, shape and sound there is."""
    for duration_s, resolution, sound, ratio in product(
        limits.durations_s[:15] or (None,),
        limits.resolutions or (None,),
        (True, False) if limits.sound else (None,),
        limits.aspect_ratios or (None,),
    ):
        yield {
            "duration_s": duration_s,
            "resolution": resolution,
            "sound": sound,
            "aspect_ratio": ratio,
        }


def _work(offer: Offer, said: dict[str, Any]) -> Clip | Agent:
    if offer.kind is Kind.CLIP:
        return Clip(prompt="a fox in snow", **said)
    return Agent(prompt="an ad", duration_s=said["duration_s"], aspect_ratio=said["aspect_ratio"])
