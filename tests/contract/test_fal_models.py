"""Every endpoint of the sandbox's fal, asked by fal's own client.

The table is fal's, not ours: what each family calls its first frame, and whether a duration is
text or a number, is what a product gets wrong. Each row has an input that passes, in that
family's words, and inputs that must not.
"""

from __future__ import annotations

from typing import Any

import fal_client
import pytest
from PIL import Image

from sandbox.vendors.fal_models import ENDPOINTS
from tests.contract.conftest import Bench

POLL_S = 0.02
PROMPT = {"prompt": "a fox in snow"}
PICTURE = fal_client.encode_image(Image.new("RGB", (64, 64), "teal"), "png")
VIDEO = "https://example.com/fox.mp4"

TEXT: dict[str, Any] = {**PROMPT}
FRAME: dict[str, Any] = {**PROMPT, "image_url": PICTURE}
START: dict[str, Any] = {**PROMPT, "start_image_url": PICTURE}
ENDS: dict[str, Any] = {**PROMPT, "first_frame_url": PICTURE, "last_frame_url": PICTURE}
LIST: dict[str, Any] = {**PROMPT, "image_urls": [PICTURE]}
EXTEND: dict[str, Any] = {**PROMPT, "video_url": VIDEO}
TWIN = {"character": {"avatar": "Aiko"}, "voice": {"prompt": "Hello.", "voice": "Ann"}}


def passing(endpoint: str) -> dict[str, Any]:
    """An input in the endpoint's own words, with a duration where it has one."""
    kling_start = ("kling-video/v3/", "kling-video/v2.6/")
    match endpoint:
        case _ if "digital-twin" in endpoint:
            base = TWIN
        case _ if "extend-video" in endpoint:
            base = EXTEND
        case _ if "first-last-frame" in endpoint:
            base = ENDS
        case _ if "reference-to-video" in endpoint:
            base = LIST
        case _ if "image-to-video" in endpoint:
            base = START if any(part in endpoint for part in kling_start) else FRAME
        case _:
            base = TEXT
    return {**base, **duration(endpoint)}


def duration(endpoint: str) -> dict[str, Any]:
    """The shortest length, as text, as text with an `s`, or as a number."""
    if "duration" not in ENDPOINTS[endpoint].takes.model_fields:
        return {}
    for part, shortest in SHORTEST.items():
        if part in endpoint:
            return {"duration": shortest}
    raise AssertionError(endpoint)


SHORTEST: dict[str, str | int] = {
    "seedance": "4",
    "kling-video/v3": "3",
    "kling-video/v2": "5",
    "minimax": "6",
    "extend-video": "7s",
    "veo3.1/reference": "8s",
    "veo3": "4s",
    "ltx": 6,
    "wan/v2.7": 2,
    "wan/v2.6": "5",
    "wan-25": 5,
    "sora": 4,
}


async def failure_of(bench: Bench, endpoint: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The `detail` of the 422 an input ends as."""
    handle = await bench.client.submit(endpoint, given)
    with pytest.raises(fal_client.FalClientHTTPError) as raised:
        await handle.get(interval=POLL_S)
    assert raised.value.status_code == 422
    found: list[dict[str, Any]] = raised.value.response.json()["detail"]
    return found


def test_the_table_is_as_long_as_fals() -> None:
    apps = {endpoint.split("/")[1] for endpoint in ENDPOINTS}
    assert len(ENDPOINTS) == 71
    assert apps >= {"seedance-2.0", "kling-video", "minimax", "veo3", "veo3.1", "ltx-2.3", "wan"}


@pytest.mark.parametrize("pace_s", [0.02])
@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS))
async def test_an_endpoint_takes_its_own_words_and_no_others(bench: Bench, endpoint: str) -> None:
    handle = await bench.client.submit(endpoint, passing(endpoint))
    result = await handle.get(interval=POLL_S)

    assert {"url", "content_type", "file_name", "file_size"} <= result["video"].keys()
    beside = result.keys() - {"video"}
    match endpoint:
        case _ if endpoint.startswith("bytedance/"):
            assert beside == {"seed"}
        case _ if "wan" in endpoint:
            assert beside == {"seed", "actual_prompt"}
        case _ if "sora" in endpoint:
            assert beside == {"video_id"}
        case _:
            assert beside == set()
    (entry,) = bench.vendors.ledger()
    assert entry["usd"] > 0
    assert f"/{'/'.join(endpoint.split('/')[:2])}/requests/" in handle.response_url
    detail = await failure_of(bench, endpoint, {**passing(endpoint), "promt": "a fox"})
    assert [(item["loc"], item["type"]) for item in detail] == [
        (["body", "promt"], "extra_forbidden")
    ]


@pytest.mark.parametrize("pace_s", [0.02])
@pytest.mark.parametrize(
    ("endpoint", "more", "loc"),
    [
        ("bytedance/seedance-2.0/fast/text-to-video", {"resolution": "1080p"}, ["resolution"]),
        ("bytedance/seedance-2.0/text-to-video", {"duration": 4}, ["duration"]),
        ("bytedance/seedance-2.0/text-to-video", {"duration": "16"}, ["duration"]),
        ("bytedance/seedance-2.0/image-to-video", {"image_url": None}, ["image_url"]),
        (
            "bytedance/seedance-2.0/reference-to-video",
            {"image_urls": [PICTURE] * 10},
            ["image_urls"],
        ),
        ("fal-ai/kling-video/v3/standard/text-to-video", {"duration": "2"}, ["duration"]),
        ("fal-ai/kling-video/v3/pro/image-to-video", {"image_url": PICTURE}, ["image_url"]),
        ("fal-ai/kling-video/v3/pro/image-to-video", {"aspect_ratio": "16:9"}, ["aspect_ratio"]),
        ("fal-ai/kling-video/v3/pro/text-to-video", {"prompt": "x" * 2501}, ["prompt"]),
        ("fal-ai/kling-video/v3/pro/text-to-video", {"multi_prompt": [PROMPT]}, []),
        (
            "fal-ai/kling-video/v2.1/master/text-to-video",
            {"generate_audio": True},
            ["generate_audio"],
        ),
        ("fal-ai/kling-video/v2.1/standard/image-to-video", {"duration": "7"}, ["duration"]),
        ("fal-ai/minimax/hailuo-2.3/pro/text-to-video", {"duration": "6"}, ["duration"]),
        (
            "fal-ai/minimax/hailuo-02/standard/text-to-video",
            {"aspect_ratio": "16:9"},
            ["aspect_ratio"],
        ),
        ("fal-ai/veo3", {"resolution": "4k"}, ["resolution"]),
        ("fal-ai/veo3.1", {"duration": "8"}, ["duration"]),
        ("fal-ai/veo3.1/reference-to-video", {"duration": "6s"}, ["duration"]),
        ("fal-ai/ltx-2.3/text-to-video", {"duration": "6"}, ["duration"]),
        ("fal-ai/ltx-2.3/text-to-video", {"duration": 12}, ["duration"]),
        ("fal-ai/ltx-2.3/text-to-video/fast", {"duration": 12, "fps": 50}, []),
        ("fal-ai/sora-2/text-to-video", {"duration": "4"}, ["duration"]),
        ("fal-ai/heygen/v2/video-agent", {"config": {"duration": 4}}, ["config", "duration"]),
    ],
)
async def test_what_a_family_does_not_take(
    bench: Bench, endpoint: str, more: dict[str, Any], loc: list[str]
) -> None:
    detail = await failure_of(bench, endpoint, {**passing(endpoint), **more})

    assert ["body", *loc] in [item["loc"] for item in detail]


@pytest.mark.parametrize("pace_s", [0.02])
async def test_shots_of_kling_last_as_long_as_they_say(bench: Bench) -> None:
    shots = [{"prompt": "a fox", "duration": "3"}, {"prompt": "it runs", "duration": "4"}]
    endpoint = "fal-ai/kling-video/v3/standard/text-to-video"
    handle = await bench.client.submit(endpoint, {"multi_prompt": shots, "generate_audio": False})
    await handle.get(interval=POLL_S)

    assert bench.vendors.ledger()[0]["usd"] == pytest.approx(7 * 0.084)


@pytest.mark.parametrize(
    ("endpoint", "more", "usd"),
    [
        ("bytedance/seedance-2.0/text-to-video", {"duration": "10"}, 3.024),
        ("bytedance/seedance-2.0/fast/text-to-video", {"duration": "5"}, 1.2096),
        ("fal-ai/kling-video/v3/pro/text-to-video", {"duration": "5"}, 0.84),
        ("fal-ai/minimax/hailuo-2.3/standard/text-to-video", {"duration": "10"}, 0.56),
        ("fal-ai/veo3.1", {"generate_audio": False}, 0.8),
        ("fal-ai/veo3.1", {"resolution": "4k"}, 2.4),
        ("fal-ai/ltx-2.3/text-to-video/fast", {"duration": 20}, 0.8),
        ("fal-ai/wan-25-preview/text-to-video", {"resolution": "480p"}, 0.25),
    ],
)
def test_prices_are_fals(endpoint: str, more: dict[str, Any], usd: float) -> None:
    known = ENDPOINTS[endpoint]
    given = known.read({**passing(endpoint), **more}, coerces=False, drops=False)

    assert known.usd(given) == pytest.approx(usd)


@pytest.mark.parametrize("pace_s", [0.02])
@pytest.mark.parametrize(
    ("endpoint", "other"),
    [("bytedance/seedance-2.0/text-to-video", 4), ("fal-ai/ltx-2.3/text-to-video", "6")],
)
async def test_the_other_form_of_a_duration_may_pass(
    bench: Bench, endpoint: str, other: str | int
) -> None:
    bench.vendors.fal.switches.set("durations", "lax")
    handle = await bench.client.submit(endpoint, {**PROMPT, "duration": other})

    assert (await handle.get(interval=POLL_S))["video"]


@pytest.mark.parametrize("pace_s", [0.02])
async def test_unknown_fields_may_be_passed_over(bench: Bench) -> None:
    bench.vendors.fal.switches.set("unknown_fields", "ignore")
    handle = await bench.client.submit("fal-ai/veo3", {**PROMPT, "promt": "a fox"})

    assert (await handle.get(interval=POLL_S))["video"]


async def test_validation_may_come_at_once(bench: Bench) -> None:
    bench.vendors.fal.switches.set("validation", "submit")

    with pytest.raises(fal_client.FalClientHTTPError) as raised:
        await bench.client.submit("fal-ai/veo3", {**PROMPT, "duration": 8})

    assert raised.value.status_code == 422
    assert bench.vendors.ledger() == []
